"""Events as they happen, by server-sent events: numbered, replayed from the store, and never slower than the daemon."""

from __future__ import annotations

from typing import Final

import anyio
import msgspec
from starlette.types import Receive, Scope, Send

from cellview.daemon.hub import Listener
from cellview.daemon.records import Event
from cellview.daemon.service import Daemon
from cellview.daemon.store import Store

__all__ = ["HEARTBEAT_S", "EventStream"]

HEARTBEAT_S: Final = 15.0
_GRACE_S: Final = 1.0
"""Between the end of a stream and its being cut: a client that reads gets the end, a frozen one would never."""


class EventStream:
    """An answer that goes on: events after a number, of one experiment or all, at most `limit` (``None``: for ever)."""

    def __init__(self, daemon: Daemon, *, after: int, experiment: int | None, limit: int | None) -> None:
        self._daemon = daemon
        self._last = after
        self._experiment = experiment
        self._left = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client has gone, lags too far behind, has what it wanted, or the daemon stops."""
        with self._daemon.hub.listen() as listener:
            async with anyio.create_task_group() as tasks:

                async def until_disconnected() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    tasks.cancel_scope.cancel()

                async def until_gone() -> None:
                    await listener.gone.wait()
                    await anyio.sleep(_GRACE_S)
                    tasks.cancel_scope.cancel()  # a send to a frozen client would never return

                tasks.start_soon(until_disconnected)
                tasks.start_soon(until_gone)
                headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await self._replay(send)
                await self._follow(listener, send)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                tasks.cancel_scope.cancel()

    @property
    def _done(self) -> bool:
        return self._left is not None and self._left <= 0

    async def _replay(self, send: Send) -> None:
        """Send what was before. The listener listens already, so nothing falls in between."""
        while not self._done:
            batch = await self._daemon.database.do(self._more)
            if not batch:
                return
            for event in batch:
                await self._send(event, send)

    def _more(self, store: Store) -> tuple[Event, ...]:
        return store.events(after=self._last, experiment=self._experiment)

    async def _follow(self, listener: Listener, send: Send) -> None:
        while not self._done:
            event = await listener.next(wait_s=HEARTBEAT_S)
            if event is not None:
                await self._send(event, send)
            elif listener.gone.is_set():
                return
            else:
                await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})

    async def _send(self, event: Event, send: Send) -> None:
        if self._done or event.number <= self._last or self._experiment not in (None, event.experiment):
            return
        self._last = event.number
        data = msgspec.json.encode(event)  # JSON has no line breaks, so one data line holds it
        frame = b"id: %d\nevent: %s\ndata: %s\n\n" % (event.number, event.kind.encode(), data)
        await send({"type": "http.response.body", "body": frame, "more_body": True})
        if self._left is not None:
            self._left -= 1
