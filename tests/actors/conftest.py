"""Every async test of the kernel runs on four event loops."""

import asyncio
import sys
from collections.abc import Callable, Mapping

import pytest

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def debug_loop() -> asyncio.AbstractEventLoop:
    """asyncio in debug mode: complains of futures used from another thread and of coroutines never awaited."""
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    return loop


def eager_loop() -> asyncio.AbstractEventLoop:
    """A task runs to its first wait inside `create_task`, before whoever made it goes on."""
    if sys.version_info < (3, 12):
        pytest.skip("eager tasks came with Python 3.12")
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    return loop


def uvloop_loop() -> asyncio.AbstractEventLoop:
    """libuv's loop, with its own clock of whole milliseconds."""
    if sys.platform == "win32":
        pytest.skip("uvloop does not exist for Windows")
    import uvloop

    return uvloop.new_event_loop()


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:
    return {"asyncio": asyncio.new_event_loop, "debug": debug_loop, "eager": eager_loop, "uvloop": uvloop_loop}
