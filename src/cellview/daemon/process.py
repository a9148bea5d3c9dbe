"""A worker process, seen from the daemon: a slot is a live process of this kind, never a counter."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from cellview.daemon.errors import WorkerFailedError
from cellview.daemon.wire import Failed, Perform, Performed, Working, encode, read_answer

__all__ = ["WORKER", "WorkerProcess"]

WORKER: Final[tuple[str, ...]] = (sys.executable, "-m", "cellview.daemon.worker")


class WorkerProcess:
    """One worker, in a session and process group of its own. Made by :meth:`start`."""

    def __init__(self, process: Process) -> None:
        self._process = process

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
        self, command: Perform, *, stall_s: float, working: Callable[[int], None] = lambda iteration: None
    ) -> Performed:
        """Have it run a point.

        Args:
            command: What to run.
            stall_s: Without a sign of life for so long, it counts as hung.
            working: Told the iteration at each sign of life.

        Raises:
            WorkerFailedError: It died, hung or could not perform the point; the text says which. When it hung or spoke
                nonsense it was killed; what it had written stays in the trace.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        try:
            stdin.write(encode(command))
            await stdin.drain()
            while True:
                answer = await asyncio.wait_for(read_answer(stdout), stall_s)
                match answer:
                    case Working(iteration):
                        working(iteration)
                    case Performed():
                        return answer
                    case Failed(reason):
                        raise WorkerFailedError(reason)
        except TimeoutError:
            await self.kill()
            raise WorkerFailedError(f"The worker gave no sign of life for {stall_s:g} s and was ended.") from None
        except (OSError, asyncio.IncompleteReadError):
            await self.kill()
            raise WorkerFailedError(f"The worker was ended by {self._ending()}.") from None
        except ValueError as error:
            await self.kill()
            raise WorkerFailedError(f"The worker did not answer as agreed ({error}) and was ended.") from None

    async def kill(self) -> None:
        """End it and everything in its group, at once, and wait until it is gone."""
        if self.alive:
            # `start` returned after the child had made its session and become the program, and a child that was not
            # waited for keeps its number: the group is its own.
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()

    async def close(self, *, deadline_s: float = 5.0) -> None:
        """Let it close its prover and end; kill it when that takes too long."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), deadline_s)
        await self.kill()

    def _ending(self) -> str:
        code = self._process.returncode
        return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
