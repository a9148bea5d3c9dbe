"""A runner: the actor that owns one worker process."""

from __future__ import annotations

from collections.abc import Sequence

from cellview.actors import Actor, Ref
from cellview.daemon.errors import WorkerFailedError
from cellview.daemon.messages import Assign, DispatcherMessage, Ended, Interrupt, Job, Ready, RunnerMessage, Worked
from cellview.daemon.process import WorkerProcess
from cellview.daemon.wire import Performed

__all__ = ["Runner"]


class Runner(Actor[RunnerMessage]):
    """Has its worker run one point after the other, and starts another worker when one has died.

    Args:
        dispatcher: Told when a worker is there and what became of each job.
        command: The worker's program.
        stall_s: Without a sign of life for so long, a worker counts as hung.
    """

    def __init__(self, dispatcher: Ref[DispatcherMessage], command: Sequence[str], stall_s: float) -> None:
        self._dispatcher = dispatcher
        self._command = command
        self._stall_s = stall_s
        self._worker: WorkerProcess | None = None
        self._job: Job | None = None
        self._interrupted: Job | None = None

    async def started(self) -> None:
        """Start the worker."""
        self._worker = await WorkerProcess.start(self._command)
        await self._dispatcher.tell(Ready(self.context.name))

    async def receive(self, message: RunnerMessage) -> None:
        """Begin a job beside this handler, so that it can be interrupted."""
        match message:
            case Assign(job):
                self._job, self._interrupted = job, None
                self.context.run_task(self._perform, message, then=lambda result: Worked(job, result))
            case Interrupt(job):
                if job == self._job:
                    self._interrupted = job
                    if self._worker is not None:
                        await self._worker.kill()
            case Worked(job, result):
                self._job = None
                await self._dispatcher.tell(Ended(self.context.name, job, result))

    async def stopped(self) -> None:
        """End the worker: in good order when it has nothing to do."""
        if self._worker is None:
            return
        if self._job is None and self._worker.alive:
            await self._worker.close()
        else:
            await self._worker.kill()

    async def _perform(self, assigned: Assign) -> Performed:
        if self._worker is None or not self._worker.alive:
            self._worker = await WorkerProcess.start(self._command)
        if self._interrupted == assigned.job:
            raise WorkerFailedError("The search was interrupted before its worker was there.")
        return await self._worker.perform(assigned.command, stall_s=self._stall_s)
