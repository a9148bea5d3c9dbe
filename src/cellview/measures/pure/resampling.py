"""Intervals by resampling theorems, the claim of "no difference", and where the variance of a difference lies."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import chain
from math import fsum, isfinite
from typing import Any, Literal, TypeAlias

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.extra import generator, library

__all__ = [
    "Bootstrap",
    "Equivalence",
    "Target",
    "VarianceComponents",
    "cluster_bootstrap",
    "tost",
    "variance_components",
]

Target: TypeAlias = Literal["population", "corpus"]
"""Whom an interval speaks of: theorems like these, or exactly these."""

_BCA_FROM = 30
"""Theorems from which on the bias-corrected interval is used."""

_SEEDS_FOR_CORPUS = 5


class Bootstrap(msgspec.Struct, frozen=True):
    """A mean over theorems (or a ratio of sums), with its interval."""

    estimate: float | None
    low: float | None
    high: float | None
    """``None`` with fewer than two theorems, or where resampling cannot vary the estimate."""
    method: str | None
    """``percentile`` or ``bca``; ``None`` without an interval."""
    target: Target


class Equivalence(msgspec.Struct, frozen=True):
    """Whether two arms may be called equal."""

    equivalent: bool | None
    """Whether the whole interval lies within the smallest effect of interest; ``None`` without an interval."""
    low: float | None
    high: float | None


class VarianceComponents(msgspec.Struct, frozen=True):
    """Variance of a paired difference: between theorems, and between seeds inside a theorem."""

    between: float | None
    within: float | None
    """``None`` where no theorem has two seeds."""
    theorems: int
    seeds: float | None
    """Seeds for each theorem; where theorems differ in it, the number that the estimate uses."""


def cluster_bootstrap(
    values: Sequence[Sequence[float]],
    *,
    weights: Sequence[Sequence[float]] | None = None,
    level: float = 0.95,
    resamples: int = 9999,
    seed: int | Sequence[int] = 0,
    target: Target = "population",
) -> Bootstrap:
    """Return a mean over theorems with an interval that knows seeds for what they are: repeats.

    Args:
        values: One row for each theorem, one value for each of its seeds. The estimate is the mean of the rows' means.
        weights: Rows of the same lengths; the estimate then is the sum of all values over the sum of all weights, as
            for a share of cells that theorems enter unequally.
        level: Confidence level.
        resamples: Bootstrap samples.
        seed: Seed of the samples.
        target: ``population`` resamples theorems with all their seeds; the interval is the bias-corrected one from 30
            theorems on, where it is finite, else by percentiles. ``corpus`` keeps the theorems and resamples seeds
            inside each, which needs five seeds for every theorem.

    Raises:
        SampleError: A row is empty or not finite, or ``corpus`` has too few seeds.
        MissingExtraError: numpy or scipy is not installed.
    """
    if not 0 < level < 1:
        raise SampleError(f"a confidence level lies between 0 and 1, and {level} does not: 0.95 is usual.")
    if resamples < 1:
        raise SampleError(f"{resamples} resamples give no interval: give at least 1; 9,999 are usual.")
    _check_rows(values, weights)
    estimate = _estimate(values, weights)
    if target == "corpus" and values and min(map(len, values)) < _SEEDS_FOR_CORPUS:
        raise SampleError("an interval for exactly this corpus needs five seeds of every theorem: run more seeds.")
    if estimate is None or (len(values) < 2 and target == "population") or _constant(values, weights, target):
        return Bootstrap(estimate, None, None, None, target)
    if target == "corpus":
        low, high = _within(values, weights, level, resamples, seed)
        return Bootstrap(estimate, low, high, "percentile", target)
    return Bootstrap(estimate, *_between(values, weights, level, resamples, seed), target)


def tost(
    differences: Sequence[Sequence[float]],
    sesoi: float,
    *,
    alpha: float = 0.05,
    resamples: int = 9999,
    seed: int | Sequence[int] = 0,
) -> Equivalence:
    """Ask whether a difference is too small to matter: two one-sided tests, read off the interval of level 1 − 2 alpha.

    A large p value never shows that two arms are equal; this can.

    Args:
        differences: One row for each theorem, of one difference for each seed.
        sesoi: Smallest effect size of interest, above 0.
        alpha: Level of each one-sided test.
        resamples: Bootstrap samples.
        seed: Seed of the samples.

    Raises:
        SampleError: As :func:`cluster_bootstrap` does, or `sesoi` is not positive.
    """
    if not sesoi > 0:
        raise SampleError(f"the smallest effect of interest is {sesoi}, and must be above 0: decide what would matter.")
    interval = cluster_bootstrap(differences, level=1 - 2 * alpha, resamples=resamples, seed=seed)
    if interval.low is None or interval.high is None:
        return Equivalence(None, interval.low, interval.high)
    return Equivalence(-sesoi < interval.low and interval.high < sesoi, interval.low, interval.high)


def variance_components(differences: Sequence[Sequence[float]]) -> VarianceComponents:
    """Split the variance of a paired difference by one-way random effects (analysis of variance estimates).

    It says whether more theorems or more seeds would sharpen an experiment: with r seeds the variance of a theorem's
    mean difference is between + within / r. Rows may differ in length; a negative estimate is given as 0.

    Raises:
        SampleError: A row is empty or not finite.
    """
    _check_rows(differences, None)
    groups, total = len(differences), sum(map(len, differences))
    if groups < 2:
        return VarianceComponents(None, None, groups, None)
    means = [fsum(row) / len(row) for row in differences]
    grand = fsum(chain.from_iterable(differences)) / total
    among = fsum(len(row) * (mean - grand) ** 2 for row, mean in zip(differences, means, strict=True)) / (groups - 1)
    seeds = (total - sum(len(row) ** 2 for row in differences) / total) / (groups - 1)
    if total == groups:
        return VarianceComponents(among, None, groups, seeds)
    inside = fsum((value - mean) ** 2 for row, mean in zip(differences, means, strict=True) for value in row)
    within = inside / (total - groups)
    return VarianceComponents(max(0.0, (among - within) / seeds), within, groups, seeds)


def _check_rows(values: Sequence[Sequence[float]], weights: Sequence[Sequence[float]] | None) -> None:
    if not all(values):
        raise SampleError("a theorem has no value: leave it out, and say so.")
    if not all(map(isfinite, chain.from_iterable(values))):
        raise SampleError("a value is not finite: measure every search up to the same horizon.")
    if weights is not None and [len(row) for row in weights] != [len(row) for row in values]:
        raise SampleError("values and weights differ in their rows: give one weight for each value.")


def _estimate(values: Sequence[Sequence[float]], weights: Sequence[Sequence[float]] | None) -> float | None:
    if not values:
        return None
    if weights is None:
        return fsum(fsum(row) / len(row) for row in values) / len(values)
    weight = fsum(chain.from_iterable(weights))
    return fsum(chain.from_iterable(values)) / weight if weight > 0 else None


def _constant(values: Sequence[Sequence[float]], weights: Sequence[Sequence[float]] | None, target: Target) -> bool:
    """Whether every resample gives the same number: such an interval would claim a certainty that nobody has."""
    if weights is not None:
        return False
    if target == "corpus":
        return all(max(row) == min(row) for row in values)
    means = [fsum(row) / len(row) for row in values]
    return max(means) == min(means)


def _between(
    values: Sequence[Sequence[float]],
    weights: Sequence[Sequence[float]] | None,
    level: float,
    resamples: int,
    seed: int | Sequence[int],
) -> tuple[float | None, float | None, str | None]:
    numpy = library("numpy", "A bootstrap interval")
    tops = [fsum(row) for row in values] if weights is not None else [fsum(row) / len(row) for row in values]
    bottoms = [fsum(row) for row in weights] if weights is not None else [1.0] * len(values)
    tops, bottoms = numpy.array(tops), numpy.array(bottoms)
    if len(values) >= _BCA_FROM:
        ends = _bca(tops, bottoms, level, resamples, seed)
        if ends is not None:
            return (*ends, "bca")
    rng = generator(seed, "A bootstrap interval")
    means: list[Any] = []
    left = resamples
    while left > 0:
        rows = min(left, max(1, 2_000_000 // len(values)))
        drawn = rng.integers(0, len(values), size=(rows, len(values)))
        means.append(_ratio(tops[drawn].sum(axis=1), bottoms[drawn].sum(axis=1)))
        left -= rows
    return (*_percentiles(numpy.concatenate(means), level), "percentile")


def _ratio(tops: Any, bottoms: Any) -> Any:
    """Quotients; resamples without any weight have none and are left out."""
    kept = bottoms > 0
    return tops[kept] / bottoms[kept]


def _quotient(tops: Any, bottoms: Any, axis: int = -1) -> Any:
    return tops.sum(axis=axis) / bottoms.sum(axis=axis)


def _bca(
    tops: Any, bottoms: Any, level: float, resamples: int, seed: int | Sequence[int]
) -> tuple[float, float] | None:
    """The bias-corrected and accelerated interval (Efron 1987) from scipy; ``None`` where it is not finite."""
    stats, numpy = library("scipy.stats", "A bootstrap interval"), library("numpy", "A bootstrap interval")
    if len(set(bottoms.tolist())) > 1 and not (bottoms.sum() > bottoms.max()):
        return None  # all the weight is one theorem's: the jackknife divides by zero
    with numpy.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # what it warns of, the caller is told by None
        interval = stats.bootstrap(
            (tops, bottoms),
            _quotient,
            paired=True,
            vectorized=True,
            n_resamples=resamples,
            batch=max(1, 2_000_000 // len(tops)),
            confidence_level=level,
            method="BCa",
            rng=generator(seed, "A bootstrap interval"),
        ).confidence_interval
    low, high = float(interval.low), float(interval.high)
    return (low, high) if isfinite(low) and isfinite(high) else None


def _within(
    values: Sequence[Sequence[float]],
    weights: Sequence[Sequence[float]] | None,
    level: float,
    resamples: int,
    seed: int | Sequence[int],
) -> tuple[float, float]:
    numpy = library("numpy", "A bootstrap interval")
    rng = generator(seed, "A bootstrap interval")
    tops, bottoms = numpy.zeros(resamples), numpy.zeros(resamples)
    for number, row in enumerate(values):
        drawn = rng.integers(0, len(row), size=(resamples, len(row)))
        if weights is None:
            tops += numpy.array(row)[drawn].mean(axis=1)
            bottoms += 1
        else:
            tops += numpy.array(row)[drawn].sum(axis=1)
            bottoms += numpy.array(weights[number])[drawn].sum(axis=1)
    return _percentiles(_ratio(tops, bottoms), level)


def _percentiles(means: Any, level: float) -> tuple[float, float]:
    numpy = library("numpy", "A bootstrap interval")
    low, high = numpy.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
