"""Random decisions as hashes: the same question gets the same answer, whoever asks it, and when, and how often."""

from __future__ import annotations

from hashlib import blake2b
from math import inf, log

__all__ = ["SCHEDULE_VERSION", "gumbel", "unit_draw"]

SCHEDULE_VERSION = 2
"""What a seed means. It goes up whenever an equal configuration and seed draw differently from before, by a change of
keys, draws, ties or of how obstacles count; runs of different versions are never resumed, replayed or paired as one.

1: keys began with a constant, ties broke by order of creation, delays and thaws were drawn by iteration.
2: keys begin with the statement, ties break by key, delays and thaws are drawn by meeting, obstacles count as visits.
"""


def unit_draw(seed: int, purpose: str, key: str, *, iteration: int = -1, meeting: int = -1) -> float:
    """Return the draw in [0, 1) that belongs to (seed, purpose, key, iteration or meeting).

    There is no generator to share, so the draw of one node never shifts the draw of another, and two arms of an
    experiment with the same seed draw the same for the same node. `key` comes last and `purpose` is a word of ours
    without a colon, so different questions never hash the same text. What is decided once for a node has neither an
    iteration nor a meeting; each purpose uses one of the two at most.

    >>> unit_draw(7, "block", "intro h/simp") == unit_draw(7, "block", "intro h/simp")
    True
    """
    number = iteration if meeting < 0 else meeting
    # blake2b: built into CPython, 0.6 µs; SHA-256 by way of OpenSSL needs more for the set-up alone.
    text = f"{seed}:{purpose}:{number}:{key}".encode("utf-8", "surrogatepass")
    # 53 bits: all that a double can hold below 1 without rounding up to it.
    return (int.from_bytes(blake2b(text, digest_size=8).digest()) >> 11) * 2.0**-53


def gumbel(draw: float) -> float:
    """Return the standard Gumbel variate −ln(−ln u) that belongs to a uniform draw u in [0, 1).

    Scores to which σ times one of these is added sort like a sample without replacement from their softmax at
    temperature σ (the Gumbel-top-k trick: Kool, van Hoof and Welling 2019).
    """
    return -log(-log(draw)) if draw > 0.0 else -inf
