"""The centralized baseline: one sequential loop over one tree. No actors, no window, no schedule.

It shares the tree, the rules of a visit and the form of the records with the distributed runner, and nothing of its
tickets or messages, so that it stays what results are compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from cellview.core import (
    Applied,
    ClosedGoals,
    End,
    ProgressCallback,
    SearchRun,
    Visit,
    VisitResult,
    apply_visit,
    ask_provider,
    place_of,
    reject_proof,
    rejection,
    suggestions_left,
    try_tactics,
    verify_proof,
    way_to,
)
from cellview.prover import (
    Goal,
    PathProvider,
    ProofStep,
    Prover,
    ProviderUnusableError,
    Releasing,
    TacticProvider,
    Verification,
    render_script,
)
from cellview.trace import TraceWriter
from cellview.tree import Node

__all__ = ["CentralizedSearch"]


class CentralizedSearch:
    """One search, one step after the other. There is no window, so nothing is ever discarded.

    Args:
        run: The search as it begins, or as its trace has left it.
        statement: What is to be proved.
        prover: Runs the tactics and checks the proof.
        provider: Suggests the tactics.
        trace: Where the records go.
        progress: Told after each commit.
        now_ms: Milliseconds since the search began, for the records' timestamps.
    """

    def __init__(
        self,
        run: SearchRun,
        statement: str,
        *,
        prover: Prover,
        provider: TacticProvider,
        trace: TraceWriter | None,
        progress: ProgressCallback | None,
        now_ms: Callable[[], int],
    ) -> None:
        self._run = run
        self._tree = run.core.tree
        self._memory = run.core.memory(0)
        self._statement = statement
        self._prover = prover
        self._provider = provider
        self._uses_path = isinstance(provider, PathProvider) and provider.uses_path
        self._trace = trace
        self._progress = progress
        self._now_ms = now_ms
        self._verification: Verification | None = None
        self._closed = ClosedGoals()

    async def run(self) -> End:
        """Search until the theorem is solved, the budget is spent, nothing is left, or the caller aborts."""
        core, tree = self._run.core, self._tree
        while core.committed < core.budget:
            iteration = core.committed
            node = self._memory.choose(tree, iteration)
            if node is None:
                return End("exhausted", self._verification)
            tree.reserve(node)
            self._memory.remember(node)
            applied = apply_visit(tree, node, await self._visit(node, iteration))
            await self._verify(applied)
            core.committed += 1
            self._write(applied, iteration)
            if isinstance(self._prover, Releasing) and not tree.solved and (idle := self._closed.take(node)):
                await self._prover.release(idle)
            aborted = self._report(applied, iteration)
            if tree.solved:
                return End("solved", self._verification)
            if self._run.provider_is_dead:
                return End("provider_error", self._verification)
            if tree.dead:
                return End("exhausted", self._verification)
            if aborted and core.committed < core.budget:  # at the very end there is nothing to abort
                self._abort()
                return End("aborted", self._verification)
        return End("budget", self._verification)

    async def _visit(self, node: Node, iteration: int) -> VisitResult:
        config = self._run.config
        goal = cast("Goal", node.goal)
        pegged = config.intervention is not None and bool(config.intervention.pegs)
        place = place_of(node) if pegged or self._uses_path else None
        candidates = suggestions_left(node)
        if candidates is None:
            try:
                suggestions = await ask_provider(self._provider, goal, place)
                order = self._run.order
                candidates = order.arrange(suggestions, node_key=node.structural_key() if order.draws else "")
            except Exception as failure:  # contained, as in the agents
                fatal = isinstance(failure, ProviderUnusableError)
                return VisitResult(error="provider", message=f"{type(failure).__name__}: {failure}", fatal=fatal)
        visit = Visit(
            candidates,
            max_tactics=config.max_tactics,
            intervention=config.intervention,
            place=place,
            seed=config.seed,
        )
        stop_at_success = config.tree.expansion == "first-success"
        tried, error = await try_tactics(
            self._prover,
            goal.mvar_id,
            visit.asked,
            iteration=iteration,
            via=way_to(node),
            stop_at_success=stop_at_success,
            now_ms=self._now_ms,
            retries=config.adapter_retries,
        )
        return visit.result(tried, error=error, stop_at_success=stop_at_success)

    async def _verify(self, applied: Applied) -> None:
        while self._tree.solved:
            script = render_script(self._tree.proof(ProofStep))
            self._verification = await verify_proof(
                self._prover, self._statement, script, retries=self._run.config.adapter_retries
            )
            if self._verification.ok:
                return
            reject_proof(self._tree, applied, rejection(self._verification))

    def _write(self, applied: Applied, iteration: int) -> None:
        record = self._run.record(applied, iteration=iteration, agent_id=0, provider_id=self._provider.provider_id)
        if self._trace is not None:
            self._trace.write(record)

    def _report(self, applied: Applied, iteration: int) -> bool:
        """Tell the caller of a commit; whether the answer was to abort."""
        if self._progress is None:
            return False
        return self._progress(self._run.report(iteration, applied.reason)) == "abort"

    def _abort(self) -> None:
        """Write the marker and the record of the iteration that would be next."""
        if self._trace is not None:
            iteration = self._run.core.committed
            self._trace.write_many(self._run.abort(iteration, node=None, provider_id=self._provider.provider_id))
