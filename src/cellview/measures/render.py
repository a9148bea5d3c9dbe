"""An analysis as text, as ``cellview analyse`` prints it: no colours, no terminal needed, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from cellview.measures.pure.freezing import FreezingTable
from cellview.measures.pure.tables import Analysis, ContrastRow, RunRow

__all__ = ["Sheet", "is_number", "render_analysis", "sheets_of"]


class Sheet(msgspec.Struct, frozen=True):
    """One table of an analysis, its numbers written out, with what belongs under it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def render_analysis(analysis: Analysis) -> str:
    """Lay out all tables of an analysis that have a row."""
    parts = [_head(analysis)]
    for sheet in sheets_of(analysis):
        parts.append([*_table(sheet.title, sheet.head, sheet.rows), *(f"  {note}" for note in sheet.notes)])
    parts += [_run(run) for run in analysis.runs]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def sheets_of(analysis: Analysis) -> list[Sheet]:
    """Return all tables of an analysis that have a row, for whoever lays them out otherwise."""
    left_out = tuple(f"{row.arm}: left out {_counts(row.dropped)}" for row in analysis.arms if row.dropped)
    rates = [_sheet("Arms", _ARM, _arm, analysis.arms, left_out)]
    notes = tuple(line for row in analysis.contrasts for line in _notes(row))
    rates.append(_sheet("Contrasts (null value 0)", _CONTRAST, _contrast, analysis.contrasts, notes))
    rates.append(_sheet("Beside the reference, search by search", _RESPONSE, _response, analysis.responses))
    rates += [_freezing(table) for table in analysis.freezing]
    members = analysis.portfolio if len(analysis.portfolio) > 1 else ()
    two = "Proofs of two arms, theorem by theorem (null: labels exchanged among the proofs of a theorem)"
    silent = tuple(
        f"{row.arm}: seconds are not compared, {row.why_no_wall}." for row in analysis.speed if row.why_no_wall
    )
    diverse = [row for row in analysis.diversity if row.theorems]
    after = "After the first obstacle: iterations to the next improvement, beside the same moment without one"
    others = [
        _sheet("Work (tactics tried), arm over reference", _WORK, _work, analysis.work),
        _sheet("Speed-up over the centralized baseline", _SPEED, _speed, analysis.speed, silent),
        _sheet("Search efficiency K against blind search", _EFFICIENCY, _k, analysis.efficiency),
        _sheet(f"Portfolio: {analysis.best} theorems are solved by some arm", _PORTFOLIO, _member, members),
        _sheet("Proofs over seeds", _DIVERSITY, _diversity, diverse),
        _sheet(two, _BASINS, _basin, analysis.basins),
        _sheet(after, _OBSTACLE, _obstacle, analysis.obstacles),
        _sheet("Figures of traces, means over theorems", _TRACE, _trace, analysis.traces),
    ]
    return [sheet for sheet in [*rates, *others] if sheet.rows]


def _sheet(
    title: str,
    head: tuple[str, ...],
    cells: Callable[[Any], tuple[str, ...]],
    rows: Iterable[Any],
    notes: tuple[str, ...] = (),
) -> Sheet:
    return Sheet(title, head, tuple(cells(row) for row in rows), notes)


def _head(analysis: Analysis) -> list[str]:
    lines = [analysis.title]
    if analysis.question:
        lines.append(f"  Question: {analysis.question}")
    lines += [f"  Exploratory, since {why}." for why in analysis.why_exploratory]
    software = ", ".join(f"{name} {version}" for name, version in sorted(analysis.software.items()))
    lines.append(
        f"  Analysis seed {analysis.seed}, {analysis.bootstrap} bootstrap samples, "
        f"{analysis.permutations} permutations, target {analysis.target}; {software}."
    )
    lines.append(f"  Non-theorems solved: {analysis.non_theorems_solved}.")
    return lines


_ARM = (
    "arm",
    "theorems",
    "seeds",
    "distinct",
    "solved",
    "95 % interval",
    "method",
    "mean time",
    "PAR-2",
    "tried",
    "given up",
)


def _arm(row: Any) -> tuple[str, ...]:
    return (
        row.arm, str(row.theorems), str(row.seeds), str(row.distinct), _number(row.solve_rate),
        _interval(row.low, row.high), row.interval or "", _number(row.restricted_mean, 2), _number(row.par2, 2),
        _number(row.tried, 1), _number(row.given_up_share),
    )  # fmt: skip


_CONTRAST = ("measure", "arm", "reference", "theorems", "both", "only arm", "only ref.", "neither", "estimate",
             "95 % interval", "test", "p", "Holm p")  # fmt: skip


