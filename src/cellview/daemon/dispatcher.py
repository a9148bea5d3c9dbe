"""The dispatcher: which point is run next, by which runner, and what becomes of its result."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final, assert_never

import msgspec

from cellview.actors import Actor, Ref, Reply, Restart, Terminated
from cellview.daemon.database import Database
from cellview.daemon.drivers import Drivers
from cellview.daemon.errors import (
    DaemonError,
    DiskFullError,
    DriverFailedError,
    WorkerFailedError,
)
from cellview.daemon.folders import Folders
from cellview.daemon.messages import (
    Assign,
    Counts,
    CountWorkers,
    Delete,
    DispatcherMessage,
    Drain,
    Ended,
    Found,
    Hold,
    Interrupt,
    Job,
    Limits,
    Pin,
    Ready,
    RunnerMessage,
    Take,
    TimeIsUp,
    Wake,
)
from cellview.daemon.opened import result_of
from cellview.daemon.order import Candidate, first_of
from cellview.daemon.process import StartWorker, WorkerProcess
from cellview.daemon.records import ExperimentStatus
from cellview.daemon.runner import Runner
from cellview.daemon.states import ACTIVE, TERMINAL
from cellview.daemon.steps import Steps, unobserved
from cellview.daemon.wire import Command, Driven, Performed
from cellview.experiment import ModelAccess
from cellview.trace import SearchEntry, TraceError

__all__ = ["Dispatcher", "Policy"]

_RUNNERS: Final = Restart(max_restarts=5, within_s=30.0, exhausted="escalate")
"""A worker that cannot even be started is no failure of a point; if that goes on, the daemon ends and says so."""

_INTERRUPTED: Final = "The daemon was stopped while it ran."


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How points are run.

    Args:
        worker: The workers' program.
        workers: How many.
        limits: What each may do.
        retries: Further tries of a point whose worker failed, before it is set aside.
        ageing_s: Waiting for so long counts as much as one step of priority.
        access: How workers reach model servers.
        drivers: Other drivers, and where they are.
    """

    worker: tuple[str, ...]
    workers: int
    limits: Limits
    retries: int
    ageing_s: float
    access: ModelAccess = ModelAccess()
    drivers: Drivers = Drivers()


