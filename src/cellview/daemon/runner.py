"""A runner: the actor that owns one worker process."""

from __future__ import annotations

from collections.abc import Sequence

from cellview.actors import Actor, Ref
from cellview.daemon.errors import WorkerFailedError
from cellview.daemon.messages import (
    Assign,
    DispatcherMessage,
    Ended,
    Found,
    Interrupt,
    Job,
    Limits,
    Ready,
    RunnerMessage,
    Worked,
)
from cellview.daemon.process import StartWorker, Worker, WorkerProcess
from cellview.daemon.steps import Steps, unobserved
from cellview.daemon.wire import Drive, Driven, Performed

__all__ = ["Runner"]


class Runner(Actor[RunnerMessage]):
    """Has its worker run one point after the other, and starts another worker when one has died.

    Args:
        dispatcher: Told when a worker is there and what became of each job.
        command: The worker's program.
        limits: What the worker may do.
        start: Starts the worker.
        steps: Told of each step of a job.
    """

    def __init__(
        self,
        dispatcher: Ref[DispatcherMessage],
        command: Sequence[str],
        limits: Limits,
        *,
        start: StartWorker = WorkerProcess.start,
        steps: Steps = unobserved,
    ) -> None:
        self._dispatcher = dispatcher
        self._command = command
        self._limits = limits
        self._start = start
        self._steps = steps
        self._worker: Worker | None = None
        self._job: Job | None = None
        self._interrupted: Job | None = None

    async def started(self) -> None:
        """Start the worker."""
        self._steps("worker:before")
        self._worker = await self._start(self._command)
        self._steps("worker:after")
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
                self._steps("told:before")
                await self._dispatcher.tell(Ended(self.context.name, job, result))

    async def stopped(self) -> None:
        """End the worker: in good order when it has nothing to do."""
        if self._worker is None:
            return
        if self._job is None and self._worker.alive:
            await self._worker.close()
        else:
            await self._worker.kill()

    async def _perform(self, assigned: Assign) -> Performed | Driven:
        if self._worker is not None and not self._worker.alive:
            await self._worker.kill()  # what it has started may live on
            self._worker = None
        if self._worker is None:
            self._worker = await self._start(self._command)
        if self._interrupted == assigned.job:
            raise WorkerFailedError("The search was interrupted before its worker was there.")
        self._steps("perform:before")
        limits, most = self._limits, self._limits.memory_bytes
        if isinstance(assigned.command, Drive) and most is not None:
            most *= 1 + assigned.command.workers  # its own workers are below it
        performed = await self._worker.perform(
            assigned.command,
            stall_s=limits.stall_s,
            memory_bytes=most,
            working=lambda iteration: self._steps("perform:working"),
            entered=lambda entry: self._dispatcher.tell(Found(assigned.job, entry)),
        )
        self._steps("perform:after")
        await self._replace_if_fat()
        return performed

    async def _replace_if_fat(self) -> None:
        """Let a worker go that keeps half of what it may take, before it is ended for it in the middle of a search."""
        worker, most = self._worker, self._limits.memory_bytes
        if worker is not None and most is not None and await worker.memory() > most / 2:
            await worker.close()
