"""How often somebody may ask: a bucket of requests for each address, which fills up steadily."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

__all__ = ["Rates"]

_MOST: Final = 4096
"""Addresses that are kept; whoever has not asked for longest is forgotten first, and has a full bucket again."""


class Rates:
    """Counts requests by address.

    Args:
        per_s: A bucket gets so many requests a second.
        burst: It holds so many.
    """

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, *, now: float) -> bool:
        """Take one request of an address; ``False``: its bucket is empty.

        >>> rates = Rates(per_s=1.0, burst=2.0)
        >>> [rates.take("a", now=0.0) for _ in range(3)], rates.take("b", now=0.0), rates.take("a", now=1.0)
        ([True, True, False], True, True)
        """
        left, then = self._buckets.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_s)
        good = left >= 1.0
        self._buckets[address] = (left - 1.0 if good else left, now)
        while len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        return good
