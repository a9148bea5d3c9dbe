"""What ``run`` does on the way beside showing it: saying nothing, and stopping at the first failure."""

from __future__ import annotations

from collections.abc import Callable, Container
from types import TracebackType
from typing import Self

from cellview.app.progress import RunObserver
from cellview.experiment import Point, PointKey, SilentObserver
from cellview.trace import SearchEntry

__all__ = ["FailFast", "Quiet", "failure_of"]


class Quiet(SilentObserver):
    """Shows nothing at all."""

    def __enter__(self) -> Self:
        """Show nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is there to be taken away."""


class FailFast:
    """Passes on what it is told, and calls `stop` when the first search has failed.

    Args:
        watched: To whom it is passed on.
        stop: Ends the run; ``None``: failures are nobody's business.
        known: Searches that an earlier run has the results of: they are told of again, and stop nothing.

    Attributes:
        failure: What failed, in words; ``None`` so far.
    """

    def __init__(
        self, watched: RunObserver, stop: Callable[[], None] | None, known: Container[PointKey] = frozenset()
    ) -> None:
        self.failure: str | None = None
        self._watched = watched
        self._stop = stop
        self._known = known

    def __enter__(self) -> Self:
        """Begin to show."""
        self._watched.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take away what is shown."""
        self._watched.__exit__(kind, error, traceback)

    def searching(self, point: Point, *, iteration: int, budget: int) -> None:
        """Pass it on."""
        self._watched.searching(point, iteration=iteration, budget=budget)

    def counted(self, *, done: int, known: int, active: int) -> None:
        """Pass it on."""
        self._watched.counted(done=done, known=known, active=active)

    def note(self, text: str) -> None:
        """Pass it on."""
        self._watched.note(text)

    def finished(self, entry: SearchEntry, *, seconds: float) -> None:
        """Pass it on, and look at it."""
        self._watched.finished(entry, seconds=seconds)
        if self._stop is None or self.failure is not None or entry.key in self._known:
            return
        self.failure = failure_of(entry)
        if self.failure is not None:
            self._stop()


def failure_of(entry: SearchEntry) -> str | None:
    """Say what is wrong with a result; ``None``: nothing. An arm that waited for a proof in vain has not failed."""
    name = f"{entry.theorem} ({entry.arm}, seed {entry.seed})"
    if entry.provable is False:
        return f"{name} was solved, though the corpus marks it as no theorem" if entry.solved else None
    if entry.solved or entry.stop_reason == "no_wild_type_proof":
        return None
    return f"{name} was not solved ({entry.stop_reason})"
