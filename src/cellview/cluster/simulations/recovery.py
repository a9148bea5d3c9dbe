"""Recovery: what it costs that consumers die while they work, against the formula for it.

A consumer dies with probability p at each delivery, before it acknowledges; its successor gets the message again, at
most K times in all. A message then takes (1 − p^K) / (1 − p) deliveries on average, and a share p^K is set aside.
"""

from __future__ import annotations

import hashlib
import math
import time
import tracemalloc
from collections.abc import Sequence
from contextlib import ExitStack

import msgspec

from cellview.cluster.brokers.broker import Consumer, MessageBroker, QueueLimits
from cellview.cluster.brokers.selection import get_message_broker
from cellview.cluster.errors import SimulationError
from cellview.cluster.messages import AgentResult
from cellview.cluster.ray_support import RayConnection

__all__ = ["RecoveryReport", "RecoveryRow", "simulate_recovery"]

_SIGMAS = 4.0
"""How far from the formula a mean may be: by chance a correct broker is further off once in some 16,000 rows."""


class RecoveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One failure rate."""

    failure_rate: float
    messages: int
    deliveries: int
    deliveries_each: float
    expected_each: float
    tolerance_each: float
    """Four standard errors of the mean."""
    set_aside: int
    expected_set_aside: float
    unaccounted: int
    """Messages neither processed nor set aside; must be 0."""
    cpu_s: float
    """CPU time of this process, with its queue and its work."""
    cpu_ratio: float
    """CPU time over that of the first row."""
    peak_bytes: int
    """Peak of what Python allocated, in a second pass (measuring it costs time)."""

    @property
    def problems(self) -> list[str]:
        """What must not be, one sentence each."""
        found: list[str] = []
        if abs(self.deliveries_each - self.expected_each) > self.tolerance_each:
            found.append(
                f"at failure rate {self.failure_rate:g}: {self.deliveries_each:.3f} deliveries a message, but "
                f"{self.expected_each:.3f} ± {self.tolerance_each:.3f} by the formula"
            )
        share = self.expected_set_aside / self.messages
        slack = _SIGMAS * math.sqrt(self.messages * share * (1 - share))
        if abs(self.set_aside - self.expected_set_aside) > slack:
            found.append(
                f"at failure rate {self.failure_rate:g}: {self.set_aside} messages set aside, but "
                f"{self.expected_set_aside:.1f} ± {slack:.1f} by the formula"
            )
        if self.unaccounted:
            found.append(f"at failure rate {self.failure_rate:g}: {self.unaccounted} messages unaccounted for")
        return found


class RecoveryReport(msgspec.Struct, frozen=True, kw_only=True):
    """All failure rates."""

    broker: str
    max_deliveries: int
    rows: tuple[RecoveryRow, ...]

    @property
    def problems(self) -> list[str]:
        """What must not be, one sentence each; empty when all is well."""
        return [problem for row in self.rows for problem in row.problems]


def simulate_recovery(
    broker: str = "memory",
    url: str | None = None,
    *,
    rates: Sequence[float] = (0.0, 0.1, 0.3, 0.5),
    messages: int = 1000,
    max_deliveries: int = 6,
    seed: int = 0,
) -> RecoveryReport:
    """Process `messages` messages at each failure rate, with consumers that die.

    Args:
        broker: ``memory``, ``redis`` or ``ray``.
        url: As for `get_message_broker`.
        rates: Probabilities that a delivery kills its consumer, each in [0, 1).
        messages: Messages for each rate, at least 1.
        max_deliveries: Deliveries after which a message is set aside, at least 1.
        seed: Of the draws which deliveries kill, at least 0.

    Raises:
        SimulationError: A rate or a number is out of its range.
    """
    if messages < 1 or max_deliveries < 1 or seed < 0 or not rates or any(not 0 <= rate < 1 for rate in rates):
        raise SimulationError("messages and max_deliveries must be at least 1, seed at least 0, rates in [0, 1)")
    with ExitStack() as stack:
        if broker == "ray":  # one connection for all queues
            stack.callback(RayConnection(url).close)
            url = None
        rows = _rows(broker, url, rates, messages, max_deliveries, seed)
    return RecoveryReport(broker=broker, max_deliveries=max_deliveries, rows=tuple(rows))


def _rows(
    broker: str, url: str | None, rates: Sequence[float], messages: int, max_deliveries: int, seed: int
) -> list[RecoveryRow]:
    rows: list[RecoveryRow] = []
    for rate in rates:
        limits = QueueLimits(capacity=messages, max_deliveries=max_deliveries)
        with get_message_broker(broker, url, limits=limits) as queue:
            begin_s = time.process_time()
            deliveries = _process(queue, messages, rate, seed)
            cpu_s = time.process_time() - begin_s
            counts = queue.counts()
        with get_message_broker(broker, url, limits=limits) as queue:
            peak = _peak_bytes(queue, messages, rate, seed)
        mean, deviation = _expected(rate, max_deliveries)
        rows.append(
            RecoveryRow(
                failure_rate=rate,
                messages=messages,
                deliveries=deliveries,
                deliveries_each=deliveries / messages,
                expected_each=mean,
                tolerance_each=_SIGMAS * deviation / math.sqrt(messages),
                set_aside=counts.set_aside,
                expected_set_aside=messages * rate**max_deliveries,
                unaccounted=counts.published - counts.acknowledged - counts.set_aside,
                cpu_s=cpu_s,
                cpu_ratio=cpu_s / rows[0].cpu_s if rows else 1.0,
                peak_bytes=peak,
            )
        )
    return rows


def _process(queue: MessageBroker, messages: int, rate: float, seed: int) -> int:
    """Work through the queue, one message at a time; return the number of deliveries."""
    for number in range(messages):
        queue.publish(AgentResult(run="recovery", loop=number, agent="worker"))
    deliveries = 0
    consumer: Consumer = queue.consumer("worker")
    while not queue.empty():
        for delivery in consumer.receive(1, timeout_s=0.0):
            deliveries += 1
            assert isinstance(delivery.message, AgentResult)
            number = delivery.message.loop
            _work(number)
            if _draw(seed, number, delivery.deliveries) < rate:
                consumer = queue.consumer("worker")  # the old one is gone without a word, as a killed one is
            else:
                consumer.ack([delivery])
    return deliveries


def _peak_bytes(queue: MessageBroker, messages: int, rate: float, seed: int) -> int:
    tracemalloc.start()
    try:
        _process(queue, messages, rate, seed)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _work(number: int) -> None:
    """Some 50 µs of CPU time."""
    hashlib.sha256(number.to_bytes(8) * 8000).digest()


def _draw(seed: int, number: int, delivery: int) -> float:
    """A number in [0, 1) that depends on message and delivery alone."""
    digest = hashlib.sha256(f"{seed}:{number}:{delivery}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56


def _expected(rate: float, most: int) -> tuple[float, float]:
    """Mean and standard deviation of deliveries: 1 + the number of deaths before a success, at most `most`."""
    shares = [rate ** (count - 1) * (1 - rate) for count in range(1, most)]
    shares.append(rate ** (most - 1))
    mean = (1 - rate**most) / (1 - rate)
    variance = sum(share * (count - mean) ** 2 for count, share in enumerate(shares, start=1))
    return mean, math.sqrt(variance)
