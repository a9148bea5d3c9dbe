from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from cellview.frontier.redis.server import RedisServer

_numbers = count()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real server for the whole session; the kernel kills it when the test run dies."""
    with RedisServer() as server:
        yield server.url


@pytest.fixture
def experiment() -> str:
    """An experiment name that no other test uses."""
    return f"exp{next(_numbers)}"
