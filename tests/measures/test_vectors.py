"""The public vectors of the specification, number by number (tolerance 1e-6)."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from pytest import approx

from cellview.measures import (
    Basins,
    Gratification,
    ProofLike,
    WorkRatio,
    aggregation,
    basins,
    canonical_hash,
    cluster_bootstrap,
    corridor,
    delayed_gratification,
    duplicates,
    gini,
    gratification_null,
    holm,
    incidence,
    jain,
    logrank,
    mcnemar,
    no_compensation,
    par2,
    pass_at_k,
    proof_number,
    rarefied,
    recovery,
    restricted_mean,
    search_efficiency,
    shapley,
    sign_flip,
    structural_staleness,
    tolerance,
    variance_components,
    wilson,
    wl3,
    work_ratio,
)
from cellview.tree import Edge, Node
from cellview.tree.node import DEAD, SOLVED


def near(value: float) -> Any:
    """Return what equals numbers within the specification's tolerance."""
    return approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(162, 171, 0.903012, 0.972066), (0, 15, 0, 0.203883), (15, 15, 0.796117, 1)],
)
def test_v1_wilson(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert (interval.low, interval.high) == (near(low), near(high))


@pytest.mark.parametrize(
    ("table", "p", "difference", "low", "high"),
    [
        ((140, 12, 3, 16), 0.035156, 0.052632, 0.006973, 0.101704),
        ((150, 0, 4, 17), 0.125, -0.023392, -0.055729, 0.004838),
        ((150, 0, 0, 21), 1, 0, -0.020080, 0.020080),
    ],
)
def test_v2_mcnemar(table: tuple[int, int, int, int], p: float, difference: float, low: float, high: float) -> None:
    result = mcnemar(*table)
    assert (result.p, result.difference) == (near(p), near(difference))
    assert (result.low, result.high) == (near(low), near(high))


def test_v2_mid_p_and_the_published_check() -> None:
    assert mcnemar(140, 12, 3, 16).mid_p == near(0.021271)
    published = mcnemar(36, 12, 2, 0)
    assert (published.low, published.high) == (near(0.056930), near(0.340428))


def test_v3_sign_flip() -> None:
    assert sign_flip([1] * 12 + [-1] * 3).p == near(0.035156)
    result = sign_flip([0.5, 0.25, 0, -0.25, 1, 0.5, 0, 0.25, -0.5, 0.75])
    assert (result.mean, result.nonzero, result.p) == (near(0.25), 8, near(0.164063))


def test_v4_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.02, 0.02, 0.02, 0.9, 0.001]) == approx([0.08, 0.08, 0.08, 0.9, 0.005])


V5 = [3, 7, 7, 9, 12, 20, 25, 40, 60, 60]
V5_STATUSES = [{"s": "solved", "e": "exhausted", "b": "budget"}[letter] for letter in "sssessesbb"]


def test_v5_competing_outcomes() -> None:
    curve = incidence(V5, V5_STATUSES, 60)
    assert curve(60) == near(0.6)
    assert curve[-1] == (60, near(0.6))
    assert restricted_mean(V5, V5_STATUSES, 60, 60) == near(32.9)
    assert restricted_mean(V5, V5_STATUSES, 30, 60) == near(19.9)
    assert par2(V5, V5_STATUSES, 60) == near(56.9)
    assert par2(V5, V5_STATUSES, 60) == near(32.9 + 60 * 0.4)


def ended(times: str) -> list[tuple[float, str]]:
    return [(float(t.rstrip("+")), "budget" if t.endswith("+") else "solved") for t in times.split()]


V6_A = ended("3 7 7 12 20 40 60+ 60+ 60+ 60+")
V6_B = ended("2 3 3 5 6 8 15 20 60+ 60+")


def test_v6_paired_against_log_rank() -> None:
    means = [restricted_mean([t for t, _ in arm], [s for _, s in arm], 60, 60) for arm in (V6_A, V6_B)]
    assert means[0] is not None and means[1] is not None
    assert means[0] - means[1] == near(14.7)
    assert sign_flip([a - b for (a, _), (b, _) in zip(V6_A, V6_B, strict=True)]).p == near(0.0078125)
    result = logrank(V6_A, V6_B)
    assert (result.chi2, result.p) == (near(1.830506), near(0.176068))


def test_v7_early_censoring() -> None:
    times = [3, 7, 10, 12, 20, 30, 40, 60]
    statuses = ["solved", "solved", "aborted", "solved", "solved", "aborted", "solved", "budget"]
    curve = incidence(times, statuses, 60)
    assert [1 - value for _, value in curve] == approx([0.875, 0.75, 0.75, 0.6, 0.45, 0.45, 0.225, 0.225])
    assert restricted_mean(times, statuses, 60, 60) == near(28.55)
    assert restricted_mean(times, statuses, 40, 60) == near(24.05)
    low, high = curve.low[3], curve.high[3]
    assert low is not None and high is not None
    assert (1 - high, 1 - low) == approx((0.1955, 0.8523), abs=1e-4)


