"""Contrasts: one arm against another on the same theorems, with interval, null, test, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import fsum, log
from typing import TypeAlias

import msgspec

from cellview.measures.pure.cells import Cell
from cellview.measures.pure.pairing import Pair, Pairs
from cellview.measures.pure.permutation import sign_flip
from cellview.measures.pure.proportions import mcnemar
from cellview.measures.pure.resampling import Target, cluster_bootstrap, tost

__all__ = ["MEASURES", "Contrast", "Settings", "contrast", "counted_as_unsolved", "differences"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to compute: draws, seed of the analysis, and whom intervals speak of."""

    seed: int | tuple[int, ...] = 0
    bootstrap: int = 9999
    permutations: int = 9999
    target: Target = "population"
    level: float = 0.95


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison. Differences are those of `arm` from `reference`; their null value is 0."""

    measure: str
    arm: str
    reference: str
    theorems: int
    seeds: int
    """Seeds of a theorem, at most."""
    pairs: int
    dropped: dict[str, int]
    """Pairs left out, both members, by reason."""
    undefined: int
    """Pairs in which the measure does not exist, such as the time of an unsolved search."""
    both: int
    only_arm: int
    only_reference: int
    neither: int
    """Solved by whom, over the pairs."""
    estimate: float | None
    low: float | None
    high: float | None
    interval: str | None
    """Method of the interval."""
    null: float = 0.0
    test: str | None
    permutations: int | None
    """Random flips drawn; ``None`` where all were counted."""
    p: float | None
    mid_p: float | None = None
    target: Target
    equivalent: bool | None = None
    """Whether the difference is within the smallest effect of interest, where one was named."""


Value: TypeAlias = Callable[[Cell, int], "float | None"]
"""A search's value of a measure, given the horizon; ``None`` where it has none."""


def _solved(cell: Cell, horizon: int) -> float:
    return float(cell.solved)


def _restricted_time(cell: Cell, horizon: int) -> float | None:
    if cell.status == "aborted":
        return None  # unknown from there on
    return float(min(cell.iterations, horizon)) if cell.solved else float(horizon)


def _visits_to_solution(cell: Cell, horizon: int) -> float | None:
    return float(cell.visits) if cell.solved and cell.visits else None  # 0 visits: an old run that did not count them


def _log_tried_to_solution(cell: Cell, horizon: int) -> float | None:
    return log(cell.tried) if cell.solved and cell.tried else None


def _given_up_share(cell: Cell, horizon: int) -> float | None:
    return cell.given_up / cell.iterations if cell.iterations else None


MEASURES: Mapping[str, Value] = {
    "solve_rate_difference": _solved,
    "restricted_mean_difference": _restricted_time,
    "visits_difference": _visits_to_solution,
    "log_work_ratio": _log_tried_to_solution,
    "given_up_share_difference": _given_up_share,
}
"""What a hypothesis may name. All but the first two look only at pairs in which both have a value."""


def contrast(
    pairs: Pairs,
    measure: str,
    *,
    settings: Settings,
    labels: tuple[str, str] | None = None,
    sesoi: float | None = None,
    alpha: float = 0.05,
) -> Contrast:
    """Compare the two arms of `pairs`.

    With one seed for each theorem a difference in solve rate is a McNemar table with Newcombe's interval; otherwise,
    and for every other measure, the mean over theorems of the mean difference over seeds, with a sign-flip test.

    Args:
        pairs: The pairs; the first arm is the one under study.
        measure: One of :data:`MEASURES`.
        settings: How to compute.
        labels: How to call the arms.
        sesoi: Smallest effect of interest: ask for equivalence, too.
        alpha: Level of the equivalence test.
    """
    rows = differences(pairs, MEASURES[measure])
    solved = Counter((row.a.solved, row.b.solved) for row in pairs)
    seeds = max(map(len, rows.values()), default=0)
    seed = settings.seed
    shares = measure == "solve_rate_difference" and seeds == 1
    table = solved[True, True], solved[True, False], solved[False, True], solved[False, False]
    means = [fsum(row) / len(row) for row in rows.values()]
    flips = sign_flip(means, permutations=settings.permutations, seed=seed)
    estimate, low, high, method, target = _interval(list(rows.values()), table, shares, settings)
    equivalence = None
    if sesoi is not None and means:
        equivalence = tost(list(rows.values()), sesoi, alpha=alpha, resamples=settings.bootstrap, seed=seed)
    named = labels or (pairs.a, pairs.b)
    return Contrast(
        measure=measure,
        arm=named[0],
        reference=named[1],
        theorems=len(rows),
        seeds=seeds,
        pairs=len(pairs),
        dropped=_by_reason(pairs),
        undefined=len(pairs) - sum(map(len, rows.values())),
        both=table[0],
        only_arm=table[1],
        only_reference=table[2],
        neither=table[3],
        estimate=estimate,
        low=low,
        high=high,
        interval=method,
        test=None if not means else "McNemar, exact" if shares else "sign flip",
        permutations=None if flips.exact else settings.permutations,
        p=flips.p,
        mid_p=mcnemar(*table).mid_p if shares else None,
        target=target,
        equivalent=None if equivalence is None else equivalence.equivalent,
    )


def differences(pairs: Pairs, value: Value) -> dict[str, list[float]]:
    """Return the first arm's value less the second's, by theorem, one for each seed in which both have one."""
    found: dict[str, list[float]] = {}
    for row in pairs:
        a, b = value(row.a, pairs.budget), value(row.b, pairs.budget)
        if a is not None and b is not None:
            found.setdefault(row.theorem, []).append(a - b)
    return found


def _interval(
    rows: Sequence[Sequence[float]], table: tuple[int, int, int, int], shares: bool, settings: Settings
) -> tuple[float | None, float | None, float | None, str | None, Target]:
    if shares:
        paired = mcnemar(*table, level=settings.level)
        return paired.difference, paired.low, paired.high, "Newcombe 10", "population"
    boot = cluster_bootstrap(
        rows, level=settings.level, resamples=settings.bootstrap, seed=settings.seed, target=settings.target
    )
    method = None if boot.method is None else f"bootstrap over {_WHAT[settings.target]}, {boot.method}"
    return boot.estimate, boot.low, boot.high, method, settings.target


_WHAT: Mapping[Target, str] = {"population": "theorems", "corpus": "seeds"}


def _by_reason(pairs: Pairs) -> dict[str, int]:
    reasons = Counter(dropped.why for dropped in pairs.dropped)
    return {why: reasons[why] for why in sorted(reasons)}


def counted_as_unsolved(pairs: Pairs, a: Sequence[Cell], b: Sequence[Cell]) -> Pairs:
    """Return the pairs with those that were dropped counted as unsolved: what leaving them out may have hidden."""
    missing = {(cell.theorem, cell.seed): cell for cell in a}, {(cell.theorem, cell.seed): cell for cell in b}
    rows = list(pairs.rows)
    for dropped in pairs.dropped:
        key = dropped.theorem, dropped.seed
        members = [_unsolved(side.get(key), dropped.theorem, dropped.seed, pairs.budget) for side in missing]
        rows.append(Pair(dropped.theorem, dropped.seed, members[0], members[1]))
    rows.sort(key=lambda row: (row.theorem, row.seed))
    return msgspec.structs.replace(pairs, rows=tuple(rows), dropped=())


def _unsolved(cell: Cell | None, theorem: str, seed: int, budget: int) -> Cell:
    if cell is not None and cell.status != "missing":
        return cell
    known = cell or Cell(run="", theorem=theorem, arm="", seed=seed, status="missing")
    return msgspec.structs.replace(known, status="budget", iterations=budget)
