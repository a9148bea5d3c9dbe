"""What a trace says in numbers: reasons, in-flight averages, agents, attempts, interventions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import UNSET

from cellview.trace.reader import TornLine, TraceReader
from cellview.trace.records import AbortRecord, IterationRecord, Record

__all__ = ["AgentSummary", "TraceSummary", "summarize", "summarize_records"]


class AgentSummary(msgspec.Struct, frozen=True):
    """One agent's share."""

    iterations: int
    expanded: int
    attempts: int


class TraceSummary(msgspec.Struct, frozen=True):
    """The numbers of one trace. Keys are sorted, so that equal traces give equal summaries."""

    iterations: int
    first_iteration: int | None
    last_iteration: int | None
    solved: bool
    aborted: bool
    reasons: dict[str, int]
    """Iterations by reason."""
    average_inflight: dict[str, float]
    """Mean of ``tree.inflight`` by reason."""
    agents: dict[int, AgentSummary]
    tiers: dict[int, int]
    """Iterations by tier, where records say one."""
    attempts: dict[str, int]
    """Attempts by outcome."""
    pegs: dict[str, int]
    """Blocked attempts by `peg_id`."""
    nodes: int
    expansions: int
    max_depth: int
    """The last three are the tree's, as of the last record."""
    rerouted: int
    """Iterations with a reroute trail."""
    reroutes: dict[str, int]
    """Nodes skipped on those trails, by why."""
    abort_markers: int
    torn: TornLine | None = None
    """The torn last line that was left out, if there was one."""


def summarize(path: str | Path) -> TraceSummary:
    """Return the summary of a trace file. A torn last line is left out and named in the summary.

    Raises:
        TraceError: The file cannot be read.
        DamagedLineError: A line before the last is not a record.
    """
    reader = TraceReader(path)
    summary = summarize_records(reader)
    return msgspec.structs.replace(summary, torn=reader.torn)


def summarize_records(records: Iterable[Record]) -> TraceSummary:
    """Return the summary of records, in the order of the file."""
    counts = _Counts()
    for record in records:
        if isinstance(record, AbortRecord):
            counts.abort_markers += 1
        else:
            counts.add(record)
        counts.last = record
    return counts.summary()


class _Counts:
    def __init__(self) -> None:
        self.first: int | None = None
        self.last: Record | None = None
        self.last_iteration: int | None = None
        self.abort_markers = 0
        self.rerouted = 0
        self.reasons: Counter[str] = Counter()
        self.inflight: Counter[str] = Counter()
        self.agents: Counter[int] = Counter()
        self.expanded: Counter[int] = Counter()
        self.tries: Counter[int] = Counter()
        self.tiers: Counter[int] = Counter()
        self.attempts: Counter[str] = Counter()
        self.pegs: Counter[str] = Counter()
        self.reroutes: Counter[str] = Counter()

    def add(self, record: IterationRecord) -> None:
        if self.first is None:
            self.first = record.iteration
        self.last_iteration = record.iteration
        self.reasons[record.reason] += 1
        self.inflight[record.reason] += record.tree.inflight
        self.agents[record.agent_id] += 1
        self.expanded[record.agent_id] += record.expanded is True
        self.tries[record.agent_id] += len(record.attempts)
        if record.tier is not UNSET:
            self.tiers[record.tier] += 1
        for attempt in record.attempts:
            self.attempts[attempt.outcome] += 1
            if attempt.peg_id is not None:
                self.pegs[attempt.peg_id] += 1
        if record.reroute is not UNSET and record.reroute:
            self.rerouted += 1
            self.reroutes.update(entry.reason for entry in record.reroute)

    def summary(self) -> TraceSummary:
        tree = None if self.last is None else self.last.tree
        return TraceSummary(
            iterations=self.reasons.total(),
            first_iteration=self.first,
            last_iteration=self.last_iteration,
            solved=tree is not None and tree.solved,
            aborted=tree is not None and tree.aborted,
            reasons=_sorted(self.reasons),
            average_inflight={reason: self.inflight[reason] / self.reasons[reason] for reason in sorted(self.reasons)},
            agents={
                agent: AgentSummary(self.agents[agent], self.expanded[agent], self.tries[agent])
                for agent in sorted(self.agents)
            },
            tiers={tier: self.tiers[tier] for tier in sorted(self.tiers)},
            attempts=_sorted(self.attempts),
            pegs=_sorted(self.pegs),
            nodes=0 if tree is None else tree.nodes,
            expansions=0 if tree is None else tree.expansions,
            max_depth=0 if tree is None else tree.max_depth,
            rerouted=self.rerouted,
            reroutes=_sorted(self.reroutes),
            abort_markers=self.abort_markers,
        )


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return {key: counter[key] for key in sorted(counter)}