def test_v8_pass_at_k() -> None:
    assert [pass_at_k(5, c, 3) for c in (0, 1, 2, 5)] == approx([0, 0.6, 0.9, 1])
    assert pass_at_k(5, [0, 1, 2, 5], 3) == near(0.625)


def test_v9_work_ratio() -> None:
    distributed = [12, 40, 7, 90, None, 15]
    centralized = [10, 20, 7, None, 30, 30]
    assert work_ratio(distributed, centralized, 100) == WorkRatio(
        geometric_mean=near(1.046635),
        capped=near(1.340102),
        both=4,
        only_a=1,
        only_b=1,
        neither=0,
    )


def test_v10_search_efficiency() -> None:
    result = search_efficiency([80, 100, None, 60, None], [10, 20, 15, 5, 10], 100)
    assert (result.k, result.bound) == (near(0.865301), "≥")
    undetermined = search_efficiency([None, 90, None, None], [30, None, 10, 20], 100)
    assert (undetermined.k, undetermined.bound) == (None, "")


def test_v11_delayed_gratification() -> None:
    assert delayed_gratification([-1, -2, -2, -3, -1, -2, 0]) == Gratification(
        ratio=near(1.5), gain=near(0.5), pooled=near(4 / 3), events=2, unrewarded=0
    )
    unrewarded = delayed_gratification([-3, -4, -1, -2, -1, -2])
    assert (unrewarded.gain, unrewarded.unrewarded) == (near(1.0), 1)
    series = [-1, -2, -4, -1, -2, -1, 0]
    assert delayed_gratification(series).gain == near(0.5)
    null = gratification_null(series, 9999, 0)
    assert (null.orders, null.mean, null.p) == (30, near(0.430556), near(0.333333))


@pytest.mark.parametrize("series", [[-4, -3, -3, -1, 0], [-2, -2, -2], [-1], []])
def test_v11_a_series_that_never_falls(series: list[int]) -> None:
    result = delayed_gratification(series)
    assert (result.gain, result.ratio, result.pooled, result.events, result.unrewarded) == (0, None, None, 0, 0)


class Goal:
    mvar_id = goal_type = goal_sig = goal_sig_strict = ""
    rotate = 0
    joint = False


def grown(widths: list[int], *, untried: bool = False) -> Node:
    """Return a node with edges of so many leaves."""
    root = Node(0, Goal(), None, 0)
    edges = [Edge(root, f"t{number}", None) for number in range(len(widths))]
    for edge, width in zip(edges, widths, strict=True):
        edge.children = tuple(Node(1, Goal(), edge, 1) for _ in range(width))
    root.edges = edges
    root.live = len(edges)
    root.untried = (Untried(),) if untried else ()
    return root


class Untried:
    tactic = "simp"
    score = 1.0


def test_v12_proof_number() -> None:
    assert proof_number(Node(0, Goal(), None, 0)) == 1
    t2 = grown([2, 3])
    assert proof_number(t2) == 2
    assert proof_number(grown([2, 3], untried=True)) == 2
    first, second = list(t2.edges)
    first.children[0].status = SOLVED
    assert proof_number(t2) == 1
    first.children[1].status = DEAD
    first.status = DEAD
    assert proof_number(t2) == 3
    second.children[0].status = second.children[1].status = SOLVED
    assert proof_number(t2) == 1
    t2.status = SOLVED
    assert proof_number(t2) == 0
    t2.status = DEAD
    assert proof_number(t2) == inf


def test_v13_aggregation() -> None:
    parents = {"r": None, "a": "r", "b": "r", "c": "a", "d": "b", "e": "c", "f": "d", "g": "e"}
    visits = [(t % 2, node, parent) for t, (node, parent) in enumerate(parents.items())]
    result = aggregation(visits, 2)
    assert (result.share, result.expected) == (near(6 / 7), near(3 / 7))
    assert (result.one_sided_p, result.two_sided_p) == (near(0.125), near(0.25))


def test_v14_duplicates() -> None:
    attempts = [
        (0, 0, "S0", "intro h", True),
        (1, 1, "S1", "simp", True),
        (1, 1, "S1", "cases h", True),
        (2, 0, "S1", "simp", True),
        (5, 1, "S1", "simp", True),
        (6, 0, "S2", "simp", True),
        (6, 0, "S2", "rw", False),
        (7, 1, "S1", "cases h", True),
    ]
    result = duplicates(attempts, 4)
    assert (result.tried, result.concurrent, result.repeat, result.cross_agent) == (7, 1, 2, 1)


