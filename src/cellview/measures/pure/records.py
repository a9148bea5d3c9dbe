"""Measures that need a trace's records alone, in the form that the measures of :mod:`.collective` take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec
from msgspec import UNSET

from cellview.measures.pure.collective import Attempt, Visit
from cellview.trace import IterationRecord, Record, attempt_kind, is_iteration, was_given_up

__all__ = [
    "Met",
    "Shares",
    "attempts_of",
    "expanded_of",
    "first_obstacle",
    "longest_given_up",
    "mean_inflight",
    "met_nodes",
    "obsolete_at_least",
    "shares_of_agents",
    "visits_of",
]


class Met(msgspec.Struct, frozen=True):
    """The nodes that a search met, and those of them that were frozen when met."""

    met: int
    frozen: int
    root_frozen: bool

    @property
    def fraction(self) -> float | None:
        """Realised fraction of frozen nodes; ``None`` if no node was met."""
        return self.frozen / self.met if self.met else None


class Shares(msgspec.Struct, frozen=True):
    """What each agent did, by agent. (Iterations are equal by design, and so no finding.)"""

    tried: dict[int, int]
    expansions: dict[int, int]


def iterations_of(records: Iterable[Record]) -> list[IterationRecord]:
    """Return the records that are iterations: no abort's."""
    return [record for record in records if isinstance(record, IterationRecord) and is_iteration(record)]


def attempts_of(records: Iterable[Record]) -> list[Attempt]:
    """Return all attempts in order, for :func:`~cellview.measures.duplicates`."""
    return [
        (
            record.iteration,
            record.agent_id,
            attempt.goal_sig_strict,
            attempt.tactic_norm,
            attempt_kind(attempt) == "tried",
        )
        for record in iterations_of(records)
        for attempt in record.attempts
    ]


def visits_of(records: Iterable[Record]) -> list[Visit]:
    """Return a visit for each ticket, for :func:`~cellview.measures.aggregation`; given-up tickets visit nothing."""
    visits: list[Visit] = []
    for record in iterations_of(records):
        path = record.selected_path
        parent = path[-2] if len(path) > 1 else None
        visits.append((record.agent_id, None, None) if was_given_up(record) else (record.agent_id, path[-1], parent))
    return visits


def expanded_of(records: Iterable[Record]) -> list[bool]:
    """Return whether each iteration expanded, for :func:`~cellview.measures.structural_staleness`."""
    return [record.expanded is True for record in iterations_of(records)]


def shares_of_agents(records: Iterable[Record], agents: int) -> Shares:
    """Return tactics tried and expansions by agent, agents without any included."""
    tried: Counter[int] = Counter()
    expansions: Counter[int] = Counter()
    for record in iterations_of(records):
        tried[record.agent_id] += sum(attempt_kind(attempt) == "tried" for attempt in record.attempts)
        expansions[record.agent_id] += record.expanded is True
    return Shares(
        {agent: tried[agent] for agent in range(agents)}, {agent: expansions[agent] for agent in range(agents)}
    )


def obsolete_at_least(records: Iterable[Record]) -> int:
    """Return how many visits were obsolete for sure: their branch was closed when they were committed.

    A lower bound; :func:`~cellview.measures.observe` is exact.
    """
    return sum(
        record.reason in ("terminal_node", "dead_node")
        or (record.expanded is False and any(attempt.outcome == "success" for attempt in record.attempts))
        for record in iterations_of(records)
    )


def met_nodes(records: Iterable[Record]) -> Met:
    """Return how many nodes a search met, and how many of them frozen: the realised dose of a block policy."""
    met: set[str] = set()
    frozen: set[str] = set()
    root: str | None = None
    for record in iterations_of(records):
        root = record.selected_path[0]
        met.add(record.node.mvar_id)
        if record.reason == "blocked":
            frozen.add(record.node.mvar_id)
        for entry in record.reroute if record.reroute is not UNSET else ():
            met.add(entry.mvar_id)
            if entry.reason == "blocked":
                frozen.add(entry.mvar_id)
    return Met(len(met), len(frozen), root in frozen)


def longest_given_up(records: Iterable[Record]) -> int:
    """Return the longest run of tickets that were given up: a search that starves shows it here."""
    runs = groupby(was_given_up(record) for record in iterations_of(records))
    return max((sum(1 for _ in run) for given_up, run in runs if given_up), default=0)


def first_obstacle(records: Iterable[Record]) -> int | None:
    """Return the first iteration that met a frozen or delayed node, or ``None``."""
    for record in iterations_of(records):
        if was_given_up(record) or (record.reroute is not UNSET and record.reroute):
            return record.iteration
    return None


def mean_inflight(records: Sequence[Record], *, window: int, budget: int) -> float | None:
    """Return the mean number of visits under way: logical concurrency, not physical.

    That of the record is counted in. When the budget ran out, the last window less one iterations are left out: tickets
    behind the budget hold reservations that nobody works on.

    Args:
        records: The trace.
        window: The search's window.
        budget: Iterations of all tiers together.

    Returns:
        ``None`` without an iteration.
    """
    iterations = iterations_of(records)
    spent = len(iterations) >= budget
    kept = [record for record in iterations if not spent or record.iteration < budget - window + 1]
    return sum(record.tree.inflight + (not was_given_up(record)) for record in kept) / len(kept) if kept else None
