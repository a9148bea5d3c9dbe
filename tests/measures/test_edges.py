"""Edges: no case, one case, nothing solved, everything solved; and what is refused, in one sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from math import inf, log, nan

import msgspec
import pytest
from pytest import approx

import cellview.measures
from cellview.measures import (
    Aggregation,
    Basins,
    Bootstrap,
    Efficiency,
    Equivalence,
    Gratification,
    Interval,
    LogRank,
    MissingExtraError,
    PairedShares,
    Proof,
    Recovery,
    SampleError,
    SignFlip,
    Tolerance,
    VarianceComponents,
    WorkRatio,
    absorption,
    aggregation,
    basins,
    canonical_hash,
    cluster_bootstrap,
    corridor,
    cost_curve,
    delayed_gratification,
    detectable,
    duplicates,
    effective_contributors,
    gini,
    gratification_null,
    holm,
    incidence,
    jain,
    logical_speedup,
    logrank,
    mcnemar,
    mcnemar_power,
    no_compensation,
    par2,
    pass_at_k,
    proof_of,
    rarefied,
    recovery,
    response,
    restricted_mean,
    search_efficiency,
    shapley,
    sign_flip,
    simultaneous_band,
    strength_speedup,
    structural_staleness,
    theorems_for_mcnemar,
    theorems_for_mean,
    tolerance,
    tost,
    variance_components,
    wilson,
    work_ratio,
)
from cellview.measures.pure import extra


def test_no_case_is_none_and_never_zero() -> None:
    assert wilson(0, 0) == Interval(None, None)
    assert mcnemar(0, 0, 0, 0) == PairedShares(None, None, None, None, None)
    assert sign_flip([]) == SignFlip(None, 0, None)
    assert holm([]) == []
    assert len(incidence([], [], 60)) == 0
    assert restricted_mean([], [], 60, 60) is None
    assert par2([], [], 60) is None
    assert logrank([], []) == LogRank(None, None)
    assert pass_at_k(5, [], 3) is None
    assert work_ratio([], [], 100) == WorkRatio(None, None, 0, 0, 0, 0)
    assert search_efficiency([], [3], 100) == Efficiency(None, "")
    assert delayed_gratification([]) == Gratification(None, 0.0, None, 0, 0)
    assert aggregation([], 4) == Aggregation(None, None, None, None)
    assert basins([]) == Basins(None, None, None, None, None, None, None)
    assert recovery([], []) == Recovery(None, None, None)
    assert no_compensation([], 0.1) is None
    assert tolerance([], []) == Tolerance(None, None)
    assert shapley({}).best == 0
    assert cluster_bootstrap([]) == Bootstrap(None, None, None, None, "population")
    assert tost([], 0.1) == Equivalence(None, None, None)
    assert variance_components([]) == VarianceComponents(None, None, 0, None)
    assert corridor([]).bottleneck is None
    assert (jain([]), gini([]), effective_contributors([0, 0])) == (None, None, None)
    assert duplicates([], 4).tried == 0
    assert structural_staleness([], 4) == []


def test_one_theorem_has_an_estimate_and_no_interval() -> None:
    assert cluster_bootstrap([[1.0, 0.0]]) == Bootstrap(0.5, None, None, None, "population")
    assert tost([[0.5]], 0.1).equivalent is None
    assert variance_components([[0.5, 0.25]]).between is None


def test_all_differences_zero_is_p_one() -> None:
    assert sign_flip([0, 0, 0]) == SignFlip(0.0, 0, 1.0)
    assert mcnemar(5, 0, 0, 5).p == 1
    assert sign_flip([1e-12, -1e-13]).p == 1


def test_mid_p_of_a_balanced_table_counts_half_of_it() -> None:
    assert mcnemar(5, 3, 3, 5).mid_p == approx(1 - 20 / 128)  # Fagerland, Lydersen & Laake 2013


def test_up_to_fourteen_differences_all_flips_are_counted() -> None:
    mixed = [0.5, 1.0] * 7
    assert sign_flip(mixed).exact
    assert sign_flip(mixed) == sign_flip(mixed, permutations=1, seed=5)
    drawn = sign_flip([*mixed, 0.25], permutations=99)
    assert not drawn.exact
    assert drawn.p is not None and (100 * drawn.p) == approx(round(100 * drawn.p))


def test_one_arrangement_may_be_drawn() -> None:
    visits = [(t % 4, t, t - 1 if t else None) for t in range(40)]
    assert aggregation(visits, 4, permutations=1).one_sided_p in (0.5, 1.0)


def test_a_bootstrap_that_cannot_vary_gives_no_interval() -> None:
    """All solved or none: the percentile interval would be a point, and claims what nobody knows."""
    assert cluster_bootstrap([[1.0]] * 40) == Bootstrap(1.0, None, None, None, "population")


def test_interval_of_a_ratio() -> None:
    rows, weights = [[2.0, 0.0], [1.0, 1.0], [0.0, 0.0]] * 4, [[2.0, 1.0], [1.0, 2.0], [0.0, 1.0]] * 4
    result = cluster_bootstrap(rows, weights=weights)
    assert result.estimate == approx(16 / 28)
    assert result.low is not None and result.high is not None
    assert 0 < result.low < 16 / 28 < result.high <= 1
    assert cluster_bootstrap(rows, weights=[[0.0, 0.0]] * 12).estimate is None


def test_a_solution_at_the_horizon_is_an_event_and_later_ones_are_not() -> None:
    assert incidence([60, 60], ["solved", "budget"], 60)(60) == 0.5
    assert incidence([61, 60], ["solved", "budget"], 60)(1000) == 0
    assert par2([61, 60], ["solved", "solved"], 60) == 90


def test_median_needs_half_of_the_searches() -> None:
    assert incidence([5, 9, 60, 60], ["solved", "solved", "budget", "exhausted"], 60).median == 9
    assert incidence([5, 60, 60], ["solved", "budget", "budget"], 60).median is None


def test_exhausted_is_not_censored() -> None:
    """A dead tree stays at risk: taken for censored, the last two would make it 100 %."""
    assert incidence([1, 2, 3], ["exhausted", "exhausted", "solved"], 60)(60) == approx(1 / 3)


def test_a_band_for_the_whole_curve() -> None:
    assert simultaneous_band(171) == approx((log(40) / 342) ** 0.5)
    assert simultaneous_band(0) is None
    with pytest.raises(SampleError, match="between 0 and 1"):
        simultaneous_band(10, level=95)


def test_a_curve_over_cost_is_known_up_to_the_least_that_an_unsolved_search_spent() -> None:
    curve = cost_curve([10, 20, 30, 25, 40], ["solved", "solved", "budget", "exhausted", "solved"])
    assert curve.known_up_to == 30
    assert curve.costs == (10, 20, 30, 40)
    assert curve.lower == (0.2, 0.4, 0.4, 0.6)
    assert curve.upper == (0.2, 0.4, 0.4, 0.8)
    whole = cost_curve([10, 20], ["solved", "exhausted"])
    assert (whole.known_up_to, whole.lower, whole.upper) == (None, (0.5,), (0.5,))


def test_a_flat_tail_after_early_censoring() -> None:
    assert restricted_mean([10, 20], ["solved", "aborted"], 60, 60) == 35


def test_efficiency_bounds() -> None:
    assert search_efficiency([100], [10], 100) == Efficiency(1.0, "")  # solved at the cap is solved
    assert search_efficiency([101], [10], 100) == Efficiency(1.0, "≥")
    assert search_efficiency([100], [None], 100) == Efficiency(0.0, "≤")


def test_log_rank_by_theorem() -> None:
    a = {"t1": (3.0, "solved"), "t2": (9.0, "budget")}
    b = {"t1": (5.0, "solved"), "t2": (6.0, "solved")}
    pairs = logrank(list(a.values()), list(b.values()))
    assert logrank(a, b) == pairs
    assert logrank([(*row, name) for name, row in a.items()], [(*row, name) for name, row in b.items()]) == pairs
    with pytest.raises(SampleError, match="theorem t1 comes more than once"):
        logrank([(3, "solved", "t1"), (4, "solved", "t1")], [])


def test_gratification_of_a_series_that_dies_or_never_moves() -> None:
    assert delayed_gratification([-1, -2, -inf]).unrewarded == 1
    assert gratification_null([-3, -3], 99, 0).orders == 1
    assert gratification_null([1, 2, 1, 3], 99, 0, top=None).orders == 6
    with pytest.raises(SampleError, match="infinite"):
        gratification_null([-1, -inf], 99, 0)


def test_recovery_with_one_seed_has_no_null() -> None:
    assert recovery([[1], [0]], [[1], [1]]) == Recovery(1.0, None, None)
    assert recovery([[0, 0]], [[1, 1]]) == Recovery(None, None, None)


def test_responses() -> None:
    assert response(True, True, same_proof=True) == "replicate"
    assert response(True, True) == "reroute"
    assert [response(True, False), response(False, True), response(False, False)] == ["collapse", "rescue", "neither"]


def test_tolerance_without_its_ends() -> None:
    assert tolerance([0.1, 0.2], [0.5, 0.4]) == Tolerance(None, None)
    assert tolerance([0, 0.2], [0, 0]) == Tolerance(None, None)
    assert tolerance([0.5, 0], [0.8, 0.8]) == Tolerance(approx(1.0), None)  # type: ignore[arg-type]


def test_absorption_and_speed_up() -> None:
    assert absorption(20, 30, 10) == 1.0
    assert absorption(20, 30, 4) is None
    assert logical_speedup(40, 45, 4) == approx(40 / 12)
    assert strength_speedup([(10, 0.2), (40, 0.5)], [(10, 0.4), (20, 0.5)], 0.5) == 2.0
    assert strength_speedup([(10, 0.2)], [(10, 0.6)], 0.5) is None


def test_more_power_needs_more_theorems() -> None:
    assert detectable(3, 0.5) is None
    assert theorems_for_mean(0.05, 0.095865, 0.0, 1) == theorems_for_mean(0.05, 0.095865, 0.0, 4) == 301
    assert theorems_for_mean(0.05, 0.05, 0.1, 4) < theorems_for_mean(0.05, 0.05, 0.1, 1)


def test_a_proof_may_be_deep() -> None:
    deep = Proof("leaf", "exact")
    for number in range(3000):
        deep = Proof(f"g{number}", "intro", (deep,))
    assert len(canonical_hash(deep, "full")) == 32
    assert canonical_hash(deep, "shape") != canonical_hash(deep.children[0], "shape")


def test_a_label_cannot_be_mistaken_for_another() -> None:
    assert canonical_hash(("a", "b", []), "full") != canonical_hash(("a\x1fb", "", []), "heads")
    assert proof_of(("a", "b", [])) == Proof("a", "b")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: wilson(3, 2), "0 ≤ successes ≤ n"),
        (lambda: wilson(1, 2, level=95), "between 0 and 1"),
        (lambda: mcnemar(1, -1, 0, 0), "negative count"),
        (lambda: sign_flip([nan]), "not finite"),
        (lambda: sign_flip([1], permutations=0), "at least 1"),
        (lambda: holm([1.2]), "no p value"),
        (lambda: incidence([1], [], 60), "one of each"),
        (lambda: incidence([1], ["won"], 60), "no status"),
        (lambda: incidence([-1], ["solved"], 60), "from 0 on"),
        (lambda: incidence([1], ["solved"], 0), "above 0"),
        (lambda: restricted_mean([1], ["solved"], 70, 60), "tau ≤ horizon"),
        (lambda: pass_at_k(3, 1, 4), "k ≤ n"),
        (lambda: pass_at_k(3, 4, 2), "more than 3 seeds"),
        (lambda: work_ratio([1], [], 10), "not pairs"),
        (lambda: work_ratio([0], [1], 10), "above 0"),
        (lambda: search_efficiency([1], [1], 0), "the cap is 0"),
        (lambda: delayed_gratification([nan]), "no number"),
        (lambda: gratification_null([1], 0, 0), "at least 1"),
        (lambda: aggregation([], 0), "count from 1"),
        (lambda: duplicates([(2, 0, "s", "t", True), (1, 0, "s", "t", True)], 1), "order of the trace"),
        (lambda: duplicates([], 0), "holds no ticket"),
        (lambda: structural_staleness([], 0), "holds no ticket"),
        (lambda: jain([-1]), "negative"),
        (lambda: basins([-1]), "give counts"),
        (lambda: rarefied([1], 0), "at least 1"),
        (lambda: canonical_hash(("a", "b", []), "all"), "no labels"),  # type: ignore[arg-type]
        (lambda: recovery([[1]], [[1, 0]]), "same rows"),
        (lambda: recovery([[2]], [[1]]), "0 and 1"),
        (lambda: no_compensation([1], 1.5), "between 0 and 1"),
        (lambda: no_compensation([0], 0.5), "no node"),
        (lambda: tolerance([0], []), "one rate for each"),
        (lambda: tolerance([0, 0], [1, 1]), "each once"),
        (lambda: cluster_bootstrap([[]]), "no value"),
        (lambda: cluster_bootstrap([[inf]]), "not finite"),
        (lambda: cluster_bootstrap([[1.0]], weights=[[1.0, 1.0]]), "one weight"),
        (lambda: cluster_bootstrap([[1.0, 0.0]] * 3, target="corpus"), "five seeds"),
        (lambda: tost([[1.0]], 0), "above 0"),
        (lambda: mcnemar_power(10, 0.3, 0.2), "impossible"),
        (lambda: theorems_for_mcnemar(0.1, 0.2, alpha=0), "between 0 and 1"),
        (lambda: theorems_for_mean(0, 1, 1, 1), "other than 0"),
        (lambda: logical_speedup(0, 1, 1), "count from 1"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(call: Callable[[], object], text: str) -> None:
    with pytest.raises(SampleError, match=text) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_results_are_frozen_structs() -> None:
    result = wilson(3, 5)
    assert msgspec.json.decode(msgspec.json.encode(result), type=Interval) == result
    with pytest.raises(AttributeError):
        result.low = 0.0  # type: ignore[misc]


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match=r"needs numpy: run pip install 'cellview\[measures\]'"):
        sign_flip([0.1 * number for number in range(20)])
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(MissingExtraError, match="run pip install networkx"):
        extra.library("networkx", "This")


def test_import_is_light() -> None:
    """The command line imports this package for every command; numpy and scipy wait until they are needed."""
    done = subprocess.run(
        [sys.executable, "-c", "import cellview.measures, sys; print({'numpy', 'scipy'} & set(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "set()\n"


def test_every_name_is_there() -> None:
    assert all(hasattr(cellview.measures, name) for name in cellview.measures.__all__)
    assert len(set(cellview.measures.__all__)) == len(cellview.measures.__all__)