def test_v15_fairness() -> None:
    assert (jain([10, 4, 4, 2]), gini([10, 4, 4, 2])) == (near(0.735294), near(0.3))
    assert (jain([8, 0, 0, 0]), gini([8, 0, 0, 0])) == (near(0.25), near(0.75))
    assert (jain([5, 5, 5, 5]), gini([5, 5, 5, 5])) == (near(1), near(0))
    assert (jain([0, 0]), gini([0, 0]), jain([]), gini([])) == (None, None, None, None)


def test_v16_basins() -> None:
    result = basins([5, 3, 1, 1])
    assert result == Basins(
        entropy=near(1.685475),
        miller_madow=near(1.901880),
        effective=near(3.216463),
        inverse_simpson=near(100 / 36),
        dominant=near(0.5),
        chao1=near(4.9),
        coverage=near(0.8),
    )
    assert rarefied([5, 3, 1, 1], 5) == near(2.912698)
    assert (basins([8]).entropy, basins([8]).chao1) == (0, 1)


P1: ProofLike = ("s0", "constructor", [("s1", "exact", []), ("s2", "exact", [])])
P2: ProofLike = ("s0", "constructor", [("s2", "exact", []), ("s1", "exact", [])])
P3: ProofLike = ("s0", "constructor", [("s1", "exact", []), ("s2", "cases,exact", [])])


def test_v17_canonical_hash() -> None:
    assert canonical_hash(P1, "full") == canonical_hash(P2, "full") == "99600718deff421a8130e3e4b6c4dc9a"
    assert canonical_hash(P3, "full") == "9bb6296c6365d6956ed5df9ac3971099"
    assert canonical_hash(P1, "heads") == "548d29b13e510679f75b6d54d2c5db0d"
    assert canonical_hash(P3, "heads") == "5035671b15516c814bbc5847b3df9fac"
    assert {canonical_hash(p, "shape") for p in (P1, P2, P3)} == {"01fe7d7da07fd1457267169edc3e6e35"}


def chain(length: int) -> tuple[str, str, list[Any]]:
    return ("s", "exact", [chain(length - 1)] if length > 1 else [])


def test_v17_the_weisfeiler_lehman_hash_merges_what_differs() -> None:
    uneven = ("s", "exact", [chain(2), chain(4)])
    even = ("s", "exact", [chain(3), chain(3)])
    assert canonical_hash(uneven, "shape") != canonical_hash(even, "shape")
    assert wl3(uneven) == wl3(even)


def test_v18_recovery() -> None:
    result = recovery([[1, 1, 0], [1, 1, 1], [0, 1, 0]], [[1, 0, 0], [1, 1, 1], [0, 0, 0]])
    assert (result.same_seed, result.other_seed, result.null) == (near(0.666667), near(0.583333), near(0.666667))


def test_v19_tolerance() -> None:
    sizes = [2, 3, 3, 5, 1]
    assert no_compensation(sizes, 0.1) == near(0.751698)
    assert no_compensation(sizes, 0.3) == near(0.408814)
    assert no_compensation(sizes, 0.1, spare_root=True) == near(0.835220)
    assert no_compensation(sizes, 0.3, spare_root=True) == near(0.584020)
    result = tolerance([0, 0.1, 0.2, 0.3, 0.5], [0.8, 0.7, 0.6, 0.4, 0.2])
    assert (result.auc, result.half) == (near(0.625), near(0.3))


def test_v20_shapley() -> None:
    result = shapley({"A": {"1", "2", "3", "4"}, "B": {"3", "4", "5"}, "C": {"4", "6"}})
    assert result.values == approx({"A": 2.833333, "B": 1.833333, "C": 1.333333}, abs=1e-6)
    assert (result.best, result.unique) == (6, {"A": 2, "B": 1, "C": 1})


def test_v21_structural_staleness() -> None:
    counts = structural_staleness([1, 1, 0, 1, 1, 0, 0, 1], 3)
    assert counts == [0, 1, 2, 1, 1, 2, 1, 0]
    assert sum(counts) / len(counts) == 1


def test_v21_corridor() -> None:
    depth_two: list[Any] = [("d", "exact", [])]
    proofs: list[ProofLike] = [("r", "intro", [(goal, "exact", depth_two)]) for goal in "aabc"]
    assert corridor(proofs).widths == approx((1, 2.828427, 1), abs=1e-6)
    assert corridor(proofs).bottleneck == near(1)


def test_v22_pseudo_replication() -> None:
    differences = [[-1.0] * 4] * 6 + [[0.0] * 4] * 51
    means = [sum(row) / 4 for row in differences]
    assert (sign_flip(means).mean, sign_flip(means).p) == (near(-0.105263), near(0.03125))
    assert mcnemar(0, 0, 24, 204).p == approx(1.192093e-07, abs=1e-13)
    components = variance_components(differences)
    assert (components.within, components.between) == (near(0), near(0.095865))
    assert cluster_bootstrap(differences).estimate == near(-0.105263)
