"""The dispatcher: which point is run next, by which runner, and what becomes of its result.

The order of writing is trace, ``run.json``, database, event. A death between any two of them is mended at the start:
the folder is right, and the database is made to agree.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, assert_never

import msgspec

from cellview.actors import Actor, Ref, Reply, Restart, Terminated
from cellview.core import SearchError
from cellview.daemon.database import Database
from cellview.daemon.errors import ConflictError, DaemonError, WorkerFailedError
from cellview.daemon.intake import experiment_of
from cellview.daemon.messages import (
    Assign,
    Counts,
    CountWorkers,
    Delete,
    DispatcherMessage,
    Drain,
    Ended,
    Interrupt,
    Job,
    Ready,
    RunnerMessage,
    Take,
    TimeIsUp,
    Wake,
)
from cellview.daemon.opened import OpenedExperiment
from cellview.daemon.order import Candidate, first_of
from cellview.daemon.records import Submission
from cellview.daemon.runner import Runner
from cellview.daemon.states import ACTIVE, TERMINAL
from cellview.daemon.wire import Performed
from cellview.experiment import LeanSpec, lean_version, toolchain_of
from cellview.prover import ProverError
from cellview.prover.lean import Toolchain
from cellview.trace import TraceError, Versions, describe_versions

__all__ = ["Dispatcher", "Policy"]

T = TypeVar("T")

_RUNNERS: Final = Restart(max_restarts=5, within_s=30.0, exhausted="escalate")
"""A worker that cannot even be started is no failure of a point; if that goes on, the daemon ends and says so."""

_INTERRUPTED: Final = "The daemon was stopped while it ran."


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How points are run.

    Args:
        worker: The workers' program.
        workers: How many.
        stall_s: Without a sign of life for so long, a worker counts as hung.
        retries: Further tries of a point whose worker failed, before it is set aside.
        ageing_s: Waiting for so long counts as much as one step of priority.
    """

    worker: tuple[str, ...]
    workers: int
    stall_s: float
    retries: int
    ageing_s: float


