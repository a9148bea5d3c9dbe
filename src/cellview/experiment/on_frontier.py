"""The driver by a frontier: workers take points, tier by tier, from a queue in memory or on Redis.

A candidate is a point with a tier; what it carries is the trace so far, so that an unsolved one comes back with its
tree warm. A tier's records are the first so many records of the whole search, so the tiers, one behind the other, are
the trace of a search that was never cut.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import msgspec

from cellview.base.scratch import scratch_folder
from cellview.experiment.admission import admit
from cellview.experiment.errors import ExperimentError
from cellview.experiment.experiment import Experiment, Setup
from cellview.experiment.folder import ExperimentFolder
from cellview.experiment.observer import Observer, SilentObserver
from cellview.experiment.outcome import Outcome, set_aside, without_wild_type
from cellview.experiment.perform import PROOF, TRACE, TREE, Files, Session, perform
from cellview.experiment.plan import Point, PointKey, dependents, points_of
from cellview.experiment.provers import LeanSpec, Opened, Opener, ProverSpec, opener_of
from cellview.experiment.providers import ImportedSpec, ModelAccess
from cellview.experiment.runnable import added_points
from cellview.frontier import (
    JOURNAL_NAME,
    Candidate,
    Coordinator,
    Json,
    MachineFailedError,
    Manifest,
    Prng,
    Result,
    Stats,
    Task,
    TaskSession,
    Work,
    canonical,
    read_journal,
)
from cellview.schedule import TacticIntervention
from cellview.trace import TraceWriteError
from cellview.trace.digest import with_timestamps_zeroed

__all__ = ["TASKS", "execute", "imported_by", "manifest_of", "run_on_frontier", "worker_options"]

_TASK = "cellview.experiment"

TASKS = {_TASK: f"{__name__}:execute"}
"""What a worker of an experiment's frontier knows."""


class _Settings(msgspec.Struct, frozen=True):
    """What all candidates share, as it stands in the manifest."""

    setup: Setup
    waiting: tuple[TacticIntervention, ...]
    """Arms that begin when the wild type's proof is known."""


class _WorkerOptions(msgspec.Struct, frozen=True):
    """What a worker was told of its own machine."""

    lean: str | None = None
    project: str | None = None
    access: ModelAccess = ModelAccess()
    providers: tuple[str, ...] = ()
    """Classes (``module:Class``) that a manifest may name."""


class _Item(msgspec.Struct, frozen=True):
    """The item of a candidate: a point, and the tier that is to be run, from 1."""

    point: Point
    tier: int


class _Answer(msgspec.Struct, frozen=True):
    """The payload of a result. The trace's lines travel beside it."""

    outcome: Outcome
    tree: str | None = None
    source: str | None = None


def manifest_of(experiment: Experiment, *, window: int, lease_ms: int = 30_000) -> Manifest:
    """Return the manifest of an experiment on a frontier.

    Raises:
        ManifestError: The experiment's name cannot name one on a frontier.
    """
    setup = experiment.setup
    if isinstance(setup.prover, LeanSpec):  # which program that is, each worker's own options say
        setup = msgspec.structs.replace(setup, prover=msgspec.structs.replace(setup.prover, lean=None, project=None))
    settings = _Settings(setup, tuple(arm for arm in experiment.arms if arm.needs_solution))
    return Manifest(
        experiment=experiment.name,
        task=_TASK,
        master_seed=experiment.seeds[0],
        window=window,
        settings=canonical(_plain(settings)),
        lease_ms=lease_ms,
    )


def worker_options(
    prover: ProverSpec, access: ModelAccess | None = None, providers: Sequence[str] = ()
) -> dict[str, Json]:
    """Return what a worker's own options say of its Lean, of model servers, and of the classes that it may import.

    A manifest names no program and no code, whoever made it.
    """
    lean, project = (prover.lean, prover.project) if isinstance(prover, LeanSpec) else (None, None)
    options = _WorkerOptions(lean, project, access or ModelAccess(), tuple(providers))
    return cast("dict[str, Json]", _plain(options))


