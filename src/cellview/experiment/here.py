"""The driver of one process: theorems side by side in one event loop, each job with a prover process of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import anyio
from anyio.lowlevel import checkpoint

from cellview.core import Progress
from cellview.experiment.corpus import CorpusTheorem
from cellview.experiment.experiment import Experiment
from cellview.experiment.folder import ExperimentFolder
from cellview.experiment.observer import Observer, SilentObserver
from cellview.experiment.outcome import Outcome, refused, without_wild_type
from cellview.experiment.perform import Session, perform
from cellview.experiment.plan import Point, points_of
from cellview.experiment.provers import Opened, Opener
from cellview.trace import SearchEntry

__all__ = ["run_here"]


async def run_here(
    folder: ExperimentFolder, opener: Opener, *, jobs: int = 1, observer: Observer | None = None
) -> None:
    """Run what is missing of an experiment into its folder.

    Points with a result are not run again, and a trace that was cut short is continued. A statement that the prover
    does not accept costs its own points alone.

    Args:
        folder: The experiment's folder, new or resumed.
        opener: Opens provers.
        jobs: Theorems side by side. Changes the time, never a result.
        observer: Told what happens.

    Raises:
        ToolchainError: Lean cannot be started.
        TraceError: The disk refuses, or a trace to be continued is damaged.
        ReplayError: A trace to be continued was not written by this run.
        ProviderFailedError: The provider of tactics is dead.
    """
    queue = iter(_by_theorem(folder.experiment))
    watching = observer or SilentObserver()
    async with anyio.create_task_group() as tasks:
        for _ in range(min(jobs, len(folder.experiment.corpus.theorems))):
            tasks.start_soon(_work, queue, folder, opener, watching)


def _by_theorem(experiment: Experiment) -> list[tuple[CorpusTheorem, list[Point]]]:
    """Group the points, each wild type before those that wait for it (the plan has them in this order)."""
    grouped: dict[str, tuple[CorpusTheorem, list[Point]]] = {}
    for point in points_of(experiment):
        grouped.setdefault(point.theorem.id, (point.theorem, []))[1].append(point)
    return list(grouped.values())


async def _work(
    queue: Iterator[tuple[CorpusTheorem, list[Point]]], folder: ExperimentFolder, opener: Opener, observer: Observer
) -> None:
    """Take theorems from the shared queue until it is empty; a new prover only where the imports change."""
    imports: tuple[str, ...] | None = None
    opened: Opened | None = None
    async with AsyncExitStack() as open_now:
        for theorem, points in queue:
            if opened is None or theorem.imports != imports:
                await open_now.aclose()
                imports = theorem.imports
                opened = await open_now.enter_async_context(opener(imports))
            session = Session(opened, folder.experiment.setup)
            await _Theorem(folder, session, observer).run(points)


class _Theorem:
    """The points of one theorem, one after the other."""

    def __init__(self, folder: ExperimentFolder, session: Session, observer: Observer) -> None:
        self._folder = folder
        self._session = session
        self._observer = observer
        self._wild: dict[int, Outcome] = {}
        """What the wild type came to in this process, by seed."""
        self._refusal: str | None = None

    async def run(self, points: list[Point]) -> None:
        for point in points:
            await checkpoint()  # so that whoever stops the run at a result gets no further one
            if (known := self._folder.entry_of(point)) is not None:
                self._observer.finished(known, seconds=self._folder.seconds_of(known))
                continue
            started, used = time.monotonic(), self._session.opened.use
            outcome = await self._outcome(point)
            if point.arm.name == "wild_type":
                self._wild[point.seed] = outcome
            seconds = time.monotonic() - started
            use = self._session.opened.use.since(used)
            self._observer.finished(self._folder.keep(outcome, seconds=seconds, use=use), seconds=seconds)
            self._folder.require_a_provider()

    async def _outcome(self, point: Point) -> Outcome:
        setup = self._session.setup
        if self._refusal is not None:
            return refused(point, setup, self._refusal)
        if point.waits_for is not None:
            solution = self._solution(point)
            if solution is None:
                return without_wild_type(point, setup, self._wild_type(point))
            point = point.with_solution(solution)
        outcome = await self._perform(point)
        if outcome.stop_reason == "statement_error":
            self._refusal = outcome.message or ""
            self._observer.note(f"{point.theorem.id}: {self._refusal}")
        return outcome

    def _solution(self, point: Point) -> tuple[str, ...] | None:
        wild = self._wild.get(point.seed)
        if wild is not None:
            return wild.tactics if wild.solved else None
        return self._folder.solution_of(_wild_of(point, self._folder.experiment))

    def _wild_type(self, point: Point) -> Outcome | SearchEntry:
        wild = self._wild.get(point.seed) or self._folder.entry_of(_wild_of(point, self._folder.experiment))
        assert wild is not None, "the wild type comes before the arms that need it"
        return wild

    async def _perform(self, point: Point) -> Outcome:
        total = sum(self._session.setup.search.budget)

        def progress(state: Progress) -> None:
            self._observer.searching(point, iteration=state.iteration + 1, budget=total)

        self._observer.searching(point, iteration=0, budget=total)
        files = self._folder.files_of(point)
        return await perform(point, self._session, files, progress=progress, note=self._observer.note)


def _wild_of(point: Point, experiment: Experiment) -> Point:
    return Point(theorem=point.theorem, arm=experiment.arms[0], seed=point.seed)
