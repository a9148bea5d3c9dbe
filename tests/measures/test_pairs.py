"""Pairing refuses what cannot be compared and names it; contrasts count theorems, not rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from pytest import approx

from cellview.measures import (
    Cell,
    Cells,
    CellsError,
    Run,
    Settings,
    TraceFigures,
    UnequalRunsError,
    contrast,
    mcnemar,
    pair,
)
from cellview.measures.pure.arms import arm_row, diversity_row, portfolio
from cellview.measures.pure.beside import efficiency_row, response_row, work_row
from cellview.measures.pure.contrasts import counted_as_unsolved
from cellview.measures.pure.freezing import freezing_table
from cellview.measures.pure.trace_rows import duplicates_row, obstacle_row, trace_rows

CellsOf = Callable[..., Cells]
RunOf = Callable[..., Run]
SETTINGS = Settings(seed=(1, 2), bootstrap=499, permutations=499)


def merged(*parts: Cells) -> Cells:
    return Cells(
        tuple(run for part in parts for run in part.runs), tuple(cell for part in parts for cell in part.cells)
    )


def test_arms_are_called_by_name_in_one_run_and_with_the_run_in_several(cells_of: CellsOf, run_of: RunOf) -> None:
    one = cells_of({"wild_type": [[5]], "block_cases": [[None]]})
    assert one.labels() == ["block_cases", "wild_type"]
    both = merged(one, cells_of({"wild_type": [[7]]}, run=run_of("other")))
    assert both.labels() == ["run/block_cases", "run/wild_type", "other/wild_type"]
    assert [cell.iterations for cell in both["other/wild_type"]] == [7]
    with pytest.raises(CellsError, match="no arm nothing: the arms are"):
        both.of("nothing")


def test_pairs_are_by_theorem_and_seed_and_the_dropped_are_listed(cells_of: CellsOf) -> None:
    cells = cells_of(
        {"wild_type": [[5, 6], ["statement_error", 7], [8, 9]], "a": [[1, 2], [3, 4], [5, "not_reproducible"]]}
    )
    pairs = pair(cells["a"], cells["wild_type"])
    assert [(row.theorem, row.seed, row.a.iterations, row.b.iterations) for row in pairs] == [
        ("t00", 0, 1, 5),
        ("t00", 1, 2, 6),
        ("t01", 1, 4, 7),
        ("t02", 0, 5, 8),
    ]
    assert [(dropped.theorem, dropped.seed, dropped.why) for dropped in pairs.dropped] == [
        ("t01", 0, "statement_error"),
        ("t02", 1, "not_reproducible"),
    ]
    whole = counted_as_unsolved(pairs, cells["a"].cells, cells["wild_type"].cells)
    assert len(whole) == 6
    assert [(row.a.solved, row.b.solved) for row in whole if (row.theorem, row.seed) in {("t01", 0), ("t02", 1)}] == [
        (True, False),
        (False, True),
    ]


SEARCH = {"mode": "distributed", "agents": 4, "inflight": 4, "budget": [60], "block": None}
DIFFERENCES: list[tuple[str, dict[str, Any]]] = [
    ("corpus_digest", {"corpus_digest": "decaf"}),
    ("cellview", {"cellview": "0.2.0"}),
    ("lean", {"lean": "4.36.0"}),
    ("schedule_version", {"schedule_version": 1}),
    ("automation", {"backend": {"prover": "lean", "automation": "full", "heartbeats": 2000}}),
    ("heartbeats", {"backend": {"prover": "lean", "automation": "none", "heartbeats": 1}}),
    ("prover", {"backend": {"prover": "synthetic", "automation": "none", "heartbeats": 2000}}),
    ("budget", {"budget": 61}),
    ("seeds", {"seeds": (0, 1)}),
    ("search.agents", {"search": {**SEARCH, "agents": 8}}),
    ("search.block", {"search": {**SEARCH, "block": {"fraction": 0.1}}}),
    ("arms.wild_type", {"arms": {"wild_type": {"pegs": ["simp"]}}}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "changes"), DIFFERENCES, ids=[field for field, _ in DIFFERENCES])
def test_runs_that_differ_do_not_pair_and_the_field_is_named(
    cells_of: CellsOf, run_of: RunOf, field: str, changes: dict[str, Any]
) -> None:
    a, b = cells_of({"wild_type": [[5]]}), cells_of({"wild_type": [[5]]}, run=run_of("other", **changes))
    with pytest.raises(UnequalRunsError, match=f"differ in {field}") as caught:
        pair(a, b)
    assert caught.value.field == field
    if field.startswith("search."):
        assert len(pair(a, b, factor=[field.removeprefix("search.")])) == 1
    with pytest.raises(CellsError, match="no field"):
        pair(a, b, factor=["flavour"])


def test_equal_runs_pair(cells_of: CellsOf, run_of: RunOf) -> None:
    a, b = cells_of({"wild_type": [[5]]}), cells_of({"wild_type": [[6]]}, run=run_of("other", host="elsewhere"))
    assert len(pair(a, b)) == 1


def test_a_side_with_several_arms_is_refused(cells_of: CellsOf) -> None:
    cells = cells_of({"wild_type": [[5]], "a": [[5]]})
    with pytest.raises(CellsError, match=r"choose cells\[arm\]"):
        pair(cells, cells["a"])


def test_one_seed_is_a_mcnemar_table(cells_of: CellsOf) -> None:
    wild = [[5]] * 152 + [[None]] * 19
    arm = [[7]] * 140 + [[None]] * 12 + [[9]] * 3 + [["exhausted"]] * 16
    cells = cells_of({"wild_type": wild, "a": arm})
    found = contrast(pair(cells["a"], cells["wild_type"]), "solve_rate_difference", settings=SETTINGS)
    expected = mcnemar(140, 3, 12, 16)
    assert (found.both, found.only_arm, found.only_reference, found.neither) == (140, 3, 12, 16)
    assert found.p == approx(expected.p)
    assert found.mid_p == approx(expected.mid_p)
    assert (found.estimate, found.low, found.high) == (expected.difference, expected.low, expected.high)
    assert (found.test, found.interval, found.permutations) == ("McNemar, exact", "Newcombe 10", None)


def test_seeds_are_repeats_and_never_rows(cells_of: CellsOf) -> None:
    """Four equal seeds say no more than one: the pooled rows would give p = 1.2e-07 (V22)."""
    wild = [[5] * 4] * 57
    arm = [[None] * 4] * 6 + [[5] * 4] * 51
    cells = cells_of({"wild_type": wild, "a": arm})
    found = contrast(pair(cells["a"], cells["wild_type"]), "solve_rate_difference", settings=SETTINGS)
    assert (found.theorems, found.seeds, found.pairs) == (57, 4, 228)
    assert found.p == approx(0.03125)
    assert found.estimate == approx(-6 / 57)
    assert found.test == "sign flip"


def test_time_counts_unsolved_searches_as_the_budget_and_exhausted_ones_too(cells_of: CellsOf) -> None:
    cells = cells_of({"wild_type": [[10], [20], [30]], "a": [[None], ["exhausted"], ["aborted"]]})
    found = contrast(pair(cells["a"], cells["wild_type"]), "restricted_mean_difference", settings=SETTINGS)
    assert found.estimate == approx((50 + 40) / 2)
    assert found.undefined == 1  # nobody knows how long the one that was cut short would have taken
    work = contrast(pair(cells["a"], cells["wild_type"]), "log_work_ratio", settings=SETTINGS)
    assert (work.theorems, work.estimate, work.p, work.undefined) == (0, None, None, 3)


def test_equality_is_claimed_only_from_its_interval(cells_of: CellsOf) -> None:
    same = cells_of({"wild_type": [[5]] * 200, "a": [[None]] + [[5]] * 199})
    pairs = pair(same["a"], same["wild_type"])
    assert contrast(pairs, "solve_rate_difference", settings=SETTINGS, sesoi=0.05).equivalent is True
    few = cells_of({"wild_type": [[5]] * 10, "a": [[None]] + [[5]] * 9})
    pairs = pair(few["a"], few["wild_type"])
    assert contrast(pairs, "solve_rate_difference", settings=SETTINGS, sesoi=0.05).equivalent is False
    assert contrast(pairs, "solve_rate_difference", settings=SETTINGS).equivalent is None


def test_the_row_of_an_arm(cells_of: CellsOf) -> None:
    cells = cells_of({"wild_type": [[10], [20], [None], ["exhausted"], ["statement_error"]]})
    row = arm_row(cells, "wild_type", SETTINGS)
    assert (row.theorems, row.seeds, row.searches, row.distinct) == (4, 1, 4, 4)
    assert (row.solve_rate, row.interval, row.exhausted) == (0.5, "Wilson", 1)
    assert row.dropped == {"statement_error": 1}
    assert row.restricted_mean == approx(37.5)
    assert row.par2 == approx(67.5)
    assert row.median == 20
    several = arm_row(cells_of({"wild_type": [[10, None], [20, 20], [None, None]]}), "wild_type", SETTINGS)
    assert several.solve_rate == approx(0.5)
    assert several.interval == "bootstrap, percentile"
    assert arm_row(cells_of({"wild_type": [["set_aside"]]}), "wild_type", SETTINGS).solve_rate is None


def with_proof_of_its_own(cell: Cell) -> Cell:
    own = f"{cell.theorem}{cell.seed}"
    return msgspec.structs.replace(cell, proof_hash=own) if cell.arm == "a" and cell.solved else cell


def test_recovery_beside_its_null_and_reroutes_beside_theirs(cells_of: CellsOf) -> None:
    """V18 as searches; and an arm with another proof each time, where the reference has one."""
    wild = [[5, 5, None], [5, 5, 5], [None, 5, None]]
    arm = [[9, None, None], [9, 9, 9], [None, None, None]]
    cells = cells_of({"wild_type": wild, "a": arm})
    pairs = pair(cells["a"], cells["wild_type"])
    row = response_row(pairs, ("a", "wild_type"), SETTINGS)
    assert row.recovery.other_seed == approx(0.583333, abs=1e-6)
    assert row.effect == approx(0.583333 - 0.666667, abs=1e-6)
    assert row.effect is not None and row.low is not None and row.high is not None
    assert row.low <= row.effect <= row.high
    assert (row.reroute_share, row.reroute_null) == (0.0, 0.0)
    changed = Cells(cells.runs, tuple(map(with_proof_of_its_own, cells)))
    row = response_row(pair(changed["a"], changed["wild_type"]), ("a", "wild_type"), SETTINGS)
    assert (row.reroute, row.reroute_share, row.reroute_null) == (4, 1.0, 0.0)
    twice = cells_of({"wild_type": [[5, 5], [5, None]], "a": [[5, None], [5, 5]]})
    row = response_row(pair(twice["a"], twice["wild_type"]), ("a", "wild_type"), SETTINGS)
    assert row.effect == approx((1 + 1) / 3 - 2 / 3)
    once = cells_of({"wild_type": [[5]], "a": [[5]]})
    row = response_row(pair(once["a"], once["wild_type"]), ("a", "wild_type"), SETTINGS)
    assert (row.effect, row.reroute_share) == (None, None)


def test_the_noise_floor_is_that_of_blind_seeds(cells_of: CellsOf, run_of: RunOf) -> None:
    same = [[30, 30, 30, 30]] * 5
    agent = cells_of({"wild_type": [[3, 3, 3, 3]] * 5})
    row = efficiency_row(agent, cells_of({"wild_type": same}, run=run_of("blind")), ("a", "b"), SETTINGS)
    assert row is not None
    assert row.k == approx(1.0)
    assert (row.noise_low, row.noise_high) == (0.0, 0.0)
    noisy = [[3, 30, 50, 20]] * 5
    row = efficiency_row(agent, cells_of({"wild_type": noisy}, run=run_of("blind")), ("a", "b"), SETTINGS)
    assert row is not None and row.noise_low is not None and row.noise_high is not None
    assert row.noise_low < 0 < row.noise_high
    single = cells_of({"wild_type": [[30]] * 5}, run=run_of("blind"))
    row = efficiency_row(cells_of({"wild_type": [[3]] * 5}), single, ("a", "b"), SETTINGS)
    assert row is not None and (row.noise_low, row.noise_high) == (None, None)


def figures_with(**changes: Any) -> TraceFigures:
    values: dict[str, Any] = dict.fromkeys(TraceFigures.__struct_fields__)
    values.update({"longest_given_up": 0, "root_frozen": False, "proof_keys": (), "progress": ()}, **changes)
    return TraceFigures(**values)


def test_after_an_obstacle_the_reference_at_the_same_moment_is_the_placebo(cells_of: CellsOf) -> None:
    cells = cells_of({"wild_type": [[4], [4], [2], [4]], "a": [[9], [9], [9], [4]]})
    slow = figures_with(first_obstacle=2, progress=(-1.0, -2.0, -2.0, -2.0, -2.0, -2.0, -2.0, -1.0, -1.0, 0.0))
    fast = figures_with(progress=(-1.0, -2.0, -2.0, -1.0, 0.0))
    short = figures_with(progress=(-1.0, -1.0, 0.0))
    shown = {(cell.run, cell.theorem, cell.arm, cell.seed): slow if cell.arm == "a" else fast for cell in cells}
    shown["run", "t02", "wild_type", 0] = short  # over before the third iteration
    shown["run", "t03", "a", 0] = fast  # met nothing
    cells = Cells(cells.runs, cells.cells, shown)
    row = obstacle_row(pair(cells["a"], cells["wild_type"]), cells, ("a", "wild_type"), SETTINGS)
    assert row is not None
    assert (row.theorems, row.searches, row.without_event, row.over) == (2, 2, 1, 1)
    assert (row.arm_mean, row.placebo_mean, row.difference) == (7.0, 2.0, 5.0)
    assert row.p == 0.5
    assert obstacle_row(pair(cells["wild_type"], cells["a"]), cells, ("wild_type", "a"), SETTINGS) is None


def test_duplicates_are_those_beyond_the_baselines_own(cells_of: CellsOf) -> None:
    cells = cells_of({"wild_type": [[4], [4]], "a": [[9], [9]]})
    shares = {"a": (0.2, 0.1), "wild_type": (0.0, 0.1)}
    shown = {
        (cell.run, cell.theorem, cell.arm, cell.seed): figures_with(
            concurrent_share=shares[cell.arm][0], repeat_share=shares[cell.arm][1]
        )
        for cell in cells
    }
    cells = Cells(cells.runs, cells.cells, shown)
    row = duplicates_row(pair(cells["a"], cells["wild_type"]), cells, ("a", "wild_type"), SETTINGS)
    assert row is not None
    assert row.mean == approx(0.2)
    assert (row.null, row.p) == (0.0, 0.5)


def test_responses_work_and_portfolio(cells_of: CellsOf) -> None:
    cells = cells_of({"wild_type": [[10], [20], [30], [None]], "a": [[5], [None], [60], [30]]})
    pairs = pair(cells["a"], cells["wild_type"])
    row = response_row(pairs, ("a", "wild_type"), SETTINGS)
    assert (row.replicate, row.reroute, row.collapse, row.rescue, row.neither) == (2, 0, 1, 1, 0)
    assert row.recovery.same_seed == approx(2 / 3)
    assert row.recovery.null is None
    work = work_row(pairs, ("a", "wild_type"), SETTINGS)
    assert work is not None
    assert (work.ratio.both, work.ratio.only_a, work.ratio.only_b, work.cap) == (2, 1, 1, 120)
    assert work.ratio.geometric_mean == approx(1.0)
    worth, members = portfolio(cells)
    assert worth.best == 4
    assert {row.arm: (row.solved, row.value, row.unique) for row in members} == {
        "wild_type": (3, 2.0, 1),
        "a": (3, 2.0, 1),
    }


def test_equal_digests_are_one_search(cells_of: CellsOf) -> None:
    same = cells_of({"wild_type": [[5, 5, None]]}, digest="one")
    _, (row,) = portfolio(same)
    assert list(row.pass_at) == [1]
    assert diversity_row(same, "wild_type").theorems == 0
    different = cells_of({"wild_type": [[5, 6, None]]})
    _, (row,) = portfolio(different)
    assert row.pass_at == {1: approx(2 / 3), 2: approx(1.0), 3: approx(1.0)}
    assert diversity_row(different, "wild_type").entropy == 0


def test_efficiency_counts_what_it_cannot_know(cells_of: CellsOf, run_of: RunOf) -> None:
    agent = cells_of({"wild_type": [[5, 5], [5, 5], [None, 5], [None, 60]]})
    blind = cells_of({"wild_type": [[50, 50], [None, 50], [50, 50], [None, None]]}, run=run_of("blind"))
    row = efficiency_row(agent, blind, ("a", "b"), SETTINGS)
    assert row is not None
    assert (row.theorems, row.exact, row.lower, row.upper, row.undetermined) == (4, 1, 1, 1, 1)
    assert row.bound == "mixed"
    assert row.k is not None and row.k > 0


def test_freezing_against_no_compensation(cells_of: CellsOf, run_of: RunOf) -> None:
    wild = cells_of({"wild_type": [[5], [6], [7], [None]]})
    search = dict(wild.runs[0].search)
    frozen = {"fraction": 0.3, "duration": -1, "seed": 0}
    other = cells_of(
        {"wild_type": [[9], [None], [7], [None]]}, run=run_of("frozen", search={**search, "block": frozen})
    )
    arms = {0.0: "run/wild_type", 0.3: "frozen/wild_type"}
    table = freezing_table(merged(wild, other), arms, lambda seed, fraction, key: True, SETTINGS)
    assert [row.solve_rate for row in table.rows] == [0.75, 0.5]
    assert table.permanent
    assert table.rows[1].no_compensation is None  # no trace: nothing is known of the proofs
    assert table.index.auc == approx((0.75 + 0.5) / 2 / 0.75)
    assert table.index.half is None
    assert table.slope == approx(-(1 / 0.3) / 4)
    assert table.rows[1].restricted_mean_ratio == approx((9 + 60 + 7 + 60) / (5 + 6 + 7 + 60))


def test_without_traces_there_are_no_figures_of_traces(cells_of: CellsOf) -> None:
    assert trace_rows(cells_of({"wild_type": [[5]]}), "wild_type", SETTINGS) == []
