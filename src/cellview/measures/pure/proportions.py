"""Shares of theorems: the interval of one share, and two arms on the same theorems."""

from __future__ import annotations

from math import comb, sqrt
from statistics import NormalDist

import msgspec

from cellview.measures.errors import SampleError

__all__ = ["Interval", "PairedShares", "mcnemar", "normal_quantile", "wilson"]


class Interval(msgspec.Struct, frozen=True):
    """An interval. Both ends are ``None`` where there is nothing to estimate it from."""

    low: float | None
    high: float | None


class PairedShares(msgspec.Struct, frozen=True):
    """Two shares on the same theorems. All fields but `p` and `mid_p` are ``None`` without a theorem."""

    p: float | None
    """Two-sided exact McNemar test."""
    mid_p: float | None
    """The same test with half of the observed outcome's probability: more power, its level not guaranteed."""
    difference: float | None
    """Share of A minus share of B."""
    low: float | None
    high: float | None


def normal_quantile(level: float) -> float:
    """Return the two-sided normal quantile of a confidence level (1.96 for 0.95).

    Raises:
        SampleError: The level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise SampleError(f"a confidence level lies between 0 and 1, and {level} does not: 0.95 is usual.")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Return the score interval of a share (Wilson 1927).

    For independent rows only, that is one seed for each theorem; several seeds of one theorem are repeats, and want
    :func:`~cellview.measures.cluster_bootstrap`.

    Args:
        successes: Theorems solved.
        n: Theorems tried.
        level: Confidence level.

    Raises:
        SampleError: The counts are not those of a share, or the level is no level.
    """
    z = normal_quantile(level)
    if not 0 <= successes <= n:
        raise SampleError(f"{successes} successes of {n} are no share: give 0 ≤ successes ≤ n.")
    if n == 0:
        return Interval(None, None)
    share = successes / n
    width = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / width
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / width
    # At 0 of n and n of n the end is exact; rounding would leave 1e-17 there.
    return Interval(0.0 if successes == 0 else centre - half, 1.0 if successes == n else centre + half)


def mcnemar(both: int, only_a: int, only_b: int, neither: int, *, level: float = 0.95) -> PairedShares:
    """Compare two arms on the same theorems, one seed each.

    The test is McNemar's (1947) with exact binomial probabilities; the interval is method 10 of Newcombe (1998), which
    keeps its coverage for few discordant theorems. Without a discordant theorem p is 1, and there is still an interval.

    Args:
        both: Theorems that both arms solve.
        only_a: Theorems that A alone solves.
        only_b: Theorems that B alone solves.
        neither: Theorems that neither solves.
        level: Confidence level of the interval.

    Raises:
        SampleError: A count is negative, or the level is no level.
    """
    if min(both, only_a, only_b, neither) < 0:
        raise SampleError(f"the table ({both}, {only_a}, {only_b}, {neither}) has a negative count.")
    n = both + only_a + only_b + neither
    if n == 0:
        return PairedShares(None, None, None, None, None)
    p, mid_p = _exact(only_a, only_b)
    low, high = _newcombe(both, only_a, only_b, neither, level)
    return PairedShares(p, mid_p, (only_a - only_b) / n, low, high)


def _exact(only_a: int, only_b: int) -> tuple[float, float]:
    """Two-sided exact p, and mid-p as in Fagerland, Lydersen & Laake (2013)."""
    n = only_a + only_b
    if n == 0:
        return 1.0, 1.0
    fewer = min(only_a, only_b)
    # Whole numbers: neither overflow nor rounding, however many theorems there are.
    here, tail = comb(n, fewer), sum(comb(n, k) for k in range(fewer + 1))
    if only_a == only_b:
        return 1.0, 1 - here / 2 ** (n + 1)
    return min(1.0, 2 * tail / 2**n), min(1.0, (2 * tail - here) / 2**n)


def _newcombe(both: int, only_a: int, only_b: int, neither: int, level: float) -> tuple[float, float]:
    n = both + only_a + only_b + neither
    share_a, share_b = (both + only_a) / n, (both + only_b) / n
    a, b = wilson(both + only_a, n, level=level), wilson(both + only_b, n, level=level)
    assert a.low is not None and a.high is not None and b.low is not None and b.high is not None
    phi = _phi(both, only_a, only_b, neither)
    below_a, above_a = share_a - a.low, a.high - share_a
    below_b, above_b = share_b - b.low, b.high - share_b
    low = sqrt(max(0.0, below_a**2 - 2 * phi * below_a * above_b + above_b**2))
    high = sqrt(max(0.0, above_a**2 - 2 * phi * above_a * below_b + below_b**2))
    return share_a - share_b - low, share_a - share_b + high


def _phi(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Correlation of the two outcomes, with the continuity correction that makes it Newcombe's method 10."""
    product = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if product == 0:
        return 0.0
    n = both + only_a + only_b + neither
    cross = float(both * neither - only_a * only_b)
    if cross > 0:
        cross = max(0.0, cross - n / 2)
    return cross / sqrt(product)
