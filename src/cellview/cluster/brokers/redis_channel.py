"""The Redis client of one queue: what the broker asks, in the commands of Redis Streams and three Lua scripts."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from typing import Any, TypeAlias

from cellview.base.log import get_logger
from cellview.cluster.brokers.broker import ISOLATE_FROM, BrokerCounts, QueueLimits, RawDelivery, SetAside
from cellview.cluster.errors import BrokerClosedError, BrokerError

try:
    import redis
    import redis.backoff
    import redis.retry
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "the redis broker needs the Redis client; install it with: pip install 'cellview[redis]'", name=error.name
    ) from error

__all__ = ["RedisChannel", "RedisKeys"]

_log = get_logger(__name__)

_CLOSED = "the redis broker was shut down by the process that made it, or its keys were deleted"
_GROUP = "cellview"
_SOCKET_TIMEOUT_S = 30.0

_Entries: TypeAlias = list[tuple[bytes, dict[bytes, bytes]]]

# KEYS: stream, open, last, counts. ARGV: producer, its number, capacity, payload. → -1 closed, 0 full, 1 appended.
_OFFER = """
if redis.call('EXISTS', KEYS[2]) == 0 then return -1 end
local last = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '-1')
if tonumber(ARGV[2]) <= last then return 1 end
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('XADD', KEYS[1], '*', 'm', ARGV[4])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('HINCRBY', KEYS[4], 'published', 1)
return 1
"""

# KEYS: stream, counts. ARGV: group, ids. Only an id that was still pending counts, so that a second ack counts nothing.
_ACK = """
for i = 2, #ARGV do
  if redis.call('XACK', KEYS[1], ARGV[1], ARGV[i]) == 1 then
    redis.call('XDEL', KEYS[1], ARGV[i])
    redis.call('HINCRBY', KEYS[2], 'acknowledged', 1)
  end
end
return 1
"""

# KEYS: stream, counts, aside. ARGV: group, id, reason.
_SET_ASIDE = """
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
if #found == 0 then return 0 end
redis.call('XADD', KEYS[3], '*', 'payload', found[1][2][2], 'reason', ARGV[3])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
redis.call('HINCRBY', KEYS[2], 'set_aside', 1)
return 1
"""


class RedisKeys:
    """The names of one queue's keys."""

    def __init__(self, namespace: str, queue: str) -> None:
        self.stream = f"cellview:{{{namespace}}}:{queue}"
        self.open = f"{self.stream}:open"
        self.aside = f"{self.stream}:aside"
        self.last = f"{self.stream}:last"
        self.counts = f"{self.stream}:counts"


