"""What a driver tells whoever watches it."""

from __future__ import annotations

from typing import Protocol

from cellview.experiment.plan import Point
from cellview.trace import SearchEntry

__all__ = ["Observer", "SilentObserver"]


class Observer(Protocol):
    """Told what happens, in the driver's own event loop. For people alone: nothing depends on the answers."""

    def searching(self, point: Point, *, iteration: int, budget: int) -> None:
        """A search has begun (`iteration` 0) or has got on."""
        ...

    def finished(self, entry: SearchEntry, *, seconds: float) -> None:
        """A point has its result."""
        ...

    def counted(self, *, done: int, known: int, active: int) -> None:
        """Tiers or points that are done, known of, and being worked on, on a driver that does not see iterations."""
        ...

    def note(self, text: str) -> None:
        """Something that people should know."""
        ...


class SilentObserver:
    """Tells nobody."""

    def searching(self, point: Point, *, iteration: int, budget: int) -> None:
        """Say nothing."""

    def finished(self, entry: SearchEntry, *, seconds: float) -> None:
        """Say nothing."""

    def counted(self, *, done: int, known: int, active: int) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""
