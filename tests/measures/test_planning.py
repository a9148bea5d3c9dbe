"""What a plan can say before the first search."""

from __future__ import annotations

from collections.abc import Callable

from pytest import approx

from cellview.measures import Cells, pair
from cellview.measures.pure.planning import cost_of, power_of

CellsOf = Callable[..., Cells]
ARMS = ("a", "wild_type")


def test_cost_is_the_pilots_mean_for_each_search(cells_of: CellsOf) -> None:
    pilot = cells_of({"wild_type": [[10], [20], ["statement_error"]]}, seconds=0.5)
    cost = cost_of(100, pilot)
    assert (cost.pilot_searches, cost.iterations, cost.tried, cost.seconds) == (2, 1500, 3000, 50)
    assert cost_of(100, None).iterations is None


def test_power_of_a_difference_in_solve_rate() -> None:
    found = power_of("solve_rate_difference", ARMS, theorems=171, seeds=1, alpha=0.05, effect=0.05, discordant=0.10)
    assert found.power == approx(0.47, abs=0.01)
    assert found.needed == 312
    assert found.detectable == approx(0.067, abs=1e-3)
    nothing = power_of("solve_rate_difference", ARMS, theorems=171, seeds=1, alpha=0.05, effect=0.05)
    assert (nothing.power, nothing.needed, nothing.detectable) == (None, None, None)
    assert "nothing can be said" in nothing.assumed


def test_power_from_a_pilot(cells_of: CellsOf) -> None:
    pilot = cells_of({"wild_type": [[5]] * 57, "a": [[None]] * 6 + [[5]] * 51})
    pairs = pair(pilot["a"], pilot["wild_type"])
    shares = power_of("solve_rate_difference", ARMS, theorems=300, seeds=1, alpha=0.05, effect=0.05, pilot=pairs)
    assert shares.discordant == approx(6 / 57)
    several = power_of("solve_rate_difference", ARMS, theorems=301, seeds=4, alpha=0.05, effect=0.05, pilot=pairs)
    assert several.between == approx(0.095865, abs=1e-6)
    assert several.needed == 301
    assert several.power == approx(0.80, abs=0.005)
    assert several.detectable == approx(0.05, abs=1e-4)


def test_an_effect_that_cannot_be(cells_of: CellsOf) -> None:
    found = power_of("solve_rate_difference", ARMS, theorems=50, seeds=1, alpha=0.05, effect=0.3, discordant=0.1)
    assert (found.power, found.needed) == (None, None)
    pilot = cells_of({"wild_type": [[5]] * 3, "a": [[5]] * 3})
    same = power_of(
        "restricted_mean_difference", ARMS, theorems=50, seeds=1, alpha=0.05, effect=1.0,
        pilot=pair(pilot["a"], pilot["wild_type"]),
    )  # fmt: skip
    assert (same.between, same.power, same.detectable) == (0.0, None, None)
