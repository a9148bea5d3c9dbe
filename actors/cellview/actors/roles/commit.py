"""Committing a ticket: apply what a visit brought to the tree, then write it down.

In order of tickets this is the only thing that changes the shared tree. Two steps, because between them a proof may
have to be verified: :func:`apply` and, when that is settled, :func:`record`.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from cellview.actors.roles.core import SearchCore, Ticket
from cellview.actors.roles.visit import GaveUp, Outcome
from cellview.prover import Failure, Preview, Suggestion, Verification
from cellview.schedule import Blocked, Delayed, Peg, Verdict, tactic_norm
from cellview.trace import (
    AbortRecord,
    AttemptOutcome,
    BlockInfo,
    DelayInfo,
    IterationReason,
    IterationRecord,
    NodeSnapshot,
    RerouteEntry,
    TacticAttempt,
    TacticCandidate,
    TreeSnapshot,
)
from cellview.tree import Edge, Node, Tree

__all__ = [
    "UNVERIFIED",
    "Applied",
    "TraceContext",
    "abort_records",
    "apply",
    "apply_visit",
    "record",
    "reject_proof",
    "rejection",
]

UNVERIFIED = "unverified: "
"""Begins the recorded detail of a tactic that completed a proof which was then rejected."""

_UNCHECKED = f"{UNVERIFIED}the check did not run: "


class TraceContext:
    """What callers merge into each record: tier, budget of the tier, and who suggested the tactics."""

    __slots__ = ("budget", "provider_id")

    def __init__(self, budget: tuple[int, ...], provider_id: str) -> None:
        self.budget = budget
        self.provider_id = provider_id


class Applied:
    """What a commit did: all that :func:`record` needs, and the edges that it added."""

    __slots__ = ("details", "edges", "expanded", "node", "outcome", "reason", "skipped", "verdict")

    def __init__(self, node: Node, reason: IterationReason) -> None:
        self.node = node
        self.reason: IterationReason = reason
        self.outcome = Outcome()
        self.expanded: bool | None = None
        self.edges: dict[int, Edge] = {}
        """Accepted edges by number of the attempt."""
        self.details: dict[int, str] = {}
        """Why a preview that worked gave no edge: ``cycle`` or ``unverified``, by number of the attempt."""
        self.verdict: Verdict = None
        self.skipped: Sequence[tuple[Node, Verdict]] = ()

    @property
    def infrastructure_failed(self) -> bool:
        """Whether the prover broke down over the visit, or over the check of the proof that it completed."""
        return self.outcome.error == "adapter" or any(why.startswith(_UNCHECKED) for why in self.details.values())

    @property
    def completed(self) -> Edge | None:
        """The edge that solved the node in this very commit, if one did."""
        solution = self.node.solution
        return solution if solution is not None and solution in self.edges.values() else None


def apply(core: SearchCore, ticket: Ticket) -> Applied:
    """Apply a done ticket's result to the tree and give its reservation back."""
    result = ticket.result
    assert result is not None, f"ticket {ticket.iteration} is not done"
    if isinstance(result, GaveUp):
        *skipped, (node, verdict) = ticket.skipped
        applied = Applied(node, "blocked" if isinstance(verdict, Blocked) else "delayed")
        applied.verdict = verdict
    else:
        skipped = ticket.skipped
        applied = apply_visit(core.tree, core.hand_over(ticket), result)
    applied.skipped = skipped
    return applied


def apply_visit(tree: Tree, node: Node, outcome: Outcome) -> Applied:
    """Apply a visit to its reserved node: release, expand, solved and dead, backpropagate."""
    if tree.closed_by_ancestor(node) is not None:
        tree.release(node)
        # Closed from above, the node itself says neither: its tactics just came to nothing new.
        applied = Applied(node, _reason_of_closed(node))
        applied.outcome, applied.expanded = outcome, False
        return applied
    no_goal = any(isinstance(a.result, Failure) and a.result.reason == "no_goal" for a in outcome.attempts)
    if no_goal:
        tree.set_untried(node, ())
    elif outcome.error != "provider":
        tree.set_untried(node, _left_over(outcome))
    tree.release(node)
    applied = Applied(node, "no_goal" if no_goal else "no_expansion")
    applied.outcome = outcome
    ancestry: set[str] | None = None
    for number, attempt in enumerate(outcome.attempts):
        preview = attempt.result
        if isinstance(preview, Preview):
            if ancestry is None:
                ancestry = tree.ancestry(node)
            edge = tree.expand(node, preview.tactic, preview.children, ancestry)
            if edge is None:
                applied.details[number] = "cycle"
            else:
                applied.edges[number] = edge
    applied.expanded = bool(applied.edges)
    if applied.expanded:
        tree.expansions += 1
        applied.reason = "expanded"
    elif outcome.error is not None:
        applied.reason = "adapter_error" if outcome.error == "adapter" else "provider_error"
    tree.settle(node)
    tree.backpropagate(node, applied.expanded)
    return applied


def _reason_of_closed(node: Node) -> IterationReason:
    return "terminal_node" if node.is_terminal else "dead_node" if node.is_dead else "no_expansion"


def _left_over(outcome: Outcome) -> Sequence[Suggestion]:
    """Candidates that still deserve a try: those not reached, and those on which the prover itself broke down."""
    attempts = outcome.attempts
    if outcome.error is None:
        return outcome.candidates[len(attempts) :]
    broken = [
        candidate
        for candidate, attempt in zip(outcome.candidates, attempts, strict=False)
        if isinstance(attempt.result, Failure) and attempt.result.reason == "adapter"
    ]
    return [*broken, *outcome.candidates[len(attempts) :]]


