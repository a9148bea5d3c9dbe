"""Wall-clock speed-up, in a table of its own: seconds belong to a machine and to what else it did."""

from __future__ import annotations

from math import exp, fsum, log

import msgspec

from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.cost import strength_speedup
from cellview.measures.pure.pairing import Pairs
from cellview.measures.pure.resampling import cluster_bootstrap

__all__ = ["LEAST_REPEATS", "SpeedRow", "speed_row"]

LEAST_REPEATS = 5
"""Searches of a theorem in either arm, below which seconds are not reported."""


class SpeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """How much faster an arm is than its baseline; above 1 is faster."""

    arm: str
    reference: str
    strength_iterations: float | None
    strength_tried: float | None
    """Budgets at which both solve the rate that the weaker one reaches in the end, baseline over arm."""
    repeats: int
    """Fewest pairs that a counted theorem has."""
    pairs: int
    """Pairs that both solve, with seconds."""
    hosts: tuple[str, ...]
    wall: float | None
    """Geometric mean of the baseline's seconds over the arm's."""
    low: float | None
    high: float | None
    why_no_wall: str | None
    """Why seconds are not compared."""


def speed_row(pairs: Pairs, labels: tuple[str, str], settings: Settings, *, hosts: tuple[str, ...]) -> SpeedRow | None:
    """Return the row of an arm and its baseline; ``None`` if no pair was solved by both.

    Args:
        pairs: The arm's searches with the baseline's.
        labels: Their names.
        settings: How the interval is drawn.
        hosts: The machines of both runs, each once.
    """
    logs: dict[str, list[float]] = {}
    for row in pairs:
        if row.a.solved and row.b.solved and row.a.seconds and row.b.seconds:
            logs.setdefault(row.theorem, []).append(log(row.b.seconds / row.a.seconds))
    if not any(row.a.solved and row.b.solved for row in pairs):
        return None
    repeats = min(map(len, logs.values()), default=0)
    why = None
    if len(hosts) != 1 or not hosts[0]:
        why = f"the runs were made on {len(hosts)} machines"
    elif repeats < LEAST_REPEATS:
        why = f"{repeats} repeats, and seconds want {LEAST_REPEATS}"
    boot = cluster_bootstrap(
        list(logs.values()), level=settings.level, resamples=settings.bootstrap, seed=settings.seed
    )
    known = why is None and boot.estimate is not None
    return SpeedRow(
        arm=labels[0],
        reference=labels[1],
        strength_iterations=_strength(pairs, "iterations"),
        strength_tried=_strength(pairs, "tried"),
        repeats=repeats,
        pairs=sum(map(len, logs.values())),
        hosts=hosts,
        wall=exp(fsum(fsum(row) / len(row) for row in logs.values()) / len(logs)) if known else None,
        low=exp(boot.low) if known and boot.low is not None else None,
        high=exp(boot.high) if known and boot.high is not None else None,
        why_no_wall=why,
    )


def _strength(pairs: Pairs, clock: str) -> float | None:
    mine = sorted(getattr(row.a, clock) for row in pairs if row.a.solved)
    base = sorted(getattr(row.b, clock) for row in pairs if row.b.solved)
    rate = min(len(mine), len(base)) / len(pairs)
    curves = [[(float(cost), (rank + 1) / len(pairs)) for rank, cost in enumerate(costs)] for costs in (base, mine)]
    return strength_speedup(curves[0], curves[1], rate) if rate else None
