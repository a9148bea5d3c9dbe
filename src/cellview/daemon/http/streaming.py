"""Answers that go on: what they have in common. None can hold up the daemon, and none goes on without a reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import anyio
from starlette.types import Receive, Scope, Send

from cellview.daemon.http.problems import Refusal

__all__ = ["HEARTBEAT_S", "SEND_S", "StreamingAnswer", "Streams"]

HEARTBEAT_S: Final = 15.0

SEND_S: Final = 30.0
"""A piece that the client has not taken for so long is its last one: it is frozen, and can come back for the rest."""

_SHORTEST_TICK_S: Final = 0.1
_LONGEST_TICK_S: Final = 0.5
_PIECES_PER_S: Final = 200

_GRACE_S: Final = 1.0
"""Between the daemon's stop and a stream's being cut: a client that reads gets the end, a frozen one would never."""


class Streams:
    """How many streams are open, and how many were cut because their clients did not read.

    Args:
        most: There may be so many at once.
        closing: Set when the daemon stops.
    """

    def __init__(self, most: int, closing: asyncio.Event) -> None:
        self.most = most
        self.closing = closing
        self.open = 0
        self.dropped = 0

    @property
    def tick_s(self) -> float:
        """Between two pieces of a trace that grows: a tenth of a second for one reader, and half of one for a hundred.

        So what all of them cost is bounded: some two hundred pieces a second.
        """
        return min(_LONGEST_TICK_S, max(_SHORTEST_TICK_S, self.open / _PIECES_PER_S))

    def enter(self) -> None:
        """Count one in.

        Raises:
            Refusal: There are too many already.
        """
        if self.open >= self.most:
            raise Refusal(503, f"{self.open} streams are open already, which is all there may be; come back later.")
        self.open += 1

    def leave(self) -> None:
        """Count one out."""
        self.open -= 1


class StreamingAnswer:
    """Sends pieces of a body as they come.

    It is no `StreamingResponse`: that one would wait for ever in a send to a client that has frozen.

    Args:
        pieces: The body; its generator is closed when the client has gone.
        media: Content type.
        streams: Where it is counted.
        headers: Further headers.

    Raises:
        Refusal: Too many are open.
    """

    def __init__(
        self,
        pieces: Callable[[], AsyncGenerator[bytes]],
        *,
        media: str,
        streams: Streams,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        streams.enter()
        self._pieces = pieces
        self._streams = streams
        self._headers = [(b"content-type", media.encode()), (b"x-accel-buffering", b"no"), *headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the body ends, the client has gone, or it does not read."""
        try:
            async with anyio.create_task_group() as tasks:

                async def until_disconnected() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    tasks.cancel_scope.cancel()

                async def until_stopped() -> None:
                    await self._streams.closing.wait()
                    await anyio.sleep(_GRACE_S)
                    tasks.cancel_scope.cancel()

                tasks.start_soon(until_disconnected)
                tasks.start_soon(until_stopped)
                await self._send(send)
                tasks.cancel_scope.cancel()
        finally:
            self._streams.leave()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                with anyio.move_on_after(SEND_S) as sending:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                if sending.cancelled_caught:
                    self._streams.dropped += 1
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
