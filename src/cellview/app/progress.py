"""Progress of a run on standard error: a live bar on a terminal, one plain line for each search elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cellview.app.report import Row

__all__ = ["Reporter", "reporter_for"]


class Reporter(Protocol):
    """Told what happens in a run. A context manager: what it draws is gone when the block ends."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def searching(self, name: str, *, iteration: int, budget: int) -> None:
        """A search is at `iteration` of `budget`; `name` is the theorem, with its arm if there are several."""
        ...

    def finished(self, name: str, row: Row) -> None:
        """A search has ended."""
        ...

    def note(self, text: str) -> None:
        """Say something that the user should know."""
        ...


def reporter_for(console: Console, *, total: int) -> Reporter:
    """Return the reporter that fits `console`; `total` is the number of searches."""
    return _Live(console, total) if console.is_terminal else _Lines(console, total)


class _Lines:
    """One line for each search that ends: what a log file wants."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def searching(self, name: str, *, iteration: int, budget: int) -> None:
        pass

    def finished(self, name: str, row: Row) -> None:
        self._done += 1
        verdict = "solved" if row.solved else f"unsolved ({row.stop_reason})"
        text = f"[{self._done}/{self._total}] {name}: {verdict}, {row.iterations} iterations, {row.seconds:.2f} s"
        self._console.print(text, markup=False, soft_wrap=True)

    def note(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)


class _Live:
    """A bar over all searches, and below it a line for each search under way."""

    def __init__(self, console: Console, total: int) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._all = self._progress.add_task("proved 0", total=total)
        self._running: dict[str, TaskID] = {}
        self._solved = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def searching(self, name: str, *, iteration: int, budget: int) -> None:
        task = self._running.get(name)
        if task is None:
            task = self._running[name] = self._progress.add_task(f"  {name}", total=budget)
        self._progress.update(task, completed=iteration, total=budget)

    def finished(self, name: str, row: Row) -> None:
        task = self._running.pop(name, None)
        if task is not None:
            self._progress.remove_task(task)
        self._solved += row.solved
        self._progress.update(self._all, advance=1, description=f"proved {self._solved}")

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, soft_wrap=True)
