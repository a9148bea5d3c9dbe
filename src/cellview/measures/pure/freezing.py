"""Tolerance of frozen nodes: how a solve rate falls as more of them freeze, against the null of no compensation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum
from typing import Any

import msgspec

from cellview.measures.pure.arms import rate_of
from cellview.measures.pure.cells import Cells
from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.pairing import Pair, pair
from cellview.measures.pure.permutation import sign_flip
from cellview.measures.pure.perturbation import Tolerance, tolerance

__all__ = ["FreezingRow", "FreezingTable", "GainSlope", "freezing_table"]


class FreezingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One fraction of frozen nodes."""

    fraction: float
    arm: str
    theorems: int
    solve_rate: float | None
    low: float | None
    high: float | None
    restricted_mean_ratio: float | None
    """Mean time to the solution, cut at the budget, over that without freezing, on the same pairs."""
    realised: float | None
    """Frozen among the nodes met, on average; from traces."""
    root_frozen: int | None
    """Searches whose root was frozen; from traces."""
    starvation: float | None
    """Tickets given up, of all."""
    no_compensation: float | None
    """Solve rate if every search were lost of whose wild type's own proof a node is frozen; permanent freezes only."""
    excess: float | None
    p: float | None
    """Solve rate above that null, and its sign-flip test."""


class GainSlope(msgspec.Struct, frozen=True, kw_only=True):
    """Mean over theorems of the slope of their gain on the fraction, with its sign-flip test."""

    among: str
    theorems: int
    """Theorems that have such searches at every fraction."""
    slope: float | None
    p: float | None


class FreezingTable(msgspec.Struct, frozen=True, kw_only=True):
    """The rows, the index over them, and the trend: the mean over theorems of the slope on the fraction."""

    reroute: Any
    """What an agent does at a frozen node: reroute (yielding) or give the ticket up (obstructing)."""
    rows: tuple[FreezingRow, ...]
    index: Tolerance
    slope: float | None
    slope_p: float | None
    gains: tuple[GainSlope, ...]
    """Delayed gratification over the fraction, solved and unsolved searches apart: a response to obstacles, if any."""
    permanent: bool


Frozen = Callable[[int, float, str], bool]
"""Whether a node freezes: block seed, fraction, structural key."""


def freezing_table(cells: Cells, arms: Mapping[float, str], frozen: Frozen, settings: Settings) -> FreezingTable:
    """Return the tolerance table.

    Args:
        cells: The searches, with the figures of their traces.
        arms: The arm of each fraction; 0 is the wild type.
        frozen: The draw that decides whether a node freezes.
        settings: How to compute.
    """
    fractions = sorted(arms)
    permanent = all(_duration(cells, arms[fraction]) < 0 for fraction in fractions if fraction > 0)
    rows = [_row(cells, arms, fraction, frozen if permanent else None, settings) for fraction in fractions]
    rates = [(row.fraction, row.solve_rate) for row in rows if row.solve_rate is not None]
    slopes = _slopes(cells, arms)
    flips = sign_flip(slopes, permutations=settings.permutations, seed=settings.seed)
    return FreezingTable(
        reroute=cells.of(arms[fractions[-1]]).runs[0].search.get("reroute"),
        rows=tuple(rows),
        index=tolerance([fraction for fraction, _ in rates], [rate for _, rate in rates]),
        slope=flips.mean,
        slope_p=flips.p,
        gains=tuple(_gain_slope(cells, arms, solved, settings) for solved in (True, False)),
        permanent=permanent,
    )


def _policy(cells: Cells, label: str) -> dict[str, Any]:
    return cells.of(label).runs[0].search.get("block") or {}


def _duration(cells: Cells, label: str) -> int:
    return int(_policy(cells, label).get("duration", 0))


