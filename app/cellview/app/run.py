"""Running a corpus: every theorem under every arm, side by side, into a run's folder.

Theorems are independent, so they may run next to each other, each with a prover process of its own (``jobs``). All of
it stays in one event loop: the work is in Lean and in the providers, and a search's outcome does not depend on what
else runs. A process for each job was rejected: it would need a protocol for tasks, results, progress and stopping, and
gain little while Lean is the slower side.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import anyio
import msgspec

from cellview.app.backend import Backend, OpenBackend
from cellview.app.errors import RunError
from cellview.app.progress import Reporter
from cellview.app.report import Row
from cellview.prover import ProofStep
from cellview.prover.errors import StatementError
from cellview.schedule import TacticIntervention
from cellview.search import Progress, SearchConfig, SearchResult, search
from cellview.search.corpus import Corpus, CorpusTheorem
from cellview.trace import NullTraceWriter, OrderedTraceWriter, RunFolder, RunMetadata, TheoremResult
from cellview.tree import Tree

__all__ = ["MOST_JOBS", "RunPlan", "default_jobs", "execute", "row_of", "tactics_of", "utc_now"]

MOST_JOBS = 8
"""Default limit on theorems side by side: every one has a Lean process of some 150 MB."""


class RunPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run does.

    Args:
        corpus: The theorems.
        arms: The tactic interventions; the wild type first, if it is among them.
        config: The search; its intervention is put in for each arm.
        trace: Whether traces are written. Digests are made either way.
        jobs: Theorems side by side, at least 1.
    """

    corpus: Corpus
    arms: tuple[TacticIntervention, ...]
    config: SearchConfig
    trace: bool
    jobs: int

    @property
    def searches(self) -> int:
        """Number of searches: theorems × arms."""
        return len(self.corpus.theorems) * len(self.arms)


