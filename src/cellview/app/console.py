"""Where text goes: results to standard output, everything else to standard error; plain when nobody is watching."""

from __future__ import annotations

import os
import sys

import msgspec
from rich.console import Console
from rich.table import Table

__all__ = ["PIPE_WIDTH", "emit_json", "error_console", "output_console", "table"]

PIPE_WIDTH = 80
"""Columns of a table that goes into a file or a pipe, where no terminal says how wide it is."""


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
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


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
