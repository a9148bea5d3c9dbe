"""Bands around budget curves where seeds repeat a theorem, and the null of two arms that are one.

Both draw whole theorems, never single searches: a theorem's seeds rise and fall together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.extra import generator, library
from cellview.measures.pure.survival import recoded

__all__ = ["CurveBand", "Ends", "exchange_band", "theorem_band"]

Ends: TypeAlias = "Sequence[tuple[float, str]]"
"""One theorem's searches in an arm: when each seed's ended, and how."""


class CurveBand(msgspec.Struct, frozen=True):
    """A share solved by each time, and the band in which it lies at each single time."""

    times: tuple[float, ...]
    values: tuple[float, ...]
    """The curve itself; for a null, the curve that is expected."""
    low: tuple[float, ...]
    high: tuple[float, ...]


def theorem_band(
    rows: Sequence[Ends], horizon: float, *, level: float = 0.95, resamples: int = 999, seed: int | Sequence[int] = 0
) -> CurveBand:
    """Return the share solved by each time with a pointwise bootstrap band (Efron 1981), theorems resampled.

    Each theorem weighs the same, however many of its seeds there are. With one seed for each theorem the curve is that
    of :func:`~cellview.measures.incidence`.

    Args:
        rows: One row for each theorem.
        horizon: The budget.
        level: Of the band, at each time by itself.
        resamples: Bootstrap samples.
        seed: Of the samples.

    Raises:
        SampleError: There is no theorem, one has no search, or the level is none.
        MissingExtraError: numpy is not installed.
    """
    _check(rows, level)
    numpy: Any = library("numpy", "A bootstrap band")
    grid = _grid(rows, horizon)
    events, at_risk = _counts(rows, grid, horizon)
    rng = generator(seed, "A bootstrap band")
    drawn = rng.multinomial(len(rows), [1 / len(rows)] * len(rows), size=resamples)
    curves = _curves(numpy, drawn @ events, drawn @ at_risk)
    whole = _curves(numpy, events.sum(axis=0, keepdims=True), at_risk.sum(axis=0, keepdims=True))[0]
    return _band(numpy, grid, whole, curves, level)


def exchange_band(
    a: Sequence[Ends],
    b: Sequence[Ends],
    horizon: float,
    *,
    level: float = 0.95,
    permutations: int = 999,
    seed: int | Sequence[int] = 0,
) -> CurveBand:
    """Return where an arm's curve would lie if the names of the two arms meant nothing.

    The arms of each theorem change places with probability one half, all seeds together: the pointwise form of the
    sign-flip test of :func:`~cellview.measures.sign_flip`. Its `values` are the curve of both arms together.

    Args:
        a: One row for each theorem.
        b: The same theorems in the other arm, in the same order.
        horizon: The budget.
        level: Of the band, at each time by itself.
        permutations: Exchanges drawn.
        seed: Of the exchanges.

    Raises:
        SampleError: The arms differ in their number of theorems; or as :func:`theorem_band`.
        MissingExtraError: numpy is not installed.
    """
    if len(a) != len(b):
        raise SampleError(f"{len(a)} theorems in one arm and {len(b)} in the other: give the same ones to both.")
    _check([*a, *b], level)
    numpy: Any = library("numpy", "A band of exchanged arms")
    grid = _grid([*a, *b], horizon)
    (events_a, risk_a), (events_b, risk_b) = _counts(a, grid, horizon), _counts(b, grid, horizon)
    rng = generator(seed, "A band of exchanged arms")
    first = rng.integers(0, 2, size=(permutations, len(a)))
    events, at_risk = first @ events_a + (1 - first) @ events_b, first @ risk_a + (1 - first) @ risk_b
    together = (events_a + events_b).sum(axis=0, keepdims=True), (risk_a + risk_b).sum(axis=0, keepdims=True)
    return _band(numpy, grid, _curves(numpy, *together)[0], _curves(numpy, events, at_risk), level)


def _check(rows: Sequence[Ends], level: float) -> None:
    if not rows or not all(rows):
        raise SampleError("a band needs at least one search of every theorem: leave out those without.")
    if not 0 < level < 1:
        raise SampleError(f"a confidence level lies between 0 and 1, and {level} does not: 0.95 is usual.")


def _grid(rows: Sequence[Ends], horizon: float) -> list[float]:
    ends = {end for row in rows for end, _ in recoded([time for time, _ in row], [how for _, how in row], horizon)}
    return sorted(ends | {float(horizon)})


def _counts(rows: Sequence[Ends], grid: Sequence[float], horizon: float) -> tuple[Any, Any]:
    """Solved at each time, and not yet ended before it, as shares of the theorem's searches."""
    numpy: Any = library("numpy", "A band")
    events, at_risk = numpy.zeros((len(rows), len(grid))), numpy.zeros((len(rows), len(grid)))
    times = numpy.asarray(grid, dtype=float)
    for number, row in enumerate(rows):
        for end, solved in recoded([time for time, _ in row], [how for _, how in row], horizon):
            at_risk[number] += (times <= end) / len(row)
            events[number] += solved * (times == end) / len(row)
    return events, at_risk


def _curves(numpy: Any, events: Any, at_risk: Any) -> Any:
    """One minus Kaplan–Meier, row by row; where nobody is at risk any more a curve stays where it was."""
    hazard = numpy.divide(events, at_risk, out=numpy.zeros_like(events, dtype=float), where=at_risk > 1e-12)
    return 1 - numpy.cumprod(1 - hazard, axis=1)


def _band(numpy: Any, grid: Sequence[float], values: Any, curves: Any, level: float) -> CurveBand:
    low, high = numpy.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return CurveBand(tuple(grid), tuple(values.tolist()), tuple(low.tolist()), tuple(high.tolist()))