async def run_on_frontier(
    folder: ExperimentFolder,
    manifest: Manifest,
    opener: Opener,
    *,
    url: str = "memory:",
    workers: int = 2,
    resume: bool = False,
    access: ModelAccess | None = None,
    observer: Observer | None = None,
) -> bool:
    """Run an experiment into its folder with worker processes; whether it is finished (else it was drained).

    Args:
        folder: The experiment's folder.
        manifest: From :func:`manifest_of`.
        opener: Opens a prover here, which checks every proof that comes back.
        url: ``memory:``, or a Redis server that workers elsewhere share.
        workers: Worker processes on this machine; 0 when others elsewhere do the work.
        resume: Whether the frontier, or its journal in the folder, is taken up again.
        access: How the workers of this machine reach model servers.
        observer: Told how far it is.

    Raises:
        FrontierError: The frontier cannot be reached, or refuses.
        DeterminismError: Two workers brought different results for one point.
        DamagedRunError: A proof that came back does not stand.
        ProviderFailedError: The provider of tactics is dead.
    """
    watching = observer or SilentObserver()

    def count(stats: Stats) -> None:
        watching.counted(done=stats.committed, known=stats.issued + stats.queued, active=stats.leased)

    coordinator = Coordinator(
        manifest,
        [_candidate(_Item(point, 1)) for point in added_points(folder)],
        folder=folder.path,
        tasks=TASKS,
        options=worker_options(folder.experiment.setup.prover, access, imported_by(folder.experiment.setup)),
        url=url,
        workers=workers,
        resume=resume,
        progress=count,
    )
    try:
        report = await coordinator.run()
    finally:
        entered = _gather(folder, watching)
    folder.require_a_provider()
    await admit(folder, opener, entered)
    return report.finished


def imported_by(setup: Setup) -> tuple[str, ...]:
    """Return the classes of the user's own that an experiment names."""
    return tuple(spec.name for spec in setup.all_providers if isinstance(spec, ImportedSpec))


def _plain(value: msgspec.Struct) -> Json:
    """Return a struct as JSON values, with lists where it has tuples."""
    return cast("Json", msgspec.json.decode(msgspec.json.encode(value)))


def _candidate(item: _Item, *, carry: bytes = b"") -> Candidate:
    """Earlier tiers first, since they solve most theorems for little."""
    return Candidate.of(_plain(item), priority=float(-item.tier), depth=item.tier, carry=carry)


# -- in a worker -------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _open(settings: dict[str, Json], options: dict[str, Json]) -> AsyncGenerator[Task]:
    """One worker's session: a prover stays open from one candidate to the next, as long as the imports are the same."""
    shared = msgspec.convert(settings, _Settings)
    prover = shared.setup.prover
    own = msgspec.convert(options, _WorkerOptions)
    if isinstance(prover, LeanSpec):
        prover = msgspec.structs.replace(prover, lean=own.lean, project=own.project)
    for name in imported_by(shared.setup):
        if name not in own.providers:
            raise ExperimentError(
                f"The experiment wants the provider {name}, which this worker was not told to import: start it with "
                f"--allow-provider {name} if you trust it."
            )
    setup = shared.setup
    opener = await opener_of(prover, setup.provider, access=own.access, providers=setup.providers)
    async with AsyncExitStack() as stack:
        kept: dict[tuple[str, ...], Opened] = {}

        async def run(work: Work, prng: Prng) -> Result:
            item = msgspec.convert(work.item, _Item)
            imports = item.point.theorem.imports
            if imports not in kept:
                kept.clear()
                await stack.aclose()
                kept[imports] = await stack.enter_async_context(opener(imports))
            return await _tier(item, work.carry, Session(kept[imports], shared.setup), shared.waiting)

        yield run


execute = TaskSession(_open)
"""The task of a frontier's worker."""


async def _tier(item: _Item, carry: bytes, session: Session, waiting: tuple[TacticIntervention, ...]) -> Result:
    try:
        return await _search(item, carry, session, waiting)
    except (OSError, TraceWriteError) as error:
        # A full disk would fail every candidate in turn, and each would be a search set aside for good.
        raise MachineFailedError(f"A worker cannot go on: {error}") from error


