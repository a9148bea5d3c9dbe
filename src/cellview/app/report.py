"""What a run ends with: rows, totals, the JSON object of ``--json``, and the table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType
from rich.console import Console

from cellview.app.collective import collective_of_arm
from cellview.app.console import table
from cellview.app.errors import InputFileError
from cellview.app.reasons import legend, refusal
from cellview.measures import TogetherTotals
from cellview.trace import RunFolder, SearchEntry

__all__ = ["NOT_SEARCHED", "ArmTotals", "Row", "RunReport", "Totals", "print_report", "report_of", "summed"]

NOT_SEARCHED = ("statement_error", "no_wild_type_proof", "set_aside")
"""Where no search took place: such a row is neither solved nor unsolved."""

_HOLD_NOTHING = ("wild_type", "control_null")
"""Arms that are there to hold nothing back."""


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
        message: What Lean said to a statement that it does not accept, or why a proof that was found was refused.
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
    message: str | None
    intervention: str | UnsetType = UNSET
    seed: int | UnsetType = UNSET


class ArmTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one arm. `provable` and the others count as in :class:`Totals`; arms are never added up.

    `held_back` counts the attempts that the arm took away; `None` for an arm that is there to take nothing.
    `collective` is what agents did beside each other, over all searches for theorems that have a trace; `None` where it
    was not asked for.
    """

    arm: str
    provable: int
    provable_solved: int
    non_theorems: int
    unprovable_solved: int
    not_searched: int
    held_back: int | None
    collective: TogetherTotals | None = None


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over all searches of a run. `seconds` is the run's own time, not the sum over searches side by side.

    `provable` and `provable_solved` count searches of all theorems that the corpus does not mark as non-theorems;
    `unprovable_solved` counts those that were solved although they are, which means that the corpus is wrong.
    `not_searched` counts what was not run at all, and is in none of them.
    """

    searches: int
    not_searched: int
    solved: int
    provable: int
    provable_solved: int
    unprovable_solved: int
    iterations: int
    attempts: int
    tried: int
    seconds: float
    arms: tuple[ArmTotals, ...]
    model: Mapping[str, float] | UnsetType = UNSET
    """What asking models came to, where any was asked: requests, hits among kept answers, tokens, seconds waited."""


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """The object that ``cellview run --json`` prints. `run` is the path of the run's folder."""

    run: str
    theorems: list[Row]
    totals: Totals


def report_of(folder: RunFolder, *, seconds: float, collective: bool = False) -> RunReport:
    """Return the report of a run as its folder has it, its searches in the order of the plan.

    With `collective`, the traces are read as well, for what agents did beside each other.

    Raises:
        InputFileError: A proof is not there.
    """
    metadata = folder.metadata
    several = len(metadata.seeds) > 1
    rows = [_row(folder, entry, seed=several) for entry in metadata.results]
    report = summed(str(folder.path), rows, seconds=seconds)
    totals = report.totals
    if metadata.provider_use:
        totals = msgspec.structs.replace(totals, model=metadata.provider_use)
    if collective and metadata.trace:
        seen = {arm.arm: collective_of_arm(folder, arm.arm) for arm in totals.arms}
        arms = tuple(msgspec.structs.replace(arm, collective=seen[arm.arm]) for arm in totals.arms)
        totals = msgspec.structs.replace(totals, arms=arms)
    return msgspec.structs.replace(report, totals=totals)


def summed(run: str, rows: Sequence[Row], *, seconds: float) -> RunReport:
    """Return the report of these rows, in their order."""
    arms = tuple(_of_arm(arm, [row for row in rows if _arm(row) == arm]) for arm in dict.fromkeys(map(_arm, rows)))
    return RunReport(
        run=run,
        theorems=list(rows),
        totals=Totals(
            searches=len(rows),
            not_searched=sum(arm.not_searched for arm in arms),
            solved=sum(row.solved for row in rows),
            provable=sum(arm.provable for arm in arms),
            provable_solved=sum(arm.provable_solved for arm in arms),
            unprovable_solved=sum(arm.unprovable_solved for arm in arms),
            iterations=sum(row.iterations for row in rows),
            attempts=sum(row.attempts for row in rows),
            tried=sum(row.tried for row in rows),
            seconds=round(seconds, 3),
            arms=arms,
        ),
    )


