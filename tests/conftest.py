"""What holds for all tests: how long an example takes says something about the machine, and nothing about the code."""

from __future__ import annotations

from collections.abc import Generator

import pytest
import structlog
from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def logs_as_a_library_finds_them() -> Generator[None]:
    """A test that runs the program in this process configures structlog; the next one finds it as a library does."""
    yield
    structlog.reset_defaults()
