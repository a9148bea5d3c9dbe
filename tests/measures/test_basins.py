"""Proofs of two arms, redundancy of trees, and speed in seconds: against tabulated oracles and plain counting."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import exp

import msgspec
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from cellview.measures import Cells, SampleError, basin_test, pair, redundancy
from cellview.measures.pure.basin_test import basin_row
from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.speed import speed_row
from cellview.prover import Goal
from cellview.tree import Node, Tree, TreeConfig

MakeCells = Callable[..., Cells]
PROOFS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4)


def chi2(a: list[str], b: list[str]) -> float:
    """SciPy's χ² of the table arm × proof."""
    kinds = sorted({*a, *b})
    if len(kinds) < 2:
        return 0.0
    table = [[arm.count(kind) for kind in kinds] for arm in (a, b)]
    return float(scipy.stats.chi2_contingency(table, correction=False).statistic)


@given(PROOFS, PROOFS)
def test_one_theorem_against_scipy_and_all_orders(a: list[str], b: list[str]) -> None:
    found = basin_test([(a, b)])
    assert found.chi2 == approx(chi2(a, b), abs=1e-9)
    if len(a) + len(b) <= 6:
        orders = [chi2(list(order[: len(a)]), list(order[len(a) :])) for order in permutations([*a, *b])]
        assert found.p == approx(sum(other >= chi2(a, b) - 1e-9 for other in orders) / len(orders))


@given(st.lists(st.tuples(PROOFS, PROOFS), min_size=1, max_size=3))
def test_the_arms_may_change_places_and_names_say_nothing(rows: list[tuple[list[str], list[str]]]) -> None:
    found = basin_test(rows, permutations=99)
    swapped = basin_test([(b, a) for a, b in rows], permutations=99)
    renamed = basin_test([([f"x{k}" for k in a], [f"x{k}" for k in b]) for a, b in rows], permutations=99)
    assert swapped.chi2 == approx(found.chi2) and renamed == found
    if found.exact:
        assert swapped.p == approx(found.p)
    alike = [(["a"], ["a", "a"])]
    assert basin_test([*rows, *alike], permutations=99).p == found.p
    assert basin_test([*rows, *alike], permutations=99).theorems == found.theorems + 1


def test_drawn_and_counted_agree() -> None:
    row = (["a"] * 6 + ["b"] * 2, ["a"] * 2 + ["b"] * 6)
    counted = basin_test([row])  # C(16, 8) = 12,870 arrangements
    # A second theorem that has no say makes too many of them, and then they are drawn.
    drawn = basin_test([row, (["a"] * 8 + ["b"], ["a"] * 8 + ["b"])], permutations=19_999, seed=3)
    assert counted.exact and not drawn.exact
    assert counted.p == approx(scipy.stats.fisher_exact(np.array([[6, 2], [2, 6]])).pvalue)
    assert drawn.p is not None and 0 < drawn.p < 0.3
    assert basin_test([row] * 2, permutations=999, seed=3) == basin_test([row] * 2, permutations=999, seed=3)


def test_edges() -> None:
    assert basin_test([]).p is None
    assert basin_test([([], ["a", "b"])]).chi2 is None
    assert basin_test([(["a"], ["a"])]) == msgspec.structs.replace(basin_test([(["b"], ["b"])]))
    assert basin_test([(["a"], ["b"])]).p == 1  # with one proof each, no arrangement is more alike
    with pytest.raises(SampleError, match="0 permutations"):
        basin_test([(["a"], ["b"])], permutations=0)


def test_calibration() -> None:
    """Both arms draw their proofs alike: the test rejects no more often than its level says."""
    rng = np.random.default_rng(318)
    p_values: list[float] = []
    for number in range(1000):
        rows = [
            (rng.choice(4, 5, p=weights).tolist(), rng.choice(4, 5, p=weights).tolist())
            for weights in rng.dirichlet([1, 1, 1, 1], 8)
        ]
        p = basin_test(rows, permutations=199, seed=number).p
        assert p is not None
        p_values.append(p)
    for alpha in (0.01, 0.05, 0.1, 0.5):
        rate = sum(p <= alpha for p in p_values) / len(p_values)
        assert rate <= alpha + 3 * (alpha * (1 - alpha) / len(p_values)) ** 0.5
    assert scipy.stats.kstest(p_values, "uniform").pvalue > 0.001


