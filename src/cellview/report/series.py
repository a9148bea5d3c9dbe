"""What all traces of an arm show together, iteration by iteration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from cellview.trace import IterationRecord, Record, is_iteration, was_given_up

__all__ = ["ArmSeries", "edges_of"]


class ArmSeries(msgspec.Struct):
    """Counts over the searches of an arm at each of their iterations; the first iteration has index 0.

    Lists are as long as the longest search, however many searches there are.
    """

    searches: int = 0
    reasons: list[Counter[str]] = []
    """Searches by the reason of that iteration."""
    under_way: list[Counter[int]] = []
    """Searches by visits under way, that of the record counted in."""

    def add(self, records: Iterable[Record], *, window: int, budget: int) -> None:
        """Count one search in.

        Once a budget is spent, tickets behind it hold reservations on which nobody works, so the last `window` less one
        iterations of such a search say nothing about visits under way: see `cellview.measures.mean_inflight`.

        Args:
            records: Its trace.
            window: Tickets that may be under way at once.
            budget: Iterations of all tiers together.
        """
        shown = [
            (record.reason, record.tree.inflight + (not was_given_up(record)))
            for record in records
            if isinstance(record, IterationRecord) and is_iteration(record)
        ]
        working = budget - window + 1 if len(shown) >= budget else len(shown)
        while len(self.reasons) < len(shown):
            self.reasons.append(Counter())
            self.under_way.append(Counter())
        self.searches += 1
        for index, (reason, under_way) in enumerate(shown):
            self.reasons[index][reason] += 1
            if index < working:
                self.under_way[index][under_way] += 1


def edges_of(iterations: int, *, per_decade: int = 24) -> list[int]:
    """Return the edges of bins over iterations 1, 2, …: one for each at first, then equally wide on a log axis.

    >>> edges_of(6)
    [1, 2, 3, 4, 5, 6, 7]
    >>> edges_of(1000)[-4:]
    [806, 887, 976, 1001]
    """
    edges = [1]
    while edges[-1] <= iterations:
        edges.append(max(edges[-1] + 1, round(edges[-1] * 10 ** (1 / per_decade))))
    edges[-1] = iterations + 1
    return edges
