"""The processes of a run: what a worker and a committer do from their first line, and how their owner watches them.

Each is a fresh interpreter, and the kernel kills it when its owner dies, so that none is ever orphaned. Its orders come
through its standard input and its end is told through its standard output: a queue shared by all would stay locked by a
killed one, and multiprocessing would load the owner's whole main module into every worker.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Literal, TypeAlias, cast

import anyio
import msgspec

from cellview.base.groups import unwrapped
from cellview.base.parent import die_with_parent
from cellview.frontier.connect import connect
from cellview.frontier.errors import FrontierError
from cellview.frontier.local.committer import Committer
from cellview.frontier.local.worker import Worker
from cellview.frontier.machine.canonical import Json

__all__ = ["Child", "Ended", "Role", "Start", "main"]

Role: TypeAlias = Literal["worker", "committer"]


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What a child process is told. The URL may hold a password: it goes through a pipe, never on a command line.

    `tasks` and `options` are the worker's own configuration (see ``Worker``); tasks are import paths here, since a
    fresh interpreter has to find them. `worker` makes the worker, by default ``Worker``; the determinism check plants
    its faults there.
    """

    url: str
    experiment: str
    name: str
    folder: str = ""
    reconnect_s: float = 30.0
    tasks: dict[str, str] = {}
    options: dict[str, Json] = {}
    worker: Callable[..., Worker] = Worker


class Ended(msgspec.Struct, frozen=True):
    """How a child ended: by itself, with an error, or killed (`error` and `done` both unset)."""

    done: bool = False
    error: Exception | None = None


async def _work(start: Start) -> None:
    frontier = connect(start.url, start.experiment, reconnect_s=start.reconnect_s, patient=True)
    try:
        await start.worker(frontier, start.name, tasks=start.tasks, options=start.options).run()
    finally:
        await frontier.close()


async def _commit(start: Start) -> None:
    frontier = connect(start.url, start.experiment, reconnect_s=start.reconnect_s, patient=True)
    try:
        await Committer(frontier, Path(start.folder)).run()
    finally:
        await frontier.close()


def main() -> None:
    """The first line of a child process: reads what it is told from standard input."""
    role, start, owner = cast("tuple[Role, Start, int]", pickle.load(sys.stdin.buffer))
    die_with_parent(owner)
    pipe = os.dup(1)  # what a task prints goes to standard error; only the end of the process goes to its owner
    os.dup2(2, 1)
    _run(_work if role == "worker" else _commit, start, pipe)


def _run(main: Callable[[Start], Awaitable[None]], start: Start, pipe: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the owner decides what it means
    ended = Ended(done=True)
    try:
        anyio.run(_until_told, main, start)
    except Exception as group:
        error = unwrapped(group)
        ended = Ended(error=error if isinstance(error, FrontierError) else FrontierError(f"{start.name}: {error!r}"))
    with suppress(BrokenPipeError):  # the owner has gone, and the kernel is about to end this process too
        os.write(pipe, pickle.dumps(ended))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a task in a thread cannot be cancelled, and must not keep a process that was told to stop


async def _until_told(main: Callable[[Start], Awaitable[None]], start: Start) -> None:
    """Runs until done, or until SIGTERM cancels it; a worker then hands its lease back."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_on_term, tasks.cancel_scope)
        await main(start)
        tasks.cancel_scope.cancel()


async def _stop_on_term(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()


class Child:
    """One child process, watched."""

    def __init__(self, role: Role, start: Start) -> None:
        self.role: Role = role
        self.start = start
        self._ended: Ended | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from cellview.frontier.local.processes import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        with cast("IO[bytes]", self._process.stdin) as stdin, suppress(BrokenPipeError):
            stdin.write(pickle.dumps((role, start, os.getpid())))

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ended(self) -> Ended | None:
        """How it ended, or ``None`` while it runs."""
        if self._ended is None and self._process.poll() is not None:
            with cast("IO[bytes]", self._process.stdout) as pipe:
                raw = pipe.read()
            self._ended = cast("Ended", pickle.loads(raw)) if raw else Ended()
        return self._ended

    def terminate(self) -> None:
        """Tells it to stop."""
        self._process.terminate()

    def kill(self) -> bool:
        """Kills it at once; whether it was still alive."""
        is_alive = self._process.poll() is None
        self._process.kill()
        return is_alive

    def join(self) -> None:
        """Kills it if it still runs, and waits for its end."""
        self._process.kill()
        self._process.wait()
        self.ended()
