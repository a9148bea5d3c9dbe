"""What every broker does, whatever carries the bytes: one contract over memory, Redis and Ray.

A broker is one bounded queue of messages. Producers `publish`; a consumer with a name receives, processes and
acknowledges. What was received and not acknowledged comes back, in order, when a consumer of the same name attaches
again, or when its lease runs out. So a message is delivered at least once, in the order of its producer.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from cellview.cluster.brokers.sealing import Sealer
from cellview.cluster.errors import BrokerClosedError, BrokerFullError, MessageError
from cellview.cluster.messages import Claim, Message, decode, encode

__all__ = [
    "ISOLATE_FROM",
    "BrokerCounts",
    "Channel",
    "Consumer",
    "Delivery",
    "MessageBroker",
    "QueueLimits",
    "RawDelivery",
    "SetAside",
    "publish_claim",
]


ISOLATE_FROM = 3
"""From this delivery on a message travels alone, so that its neighbours are not set aside with it."""


class QueueLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a queue holds and how long it is patient.

    Args:
        capacity: Messages that may be published and not yet acknowledged; `publish` waits when there are as many.
        lease_s: Seconds after which a message that its consumer still holds is handed to another consumer.
        max_deliveries: Deliveries after which a message is set aside, because it seems to kill who receives it.
    """

    capacity: int = 10_000
    lease_s: float = 60.0
    max_deliveries: int = 8

    def __post_init__(self) -> None:
        """Reject limits under which nothing could ever be delivered."""
        if self.capacity < 1 or self.max_deliveries < 1 or not self.lease_s > 0:
            raise ValueError("capacity and max_deliveries must be at least 1, and lease_s above 0 seconds")


class RawDelivery(msgspec.Struct, frozen=True):
    """Bytes handed to a consumer; `deliveries` counts this one too."""

    id: str
    payload: bytes
    deliveries: int


class Delivery(msgspec.Struct, frozen=True):
    """A message handed to a consumer, to be acknowledged by `id` once it is processed."""

    id: str
    message: Message
    deliveries: int


class SetAside(msgspec.Struct, frozen=True):
    """A poisoned message: kept for inspection, delivered to nobody."""

    payload: bytes
    reason: str


class BrokerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Totals since the queue was made. ``published == acknowledged + set_aside + depth`` at any moment of rest."""

    published: int
    acknowledged: int
    redelivered: int
    set_aside: int


class Channel(Protocol):
    """What carries the bytes of one queue. Every method may raise `BrokerClosedError` or `BrokerError`."""

    def offer(self, payload: bytes, timeout_s: float) -> bool:
        """Append; wait up to `timeout_s` for room; say whether it was appended."""
        ...

    def attach(self, consumer: str) -> None:
        """Give back, in order, what an earlier consumer of this name received and did not acknowledge."""
        ...

    def take(self, consumer: str, limit: int, timeout_s: float) -> list[RawDelivery]:
        """Hand out up to `limit` messages, or none when none came within `timeout_s`."""
        ...

    def ack(self, consumer: str, ids: Sequence[str]) -> None:
        """Forget messages that were processed; unknown ids are ignored."""
        ...

    def set_aside(self, consumer: str, id: str, reason: str) -> None:
        """Take one received message out of the queue, keep it with `reason`, and count it."""
        ...

    def depth(self) -> int:
        """Messages published and neither acknowledged nor set aside."""
        ...

    def aside(self) -> list[SetAside]:
        """The messages that were set aside, oldest first."""
        ...

    def counts(self) -> BrokerCounts:
        """Totals since the queue was made."""
        ...

    def close(self) -> None:
        """End the queue if this side owns it, else only this side's connection. Idempotent."""
        ...


