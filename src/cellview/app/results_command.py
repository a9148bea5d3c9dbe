"""``cellview results``: what came of a run, again, and as tables for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, output_console
from cellview.app.errors import EXIT_OK
from cellview.app.helptext import HelpCommand
from cellview.app.report import RunReport, print_report, report_of
from cellview.app.sheets import FormatOptions, Sheet, as_csv, as_latex
from cellview.settings import Opt
from cellview.trace import RunFolder

__all__ = ["ResultsOptions", "register"]

_EXAMPLE = """\b
Examples:
  cellview results runs/study
  cellview results runs/* --format csv > searches.csv
  cellview results runs/study --table arms --format latex
"""


class ResultsOptions(FormatOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which table, and in which form."""

    table: Annotated[
        Literal["searches", "arms"],
        Opt(help="With csv and latex: a row for each search, or the totals of each arm."),
    ] = "searches"


def register(app: typer.Typer) -> None:
    """Add ``results`` to the command line."""
    command = app.command("results", cls=HelpCommand, short_help="Print what came of runs.", epilog=_EXAMPLE)
    command(with_options(ResultsOptions, table="results")(_results))


def _results(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="Folders of runs.", show_default=False)],
    *,
    given: Given,
) -> int:
    """Print what came of runs, also of such as are under way: the table that run ends with, or its figures as a sheet.

    Seconds are those of the searches, added up; a run that does several at once takes less.
    """
    options = given.merged(ResultsOptions)
    folders = [RunFolder.read(path) for path in runs]
    match options.form:
        case "json":
            emit_json({"runs": [_report(folder, collective=True) for folder in folders]})
        case "csv" | "latex" as form:
            sheet = _searches(folders) if options.table == "searches" else _arms(folders)
            typer.echo(as_csv(sheet) if form == "csv" else as_latex(sheet), nl=False)
        case "text":
            for number, folder in enumerate(folders):
                typer.echo("\n" * bool(number), nl=False)
                print_report(_report(folder), output_console())
    return EXIT_OK


def _report(folder: RunFolder, *, collective: bool = False) -> RunReport:
    return report_of(folder, seconds=sum(folder.metadata.seconds.values()), collective=collective)


def _searches(folders: Sequence[RunFolder]) -> Sheet:
    searched = ("run", "theorem", "arm", "seed", "solved", "provable", "stop_reason", "iterations", "visits")
    spent = ("given_up", "tried", "held_back", "nodes", "max_depth", "discarded", "proof_length", "seconds", "digest")
    rows = [
        (
            *(str(folder.path), e.theorem, e.arm, e.seed, e.solved, e.provable, e.stop_reason, e.iterations),
            *(e.visits, e.given_up, e.tried, e.held_back, e.nodes, e.max_depth, e.discarded, e.proof_length),
            *(folder.metadata.seconds.get(f"{e.theorem}/{e.files}"), e.digest),
        )
        for folder in folders
        for e in folder.metadata.results
    ]
    return Sheet((*searched, *spent), rows)


def _arms(folders: Sequence[RunFolder]) -> Sheet:
    columns = ("run", "arm", "provable", "solved", "rate", "non_theorems", "non_theorems_solved", "not_searched")
    rows = [
        (
            *(str(folder.path), arm.arm, arm.provable, arm.provable_solved),
            *(arm.provable_solved / arm.provable if arm.provable else None, arm.non_theorems),
            *(arm.unprovable_solved, arm.not_searched, arm.held_back),
        )
        for folder in folders
        for arm in _report(folder).totals.arms
    ]
    return Sheet((*columns, "held_back"), rows)
