"""What a trace says in numbers: reasons, in-flight averages, agents, attempts, interventions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import UNSET

from cellview.trace.clocks import attempt_kind, is_iteration, was_given_up
from cellview.trace.reader import TornLine, TraceReader
from cellview.trace.records import AbortRecord, IterationRecord, Record

__all__ = ["AgentSummary", "TraceSummary", "summarize", "summarize_records"]


class AgentSummary(msgspec.Struct, frozen=True):
    """One agent's share."""

    iterations: int
    given_up: int
    """Iterations that ended without a visit, at a blocked or delayed node."""
    expanded: int
    tried: int
    """Tactics that reached the prover."""
    held_back: int
    """Tactics that an intervention held back."""


class TraceSummary(msgspec.Struct, frozen=True):
    """The numbers of one trace. Keys are sorted, so that equal traces give equal summaries."""

    iterations: int
    """Iterations committed; the record of an abort is none."""
    first_iteration: int | None
    last_iteration: int | None
    solved: bool
    aborted: bool
    reasons: dict[str, int]
    """Records by reason, that of an abort included."""
    average_inflight: dict[str, float]
    """Mean of ``tree.inflight`` by reason: reservations that other tickets held."""
    mean_inflight: float | None
    """Visits under way, that of the record included, on average; logical concurrency, not physical.

    With the window known, iterations whose successors were parked behind the spent budget are left out, since nobody
    worked on those. ``None`` without an iteration.
    """
    agents: dict[int, AgentSummary]
    tiers: dict[int, int]
    """Iterations by tier, where records say one."""
    given_up: int
    """Iterations that ended without a visit, at a blocked or delayed node."""
    attempts: dict[str, int]
    """Attempts by outcome."""
    tried: int
    """Attempts that reached the prover: neither held back nor refused by the filter."""
    pegs: dict[str, int]
    """Blocked attempts by `peg_id`."""
    nodes: int
    expansions: int
    max_depth: int
    """The last three are the tree's, as of the last record."""
    rerouted: int
    """Iterations that went round a blocked or delayed node and visited another."""
    rerouted_in_vain: int
    """Iterations that tried to, met nothing better, and were given up."""
    reroutes: dict[str, int]
    """Nodes skipped in iterations of both kinds, by why."""
    abort_markers: int
    torn: TornLine | None = None
    """The torn last line that was left out, if there was one."""


def summarize(path: str | Path, *, window: int | None = None) -> TraceSummary:
    """Return the summary of a trace file. A torn last line is left out and named in the summary.

    Args:
        path: The trace.
        window: The search's window (``--mcts-inflight``), which a trace does not say.

    Raises:
        TraceError: The file cannot be read.
        DamagedLineError: A line before the last is not a record.
    """
    reader = TraceReader(path)
    summary = summarize_records(reader, window=window)
    return msgspec.structs.replace(summary, torn=reader.torn)


def summarize_records(records: Iterable[Record], *, window: int | None = None) -> TraceSummary:
    """Return the summary of records, in the order of the file. `window` as for :func:`summarize`."""
    counts = _Counts(window)
    for record in records:
        if isinstance(record, AbortRecord):
            counts.abort_markers += 1
        else:
            counts.add(record)
        counts.last = record
    return counts.summary()


class _Counts:
    def __init__(self, window: int | None) -> None:
        self.window = window
        self.first: int | None = None
        self.last: Record | None = None
        self.last_iteration: int | None = None
        self.abort_markers = 0
        self.rerouted = 0
        self.in_vain = 0
        self.under_way: list[int] = []
        self.budgets: dict[int, int] = {}
        self.reasons: Counter[str] = Counter()
        self.inflight: Counter[str] = Counter()
        self.agents: Counter[int] = Counter()
        self.expanded: Counter[int] = Counter()
        self.given_up: Counter[int] = Counter()
        self.tried: Counter[int] = Counter()
        self.held_back: Counter[int] = Counter()
        self.tiers: Counter[int] = Counter()
        self.attempts: Counter[str] = Counter()
        self.pegs: Counter[str] = Counter()
        self.reroutes: Counter[str] = Counter()

    def add(self, record: IterationRecord) -> None:
        self.reasons[record.reason] += 1
        self.inflight[record.reason] += record.tree.inflight
        if not is_iteration(record):
            return
        if self.first is None:
            self.first = record.iteration
        self.last_iteration = record.iteration
        given_up = was_given_up(record)
        self.under_way.append(record.tree.inflight + (not given_up))
        self.agents[record.agent_id] += 1
        self.given_up[record.agent_id] += given_up
        self.expanded[record.agent_id] += record.expanded is True
        if record.tier is not UNSET:
            self.tiers[record.tier] += 1
            if record.budget is not UNSET:
                self.budgets[record.tier] = record.budget
        self.add_attempts(record)
        if record.reroute is not UNSET and record.reroute:
            self.rerouted += not given_up
            self.in_vain += given_up
            self.reroutes.update(entry.reason for entry in record.reroute)

    def add_attempts(self, record: IterationRecord) -> None:
        for attempt in record.attempts:
            self.attempts[attempt.outcome] += 1
            kind = attempt_kind(attempt)
            self.tried[record.agent_id] += kind == "tried"
            self.held_back[record.agent_id] += kind == "held_back"
            if attempt.peg_id is not None:
                self.pegs[attempt.peg_id] += 1

    def mean_inflight(self) -> float | None:
        counted = self.under_way
        # The budget is spent when all tiers that were begun are: a search that goes on begins the next.
        spent = bool(self.budgets) and len(counted) >= sum(self.budgets.values())
        if self.window is not None and spent:
            counted = counted[: max(0, len(counted) - self.window + 1)]
        return sum(counted) / len(counted) if counted else None

    def share_of(self, agent: int) -> AgentSummary:
        return AgentSummary(
            self.agents[agent],
            self.given_up[agent],
            self.expanded[agent],
            self.tried[agent],
            self.held_back[agent],
        )

    def summary(self) -> TraceSummary:
        tree = None if self.last is None else self.last.tree
        return TraceSummary(
            iterations=self.agents.total(),
            first_iteration=self.first,
            last_iteration=self.last_iteration,
            solved=tree is not None and tree.solved,
            aborted=tree is not None and tree.aborted,
            reasons=_sorted(self.reasons),
            average_inflight={reason: self.inflight[reason] / self.reasons[reason] for reason in sorted(self.reasons)},
            mean_inflight=self.mean_inflight(),
            agents={agent: self.share_of(agent) for agent in sorted(self.agents)},
            tiers={tier: self.tiers[tier] for tier in sorted(self.tiers)},
            given_up=self.given_up.total(),
            attempts=_sorted(self.attempts),
            tried=self.tried.total(),
            pegs=_sorted(self.pegs),
            nodes=0 if tree is None else tree.nodes,
            expansions=0 if tree is None else tree.expansions,
            max_depth=0 if tree is None else tree.max_depth,
            rerouted=self.rerouted,
            rerouted_in_vain=self.in_vain,
            reroutes=_sorted(self.reroutes),
            abort_markers=self.abort_markers,
        )


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return {key: counter[key] for key in sorted(counter)}
