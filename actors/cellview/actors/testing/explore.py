"""Bounded-exhaustive: every schedule that differs from FIFO by at most so many holds, commuting deliveries reduced.

A run under FIFO shows which deliveries depend on each other: they share an actor, or both sent to one, or woke one
asker. Only a hold that turns such a pair round can matter, so only those are tried, on the run and on what comes of
it. Two schedules in which all dependent pairs stand in the same order are the same schedule, and count once. The
reduction is sound for actors that share nothing but messages; `reduce=False` tries every hold.
"""

import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cellview.actors.testing.interventions import Hold, Intervention
from cellview.actors.testing.record import Delivery
from cellview.actors.testing.run import Deadlines, Early, Outside, run_controlled


class Exploration(msgspec.Struct, frozen=True, kw_only=True):
    """What an exploration without a failure has covered.

    Attributes:
        runs: schedules that were run.
        distinct: those that differ in the order of some dependent pair.
        complete: all schedules within the bound were covered, so that no `max_runs` cut it short.
    """

    runs: int
    distinct: int
    complete: bool


def explore(
    main: Callable[[], Awaitable[Any]],
    *,
    max_holds: int = 2,
    max_runs: int = 10_000,
    reduce: bool = True,
    early: Early = "timers",
    deadlines: Deadlines = "deadlock",
    allow: Collection[Outside] = (),
    name: str | None = None,
    replay_dir: Path | None = None,
) -> Exploration:
    """Run `main` under every schedule within `max_holds` holds of FIFO, the nearest first.

    Raises:
        Exception: the first failure, as from `run_controlled`.
    """
    todo: deque[tuple[Hold, ...]] = deque([()])
    tried: set[tuple[Hold, ...]] = {()}
    seen: set[bytes] = set()
    runs = 0
    while todo:
        if runs >= max_runs:
            return Exploration(runs=runs, distinct=len(seen), complete=False)
        holds = todo.popleft()
        plan: Sequence[Intervention] = holds
        run = run_controlled(
            main,
            interventions=plan,
            early=early,
            deadlines=deadlines,
            allow=allow,
            name=name,
            replay_dir=replay_dir,
            footprints=True,
        )
        runs += 1
        shape = _shape(run.deliveries)
        if shape in seen and reduce:
            continue
        seen.add(shape)
        if len(holds) == max_holds:
            continue
        for hold in _reversals(run.deliveries, reduce=reduce):
            if any(hold.actor == other.actor and hold.at == other.at for other in holds):
                continue
            more = tuple(sorted((*holds, hold), key=lambda each: (each.actor, each.at)))
            if more not in tried:
                tried.add(more)
                todo.append(more)
    return Exploration(runs=runs, distinct=len(seen), complete=True)


def _reversals(deliveries: Sequence[Delivery], *, reduce: bool) -> list[Hold]:
    """The holds that each turn one pair of dependent, unordered deliveries round."""
    numbers = _numbers(deliveries)
    found: dict[Hold, None] = {}
    for first, delivery in enumerate(deliveries):
        if delivery.message is None:
            continue
        after: set[int] = {first}  # deliveries that cannot happen without this one
        others = 0
        for second in range(first + 1, len(deliveries)):
            later = deliveries[second]
            if later.caused_by in after or later.actor == delivery.actor:
                after.add(second)
                continue
            others += 1
            if later.message is None:  # the kernel's stops come in their own order
                continue
            if not reduce or not delivery.touched.keys().isdisjoint(later.touched):
                found[Hold(delivery.actor, numbers[first], others)] = None
    return list(found)


def _numbers(deliveries: Sequence[Delivery]) -> list[int]:
    """Each delivery's number among those to its actor, kernel orders left out."""
    counts: dict[str, int] = {}
    numbers: list[int] = []
    for delivery in deliveries:
        number = counts.get(delivery.actor, 0)
        numbers.append(number)
        if delivery.message is not None:
            counts[delivery.actor] = number + 1
    return numbers


def _shape(deliveries: Sequence[Delivery]) -> bytes:
    """A fingerprint that is equal for schedules which order all dependent pairs alike."""
    last: dict[str, str] = {}  # by what was touched, the fingerprint of the last delivery that touched it
    marks: list[str] = []
    for delivery in deliveries:
        before = sorted({last[name] for name in delivery.touched if name in last})
        text = f"{delivery.line()}|{'|'.join(before)}"
        mark = hashlib.sha256(text.encode()).hexdigest()
        marks.append(mark)
        for name in delivery.touched:
            last[name] = mark
    return hashlib.sha256("".join(sorted(marks)).encode()).digest()