class Dispatcher(Actor[DispatcherMessage]):
    """Owns the run folders that are open, and the runners, which are its children.

    Args:
        database: The store.
        runs: The folder of run folders.
        policy: How points are run.
        start: Starts a worker.
        steps: Told of each step of a submission's life.
    """

    def __init__(
        self,
        database: Database,
        runs: Path,
        policy: Policy,
        *,
        start: StartWorker = WorkerProcess.start,
        steps: Steps = unobserved,
    ) -> None:
        self._database = database
        self._policy = policy
        self._start = start
        self._steps = steps
        self._folders = Folders(database, runs, access=policy.access, drivers=policy.drivers, steps=steps)
        self._runners: dict[str, Ref[RunnerMessage]] = {}
        self._ready: set[str] = set()
        self._busy: dict[str, Job] = {}
        self._held: str | None = None
        self._torn: set[int] = set()
        """Experiments whose folder and database may disagree, since the disk was full: mended before they go on."""
        self._drain: Reply[None] | None = None
        self._drained = False

    async def started(self) -> None:
        """Put back what another incarnation or another daemon left running, and start the runners."""
        await self._database.do(lambda store: store.recover())
        me, policy, start, steps = self.context.self, self._policy, self._start, self._steps
        for number in range(policy.workers):
            name = f"runner-{number}"
            self._runners[name] = await self.context.spawn(
                lambda: Runner(me, policy.worker, policy.limits, start=start, steps=steps),
                name=name,
                supervision=_RUNNERS,
            )

    async def receive(self, message: DispatcherMessage) -> None:
        """Handle one message, then begin what can be begun."""
        match message:
            case Ready(runner):
                await self._runner_ready(runner)
            case Ended(runner, job, result):
                self._busy.pop(runner, None)
                await self._ended(job, result)
            case Found(job, entry):
                await self._found(job, entry)
            case Take() | Pin() | Delete():
                await self._asked(message)
            case Hold(reason):
                await self._hold(reason)
            case CountWorkers():
                self.context.reply(Counts(len(self._ready), len(self._busy), self._held))
            case Drain(deadline_s):
                self._drain = self.context.defer_reply(message)
                self.context.call_later(deadline_s, TimeIsUp())
            case TimeIsUp():
                for runner, job in self._busy.items():
                    await self._runners[runner].tell(Interrupt(job))
            case Wake() | Terminated():
                pass
            case _:
                assert_never(message)
        if self._drain is None:
            await self._fill()
        elif not self._busy and not self._drained:
            await self._folders.close_all()
            self._drained = True  # whatever is said afterwards, such as by the janitor, finds nothing to do
            self._drain.send(None)

    async def stopped(self) -> None:
        """Let go of the folders; the workers end with the runners."""
        await self._folders.close_all()

    # -- beginning -----------------------------------------------------------------------------------------------------

    async def _fill(self) -> None:
        while self._held is None and (free := sorted(self._ready - set(self._busy))):
            candidates = await self._database.do(lambda store: store.candidates())
            under_way = {job.experiment for job in self._busy.values()}
            torn = self._torn - under_way
            chosen = first_of(
                (one for one in candidates if self._may_go_on(one, under_way)), ageing_s=self._policy.ageing_s
            )
            if not torn and chosen is None:
                return
            experiment = min(torn) if torn or chosen is None else chosen.experiment
            try:
                if experiment in torn:
                    await self._mend(experiment)
                elif chosen is not None:
                    await self._begin(chosen, free[0])
            except DiskFullError as error:
                await self._disk_full(experiment, error)

    def _may_go_on(self, one: Candidate, under_way: set[int]) -> bool:
        return one.experiment not in self._torn and (one.executor == "here" or one.experiment not in under_way)

    async def _begin(self, chosen: Candidate, runner: str) -> None:
        """Open an experiment, begin its next point, or hand it over to its driver."""
        experiment = chosen.experiment
        if chosen.executor != "here":
            drive = await self._folders.hand_over(experiment)
            if drive is not None:
                status = await self._database.do(lambda store: store.experiment(experiment))
                await self._assign(runner, Job(experiment, None, status.failures), drive)
            return
        if experiment not in self._folders:
            await self._folders.open(experiment)
            return
        status = await self._database.do(lambda store: store.experiment(experiment))
        if status.state == "queued":  # it was paused, and its folder is open still
            await self._database.do(lambda store: store.take(experiment, "start"))
        if chosen.number is None:
            return
        number = chosen.number
        failures = await self._database.do(lambda store: store.searches(experiment)[number].failures)
        command = await self._folders.command(experiment, number)
        if command is None:
            await self._close_if_idle(experiment)
            return
        await self._database.do(lambda store: store.begin_point(experiment, number))
        await self._assign(runner, Job(experiment, number, failures), command)

    async def _assign(self, runner: str, job: Job, command: Command) -> None:
        self._busy[runner] = job
        self._steps("assign:before")
        await self._runners[runner].tell(Assign(job, command))
        self._steps("assign:after")

    # -- ending --------------------------------------------------------------------------------------------------------

    async def _runner_ready(self, runner: str) -> None:
        self._ready.add(runner)
        lost = self._busy.pop(runner, None)
        if lost is not None:
            await self._ended(lost, WorkerFailedError("Its runner failed, and was started anew."))

    async def _ended(self, job: Job, result: Performed | Driven | Exception) -> None:
        experiment = job.experiment
        status = await self._database.do(lambda store: store.experiment(experiment))
        try:
            if job.number is None:
                await self._driver_ended(job, result, status)
            elif experiment in self._folders and status.state not in TERMINAL:
                await self._enter(experiment, job.number, job.failures, result)
                await self._folders.finish_if_complete(experiment)
        except DiskFullError as error:
            await self._disk_full(experiment, error)
        else:
            await self._close_if_idle(experiment)

    async def _enter(self, experiment: int, number: int, failures: int, result: Performed | Driven | Exception) -> None:
        self._steps("ended:before")
        if isinstance(result, DiskFullError):
            raise result
        try:
            if isinstance(result, Performed):
                await self._folders.keep(experiment, result)
            elif self._drain is not None:
                await self._lose(experiment, number, _INTERRUPTED)
            elif failures < self._policy.retries:
                await self._database.do(lambda store: store.lose_point(experiment, number, str(result)))
            else:
                await self._folders.set_aside(experiment, number, str(result))
        except (TraceError, OSError) as error:
            await self._lose(experiment, number, str(error))
            await self._folders.refuse(experiment, str(error))
        self._steps("ended:after")

    async def _driver_ended(self, job: Job, result: Performed | Driven | Exception, status: ExperimentStatus) -> None:
        """Enter what a driver has brought. One that fails is tried again; in the end its experiment is paused."""
        experiment = job.experiment
        if status.state in TERMINAL:
            return
        if isinstance(result, DiskFullError):
            raise result
        complete = await self._folders.take_back(experiment)
        if complete or self._drain is not None or status.state not in ACTIVE:
            return
        reason = "The driver was drained." if not isinstance(result, Exception) else str(result)
        if isinstance(result, DriverFailedError):
            await self._folders.fail(experiment, reason)
        elif await self._database.do(lambda store: store.driver_failed(experiment, reason)) > self._policy.retries:
            await self._folders.refuse(experiment, reason)

    async def _found(self, job: Job, entry: SearchEntry) -> None:
        """Enter a result at once. One that is missed is entered at the driver's end, since it is in the folder."""
        status = await self._database.do(lambda store: store.experiment(job.experiment))
        if job not in self._busy.values() or status.state in TERMINAL:
            return
        with suppress(DiskFullError):
            await self._database.do(
                lambda store: store.enter(job.experiment, entry.key, lambda number: result_of(number, entry))
            )

    async def _lose(self, experiment: int, number: int, reason: str) -> None:
        """Give a point back that is not to blame."""
        await self._database.do(lambda store: store.lose_point(experiment, number, reason, blame=False))

    async def _close_if_idle(self, experiment: int) -> None:
        """Let go of the folder of an experiment that is paused or cancelled, once no worker writes into it."""
        if experiment not in self._folders or any(job.experiment == experiment for job in self._busy.values()):
            return
        status = await self._database.do(lambda store: store.experiment(experiment))
        if status.state not in ACTIVE:
            await self._folders.close(experiment)

    # -- a full disk ---------------------------------------------------------------------------------------------------

    async def _disk_full(self, experiment: int, error: DiskFullError) -> None:
        """Begin nothing more until the janitor finds room. No point is to blame, and nothing that was done is lost."""
        self._torn.add(experiment)
        await self._hold(str(error))

    async def _mend(self, experiment: int) -> None:
        status = await self._database.do(lambda store: store.experiment(experiment))
        if status.state in ACTIVE:
            await self._folders.mend(experiment)
        self._torn.discard(experiment)
        await self._close_if_idle(experiment)

    async def _hold(self, reason: str | None) -> None:
        if reason == self._held:
            return
        kind, why = ("released", self._held) if reason is None else ("held", reason)
        self._held = reason
        with suppress(DiskFullError):  # then people are told by the answer about health, and by the later event
            await self._database.do(lambda store: store.note(kind, {"reason": why}))

    # -- what people ask -----------------------------------------------------------------------------------------------

    async def _asked(self, message: Take | Pin | Delete) -> None:
        reply: Reply[object] = self.context.defer_reply(message)
        try:
            match message:
                case Take():
                    reply.send(await self._take(message))
                case Pin(experiment, pinned):
                    reply.send(await self._database.do(lambda store: store.pin(experiment, pinned)))
                case Delete(experiment, why):
                    await self._folders.remove(experiment, why=why)
                    reply.send(None)
        except (DaemonError, OSError) as error:
            reply.fail(error)

    async def _take(self, message: Take) -> object:
        experiment, step = message.experiment, message.step
        status = await self._database.do(lambda store: store.take(experiment, step))
        if step in ("cancel", "pause"):
            self._steps("interrupt:before")
            for runner, job in self._busy.items():
                # A point comes to its end before a pause; a driver has no such end but that of the whole experiment.
                if job.experiment == experiment and (step == "cancel" or job.number is None):
                    await self._runners[runner].tell(Interrupt(job))
        await self._close_if_idle(experiment)
        return status
