"""Several searches as one: chances of a handful of seeds, and what each arm adds to the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import comb, fsum

import msgspec

from cellview.measures.errors import SampleError

__all__ = ["Shapley", "pass_at_k", "shapley"]


class Shapley(msgspec.Struct, frozen=True):
    """What each arm of a portfolio is worth."""

    values: dict[str, float]
    """Shapley value of the number of theorems solved, by arm; they sum to `best`."""
    best: int
    """Theorems that some arm solves: the virtual best solver."""
    unique: dict[str, int]
    """Theorems that no other arm solves, by arm."""


def pass_at_k(n: int, correct: int | Sequence[int], k: int) -> float | None:
    """Return the chance that `k` of `n` seeds hold a solution: 1 − C(n−c, k)/C(n, k), without bias (Chen et al. 2021).

    Args:
        n: Seeds run for each theorem. Count seeds with different trace digests: two equal searches are one.
        correct: Seeds that solved; or one such count for each theorem, and the mean is returned.
        k: Size of the handful, at most `n`.

    Returns:
        ``None`` without a theorem.

    Raises:
        SampleError: A count lies outside 0 … `n`, or `k` outside 1 … `n`.
    """
    if not 1 <= k <= n:
        raise SampleError(f"{k} of {n} seeds cannot be drawn: give 1 ≤ k ≤ n.")
    counts = [correct] if isinstance(correct, int) else list(correct)
    if any(not 0 <= count <= n for count in counts):
        raise SampleError(f"a theorem was solved by fewer than 0 or more than {n} seeds.")
    if not counts:
        return None
    return fsum(1 - comb(n - count, k) / comb(n, k) for count in counts) / len(counts)


def shapley(solved_by: Mapping[str, Collection[str]]) -> Shapley:
    """Share out the theorems that a portfolio solves among its arms (Fréchette et al. 2016).

    Every theorem is divided equally among the arms that solve it, which is the exact Shapley value of the count.

    Args:
        solved_by: The theorems that each arm solves.
    """
    solved = {arm: set(theorems) for arm, theorems in solved_by.items()}
    count = Counter(theorem for theorems in solved.values() for theorem in theorems)
    return Shapley(
        values={arm: fsum(1 / count[theorem] for theorem in theorems) for arm, theorems in solved.items()},
        best=len(count),
        unique={arm: sum(count[theorem] == 1 for theorem in theorems) for arm, theorems in solved.items()},
    )
