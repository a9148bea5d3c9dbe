"""The broker for a Ray cluster: one actor that holds the queue, on the machine of the process that made it.

`ray.util.queue.Queue` was rejected: what a killed consumer had taken from it is lost.
"""

from __future__ import annotations

import asyncio
import importlib
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from cellview.cluster.brokers.broker import BrokerCounts, Channel, MessageBroker, QueueLimits, RawDelivery, SetAside
from cellview.cluster.brokers.counting import CountingQueue
from cellview.cluster.brokers.sealing import Sealer
from cellview.cluster.errors import BrokerClosedError, BrokerError
from cellview.cluster.ray_support import RayConnection, require_ray

__all__ = ["RayBroker"]

require_ray()

_CLOSED = "the ray broker was shut down, or the process that made it has ended"


class RayBroker(MessageBroker):
    """A queue in a Ray actor. Pickled copies reach it from any process of the cluster, and from this machine.

    It ends with the process that made it. The actor is placed beside that process, so that the loss of another node
    does not touch it.
    """

    kind = "ray"

    def __init__(
        self,
        *,
        address: str | None = None,
        queue: str = "messages",
        limits: QueueLimits | None = None,
        key: bytes | None = None,
    ) -> None:
        """Make the queue's actor; connect to Ray first, or start it, if this process has not.

        Raises:
            BrokerError: No Ray answers at `address`.
        """
        self._name = f"cellview-{queue}-{secrets.token_hex(8)}"
        super().__init__(limits or QueueLimits(), Sealer(key, self._name))
        self._connection: RayConnection | None = RayConnection(address)
        self._address = self._connection.gcs_address
        self._namespace = self._connection.namespace
        self._owner = True
        self._lock = threading.Lock()
        self._own: _RayChannel | None = None
        try:
            self._actor: Any = _create(self._connection.ray, self._name, self.limits)
        except BaseException:
            self._connection.close()
            raise

    def _channel(self) -> Channel:
        with self._lock:
            if self._own is None:
                self._own = self._new_channel()
            return self._own

    def _open_channel(self) -> Channel:
        return self._new_channel()

    def _new_channel(self) -> _RayChannel:
        if self._connection is None:
            self._connection = RayConnection(self._address, namespace=self._namespace)
        ray = self._connection.ray
        if self._actor is None:
            try:
                self._actor = ray.get_actor(self._name, namespace=self._namespace)
            except ValueError as error:
                raise BrokerClosedError(_CLOSED) from error
        return _RayChannel(ray, self._actor)

    def _close(self) -> None:
        if self._connection is None:
            return
        if self._owner and self._actor is not None and self._connection.ray.is_initialized():
            self._connection.ray.kill(self._actor)
        self._actor = None
        self._connection.close()

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {
            "address": self._address,
            "namespace": self._namespace,
            "name": self._name,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._address = state["address"]
        self._namespace = state["namespace"]
        self._name = state["name"]
        self._owner = False
        self._connection = None
        self._actor = None
        self._lock = threading.Lock()
        self._own = None


class _QueueActor:
    """The queue, in an asynchronous Ray actor: waiting callers cost nothing and block nobody."""

    def __init__(self, limits: QueueLimits) -> None:
        self._queue = CountingQueue(limits)
        self._changed = asyncio.Condition()

    async def offer(self, payload: bytes, timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        async with self._changed:
            while not self._queue.offer(payload):
                if not await self._wait(end):
                    return False
            self._changed.notify_all()
            return True

    async def attach(self, consumer: str) -> None:
        async with self._changed:
            self._queue.attach(consumer)
            self._changed.notify_all()

    async def release(self, session: str) -> None:
        async with self._changed:
            self._queue.release(session)
            self._changed.notify_all()

    async def take(self, consumer: str, session: str, limit: int, timeout_s: float) -> list[tuple[str, bytes, int]]:
        end = time.monotonic() + timeout_s
        async with self._changed:
            while True:
                taken = self._queue.take(consumer, session, limit, now_s=time.monotonic())
                if taken or not await self._wait(end):
                    return [(raw.id, raw.payload, raw.deliveries) for raw in taken]

    async def ack(self, ids: list[str]) -> None:
        async with self._changed:
            self._queue.ack(ids)
            self._changed.notify_all()

    async def set_aside(self, id: str, reason: str) -> None:
        async with self._changed:
            self._queue.set_aside(id, reason)
            self._changed.notify_all()

    async def depth(self) -> int:
        return self._queue.depth

    async def aside(self) -> list[tuple[bytes, str]]:
        return [(entry.payload, entry.reason) for entry in self._queue.aside]

    async def counts(self) -> tuple[int, int, int, int]:
        counts = self._queue.counts()
        return counts.published, counts.acknowledged, counts.redelivered, counts.set_aside

    async def _wait(self, end: float) -> bool:
        left_s = end - time.monotonic()
        if left_s <= 0:
            return False
        try:
            await asyncio.wait_for(self._changed.wait(), left_s)
        except TimeoutError:
            return False
        return True


class _RayChannel:
    """Calls the actor, one call after the other, so that the order of a producer is kept."""

    def __init__(self, ray: Any, actor: Any) -> None:
        self._ray = ray
        self._actor = actor
        self._session = secrets.token_hex(8)
        self._lock = threading.Lock()

    def offer(self, payload: bytes, timeout_s: float) -> bool:
        with self._lock:
            return bool(self._ask("offer", payload, timeout_s))

    def attach(self, consumer: str) -> None:
        self._ask("attach", consumer)

    def take(self, consumer: str, limit: int, timeout_s: float) -> list[RawDelivery]:
        return [RawDelivery(*raw) for raw in self._ask("take", consumer, self._session, limit, timeout_s)]

    def ack(self, consumer: str, ids: Sequence[str]) -> None:
        self._ask("ack", list(ids))

    def set_aside(self, consumer: str, id: str, reason: str) -> None:
        self._ask("set_aside", id, reason)

    def depth(self) -> int:
        return int(self._ask("depth"))

    def aside(self) -> list[SetAside]:
        return [SetAside(payload, reason) for payload, reason in self._ask("aside")]

    def counts(self) -> BrokerCounts:
        published, acknowledged, redelivered, set_aside = self._ask("counts")
        return BrokerCounts(
            published=published, acknowledged=acknowledged, redelivered=redelivered, set_aside=set_aside
        )

    def close(self) -> None:
        with suppress(BrokerError):  # the queue has ended: there is nothing left to give back
            self._ask("release", self._session)

    def _ask(self, method: str, *arguments: Any) -> Any:
        try:
            return self._ray.get(getattr(self._actor, method).remote(*arguments))
        except self._ray.exceptions.RayActorError as error:
            raise BrokerClosedError(_CLOSED) from error
        except self._ray.exceptions.RayError as error:
            raise BrokerError(f"the ray broker's actor did not answer: {error}") from error


def _create(ray: Any, name: str, limits: QueueLimits) -> Any:
    strategies: Any = importlib.import_module("ray.util.scheduling_strategies")
    here = strategies.NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    actor = (
        ray.remote(_QueueActor)
        .options(name=name, num_cpus=0, max_concurrency=1000, max_restarts=0, scheduling_strategy=here)
        .remote(limits)
    )
    ray.get(actor.depth.remote())  # placed and ready, or the reason why not
    return actor
