"""Fixtures for everything that runs a real Lean. The compiled prelude is made once for a whole test session."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from cellview.prover.lean import TransportName
from cellview.prover.lean.toolchain import Toolchain, find_toolchain


@pytest.fixture(scope="session")
def prelude_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prelude-cache")


@pytest.fixture(scope="session")
def toolchain(prelude_cache: Path) -> Toolchain:
    return asyncio.run(find_toolchain(cache=prelude_cache))


@pytest.fixture(params=["server", "lsp"])
def transport(request: pytest.FixtureRequest) -> TransportName:
    """Both ways to speak to the embedded Lean: what uses this is the conformance suite of the two."""
    return cast(TransportName, request.param)
