"""The driver by an executor: points go to worker processes or to a Ray cluster, outcomes come back by their futures.

Claims alone travel by queue, into the database of claims; files come back as bytes beside the outcome.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack

import anyio
import anyio.to_thread
import msgspec

from cellview.base.scratch import scratch_folder
from cellview.cluster import (
    AgentFailedError,
    Answer,
    ConfigModel,
    Executor,
    WorkerLostError,
    get_executor,
    register_function,
)
from cellview.experiment.admission import admit
from cellview.experiment.claims import claim_of
from cellview.experiment.errors import WorkerMachineError
from cellview.experiment.experiment import Setup
from cellview.experiment.folder import ExperimentFolder
from cellview.experiment.observer import Observer, SilentObserver
from cellview.experiment.outcome import Outcome, set_aside, without_wild_type
from cellview.experiment.perform import PROOF, TRACE, TREE, Files, Session, perform
from cellview.experiment.plan import Point, PointKey, dependents
from cellview.experiment.provers import Opened, Opener, opener_of
from cellview.experiment.providers import ModelAccess
from cellview.experiment.runnable import missing_points
from cellview.trace import TraceWriteError

__all__ = ["perform_remotely", "run_on_cluster"]

_FUNCTION = "perform_point"


class _Task(msgspec.Struct, frozen=True):
    """What travels to a worker: a point, what all points share, and whether its trace is wanted back."""

    run: str
    setup: Setup
    point: Point
    trace: bool
    access: ModelAccess


class _Done(msgspec.Struct, frozen=True):
    """What comes back: the outcome, how long it took, and the files by their endings; or why the machine gave up."""

    outcome: Outcome | None
    seconds: float = 0.0
    files: dict[str, bytes] = {}
    use: dict[str, float] = {}
    """What asking models came to."""
    machine: str = ""


async def run_on_cluster(
    folder: ExperimentFolder,
    config: ConfigModel,
    opener: Opener,
    *,
    access: ModelAccess | None = None,
    observer: Observer | None = None,
) -> None:
    """Run what is missing of an experiment into its folder, on the executor that `config` names.

    A point whose worker fails or is lost too often is set aside; the others go on.

    Args:
        folder: The experiment's folder, new or resumed.
        config: Which executor, how many workers, where claims are stored.
        opener: Opens a prover here, which checks every proof that comes back.
        access: How workers reach model servers; a key is in their own environment.
        observer: Told what happens.

    Raises:
        ClusterError: The executor, its queue or its database failed.
        WorkerMachineError: A worker's disk is full, or the like.
        DamagedRunError: A proof that came back does not stand.
        ProviderFailedError: The provider of tactics is dead.
        ModuleNotFoundError: An extra that the executor needs is missing; the text names it.
    """
    register_function(_FUNCTION, perform_remotely)
    executor = await anyio.to_thread.run_sync(get_executor, config)
    driver = _Driver(folder, executor, observer or SilentObserver(), access or ModelAccess())
    try:
        await driver.run()
        await anyio.to_thread.run_sync(executor.wait_for_claims)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(lambda: executor.shutdown(cancel=True))
        raise
    await anyio.to_thread.run_sync(executor.shutdown)
    await admit(folder, opener, driver.entered)


class _Driver:
    def __init__(self, folder: ExperimentFolder, executor: Executor, observer: Observer, access: ModelAccess) -> None:
        self._folder = folder
        self._executor = executor
        self._observer = observer
        self._access = access
        self.entered: set[PointKey] = set()
        """Points whose results came from workers."""

    async def run(self) -> None:
        async with anyio.create_task_group() as tasks:
            for point in missing_points(self._folder):
                tasks.start_soon(self._point, point)

    async def _point(self, point: Point) -> None:
        outcome = await self._remotely(point)
        for waiting in dependents(self._folder.experiment, point):
            if outcome.solved:
                await self._remotely(waiting.with_solution(outcome.tactics))
            else:
                self._keep(without_wild_type(waiting, self._folder.experiment.setup, outcome), 0.0)

    async def _remotely(self, point: Point) -> Outcome:
        experiment = self._folder.experiment
        task = _Task(experiment.name, experiment.setup, point, experiment.trace, self._access)
        label = f"{point.theorem.id}/{point.arm.name}/{point.seed}"
        try:
            # `submit` may start the workers, which takes time; elsewhere than in the event loop.
            payload = msgspec.msgpack.encode(task)
            future: Future[bytes] = await anyio.to_thread.run_sync(
                lambda: self._executor.submit(_FUNCTION, label, payload)
            )
            answer: bytes = await asyncio.wrap_future(future)
            done = msgspec.msgpack.decode(answer, type=_Done)
        except (AgentFailedError, WorkerLostError) as error:
            outcome = set_aside(point, experiment.setup, str(error).strip().splitlines()[-1])
            self._keep(outcome, 0.0)
            return outcome
        if done.outcome is None:
            raise WorkerMachineError(f"The worker of {label} cannot go on: {done.machine}")
        stem = self._folder.folder.stem(point.arm.name, point.seed)
        for ending in (TRACE, TREE, PROOF):
            if ending in done.files:
                self._folder.folder.write_file(point.theorem.id, f"{stem}{ending}", done.files[ending])
        self._keep(done.outcome, done.seconds, done.use)
        self.entered.add(point.key)
        return done.outcome

    def _keep(self, outcome: Outcome, seconds: float, use: Mapping[str, float] | None = None) -> None:
        self._observer.finished(self._folder.keep(outcome, seconds=seconds, use=use), seconds=seconds)
        self._folder.require_a_provider()


# -- in a worker -------------------------------------------------------------------------------------------------------


async def perform_remotely(payload: bytes) -> Answer:
    """Perform one point in a worker; its prover stays open for the next one."""
    task = msgspec.msgpack.decode(payload, type=_Task)
    try:
        return await _perform(task)
    except (OSError, TraceWriteError) as error:
        # Raised, it would count as the search's own failure, which sets the search aside for good.
        return Answer(msgspec.msgpack.encode(_Done(None, machine=str(error))), ())


async def _perform(task: _Task) -> Answer:
    started = time.monotonic()
    opened = await _WARM.open(task.setup, task.point.theorem.imports, task.access)
    used = opened.use
    with scratch_folder("point") as scratch:
        files = Files(scratch, "point", task.trace)
        outcome = await perform(task.point, Session(opened, task.setup), files)
        paths = {TRACE: files.trace_path, TREE: files.tree_path, PROOF: files.proof_path}
        found = {ending: path.read_bytes() for ending, path in paths.items() if path.exists() and outcome.searched}
    source = found[PROOF].decode() if PROOF in found else None
    claim = claim_of(
        outcome,
        run=task.run,
        statement=task.point.theorem.statement,
        source=source,
        tiers=len(task.setup.search.budget),
    )
    done = _Done(outcome, time.monotonic() - started, found, opened.use.since(used))
    return Answer(msgspec.msgpack.encode(done), (claim,))


class _Warm:
    """The prover that a worker keeps open from one task to the next."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._opened: Opened | None = None
        self._for: object = None

    async def open(self, setup: Setup, imports: tuple[str, ...], access: ModelAccess) -> Opened:
        """Return the open prover, or open another where tasks want another."""
        wanted = (setup.prover, setup.provider, setup.providers, imports, access, asyncio.get_running_loop())
        if self._opened is None or self._for != wanted:
            await self._stack.aclose()
            opener = await opener_of(setup.prover, setup.provider, access=access, providers=setup.providers)
            self._opened = await self._stack.enter_async_context(opener(imports))
            self._for = wanted
        return self._opened


_WARM = _Warm()