def test_the_row_counts_a_digest_once_and_compares_equal_numbers(cells_of: MakeCells) -> None:
    cells = cells_of({"block_cases": [[5, 6, 7, None], [9, 9, 9, 9]], "wild_type": [[5, 6, 7, 8], [None] * 4]})
    hashes = {("block_cases", 0): "a", ("block_cases", 1): "a", ("block_cases", 2): "b"}
    changed = tuple(
        msgspec.structs.replace(cell, proof_hash=hashes.get((cell.arm, cell.seed), "c"))
        if cell.theorem == "t00" and cell.solved
        else cell
        for cell in cells
    )
    same = tuple(
        msgspec.structs.replace(cell, digest="one search") if (cell.arm, cell.seed) == ("wild_type", 3) else cell
        for cell in changed
    )
    twice = tuple(
        msgspec.structs.replace(cell, digest="one search") if (cell.arm, cell.seed) == ("wild_type", 2) else cell
        for cell in same
    )
    row = basin_row(Cells(cells.runs, twice), ("block_cases", "wild_type"), Settings())
    assert row is not None
    assert (row.proofs, row.reference_proofs, row.test.theorems) == (3, 3, 1)
    assert (row.rarefied_arm, row.rarefied_reference) == (2, 1)
    assert row.test.p == approx(0.1)
    assert basin_row(cells_of({"a": [[None]], "b": [[3]]}), ("a", "b"), Settings()) is None


def goal(name: str) -> Goal:
    return Goal(mvar_id=name, goal_type=name, goal_sig=name, goal_sig_strict=name)


def grow(tree: Tree, node: Node, *names: str) -> list[Node]:
    """Give a node one child for each name, each by a tactic of its own."""
    node.untried = []
    edges = [tree.expand(node, f"to {n} {k}", [goal(n)], Tree.ancestry(node)) for k, n in enumerate(names)]
    return [edge.children[0] for edge in edges if edge is not None]


def test_redundancy_of_a_tree_by_hand() -> None:
    tree = Tree(goal("r"), TreeConfig(), statement=": r")
    assert redundancy(tree).converging is None
    a, b = grow(tree, tree.root, "a", "b")
    grow(tree, a, "c", "d")
    grow(tree, b, "c", "c")
    found = redundancy(tree)
    assert (found.nodes, found.goals) == (7, 5)
    assert found.nodes_per_goal == approx(7 / 5)
    assert found.converging == approx(1 / 4)  # c comes from a and from b
    assert redundancy(tree.to_json()) == found


def speeds(cells_of: MakeCells, seeds: int, factor: float) -> Cells:
    cells = cells_of({"block_cases": [[10] * seeds, [20] * seeds], "wild_type": [[5] * seeds, [40] * seeds]})
    return Cells(
        cells.runs,
        tuple(
            msgspec.structs.replace(cell, seconds=2.0 if cell.arm == "wild_type" else 2.0 * factor) for cell in cells
        ),
    )


def test_seconds_want_repeats_on_one_machine(cells_of: MakeCells) -> None:
    labels = ("block_cases", "wild_type")
    few, enough = speeds(cells_of, 2, 0.5), speeds(cells_of, 5, 0.5)
    row = speed_row(pair(few[labels[0]], few[labels[1]]), labels, Settings(), hosts=("here",))
    assert row is not None
    assert (row.wall, row.why_no_wall) == (None, "2 repeats, and seconds want 5")
    pairs = pair(enough[labels[0]], enough[labels[1]])
    row = speed_row(pairs, labels, Settings(), hosts=("here", "there"))
    assert row is not None
    assert (row.wall, row.why_no_wall) == (None, "the runs were made on 2 machines")
    row = speed_row(pairs, labels, Settings(), hosts=("here",))
    assert row is not None
    assert row.wall == approx(2.0) and row.why_no_wall is None
    # Both solve everything: the arm by 20 iterations, the baseline by 40.
    assert (row.strength_iterations, row.strength_tried) == (2.0, 2.0)


def test_seconds_are_averaged_on_the_logarithm_over_theorems(cells_of: MakeCells) -> None:
    cells = speeds(cells_of, 5, 1.0)
    changed = tuple(
        msgspec.structs.replace(c, seconds=8.0) if (c.theorem, c.arm) == ("t00", "wild_type") else c for c in cells
    )
    both = Cells(cells.runs, changed)
    labels = ("block_cases", "wild_type")
    row = speed_row(pair(both[labels[0]], both[labels[1]]), labels, Settings(), hosts=("here",))
    assert row is not None and row.wall == approx(exp((np.log(4) + 0) / 2))
