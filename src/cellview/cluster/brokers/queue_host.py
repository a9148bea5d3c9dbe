"""The process side of the memory broker: one queue under one lock, served to other processes over a Unix socket."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import ProcessError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

import msgspec

from cellview.base.log import get_logger
from cellview.cluster.brokers.broker import BrokerCounts, QueueLimits, RawDelivery, SetAside
from cellview.cluster.brokers.counting import CountingQueue
from cellview.cluster.errors import BrokerClosedError

__all__ = ["CLOSED", "QueueHost"]

_log = get_logger(__name__)

CLOSED = "the memory broker was shut down, or the process that made it has ended"
"""What every call after the end says."""


class QueueHost:
    """The queue with its lock, and the threads that serve it: one that accepts, one for each connection."""

    def __init__(self, limits: QueueLimits, key: bytes) -> None:
        """Listen on a socket of this machine; `key` is what a client must know."""
        self._queue = CountingQueue(limits)
        self._changed = threading.Condition()
        self._closed = False
        self._key = key
        # Linux has sockets without a file, which a killed process cannot leave behind.
        name = f"\0cellview-{secrets.token_hex(16)}" if sys.platform == "linux" else None
        self._listener = Listener(name, family="AF_UNIX", authkey=key)
        address: Any = self._listener.address  # bytes when it is no file
        self.address = os.fsdecode(address)
        self._connections: dict[Connection[Any, Any], threading.Thread] = {}
        self._acceptor = threading.Thread(target=self._accept, name="cellview-broker-accept", daemon=True)
        self._acceptor.start()

    # What a channel does, under the lock.

    def offer(self, payload: bytes, timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        with self._changed:
            while not self._open_queue().offer(payload):
                left_s = end - time.monotonic()
                if left_s <= 0:
                    return False
                self._changed.wait(left_s)
            self._changed.notify_all()
            return True

    def attach(self, consumer: str) -> None:
        with self._changed:
            self._open_queue().attach(consumer)
            self._changed.notify_all()

    def release(self, session: str) -> None:
        with self._changed:
            if not self._closed:
                self._queue.release(session)
                self._changed.notify_all()

    def take(self, consumer: str, session: str, limit: int, timeout_s: float) -> list[RawDelivery]:
        end = time.monotonic() + timeout_s
        with self._changed:
            while True:
                now_s = time.monotonic()
                taken = self._open_queue().take(consumer, session, limit, now_s=now_s)
                if taken or now_s >= end:
                    return taken
                self._changed.wait(end - now_s)

    def ack(self, ids: Sequence[str]) -> None:
        with self._changed:
            self._open_queue().ack(ids)
            self._changed.notify_all()

    def set_aside(self, id: str, reason: str) -> None:
        with self._changed:
            self._open_queue().set_aside(id, reason)
            self._changed.notify_all()

    def depth(self) -> int:
        with self._changed:
            return self._open_queue().depth

    def aside(self) -> list[SetAside]:
        with self._changed:
            return self._open_queue().aside

    def counts(self) -> BrokerCounts:
        with self._changed:
            return self._open_queue().counts()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            connections = dict(self._connections)
        # Closing a listening socket does not wake the thread in accept; connecting to it does.
        with suppress(OSError, EOFError):
            Client(self.address, family="AF_UNIX").close()
        self._acceptor.join()
        self._listener.close()
        for connection, thread in connections.items():
            _hang_up(connection)
            thread.join()

    def _open_queue(self) -> CountingQueue:
        if self._closed:
            raise BrokerClosedError(CLOSED)
        return self._queue

    # The server.

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError, ProcessError) as error:  # ProcessError: the key was wrong
                if not self._closed:
                    _log.warning("memory_broker_rejected_a_connection", error=repr(error))
                continue
            thread = threading.Thread(target=self._serve, args=(connection,), name="cellview-broker", daemon=True)
            with self._changed:
                if self._closed:
                    connection.close()
                    return
                self._connections[connection] = thread
                thread.start()

    def _serve(self, connection: Connection[Any, Any]) -> None:
        session = secrets.token_hex(8)
        try:
            while True:
                operation, arguments = msgspec.msgpack.decode(connection.recv_bytes(), type=tuple[str, list[Any]])
                if operation == "take":
                    arguments.insert(1, session)
                connection.send_bytes(self._answer(operation, arguments))
        except (OSError, EOFError):
            pass  # the other side is gone, or `close` hung up
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            _log.warning("memory_broker_hung_up", cause=f"it was asked what no broker asks: {error!r}")
        finally:
            with self._changed:
                self._connections.pop(connection, None)
            self.release(session)  # the messages of a killed consumer need not wait for the end of its lease
            connection.close()

    def _answer(self, operation: str, arguments: list[Any]) -> bytes:
        try:
            value = _OPERATIONS[operation](self, *arguments)
        except BrokerClosedError:
            return msgspec.msgpack.encode((False, None))
        return msgspec.msgpack.encode((True, value))


_OPERATIONS: dict[str, Any] = {
    "offer": QueueHost.offer,
    "attach": QueueHost.attach,
    "take": QueueHost.take,
    "ack": QueueHost.ack,
    "set_aside": QueueHost.set_aside,
    "depth": QueueHost.depth,
    "aside": QueueHost.aside,
    "counts": QueueHost.counts,
}


def _hang_up(connection: Connection[Any, Any]) -> None:
    """Wake the thread that reads from `connection`; closing the descriptor under it would not."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as duplicate:
        duplicate.shutdown(socket.SHUT_RDWR)
