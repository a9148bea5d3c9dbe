"""What is said of each arm by itself, and of all arms together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import fsum

import msgspec

from cellview.measures.pure.cells import Cells
from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.diversity import Basins, basins
from cellview.measures.pure.portfolio import Shapley, pass_at_k, shapley
from cellview.measures.pure.proportions import wilson
from cellview.measures.pure.resampling import cluster_bootstrap
from cellview.measures.pure.survival import incidence, par2, restricted_mean

__all__ = ["ArmRow", "DiversityRow", "PortfolioRow", "arm_row", "diversity_row", "portfolio", "rate_of"]


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


def arm_row(cells: Cells, label: str, settings: Settings) -> ArmRow:
    """Return the row of an arm."""
    arm = cells.of(label)
    kept = arm.by_theorem()
    counted = [cell for row in kept.values() for cell in row]
    seeds = max(map(len, kept.values()), default=0)
    budget = arm.runs[0].budget
    times, statuses = [cell.iterations for cell in counted], [cell.status for cell in counted]
    rate = [[float(cell.solved) for cell in row] for row in kept.values()]
    estimate, low, high, method = rate_of(rate, seeds, settings)
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


def rate_of(
    rows: Sequence[Sequence[float]], seeds: int, settings: Settings
) -> tuple[float | None, float | None, float | None, str | None]:
    """Return a solve rate, its interval and the method: Wilson's for one seed, else a bootstrap over theorems."""
    if seeds == 1:
        solved = int(sum(row[0] for row in rows))
        interval = wilson(solved, len(rows), level=settings.level)
        return solved / len(rows), interval.low, interval.high, "Wilson"
    boot = cluster_bootstrap(
        rows, level=settings.level, resamples=settings.bootstrap, seed=settings.seed, target=settings.target
    )
    return boot.estimate, boot.low, boot.high, None if boot.method is None else f"bootstrap, {boot.method}"


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


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None


def _quotient(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _sorted_counts(reasons: Iterable[str]) -> dict[str, int]:
    counts = Counter(reasons)
    return {why: counts[why] for why in sorted(counts)}
