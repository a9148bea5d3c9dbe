"""Bands of budget curves: against the curve without weights, and against all exchanges counted one by one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.measures import CurveBand, SampleError, exchange_band, incidence, theorem_band

HORIZON = 20

ends = st.tuples(st.integers(1, 25).map(float), st.sampled_from(["solved", "exhausted", "budget", "aborted"]))
theorems = st.lists(ends.map(lambda end: [end]), min_size=1, max_size=12)


def at(band: CurveBand, time: float) -> tuple[float, float, float]:
    index = max(i for i, when in enumerate(band.times) if when <= time)
    return band.values[index], band.low[index], band.high[index]


@given(theorems, st.integers(1, 3))
def test_the_curve_is_that_of_incidence(rows: list[list[tuple[float, str]]], seeds: int) -> None:
    known = incidence([time for ((time, _),) in rows], [how for ((_, how),) in rows], HORIZON)
    band = theorem_band([row * seeds for row in rows], HORIZON, resamples=20)  # repeats say nothing new
    for time, value, low, high in zip(band.times, band.values, band.low, band.high, strict=True):
        assert value == pytest.approx(known(time))
        assert -1e-9 <= low <= high <= 1 + 1e-9


@given(theorems)
def test_an_arm_against_itself_leaves_nothing_to_exchange(rows: list[list[tuple[float, str]]]) -> None:
    band = exchange_band(rows, rows, HORIZON, permutations=20)
    assert band.low == pytest.approx(band.values) and band.high == pytest.approx(band.values)


def test_exchanges_are_those_of_all_flips() -> None:
    """Three theorems, solved by one arm alone at 5: the share at 5 is 0, 1/3, 2/3 or 1, with weights 1, 3, 3, 1."""
    a: list[list[tuple[float, str]]] = [[(5.0, "solved")]] * 3
    b: list[list[tuple[float, str]]] = [[(20.0, "budget")]] * 3
    shares = sorted(sum(flips) / 3 for flips in itertools.product((0, 1), repeat=3))
    # The middle half of the eight flips, counted here by hand, is from 1/3 to 2/3.
    assert (shares[2], shares[5]) == (1 / 3, 2 / 3)
    band = exchange_band(a, b, HORIZON, level=0.5, permutations=4000)
    assert at(band, 5) == pytest.approx((0.5, 1 / 3, 2 / 3))
    assert at(exchange_band(a, b, HORIZON, level=0.99, permutations=4000), 5)[1:] == pytest.approx((0, 1))


def test_theorems_are_drawn_and_not_searches() -> None:
    """Ten seeds of two theorems are two cases: their band is as wide as that of two searches."""
    two: list[list[tuple[float, str]]] = [[(5.0, "solved")], [(20.0, "budget")]]
    many = [row * 10 for row in two]
    assert theorem_band(many, HORIZON, seed=3) == theorem_band(two, HORIZON, seed=3)
    assert at(theorem_band(many, HORIZON), 5) == (0.5, 0.0, 1.0)


def test_draws_are_those_of_the_seed() -> None:
    rows: list[list[tuple[float, str]]] = [[(float(n), "solved" if n % 2 else "budget")] for n in range(1, 15)]
    assert theorem_band(rows, HORIZON, seed=1) == theorem_band(rows, HORIZON, seed=1)
    assert theorem_band(rows, HORIZON, seed=1) != theorem_band(rows, HORIZON, seed=2)
    narrow, wide = (theorem_band(rows, HORIZON, level=level) for level in (0.5, 0.95))
    assert all(one >= other for one, other in zip(narrow.low, wide.low, strict=True))


def test_bad_input_is_told() -> None:
    with pytest.raises(SampleError, match="at least one search"):
        theorem_band([], HORIZON)
    with pytest.raises(SampleError, match="at least one search"):
        theorem_band([[]], HORIZON)
    with pytest.raises(SampleError, match="between 0 and 1"):
        theorem_band([[(1.0, "solved")]], HORIZON, level=1)
    with pytest.raises(SampleError, match="1 theorems in one arm and 0"):
        exchange_band([[(1.0, "solved")]], [], HORIZON)
