"""How many different proofs there are: diversity of a theorem's proofs over seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import comb, fsum, log, log2

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.proofs import ProofLike, signatures_by_depth

__all__ = ["Basins", "Corridor", "basins", "corridor", "entropy", "rarefied"]


class Basins(msgspec.Struct, frozen=True):
    """Diversity of the proofs of one theorem. All fields are ``None`` with fewer than two proofs."""

    entropy: float | None
    """Shannon entropy in bits, as the shares stand; too low for few proofs."""
    miller_madow: float | None
    """The same with Miller & Madow's correction of that bias."""
    effective: float | None
    """2 to the entropy: equally frequent proofs that would be as diverse."""
    inverse_simpson: float | None
    """1/Σp²."""
    dominant: float | None
    """Share of the most frequent proof."""
    chao1: float | None
    """Proofs there are at least, seen or not (Chao 1984, bias-corrected)."""
    coverage: float | None
    """Good's estimate of the share of searches that end in a proof already seen."""


class Corridor(msgspec.Struct, frozen=True):
    """Width of the passage that the proofs of one theorem take, by depth."""

    widths: tuple[float, ...]
    """2 to the entropy of the goals at each depth, from the root on."""
    bottleneck: float | None
    """Least width from depth 1 to the height of the lowest proof; ``None`` where there is no such depth."""


def entropy(counts: Iterable[int]) -> float:
    """Return the Shannon entropy in bits; 0 for one kind, or none."""
    seen = [count for count in counts if count]
    total = sum(seen)
    return fsum(-count / total * log2(count / total) for count in seen) if len(seen) > 1 else 0.0


def basins(counts: Sequence[int]) -> Basins:
    """Return the diversity of proofs.

    Args:
        counts: How often each different proof was found. Two seeds with one trace digest are one observation.

    Raises:
        SampleError: A count is negative.
    """
    seen = _seen(counts)
    total = sum(seen)
    if total < 2:
        return Basins(None, None, None, None, None, None, None)
    h = entropy(seen)
    once, twice = seen.count(1), seen.count(2)
    return Basins(
        entropy=h,
        miller_madow=h + (len(seen) - 1) / (2 * total * log(2)),
        effective=2**h,
        inverse_simpson=total**2 / sum(count**2 for count in seen),
        dominant=max(seen) / total,
        chao1=len(seen) + (total - 1) / total * once * (once - 1) / (2 * (twice + 1)),
        coverage=1 - once / total,
    )


def rarefied(counts: Sequence[int], m: int) -> float | None:
    """Return how many different proofs to expect in `m` of those found (Hurlbert 1971): arms compare at equal `m`.

    Returns:
        ``None`` if fewer than `m` were found.

    Raises:
        SampleError: A count is negative, or `m` is below 1.
    """
    if m < 1:
        raise SampleError(f"a sample of {m} proofs is none: give at least 1.")
    seen = _seen(counts)
    total = sum(seen)
    if m > total:
        return None
    return fsum(1 - comb(total - count, m) / comb(total, m) for count in seen)


def corridor(proofs: Sequence[ProofLike]) -> Corridor:
    """Return how wide the proofs of a theorem are at each depth. Exploratory.

    Raises:
        SampleError: A tree is not solved.
    """
    levels = [signatures_by_depth(proof) for proof in proofs]
    height = max(map(len, levels), default=0)
    found = [[goal for proof in levels if depth < len(proof) for goal in proof[depth]] for depth in range(height)]
    widths = tuple(2 ** entropy(Counter(goals).values()) for goals in found)
    common = widths[1 : min(map(len, levels), default=0)]
    return Corridor(widths, min(common, default=None))


def _seen(counts: Sequence[int]) -> list[int]:
    if any(count < 0 for count in counts):
        raise SampleError("a proof was found a negative number of times: give counts.")
    return [count for count in counts if count]