def _contrast(row: ContrastRow) -> tuple[str, ...]:
    found = row.contrast
    test = found.test or ""
    if found.permutations is not None and found.test is not None:
        test += f", {found.permutations} drawn"
    return (
        found.measure, found.arm, found.reference, str(found.theorems), str(found.both), str(found.only_arm),
        str(found.only_reference), str(found.neither), _number(found.estimate), _interval(found.low, found.high), test,
        _p(found.p), _p(row.holm_p) if row.family != "secondary" else "exploratory",
    )  # fmt: skip


def _notes(row: ContrastRow) -> Iterator[str]:
    found = row.contrast
    name = f"{found.measure}, {found.arm} against {found.reference}:"
    yield f"{name} interval by {found.interval or 'nothing'}, target {found.target}, family {row.family}."
    if found.mid_p is not None:
        yield f"{name} mid-p {_p(found.mid_p)} (its level is not guaranteed)."
    if row.adjusted_level is not None and row.adjusted_level > 1 - row.alpha:
        yield f"{name} {100 * row.adjusted_level:.2f} % interval {_interval(row.adjusted_low, row.adjusted_high)}."
    if found.equivalent is not None:
        verdict = "no difference that matters" if found.equivalent else "a difference that matters is not excluded"
        yield f"{name} {verdict} (smallest effect of interest {row.sesoi}, two one-sided tests of level {row.alpha})."
    if found.dropped:
        yield f"{name} left out {_counts(found.dropped)}, both members of each pair."
    if found.undefined:
        yield f"{name} {found.undefined} pairs have no such figure."
    if row.logrank is not None and row.logrank.p is not None:
        yield f"{name} log-rank, which ignores pairing: χ² {_number(row.logrank.chi2)}, p {_p(row.logrank.p)}."
    if row.unsolved is not None:
        other = row.unsolved
        yield f"{name} with those counted as unsolved: {_number(other.estimate)}, p {_p(other.p)}."


_RESPONSE = ("arm", "reference", "replicate", "reroute", "collapse", "rescue", "neither", "recovery", "other seeds",
             "null", "effect", "95 % interval", "rerouted", "null rerouted")  # fmt: skip


def _response(row: Any) -> tuple[str, ...]:
    found = row.recovery
    counts = (row.replicate, row.reroute, row.collapse, row.rescue, row.neither)
    figures = (found.same_seed, found.other_seed, found.null, row.effect)
    shares = (row.reroute_share, row.reroute_null)
    interval = _interval(row.low, row.high)
    return (row.arm, row.reference, *map(str, counts), *map(_number, figures), interval, *map(_number, shares))


_FREEZING = ("fraction", "realised", "arm", "theorems", "solved", "95 % interval", "time ratio", "given up",
             "root frozen", "no compensation", "excess", "p")  # fmt: skip


def _freezing(table: FreezingTable) -> Sheet:
    rows = tuple(
        (
            _number(row.fraction, 2), _number(row.realised), row.arm, str(row.theorems), _number(row.solve_rate),
            _interval(row.low, row.high), _number(row.restricted_mean_ratio), _number(row.starvation),
            "" if row.root_frozen is None else str(row.root_frozen), _number(row.no_compensation), _number(row.excess),
            _p(row.p),
        )
        for row in table.rows
    )  # fmt: skip
    kind = f"{'for good' if table.permanent else 'for a time'}, reroute {_policy(table.reroute)}"
    lines = [
        f"area under the curve {_number(table.index.auc)}, half of the rate at {_number(table.index.half)}; slope "
        f"{_number(table.slope)}, p {_p(table.slope_p)} (sign flip within theorems)."
    ]
    lines += [
        f"delayed gratification over the fraction, {gain.among} searches of {gain.theorems} theorems: slope "
        f"{_number(gain.slope)}, p {_p(gain.p)}."
        for gain in table.gains
        if gain.theorems
    ]
    return Sheet(f"Tolerance of nodes frozen {kind}", _FREEZING, rows, tuple(lines))


_WORK = ("arm", "reference", "both", "only arm", "only ref.", "neither", "geometric mean", "95 % interval", "capped",
         "cap", "logical speed-up")  # fmt: skip


def _work(row: Any) -> tuple[str, ...]:
    ratio = row.ratio
    counts = (ratio.both, ratio.only_a, ratio.only_b, ratio.neither)
    return (
        row.arm, row.reference, *map(str, counts), _number(ratio.geometric_mean), _interval(row.low, row.high),
        _number(ratio.capped), _number(row.cap, 0), _number(row.logical_speedup, 2),
    )  # fmt: skip


_SPEED = ("arm", "reference", "strength, iterations", "strength, tried", "repeats", "pairs", "host", "seconds",
          "95 % interval")  # fmt: skip


