"""The centralized baseline: one sequential loop over one tree. No actors, no window, no schedule.

It shares the rules of the tree and the form of the records with the distributed runner, and nothing else, so that it
stays what results are compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from cellview.actors.roles import (
    Applied,
    Attempted,
    End,
    Outcome,
    Place,
    Progress,
    ProgressCallback,
    TraceContext,
    abort_records,
    apply_visit,
    order_candidates,
    peg_candidates,
    record,
    reject_proof,
    rejection,
    tie_salt,
    try_tactics,
    verify_proof,
)
from cellview.prover import (
    Failure,
    Goal,
    Preview,
    ProofStep,
    Prover,
    Suggestion,
    TacticProvider,
    Verification,
    render_script,
)
from cellview.search.config import SearchConfig
from cellview.search.replay import Replay
from cellview.trace import TraceWriter
from cellview.tree import Node

__all__ = ["CentralizedSearch"]


class CentralizedSearch:
    """One search, one step after the other.

    Attributes:
        tree: The proof tree.
        iterations: Iterations committed.
        attempts: Tactics tried in them.
        adapter_errors: Iterations in which the prover's infrastructure failed.
    """

    discarded = 0
    """There is no window, so nothing is ever discarded."""

    def __init__(
        self,
        root: Goal,
        statement: str,
        *,
        prover: Prover,
        provider: TacticProvider,
        config: SearchConfig,
        trace: TraceWriter | None,
        progress: ProgressCallback | None,
        now_ms: Callable[[], int],
        resumed: Replay | None = None,
    ) -> None:
        # A search that goes on from its trace starts with what the replay has built; a new one replays nothing.
        start = resumed if resumed is not None else Replay(config, root)
        self.tree = start.core.tree
        self.iterations = start.core.committed
        self.attempts = start.attempts
        self.adapter_errors = start.adapter_errors
        self._statement = statement
        self._prover = prover
        self._provider = provider
        self._config = config
        self._trace = trace
        self._progress = progress
        self._now_ms = now_ms
        self._context = TraceContext(config.budget, provider.provider_id)
        self._memory = start.core.memory(0)
        self._verification: Verification | None = None

    async def run(self) -> End:
        """Search until the theorem is solved, the budget is spent, nothing is left, or the caller aborts."""
        tree = self.tree
        end = 0
        for tier, tier_budget in enumerate(self._config.budget, start=1):
            end += tier_budget
            while self.iterations < end:
                iteration = self.iterations
                node = self._memory.choose(tree, tie_salt(self._config.seed, 0, iteration))
                if node is None:
                    return End("exhausted", self._verification)
                tree.reserve(node)
                self._memory.remember(node)
                applied = apply_visit(tree, node, await self._visit(node, iteration))
                await self._verify(applied)
                self.iterations += 1
                self.attempts += len(applied.outcome.attempts)
                self.adapter_errors += applied.infrastructure_failed
                self._record(applied, iteration, tier)
                aborted = self._report(applied, iteration, tier, tier_budget)
                if tree.solved:
                    return End("solved", self._verification)
                if tree.dead:
                    return End("exhausted", self._verification)
                if aborted and self.iterations < sum(self._config.budget):  # at the very end there is nothing to abort
                    self._abort(tier + (self.iterations == end))
                    return End("aborted", self._verification)
        return End("budget", self._verification)

    async def _visit(self, node: Node, iteration: int) -> Outcome:
        goal = cast("Goal", node.goal)
        candidates = cast("Sequence[Suggestion] | None", node.untried)
        if candidates is None:
            try:
                candidates = order_candidates(await self._provider.suggest(goal))
            except Exception as failure:  # contained, as in the agents
                return Outcome(error="provider", message=f"{type(failure).__name__}: {failure}")
        config = self._config
        within = candidates[: config.max_tactics]
        pegs = peg_candidates(within, config.intervention, self._place(node, goal))
        edge = node.parent
        attempts: list[Attempted] = []
        error: str | None = None
        for number, candidate in enumerate(within):
            if number in pegs:
                attempts.append(Attempted(candidate.tactic, pegs[number], self._now_ms()))
                continue
            tried, error = await try_tactics(
                self._prover,
                goal.mvar_id,
                [(number, candidate.tactic)],
                iteration=iteration,
                via=Preview(edge.parent.goal.mvar_id, edge.tactic, cast("tuple[Goal, ...]", edge.subgoals()))
                if edge is not None
                else None,
                stop_at_success=False,
                now_ms=self._now_ms,
                retries=config.adapter_retries,
            )
            attempts.extend(tried)
            if error is not None or _ends_visit(tried[-1], config):
                break
        return Outcome(candidates, attempts, "adapter" if error is not None else None, error or "")

    def _place(self, node: Node, goal: Goal) -> Place | None:
        intervention = self._config.intervention
        if intervention is None or not intervention.pegs:
            return None
        types = tuple(hypothesis.type for hypothesis in goal.hypotheses)
        return Place(node.structural_key(), node.depth, tuple(node.tactics()), goal.goal_type, types)

    async def _verify(self, applied: Applied) -> None:
        while self.tree.solved:
            script = render_script(self.tree.proof(ProofStep))
            self._verification = await verify_proof(
                self._prover, self._statement, script, retries=self._config.adapter_retries
            )
            if self._verification.ok:
                return
            reject_proof(self.tree, applied, rejection(self._verification))

    def _record(self, applied: Applied, iteration: int, tier: int) -> None:
        if self._trace is not None:
            self._trace.write(
                record(self.tree, applied, self._context, iteration=iteration, agent_id=0, tier=tier, inflight=0)
            )

    def _report(self, applied: Applied, iteration: int, tier: int, budget: int) -> bool:
        """Tell the caller of a commit; whether the answer was to abort."""
        if self._progress is None:
            return False
        tree = self.tree
        state = Progress(
            iteration, applied.reason, tier, budget, len(tree.nodes), tree.expansions, tree.max_depth, 0, tree.solved
        )
        return self._progress(state) == "abort"

    def _abort(self, tier: int) -> None:
        """Write the marker and the record of the iteration that would be next, which lies in this tier."""
        if self._trace is not None:
            tree = self.tree
            self._trace.write_many(
                abort_records(
                    tree, self._context, node=tree.root, iteration=self.iterations, agent_id=0, tier=tier, inflight=0
                )
            )


def _ends_visit(attempt: Attempted, config: SearchConfig) -> bool:
    """Whether a visit tries no further tactic after this one."""
    result = attempt.result
    if isinstance(result, Preview):
        return config.tree.expansion == "first-success" or not result.children
    return isinstance(result, Failure) and result.reason == "no_goal"
