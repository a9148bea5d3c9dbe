"""Our figures against libraries that compute the same by other code, on random data."""

from __future__ import annotations

import importlib
import itertools
import warnings
from collections import Counter
from math import comb, inf
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from cellview.measures import (
    aggregation,
    basins,
    cluster_bootstrap,
    delayed_gratification,
    detectable,
    gini,
    gratification_null,
    holm,
    incidence,
    jain,
    logrank,
    mcnemar,
    mcnemar_power,
    par2,
    pass_at_k,
    rarefied,
    restricted_mean,
    shapley,
    sign_flip,
    theorems_for_mcnemar,
    variance_components,
    wilson,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # these two import libraries that warn of their own future
    # By name: they come without types.
    lifelines: Any = importlib.import_module("lifelines")
    logrank_test: Any = importlib.import_module("lifelines.statistics").logrank_test
    mcnemar_test: Any = importlib.import_module("statsmodels.stats.contingency_tables").mcnemar
    multipletests: Any = importlib.import_module("statsmodels.stats.multitest").multipletests
    proportion_confint: Any = importlib.import_module("statsmodels.stats.proportion").proportion_confint

permutation_test: Any = scipy.stats.permutation_test

UNHURRIED = settings(deadline=None, max_examples=50)  # the oracles' first call may take a second
COUNTS = st.integers(0, 40)
SEARCH = st.tuples(st.integers(1, 50), st.sampled_from(["solved", "exhausted", "budget", "aborted"]))


@UNHURRIED
@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.9, 0.95]))
def test_wilson(share: tuple[int, int], level: float) -> None:
    ours = wilson(*share, level=level)
    for theirs in (
        proportion_confint(*share, alpha=1 - level, method="wilson"),
        scipy.stats.binomtest(*share).proportion_ci(level, method="wilson"),
    ):
        assert (ours.low, ours.high) == approx(tuple(theirs), abs=1e-9)


@UNHURRIED
@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_mcnemar(both: int, only_a: int, only_b: int, neither: int) -> None:
    if both + only_a + only_b + neither == 0:
        return
    ours = mcnemar(both, only_a, only_b, neither)
    table = [[both, only_a], [only_b, neither]]
    if only_a + only_b:
        assert ours.p == approx(mcnemar_test(table, exact=True).pvalue)
        assert ours.p == approx(scipy.stats.binomtest(only_a, only_a + only_b).pvalue)
    swapped = mcnemar(both, only_b, only_a, neither)
    assert ours.low is not None and ours.high is not None and ours.difference is not None
    assert swapped.low == approx(-ours.high) and swapped.high == approx(-ours.low)
    assert ours.low <= ours.difference + 1e-12 and ours.difference <= ours.high + 1e-12


@UNHURRIED
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm(p_values: list[float]) -> None:
    assert holm(p_values) == approx(multipletests(p_values, method="holm")[1])


