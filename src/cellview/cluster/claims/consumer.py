"""A background process that drains one queue until it is told to stop: what coordinator and aggregator share."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from cellview.cluster.brokers.broker import Consumer, Delivery, MessageBroker
from cellview.cluster.claims.background import BackgroundProcess
from cellview.cluster.errors import BrokerClosedError
from cellview.cluster.messages import AgentResult, PersistClaim, Role, Stop

__all__ = ["QueueConsumer", "drain"]

_POLL_S = 0.5


class QueueConsumer:
    """The side of such a process that its owner holds. A process that is killed is started again and goes on."""

    role: ClassVar[Role]

    def __init__(self, broker: MessageBroker, process: BackgroundProcess) -> None:
        """Keep the queue and what drains it; `start` starts it."""
        self.broker = broker
        self._process = process

    @property
    def pid(self) -> int | None:
        """Process id of the present incarnation."""
        return self._process.pid

    @property
    def restarts(self) -> int:
        """How often it died and was started again."""
        return self._process.restarts

    def start(self, *, ready_deadline_s: float = 60.0) -> None:
        """Start the process and wait until it is ready to consume.

        Raises:
            BackgroundProcessError: It failed, with its reason, or was not ready in time.
        """
        self._process.start(ready_deadline_s=ready_deadline_s)

    def check(self) -> None:
        """Raise `BackgroundProcessError` if it died too often and was given up."""
        self._process.check()

    def stop(self, *, deadline_s: float = 60.0) -> None:
        """Have everything processed that was published before this call, and end the process.

        Raises:
            BackgroundProcessError: It did not end in time, or had been given up.
        """
        self.check()
        self.broker.publish(Stop(consumer=self.role), deadline_s=deadline_s)
        self._process.join(deadline_s=deadline_s)

    def kill(self) -> None:
        """End the process at once; what it had not acknowledged stays in the queue."""
        self._process.kill()

    def end(self) -> None:
        """End the process, in order or, if that fails, at once; then its queue.

        Raises:
            BackgroundProcessError: As `stop`.
        """
        try:
            self.stop()
        except BaseException:
            self.kill()
            raise
        finally:
            self.broker.shutdown()


def drain(
    broker: MessageBroker,
    role: Role,
    wanted: type[PersistClaim] | type[AgentResult],
    process: Callable[[Consumer, list[Delivery], int], None],
    *,
    ready: Callable[[], None],
    batch: int,
) -> None:
    """The loop of such a process: hand batches to `process` until a stop for `role`, or until the queue's end.

    Args:
        broker: The queue.
        role: Whose stop ends the loop. Those of others go aside.
        wanted: The kind of message that belongs here. Other kinds go aside.
        process: Is given the messages of a batch, to be acknowledged by it, and how many messages went aside.
        ready: Called once when the loop is attached to the queue.
        batch: Most messages taken at once.
    """
    try:
        consumer = broker.consumer(role)
        ready()
        while True:
            good: list[Delivery] = []
            strays = 0
            stop: Delivery | None = None
            for delivery in consumer.receive(batch, timeout_s=_POLL_S):
                message = delivery.message
                if isinstance(message, wanted):
                    good.append(delivery)
                elif isinstance(message, Stop) and message.consumer == role:
                    stop = delivery
                    break  # what stands behind the stop is not ours: it goes back when we detach
                else:
                    strays += 1
                    consumer.set_aside(delivery, "this queue is for others; claims and results have one each")
            process(consumer, good, strays)
            if stop is not None:
                consumer.ack([stop])
                consumer.close()
                return
    except BrokerClosedError:
        pass  # the owner of the queue is gone, and the queue with it
    finally:
        broker.shutdown()
