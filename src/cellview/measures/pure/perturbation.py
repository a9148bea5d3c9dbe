"""What is left of a solution after a perturbation: recovery beside the wild type's own luck, tolerance of freezing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import fsum
from typing import Literal, TypeAlias

import msgspec

from cellview.measures.errors import SampleError

__all__ = ["Recovery", "Response", "Tolerance", "absorption", "no_compensation", "recovery", "response", "tolerance"]

Response: TypeAlias = Literal["replicate", "reroute", "collapse", "rescue", "neither"]
"""A search beside its wild type: same proof, another proof, lost, won, or solved by neither."""


class Recovery(msgspec.Struct, frozen=True):
    """How much of what the wild type solves an arm solves too."""

    same_seed: float | None
    """Arm and wild type with the same seed; ``None`` if the wild type solves nothing."""
    other_seed: float | None
    """With different seeds; ``None`` also with fewer than two seeds."""
    null: float | None
    """The wild type against itself with different seeds: what any arm loses by conditioning on "wild type solved"."""


class Tolerance(msgspec.Struct, frozen=True):
    """How a solve rate falls as more nodes are frozen."""

    auc: float | None
    """Area under the curve over that of no loss; ``None`` without fraction 0, or if nothing is solved there."""
    half: float | None
    """Fraction at which half of the unperturbed rate is left; ``None`` if the curve does not come down so far."""


def response(wild_solved: bool, arm_solved: bool, *, same_proof: bool = False) -> Response:
    """Return what became of a search under an arm. Report all five; those the wild type solved are a selection.

    Args:
        wild_solved: Whether the wild type solved.
        arm_solved: Whether the arm solved.
        same_proof: Whether both proofs have the same canonical hash.
    """
    if wild_solved and arm_solved:
        return "replicate" if same_proof else "reroute"
    if wild_solved:
        return "collapse"
    return "rescue" if arm_solved else "neither"


def recovery(wild: Sequence[Sequence[int]], arm: Sequence[Sequence[int]]) -> Recovery:
    """Return the share of the wild type's solutions that an arm reaches as well.

    Args:
        wild: For each theorem a row of 0 and 1, one for each seed: solved or not.
        arm: The same for the arm, in the same order of theorems and seeds.

    Raises:
        SampleError: Rows differ in length, or hold something else than 0 and 1.
    """
    _check_rows(wild, arm)
    rows = list(zip(wild, arm, strict=True))
    sums = [(sum(w), sum(a), sum(x and y for x, y in zip(w, a, strict=True)), len(w)) for w, a in rows]
    solved = sum(c for c, _, _, _ in sums)
    if solved == 0:
        return Recovery(None, None, None)
    same = sum(both for _, _, both, _ in sums) / solved
    if any(seeds < 2 for _, _, _, seeds in sums):
        return Recovery(same, None, None)
    other = fsum((c * k - both) / (seeds - 1) for c, k, both, seeds in sums) / solved
    null = fsum(c * (c - 1) / (seeds - 1) for c, _, _, seeds in sums) / solved
    return Recovery(same, other, null)


def _check_rows(wild: Sequence[Sequence[int]], arm: Sequence[Sequence[int]]) -> None:
    if [len(row) for row in wild] != [len(row) for row in arm]:
        raise SampleError("wild type and arm differ in theorems or seeds: give the same rows for both.")
    if any(value not in (0, 1) for rows in (wild, arm) for row in rows for value in row):
        raise SampleError("a row holds something else than 0 and 1: one for each seed, 1 for solved.")


def absorption(wild_iterations: int, arm_iterations: int, given_up: int) -> float | None:
    """Return which part of the tickets lost to obstacles a search pays for: 0 made up for, 1 dilation, above 1 worse.

    Args:
        wild_iterations: Iterations to the solution of the wild type.
        arm_iterations: Those of the arm, with the same theorem and seed.
        given_up: Tickets that the arm gave up.

    Returns:
        ``None`` with fewer than five tickets given up: the quotient would say nothing.
    """
    return (arm_iterations - wild_iterations) / given_up if given_up >= 5 else None


def no_compensation(sizes: Sequence[int], fraction: float, *, spare_root: bool = False) -> float | None:
    """Return the solve rate to expect if a search lost every proof of which a node is frozen for good.

    The null of a tolerance curve: what is observed above it was rerouted.

    Args:
        sizes: Nodes of the wild type's own proof of each theorem that it solves, the root included.
        fraction: Share of nodes that freeze.
        spare_root: Whether roots never freeze.

    Returns:
        The mean over the theorems given, ``None`` without one.

    Raises:
        SampleError: The fraction lies outside [0, 1], or a proof has no node.
    """
    if not 0 <= fraction <= 1:
        raise SampleError(f"a fraction of {fraction} nodes cannot freeze: give one between 0 and 1.")
    if any(size < 1 for size in sizes):
        raise SampleError("a proof has no node: count its nodes with the root.")
    if not sizes:
        return None
    return fsum((1 - fraction) ** (size - spare_root) for size in sizes) / len(sizes)


def tolerance(fractions: Sequence[float], rates: Sequence[float]) -> Tolerance:
    """Summarise how a solve rate falls over the fraction of frozen nodes.

    Args:
        fractions: Fractions, 0 among them.
        rates: The solve rate at each.

    Raises:
        SampleError: The lists differ in length, or a fraction is repeated or outside [0, 1].
    """
    if len(fractions) != len(rates):
        raise SampleError(f"{len(fractions)} fractions and {len(rates)} rates: give one rate for each fraction.")
    if len(set(fractions)) < len(fractions) or any(not 0 <= fraction <= 1 for fraction in fractions):
        raise SampleError("fractions lie between 0 and 1, each once: average the repeats of one first.")
    points = sorted(zip(fractions, rates, strict=True))
    if len(points) < 2 or points[0][0] != 0 or not points[0][1] > 0:
        return Tolerance(None, None)
    start = points[0][1]
    area = fsum((f2 - f1) * (r1 + r2) / 2 for (f1, r1), (f2, r2) in pairwise(points))
    return Tolerance(area / (points[-1][0] * start), _reaches(points, start / 2))


def _reaches(points: Sequence[tuple[float, float]], rate: float) -> float | None:
    """Least fraction at which the curve, linear between its points, is down to `rate`."""
    for (f1, r1), (f2, r2) in pairwise(points):
        if r2 <= rate + 1e-12:
            return f1 + (f2 - f1) * min(1.0, (r1 - rate) / (r1 - r2))
    return None