def _speed(row: Any) -> tuple[str, ...]:
    return (
        row.arm, row.reference, _number(row.strength_iterations, 2), _number(row.strength_tried, 2), str(row.repeats),
        str(row.pairs), ", ".join(row.hosts), _number(row.wall, 2), _interval(row.low, row.high),
    )  # fmt: skip


_EFFICIENCY = ("arm", "blind", "theorems", "exact", "≥", "≤", "undetermined", "K", "95 % interval", "bound",
               "noise floor", "cap")  # fmt: skip


def _k(row: Any) -> tuple[str, ...]:
    counts = (row.theorems, row.exact, row.lower, row.upper, row.undetermined)
    return (
        row.arm, row.blind, *map(str, counts), _number(row.k), _interval(row.low, row.high), row.bound,
        _interval(row.noise_low, row.noise_high), _number(row.cap, 0),
    )  # fmt: skip


_PORTFOLIO = ("arm", "solved", "Shapley", "unique", "pass@k")


def _member(row: Any) -> tuple[str, ...]:
    chances = ", ".join(f"{k}: {chance:.3f}" for k, chance in row.pass_at.items())
    return row.arm, str(row.solved), _number(row.value, 2), str(row.unique), chances


_DIVERSITY = ("arm", "theorems", "entropy", "effective", "dominant", "coverage")


def _diversity(row: Any) -> tuple[str, ...]:
    return (row.arm, str(row.theorems), *map(_number, (row.entropy, row.effective, row.dominant, row.coverage)))


_BASINS = ("arm", "reference", "theorems", "with several", "proofs", "ref. proofs", "rarefied", "ref. rarefied", "χ²",
           "p")  # fmt: skip


def _basin(row: Any) -> tuple[str, ...]:
    test = row.test
    counts = (test.theorems, test.telling, row.proofs, row.reference_proofs)
    return (
        row.arm, row.reference, *map(str, counts), _number(row.rarefied_arm), _number(row.rarefied_reference),
        _number(test.chi2), _p(test.p),
    )  # fmt: skip


_OBSTACLE = ("arm", "reference", "theorems", "searches", "without", "over", "arm mean", "placebo", "difference",
             "95 % interval", "p", "absorption")  # fmt: skip


def _obstacle(row: Any) -> tuple[str, ...]:
    counts = (row.theorems, row.searches, row.without_event, row.over)
    return (
        row.arm, row.reference, *map(str, counts), _number(row.arm_mean, 2), _number(row.placebo_mean, 2),
        _number(row.difference, 2), _interval(row.low, row.high), _p(row.p), _number(row.absorption),
    )  # fmt: skip


_TRACE = ("arm", "figure", "among", "theorems", "searches", "mean", "95 % interval", "null", "p")


def _trace(row: Any) -> tuple[str, ...]:
    return (
        row.arm, row.figure, row.among, str(row.theorems), str(row.searches), _number(row.mean),
        _interval(row.low, row.high), _number(row.null, 0), _p(row.p),
    )  # fmt: skip


def _run(run: RunRow) -> list[str]:
    dirty = " (with changes)" if run.git_dirty else ""
    backend = ", ".join(f"{key} {value}" for key, value in sorted(run.backend.items()) if value is not None)
    return [
        f"Run {run.name}: digest {run.run_digest}",
        f"  corpus {run.corpus_digest}, experiment {run.experiment_digest}, preregistration {run.plan_digest}",
        f"  Cellview {run.cellview}, Lean {run.lean}, commit {run.git_commit}{dirty}, schedule {run.schedule_version}",
        f"  {backend}",
        f"  {run.mode}, {run.agents} agents, window {run.window}, budget {run.budget}, seeds "
        f"{', '.join(map(str, run.seeds))}, selection {run.selection}",
        f"  block {_policy(run.block)}, delay {_policy(run.delay)}, reroute {_policy(run.reroute)}",
    ]


def _policy(policy: Any) -> str:
    if not policy:
        return "none"
    return " ".join(f"{key}={value}" for key, value in policy.items() if value is not None)


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    numeric = [all(is_number(cell) for cell in column) for column in zip(*rows, strict=True)] if rows else []

    def line(cells: tuple[str, ...]) -> str:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return ("  " + "  ".join(padded)).rstrip()

    return [title, line(head), *map(line, rows)] if rows else [title, "  no row"]


def is_number(cell: str) -> bool:
    """Return whether a cell is to stand at the right of its column."""
    return not cell or cell[0] in "0123456789-–<[" or cell == "exploratory"


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"[{low:.3f}, {high:.3f}]"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if value >= 0.0001 else f"{value:.1e}"


def _counts(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {why}" for why, count in reasons.items())
