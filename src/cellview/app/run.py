"""Running a corpus: every theorem under every arm, side by side, into a run's folder.

Theorems are independent, so they may run next to each other, each with a prover process of its own (``jobs``). All of
it stays in one event loop: the work is in Lean and in the providers, and a search's outcome does not depend on what
else runs. A process for each job was rejected: it would need a protocol for tasks, results, progress and stopping, and
gain little while Lean is the slower side.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import anyio
import msgspec

from cellview.app.backend import Backend, OpenBackend
from cellview.app.errors import RunError
from cellview.app.plan import RunPlan
from cellview.app.progress import Reporter
from cellview.app.report import Row
from cellview.prover import ProofStep
from cellview.prover.errors import StatementError
from cellview.schedule import WILD_TYPE, TacticIntervention
from cellview.search import Progress, SearchResult, search
from cellview.search.corpus import CorpusTheorem
from cellview.trace import (
    NullTraceWriter,
    OrderedTraceWriter,
    Record,
    RunFolder,
    RunMetadata,
    TheoremResult,
    TraceWriter,
    resume_point,
)
from cellview.tree import Tree

__all__ = ["execute", "require_accepted", "row_of", "tactics_of", "utc_now"]


async def execute(plan: RunPlan, folder: RunFolder, open_backend: OpenBackend, reporter: Reporter) -> list[Row]:
    """Run the whole plan; return one row for each search, in the order of the corpus and of the arms.

    What the folder holds already is taken from there: searches with a result are not run again, and a trace that was
    cut short is continued. A statement that Lean does not accept costs its own searches alone: the others go on, and
    :func:`require_accepted` says at the end which it was.

    Raises:
        ToolchainError: Lean cannot be started.
        TraceError: The disk refuses, or a trace to be continued is damaged.
        ReplayError: A trace to be continued was not written by this run.
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
            if (done := self._folder.metadata.result_of(theorem.id, arm=arm.name)) is not None:
                self._take_over(theorem, arm, done)
                if arm.name == WILD_TYPE.name and done.solved:
                    solution = tactics_of(self._stored_tree(theorem, arm))
                continue
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
            if arm.name == WILD_TYPE.name and result.solved:
                solution = tactics_of(result.tree)
            self._keep(theorem, arm, result, seconds=time.monotonic() - started)

    async def _search(self, theorem: CorpusTheorem, arm: TacticIntervention, backend: Backend) -> SearchResult:
        name = self._name(theorem, arm)
        total = sum(self._plan.config.budget)

        def progress(state: Progress) -> None:
            self._reporter.searching(name, iteration=state.iteration + 1, budget=total)

        self._reporter.searching(name, iteration=0, budget=total)
        before, writer = self._trace(theorem, arm)
        with contextlib.closing(writer):
            return await search(
                theorem.statement,
                prover=backend.prover,
                provider=backend.provider,
                config=msgspec.structs.replace(self._plan.config, intervention=arm if arm.pegs else None),
                trace=writer,
                progress=progress,
                resume_from=before,
            )

    def _trace(self, theorem: CorpusTheorem, arm: TacticIntervention) -> tuple[Sequence[Record] | None, TraceWriter]:
        """Return the records that are there from before (``None``: it is a new search), and the writer."""
        if not self._plan.trace:
            return None, NullTraceWriter(digest=True)
        self._folder.make_theorem_folder(theorem.id)
        path = self._folder.trace_path(theorem.id, arm=arm.name)
        if not path.exists():
            return None, OrderedTraceWriter(path)
        point = resume_point(path)
        if point.recovery.torn is not None:
            self._reporter.note(f"{path}: {point.recovery.torn}; it was cut, and the search goes on before it.")
        return point.records or None, OrderedTraceWriter(path, resume=True)

    def _stored_tree(self, theorem: CorpusTheorem, arm: TacticIntervention) -> Tree:
        return Tree.from_json(msgspec.json.decode(self._folder.tree_path(theorem.id, arm=arm.name).read_bytes()))

    def _take_over(self, theorem: CorpusTheorem, arm: TacticIntervention, done: TheoremResult) -> None:
        """Keep the result of a search that was over before the run was cut short."""
        path = self._folder.proof_path(theorem.id, arm=arm.name)
        row = row_of(done, path.read_text(encoding="utf-8") if done.solved else None)
        self._rows[theorem.id, arm.name] = row
        self._reporter.finished(self._name(theorem, arm), row)

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
        provable=record.provable,
        iterations=record.iterations,
        attempts=record.attempts,
        seconds=record.seconds,
        proof=proof,
        digest=record.digest,
        stop_reason=record.stop_reason,
        intervention=msgspec.UNSET if record.arm == WILD_TYPE.name else record.arm,
    )


def tactics_of(tree: Tree) -> tuple[str, ...]:
    """Return the tactics of a solved tree's proof, from the root down: what some controls spare."""
    tactics: list[str] = []
    stack = [tree.proof(ProofStep)]
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