def _arm(row: Row) -> str:
    return row.intervention if isinstance(row.intervention, str) else "wild_type"


def _of_arm(arm: str, rows: Sequence[Row]) -> ArmTotals:
    searched = [row for row in rows if row.stop_reason not in NOT_SEARCHED]
    return ArmTotals(
        arm=arm,
        provable=sum(row.provable is not False for row in searched),
        provable_solved=sum(row.provable is not False and row.solved for row in searched),
        non_theorems=sum(row.provable is False for row in searched),
        unprovable_solved=sum(row.provable is False and row.solved for row in searched),
        not_searched=len(rows) - len(searched),
        held_back=None if arm in _HOLD_NOTHING else sum(row.held_back for row in searched),
    )


def _proof(folder: RunFolder, entry: SearchEntry) -> str | None:
    if not entry.solved:
        return None
    path = folder.proof_path(entry.theorem, arm=entry.arm, seed=entry.seed)
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}; put it back.") from error


def _row(folder: RunFolder, entry: SearchEntry, *, seed: bool) -> Row:
    return Row(
        id=entry.theorem,
        solved=entry.solved,
        provable=entry.provable,
        iterations=entry.iterations,
        attempts=entry.attempts,
        tried=entry.tried,
        held_back=entry.held_back,
        seconds=folder.metadata.seconds.get(f"{entry.theorem}/{entry.files}", 0.0),
        proof=_proof(folder, entry),
        digest=entry.digest,
        stop_reason=entry.stop_reason,
        message=entry.message,
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
        arm = [_arm(row)] if arms else []
        lines = str(proof_lines(row.proof)) if row.solved else ""
        figures = (str(row.iterations), str(row.tried), lines, f"{row.seconds:.2f}")
        seed = [str(row.seed)] if seeds else []
        rows.add_row(row.id, *arm, *seed, _verdict(row), *figures)
    console.print(rows)
    console.print()
    console.print(_sentences(report.totals, seeds=seeds))
    for line in _notes(report):
        console.print(line, markup=False)
    console.print(f"Run folder: {report.run}", markup=False, soft_wrap=True)


def _verdict(row: Row) -> str:
    if row.solved:
        return "[red]yes, but marked as no theorem[/red]" if row.provable is False else "[green]yes[/green]"
    if row.stop_reason in NOT_SEARCHED:
        return "[yellow]not searched[/yellow]"
    return "no (no theorem)" if row.provable is False else f"[yellow]no ({row.stop_reason})[/yellow]"


def _sentences(totals: Totals, *, seeds: bool) -> str:
    """What each arm proved, by itself: a sum over arms would be a rate of nothing."""
    several = len(totals.arms) > 1
    lines = [f"{arm.arm}: {_proved(arm, seeds=seeds)}" if several else _proved(arm, seeds=seeds) for arm in totals.arms]
    effort = f"{totals.iterations} iterations, {totals.tried} tactics, {totals.seconds:.1f} s."
    return "\n".join([*lines, effort])


def _proved(arm: ArmTotals, *, seeds: bool) -> str:
    what = "searches for theorems" if seeds else "theorems"
    sentence = f"Proved {arm.provable_solved} of {arm.provable} {what}"
    if arm.provable:
        sentence += f" ({100 * arm.provable_solved / arm.provable:.1f} %)"
    if arm.non_theorems:
        sentence += f" and {arm.unprovable_solved} of {arm.non_theorems} non-theorems"
    if arm.held_back:
        sentence += f"; {arm.held_back} attempt{'s' if arm.held_back != 1 else ''} held back"
    sentence += f"; {arm.not_searched} not searched." if arm.not_searched else "."
    # Such an arm's figures are the wild type's, and say nothing of what it was to take away.
    return f"{sentence} This arm held back 0 attempts." if arm.held_back == 0 else sentence


def _notes(report: RunReport) -> Iterator[str]:
    """Yield what the figures alone would let one misread."""
    yield from legend(row.stop_reason for row in report.theorems if not row.solved and row.provable is not False)
    for row in report.theorems:
        if row.message is not None and row.stop_reason not in NOT_SEARCHED:
            yield f"{row.id}: {refusal(row.message)}"
