"""Writing commits down: the trace's records, made of an applied ticket and of the tree as it is then."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from cellview.core.commits import Applied
from cellview.prover import Preview
from cellview.schedule import Blocked, Delayed, Peg, Verdict, tactic_norm
from cellview.trace import (
    AbortRecord,
    AttemptOutcome,
    BlockInfo,
    DelayInfo,
    IterationRecord,
    NodeSnapshot,
    RerouteEntry,
    TacticAttempt,
    TacticCandidate,
    TreeSnapshot,
)
from cellview.tree import Node, Tree

__all__ = ["TraceContext", "abort_records", "record", "tree_snapshot"]


class TraceContext:
    """What callers merge into each record: tier, budget of the tier, and who suggested the tactics."""

    __slots__ = ("budget", "provider_id")

    def __init__(self, budget: tuple[int, ...], provider_id: str) -> None:
        self.budget = budget
        self.provider_id = provider_id


def record(
    tree: Tree, applied: Applied, context: TraceContext, *, iteration: int, agent_id: int, tier: int, inflight: int
) -> IterationRecord:
    """Write down an applied ticket, with snapshots of its node and of the tree as they are now."""
    node = applied.node
    result = applied.result
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
        tactics=[TacticCandidate(c.tactic, c.score) for c in result.candidates],
        attempts=_attempts(applied, context.provider_id),
        expanded=applied.expanded,
        terminal_reached=node.is_terminal and applied.reason == "expanded",
        backprop_success=applied.expanded is True,
        tree=tree_snapshot(tree, inflight=inflight),
        block=_block_info(verdict) if isinstance(verdict, Blocked) else UNSET,
        delay=_delay_info(verdict) if isinstance(verdict, Delayed) else UNSET,
        reroute=[_reroute_entry(*skip) for skip in applied.skipped] if applied.skipped else UNSET,
        error=result.message if result.error is not None else UNSET,
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
    for number, attempt in enumerate(applied.result.attempts):
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
