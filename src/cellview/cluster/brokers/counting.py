"""The state of one queue, without clock, lock or I/O: the memory broker and the Ray broker are two shells around it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from cellview.cluster.brokers.broker import ISOLATE_FROM, BrokerCounts, QueueLimits, RawDelivery, SetAside

__all__ = ["CountingQueue"]


@dataclass(slots=True)
class _Entry:
    number: int
    payload: bytes
    deliveries: int = 0
    consumer: str = ""
    session: str = ""
    taken_at_s: float = 0.0


class _CountingQueue:
    """A bounded FIFO queue that counts exactly: a message leaves only by `ack` or `set_aside`.

    States of a message: waiting → held by a consumer → acknowledged, set aside, or waiting again. A consumer has a
    name, which a restarted one shares with its dead predecessor, and a session, which it does not.
    An ordinary queue forgets a message when it is taken, so that its `empty()` is true while work is under way.
    """

    def __init__(self, limits: QueueLimits) -> None:
        self._limits = limits
        self._waiting: deque[_Entry] = deque()
        self._held: dict[int, _Entry] = {}
        self._aside: list[SetAside] = []
        self._published = 0
        self._acknowledged = 0
        self._redelivered = 0

    @property
    def depth(self) -> int:
        """Messages published and neither acknowledged nor set aside."""
        return len(self._waiting) + len(self._held)

    @property
    def aside(self) -> list[SetAside]:
        """What was set aside, oldest first."""
        return list(self._aside)

    def counts(self) -> BrokerCounts:
        """Totals since the queue was made."""
        return BrokerCounts(
            published=self._published,
            acknowledged=self._acknowledged,
            redelivered=self._redelivered,
            set_aside=len(self._aside),
        )

    def offer(self, payload: bytes) -> bool:
        """Append unless the queue is full."""
        if self.depth >= self._limits.capacity:
            return False
        self._waiting.append(_Entry(self._published, payload))
        self._published += 1
        return True

    def attach(self, consumer: str) -> None:
        """Give back what any consumer of this name still held."""
        self._give_back(entry for entry in self._held.values() if entry.consumer == consumer)

    def release(self, session: str) -> None:
        """Give back what this session still held: it ended."""
        self._give_back(entry for entry in self._held.values() if entry.session == session)

    def take(self, consumer: str, session: str, limit: int, *, now_s: float) -> list[RawDelivery]:
        """Hand out up to `limit` messages in order. `now_s` is any clock that only goes forward."""
        oldest = next(iter(self._held.values()), None)  # held messages stand in the order in which they were taken
        if oldest is not None and now_s - oldest.taken_at_s > self._limits.lease_s:
            lease_s = self._limits.lease_s
            self._give_back(entry for entry in self._held.values() if now_s - entry.taken_at_s > lease_s)
        taken: list[RawDelivery] = []
        while self._waiting and len(taken) < limit:
            entry = self._waiting[0]
            suspicious = entry.deliveries + 1 >= ISOLATE_FROM
            if suspicious and taken:
                break
            self._waiting.popleft()
            entry.deliveries += 1
            self._redelivered += entry.deliveries > 1
            entry.consumer = consumer
            entry.session = session
            entry.taken_at_s = now_s
            self._held[entry.number] = entry
            taken.append(RawDelivery(str(entry.number), entry.payload, entry.deliveries))
            if suspicious:
                break
        return taken

    def ack(self, ids: Iterable[str]) -> None:
        """Forget processed messages. An id that is not held is ignored: it was redelivered and acknowledged."""
        for id in ids:
            if self._held.pop(int(id), None) is not None:
                self._acknowledged += 1

    def set_aside(self, id: str, reason: str) -> None:
        """Keep a held message out of the queue, with the reason."""
        entry = self._held.pop(int(id), None)
        if entry is not None:
            self._aside.append(SetAside(entry.payload, reason))

    def _give_back(self, entries: Iterable[_Entry]) -> None:
        back = list(entries)
        if not back:
            return
        for entry in back:
            del self._held[entry.number]
        self._waiting = deque(sorted([*back, *self._waiting], key=lambda entry: entry.number))


CountingQueue = _CountingQueue
"""Alias for the package's own modules; outside it the queue is an implementation detail of the brokers."""
