"""What a run ends with: rows, totals, the JSON object of ``--json``, and the table for people."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType
from rich.console import Console

from cellview.app.console import table

__all__ = ["Row", "RunReport", "Totals", "print_report", "report_of"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one search.

    Args:
        id: The theorem's name in the corpus.
        solved: Whether a proof was found that a fresh Lean accepted.
        provable: What the corpus says about the theorem; ``None``: nothing.
        iterations: Iterations that were committed.
        attempts: Tactics that were tried.
        seconds: Wall-clock time of the search; the one figure here that differs from run to run.
        proof: The verified proof as Lean source; ``None`` when unsolved.
        digest: The trace digest.
        stop_reason: Why the search ended.
        intervention: The arm; left out for the wild type.
    """

    id: str
    solved: bool
    provable: bool | None
    iterations: int
    attempts: int
    seconds: float
    proof: str | None
    digest: str | None
    stop_reason: str
    intervention: str | UnsetType = UNSET


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over all searches of a run. `seconds` is the run's own time, not the sum over searches side by side.

    `provable` and `provable_solved` count searches of all theorems that the corpus does not mark as non-theorems;
    `unprovable_solved` counts those that were solved although they are, which means that the corpus is wrong.
    """

    searches: int
    solved: int
    provable: int
    provable_solved: int
    unprovable_solved: int
    iterations: int
    attempts: int
    seconds: float


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """The object that ``cellview run --json`` prints. `run` is the path of the run's folder."""

    run: str
    theorems: list[Row]
    totals: Totals


def report_of(folder: str, rows: Sequence[Row], *, seconds: float) -> RunReport:
    """Return the report of a run; `rows` stay in their order."""
    return RunReport(
        run=folder,
        theorems=list(rows),
        totals=Totals(
            searches=len(rows),
            solved=sum(row.solved for row in rows),
            provable=sum(row.provable is not False for row in rows),
            provable_solved=sum(row.provable is not False and row.solved for row in rows),
            unprovable_solved=sum(row.provable is False and row.solved for row in rows),
            iterations=sum(row.iterations for row in rows),
            attempts=sum(row.attempts for row in rows),
            seconds=round(seconds, 3),
        ),
    )


def proof_lines(proof: str | None) -> int:
    """Return the length of a proof: its lines after the statement, blank ones not counted."""
    if proof is None:
        return 0
    _, _, body = proof.partition(":= by")
    return sum(bool(line.strip()) for line in body.splitlines())


def print_report(report: RunReport, console: Console) -> None:
    """Print the table of a run, its totals and its folder."""
    arms = any(row.intervention is not UNSET for row in report.theorems)
    columns = ["theorem", *(["arm"] if arms else []), "solved", "iterations", "tactics", "lines", "seconds"]
    rows = table(*columns, right=("iterations", "tactics", "lines", "seconds"))
    for row in report.theorems:
        arm = [row.intervention if isinstance(row.intervention, str) else "wild_type"] if arms else []
        lines = str(proof_lines(row.proof)) if row.solved else ""
        figures = (str(row.iterations), str(row.attempts), lines, f"{row.seconds:.2f}")
        rows.add_row(row.id, *arm, _verdict(row), *figures)
    console.print(rows)
    console.print()
    console.print(_sentence(report.totals, arms=arms))
    console.print(f"Run folder: {report.run}", markup=False, soft_wrap=True)


def _verdict(row: Row) -> str:
    if row.solved:
        return "[red]yes, but marked as no theorem[/red]" if row.provable is False else "[green]yes[/green]"
    return "no (no theorem)" if row.provable is False else "[yellow]no[/yellow]"


def _sentence(totals: Totals, *, arms: bool) -> str:
    unprovable = totals.searches - totals.provable
    what = "searches for theorems" if arms else "theorems"
    parts = [f"Proved {totals.provable_solved} of {totals.provable} {what}"]
    if totals.provable:
        parts[0] += f" ({100 * totals.provable_solved / totals.provable:.1f} %)"
    if unprovable:
        parts.append(f"{totals.unprovable_solved} of {unprovable} non-theorems")
    effort = f"{totals.iterations} iterations, {totals.attempts} tactics, {totals.seconds:.1f} s"
    return f"{' and '.join(parts)}.\n{effort}."
