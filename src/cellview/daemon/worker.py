"""A worker process of the daemon: it takes one point after the other and keeps its prover open between them.

Started as ``python -m cellview.daemon.worker PARENT``, it reads commands from standard input until that is closed, and
answers on what was standard output. It dies with the process PARENT.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from cellview.base.groups import unwrapped
from cellview.base.parent import die_with_parent
from cellview.core import Progress
from cellview.daemon.disk import was_full
from cellview.daemon.steps import Steps, unobserved
from cellview.daemon.wire import Answer, Drive, Failed, Perform, Performed, Working, encode, read_command
from cellview.experiment import DamagedRunError, Files, Opened, ResumeError, Session, opener_of, perform
from cellview.frontier import DeterminismError

__all__ = ["main"]

_BETWEEN_SIGNS_S: Final = 0.2
"""Between two signs of life of a search; each wakes the daemon."""


def main(*, steps: Steps = unobserved) -> None:
    """Serve until the daemon closes the pipe. `steps`: told of each step of a point, for tests."""
    die_with_parent(int(sys.argv[1]))
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing else may write among the frames
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # as in the command line: a proof tree is large and lives long

    def send(answer: Answer) -> None:
        data = memoryview(encode(answer))
        while data:
            data = data[os.write(answers, data) :]

    asyncio.run(_serve(send, steps))


async def _serve(send: Callable[[Answer], None], steps: Steps) -> None:
    warm = _Warm()
    try:
        # In a thread: an open prover may have something to say while no command comes.
        while (command := await asyncio.to_thread(read_command, sys.stdin.buffer)) is not None:
            steps("command")
            if isinstance(command, Drive):
                await warm.close()
                answer = await _driven(command, send)
            else:
                answer = await _answer(command, warm, send, steps)
            steps("performed")
            send(answer)
            steps("answered")
    finally:
        await warm.close()


async def _answer(command: Perform, warm: _Warm, send: Callable[[Answer], None], steps: Steps) -> Answer:
    started = said = time.monotonic()

    def progress(state: Progress) -> None:
        nonlocal said
        steps("iteration")
        if time.monotonic() - said >= _BETWEEN_SIGNS_S:
            said = time.monotonic()
            send(Working(state.iteration + 1))

    files = Files(Path(command.folder), command.stem, command.trace)
    try:
        session = Session(await warm.open(command), command.setup)
        steps("opened")
        used = session.opened.use
        outcome = await perform(command.point, session, files, progress=progress)
    except Exception as error:  # whatever it is, it costs this point one try; the daemon keeps count
        await warm.close()
        cause = unwrapped(error)
        return Failed(str(cause) or type(cause).__name__, disk_full=was_full(error))
    return Performed(outcome, time.monotonic() - started, session.opened.use.since(used))


async def _driven(command: Drive, send: Callable[[Answer], None]) -> Answer:
    from cellview.daemon.driving import drive  # whose drivers bring much with them

    try:
        return await drive(command, send)
    except Exception as error:  # as above, for the experiment
        cause = unwrapped(error)
        final = isinstance(cause, DamagedRunError | DeterminismError | ResumeError)
        return Failed(str(cause) or type(cause).__name__, disk_full=was_full(error), final=final)


class _Warm:
    """The prover that is kept open, as long as points want the same one."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._opened: Opened | None = None
        self._for: object = None

    async def open(self, command: Perform) -> Opened:
        setup = command.setup
        wanted = (setup.prover, setup.provider, setup.providers, command.point.theorem.imports, command.access)
        if self._opened is None or self._for != wanted:
            await self.close()
            opener = await opener_of(setup.prover, setup.provider, access=command.access, providers=setup.providers)
            self._opened = await self._stack.enter_async_context(opener(command.point.theorem.imports))
            self._for = wanted
        return self._opened

    async def close(self) -> None:
        self._opened = None
        await self._stack.aclose()


if __name__ == "__main__":
    main()
