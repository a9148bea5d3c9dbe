"""How many theorems an experiment needs, and what it can see with those it has."""

from __future__ import annotations

from math import ceil, comb, exp, fsum, lgamma, log, sqrt
from statistics import NormalDist

from cellview.measures.errors import SampleError

__all__ = ["detectable", "mcnemar_power", "theorems_for_mcnemar", "theorems_for_mean"]


def theorems_for_mcnemar(difference: float, discordant: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return how many theorems show a difference in solve rate, one seed each, by the normal formula (Connor 1987).

    The exact test needs some more: ask :func:`mcnemar_power`.

    Args:
        difference: Difference in solve rate to see.
        discordant: Share of theorems that exactly one arm solves, at least the difference.
        alpha: Two-sided level.
        power: Chance to see it.

    Raises:
        SampleError: The difference is 0 or above the discordant share, or a level is no level.
    """
    _check(difference, discordant, alpha, power)
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    root = z_alpha * sqrt(discordant) + z_power * sqrt(discordant - difference**2)
    return ceil(root**2 / difference**2 - 1e-9)


def detectable(theorems: int, discordant: float, *, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Return the least difference in solve rate that so many theorems show; ``None`` if not even the largest possible.

    Raises:
        SampleError: There is no theorem, or a share or level is none.
    """
    if theorems < 1:
        raise SampleError("no theorem detects no difference: give at least 1.")
    if theorems_for_mcnemar(discordant, discordant, alpha=alpha, power=power) > theorems:
        return None
    low, high = 0.0, discordant
    for _ in range(60):  # halving: the formula has no closed inverse
        middle = (low + high) / 2
        enough = theorems_for_mcnemar(middle, discordant, alpha=alpha, power=power) <= theorems
        low, high = (low, middle) if enough else (middle, high)
    return high


def mcnemar_power(theorems: int, difference: float, discordant: float, *, alpha: float = 0.05) -> float:
    """Return the chance that the exact McNemar test sees a difference: summed over all tables, no approximation.

    Raises:
        SampleError: As :func:`theorems_for_mcnemar` does, or there is no theorem.
    """
    _check(difference, discordant, alpha, 0.5)
    if theorems < 1:
        raise SampleError("no theorem has no power: give at least 1.")
    up = (discordant + difference) / (2 * discordant)
    chances: list[float] = []
    for discordants in range(1, theorems + 1):
        edge = _critical(discordants, alpha)
        if edge >= 0:
            rejected = [*range(edge + 1), *range(discordants - edge, discordants + 1)]
            tail = fsum(_binomial(k, discordants, up) for k in rejected)
            chances.append(_binomial(discordants, theorems, discordant) * tail)
    return fsum(chances)


def theorems_for_mean(
    difference: float, between: float, within: float, seeds: int, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return how many theorems show a mean difference, given where its variance lies.

    Args:
        difference: Difference to see.
        between: Variance between theorems, from :func:`~cellview.measures.variance_components` of a pilot.
        within: Variance between seeds.
        seeds: Seeds for each theorem.
        alpha: Two-sided level.
        power: Chance to see it.

    Raises:
        SampleError: The difference is 0, a variance negative, or there is no seed.
    """
    if difference == 0 or min(between, within) < 0 or seeds < 1 or not 0 < alpha < 1 or not 0 < power < 1:
        raise SampleError("power needs a difference other than 0, variances from 0 on, a seed, and levels in (0, 1).")
    z = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)
    return max(2, ceil(z**2 * (between + within / seeds) / difference**2 - 1e-9))


def _check(difference: float, discordant: float, alpha: float, power: float) -> None:
    if not 0 < abs(difference) <= discordant <= 1:
        raise SampleError(
            f"a difference of {difference} with a discordant share of {discordant} is impossible: "
            "give 0 < difference ≤ discordant ≤ 1."
        )
    if not 0 < alpha < 1 or not 0 < power < 1:
        raise SampleError("level and power lie between 0 and 1.")


def _critical(n: int, alpha: float) -> int:
    """Largest count of the rarer outcome that the exact test still rejects; −1 if none."""
    limit, total, edge = alpha / 2, 0.0, -1
    for k in range(n // 2 + 1):
        total += comb(n, k) / 2**n
        if total > limit or 2 * k == n:
            break
        edge = k
    return edge


def _binomial(k: int, n: int, p: float) -> float:
    if p <= 0 or p >= 1:
        return float(k == (0 if p <= 0 else n))
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))