class RedisChannel:
    """One client of the queue. Requests that fail to reach the server are repeated; a repeated publish appends once."""

    def __init__(self, url: str, keys: RedisKeys, limits: QueueLimits) -> None:
        retry = redis.retry.Retry(redis.backoff.ExponentialBackoff(cap=1.0, base=0.05), retries=5)
        # Any: the client's methods are typed as if they could also be awaited.
        self._redis: Any = redis.Redis.from_url(url, retry=retry, socket_timeout=_SOCKET_TIMEOUT_S)  # pyright: ignore[reportUnknownMemberType]
        self._keys = keys
        self._limits = limits
        self._lock = threading.Lock()
        self._producer = secrets.token_hex(8)
        self._number = 0
        self._recovering: set[str] = set()
        self._swept_at_s = 0.0

    def open(self) -> None:
        def go() -> None:
            self._redis.set(self._keys.open, 1)
            try:
                self._redis.xgroup_create(self._keys.stream, _GROUP, id="0", mkstream=True)
            except redis.ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

        self._ask(go)

    def offer(self, payload: bytes, timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        pause_s = 0.001
        with self._lock:  # one at a time, or two threads' numbers could arrive the wrong way round
            self._number += 1
            arguments = (self._producer, self._number, self._limits.capacity, payload)
            keys = (self._keys.stream, self._keys.open, self._keys.last, self._keys.counts)
            while True:
                answer = self._ask(lambda: self._redis.eval(_OFFER, len(keys), *keys, *arguments))
                if answer == -1:
                    raise BrokerClosedError(_CLOSED)
                if answer == 1:
                    return True
                if time.monotonic() >= end:
                    return False
                time.sleep(min(pause_s, max(0.0, end - time.monotonic())))
                pause_s = min(pause_s * 2, 0.05)

    def attach(self, consumer: str) -> None:
        self._ask(self._check_open)
        self._recovering.add(consumer)

    def take(self, consumer: str, limit: int, timeout_s: float) -> list[RawDelivery]:
        if consumer in self._recovering:
            if found := self._pending(consumer, limit):
                return found
            self._recovering.discard(consumer)
        if found := self._abandoned(consumer, limit):
            return found
        answer: list[tuple[bytes, _Entries]] = self._ask(lambda: self._read_new(consumer, limit, timeout_s))
        if not answer:
            self._ask(self._check_open)
            return []
        return [_delivery(id, fields, 1) for id, fields in answer[0][1]]

    def ack(self, consumer: str, ids: Sequence[str]) -> None:
        keys = (self._keys.stream, self._keys.counts)
        for start in range(0, len(ids), 1000):  # Lua unpacks its arguments on a stack of limited size
            part = ids[start : start + 1000]
            self._ask(lambda part=part: self._redis.eval(_ACK, len(keys), *keys, _GROUP, *part))

    def set_aside(self, consumer: str, id: str, reason: str) -> None:
        keys = (self._keys.stream, self._keys.counts, self._keys.aside)
        self._ask(lambda: self._redis.eval(_SET_ASIDE, len(keys), *keys, _GROUP, id, reason))

    def depth(self) -> int:
        def go() -> int:
            self._check_open()
            return int(self._redis.xlen(self._keys.stream))

        return int(self._ask(go))

    def aside(self) -> list[SetAside]:
        entries: _Entries = self._ask(lambda: self._redis.xrange(self._keys.aside))
        return [SetAside(fields.get(b"payload", b""), _text(fields.get(b"reason", b"?"))) for _, fields in entries]

    def counts(self) -> BrokerCounts:
        found: dict[bytes, bytes] = self._ask(lambda: self._redis.hgetall(self._keys.counts))
        names = BrokerCounts.__struct_fields__
        try:
            return BrokerCounts(**{name: int(found.get(name.encode(), 0)) for name in names})
        except ValueError as error:
            raise BrokerError(f"somebody else wrote to {self._keys.counts} in Redis: {error}") from error

    def end(self, *, keep_unprocessed: bool) -> None:
        """Close the queue for all, and delete what nobody needs any more."""

        def go() -> None:
            self._redis.delete(self._keys.open)
            left = int(self._redis.xlen(self._keys.stream))
            if left and keep_unprocessed:
                _log.warning("redis_queue_keeps_messages", stream=self._keys.stream, messages=left)
                return
            keys = self._keys
            self._redis.delete(keys.stream, keys.aside, keys.last, keys.counts)

        self._ask(go)

    def close(self) -> None:
        self._redis.close()

    def _read_new(self, consumer: str, limit: int, timeout_s: float) -> Any:
        block_ms = max(1, min(int(timeout_s * 1000), int(_SOCKET_TIMEOUT_S * 500)))
        return self._redis.xreadgroup(_GROUP, consumer, {self._keys.stream: ">"}, count=limit, block=block_ms)

    def _pending(self, consumer: str, limit: int) -> list[RawDelivery]:
        """What this name received and did not acknowledge: first of all, in order, and alone if it seems to kill."""

        def go() -> list[RawDelivery]:
            listed = self._redis.xpending_range(self._keys.stream, _GROUP, "-", "+", limit, consumername=consumer)
            chosen: dict[bytes, int] = {}
            for entry in listed:
                deliveries = int(entry["times_delivered"]) + 1
                if deliveries >= ISOLATE_FROM and chosen:
                    break
                chosen[entry["message_id"]] = deliveries
                if deliveries >= ISOLATE_FROM:
                    break
            if not chosen:
                return []
            entries = self._redis.xclaim(self._keys.stream, _GROUP, consumer, 0, list(chosen))
            self._redis.hincrby(self._keys.counts, "redelivered", len(entries))
            return [_delivery(id, fields, chosen[id]) for id, fields in entries]

        found: list[RawDelivery] = self._ask(go)
        return found

    def _abandoned(self, consumer: str, limit: int) -> list[RawDelivery]:
        """What another consumer has held for longer than the lease; looked for every quarter of the lease."""
        now_s = time.monotonic()
        if now_s - self._swept_at_s < self._limits.lease_s / 4:
            return []
        self._swept_at_s = now_s

        def go() -> list[RawDelivery]:
            idle_ms = int(self._limits.lease_s * 1000)
            answer = self._redis.xautoclaim(self._keys.stream, _GROUP, consumer, idle_ms, count=limit)
            entries: _Entries = answer[1]
            if not entries:
                return []
            self._redis.hincrby(self._keys.counts, "redelivered", len(entries))
            listed = self._redis.xpending_range(
                self._keys.stream, _GROUP, entries[0][0], entries[-1][0], len(entries), consumername=consumer
            )
            deliveries = {entry["message_id"]: int(entry["times_delivered"]) for entry in listed}
            return [_delivery(id, fields, deliveries.get(id, 2)) for id, fields in entries]

        found: list[RawDelivery] = self._ask(go)
        return found

    def _check_open(self) -> None:
        if not self._redis.exists(self._keys.open):
            raise BrokerClosedError(_CLOSED)

    def _ask(self, go: Any) -> Any:
        try:
            return go()
        except redis.ResponseError as error:
            if str(error).startswith(("NOGROUP", "UNBLOCKED")):  # the stream was deleted, perhaps while we waited
                raise BrokerClosedError(_CLOSED) from error
            raise BrokerError(f"Redis refused what the broker asked: {error}") from error
        except redis.RedisError as error:
            raise BrokerError(f"Redis does not answer: {error} Check broker_url, and that the server runs.") from error


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _delivery(id: bytes, fields: dict[bytes, bytes], deliveries: int) -> RawDelivery:
    # A foreign entry without our field is delivered as empty bytes, which no message is: it goes aside, counted.
    return RawDelivery(id.decode(), fields.get(b"m", b""), deliveries)
