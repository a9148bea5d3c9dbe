"""Who goes first: priority, and waiting, so that nobody starves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cellview.daemon.order import Candidate, first_of

AGEING_S = 60.0


def candidate(experiment: int, priority: int, submitted_at: float) -> Candidate:
    return Candidate(experiment, priority, submitted_at, 0)


ARRIVALS = st.lists(st.tuples(st.integers(-100, 100), st.integers(0, 100_000)), min_size=1, max_size=20)


@given(ARRIVALS)
def test_the_first_is_before_every_other_by_priority_and_time_waited(arrivals: list[tuple[int, int]]) -> None:
    candidates = [candidate(number, *one) for number, one in enumerate(arrivals)]
    first = first_of(candidates, ageing_s=AGEING_S)
    assert first is not None
    for other in candidates:
        waited_longer_s = other.submitted_at - first.submitted_at
        # Without a division: what the formula must mean.
        assert (first.priority - other.priority) * AGEING_S + waited_longer_s >= 0


@given(ARRIVALS, st.integers(-100, 100))
def test_whoever_has_waited_long_enough_is_before_everybody_who_comes_then(
    arrivals: list[tuple[int, int]], priority: int
) -> None:
    """However many of whatever priority come later: 200 steps lie between the lowest and the highest."""
    patient = candidate(-1, priority, 0)
    later = [candidate(n, one, 200 * AGEING_S + 1 + at) for n, (one, at) in enumerate(arrivals)]
    assert first_of([*later, patient], ageing_s=AGEING_S) == patient


@given(ARRIVALS)
def test_nobody_starves_while_others_keep_coming(arrivals: list[tuple[int, int]]) -> None:
    """Each minute one is served, and one of the highest priority comes: all who were there get their turn."""
    waiting = [candidate(number, priority, 0) for number, (priority, _) in enumerate(arrivals)]
    there = len(waiting)
    minute = 0
    while any(one.experiment < there for one in waiting):
        minute += 1
        waiting.append(candidate(there + minute, 100, minute * AGEING_S))
        served = first_of(waiting, ageing_s=AGEING_S)
        assert served is not None
        waiting.remove(served)
        assert minute <= 200 + there + 1


def test_of_equals_the_earlier_number_goes_first_and_of_none_none() -> None:
    assert first_of([candidate(2, 0, 5), candidate(1, 0, 5)], ageing_s=AGEING_S) == candidate(1, 0, 5)
    assert first_of([], ageing_s=AGEING_S) is None
