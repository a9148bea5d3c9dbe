"""Progress of a run on standard error: a live bar on a terminal, one plain line for each search elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cellview.experiment import Experiment, Observer, Point
from cellview.trace import SearchEntry

__all__ = ["RunObserver", "observer_for"]

_COUNT_LINES = 20
"""Lines that counts write into a log at most, beside the first and the last."""


class RunObserver(Observer, Protocol):
    """An observer and a context manager: what it draws is gone when the block ends."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def observer_for(console: Console, experiment: Experiment) -> RunObserver:
    """Return the observer that fits `console`."""
    return _Live(console, experiment) if console.is_terminal else _Lines(console, experiment)


class _Names:
    """Names searches by what tells them apart in this experiment."""

    def __init__(self, experiment: Experiment) -> None:
        self._arms = len(experiment.arms) > 1
        self._seeds = len(experiment.seeds) > 1

    def of(self, theorem: str, arm: str, seed: int) -> str:
        parts = [arm] * self._arms + [f"seed {seed}"] * self._seeds
        return f"{theorem} ({', '.join(parts)})" if parts else theorem


class _Lines:
    """One line for each search that ends: what a log file wants."""

    def __init__(self, console: Console, experiment: Experiment) -> None:
        self._console = console
        self._total = experiment.searches
        self._names = _Names(experiment)
        self._done = 0
        self._counted = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def searching(self, point: Point, *, iteration: int, budget: int) -> None:
        pass

    def counted(self, *, done: int, known: int, active: int) -> None:
        if done - self._counted > known // _COUNT_LINES:
            self._counted = done
            self.note(f"[{done}/{known} tiers] {active} in work")

    def finished(self, entry: SearchEntry, *, seconds: float) -> None:
        self._done += 1
        verdict = "solved" if entry.solved else f"unsolved ({entry.stop_reason})"
        name = self._names.of(*entry.key)
        self.note(f"[{self._done}/{self._total}] {name}: {verdict}, {entry.iterations} iterations, {seconds:.2f} s")

    def note(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)


class _Live:
    """A bar over all searches, and below it a line for each search under way."""

    def __init__(self, console: Console, experiment: Experiment) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._names = _Names(experiment)
        self._all = self._progress.add_task("proved 0", total=experiment.searches)
        self._running: dict[str, TaskID] = {}
        self._tiers: TaskID | None = None
        self._solved = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def searching(self, point: Point, *, iteration: int, budget: int) -> None:
        name = self._names.of(*point.key)
        task = self._running.get(name)
        if task is None:
            task = self._running[name] = self._progress.add_task(f"  {name}", total=budget)
        self._progress.update(task, completed=iteration, total=budget)

    def counted(self, *, done: int, known: int, active: int) -> None:
        if self._tiers is None:
            self._tiers = self._progress.add_task("  tiers", total=known)
        self._progress.update(self._tiers, completed=done, total=known, description=f"  tiers ({active} in work)")

    def finished(self, entry: SearchEntry, *, seconds: float) -> None:
        task = self._running.pop(self._names.of(*entry.key), None)
        if task is not None:
            self._progress.remove_task(task)
        self._solved += entry.solved
        self._progress.update(self._all, advance=1, description=f"proved {self._solved}")

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, soft_wrap=True)