@UNHURRIED
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=10))
def test_sign_flip_counts_every_flip(differences: list[int]) -> None:
    sums = [
        abs(sum(map(int.__mul__, differences, signs))) for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    assert sign_flip(differences).p == approx(sum(total >= abs(sum(differences)) for total in sums) / len(sums))


@UNHURRIED
@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_sign_flip_of_one_seed_is_mcnemar(gains: list[bool]) -> None:
    assert sign_flip([1 if gain else -1 for gain in gains]).p == approx(mcnemar(5, sum(gains), gains.count(False), 9).p)


def absolute_sum(x: Any, axis: int) -> Any:
    return abs(x.sum(axis=axis))


def test_random_flips_come_near_the_exact_test() -> None:
    rng = np.random.default_rng(5)
    for _ in range(3):
        differences = rng.normal(0.3, 1, 16).round(3).tolist()
        theirs = permutation_test(
            (np.array(differences),), absolute_sum, permutation_type="samples",
            n_resamples=inf, alternative="greater", vectorized=True, batch=50_000,
        )  # fmt: skip
        assert sign_flip(differences, permutations=20_000).p == approx(theirs.pvalue, abs=0.015)


def recoded(searches: list[tuple[int, str]], horizon: int) -> tuple[list[float], list[bool]]:
    times = [horizon if status == "exhausted" else min(time, horizon) for time, status in searches]
    return [float(time) for time in times], [s == "solved" and t <= horizon for t, s in searches]


@UNHURRIED
@given(st.lists(SEARCH, min_size=1, max_size=30), st.integers(1, 60), st.floats(0, 1))
def test_incidence_and_restricted_mean(searches: list[tuple[int, str]], horizon: int, share: float) -> None:
    times, events = recoded(searches, horizon)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = lifelines.KaplanMeierFitter().fit(times, events)
    curve = incidence([t for t, _ in searches], [s for _, s in searches], horizon)
    for time in sorted({*times, 0.5, horizon / 2}):
        assert 1 - curve(time) == approx(float(fitter.predict(time)))
    for (time, value), low, high in zip(curve, curve.low, curve.high, strict=True):
        if 1e-9 < value < 1 - 1e-9:
            theirs = fitter.confidence_interval_survival_function_.loc[time]
            assert low is not None and high is not None
            assert (1 - high, 1 - low) == approx(tuple(theirs), abs=1e-9)
        else:
            assert (low, high) == (None, None)
    tau = share * horizon
    area = lifelines.utils.restricted_mean_survival_time(fitter, t=tau) if tau > 0 else 0
    ours = restricted_mean([t for t, _ in searches], [s for _, s in searches], tau, horizon)
    assert ours == approx(float(area), abs=1e-6)


@UNHURRIED
@given(st.lists(SEARCH, min_size=1, max_size=30), st.integers(1, 60))
def test_par2_is_mean_and_unsolved_share(searches: list[tuple[int, str]], horizon: int) -> None:
    whole = [(time, "exhausted" if status == "aborted" else status) for time, status in searches]
    whole = [(horizon if status == "budget" else time, status) for time, status in whole]
    times, statuses = [t for t, _ in whole], [s for _, s in whole]
    mean = restricted_mean(times, statuses, horizon, horizon)
    assert mean is not None
    assert par2(times, statuses, horizon) == approx(mean + horizon * (1 - incidence(times, statuses, horizon)(horizon)))


@UNHURRIED
@given(st.lists(SEARCH, min_size=2, max_size=25), st.lists(SEARCH, min_size=2, max_size=25))
def test_log_rank(a: list[tuple[int, str]], b: list[tuple[int, str]]) -> None:
    ours = logrank(a, b)
    (times_a, events_a), (times_b, events_b) = recoded(a, 1000), recoded(b, 1000)
    if ours.chi2 is None:
        return
    theirs = logrank_test(times_a, times_b, events_a, events_b)
    assert (ours.chi2, ours.p) == approx((theirs.test_statistic, theirs.p_value), abs=1e-9)
    censored_a, censored_b = (
        scipy.stats.CensoredData.right_censored(times, ~np.array(events))
        for times, events in ((times_a, events_a), (times_b, events_b))
    )
    assert ours.chi2 == approx(float(scipy.stats.logrank(censored_a, censored_b).statistic) ** 2, abs=1e-9)


@UNHURRIED
@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_counts_handfuls(case: tuple[int, int, int]) -> None:
    n, correct, k = case
    handfuls = list(itertools.combinations([True] * correct + [False] * (n - correct), k))
    assert pass_at_k(n, correct, k) == approx(sum(map(any, handfuls)) / len(handfuls))


@UNHURRIED
@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_fairness_by_definition(values: list[int]) -> None:
    if sum(values) == 0:
        assert (jain(values), gini(values)) == (None, None)
        return
    n, mean = len(values), sum(values) / len(values)
    assert gini(values) == approx(sum(abs(x - y) for x in values for y in values) / (2 * n * n * mean))
    assert jain(values) == approx(mean**2 / (sum(x * x for x in values) / n))


@UNHURRIED
@given(st.lists(st.integers(1, 6), min_size=1, max_size=4).filter(lambda counts: sum(counts) > 1), st.data())
def test_diversity(counts: list[int], data: st.DataObject) -> None:
    result = basins(counts)
    assert result.entropy == approx(scipy.stats.entropy(counts, base=2))
    kinds = [kind for kind, count in enumerate(counts) for _ in range(count)]
    m = data.draw(st.integers(1, min(4, len(kinds))))
    samples = [len(set(sample)) for sample in itertools.combinations(kinds, m)]
    assert rarefied(counts, m) == approx(sum(samples) / len(samples))


@UNHURRIED
@given(st.dictionaries(st.sampled_from("ABCD"), st.sets(st.sampled_from("uvwxyz")), min_size=1))
def test_shapley_is_the_mean_marginal_gain(solved_by: dict[str, set[str]]) -> None:
    gains: Counter[str] = Counter()
    orders = list(itertools.permutations(solved_by))
    for order in orders:
        covered: set[str] = set()
        for arm in order:
            gains[arm] += len(solved_by[arm] - covered)
            covered |= solved_by[arm]
    result = shapley(solved_by)
    assert result.values == approx({arm: gains[arm] / len(orders) for arm in solved_by})
    assert sum(result.values.values()) == approx(result.best)


@UNHURRIED
@given(st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=6))
def test_gratification_null_takes_every_order_once(steps: list[int]) -> None:
    start = -max(1, sum(steps) + 1)
    series = [start, *itertools.accumulate(steps, initial=start)][1:]
    admissible = {
        order
        for order in itertools.permutations(steps)
        if all(start + total < 0 for total in itertools.accumulate(order[:-1]))
    }
    assert gratification_null(series, 10, 0).orders == len(admissible)


