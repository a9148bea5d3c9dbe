"""The broker that needs nothing: a queue in the memory of the process that made it, served on a Unix socket.

`multiprocessing.Queue` was rejected: it cannot be passed as an argument to a pool, a consumer killed while it holds
the queue's lock stops everybody for ever, and what a killed consumer had taken is lost.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from multiprocessing.connection import Client, Connection
from typing import Any

import msgspec

from cellview.cluster.brokers.broker import BrokerCounts, Channel, MessageBroker, QueueLimits, RawDelivery, SetAside
from cellview.cluster.brokers.queue_host import CLOSED, QueueHost
from cellview.cluster.brokers.sealing import Sealer
from cellview.cluster.errors import BrokerClosedError

__all__ = ["InMemoryBroker"]


class InMemoryBroker(MessageBroker):
    """A queue in the memory of this process. Pickled copies reach it from other processes of this machine.

    It ends with the process that made it, and its messages with it: use Redis for what must survive the driver.
    """

    kind = "memory"

    def __init__(self, *, limits: QueueLimits | None = None, key: bytes | None = None) -> None:
        """Make the queue and serve it."""
        super().__init__(limits or QueueLimits(), Sealer(key, "memory"))
        self._key = secrets.token_bytes(32)
        self._host: QueueHost | None = QueueHost(self.limits, self._key)
        self._address = self._host.address
        self._own: Channel | None = None
        self._lock = threading.Lock()

    def _channel(self) -> Channel:
        with self._lock:
            if self._own is None:
                self._own = self._open_channel()
            return self._own

    def _open_channel(self) -> Channel:
        if self._host is not None:
            return _LocalChannel(self._host)
        return _RemoteChannel(self._address, self._key)

    def _close(self) -> None:
        if self._host is not None:
            self._host.close()
        elif self._own is not None:
            self._own.close()

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"key": self._key, "address": self._address}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._key = state["key"]
        self._address = state["address"]
        self._host = None
        self._own = None
        self._lock = threading.Lock()


class _LocalChannel:
    """A channel in the process that owns the queue: closing it gives back what was received on it."""

    def __init__(self, host: QueueHost) -> None:
        self._host = host
        self._session = secrets.token_hex(8)
        self.offer = host.offer
        self.attach = host.attach
        self.depth = host.depth
        self.aside = host.aside
        self.counts = host.counts

    def take(self, consumer: str, limit: int, timeout_s: float) -> list[RawDelivery]:
        return self._host.take(consumer, self._session, limit, timeout_s)

    def ack(self, consumer: str, ids: Sequence[str]) -> None:
        self._host.ack(ids)

    def set_aside(self, consumer: str, id: str, reason: str) -> None:
        self._host.set_aside(id, reason)

    def close(self) -> None:
        self._host.release(self._session)


class _RemoteChannel:
    """One connection to the process that owns the queue: one request at a time."""

    def __init__(self, address: str, key: bytes) -> None:
        self._lock = threading.Lock()
        try:
            self._connection: Connection[Any, Any] = Client(address, family="AF_UNIX", authkey=key)
        except (OSError, EOFError) as error:
            raise BrokerClosedError(CLOSED) from error

    def offer(self, payload: bytes, timeout_s: float) -> bool:
        return bool(self._ask("offer", payload, timeout_s))

    def attach(self, consumer: str) -> None:
        self._ask("attach", consumer)

    def take(self, consumer: str, limit: int, timeout_s: float) -> list[RawDelivery]:
        return msgspec.convert(self._ask("take", consumer, limit, timeout_s), list[RawDelivery])

    def ack(self, consumer: str, ids: Sequence[str]) -> None:
        self._ask("ack", list(ids))

    def set_aside(self, consumer: str, id: str, reason: str) -> None:
        self._ask("set_aside", id, reason)

    def depth(self) -> int:
        return int(self._ask("depth"))

    def aside(self) -> list[SetAside]:
        return msgspec.convert(self._ask("aside"), list[SetAside])

    def counts(self) -> BrokerCounts:
        return msgspec.convert(self._ask("counts"), BrokerCounts)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _ask(self, operation: str, *arguments: object) -> Any:
        with self._lock:
            try:
                self._connection.send_bytes(msgspec.msgpack.encode((operation, arguments)))
                reply = self._connection.recv_bytes()
            except (OSError, EOFError) as error:
                raise BrokerClosedError(CLOSED) from error
        done, value = msgspec.msgpack.decode(reply, type=tuple[bool, Any])
        if not done:
            raise BrokerClosedError(CLOSED)
        return value
