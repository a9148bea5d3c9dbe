"""A worker process, seen from the daemon: a slot is a live process of this kind, never a counter."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeAlias

import psutil

from cellview.base.log import get_logger
from cellview.daemon.errors import DiskFullError, DriverFailedError, WorkerFailedError
from cellview.daemon.processes import end_all, family_of, memory_of, session_of
from cellview.daemon.wire import Command, Driven, Entered, Failed, Performed, Working, encode, read_answer
from cellview.trace import SearchEntry

__all__ = ["WORKER", "StartWorker", "Worker", "WorkerProcess"]

_BETWEEN_LOOKS_S: Final = 1.0
_END_S: Final = 5.0

_log = get_logger(__name__)

WORKER: Final[tuple[str, ...]] = (sys.executable, "-m", "cellview.daemon.worker")


class Worker(Protocol):
    """What a runner needs of a worker. There is one kind; a test that kills the daemon a hundred times has another."""

    @property
    def alive(self) -> bool:
        """Whether it can be given something."""
        ...

    async def perform(
        self,
        command: Command,
        *,
        stall_s: float,
        memory_bytes: int | None = None,
        working: Callable[[int], None] = lambda iteration: None,
        entered: Callable[[SearchEntry], Awaitable[None]] | None = None,
    ) -> Performed | Driven:
        """Have it run a point, or another driver."""
        ...

    async def memory(self) -> int:
        """Return the bytes of memory that it takes."""
        ...

    async def kill(self) -> None:
        """End it at once."""
        ...

    async def close(self, *, deadline_s: float = 5.0) -> None:
        """Let it end."""
        ...


StartWorker: TypeAlias = Callable[[Sequence[str]], Awaitable[Worker]]
"""Starts a worker by its command."""


class WorkerProcess:
    """One worker, in a session and process group of its own. Made by :meth:`start`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._excess: str | None = None
        self._family: set[psutil.Process] = set()

    @classmethod
    async def start(cls, command: Sequence[str] = WORKER) -> WorkerProcess:
        """Start a worker; it dies with this process, or with the thread that runs this event loop.

        Args:
            command: The program; this process's id is put behind it.

        Raises:
            WorkerFailedError: It cannot be started.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command, str(os.getpid()), stdin=PIPE, stdout=PIPE, stderr=None, start_new_session=True
            )
        except OSError as error:
            raise WorkerFailedError(f"The worker could not be started: {error.strerror}.") from error
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process id, and that of its group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it is a process still."""
        return self._process.returncode is None

    async def perform(
        self,
        command: Command,
        *,
        stall_s: float,
        memory_bytes: int | None = None,
        working: Callable[[int], None] = lambda iteration: None,
        entered: Callable[[SearchEntry], Awaitable[None]] | None = None,
    ) -> Performed | Driven:
        """Have it run a point, or another driver.

        Args:
            command: What to run.
            stall_s: Without a sign of life for so long, it counts as hung.
            memory_bytes: What it may take, with all that it has started; ``None``: as much as there is.
            working: Told the iteration at each sign of life.
            entered: Told of each result that another driver brings.

        Raises:
            DiskFullError: There was no room for its files.
            DriverFailedError: The driver failed, and would again.
            WorkerFailedError: It died, hung, took too much memory or could not perform the point; the text says which.
                Unless it could not perform the point, it was killed; what it had written stays in the trace.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        watch = asyncio.create_task(self._watch(memory_bytes))
        try:
            stdin.write(encode(command))
            await stdin.drain()
            while True:
                answer = await asyncio.wait_for(read_answer(stdout), stall_s)
                match answer:
                    case Working(iteration):
                        working(iteration)
                    case Performed() | Driven():
                        return answer
                    case Entered(entry):
                        if entered is not None:
                            await entered(entry)
                    case Failed(reason, disk_full, final):
                        kind = DiskFullError if disk_full else DriverFailedError if final else WorkerFailedError
                        raise kind(reason)
        except TimeoutError:
            await self.kill()
            raise WorkerFailedError(f"The worker gave no sign of life for {stall_s:g} s and was ended.") from None
        except (OSError, asyncio.IncompleteReadError):
            await self.kill()
            raise WorkerFailedError(self._excess or f"The worker was ended by {self._ending()}.") from None
        except ValueError as error:
            await self.kill()
            raise WorkerFailedError(f"The worker did not answer as agreed ({error}) and was ended.") from None
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def memory(self) -> int:
        """Return the bytes of memory that it takes, with all that it has started."""
        return await asyncio.to_thread(lambda: memory_of(self._look()))

    def _look(self) -> set[psutil.Process]:
        family = family_of(self.pid)
        self._family = family | {one for one in self._family if one.is_running()}
        return family

    async def _watch(self, memory_bytes: int | None) -> None:
        """Look from time to time what it has started, so that no end of it leaves anything, and what that takes.

        A limit of the kernel's (``RLIMIT_AS``) would count the room that Lean reserves and never uses, and each process
        apart; a control group would need rights that not every user has. So the memory is watched, and a worker that
        takes too much within a second is stopped by the kernel, not by this.
        """
        while self.alive:
            if memory_bytes is None:
                await asyncio.to_thread(self._look)
            elif (taken := await self.memory()) > memory_bytes:
                self._excess = (
                    f"The worker took {taken / 1e9:.1f} GB of memory, which is more than {memory_bytes / 1e9:g} GB, "
                    "and was ended."
                )
                break
            await asyncio.sleep(_BETWEEN_LOOKS_S)
        await self.kill()  # a dead one too: what it has started may hold its pipes, and nobody would hear of its end

    def _kill_now(self) -> None:
        """Kill it and its group. Nothing is awaited in here, so that no cancellation can come in between."""
        if self.alive:
            self._look()
            # `start` returned after the child had made its session and become the program, and a child that was not
            # waited for keeps its number: the group is its own.
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """End it and everything that it has started, at once, and wait until they are gone."""
        self._kill_now()
        # Lean dies with its parent, in a session of its own. Whatever else is left is ended by its number and birth,
        # before the worker is waited for: asyncio waits for its pipes too, which others may hold.
        left = await asyncio.to_thread(self._end_family)
        if left:
            _log.warning("processes_left", worker=self.pid, left=left)
        await self._process.wait()

    def _end_family(self) -> list[int]:
        others = {one for one in self._family | session_of(self.pid) if one.pid != self.pid}
        return end_all(others, wait_s=_END_S)

    async def close(self, *, deadline_s: float = 5.0) -> None:
        """Let it close its prover and end; kill it when that takes too long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), deadline_s)
        except TimeoutError:
            pass
        finally:
            self._kill_now()
        await self.kill()

    def _ending(self) -> str:
        code = self._process.returncode
        return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
