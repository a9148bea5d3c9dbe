"""How long a search takes, where some searches end without a solution.

An exhausted search can never succeed, so it is not censored: it stays at risk to the end and lowers the curve. One that
spent its budget is unsolved up to there, and one that was cut short is unknown from there on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import erfc, exp, fsum, inf, log, sqrt
from typing import Literal, TypeAlias

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.proportions import normal_quantile

__all__ = [
    "CostCurve",
    "Curve",
    "LogRank",
    "Status",
    "cost_curve",
    "incidence",
    "logrank",
    "par2",
    "restricted_mean",
    "simultaneous_band",
]

Status: TypeAlias = Literal["solved", "exhausted", "budget", "aborted"]
"""How a search ended: with an event, never to have one, unsolved at its budget, or cut short."""

_STATUSES = ("solved", "exhausted", "budget", "aborted")


class Curve(msgspec.Struct, frozen=True):
    """A step function of time: 0 before the first of `times`, then the value of the last time reached.

    Iterating gives pairs (time, value); calling it gives the value at a time.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]
    """Share solved up to and including each time."""
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    """Pointwise log-log interval; ``None`` where the share is 0 or 1, since it has no width there."""
    median: float | None
    """First time by which half are solved; ``None`` if that is never reached."""

    def __call__(self, time: float) -> float:
        """Return the share solved by `time`."""
        index = bisect_right(self.times, time)
        return self.values[index - 1] if index else 0.0

    def __iter__(self) -> Iterator[tuple[float, float]]:
        """Yield the steps."""
        return iter(zip(self.times, self.values, strict=True))

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.times)

    def __getitem__(self, index: int) -> tuple[float, float]:
        """Return one step."""
        return self.times[index], self.values[index]


class CostCurve(msgspec.Struct, frozen=True):
    """Share solved within a cost, where unsolved searches have spent unequally: bounds on it."""

    costs: tuple[float, ...]
    lower: tuple[float, ...]
    """If no search whose outcome is open at a cost would solve within it."""
    upper: tuple[float, ...]
    """If all of them would."""
    known_up_to: float | None
    """Up to this cost the two are one: the least that an unsolved search spent; ``None`` if none is open."""


class LogRank(msgspec.Struct, frozen=True):
    """Outcome of a log-rank test; ``None`` where neither arm has an event to compare."""

    chi2: float | None
    p: float | None


def incidence(times: Sequence[float], statuses: Sequence[str], horizon: float, *, level: float = 0.95) -> Curve:
    """Return the share solved by each time: cumulative incidence with "never" as the competing outcome.

    "Never" is kept at risk to the horizon (Fine & Gray 1999), so without searches cut short the curve is the plain
    share of all searches. With them it is one minus the Kaplan–Meier estimate.

    Args:
        times: When each search ended, in iterations or tactics.
        statuses: How, see :data:`Status`.
        horizon: The budget; what happens later does not count.
        level: Confidence level of the pointwise interval.

    Raises:
        SampleError: The lists differ in length, a status is unknown, or a time is negative.
    """
    z = normal_quantile(level)
    ends = recoded(times, statuses, horizon)
    steps = _kaplan_meier(ends)
    bounds = [_log_log(survival, greenwood, z) for _, survival, greenwood in steps]
    return Curve(
        times=tuple(time for time, _, _ in steps),
        values=tuple(1 - survival for _, survival, _ in steps),
        low=tuple(low for low, _ in bounds),
        high=tuple(high for _, high in bounds),
        median=next((time for time, survival, _ in steps if survival <= 0.5 + 1e-12), None),
    )


def simultaneous_band(n: int, *, level: float = 0.95) -> float | None:
    """Return the half width of a band that holds a whole curve of `n` independent searches at once (DKW–Massart 1990).

    Raises:
        SampleError: The level is no level.
    """
    if not 0 < level < 1:
        raise SampleError(f"a confidence level lies between 0 and 1, and {level} does not: 0.95 is usual.")
    return sqrt(log(2 / (1 - level)) / (2 * n)) if n > 0 else None


def cost_curve(costs: Sequence[float], statuses: Sequence[str]) -> CostCurve:
    """Return the share solved within a cost such as tactics tried, which budgets in iterations do not bound equally.

    An exhausted search is never open: it would spend nothing more.

    Args:
        costs: What each search spent.
        statuses: How it ended, see :data:`Status`.

    Raises:
        SampleError: The lists differ in length, a status is unknown, or a cost is negative.
    """
    recoded(costs, statuses, inf)
    ends = sorted(zip(costs, statuses, strict=True))
    solved = sorted(cost for cost, status in ends if status == "solved")
    unsolved = sorted(cost for cost, status in ends if status in ("budget", "aborted"))
    steps = sorted({cost for cost, status in ends if status != "exhausted"})
    lower = [bisect_right(solved, step) / len(ends) for step in steps]
    # Open at a cost is who spent less than that; who spent just as much is known to have failed within it.
    upper = [low + bisect_left(unsolved, step) / len(ends) for low, step in zip(lower, steps, strict=True)]
    return CostCurve(tuple(steps), tuple(lower), tuple(upper), unsolved[0] if unsolved else None)


