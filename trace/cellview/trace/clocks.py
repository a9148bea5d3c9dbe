"""What a search has spent, on each of the clocks that a measure may count by.

They differ: an iteration that met a frozen node is given up and tries nothing, a tactic that an intervention held back
never reached the prover, and one that the filter refused did not either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET

from cellview.trace.records import AbortRecord, IterationRecord, Record, TacticAttempt

__all__ = ["AttemptKind", "Clocks", "attempt_kind", "count_clocks", "is_iteration", "was_given_up"]

AttemptKind: TypeAlias = Literal["tried", "held_back", "filtered"]
"""It reached the prover; an intervention held it back; its text was refused before it got there."""


class Clocks(msgspec.Struct, frozen=True):
    """A search's cost, clock by clock."""

    iterations: int
    """Tickets committed. The record of an abort is none."""
    given_up: int
    """Those that ended without a visit, at a blocked or delayed node."""
    visits: int
    """The others: visits to nodes."""
    tried: int
    """Tactics that reached the prover: the cost of record."""
    held_back: int
    """Tactics that an intervention held back."""
    filtered: int
    """Tactics that the filter refused."""


def is_iteration(record: Record) -> bool:
    """Return whether a record is an iteration: neither an abort's marker nor the record that follows it."""
    return isinstance(record, IterationRecord) and record.reason != "abort"


def was_given_up(record: IterationRecord) -> bool:
    """Return whether an iteration ended without a visit: what it met was blocked or delayed, or nothing was for it."""
    return record.reason in ("blocked", "delayed", "idle")


def attempt_kind(attempt: TacticAttempt) -> AttemptKind:
    """Return whether an attempt reached the prover, and if not, what kept it."""
    if attempt.outcome == "blocked":
        return "held_back"
    if attempt.detail is not UNSET and attempt.detail.startswith("filtered"):
        return "filtered"
    return "tried"


def count_clocks(records: Iterable[Record]) -> Clocks:
    """Count what a search spent, from its records up to the one that solves."""
    iterations = given_up = 0
    kinds = {"tried": 0, "held_back": 0, "filtered": 0}
    for record in records:
        if isinstance(record, AbortRecord) or not is_iteration(record):
            continue
        iterations += 1
        given_up += was_given_up(record)
        for attempt in record.attempts:
            kinds[attempt_kind(attempt)] += 1
    return Clocks(iterations, given_up, iterations - given_up, **kinds)