class Dispatcher(Actor[DispatcherMessage]):
    """Owns the run folders that are open, and the runners, which are its children.

    Args:
        database: The store.
        runs: The folder of run folders.
        policy: How points are run.
    """

    def __init__(self, database: Database, runs: Path, policy: Policy) -> None:
        self._database = database
        self._runs = runs
        self._policy = policy
        self._runners: dict[str, Ref[RunnerMessage]] = {}
        self._ready: set[str] = set()
        self._busy: dict[str, Job] = {}
        self._opened: dict[int, OpenedExperiment] = {}
        self._toolchains: dict[LeanSpec, Toolchain] = {}
        self._drain: Reply[None] | None = None

    async def started(self) -> None:
        """Put back what another incarnation or another daemon left running, and start the runners."""
        await self._database.do(lambda store: store.recover())
        me = self.context.self
        for number in range(self._policy.workers):
            name = f"runner-{number}"
            self._runners[name] = await self.context.spawn(
                lambda: Runner(me, self._policy.worker, self._policy.stall_s), name=name, supervision=_RUNNERS
            )

    async def receive(self, message: DispatcherMessage) -> None:
        """Handle one message, then begin what can be begun."""
        match message:
            case Ready(runner):
                await self._runner_ready(runner)
            case Ended(runner, job, result):
                self._busy.pop(runner, None)
                await self._ended(job, result)
            case Take():
                await self._take(message)
            case Delete(experiment):
                await self._delete(experiment, self.context.defer_reply(message))
            case CountWorkers():
                self.context.reply(Counts(len(self._ready), len(self._busy)))
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
        elif not self._busy:
            await self._close_all()
            self._drain.send(None)

    async def stopped(self) -> None:
        """Let go of the folders; the workers end with the runners."""
        await self._close_all()

    # -- beginning -----------------------------------------------------------------------------------------------------

    async def _fill(self) -> None:
        while free := sorted(self._ready - set(self._busy)):
            candidates = await self._database.do(lambda store: store.candidates())
            chosen = first_of(candidates, ageing_s=self._policy.ageing_s)
            if chosen is None:
                return
            await self._begin(chosen, free[0])

    async def _begin(self, chosen: Candidate, runner: str) -> None:
        """Open an experiment, or begin its next point."""
        experiment = chosen.experiment
        opened = self._opened.get(experiment)
        if opened is None:
            await self._open(experiment)
            return
        status = await self._database.do(lambda store: store.experiment(experiment))
        if status.state == "queued":  # it was paused, and its folder is open still
            await self._database.do(lambda store: store.take(experiment, "start"))
        if chosen.number is None:
            return
        number = chosen.number
        failures = await self._database.do(lambda store: store.searches(experiment)[number].failures)
        try:
            command = await self._in_thread(lambda: opened.command(number))
        except TraceError as error:
            await self._refused(experiment, str(error))
            return
        await self._database.do(lambda store: store.begin_point(experiment, number))
        job = Job(experiment, number, failures)
        self._busy[runner] = job
        await self._runners[runner].tell(Assign(job, command))

    async def _open(self, experiment: int) -> None:
        """Make or take over the run folder. What forbids it is the experiment's end, and nobody else's."""
        status = await self._database.do(lambda store: store.experiment(experiment))
        data = await self._database.do(lambda store: store.submission(experiment))
        submission = msgspec.json.decode(data, type=Submission)
        assert submission.corpus_text is not None
        corpus = submission.corpus_text
        try:
            described = experiment_of(submission)
            versions, toolchain = await self._versions(submission)
            path = self._runs / status.folder
            opened = await self._in_thread(
                lambda: OpenedExperiment.open(
                    path,
                    described,
                    corpus=corpus,
                    versions=versions,
                    toolchain=toolchain,
                    plan_digest=submission.plan_digest,
                )
            )
        except (SearchError, TraceError, ProverError, OSError) as error:
            await self._fail(experiment, str(error))
            return
        self._opened[experiment] = opened
        known, waiting = opened.results, opened.waiting

        await self._database.do(lambda store: store.settle(experiment, known, waiting))
        await self._database.do(lambda store: store.take(experiment, "start"))
        await self._finish_if_complete(experiment)

    async def _versions(self, submission: Submission) -> tuple[Versions, Toolchain | None]:
        spec = submission.prover
        if not isinstance(spec, LeanSpec):
            return describe_versions(), None
        if spec not in self._toolchains:
            self._toolchains[spec] = await toolchain_of(spec)
        toolchain = self._toolchains[spec]
        return describe_versions(lean=lean_version(toolchain, spec)), toolchain

    # -- ending --------------------------------------------------------------------------------------------------------

    async def _runner_ready(self, runner: str) -> None:
        self._ready.add(runner)
        lost = self._busy.pop(runner, None)
        if lost is not None:
            await self._ended(lost, WorkerFailedError("Its runner failed, and was started anew."))

    async def _ended(self, job: Job, result: Performed | Exception) -> None:
        experiment = job.experiment
        opened = self._opened.get(experiment)
        status = await self._database.do(lambda store: store.experiment(experiment))
        if opened is None or status.state in TERMINAL:
            await self._close_if_idle(experiment)
            return
        try:
            await self._enter(job, opened, result)
        except (TraceError, OSError) as error:
            reason = str(error)
            await self._database.do(lambda store: store.lose_point(experiment, job.number, reason, blame=False))
            await self._refused(experiment, reason)
            return
        await self._finish_if_complete(experiment)
        await self._close_if_idle(experiment)

    async def _enter(self, job: Job, opened: OpenedExperiment, result: Performed | Exception) -> None:
        experiment, number = job.experiment, job.number
        if isinstance(result, Performed):
            results, released = await self._in_thread(lambda: opened.keep(result.outcome, seconds=result.seconds))
        elif self._drain is not None:
            await self._database.do(lambda store: store.lose_point(experiment, number, _INTERRUPTED, blame=False))
            return
        elif job.failures < self._policy.retries:
            await self._database.do(lambda store: store.lose_point(experiment, number, str(result)))
            return
        else:
            results, released = await self._in_thread(lambda: opened.set_aside(number, str(result)))
        await self._database.do(lambda store: store.end_points(experiment, results, released))

    async def _fail(self, experiment: int, reason: str) -> None:
        await self._database.do(lambda store: store.take(experiment, "fail", reason=reason))

    async def _refused(self, experiment: int, reason: str) -> None:
        """The disk refuses: the experiment is paused with the reason, until somebody has made room and resumes it."""
        sentence = f"{reason} Make room, then resume it."
        await self._database.do(lambda store: store.take(experiment, "pause", reason=sentence))
        await self._close_if_idle(experiment)

    async def _finish_if_complete(self, experiment: int) -> None:
        opened = self._opened.get(experiment)
        if opened is None or not opened.complete:
            return
        del self._opened[experiment]
        try:
            await self._in_thread(lambda: opened.close("finished"))
        except SearchError as error:
            await self._fail(experiment, str(error))
        except TraceError as error:  # the results are on the disk; that it is finished is said when there is room
            await self._refused(experiment, str(error))
        else:
            await self._database.do(lambda store: store.take(experiment, "finish"))

    async def _close_if_idle(self, experiment: int) -> None:
        """Let go of the folder of an experiment that is paused or cancelled, once no worker writes into it."""
        opened = self._opened.get(experiment)
        if opened is None or any(job.experiment == experiment for job in self._busy.values()):
            return
        status = await self._database.do(lambda store: store.experiment(experiment))
        if status.state not in ACTIVE:
            await self._close(self._opened.pop(experiment))

    async def _close_all(self) -> None:
        while self._opened:
            await self._close(self._opened.popitem()[1])

    async def _close(self, opened: OpenedExperiment) -> None:
        try:
            await self._in_thread(lambda: opened.close("interrupted"))
        except TraceError as error:  # the folder says "running" then, and is free all the same
            self.context.log.warning("folder_not_closed", error=str(error))

    # -- what people ask -----------------------------------------------------------------------------------------------

    async def _take(self, message: Take) -> None:
        reply = self.context.defer_reply(message)
        experiment, step = message.experiment, message.step
        try:
            status = await self._database.do(lambda store: store.take(experiment, step))
        except DaemonError as error:
            reply.fail(error)
            return
        if step == "cancel":
            for runner, job in self._busy.items():
                if job.experiment == experiment:
                    await self._runners[runner].tell(Interrupt(job))
        await self._close_if_idle(experiment)
        reply.send(status)

    async def _delete(self, experiment: int, reply: Reply[None]) -> None:
        try:
            status = await self._database.do(lambda store: store.experiment(experiment))
            if status.state not in TERMINAL or experiment in self._opened:
                raise ConflictError(f"Experiment {experiment} has not ended yet ({status.state}): cancel it, and wait.")
            await self._in_thread(lambda: _remove(self._runs / status.folder))
            await self._database.do(lambda store: store.delete(experiment))
        except (DaemonError, OSError) as error:
            reply.fail(error)
        else:
            reply.send(None)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)


def _remove(path: Path) -> None:
    """Remove a run folder whole. A link in its place is not followed; what is inside is ours by its lock."""
    if path.is_symlink():
        raise ConflictError(f"{path} is a link, and no folder of this daemon: take it away by hand.")
    if path.exists():
        shutil.rmtree(path)