def restricted_mean(times: Sequence[float], statuses: Sequence[str], tau: float, horizon: float) -> float | None:
    """Return the mean of min(T, tau): the area above the incidence curve (Royston & Parmar 2013).

    Where the last search at risk was cut short before `tau`, the curve stays flat from there on, so the time is
    counted as unsolved. Such a mean is too long rather than too short.

    Args:
        times: When each search ended.
        statuses: How.
        tau: Up to where to count.
        horizon: The budget.

    Raises:
        SampleError: As :func:`incidence` does, or `tau` lies beyond the horizon: nothing was seen there.
    """
    if not 0 <= tau <= horizon:
        raise SampleError(f"a mean up to {tau} cannot be had from searches up to {horizon}: give 0 ≤ tau ≤ horizon.")
    if not times:
        return None
    parts: list[float] = []
    last, survival = 0.0, 1.0
    for time, value in incidence(times, statuses, horizon):
        if time >= tau:
            break
        parts.append((time - last) * survival)
        last, survival = time, 1 - value
    return fsum([*parts, (tau - last) * survival])


def par2(times: Sequence[float], statuses: Sequence[str], horizon: float) -> float | None:
    """Return the mean time, unsolved searches counted as twice the horizon, as SAT competitions rank.

    It is restricted mean plus horizon times unsolved share (when nothing was cut short), so it is no evidence besides
    that mean: never test both. A search that was cut short counts as unsolved.

    Raises:
        SampleError: As :func:`incidence` does.
    """
    ends = recoded(times, statuses, horizon)
    if not ends:
        return None
    return fsum(time if event else 2 * horizon for time, event in ends) / len(ends)


Ended: TypeAlias = "tuple[float, str] | tuple[float, str, str]"
"""A search for :func:`logrank`: time and status, and the theorem if the caller has it."""


def logrank(a: Sequence[Ended] | Mapping[str, Ended], b: Sequence[Ended] | Mapping[str, Ended]) -> LogRank:
    """Compare the solving times of two arms by the log-rank test (Mantel 1966). It ignores pairing.

    A secondary figure only: where theorems differ more than arms do it sees nothing, so test the difference of
    restricted means with :func:`~cellview.measures.sign_flip`.

    Args:
        a: Searches of one arm as (time, status) or (time, status, theorem), or by theorem. Rows must be independent:
            one for each theorem.
        b: Those of the other.

    Raises:
        SampleError: A status is unknown, a time negative, or a theorem comes twice in one arm.
    """
    ends_a, ends_b = _of_arm(a), _of_arm(b)
    risk_a, risk_b = sorted(time for time, _ in ends_a), sorted(time for time, _ in ends_b)
    events_a, events_b = _events(ends_a), _events(ends_b)
    excess = variance = 0.0
    for now in sorted(events_a.keys() | events_b.keys()):
        at_risk_a, at_risk_b = len(risk_a) - bisect_left(risk_a, now), len(risk_b) - bisect_left(risk_b, now)
        at_risk, events = at_risk_a + at_risk_b, events_a[now] + events_b[now]
        share = at_risk_a / at_risk
        excess += events_a[now] - events * share
        if at_risk > 1:
            variance += events * share * (1 - share) * (at_risk - events) / (at_risk - 1)
    if variance == 0:
        return LogRank(None, None)
    chi2 = excess**2 / variance
    return LogRank(chi2, erfc(sqrt(chi2 / 2)))


def _of_arm(rows: Sequence[Ended] | Mapping[str, Ended]) -> list[tuple[float, bool]]:
    listed = list(rows.values()) if isinstance(rows, Mapping) else list(rows)
    named = Counter(row[2] for row in listed if len(row) == 3)
    for theorem, count in named.items():
        if count > 1:
            raise SampleError(
                f"theorem {theorem} comes more than once in an arm: its seeds are repeats, and a log-rank test wants "
                "independent rows; compare restricted means with sign_flip instead."
            )
    return recoded([row[0] for row in listed], [row[1] for row in listed], inf)


def recoded(times: Sequence[float], statuses: Sequence[str], horizon: float) -> list[tuple[float, bool]]:
    """End and whether it was an event; "never" as censored at the horizon."""
    if len(times) != len(statuses):
        raise SampleError(f"{len(times)} times and {len(statuses)} statuses: give one of each for every search.")
    if not horizon > 0:
        raise SampleError(f"the horizon is {horizon}, and must be above 0: it is the budget of the searches.")
    ends: list[tuple[float, bool]] = []
    for time, status in zip(times, statuses, strict=True):
        if status not in _STATUSES:
            raise SampleError(f"{status!r} is no status of a search: one of {', '.join(_STATUSES)}.")
        if not time >= 0:
            raise SampleError(f"a search ended at {time}: times are numbers from 0 on.")
        ends.append((horizon, False) if status == "exhausted" else (min(time, horizon), False))
        if status == "solved" and time <= horizon:
            ends[-1] = (time, True)
    return ends


def _kaplan_meier(ends: Sequence[tuple[float, bool]]) -> list[tuple[float, float, float]]:
    """Times, survival, and the sum in Greenwood's formula (infinite where survival is 0)."""
    steps: list[tuple[float, float, float]] = []
    survival, greenwood = 1.0, 0.0
    at_end, events_at = sorted(time for time, _ in ends), _events(ends)
    for now in sorted(set(at_end)):
        at_risk, events = len(ends) - bisect_left(at_end, now), events_at[now]
        survival *= 1 - events / at_risk
        if events:
            greenwood += events / (at_risk * (at_risk - events)) if at_risk > events else inf
        steps.append((now, survival, greenwood))
    return steps


def _events(ends: Sequence[tuple[float, bool]]) -> Counter[float]:
    return Counter(time for time, event in ends if event)


def _log_log(survival: float, greenwood: float, z: float) -> tuple[float | None, float | None]:
    """Interval of the incidence, from that of log(−log survival) (Kalbfleisch & Prentice)."""
    if not 0 < survival < 1:
        return None, None
    spread = exp(z * sqrt(greenwood) / -log(survival))
    return 1 - survival ** (1 / spread), 1 - survival**spread