def reject_proof(tree: Tree, applied: Applied, why: str) -> None:
    """Undo what completed a proof that did not stand up to verification; its attempt is recorded as a failure.

    `why` is the recorded detail: see :func:`rejection`.
    """
    edge = applied.completed
    assert edge is not None, "no edge of this commit completed the proof"
    number = next(n for n, candidate in applied.edges.items() if candidate is edge)
    tree.reject_solution(edge)
    del applied.edges[number]
    applied.details[number] = why
    if not applied.edges:
        applied.expanded = False
        applied.reason = "no_expansion"


def rejection(verification: Verification) -> str:
    """Say why a proof is rejected, as it stands in the record; a check that broke down says nothing of the proof."""
    return f"{_UNCHECKED if verification.broken else UNVERIFIED}{verification.message}"


# -- records -----------------------------------------------------------------------------------------------------------


def record(
    tree: Tree, applied: Applied, context: TraceContext, *, iteration: int, agent_id: int, tier: int, inflight: int
) -> IterationRecord:
    """Write down an applied ticket, with snapshots of its node and of the tree as they are now."""
    node = applied.node
    outcome = applied.outcome
    verdict = applied.verdict
    return IterationRecord(
        event="iteration",
        iteration=iteration,
        reason=applied.reason,
        agent_id=agent_id,
        tier=tier,
        budget=context.budget[tier - 1],
        selected_path=node.path_ids(),
        node=_node_snapshot(node),
        tactics=[TacticCandidate(c.tactic, c.score) for c in outcome.candidates],
        attempts=_attempts(applied, context.provider_id),
        expanded=applied.expanded,
        terminal_reached=node.is_terminal and applied.reason == "expanded",
        backprop_success=applied.expanded is True,
        tree=tree_snapshot(tree, inflight=inflight),
        block=_block_info(verdict) if isinstance(verdict, Blocked) else UNSET,
        delay=_delay_info(verdict) if isinstance(verdict, Delayed) else UNSET,
        reroute=[_reroute_entry(*skip) for skip in applied.skipped] if applied.skipped else UNSET,
        error=outcome.message if outcome.error is not None else UNSET,
    )


def abort_records(
    tree: Tree, context: TraceContext, *, node: Node, iteration: int, agent_id: int, tier: int, inflight: int
) -> tuple[AbortRecord, IterationRecord]:
    """Return the abort marker and the agent's own record of the same iteration, in the order they are written."""
    snapshot = tree_snapshot(tree, inflight=inflight, aborted=True)
    budget = context.budget[tier - 1]
    marker = AbortRecord(event="abort", iteration=iteration, tier=tier, budget=budget, tree=snapshot)
    return marker, IterationRecord(
        event="iteration",
        iteration=iteration,
        reason="abort",
        agent_id=agent_id,
        tier=tier,
        budget=budget,
        selected_path=node.path_ids(),
        node=_node_snapshot(node),
        tactics=[],
        attempts=[],
        expanded=None,
        terminal_reached=False,
        backprop_success=False,
        tree=snapshot,
    )


def tree_snapshot(tree: Tree, *, inflight: int, aborted: bool = False) -> TreeSnapshot:
    """Counts of the whole tree; all are kept, none is computed."""
    return TreeSnapshot(len(tree.nodes), tree.expansions, tree.max_depth, tree.solved, aborted, inflight)


def _node_snapshot(node: Node) -> NodeSnapshot:
    goal = node.goal
    return NodeSnapshot(
        goal.mvar_id,
        goal.goal_type,
        goal.goal_sig,
        goal.goal_sig_strict,
        node.visits,
        node.successes,
        node.is_terminal,
        node.is_dead,
        node.depth,
    )


def _attempts(applied: Applied, provider_id: str) -> list[TacticAttempt]:
    goal = applied.node.goal
    attempts: list[TacticAttempt] = []
    for number, attempt in enumerate(applied.outcome.attempts):
        result = attempt.result
        tactic = attempt.tactic
        ids: list[str] = []
        signatures: list[str] | UnsetType = UNSET
        detail: str | UnsetType = UNSET
        peg_id = peg_kind = block_reason = None
        outcome: AttemptOutcome = "failure"
        if isinstance(result, Preview):
            ids = [child.mvar_id for child in result.children]
            signatures = [child.goal_sig_strict for child in result.children]
            detail = applied.details.get(number, UNSET)
            if detail is UNSET:
                outcome = "success"
        elif isinstance(result, Peg):
            outcome = "blocked"
            peg_id, peg_kind, block_reason = result.peg_id, result.peg_kind, result.block_reason
        else:
            detail = result.reason if result.reason == "tactic" else f"{result.reason}: {result.message}"
        attempts.append(
            TacticAttempt(
                tactic,
                outcome,
                ids,
                attempt.timestamp_ms,
                tactic_norm(tactic),
                goal.goal_sig,
                goal.goal_sig_strict,
                goal.goal_type,
                peg_id,
                peg_kind,
                block_reason,
                provider_id,
                signatures,
                detail,
            )
        )
    return attempts


def _block_info(verdict: Blocked) -> BlockInfo:
    return BlockInfo(verdict.until, verdict.remaining, verdict.duration, verdict.immovable)


def _delay_info(verdict: Delayed) -> DelayInfo:
    return DelayInfo(verdict.until, verdict.remaining, verdict.duration)


def _reroute_entry(node: Node, verdict: Verdict) -> RerouteEntry:
    if isinstance(verdict, Blocked):
        return RerouteEntry(node.goal.mvar_id, "blocked", block=_block_info(verdict))
    assert isinstance(verdict, Delayed), "a node is skipped only when it is blocked or delayed"
    return RerouteEntry(node.goal.mvar_id, "delayed", delay=_delay_info(verdict))
