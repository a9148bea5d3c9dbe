"""What a run ends with: rows, totals, the JSON object of ``--json``, and the table for people."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, UnsetType
from rich.console import Console

from cellview.app.console import table
from cellview.experiment import ExperimentFolder
from cellview.trace import SearchEntry

__all__ = ["Row", "RunReport", "Totals", "print_report", "report_of", "summed"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one search.

    Args:
        id: The theorem's name in the corpus.
        solved: Whether a proof was found that a fresh Lean accepted.
        provable: What the corpus says about the theorem; ``None``: nothing.
        iterations: Iterations that were committed.
        attempts: Attempts in the records: tried and held back.
        tried: Tactics that reached the prover.
        held_back: Tactics that the arm held back.
        seconds: Wall-clock time of the search; the one figure here that differs from run to run.
        proof: The verified proof as Lean source; ``None`` when unsolved.
        digest: The trace digest.
        stop_reason: Why the search ended.
        intervention: The arm; left out for the wild type.
        seed: The run seed; left out where a run has one only.
    """

    id: str
    solved: bool
    provable: bool | None
    iterations: int
    attempts: int
    tried: int
    held_back: int
    seconds: float
    proof: str | None
    digest: str | None
    stop_reason: str
    intervention: str | UnsetType = UNSET
    seed: int | UnsetType = UNSET


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


def report_of(folder: ExperimentFolder, *, seconds: float) -> RunReport:
    """Return the report of a run, its searches in the order of the plan."""
    several = len(folder.experiment.seeds) > 1
    return summed(str(folder.path), [_row(folder, entry, seed=several) for entry in folder.entries()], seconds=seconds)


def summed(run: str, rows: Sequence[Row], *, seconds: float) -> RunReport:
    """Return the report of these rows, in their order."""
    return RunReport(
        run=run,
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


def _row(folder: ExperimentFolder, entry: SearchEntry, *, seed: bool) -> Row:
    return Row(
        id=entry.theorem,
        solved=entry.solved,
        provable=entry.provable is True,
        iterations=entry.iterations,
        attempts=entry.attempts,
        tried=entry.tried,
        held_back=entry.held_back,
        seconds=folder.seconds_of(entry),
        proof=folder.source_of(entry),
        digest=entry.digest,
        stop_reason=entry.stop_reason,
        intervention=UNSET if entry.arm == "wild_type" else entry.arm,
        seed=entry.seed if seed else UNSET,
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
    seeds = any(row.seed is not UNSET for row in report.theorems)
    columns = ["theorem", *(["arm"] if arms else []), *(["seed"] if seeds else [])]
    columns += ["solved", "iterations", "tactics", "lines", "seconds"]
    rows = table(*columns, right=("iterations", "tactics", "lines", "seconds"))
    for row in report.theorems:
        arm = [row.intervention if isinstance(row.intervention, str) else "wild_type"] if arms else []
        lines = str(proof_lines(row.proof)) if row.solved else ""
        figures = (str(row.iterations), str(row.attempts), lines, f"{row.seconds:.2f}")
        seed = [str(row.seed)] if seeds else []
        rows.add_row(row.id, *arm, *seed, _verdict(row), *figures)
    console.print(rows)
    console.print()
    console.print(_sentence(report.totals, arms=arms or seeds))
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
