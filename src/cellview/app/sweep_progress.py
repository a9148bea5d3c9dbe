"""Progress of a whole sweep on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cellview.frontier import Stats

__all__ = ["SweepProgress"]

_LINES = 20
"""Lines that a sweep writes into a log at most, beside the first and the last."""


class SweepProgress:
    """Shows the counts of a frontier: tiers done, waiting and being worked on.

    How many tiers there will be is not known before the end; the bar's total is what is known now.
    """

    def __init__(self, console: Console, searches: int) -> None:
        self._console = console
        self._searches = searches
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:.0f} of {task.total:.0f} tiers so far"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(f"sweep of {searches} searches", total=searches)
        self._said = -1

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, stats: Stats) -> None:
        """Called by the coordinator a few times a second."""
        known = stats.issued + stats.queued
        self._bar.update(self._task, completed=stats.committed, total=max(known, 1))
        if not self._console.is_terminal and stats.committed - self._said > known // _LINES:
            self._said = stats.committed
            text = f"[{stats.committed}/{known} tiers] {stats.leased} in work, {stats.queued} waiting"
            if stats.failures or stats.expiries or stats.set_aside:
                text += f", {stats.failures} failed, {stats.expiries} leases expired, {stats.set_aside} set aside"
            self._console.print(text, markup=False, soft_wrap=True)
