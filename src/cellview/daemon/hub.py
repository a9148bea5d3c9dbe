"""The hub: each event, once it is in the database, goes to everybody who listens. Nobody can slow it down."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Final

from cellview.daemon.records import Event

__all__ = ["EventHub", "Listener"]

_WAITING: Final = 1000
"""Events that may wait for one listener. One that lags further behind is let go, and can come back for the rest."""


class Listener:
    """Somebody who listens: a bounded queue, and whether it ran over."""

    def __init__(self, bound: int) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._bound = bound
        self.gone = asyncio.Event()
        """Set when nothing more will come: it lagged too far behind, or the hub was closed."""

    def put(self, events: Sequence[Event]) -> None:
        """Hand events on, or let the listener go."""
        if self.gone.is_set():
            return
        if self._queue.qsize() + len(events) > self._bound:
            self.end()
            return
        for event in events:
            self._queue.put_nowait(event)

    def end(self) -> None:
        """Say that nothing more will come."""
        self.gone.set()
        self._queue.put_nowait(None)

    async def next(self, *, wait_s: float) -> Event | None:
        """Return the next event; ``None`` when none comes for `wait_s` seconds, or none will (see `gone`)."""
        try:
            return await asyncio.wait_for(self._queue.get(), wait_s)
        except TimeoutError:
            return None

    def at_hand(self) -> Event | None:
        """Return the next event, if it is there already."""
        return None if self._queue.empty() else self._queue.get_nowait()


class EventHub:
    """Hands events to listeners. It belongs to one event loop, and never waits."""

    def __init__(self, *, bound: int = _WAITING) -> None:
        self._bound = bound
        self._listeners: set[Listener] = set()
        self.closing = asyncio.Event()
        """Set when the daemon stops: whatever still streams ends."""
        self.dropped = 0
        """Listeners that lagged too far behind."""

    def publish(self, events: Sequence[Event]) -> None:
        """Hand events, in the order of their numbers, to everybody."""
        for listener in self._listeners:
            gone = listener.gone.is_set()
            listener.put(events)
            self.dropped += listener.gone.is_set() and not gone

    @contextmanager
    def listen(self) -> Generator[Listener]:
        """Listen from now on; what was before is asked of the store."""
        listener = Listener(self._bound)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let everybody go: a server that waits for open connections would wait for ever."""
        self.closing.set()
        for listener in self._listeners:
            listener.end()
