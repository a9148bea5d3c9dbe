"""What happens to experiments, as it happens: numbered, replayed from the store, and never slower than the daemon."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence

import msgspec

from cellview.daemon.http.streaming import HEARTBEAT_S
from cellview.daemon.hub import Listener
from cellview.daemon.records import Event
from cellview.daemon.service import Daemon
from cellview.daemon.store import Store

__all__ = ["event_pieces"]


async def event_pieces(
    daemon: Daemon, lag: Callable[[float], None], *, after: int, experiment: int | None, limit: int | None
) -> AsyncGenerator[bytes]:
    """Yield events after a number as server-sent events: of one experiment or all, `limit` of them or for ever.

    `lag` is told how old an event was when it came. The stream ends when the daemon stops, or the reader lags so far
    behind that its queue ran over; then it can come back.
    """
    wanted = _Wanted(after, experiment, limit)
    with daemon.hub.listen() as listener:
        # The listener listens already, so nothing falls between what was and what comes.
        while not wanted.done:
            batch = await daemon.database.do(wanted.more)
            if not batch:
                break
            yield wanted.take(batch)
        while not wanted.done:
            event = await listener.next(wait_s=HEARTBEAT_S)
            if event is None and listener.gone.is_set():
                return
            if event is None:
                yield b":\n\n"
                continue
            lag(time.time() - event.at)
            yield wanted.take([event, *_at_hand(listener)])


class _Wanted:
    """Frames those that were not sent yet."""

    def __init__(self, after: int, experiment: int | None, limit: int | None) -> None:
        self.last = after
        self._experiment = experiment
        self._left = limit

    @property
    def done(self) -> bool:
        return self._left is not None and self._left <= 0

    def more(self, store: Store) -> tuple[Event, ...]:
        return store.events(after=self.last, experiment=self._experiment)

    def take(self, events: Sequence[Event]) -> bytes:
        frames: list[bytes] = []
        for event in events:
            if self.done or event.number <= self.last or self._experiment not in (None, event.experiment):
                continue
            self.last = event.number
            data = msgspec.json.encode(event)  # JSON has no line breaks, so one data line holds it
            frames.append(b"id: %d\nevent: %s\ndata: %s\n\n" % (event.number, event.kind.encode(), data))
            if self._left is not None:
                self._left -= 1
        return b"".join(frames)


def _at_hand(listener: Listener) -> list[Event]:
    """What waits already goes along in one piece."""
    found: list[Event] = []
    while (event := listener.at_hand()) is not None:
        found.append(event)
    return found
