"""What is said of each arm, and of arms beside each other: the rows of an analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import exp, fsum, log

import msgspec

from cellview.measures.pure.cells import Cell, Cells
from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.cost import WorkRatio, search_efficiency, work_ratio
from cellview.measures.pure.diversity import Basins, basins
from cellview.measures.pure.extra import stream
from cellview.measures.pure.pairing import Pairs
from cellview.measures.pure.permutation import sign_flip
from cellview.measures.pure.perturbation import Recovery, recovery, response
from cellview.measures.pure.portfolio import Shapley, pass_at_k, shapley
from cellview.measures.pure.proportions import wilson
from cellview.measures.pure.resampling import cluster_bootstrap
from cellview.measures.pure.survival import incidence, par2, restricted_mean
from cellview.measures.pure.trace_figures import TraceFigures

__all__ = [
    "ArmRow",
    "DiversityRow",
    "EfficiencyRow",
    "PortfolioRow",
    "ResponseRow",
    "TraceRow",
    "WorkRow",
    "arm_row",
    "diversity_row",
    "efficiency_row",
    "portfolio",
    "response_row",
    "trace_rows",
    "work_row",
]


class ArmRow(msgspec.Struct, frozen=True, kw_only=True):
    """One arm. `seeds` are per theorem, at most; `distinct` counts different trace digests."""

    arm: str
    theorems: int
    seeds: int
    searches: int
    dropped: dict[str, int]
    distinct: int
    solve_rate: float | None
    low: float | None
    high: float | None
    interval: str | None
    restricted_mean: float | None
    """Iterations to the solution, cut at the budget; searches that were cut short are censored there."""
    par2: float | None
    median: float | None
    tried: float | None
    """Tactics that reached the prover, per search."""
    given_up_share: float | None
    """Tickets given up, of all."""
    exhausted: int
    discarded: int
    """Tickets issued but not committed, over all searches: work that no trace shows."""


class ResponseRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of searches under an arm, beside those of another; all five classes."""

    arm: str
    reference: str
    replicate: int
    reroute: int
    collapse: int
    rescue: int
    neither: int
    recovery: Recovery


class PortfolioRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an arm adds to the others."""

    arm: str
    solved: int
    """Theorems that some seed solves."""
    value: float
    unique: int
    pass_at: dict[int, float]
    """pass@k up to the least number of different digests that a theorem has."""


class DiversityRow(msgspec.Struct, frozen=True, kw_only=True):
    """Diversity of proofs over seeds, averaged over the theorems that at least two different searches solve."""

    arm: str
    theorems: int
    entropy: float | None
    effective: float | None
    dominant: float | None
    coverage: float | None


class WorkRow(msgspec.Struct, frozen=True, kw_only=True):
    """Work against a baseline; below 1 is less."""

    arm: str
    reference: str
    unit: str
    ratio: WorkRatio
    cap: float
    low: float | None
    high: float | None
    """Interval of the geometric mean, over theorems."""


class EfficiencyRow(msgspec.Struct, frozen=True, kw_only=True):
    """Search efficiency K against blind search, over theorems."""

    arm: str
    blind: str
    cap: float
    theorems: int
    exact: int
    lower: int
    upper: int
    undetermined: int
    k: float | None
    """Mean of K over the theorems where it is exact or a bound."""
    low: float | None
    high: float | None
    bound: str
    """Whether the mean is a bound: ``≥``, ``≤``, empty, or ``mixed``."""


class TraceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of traces: its mean over theorems."""

    arm: str
    figure: str
    among: str
    """All searches, or the solved or unsolved ones alone."""
    theorems: int
    searches: int
    mean: float | None
    low: float | None
    high: float | None
    null: float | None
    p: float | None
    """Sign-flip test against the null value, where the figure has one."""


def arm_row(cells: Cells, label: str, settings: Settings) -> ArmRow:
    """Return the row of an arm."""
    arm = cells.of(label)
    kept = arm.by_theorem()
    counted = [cell for row in kept.values() for cell in row]
    seeds = max(map(len, kept.values()), default=0)
    budget = arm.runs[0].budget
    times, statuses = [cell.iterations for cell in counted], [cell.status for cell in counted]
    rate = [[float(cell.solved) for cell in row] for row in kept.values()]
    estimate, low, high, method = _rate(rate, seeds, settings)
    horizon = max(1, budget)
    return ArmRow(
        arm=label,
        theorems=len(kept),
        seeds=seeds,
        searches=len(counted),
        dropped=_sorted_counts(cell.why or "missing" for cell in arm if cell.status == "missing"),
        distinct=len({(cell.theorem, cell.digest) for cell in counted}),
        solve_rate=estimate,
        low=low,
        high=high,
        interval=method,
        restricted_mean=restricted_mean(times, statuses, horizon, horizon),
        par2=par2(times, statuses, horizon),
        median=incidence(times, statuses, horizon).median if counted else None,
        tried=_mean([float(cell.tried) for cell in counted]),
        given_up_share=_quotient(sum(cell.given_up for cell in counted), sum(times)),
        exhausted=statuses.count("exhausted"),
        discarded=sum(cell.discarded for cell in counted),
    )


