"""The one source of time for actors: seconds, timers and sleep, real or virtual."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol


class TimerHandle(Protocol):
    """What `Clock.call_at` returns: a timer that can be called off."""

    def cancel(self) -> None:
        """Call the timer off; harmless when it has fired."""
        ...


class Clock(Protocol):
    """What the kernel needs of a clock. `now` never goes back; only differences of it mean anything."""

    def now(self) -> float:
        """Seconds since an arbitrary start."""
        ...

    def time(self) -> float:
        """Seconds since 1970, for timestamps in logs and traces; nothing may be decided by it."""
        ...

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> TimerHandle:
        """Call back at `when`, on the scale of `now`."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        ...


class LoopClock:
    """The clock of the running event loop: real time normally, virtual time in a controlled test."""

    def __init__(self) -> None:
        """Attach to the running loop."""
        loop = asyncio.get_running_loop()
        # The plain loops' clock, without the call of a method around it: it is read twice for each message.
        plain = type(loop).time is asyncio.BaseEventLoop.time
        self.now: Callable[[], float] = time.monotonic if plain else loop.time
        self.call_at: Callable[..., TimerHandle] = loop.call_at
        # A loop with virtual time offers its own wall clock, so that timestamps are reproducible there.
        self.time: Callable[[], float] = getattr(loop, "wall_time", time.time)

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(seconds)
