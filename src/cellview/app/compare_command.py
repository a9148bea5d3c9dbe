"""``cellview compare``: two arms or two runs side by side, theorem by theorem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from cellview.app.argv import Given, with_options
from cellview.app.compare_text import print_comparison, sheet_of_arms, sheet_of_theorems
from cellview.app.console import emit_json, output_console
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.helptext import HelpCommand
from cellview.app.sheets import FormatOptions, as_csv, as_latex
from cellview.core import SearchConfig
from cellview.measures import Cell, Cells, Comparison, Settings, UnequalRunsError, compare, corrected, load
from cellview.settings import Opt
from cellview.trace import RunFolder
from cellview.tree import TreeConfig

__all__ = ["CompareOptions", "register"]

_FACTORS = (*SearchConfig.__struct_fields__, *(f"tree.{name}" for name in TreeConfig.__struct_fields__))

_EXAMPLE = """\b
Examples:
  cellview compare runs/study
  cellview compare runs/study:block_simp runs/study:wild_type --all
  cellview compare runs/eight runs/one --factor mode,agents,inflight
"""


class CompareOptions(FormatOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What may differ, and what is shown."""

    factor: Annotated[
        tuple[str, ...],
        Opt(
            metavar="FIELDS",
            suggestions=_FACTORS,
            help="What two runs are meant to differ in: fields of the search's configuration. In all else they must be "
            "equal. Example: agents,inflight.",
        ),
    ] = ()
    all: Annotated[
        bool, Opt(help="List every theorem whose searches differ, not only those that one arm alone solves.")
    ] = False
    table: Annotated[
        Literal["arms", "theorems"],
        Opt(help="With csv and latex: a row for each comparison of arms, or one for each theorem and seed."),
    ] = "arms"


class _Side(msgspec.Struct, frozen=True):
    """What was typed: a run, and an arm of it if one was named."""

    run: Path
    arm: str | None


def register(app: typer.Typer) -> None:
    """Add ``compare`` to the command line."""
    command = app.command(
        "compare", cls=HelpCommand, short_help="Compare two arms or two runs, theorem by theorem.", epilog=_EXAMPLE
    )
    command(with_options(CompareOptions, table="compare")(_compare))


def _compare(
    a: Annotated[
        str,
        typer.Argument(metavar="A", help="A run's folder, or one of its arms: RUN or RUN:ARM.", show_default=False),
    ],
    b: Annotated[
        str | None,
        typer.Argument(
            metavar="B",
            help="What it is compared with, the reference. Without it: every arm of run A against its wild type.",
            show_default=False,
        ),
    ] = None,
    *,
    given: Given,
) -> int:
    """Compare two arms of a run, or two runs arm by arm: what both solve, what one alone does, and by how much.

    The difference in solve rate comes with its interval and an exact test; several comparisons at once are corrected by
    Holm's procedure. Where traces were kept, it says at which iteration, and in what, they part. Runs that differ in
    more than --factor are refused. Non-theorems are left out.
    """
    options = given.merged(CompareOptions)
    one, other = _side(a), None if b is None else _side(b)
    comparisons = _comparisons(one, other, options)
    match options.form:
        case "json":
            emit_json({"comparisons": comparisons})
        case "csv" | "latex" as form:
            write = as_csv if form == "csv" else as_latex
            sheet = sheet_of_arms if options.table == "arms" else sheet_of_theorems
            typer.echo(write(sheet(comparisons)), nl=False)
        case "text":
            for comparison in comparisons:
                print_comparison(comparison, output_console(), everything=options.all, several=len(comparisons) > 1)
    return EXIT_OK


def _side(typed: str) -> _Side:
    """Return what a word means; a folder of that very name comes first, for a name may hold a colon."""
    if not Path(typed).is_dir() and ":" in typed:
        run, _, arm = typed.rpartition(":")
        if Path(run).is_dir():
            return _Side(Path(run), arm)
    return _Side(Path(typed), None)


def _comparisons(a: _Side, b: _Side | None, options: CompareOptions) -> list[Comparison]:
    folders = {folder.path.resolve().name: folder for folder in map(RunFolder.read, _runs(a, b))}
    cells = load([folder.path for folder in folders.values()])
    several = len(cells.runs) > 1

    def label(run: Path, arm: str) -> str:
        return f"{run.resolve().name}/{arm}" if several else arm

    trace_of = _traces(folders)
    done: list[Comparison] = []
    for arm_a, arm_b in _pairs(a, b, cells):
        labels = label(a.run, arm_a), label((b or a).run, arm_b)
        try:
            done.append(
                compare(
                    cells[labels[0]],
                    cells[labels[1]],
                    labels=labels,
                    factor=options.factor,
                    settings=Settings(),
                    trace_of=trace_of,
                )
            )
        except UnequalRunsError as error:
            field = error.field.removeprefix("search.")
            advice = f" If it is, add --factor {','.join([*options.factor, field])}." if field != error.field else ""
            raise OptionError(f"{error}{advice}") from error
    return corrected(done)


def _runs(a: _Side, b: _Side | None) -> list[Path]:
    return [a.run] if b is None or b.run.resolve() == a.run.resolve() else [a.run, b.run]


def _traces(folders: dict[str, RunFolder]) -> Callable[[Cell], Path | None]:
    def trace_of(cell: Cell) -> Path | None:
        path = folders[cell.run].trace_path(cell.theorem, arm=cell.arm, seed=cell.seed)
        return path if path.exists() else None

    return trace_of


def _pairs(a: _Side, b: _Side | None, cells: Cells) -> list[tuple[str, str]]:
    """Return which arms are compared; the second of each pair is the reference.

    Raises:
        OptionError: An arm does not exist, or it is not clear which are meant.
    """
    arms_a, arms_b = _arms(a, cells), _arms(b or a, cells)
    if b is None:
        reference = a.arm or ("wild_type" if "wild_type" in arms_a else arms_a[0])
        pairs = [(arm, reference) for arm in arms_a if arm != reference]
        if not pairs:
            raise OptionError(f"{a.run} has one arm, {reference}: name a second run to compare it with.")
        return pairs
    if a.arm is not None or b.arm is not None:
        first, second = a.arm or b.arm, b.arm or a.arm
        pairs = [(_known(first, arms_a, a), _known(second, arms_b, b))]
    else:
        pairs = [(arm, arm) for arm in arms_a if arm in arms_b]
        if not pairs and len(arms_a) == len(arms_b) == 1:
            pairs = [(arms_a[0], arms_b[0])]
    if not pairs:
        raise OptionError(
            f"{a.run} and {b.run} have no arm in common ({', '.join(arms_a)}; {', '.join(arms_b)}): name one of each, "
            "as in RUN:ARM."
        )
    if a.run.resolve() == b.run.resolve() and any(one == other for one, other in pairs):
        raise OptionError(f"{a.run} is to be compared with itself: name two arms of it, as in RUN:ARM, or another run.")
    return pairs


def _known(arm: str | None, arms: Sequence[str], side: _Side) -> str:
    if arm is None or arm not in arms:
        raise OptionError(f"{side.run} has no arm {arm}, but {', '.join(arms)}.")
    return arm


def _arms(side: _Side, cells: Cells) -> list[str]:
    name = side.run.resolve().name
    searched = {cell.arm for cell in cells if cell.run == name}
    planned = [arm for run in cells.runs if run.name == name for arm in run.arms]
    arms = [arm for arm in planned if arm in searched] or sorted(searched)  # an old run does not say its plan
    if side.arm is not None:
        _known(side.arm, arms, side)
    return arms