def _rate(
    rows: Sequence[Sequence[float]], seeds: int, settings: Settings
) -> tuple[float | None, float | None, float | None, str | None]:
    if seeds == 1:
        solved = int(sum(row[0] for row in rows))
        interval = wilson(solved, len(rows), level=settings.level)
        return solved / len(rows), interval.low, interval.high, "Wilson"
    boot = cluster_bootstrap(
        rows, level=settings.level, resamples=settings.bootstrap, seed=settings.seed, target=settings.target
    )
    return boot.estimate, boot.low, boot.high, None if boot.method is None else f"bootstrap, {boot.method}"


def response_row(pairs: Pairs, labels: tuple[str, str]) -> ResponseRow:
    """Return what became of the first arm's searches beside the second's."""
    classes = Counter(
        response(
            row.b.solved,
            row.a.solved,
            same_proof=row.a.proof_hash is not None and row.a.proof_hash == row.b.proof_hash,
        )
        for row in pairs
    )
    rows = list(pairs.by_theorem().values())
    return ResponseRow(
        arm=labels[0],
        reference=labels[1],
        replicate=classes["replicate"],
        reroute=classes["reroute"],
        collapse=classes["collapse"],
        rescue=classes["rescue"],
        neither=classes["neither"],
        recovery=recovery(
            [[int(pair.b.solved) for pair in row] for row in rows],
            [[int(pair.a.solved) for pair in row] for row in rows],
        ),
    )


def portfolio(cells: Cells) -> tuple[Shapley, list[PortfolioRow]]:
    """Return what all arms together solve, and each arm's part in it."""
    solved_by = {label: {cell.theorem for cell in cells.of(label) if cell.solved} for label in cells.labels()}
    worth = shapley(solved_by)
    rows = [
        PortfolioRow(
            arm=label,
            solved=len(theorems),
            value=worth.values[label],
            unique=worth.unique[label],
            pass_at=_pass_at(cells.of(label)),
        )
        for label, theorems in solved_by.items()
    ]
    return worth, rows


def _pass_at(arm: Cells) -> dict[int, float]:
    # Two seeds with one digest are one search: only different ones are draws.
    rows = [list({cell.digest: cell for cell in row}.values()) for row in arm.by_theorem().values()]
    least = min(map(len, rows), default=0)
    found: dict[int, float] = {}
    for k in range(1, least + 1):
        chances = [pass_at_k(len(row), sum(cell.solved for cell in row), k) or 0.0 for row in rows]
        found[k] = fsum(chances) / len(chances)
    return found


def diversity_row(cells: Cells, label: str) -> DiversityRow:
    """Return how many different proofs an arm's seeds find."""
    figures: list[Basins] = []
    for row in cells.of(label).by_theorem().values():
        different = {cell.digest: cell for cell in row if cell.solved and cell.proof_hash is not None}
        counts = Counter(cell.proof_hash for cell in different.values())
        if counts.total() > 1:
            figures.append(basins(list(counts.values())))
    return DiversityRow(
        arm=label,
        theorems=len(figures),
        entropy=_mean([figure.entropy for figure in figures]),
        effective=_mean([figure.effective for figure in figures]),
        dominant=_mean([figure.dominant for figure in figures]),
        coverage=_mean([figure.coverage for figure in figures]),
    )


def work_row(pairs: Pairs, labels: tuple[str, str], settings: Settings) -> WorkRow | None:
    """Return the work of the first arm over the second's, in tactics tried; ``None`` without a pair."""
    if not len(pairs):
        return None
    a = [float(row.a.tried) if row.a.solved and row.a.tried else None for row in pairs]
    b = [float(row.b.tried) if row.b.solved and row.b.tried else None for row in pairs]
    cap = _common_cap([cell for row in pairs for cell in (row.a, row.b)])
    logs: dict[str, list[float]] = {}
    for row, x, y in zip(pairs, a, b, strict=True):
        if x is not None and y is not None:
            logs.setdefault(row.theorem, []).append(log(x / y))
    boot = cluster_bootstrap(
        list(logs.values()), level=settings.level, resamples=settings.bootstrap, seed=settings.seed
    )
    return WorkRow(
        arm=labels[0],
        reference=labels[1],
        unit="tactics tried",
        ratio=work_ratio(a, b, cap),
        cap=cap,
        low=None if boot.low is None else exp(boot.low),
        high=None if boot.high is None else exp(boot.high),
    )