def _row(
    cells: Cells, arms: Mapping[float, str], fraction: float, frozen: Frozen | None, settings: Settings
) -> FreezingRow:
    arm, wild = cells.of(arms[fraction]), cells.of(arms[0.0])
    # Without a frozen node nobody reroutes, so the wild type may lack that policy.
    known = arm.runs[0].search.keys() | wild.runs[0].search.keys()
    pairs = pair(arm, wild, factor=[name for name in ("block", "block_seed", "reroute") if name in known])
    outcomes = [[float(row.a.solved) for row in rows] for rows in pairs.by_theorem().values()]
    shares = [fsum(row) / len(row) for row in outcomes]
    rate, low, high, _ = rate_of(outcomes, max(map(len, outcomes), default=0), settings)
    figures = [figure for figure in (arm.figures_of(row.a) for row in pairs) if figure is not None]
    met = [figure.frozen_fraction for figure in figures if figure.frozen_fraction is not None]
    times = [
        fsum(cell.iterations if cell.solved else pairs.budget for cell in side)
        for side in ([row.a for row in pairs], [row.b for row in pairs])
    ]
    iterations = sum(row.a.iterations for row in pairs)
    expected = None
    if frozen and fraction > 0:
        # The root comes first among a proof's nodes, and a policy may spare it.
        spared = int(bool(_policy(cells, arms[fraction]).get("spare_root")))
        expected = _without_compensation(pairs.by_theorem(), wild, fraction, frozen, spared=spared)
    flips = sign_flip(
        [observed - null for observed, null in zip(shares, expected or [], strict=False)],
        permutations=settings.permutations,
        seed=settings.seed,
    )
    return FreezingRow(
        fraction=fraction,
        arm=arms[fraction],
        theorems=len(shares),
        solve_rate=rate,
        low=low,
        high=high,
        restricted_mean_ratio=times[0] / times[1] if times[1] else None,
        realised=fsum(met) / len(met) if met else None,
        root_frozen=sum(figure.root_frozen for figure in figures) if figures else None,
        starvation=sum(row.a.given_up for row in pairs) / iterations if iterations else None,
        no_compensation=fsum(expected) / len(expected) if expected else None,
        excess=flips.mean if expected else None,
        p=flips.p if expected else None,
    )


def _without_compensation(
    by_theorem: Mapping[str, Sequence[Pair]], wild: Cells, fraction: float, frozen: Frozen, *, spared: int
) -> list[float] | None:
    """Share of each theorem's seeds whose own wild-type proof has no frozen node; ``None`` without all traces."""
    expected: list[float] = []
    for rows in by_theorem.values():
        kept = 0
        for row in rows:
            figure = wild.figures_of(row.b)
            if row.b.solved and (figure is None or not figure.proof_keys):
                return None
            keys = figure.proof_keys[spared:] if figure is not None else ()
            seed = row.a.seed if row.a.block_seed is None else row.a.block_seed
            kept += row.b.solved and not any(frozen(seed, fraction, key) for key in keys)
        expected.append(kept / len(rows))
    return expected


def _slopes(cells: Cells, arms: Mapping[float, str]) -> list[float]:
    """Slope of each theorem's solved share on the fraction, over theorems that every arm has."""
    shares = {
        fraction: {
            theorem: fsum(cell.solved for cell in row) / len(row)
            for theorem, row in cells.of(label).by_theorem().items()
        }
        for fraction, label in arms.items()
    }
    return _slopes_of(shares)


def _gain_slope(cells: Cells, arms: Mapping[float, str], solved: bool, settings: Settings) -> GainSlope:
    gains: dict[float, dict[str, float]] = {}
    for fraction, label in arms.items():
        values: dict[str, list[float]] = {}
        for cell in cells.of(label):
            figure = cells.figures_of(cell)
            if figure is not None and figure.gain is not None and cell.solved == solved:
                values.setdefault(cell.theorem, []).append(figure.gain)
        gains[fraction] = {theorem: fsum(row) / len(row) for theorem, row in values.items()}
    slopes = _slopes_of(gains)
    flips = sign_flip(slopes, permutations=settings.permutations, seed=settings.seed)
    return GainSlope(among="solved" if solved else "unsolved", theorems=len(slopes), slope=flips.mean, p=flips.p)


def _slopes_of(values: Mapping[float, Mapping[str, float]]) -> list[float]:
    """Least-squares slope of each theorem's value on the fraction, over theorems with a value at every fraction."""
    fractions = sorted(values)
    common = [theorem for theorem in values[fractions[0]] if all(theorem in row for row in values.values())]
    mean = fsum(fractions) / len(fractions)
    spread = fsum((fraction - mean) ** 2 for fraction in fractions)
    return [
        fsum((fraction - mean) * values[fraction][theorem] for fraction in fractions) / spread for theorem in common
    ]