def test_gratification_null_by_draws_comes_near_that_by_counting() -> None:
    steps = [-1, 2, -3, 1, 1, -2, 4, -1, 3]
    series = list(itertools.accumulate(steps, initial=-6))
    orders = set(itertools.permutations(steps))
    assert len(orders) > 16_384  # so they are drawn
    admissible = [o for o in orders if all(-6 + total < 0 for total in itertools.accumulate(o[:-1]))]
    gains = [delayed_gratification(list(itertools.accumulate(o, initial=-6))).gain for o in admissible[::7]]
    drawn = gratification_null(series, 4000, 1)
    assert drawn.orders == 4000
    assert drawn.mean == approx(sum(gains) / len(gains), abs=0.06)


def test_aggregation_by_draws_comes_near_that_by_counting() -> None:
    rng = np.random.default_rng(3)
    visits = [(t % 3, t, int(rng.integers(0, t)) if t else None) for t in range(15)]  # 6^5 = 7,776 arrangements
    exact = aggregation(visits, 3)
    longer = [*visits, *((a, None, None) for a in (0, 1, 2))]
    assert aggregation(longer, 3) == exact  # tickets given up change nothing
    many = [(t % 3, t, int(rng.integers(0, t)) if t else None) for t in range(60)]
    drawn, again = aggregation(many, 3, seed=1), aggregation(many, 3, seed=2)
    assert drawn.share == again.share
    assert drawn.expected == approx(again.expected, abs=0.01)
    assert drawn.two_sided_p == approx(again.two_sided_p, abs=0.03)
    pairs = sum(parent is not None for _, _, parent in many)
    brute: list[float] = []
    for _ in range(3000):
        labels = [int(label) for _ in range(20) for label in rng.permutation(3)]
        brute.append(sum(labels[t] == labels[parent] for _, t, parent in many if parent is not None) / pairs)
    assert drawn.expected == approx(sum(brute) / len(brute), abs=0.01)


def test_bootstrap_against_scipy() -> None:
    rng = np.random.default_rng(11)
    rows = [[float(rng.normal(0.2, 1)) for _ in range(3)] for _ in range(20)]
    means = np.array(rows).mean(axis=1)
    theirs = scipy.stats.bootstrap((means,), np.mean, method="percentile", rng=np.random.default_rng(0))
    ours = cluster_bootstrap(rows)
    assert ours.method == "percentile"
    assert ours.estimate == approx(means.mean())
    assert (ours.low, ours.high) == approx(tuple(theirs.confidence_interval), abs=0.02)
    rows *= 2
    theirs = scipy.stats.bootstrap((np.tile(means, 2),), np.mean, method="BCa", rng=np.random.default_rng(0))
    ours = cluster_bootstrap(rows)
    assert ours.method == "bca"
    assert (ours.low, ours.high) == approx(tuple(theirs.confidence_interval), abs=0.02)


@pytest.mark.parametrize("seeds", [2, 5])
def test_variance_components_against_analysis_of_variance(seeds: int) -> None:
    rng = np.random.default_rng(2)
    rows = [(float(rng.normal(0, 2)) + rng.normal(0, 1, seeds)).tolist() for _ in range(30)]
    result = variance_components(rows)
    ratio = scipy.stats.f_oneway(*rows).statistic
    assert result.within is not None and result.between is not None
    assert (result.between * seeds + result.within) / result.within == approx(ratio)


def test_power_of_the_exact_test() -> None:
    table = {0.05: 155, 0.08: 249, 0.10: 312, 0.15: 469, 0.20: 626, 0.30: 940}
    assert {psi: theorems_for_mcnemar(0.05, psi) for psi in table} == table
    strict = {0.05: 231, 0.08: 371, 0.10: 465, 0.15: 698, 0.20: 932, 0.30: 1399}
    assert {psi: theorems_for_mcnemar(0.05, psi, alpha=0.01) for psi in strict} == strict
    assert mcnemar_power(171, 0.05, 0.10) == approx(0.47, abs=0.01)
    assert mcnemar_power(336, 0.05, 0.10) < 0.8 <= mcnemar_power(337, 0.05, 0.10)  # the formula says 312
    assert [detectable(171, psi) for psi in (0.05, 0.10, 0.20)] == approx([0.048, 0.067, 0.095], abs=6e-4)


def test_power_by_summing_tables_directly() -> None:
    n, difference, discordant = 12, 0.3, 0.5
    up, down = (discordant + difference) / 2, (discordant - difference) / 2
    total = 0.0
    for a in range(n + 1):
        for b in range(n + 1 - a):
            p = mcnemar(0, a, b, n - a - b).p
            chance = comb(n, a) * comb(n - a, b) * up**a * down**b * (1 - up - down) ** (n - a - b)
            total += chance if p is not None and p <= 0.05 else 0
    assert mcnemar_power(n, difference, discordant) == approx(total)
