"""``cellview ps``: the daemon's experiments, as a table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rich.text import Text

from cellview.app.console import output_console, table

if TYPE_CHECKING:
    from cellview.daemon import ExperimentStatus

__all__ = ["STATE_STYLES", "age_of", "print_experiments"]

STATE_STYLES: Final = {
    "queued": "dim",
    "running": "cyan",
    "paused": "yellow",
    "finished": "green",
    "failed": "bold red",
    "cancelled": "dim strike",
}
"""Colour repeats what the word says, so that nothing is lost where there is none."""

_BAR: Final = 10


def print_experiments(found: list[ExperimentStatus]) -> None:
    """Print the table: a bar on a terminal, numbers everywhere."""
    console = output_console()
    numbers = ("number", "priority", "done", "solved", "age")
    bar = ("",) if console.is_terminal else ()
    shown = table("number", "name", "state", "priority", *bar, "done", "solved", "age", "", right=numbers)
    now = time.time()
    for one in found:
        notes = [word for word, there in (("pinned", one.pinned), (one.reason or "", one.reason is not None)) if there]
        if one.set_aside:
            notes.insert(0, f"{one.set_aside} set aside")
        shown.add_row(
            str(one.id),
            Text(one.name),
            Text(one.state, STATE_STYLES.get(one.state, "")),
            str(one.priority),
            *([_bar(one)] if bar else []),
            f"{one.done}/{one.points}",
            str(one.solved),
            age_of(now - one.submitted_at),
            Text("; ".join(notes), "dim"),
        )
    console.print(shown)


def _bar(one: ExperimentStatus) -> Text:
    full = _BAR * one.done // max(1, one.points)
    half = bool(one.running) and full < _BAR
    return Text.assemble(("━" * full, "green"), ("╸" * half, "cyan"), ("━" * (_BAR - full - half), "grey30"))


def age_of(seconds: float) -> str:
    """Return a time as people say it, in one unit.

    >>> age_of(5), age_of(300), age_of(7300), age_of(200_000), age_of(-1)
    ('5 s', '5 min', '2 h', '2 d', '0 s')
    """
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