def efficiency_row(agent: Cells, blind: Cells, labels: tuple[str, str], settings: Settings) -> EfficiencyRow | None:
    """Return search efficiency K of an arm against a blind one; ``None`` without a theorem that both have."""
    ours, theirs = agent.by_theorem(), blind.by_theorem()
    shared = sorted(ours.keys() & theirs.keys())
    if not shared:
        return None
    cap = _common_cap([cell for theorem in shared for cell in (*ours[theorem], *theirs[theorem])])
    found = [search_efficiency(_costs(theirs[theorem]), _costs(ours[theorem]), cap) for theorem in shared]
    values = [[result.k] for result in found if result.k is not None]
    boot = cluster_bootstrap(values, level=settings.level, resamples=settings.bootstrap, seed=settings.seed)
    lower = sum(result.bound == "≥" for result in found)
    upper = sum(result.bound == "≤" for result in found)
    return EfficiencyRow(
        arm=labels[0],
        blind=labels[1],
        cap=cap,
        theorems=len(shared),
        exact=len(values) - lower - upper,
        lower=lower,
        upper=upper,
        undetermined=len(shared) - len(values),
        k=boot.estimate,
        low=boot.low,
        high=boot.high,
        bound="mixed" if lower and upper else "≥" if lower else "≤" if upper else "",
    )


def _costs(cells: Sequence[Cell]) -> list[float | None]:
    return [float(max(1, cell.tried)) if cell.solved else None for cell in cells]


def _common_cap(cells: Sequence[Cell]) -> float:
    """The least that an unsolved search spent, up to which every search's cost is known; else the most of all."""
    unsolved = [cell.tried for cell in cells if not cell.solved and cell.status != "exhausted"]
    # An exhausted search would spend nothing more, however much it were given: it limits nothing.
    return float(max(1, min(unsolved, default=max((cell.tried for cell in cells), default=1))))


_NULL_FIGURES = ("aggregation_excess", "gain_excess")
"""Figures that are a difference from a null already, so that 0 is to be tested."""

_SPLIT_FIGURES = ("gain", "gain_excess", "events", "unrewarded")
"""Figures of which solved and unsolved searches are kept apart."""

_USUALLY_ZERO = ("longest_given_up", "frozen_fraction", "related")
"""0 by construction where nothing is frozen, or where a visit tries all tactics: then they are left out."""

_OTHER_FIGURES = (
    "concurrent_share",
    "repeat_share",
    "cross_agent_share",
    "mean_inflight",
    "longest_given_up",
    "frozen_fraction",
    "jain_tried",
    "gini_tried",
    "contributors",
    "aggregation_excess",
    "staleness",
    "related",
    "obsolete_share",
    "averted_share",
    "waits_share",
)


def trace_rows(cells: Cells, label: str, settings: Settings) -> list[TraceRow]:
    """Return the figures of an arm's traces, averaged over theorems; empty when there are none."""
    arm = cells.of(label)
    if not any(arm.figures_of(cell) for cell in arm):
        return []
    rows = [_trace_row(arm, label, figure, "all", settings) for figure in _OTHER_FIGURES]
    for figure in _SPLIT_FIGURES:
        rows += [_trace_row(arm, label, figure, among, settings) for among in ("solved", "unsolved")]
    return [row for row in rows if row.searches and (row.figure not in _USUALLY_ZERO or row.mean)]


def _trace_row(arm: Cells, label: str, figure: str, among: str, settings: Settings) -> TraceRow:
    values: dict[str, list[float]] = {}
    for cell in arm:
        shown = arm.figures_of(cell)
        value = None if shown is None else _value(shown, figure)
        if value is not None and among in ("all", "solved" if cell.solved else "unsolved"):
            values.setdefault(cell.theorem, []).append(value)
    rows = list(values.values())
    seed = stream(settings.seed if isinstance(settings.seed, int) else settings.seed[0], figure, label, among)
    boot = cluster_bootstrap(rows, level=settings.level, resamples=settings.bootstrap, seed=seed)
    tested = figure in _NULL_FIGURES
    flips = sign_flip([fsum(row) / len(row) for row in rows], permutations=settings.permutations, seed=seed)
    return TraceRow(
        arm=label,
        figure=figure,
        among=among,
        theorems=len(rows),
        searches=sum(map(len, rows)),
        mean=boot.estimate,
        low=boot.low,
        high=boot.high,
        null=0.0 if tested else None,
        p=flips.p if tested else None,
    )


def _value(shown: TraceFigures, figure: str) -> float | None:
    value: float | None = getattr(shown, figure)
    return None if value is None else float(value)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None


def _quotient(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _sorted_counts(reasons: Iterable[str]) -> dict[str, int]:
    counts = Counter(reasons)
    return {why: counts[why] for why in sorted(counts)}