class Consumer:
    """Receives from one queue under a name. Made by `MessageBroker.consumer`."""

    def __init__(self, channel: Channel, name: str, max_deliveries: int, sealer: Sealer) -> None:
        """Attach under `name`, so that what a dead predecessor held comes first."""
        self._channel = channel
        self._sealer = sealer
        self._max_deliveries = max_deliveries
        self.name = name
        channel.attach(name)

    def receive(self, limit: int = 1, *, timeout_s: float = 1.0) -> list[Delivery]:
        """Up to `limit` messages in order; none when none came within `timeout_s` seconds.

        What cannot be decoded, has no valid seal where there is a key, or was delivered more than `max_deliveries`
        times, is set aside and not returned.
        """
        good: list[Delivery] = []
        for raw in self._channel.take(self.name, limit, timeout_s):
            if raw.deliveries > self._max_deliveries:
                reason = f"delivered {raw.deliveries - 1} times and never acknowledged"
                self._channel.set_aside(self.name, raw.id, reason)
                continue
            try:
                message = decode(self._sealer.open(raw.payload))
            except MessageError as error:
                self._channel.set_aside(self.name, raw.id, str(error))
            else:
                good.append(Delivery(raw.id, message, raw.deliveries))
        return good

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Say that these were processed: they will not be delivered again."""
        if deliveries:
            self._channel.ack(self.name, [delivery.id for delivery in deliveries])

    def set_aside(self, delivery: Delivery, reason: str) -> None:
        """Put a message that cannot be processed out of the way; it is kept and counted."""
        self._channel.set_aside(self.name, delivery.id, reason)

    def close(self) -> None:
        """Let go of the connection. What is not acknowledged goes back to the queue at once or when its lease ends."""
        self._channel.close()


class MessageBroker(ABC):
    """One bounded queue of messages, usable from any thread, and from any process it is pickled to.

    The process that makes a broker owns it: only its `shutdown` ends the queue for all.
    """

    kind: str
    """The name by which `get_message_broker` knows it."""

    def __init__(self, limits: QueueLimits, sealer: Sealer) -> None:
        """Keep what all brokers have; the subclass opens the channel."""
        self.limits = limits
        self._sealer = sealer
        self._closed = False

    @abstractmethod
    def _channel(self) -> Channel:
        """The channel on which this process publishes, opened at the first use."""

    @abstractmethod
    def _open_channel(self) -> Channel:
        """A further channel, for a consumer of its own."""

    def publish(self, message: Message | Mapping[str, object], *, deadline_s: float = 60.0) -> None:
        """Append `message`; wait while the queue is full.

        Raises:
            MessageError: It is no message (nothing was published).
            BrokerFullError: The queue was still full after `deadline_s` seconds (nothing was published).
            BrokerClosedError: The broker was shut down, here or by its owner.
        """
        payload = self._sealer.close(encode(message))
        if not self._live().offer(payload, deadline_s):
            raise BrokerFullError(
                f"the {self.kind} queue held {self.limits.capacity} unprocessed messages for {deadline_s:g} s; "
                "check that its consumer runs, or raise the capacity"
            )

    def consumer(self, name: str) -> Consumer:
        """Attach a consumer. Two live consumers of one name are one consumer that was restarted: use two names."""
        self._live()
        return Consumer(self._open_channel(), name, self.limits.max_deliveries, self._sealer)

    def depth(self) -> int:
        """Messages published and neither acknowledged nor set aside: exact, and 0 only when all were processed."""
        return self._live().depth()

    def empty(self) -> bool:
        """Whether every message that was ever published has been processed or set aside."""
        return self.depth() == 0

    def wait_empty(self, *, deadline_s: float) -> bool:
        """Wait until `empty`, at most `deadline_s` seconds; say whether it is."""
        end = time.monotonic() + deadline_s
        pause_s = 0.002
        while not self.empty():
            if time.monotonic() >= end:
                return False
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 0.1)
        return True

    def messages_set_aside(self) -> list[SetAside]:
        """The poisoned messages, oldest first, each with its reason."""
        return self._live().aside()

    def counts(self) -> BrokerCounts:
        """Totals since the queue was made."""
        return self._live().counts()

    def shutdown(self) -> None:
        """End the queue (if this process made it) and let go of every connection and thread. Idempotent."""
        if not self._closed:
            self._closed = True
            self._close()

    @abstractmethod
    def _close(self) -> None:
        """What `shutdown` does, once."""

    def _live(self) -> Channel:
        if self._closed:
            raise BrokerClosedError(f"this {self.kind} broker was shut down; get a new one from get_message_broker")
        return self._channel()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy in another process knows; subclasses add how it reaches the queue."""
        return {"limits": self.limits, "sealer": self._sealer, "closed": self._closed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become such a copy."""
        self.limits = state["limits"]
        self._sealer = state["sealer"]
        self._closed = state["closed"]

    def __enter__(self) -> Self:
        """Use the broker in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Shut down at the end of the block."""
        self.shutdown()


def publish_claim(
    broker: MessageBroker,
    claim: Claim | Mapping[str, object],
    *,
    partial_update: bool = False,
    deadline_s: float = 60.0,
) -> None:
    """Ask the storage coordinator, the only writer of the database, to store `claim`.

    With `partial_update`, `claim` is a mapping of `claim_id` and the fields to replace; the claim itself must have
    been published before, by the same producer.

    Raises:
        MessageError: A field is missing, unknown or of a wrong type.
        BrokerFullError: The queue stayed full for `deadline_s` seconds.
        BrokerClosedError: The broker was shut down.
    """
    fields = msgspec.to_builtins(claim)
    message = {"action": "persist_claim", "claim": fields, "partial_update": partial_update}
    broker.publish(message, deadline_s=deadline_s)
