"""Random decisions as hashes: the same question gets the same answer, whoever asks it, and when, and how often."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["unit_draw"]


def unit_draw(seed: int, purpose: str, key: str, *, iteration: int = -1) -> float:
    """Return the draw in [0, 1) that belongs to (seed, purpose, key, iteration).

    There is no generator to share, so the draw of one node never shifts the draw of another, and two arms of an
    experiment with the same seed draw the same for the same node. `key` comes last and `purpose` is a word of ours
    without a colon, so different questions never hash the same text.

    >>> unit_draw(7, "block", "intro h/simp") == unit_draw(7, "block", "intro h/simp")
    True
    """
    # blake2b: built into CPython, 0.6 µs; SHA-256 by way of OpenSSL needs more for the set-up alone.
    text = f"{seed}:{purpose}:{iteration}:{key}".encode("utf-8", "surrogatepass")
    # 53 bits: all that a double can hold below 1 without rounding up to it.
    return (int.from_bytes(blake2b(text, digest_size=8).digest()) >> 11) * 2.0**-53
