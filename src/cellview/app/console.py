"""Where text goes: results to standard output, everything else to standard error; plain when nobody is watching."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Final

import msgspec
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table

__all__ = ["PIPE_WIDTH", "emit_json", "error_console", "output_console", "shown", "table"]

PIPE_WIDTH = 80
"""Columns of a table that goes into a file or a pipe, where no terminal says how wide it is."""

_PICTURES: Final = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
"""Control characters, and what is shown instead."""


def shown(text: str) -> str:
    r"""Return a text that a terminal shows and does not obey: names, notes and goals may be anybody's.

    >>> shown("\x1b[31mred")
    '␛[31mred'
    """
    return text.translate(_PICTURES)


def output_console() -> Console:
    """Return a console for results (standard output). Rich leaves colours out off a terminal and under ``NO_COLOR``."""
    return _console(stderr=False)


def error_console() -> Console:
    """Return a console for progress and messages (standard error)."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # COLUMNS is honoured by rich itself; without it a pipe would be taken for a terminal of its own idea of width.
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    console = Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)
    console.push_render_hook(_Showing())
    return console


class _Showing(RenderHook):
    """Has everything that a console prints shown; rich itself takes few control characters out, and not ESC."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(one) for one in renderables]


class _Shown:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._inner, options):
            yield segment if segment.control else Segment(shown(segment.text), segment.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._inner)


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """Return an empty table in the house's form; the columns named in `right` hold numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        number = column in right  # a name is never cut short: who reads it will type it
        made.add_column(column, justify="right" if number else "left", no_wrap=number, overflow="fold")
    return made


def emit_json(value: object) -> None:
    """Print one JSON value on standard output, and nothing else."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
    sys.stdout.flush()
