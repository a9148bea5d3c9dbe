"""What is said of an arm beside another: responses, recovery, work, search efficiency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import exp, fsum, log

import msgspec

from cellview.measures.pure.cells import Cell, Cells
from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.cost import WorkRatio, logical_speedup, search_efficiency, work_ratio
from cellview.measures.pure.extra import generator
from cellview.measures.pure.pairing import Pair, Pairs
from cellview.measures.pure.perturbation import Recovery, recovery, response
from cellview.measures.pure.resampling import cluster_bootstrap

__all__ = ["EfficiencyRow", "ResponseRow", "WorkRow", "efficiency_row", "response_row", "work_row"]


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
    effect: float | None
    low: float | None
    high: float | None
    """Recovery over different seeds less its null, with its interval over theorems; ``None`` with one seed."""
    reroute_share: float | None
    reroute_null: float | None
    """Different proofs among pairs of solutions with different seeds: arm and reference, and reference and itself."""


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
    logical_speedup: float | None
    """Iterations of the reference over rounds of the arm's window, geometric mean over the pairs that both solve."""


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
    noise_low: float | None
    noise_high: float | None
    """The null: middle 95 % of K between two random halves of the blind seeds; ``None`` with one seed."""


def response_row(pairs: Pairs, labels: tuple[str, str], settings: Settings) -> ResponseRow:
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
    effect, low, high = _effect(rows, settings)
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
        effect=effect,
        low=low,
        high=high,
        reroute_share=_different_proofs(rows, lambda pair: pair.a, lambda pair: pair.b),
        reroute_null=_different_proofs(rows, lambda pair: pair.b, lambda pair: pair.b),
    )


def _effect(rows: Sequence[Sequence[Pair]], settings: Settings) -> tuple[float | None, float | None, float | None]:
    """Recovery over different seeds less its null: a ratio of sums over theorems, so its interval resamples those."""
    if not rows or any(len(row) < 2 for row in rows):
        return None, None, None
    excess: list[list[float]] = []
    solved: list[list[float]] = []
    for row in rows:
        wild, arm = sum(pair.b.solved for pair in row), sum(pair.a.solved for pair in row)
        both = sum(pair.a.solved and pair.b.solved for pair in row)
        excess.append([(wild * arm - both - wild * (wild - 1)) / (len(row) - 1)])
        solved.append([float(wild)])
    boot = cluster_bootstrap(
        excess, weights=solved, level=settings.level, resamples=settings.bootstrap, seed=settings.seed
    )
    return boot.estimate, boot.low, boot.high


def _different_proofs(
    rows: Sequence[Sequence[Pair]], one: Callable[[Pair], Cell], other: Callable[[Pair], Cell]
) -> float | None:
    """Share of different proofs among solutions of one theorem with different seeds; ``None`` without such."""
    different = pairs = 0
    for row in rows:
        for left in row:
            for right in row:
                first, second = one(left).proof_hash, other(right).proof_hash
                if left.seed != right.seed and first is not None and second is not None:
                    pairs += 1
                    different += first != second
    return different / pairs if pairs else None


def work_row(pairs: Pairs, labels: tuple[str, str], settings: Settings, *, window: int = 1) -> WorkRow | None:
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
        logical_speedup=_speedup(pairs, window),
    )


def _speedup(pairs: Pairs, window: int) -> float | None:
    logs = [
        log(logical_speedup(row.b.iterations, row.a.iterations, window))
        for row in pairs
        if row.a.solved and row.b.solved
    ]
    return exp(fsum(logs) / len(logs)) if logs else None


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
    noise = _noise_floor([theirs[theorem] for theorem in shared], cap, settings)
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
        noise_low=None if noise is None else noise[0],
        noise_high=None if noise is None else noise[1],
    )


_SPLITS = 999


def _noise_floor(blind: Sequence[Sequence[Cell]], cap: float, settings: Settings) -> tuple[float, float] | None:
    """Middle 95 % of the mean K between two random halves of each theorem's blind seeds."""
    rows = [_costs(row) for row in blind if len(row) > 1]
    if not rows:
        return None
    rng = generator(settings.seed, "The noise floor of search efficiency")
    means: list[float] = []
    for _ in range(_SPLITS):
        found: list[float] = []
        for row in rows:
            order: list[int] = rng.permutation(len(row)).tolist()
            half = len(row) // 2
            result = search_efficiency(
                [row[index] for index in order[:half]], [row[index] for index in order[half:]], cap
            )
            found += [] if result.k is None else [result.k]
        if found:
            means.append(fsum(found) / len(found))
    means.sort()
    return (means[round(0.025 * (len(means) - 1))], means[round(0.975 * (len(means) - 1))]) if means else None


def _costs(cells: Sequence[Cell]) -> list[float | None]:
    return [float(max(1, cell.tried)) if cell.solved else None for cell in cells]


def _common_cap(cells: Sequence[Cell]) -> float:
    """The least that an unsolved search spent, up to which every search's cost is known; else the most of all."""
    unsolved = [cell.tried for cell in cells if not cell.solved and cell.status != "exhausted"]
    # An exhausted search would spend nothing more, however much it were given: it limits nothing.
    return float(max(1, min(unsolved, default=max((cell.tried for cell in cells), default=1))))
