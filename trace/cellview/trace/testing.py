"""Sample traces for tests and examples: made up, but keeping the whole contract, every reason included."""

from __future__ import annotations

from random import Random
from typing import Literal

from msgspec import UNSET

from cellview.trace.records import (
    AbortRecord,
    BlockInfo,
    DelayInfo,
    IterationReason,
    IterationRecord,
    NodeSnapshot,
    Record,
    RerouteEntry,
    TacticAttempt,
    TacticCandidate,
    TreeSnapshot,
)

__all__ = ["sample_trace"]

_REASONS: tuple[IterationReason, ...] = (
    "expanded",
    "no_expansion",
    "blocked",
    "delayed",
    "terminal_node",
    "dead_node",
    "no_goal",
    "adapter_error",
    "provider_error",
)


def sample_trace(count: int, *, seed: int = 0, agents: int = 4, aborted: bool = False) -> list[Record]:
    """Return the records of a made-up search: `count` iterations from 0, in two tiers, every reason in turn.

    Args:
        count: Iterations.
        seed: Another seed gives another trace; the same seed the same one.
        agents: Iteration ``t`` belongs to agent ``t mod agents``.
        aborted: Whether the last iteration is an abort, with its marker before it.
    """
    random = Random(seed)
    records: list[Record] = []
    nodes, expansions, max_depth = 1, 0, 5
    for iteration in range(count):
        reason = "abort" if aborted and iteration == count - 1 else _REASONS[iteration % len(_REASONS)]
        if reason == "expanded":
            nodes, expansions = nodes + 2, expansions + 1
        tree = TreeSnapshot(nodes + 5, expansions, max_depth, False, reason == "abort", random.randrange(4))
        tier, budget = (1, 10) if iteration < 10 else (2, 50)
        if reason == "abort":
            records.append(AbortRecord(event="abort", iteration=iteration, tier=tier, budget=budget, tree=tree))
        records.append(_record(random, iteration, reason, iteration % agents, tier, budget, tree))
    return records


def _record(
    random: Random, iteration: int, reason: IterationReason, agent: int, tier: int, budget: int, tree: TreeSnapshot
) -> IterationRecord:
    path = ["cp0:_uniq.1", *(f"cp{depth}:_uniq.{random.randrange(100)}" for depth in range(1, random.randrange(1, 5)))]
    goal = f"p → q{random.randrange(9)}"
    visits = random.randrange(1, 9)
    node = NodeSnapshot(
        path[-1], goal, f"sig_{len(goal)}", f"strict_{len(goal)}", visits, visits // 2, reason == "terminal_node",
        reason == "dead_node", len(path) - 1,
    )  # fmt: skip
    tried = reason in {"expanded", "no_expansion", "adapter_error"}
    attempts = _attempts(random, iteration, node, success=reason == "expanded") if tried else []
    return IterationRecord(
        event="iteration",
        iteration=iteration,
        reason=reason,
        agent_id=agent,
        tier=tier,
        budget=budget,
        selected_path=path,
        node=node,
        tactics=[TacticCandidate(attempt.tactic, 1 / (index + 1)) for index, attempt in enumerate(attempts)],
        attempts=attempts,
        expanded={"expanded": True, "no_expansion": False}.get(reason),
        terminal_reached=False,
        backprop_success=reason == "expanded",
        tree=tree,
        block=_block(random, iteration) if reason == "blocked" else UNSET,
        delay=_delay(iteration) if reason == "delayed" else UNSET,
        reroute=[_reroute(random, iteration, "blocked"), _reroute(random, iteration, "delayed")]
        if iteration % 7 == 0
        else UNSET,
        error="no answer in three tries" if reason in {"adapter_error", "provider_error"} else UNSET,
    )


def _attempts(random: Random, iteration: int, node: NodeSnapshot, *, success: bool) -> list[TacticAttempt]:
    attempts: list[TacticAttempt] = []
    outcomes: list[Literal["success", "failure", "blocked"]] = ["failure", "blocked"]
    for index, outcome in enumerate([*outcomes, "success"] if success else outcomes):
        children = [f"cp{iteration * 1000 + index + 1}:_uniq.7"] if outcome == "success" else []
        blocked = outcome == "blocked"
        attempts.append(
            TacticAttempt(
                tactic=f"tac{index}  h",
                outcome="success" if outcome == "success" else "blocked" if blocked else "failure",
                child_mvar_ids=children,
                timestamp_ms=random.randrange(10_000),
                tactic_norm=f"tac{index} h",
                goal_sig=node.goal_sig,
                goal_sig_strict=node.goal_sig_strict,
                goal_type=node.goal_type,
                peg_id="block_tac1" if blocked else None,
                peg_kind="head" if blocked else None,
                block_reason="head tac1" if blocked else None,
                provider_id="sample",
                child_sigs_strict=[f"strict_{child}" for child in children],
            )
        )
    return attempts


def _block(random: Random, iteration: int) -> BlockInfo:
    if random.random() < 0.3:
        return BlockInfo(-1, None, 20, True)
    return BlockInfo(iteration + 6, 6, 20, False)


def _delay(iteration: int) -> DelayInfo:
    return DelayInfo(iteration + 2, 2, 5)


def _reroute(random: Random, iteration: int, reason: Literal["blocked", "delayed"]) -> RerouteEntry:
    mvar = f"cp9:{reason}.{random.randrange(100)}"
    if reason == "blocked":
        return RerouteEntry(mvar, reason, block=_block(random, iteration))
    return RerouteEntry(mvar, reason, delay=_delay(iteration))
