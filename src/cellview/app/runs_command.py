"""``cellview runs``: which runs there are, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, output_console, table
from cellview.app.errors import EXIT_OK, InputFileError
from cellview.app.helptext import HelpCommand
from cellview.app.run_list import ArmLine, RunLine, lines_of
from cellview.app.sheets import FormatOptions, Sheet, as_csv, as_latex
from cellview.settings import Opt

__all__ = ["RunsOptions", "register"]

_USUAL: Final = Path("runs")
"""Where ``run`` puts its folders."""

_EXAMPLE = """\b
Examples:
  cellview runs
  cellview runs studies --tag pilot --format csv > runs.csv
"""


class RunsOptions(FormatOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which runs are listed, and in which form."""

    tag: Annotated[
        tuple[str, ...], Opt(metavar="TAGS", help="Only runs with one of these tags. Example: pilot,thesis.")
    ] = ()
    notes: Annotated[bool, Opt(help="Show what was noted on each run, under the table.")] = False


def register(app: typer.Typer) -> None:
    """Add ``runs`` to the command line."""
    command = app.command("runs", cls=HelpCommand, short_help="List runs, and what came of them.", epilog=_EXAMPLE)
    command(with_options(RunsOptions, table="runs")(_runs))


def _runs(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FOLDER", help="Runs, or folders that hold runs, however deep. Default: runs.", show_default=False
        ),
    ] = None,
    *,
    given: Given,
) -> int:
    """List runs: name, state, arms, solved of searched, tags; the oldest first.

    A run that says it is running, and that no process holds any more, is shown as cut short.
    """
    options = given.merged(RunsOptions)
    if not folders and not _USUAL.is_dir():
        raise InputFileError(f"There is no folder {_USUAL} here: name the folders that hold your runs.")
    lines = lines_of(folders or [_USUAL], tags=options.tag)
    match options.form:
        case "json":
            emit_json({"runs": lines})
        case "csv":
            typer.echo(as_csv(_sheet(lines)), nl=False)
        case "latex":
            typer.echo(as_latex(_sheet(lines)), nl=False)
        case "text":
            _print(lines, output_console(), notes=options.notes)
    return EXIT_OK


def _sheet(lines: Sequence[RunLine]) -> Sheet:
    """Return one row for each arm of each run, and one for a run without an arm."""
    columns = ("run", "name", "status", "created", "theorems", "seeds", "arm", "searches", "solved", "not_searched")
    rows = [
        (
            *(line.run, line.name, line.status, line.created, line.theorems, len(line.seeds)),
            *((None,) * 4 if arm is None else (arm.arm, arm.searches, arm.solved, arm.not_searched)),
            " ".join(line.tags),
        )
        for line, arm, _ in _by_arm(lines)
    ]
    return Sheet((*columns, "tags"), rows)


def _by_arm(lines: Sequence[RunLine]) -> Iterator[tuple[RunLine, ArmLine | None, bool]]:
    """Yield each run with each of its arms, and whether it is the run's first row."""
    for line in lines:
        for number, arm in enumerate(line.arms or (None,)):
            yield line, arm, number == 0


def _print(lines: Sequence[RunLine], console: Console, *, notes: bool) -> None:
    if not lines:
        console.print("No run.")
        return
    arms = any(arm.arm != "wild_type" for line in lines for arm in line.arms)
    tags = any(line.tags for line in lines)
    columns = ["run", "state", "date", *(["arm"] if arms else []), "solved", *(["tags"] if tags else [])]
    rows = table(*columns, right=("solved",))
    for line, arm, first in _by_arm(lines):
        share = "" if arm is None else f"{arm.solved}/{arm.searches}"
        head = (line.run, _state(line), line.created[:10]) if first else ("", "", "")
        cells = (*head, *([arm.arm if arm else ""] if arms else []), share)
        rows.add_row(*map(Text, (*cells, *([" ".join(line.tags) if first else ""] if tags else []))))
    console.print(rows)
    for line in lines:
        if line.problem is not None:
            console.print(f"{line.run}: {line.problem}", markup=False, soft_wrap=True)
        for note in line.notes if notes else ():
            console.print(f"{line.run}, {note.at}: {note.text}", markup=False, soft_wrap=True)


def _state(line: RunLine) -> str:
    """Return how a run stands, and how far it is while it is not finished."""
    unfinished = line.searches and line.status != "finished"
    return f"{line.status} {line.done}/{line.searches}" if unfinished else line.status
