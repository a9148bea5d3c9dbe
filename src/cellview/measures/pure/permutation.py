"""The permutation test of this library: arms change places inside a theorem, and nothing moves between theorems."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, fsum, isfinite

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.extra import generator

__all__ = ["TIE", "SignFlip", "sign_flip"]

TIE = 1e-9
"""Statistics this near to each other are equal, and equal counts as extreme: sums of floats depend on their order."""

_ALL_FLIPS = 14
"""Up to so many differences that are not zero, all flips are counted."""


class SignFlip(msgspec.Struct, frozen=True):
    """Outcome of a sign-flip test."""

    mean: float | None
    """Mean difference over all theorems, those without a difference included; ``None`` without a theorem."""
    nonzero: int
    """Theorems with a difference; the others cannot speak for either arm."""
    p: float | None
    """Two-sided; 1 if no theorem differs, ``None`` without a theorem."""
    exact: bool = True
    """Whether all flips were counted; otherwise they were drawn."""


def sign_flip(differences: Sequence[float], *, permutations: int = 9999, seed: int | Sequence[int] = 0) -> SignFlip:
    """Test whether two arms differ, from one difference for each theorem (its mean over seeds).

    Under the null the two arms of a theorem may change places, which flips the sign of its difference; the statistic is
    the absolute sum. Up to 14 non-zero differences all flips are counted. So they are, in closed form, when all
    non-zero differences have the same size, as with one seed for each theorem: that is the two-sided exact McNemar
    test. Otherwise `permutations` random flips are drawn, and p = (1 + extreme) / (1 + drawn) (Phipson & Smyth 2010).

    Args:
        differences: One for each theorem.
        permutations: Random flips, where not all are counted.
        seed: Seed of the flips.

    Raises:
        SampleError: A difference is not finite, or fewer than one flip is asked for.
        MissingExtraError: Random flips are needed, and numpy is not installed.

    >>> sign_flip([0.5, 0.25, 0, -0.25, 1, 0.5, 0, 0.25, -0.5, 0.75])
    SignFlip(mean=0.25, nonzero=8, p=0.1640625, exact=True)
    """
    if permutations < 1:
        raise SampleError(f"{permutations} permutations test nothing: give at least 1; 9,999 are usual.")
    if not all(map(isfinite, differences)):
        raise SampleError("a difference is not finite: measure both arms up to the same horizon.")
    if not differences:
        return SignFlip(None, 0, None)
    sizes = [abs(difference) for difference in differences if abs(difference) > TIE]
    observed = abs(fsum(differences))
    exact = len(sizes) <= _ALL_FLIPS or max(sizes) - min(sizes) <= TIE
    p = _p(sizes, observed, permutations, seed)
    return SignFlip(fsum(differences) / len(differences), len(sizes), p, exact)


def _p(sizes: list[float], observed: float, permutations: int, seed: int | Sequence[int]) -> float:
    if not sizes:
        return 1.0
    if max(sizes) - min(sizes) <= TIE:
        return _p_of_equal_sizes(sizes[0], len(sizes), observed)
    if len(sizes) <= _ALL_FLIPS:
        return _p_of_all_flips(sizes, observed)
    return _p_of_random_flips(sizes, observed, permutations, seed)


def _p_of_equal_sizes(size: float, count: int, observed: float) -> float:
    extreme = sum(comb(count, up) for up in range(count + 1) if size * abs(2 * up - count) >= observed - TIE)
    return float(extreme / 2**count)


def _p_of_all_flips(sizes: list[float], observed: float) -> float:
    # The first sign is held: the mirror image of a flip has the same absolute sum.
    sums = [sizes[0]]
    for size in sizes[1:]:
        sums = [total + signed for total in sums for signed in (size, -size)]
    return sum(abs(total) >= observed - TIE for total in sums) / len(sums)


def _p_of_random_flips(sizes: list[float], observed: float, permutations: int, seed: int | Sequence[int]) -> float:
    rng = generator(seed, "A sign-flip test of more than 14 differences")
    extreme, left = 0, permutations
    while left > 0:
        rows = min(left, max(1, 2_000_000 // len(sizes)))
        signs = rng.integers(0, 2, size=(rows, len(sizes)), dtype="int8") * 2 - 1
        extreme += int((abs(signs @ sizes) >= observed - TIE).sum())
        left -= rows
    return (1 + extreme) / (1 + permutations)
