"""Delayed gratification: does a system go back in order to get further on (Zhang, Goldstein & Levin 2024)?

A series that rises on the whole has such events by itself, so the measure means nothing without its null.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import factorial, fsum, inf, isnan, prod
from typing import Any

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.extra import generator
from cellview.measures.pure.permutation import TIE

__all__ = ["Gratification", "GratificationNull", "delayed_gratification", "gratification_null"]

_ALL_ORDERS = 16_384
"""Up to so many different orders, all are taken."""

_DRAWS = 1000
"""Orders drawn at most for each that is wanted, before the null is given up."""


class Gratification(msgspec.Struct, frozen=True):
    """Delayed gratification of one series."""

    ratio: float | None
    """Mean of rise over fall (the paper's words); ``None`` without events."""
    gain: float
    """Mean of rise over fall, less 1 (what the authors' figures fit); 0 without events."""
    pooled: float | None
    """Sum of rises over sum of falls; ``None`` without events."""
    events: int
    """Falls that a rise followed."""
    unrewarded: int
    """1 if the series ends in a fall; it is counted here, and in no mean."""


class GratificationNull(msgspec.Struct, frozen=True):
    """The gain of the same steps in other orders."""

    mean: float | None
    """Mean gain; ``None`` if no admissible order was found."""
    p: float | None
    """Share of orders with at least the observed gain."""
    orders: int
    """Admissible orders: all of them, or as many as were drawn."""


def delayed_gratification(series: Sequence[float]) -> Gratification:
    """Measure falls and the rises that follow them, in a series where higher is better.

    Repeats are dropped. Where the series ends in a fall, the published routine returns the sum of its events instead of
    their mean; this does not.

    Raises:
        SampleError: A value is no number.
    """
    turns = _turns(_steps(series))
    rewards = [(rise, -fall) for fall, rise in pairwise(turns) if fall < 0]
    quotients = [rise / fall for rise, fall in rewards]
    return Gratification(
        ratio=fsum(quotients) / len(quotients) if quotients else None,
        gain=fsum(quotients) / len(quotients) - 1 if quotients else 0.0,
        pooled=fsum(r for r, _ in rewards) / fsum(f for _, f in rewards) if rewards else None,
        events=len(rewards),
        unrewarded=int(bool(turns) and turns[-1] < 0),
    )


def gratification_null(
    series: Sequence[float], permutations: int, seed: int | Sequence[int], *, top: float | None = 0.0
) -> GratificationNull:
    """Compare the gain of a series with that of its own steps in other orders: same start, same end, same steps.

    Orders that reach `top` before their end are left out, since the search would have stopped there. All different
    orders are taken if they are at most 16,384; otherwise as many as asked for are drawn. The test is one-sided.

    Args:
        series: Higher is better.
        permutations: Orders to draw, where not all are taken.
        seed: Seed of the draws.
        top: Value at which a series ends at once; ``None`` if there is none.

    Raises:
        SampleError: A value is no number or infinite in a step, or fewer than one order is asked for.
        MissingExtraError: Orders are drawn, and numpy is not installed.
    """
    if permutations < 1:
        raise SampleError(f"{permutations} permutations test nothing: give at least 1; 9,999 are usual.")
    steps = _steps(series)
    if any(abs(step) == inf for step in steps):
        raise SampleError("a step of the series is infinite: cut it where the root is known to be dead.")
    if not steps:
        return GratificationNull(0.0, 1.0, 1)
    room = inf if top is None else top - series[0]
    observed = delayed_gratification(series).gain
    counts = Counter(steps)
    everything = factorial(len(steps)) // prod(map(factorial, counts.values())) <= _ALL_ORDERS
    found = _all_orders(counts, room) if everything else _random_orders(steps, room, permutations, seed)
    gains = [_gain(order) for order in found]
    if not gains:
        return GratificationNull(None, None, 0)
    extreme = sum(gain >= observed - TIE for gain in gains)
    p = extreme / len(gains) if everything else (1 + extreme) / (1 + len(gains))
    return GratificationNull(fsum(gains) / len(gains), p, len(gains))


def _steps(series: Sequence[float]) -> list[float]:
    if any(map(isnan, series)):
        raise SampleError("a value of the series is no number.")
    return [later - earlier for earlier, later in pairwise(series) if later != earlier]


def _turns(steps: Iterable[float]) -> list[float]:
    """Sums of the runs of steps in one direction."""
    turns: list[float] = []
    for step in steps:
        if turns and (turns[-1] < 0) == (step < 0):
            turns[-1] += step
        else:
            turns.append(step)
    return turns


def _gain(steps: Sequence[float]) -> float:
    turns = _turns(steps)
    quotients = [rise / -fall for fall, rise in pairwise(turns) if fall < 0]
    return fsum(quotients) / len(quotients) - 1 if quotients else 0.0


def _all_orders(counts: Counter[float], room: float) -> Iterator[list[float]]:
    """Every different order of the steps whose partial sums stay below `room` until the last."""
    length = counts.total()
    kinds = sorted(counts)

    def grow(order: list[float], reached: float) -> Iterator[list[float]]:
        if len(order) == length:
            yield list(order)
            return
        for step in kinds:
            if counts[step] and (len(order) == length - 1 or reached + step < room - TIE):
                counts[step] -= 1
                order.append(step)
                yield from grow(order, reached + step)
                order.pop()
                counts[step] += 1

    return grow([], 0.0)


def _random_orders(
    steps: Sequence[float], room: float, wanted: int, seed: int | Sequence[int]
) -> Iterator[list[float]]:
    """Admissible orders, each equally likely: drawn from all orders, and thrown away if they arrive too early."""
    rng: Any = generator(seed, "The null of a long series")
    found = drawn = 0
    rows = max(1, min(wanted, 1_000_000 // len(steps)))
    while found < wanted and drawn < wanted * _DRAWS:
        orders = rng.permuted([list(steps)] * rows, axis=1)
        drawn += rows
        arrived = (orders.cumsum(axis=1)[:, :-1] >= room - TIE).any(axis=1)
        for order in orders[~arrived][: wanted - found].tolist():
            found += 1
            yield order
