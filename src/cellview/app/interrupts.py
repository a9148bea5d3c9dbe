"""Ctrl-C and SIGTERM as an orderly end: what is under way is cancelled, and what it had open is closed."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio

__all__ = ["interruptible", "resume_hint"]


async def interruptible(work: Callable[[], Awaitable[int]], *, interrupted: Callable[[], None]) -> int:
    """Return the exit status of `work`, or 128 + the signal that ended it, as shells count it.

    The signals are listened for before `work` begins, so there is no moment at which one of them could leave something
    behind that nobody speaks of. `work` may shield what it writes at the end; `interrupted` is called when it is over.
    """
    caught: list[signal.Signals] = []
    status: int | None = None
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                async for number in signals:
                    caught.append(number)
                    tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            status = await work()
            tasks.cancel_scope.cancel()
    if status is not None:  # a signal that came when all was done interrupts nothing
        return status
    interrupted()
    return 128 + caught[0]


def resume_hint(folder: Path | None) -> str:
    """Say how to go on; `folder` is ``None`` when there is nothing to go on with."""
    if folder is None:
        return "Interrupted. Nothing was written."
    return f"Interrupted. Continue with: cellview run --resume {shlex.quote(str(folder))}"