def default_jobs() -> int:
    """Return the number of cores that this process may use, at most :data:`MOST_JOBS`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_JOBS)


async def execute(plan: RunPlan, folder: RunFolder, open_backend: OpenBackend, reporter: Reporter) -> list[Row]:
    """Run the whole plan; return one row for each search, in the order of the corpus and of the arms.

    A statement that Lean does not accept costs its own searches alone: the others go on, and at the end
    :func:`refused` says which it was.

    Raises:
        ToolchainError: Lean cannot be started.
        TraceError: The disk refuses.
    """
    run = _Run(plan, folder, open_backend, reporter)
    folder.update(status="running")
    queue = iter(plan.corpus.theorems)
    async with anyio.create_task_group() as tasks:
        for _ in range(min(plan.jobs, len(plan.corpus.theorems))):
            tasks.start_soon(run.work, queue)
    return run.rows_in_order()


class _Run:
    """One run under way: rows by (theorem, arm), and the folder that they are written to."""

    def __init__(self, plan: RunPlan, folder: RunFolder, open_backend: OpenBackend, reporter: Reporter) -> None:
        self._plan = plan
        self._folder = folder
        self._open_backend = open_backend
        self._reporter = reporter
        self._order = {
            (theorem.id, arm.name): place
            for place, (theorem, arm) in enumerate((t, a) for t in plan.corpus.theorems for a in plan.arms)
        }
        self._rows: dict[tuple[str, str], Row] = {}

    def rows_in_order(self) -> list[Row]:
        return [self._rows[key] for key in sorted(self._rows, key=self._order.__getitem__)]

    async def work(self, queue: Iterator[CorpusTheorem]) -> None:
        """Take theorems from the shared queue until it is empty; a new prover only where the imports change."""
        imports: tuple[str, ...] | None = None
        backend: Backend | None = None
        async with AsyncExitStack() as open_now:
            for theorem in queue:
                if backend is None or theorem.imports != imports:
                    await open_now.aclose()
                    imports = theorem.imports
                    backend = await open_now.enter_async_context(self._open_backend(imports))
                await self._theorem(theorem, backend)

    async def _theorem(self, theorem: CorpusTheorem, backend: Backend) -> None:
        solution: tuple[str, ...] | None = None
        for arm in self._plan.arms:
            if arm.needs_solution and solution is None:
                self._skip(theorem, arm, "no_wild_type_proof")
                continue
            chosen = arm.with_solution(solution) if arm.needs_solution and solution is not None else arm
            started = time.monotonic()
            try:
                result = await self._search(theorem, chosen, backend)
            except StatementError as error:
                self._reporter.note(f"{theorem.id}: {error}")
                for other in self._plan.arms:
                    self._skip(theorem, other, "statement_error")
                return
            if arm.name == "wild_type" and result.solved:
                solution = tactics_of(result)
            self._keep(theorem, arm, result, seconds=time.monotonic() - started)

    async def _search(self, theorem: CorpusTheorem, arm: TacticIntervention, backend: Backend) -> SearchResult:
        name = self._name(theorem, arm)
        total = sum(self._plan.config.budget)

        def progress(state: Progress) -> None:
            self._reporter.searching(name, iteration=state.iteration + 1, budget=total)

        self._reporter.searching(name, iteration=0, budget=total)
        self._folder.make_theorem_folder(theorem.id)
        path = self._folder.trace_path(theorem.id, arm=arm.name)
        with OrderedTraceWriter(path) if self._plan.trace else NullTraceWriter(digest=True) as writer:
            return await search(
                theorem.statement,
                prover=backend.prover,
                provider=backend.provider,
                config=msgspec.structs.replace(self._plan.config, intervention=arm if arm.pegs else None),
                trace=writer,
                progress=progress,
            )

    def _name(self, theorem: CorpusTheorem, arm: TacticIntervention) -> str:
        return theorem.id if len(self._plan.arms) == 1 else f"{theorem.id} ({arm.name})"

    def _keep(self, theorem: CorpusTheorem, arm: TacticIntervention, result: SearchResult, *, seconds: float) -> None:
        self._folder.write_tree(theorem.id, msgspec.json.encode(result.tree_json), arm=arm.name)
        if result.proof is not None:
            self._folder.write_proof(theorem.id, result.proof, arm=arm.name)
        record = TheoremResult(
            theorem=theorem.id,
            arm=arm.name,
            solved=result.solved,
            provable=theorem.provable,
            iterations=result.iterations,
            attempts=result.attempts,
            seconds=round(seconds, 3),
            stop_reason=result.stop_reason,
            proof=result.script,
            digest=result.digest,
            discarded=result.discarded,
            reproducible=result.reproducible,
            not_reproducible_because=() if result.why is None else (result.why,),
        )
        self._enter(theorem, arm, record, result.proof)

    def _skip(self, theorem: CorpusTheorem, arm: TacticIntervention, reason: str) -> None:
        record = TheoremResult(
            theorem=theorem.id,
            arm=arm.name,
            solved=False,
            provable=theorem.provable,
            iterations=0,
            attempts=0,
            seconds=0.0,
            stop_reason=reason,
        )
        self._enter(theorem, arm, record, None)

    def _enter(self, theorem: CorpusTheorem, arm: TacticIntervention, record: TheoremResult, proof: str | None) -> None:
        row = row_of(record, proof)
        self._rows[theorem.id, arm.name] = row
        self._folder.save(self._sorted(self._folder.metadata.with_result(record)))
        self._reporter.finished(self._name(theorem, arm), row)

    def _sorted(self, metadata: RunMetadata) -> RunMetadata:
        """Put the results in the order of the corpus: which theorem was done first is nobody's business."""
        results = sorted(metadata.results, key=lambda result: self._order[result.theorem, result.arm])
        return msgspec.structs.replace(metadata, results=tuple(results))


def row_of(record: TheoremResult, proof: str | None) -> Row:
    """Return the row of a result; `proof` is its Lean source."""
    return Row(
        id=record.theorem,
        solved=record.solved,
        provable=record.provable is True,
        iterations=record.iterations,
        attempts=record.attempts,
        seconds=record.seconds,
        proof=proof,
        digest=record.digest,
        stop_reason=record.stop_reason,
        intervention=msgspec.UNSET if record.arm == "wild_type" else record.arm,
    )


def tactics_of(result: SearchResult) -> tuple[str, ...]:
    """Return the tactics of a result's proof, from the root down."""
    tactics: list[str] = []
    stack = [Tree.from_json(result.tree_json).proof(ProofStep)]
    while stack:
        step = stack.pop()
        tactics.append(step.tactic)
        stack.extend(reversed(step.children))
    return tuple(tactics)


def utc_now() -> str:
    """Return the time as it stands in ``run.json``."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def require_accepted(rows: list[Row], *, corpus: str) -> None:
    """Refuse a run in which Lean did not accept a statement.

    Raises:
        RunError: There is such a statement; the text names the first.
    """
    refused = [row.id for row in rows if row.stop_reason == "statement_error"]
    if refused:
        others = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        raise RunError(f"{corpus}: Lean does not accept the statement of {refused[0]}{others}; its words stand above.")
