"""A connection: one that says nothing, or says it too slowly, is cut, so that none can hold a place for ever.

uvicorn ends idle connections and bounds how many there are; it waits without end for the head of a request that was
begun. What is sent to a client that does not read is bounded by the kernel: see `bound_sends`.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEAD_S", "Connection", "bound_sends"]

HEAD_S: Final = 15.0
"""For the head of a request, from the connection or the first byte on."""

UNREAD_S: Final = 60.0
"""So long may what was sent be left unread before the kernel gives the connection up."""


class Connection(H11Protocol):
    """uvicorn's, with a deadline for the head of each request."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of the head, or no longer."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Hang up on who is still sending: the answer is there, and nobody reads the rest of the body."""
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self.transport.close()
        super().on_response_complete()

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def bound_sends(listening: socket.socket) -> None:
    """Have the kernel give up connections, accepted from this socket, whose clients leave unread what they were sent.

    Closing alone would not end them: what is still to be sent keeps them open as long as the client's machine lives.
    """
    option: Any = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux has it
    if option is not None:
        listening.setsockopt(socket.IPPROTO_TCP, option, int(UNREAD_S * 1000))
