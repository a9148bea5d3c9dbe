"""The broker that outlives the driver: Redis Streams, one consumer group, acknowledgement after processing.

A Redis list was rejected: what a killed consumer had popped from it is lost. The keys of one queue, with the hash tag
literal, so that they share a slot of a Redis Cluster::

    cellview:{<namespace>}:<queue>          the stream
    cellview:{<namespace>}:<queue>:open     exists while the owner has not shut the queue down
    cellview:{<namespace>}:<queue>:aside    poisoned messages, with reasons
    cellview:{<namespace>}:<queue>:last     last number of each producer, so that a repeated publish appends once
    cellview:{<namespace>}:<queue>:counts   totals
"""

from __future__ import annotations

import secrets
import threading
from typing import Any

from cellview.cluster.brokers.broker import Channel, MessageBroker, QueueLimits
from cellview.cluster.brokers.redis_channel import RedisChannel, RedisKeys
from cellview.cluster.brokers.sealing import Sealer
from cellview.cluster.errors import BrokerError

__all__ = ["RedisBroker"]


class RedisBroker(MessageBroker):
    """A queue in Redis. Pickled copies reach it from any machine that reaches the server.

    Without a namespace the queue is deleted at `shutdown`; with one, what was not processed stays for the next
    broker of that namespace.
    """

    kind = "redis"

    def __init__(
        self,
        url: str,
        *,
        queue: str = "messages",
        namespace: str | None = None,
        limits: QueueLimits | None = None,
        key: bytes | None = None,
    ) -> None:
        """Open (or, with a namespace, continue) the queue.

        Raises:
            ValueError: The url is not one of Redis.
            BrokerError: No server answers at the url.
        """
        self._keys = RedisKeys(namespace or secrets.token_hex(8), queue)
        super().__init__(limits or QueueLimits(), Sealer(key, self._keys.stream))
        self._url = url
        self._durable = namespace is not None
        self._owner = True
        self._lock = threading.Lock()
        self._own: RedisChannel | None = RedisChannel(url, self._keys, self.limits)
        try:
            self._own.open()
        except BrokerError:
            self._own.close()
            raise

    def _channel(self) -> Channel:
        with self._lock:
            if self._own is None:
                self._own = RedisChannel(self._url, self._keys, self.limits)
            return self._own

    def _open_channel(self) -> Channel:
        return RedisChannel(self._url, self._keys, self.limits)

    def _close(self) -> None:
        if self._own is None:
            return
        try:
            if self._owner:
                self._own.end(keep_unprocessed=self._durable)
        finally:
            self._own.close()

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"url": self._url, "keys": self._keys}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._url = state["url"]
        self._keys = state["keys"]
        self._durable = True
        self._owner = False
        self._lock = threading.Lock()
        self._own = None
