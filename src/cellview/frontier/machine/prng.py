"""A hierarchical random source: the stream at a path depends on the master seed and the path, and on nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

__all__ = ["Prng"]

T = TypeVar("T")


class Prng:
    """A random stream with a name.

    ``for_path`` gives an independent child stream; it draws nothing from this one, so the order in which children are
    asked for does not matter. The stream is SHA-256 in counter mode: the same bytes on every machine and Python version
    (the standard generator's ``shuffle`` and ``choice`` have changed between versions).

    >>> Prng(7).for_path("execute", "a1b2").below(100) == Prng(7).for_path("execute", "a1b2").below(100)
    True
    """

    def __init__(self, master_seed: int) -> None:
        """Starts the root stream of a non-negative master seed of any size."""
        if master_seed < 0:
            raise ValueError(f"master_seed is {master_seed}: seeds are at least 0")
        self._key = hashlib.sha256(b"cellview.frontier.prng\0" + str(master_seed).encode()).digest()
        self._counter = 0

    def for_path(self, *parts: str | int) -> Prng:
        """The child stream at this path. ``("a", "b")`` and ``("ab",)`` differ, and so do ``1`` and ``"1"``."""
        key = self._key
        for part in parts:
            tag, text = ("i", str(part)) if isinstance(part, int) else ("s", part)
            raw = text.encode("utf-8")
            key = hashlib.sha256(key + f"{tag}{len(raw)}:".encode() + raw).digest()
        child = Prng.__new__(Prng)
        child._key = key
        child._counter = 0
        return child

    @property
    def seed_canonical(self) -> str:
        """The seed of this stream as ``0x`` and 64 hexadecimal digits."""
        return "0x" + self._key.hex()

    @property
    def seed(self) -> int:
        """The seed of this stream as an integer below 2**256, for a generator of someone else."""
        return int.from_bytes(self._key, "big")

    def bits(self, count: int) -> int:
        """The next `count` random bits as an integer, at least one."""
        if count < 1:
            raise ValueError(f"count is {count}: ask for at least one bit")
        raw = b""
        while len(raw) * 8 < count:
            raw += hashlib.sha256(self._key + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
        return int.from_bytes(raw, "big") >> (len(raw) * 8 - count)

    def random(self) -> float:
        """A float in [0, 1) with 53 random bits."""
        return self.bits(53) / 9007199254740992.0

    def below(self, bound: int) -> int:
        """An unbiased integer in [0, bound)."""
        if bound < 1:
            raise ValueError(f"bound is {bound}: it must be at least 1")
        width = max(1, (bound - 1).bit_length())
        while True:
            number = self.bits(width)
            if number < bound:
                return number

    def choice(self, sequence: Sequence[T]) -> T:
        """One element of a non-empty sequence."""
        return sequence[self.below(len(sequence))]

    def shuffle(self, sequence: MutableSequence[T]) -> None:
        """Shuffles in place (Fisher and Yates, from the end)."""
        for index in range(len(sequence) - 1, 0, -1):
            other = self.below(index + 1)
            sequence[index], sequence[other] = sequence[other], sequence[index]