async def _search(item: _Item, carry: bytes, session: Session, waiting: tuple[TacticIntervention, ...]) -> Result:
    started, used = time.monotonic(), session.opened.use
    # The trace of arrival order cannot be replayed, so such a search has its whole budget at once.
    until = item.tier if session.setup.search.reproducible else None
    with scratch_folder("tier") as scratch:
        files = Files(scratch, "point")
        before = zlib.decompress(carry) if carry else b""
        if before:
            files.trace_path.write_bytes(before)
        outcome = await perform(item.point, session, files, until=until)
        lines = files.trace_path.read_bytes().splitlines(keepends=True) if files.trace_path.exists() else []
        tree = files.tree_path.read_text(encoding="utf-8") if files.tree_path.exists() else None
        source = files.proof_path.read_text(encoding="utf-8") if files.proof_path.exists() else None
    children: list[Candidate] = []
    if not outcome.finished:
        warm = zlib.compress(with_timestamps_zeroed(b"".join(lines)), 6)
        children = [_candidate(_Item(item.point, item.tier + 1), carry=warm)]
    elif outcome.solved and item.point.arm.name == "wild_type":
        points = [msgspec.structs.replace(item.point, arm=arm).with_solution(outcome.tactics) for arm in waiting]
        children = [_candidate(_Item(point, 1)) for point in points]
    answer = _Answer(outcome, tree, source)
    return Result(
        payload=_plain(answer),
        children=children,
        trace=[line.decode().rstrip("\n") for line in lines[len(before.splitlines()) :]],
        notes={"seconds": round(time.monotonic() - started, 3), **session.opened.use.since(used)},
    )


# -- into the folder ---------------------------------------------------------------------------------------------------


class _Gathered(msgspec.Struct):
    """What the tiers of one point came to so far."""

    lines: list[str] = []
    seconds: float = 0.0
    use: dict[str, float] = {}
    answer: _Answer | None = None
    failed: bool = False


def _gather(folder: ExperimentFolder, observer: Observer) -> list[PointKey]:
    """Write everything that the frontier's journal holds into the experiment's folder; return what was new."""
    journal = folder.path / JOURNAL_NAME
    found: dict[PointKey, _Gathered] = {}
    for line in read_journal(journal) if journal.exists() else ():
        point = msgspec.json.decode(line.item, type=_Item).point
        it = found.setdefault(point.key, _Gathered())
        it.lines += line.trace
        if line.kind != "committed":
            it.failed = True
            continue
        it.answer = msgspec.json.decode(line.payload, type=_Answer)
        notes: dict[str, float] = msgspec.json.decode(line.notes, type=dict[str, float] | None) or {}
        it.seconds += notes.pop("seconds", 0.0)
        for name, value in notes.items():
            it.use[name] = it.use.get(name, 0) + value
    entered: list[PointKey] = []
    for point in points_of(folder.experiment):
        gathered = found.get(point.key)
        if gathered is not None and folder.entry_of(point) is None:
            _enter(folder, point, gathered, observer)
            entered.append(point.key)
    return entered


def _enter(folder: ExperimentFolder, point: Point, it: _Gathered, observer: Observer) -> None:
    setup = folder.experiment.setup
    if it.failed:
        why = "its workers failed too often; the journal's notes say how"
        _keep(folder, set_aside(point, setup, why), it, observer)
        return
    answer = it.answer
    if answer is None or not answer.outcome.finished:
        return  # the frontier was drained or stopped before its last tier
    home, stem = folder.folder, folder.folder.stem(point.arm.name, point.seed)
    if answer.outcome.searched:
        if folder.experiment.trace:
            home.write_file(point.theorem.id, f"{stem}{TRACE}", "".join(f"{line}\n" for line in it.lines).encode())
        if answer.tree is not None:
            home.write_file(point.theorem.id, f"{stem}{TREE}", answer.tree.encode())
        if answer.source is not None:
            home.write_file(point.theorem.id, f"{stem}{PROOF}", answer.source.encode())
    _keep(folder, answer.outcome, it, observer)
    if not answer.outcome.solved:
        for waiting in dependents(folder.experiment, point):
            _keep(folder, without_wild_type(waiting, setup, answer.outcome), _Gathered(), observer)


def _keep(folder: ExperimentFolder, outcome: Outcome, it: _Gathered, observer: Observer) -> None:
    observer.finished(folder.keep(outcome, seconds=it.seconds, use=it.use), seconds=it.seconds)
