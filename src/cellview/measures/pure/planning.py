"""Before the first search: how many there are, what they cost, and what they can show."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt
from statistics import NormalDist

import msgspec

from cellview.measures.pure.cells import Cell, Cells
from cellview.measures.pure.contrasts import MEASURES, differences
from cellview.measures.pure.pairing import Pairs
from cellview.measures.pure.power import detectable, mcnemar_power, theorems_for_mcnemar, theorems_for_mean
from cellview.measures.pure.resampling import variance_components

__all__ = ["Cost", "Power", "cost_of", "power_of"]


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What the searches of an experiment will cost, from a pilot's mean for each search."""

    searches: int
    pilot_searches: int
    iterations: float | None
    tried: float | None
    """Tactics that reach the prover."""
    seconds: float | None
    """Seconds of one process, on the pilot's host. ``None`` for all three without a pilot."""


class Power(msgspec.Struct, frozen=True, kw_only=True):
    """What one hypothesis can show with so many theorems."""

    measure: str
    arms: tuple[str, str]
    theorems: int
    seeds: int
    alpha: float
    """Level of the strictest step of Holm's procedure in its family."""
    assumed: str
    """Where the spread comes from, or why nothing can be said."""
    discordant: float | None = None
    between: float | None = None
    within: float | None = None
    """Variance of the difference between theorems, and between seeds inside a theorem."""
    effect: float | None
    """The smallest effect of interest."""
    power: float | None
    """Chance to see it."""
    needed: int | None
    """Theorems that show it with 80 %."""
    detectable: float | None
    """Least difference that these theorems show with 80 %."""


def cost_of(searches: int, pilot: Cells | None) -> Cost:
    """Estimate the cost of so many searches from a pilot run of the same kind."""
    done: list[Cell] = [cell for cell in pilot or () if cell.status != "missing"]
    if not done:
        return Cost(searches=searches, pilot_searches=0, iterations=None, tried=None, seconds=None)
    seconds = [cell.seconds for cell in done if cell.seconds is not None]
    return Cost(
        searches=searches,
        pilot_searches=len(done),
        iterations=searches * fsum(cell.iterations for cell in done) / len(done),
        tried=searches * fsum(cell.tried for cell in done) / len(done),
        seconds=searches * fsum(seconds) / len(seconds) if seconds else None,
    )


def power_of(
    measure: str,
    arms: tuple[str, str],
    *,
    theorems: int,
    seeds: int,
    alpha: float,
    effect: float | None,
    discordant: float | None = None,
    pilot: Pairs | None = None,
) -> Power:
    """Return what a hypothesis can show.

    A difference in solve rate with one seed has the power of the exact McNemar test, given the share of discordant
    theorems. Everything else is a mean over theorems, whose variance must come from a pilot.

    Args:
        measure: The hypothesis' measure.
        arms: Its arms.
        theorems: Theorems of the experiment.
        seeds: Seeds for each.
        alpha: Level of the test, corrected.
        effect: The smallest effect of interest.
        discordant: Share of theorems that exactly one of the arms solves, where it is known otherwise.
        pilot: Pairs of the two arms in the pilot.
    """
    rows = [] if pilot is None else list(differences(pilot, MEASURES[measure]).values())
    known = Power(
        measure=measure, arms=arms, theorems=theorems, seeds=seeds, alpha=alpha, effect=effect,
        assumed="neither a pilot nor a share of discordant theorems: nothing can be said",
        power=None, needed=None, detectable=None,
    )  # fmt: skip
    if measure == "solve_rate_difference" and seeds == 1:
        share, assumed = discordant, "the discordant share that the design states"
        if share is None and rows:
            share, assumed = sum(any(row) for row in rows) / len(rows), "the discordant share of the pilot"
        return _of_shares(known, share, assumed) if share else known
    return _of_means(known, rows) if len(rows) > 1 else known


def _of_shares(known: Power, discordant: float, assumed: str) -> Power:
    found = msgspec.structs.replace(
        known,
        assumed=assumed,
        discordant=discordant,
        detectable=detectable(known.theorems, discordant, alpha=known.alpha) if known.theorems else None,
    )
    effect = known.effect
    if effect is None or effect > discordant or not known.theorems:
        return found
    return msgspec.structs.replace(
        found,
        power=mcnemar_power(known.theorems, effect, discordant, alpha=known.alpha),
        needed=theorems_for_mcnemar(effect, discordant, alpha=known.alpha),
    )


def _of_means(known: Power, rows: Sequence[Sequence[float]]) -> Power:
    parts = variance_components(rows)
    between, within = parts.between or 0.0, parts.within or 0.0
    variance = between + within / known.seeds
    normal = NormalDist()
    critical = normal.inv_cdf(1 - known.alpha / 2)
    error = sqrt(variance / known.theorems) if known.theorems else 0.0
    found = msgspec.structs.replace(
        known,
        assumed=f"the variance of {parts.theorems} theorems of the pilot",
        between=parts.between,
        within=parts.within,
        detectable=(critical + normal.inv_cdf(0.8)) * error if error else None,
    )
    effect = known.effect
    if effect is None or error == 0:
        return found
    return msgspec.structs.replace(
        found,
        power=normal.cdf(effect / error - critical) + normal.cdf(-effect / error - critical),
        needed=theorems_for_mean(effect, between, within, known.seeds, alpha=known.alpha),
    )
