"""On data where nothing is to be found: p values are uniform, and intervals cover. 1,000 simulated nulls each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats

from cellview.measures import (
    aggregation,
    cluster_bootstrap,
    gratification_null,
    mcnemar,
    recovery,
    sign_flip,
    tost,
    wilson,
)

SIMULATIONS = 1000


def uniform(p_values: list[float]) -> float:
    """Return the p value of the Kolmogorov–Smirnov test for uniformity."""
    return float(scipy.stats.kstest(p_values, "uniform").pvalue)


def never_liberal(p_values: list[float]) -> None:
    """Check that a test with ties rejects no more often than its level says (three standard errors)."""
    for alpha in (0.01, 0.05, 0.1, 0.2, 0.5):
        rate = sum(p <= alpha for p in p_values) / len(p_values)
        assert rate <= alpha + 3 * (alpha * (1 - alpha) / len(p_values)) ** 0.5


@pytest.mark.parametrize("theorems", [12, 40])
def test_sign_flip_is_uniform(theorems: int) -> None:
    rng = np.random.default_rng(theorems)
    p_values: list[float] = []
    for number in range(SIMULATIONS):
        spread = rng.exponential(1, theorems)  # theorems differ in scale: exchange inside a theorem is all it needs
        p = sign_flip((rng.normal(0, 1, theorems) * spread).tolist(), permutations=999, seed=number).p
        assert p is not None
        p_values.append(p)
    assert uniform(p_values) > 0.001
    never_liberal(p_values)


def test_pseudo_replication_would_be_seen_here() -> None:
    """The same check fails for rows that are no theorems: four equal seeds taken for four observations."""
    rng = np.random.default_rng(4)
    p_values: list[float] = []
    for number in range(200):
        rows = np.repeat(rng.normal(0, 1, 12), 4).tolist()
        p = sign_flip(rows, permutations=499, seed=number).p
        assert p is not None
        p_values.append(p)
    assert uniform(p_values) < 1e-6


def test_mcnemar_is_never_liberal_and_its_interval_covers() -> None:
    rng = np.random.default_rng(9)
    p_values: list[float] = []
    covered = 0
    for _ in range(SIMULATIONS):
        a, b, c, d = rng.multinomial(80, [0.55, 0.1, 0.1, 0.25]).tolist()
        result = mcnemar(a, b, c, d)
        assert result.p is not None and result.low is not None and result.high is not None
        p_values.append(result.p)
        covered += result.low <= 0 <= result.high
    never_liberal(p_values)
    assert covered / SIMULATIONS >= 0.93


def test_gratification_null_is_uniform() -> None:
    rng = np.random.default_rng(21)
    p_values: list[float] = []
    for number in range(SIMULATIONS):
        steps = rng.normal(0.1, 1, 40)
        series = np.concatenate([[-100.0], -100 + steps.cumsum()]).tolist()
        p = gratification_null(series, 199, number).p
        assert p is not None
        p_values.append(p)
    assert uniform(p_values) > 0.001


def test_aggregation_null_is_uniform_but_for_ties() -> None:
    """Labels put at random into the rounds of a random tree; the share moves in steps, so its p comes in steps."""
    rng = np.random.default_rng(33)
    one_sided: list[float] = []
    two_sided: list[float] = []
    for number in range(SIMULATIONS):
        labels = [int(label) for _ in range(30) for label in rng.permutation(4)]
        visits = [(label, t, int(rng.integers(0, t)) if t else None) for t, label in enumerate(labels)]
        result = aggregation(visits, 4, permutations=199, seed=number)
        assert result.one_sided_p is not None and result.two_sided_p is not None
        one_sided.append(result.one_sided_p)
        two_sided.append(result.two_sided_p)
    for p_values in (one_sided, two_sided):
        never_liberal(p_values)
        for alpha in (0.1, 0.2, 0.5):  # nor is it blind: ties cost some power, no more
            assert sum(p <= alpha for p in p_values) / SIMULATIONS > 0.7 * alpha


@pytest.mark.parametrize(("n", "share"), [(15, 0.9), (60, 0.5), (171, 0.95)])
def test_wilson_covers(n: int, share: float) -> None:
    rng = np.random.default_rng(n)
    covered = 0
    for successes in rng.binomial(n, share, SIMULATIONS).tolist():
        interval = wilson(successes, n)
        assert interval.low is not None and interval.high is not None
        covered += interval.low <= share <= interval.high
    assert covered / SIMULATIONS >= 0.93


def rows_of(draw: Callable[[], np.ndarray[tuple[int], np.dtype[np.float64]]], theorems: int) -> list[list[float]]:
    return [draw().tolist() for _ in range(theorems)]


@pytest.mark.parametrize("theorems", [25, 50])
def test_bootstrap_over_theorems_covers(theorems: int) -> None:
    rng = np.random.default_rng(theorems)
    covered = 0
    for number in range(SIMULATIONS):
        rows = rows_of(lambda: rng.normal(0, 1) + rng.normal(0, 1, 3), theorems)
        interval = cluster_bootstrap(rows, resamples=999, seed=number)
        assert interval.low is not None and interval.high is not None
        covered += interval.low <= 0 <= interval.high
    assert covered / SIMULATIONS >= 0.925  # 0.93 less what 1,000 simulations leave open


def test_bootstrap_within_a_corpus_covers_this_corpus() -> None:
    rng = np.random.default_rng(8)
    truth = rng.normal(0, 3, 20)
    covered = 0
    for number in range(SIMULATIONS):
        rows = [(mean + rng.normal(0, 1, 10)).tolist() for mean in truth]
        interval = cluster_bootstrap(rows, resamples=499, seed=number, target="corpus")
        assert interval.low is not None and interval.high is not None
        covered += interval.low <= truth.mean() <= interval.high
    assert covered / SIMULATIONS >= 0.92


def test_equivalence_is_rarely_claimed_at_its_edge() -> None:
    rng = np.random.default_rng(17)
    claims = 0
    for number in range(SIMULATIONS):
        rows = rows_of(lambda: rng.normal(0.5, 1, 1), 60)  # the true difference is just the smallest that matters
        claims += tost(rows, 0.5, resamples=499, seed=number).equivalent is True
    assert claims / SIMULATIONS <= 0.05 + 3 * (0.05 * 0.95 / SIMULATIONS) ** 0.5


def test_recovery_of_an_arm_that_does_nothing_is_its_null() -> None:
    """Seeds of the arm are fresh draws of the wild type's own chance: other-seed recovery has the null's mean."""
    rng = np.random.default_rng(6)
    gaps: list[float] = []
    for _ in range(SIMULATIONS):
        chance = rng.uniform(0, 1, 30)
        wild = [(rng.uniform(0, 1, 4) < p).astype(int).tolist() for p in chance]
        arm = [(rng.uniform(0, 1, 4) < p).astype(int).tolist() for p in chance]
        result = recovery(wild, arm)
        assert result.other_seed is not None and result.null is not None
        gaps.append(result.other_seed - result.null)
    assert abs(float(np.mean(gaps))) < 4 * float(np.std(gaps)) / SIMULATIONS**0.5
