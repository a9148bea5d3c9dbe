"""The order of a trace, without any I/O: records in, in any order; runs of records out, in the order of the file."""

from __future__ import annotations

from cellview.trace.errors import TraceOrderError
from cellview.trace.records import AbortRecord, IterationRecord, Record

__all__ = ["RecordOrder"]


class RecordOrder:
    """Holds early records back until every iteration before theirs is there.

    An abort marker waits for the iteration record of the same iteration and goes directly before it.
    """

    __slots__ = ("_aborts", "_early", "next_iteration")

    def __init__(self, next_iteration: int = 0) -> None:
        self.next_iteration = next_iteration
        self._early: dict[int, IterationRecord] = {}
        self._aborts: dict[int, AbortRecord] = {}

    def __len__(self) -> int:
        """Return the number of records that are held back."""
        return len(self._early) + len(self._aborts)

    def add(self, record: Record) -> list[Record]:
        """Take one record; return those that can be written now, in order.

        Raises:
            TraceOrderError: Its iteration has such a record already.
        """
        iteration = record.iteration
        if iteration < self.next_iteration or iteration in (
            self._aborts if isinstance(record, AbortRecord) else self._early
        ):
            raise TraceOrderError(
                f"The {record.event} record of iteration {iteration} comes too late: that iteration has one, or was "
                f"written already; the next to be written is {self.next_iteration}."
            )
        if isinstance(record, AbortRecord):
            self._aborts[iteration] = record
            return []
        if iteration == self.next_iteration and not self._early and not self._aborts:  # the usual case, kept short
            self.next_iteration = iteration + 1
            return [record]
        self._early[iteration] = record
        return self._take_ready()

    def _take_ready(self) -> list[Record]:
        ready: list[Record] = []
        while (record := self._early.pop(self.next_iteration, None)) is not None:
            abort = self._aborts.pop(self.next_iteration, None)
            if abort is not None:
                ready.append(abort)
            ready.append(record)
            self.next_iteration += 1
        return ready

    def take_rest(self) -> list[Record]:
        """Return all that is held back, ascending, gaps or not: iterations in between were discarded at the stop."""
        rest: list[Record] = []
        for iteration in sorted({*self._early, *self._aborts}):
            if (abort := self._aborts.pop(iteration, None)) is not None:
                rest.append(abort)
            if (record := self._early.pop(iteration, None)) is not None:
                rest.append(record)
            self.next_iteration = iteration + 1
        return rest
