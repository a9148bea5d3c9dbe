"""What the traces of an arm show, averaged over theorems."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import msgspec

from cellview.measures.pure.cells import Cells
from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.extra import stream
from cellview.measures.pure.pairing import Pairs
from cellview.measures.pure.permutation import sign_flip
from cellview.measures.pure.perturbation import absorption
from cellview.measures.pure.replayed import time_to_improvement
from cellview.measures.pure.resampling import cluster_bootstrap
from cellview.measures.pure.trace_figures import TraceFigures

__all__ = ["ObstacleRow", "TraceRow", "duplicates_row", "obstacle_row", "trace_rows"]


class TraceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of traces: its mean over theorems."""

    arm: str
    figure: str
    among: str
    """All searches, or the solved or unsolved ones alone."""
    theorems: int
    searches: int
    mean: float | None
    low: float | None
    high: float | None
    null: float | None
    p: float | None
    """Sign-flip test against the null value, where the figure has one."""


_NULL_FIGURES = ("aggregation_excess", "algotype_excess", "gain_excess", "staleness_excess", "related_excess")
"""Figures that are a difference from a null already, so that 0 is to be tested."""


_SPLIT_FIGURES = ("gain", "gain_excess", "events", "unrewarded")
"""Figures of which solved and unsolved searches are kept apart."""


_USUALLY_ZERO = ("longest_given_up", "frozen_fraction", "related", "staleness_excess", "related_excess")
"""0 by construction where nothing is frozen, with a window of 1, or where a visit tries all tactics: then left out."""


_OTHER_FIGURES = (
    "concurrent_share",
    "repeat_share",
    "cross_agent_share",
    "mean_inflight",
    "longest_given_up",
    "frozen_fraction",
    "jain_tried",
    "gini_tried",
    "contributors",
    "aggregation_excess",
    "algotype_excess",
    "staleness",
    "staleness_excess",
    "related",
    "related_excess",
    "obsolete_share",
    "averted_share",
    "waits_share",
)


class ObstacleRow(msgspec.Struct, frozen=True, kw_only=True):
    """How long until a search got further after its first obstacle, beside the same moment of its reference.

    The moment in the reference is a placebo: nothing happened there, and searches slow down by themselves.
    """

    arm: str
    reference: str
    theorems: int
    searches: int
    without_event: int
    """Searches that met no obstacle."""
    over: int
    """Searches whose reference was over before that moment."""
    arm_mean: float | None
    placebo_mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    """Iterations to the next improvement, cut at the budget; the difference, its interval and sign-flip test."""
    absorbed: int
    absorption: float | None
    """Extra iterations for each ticket given up, where at least five were and both solve; its null value is 1."""


def obstacle_row(pairs: Pairs, cells: Cells, labels: tuple[str, str], settings: Settings) -> ObstacleRow | None:
    """Return the row of an arm with obstacles; ``None`` if no trace shows one."""
    times: dict[str, list[tuple[float, float]]] = {}
    without = over = 0
    for row in pairs:
        here, there = cells.figures_of(row.a), cells.figures_of(row.b)
        if here is None or there is None or not here.progress or not there.progress:
            continue
        event = here.first_obstacle
        if event is None:
            without += 1
            continue
        one, other = time_to_improvement(here.progress, event), time_to_improvement(there.progress, event)
        if one is None or other is None:
            over += 1
            continue
        left = pairs.budget - event  # what never came would not have come sooner than the budget allows
        mine, placebo = (float(time if came else left) for time, came in (one, other))
        times.setdefault(row.theorem, []).append((mine, placebo))
    if not times and not over:
        return None
    rows = [[mine - placebo for mine, placebo in row] for row in times.values()]
    boot = cluster_bootstrap(rows, level=settings.level, resamples=settings.bootstrap, seed=settings.seed)
    flips = sign_flip([fsum(row) / len(row) for row in rows], permutations=settings.permutations, seed=settings.seed)
    both = [row for row in pairs if row.a.solved and row.b.solved]
    shares = [absorption(row.b.iterations, row.a.iterations, row.a.given_up) for row in both]
    absorbed = [share for share in shares if share is not None]
    return ObstacleRow(
        arm=labels[0],
        reference=labels[1],
        theorems=len(times),
        searches=sum(map(len, times.values())),
        without_event=without,
        over=over,
        arm_mean=_mean_over_theorems([[mine for mine, _ in row] for row in times.values()]),
        placebo_mean=_mean_over_theorems([[placebo for _, placebo in row] for row in times.values()]),
        difference=boot.estimate,
        low=boot.low,
        high=boot.high,
        p=flips.p,
        absorbed=len(absorbed),
        absorption=fsum(absorbed) / len(absorbed) if absorbed else None,
    )


def _mean_over_theorems(rows: Sequence[Sequence[float]]) -> float | None:
    return fsum(fsum(row) / len(row) for row in rows) / len(rows) if rows else None


def duplicates_row(pairs: Pairs, cells: Cells, labels: tuple[str, str], settings: Settings) -> TraceRow | None:
    """Return the share of duplicate tactics less that of the centralized baseline, whose own tree has some too."""
    rows: dict[str, list[float]] = {}
    for row in pairs:
        shares = [_duplicates(cells.figures_of(cell)) for cell in (row.a, row.b)]
        if shares[0] is not None and shares[1] is not None:
            rows.setdefault(row.theorem, []).append(shares[0] - shares[1])
    if not rows:
        return None
    values = list(rows.values())
    boot = cluster_bootstrap(values, level=settings.level, resamples=settings.bootstrap, seed=settings.seed)
    means = [fsum(row) / len(row) for row in values]
    flips = sign_flip(means, permutations=settings.permutations, seed=settings.seed)
    return TraceRow(
        arm=labels[0],
        figure=f"duplicates over {labels[1]}",
        among="all",
        theorems=len(values),
        searches=sum(map(len, values)),
        mean=boot.estimate,
        low=boot.low,
        high=boot.high,
        null=0.0,
        p=flips.p,
    )


def _duplicates(figures: TraceFigures | None) -> float | None:
    if figures is None or figures.concurrent_share is None or figures.repeat_share is None:
        return None
    return figures.concurrent_share + figures.repeat_share


def trace_rows(cells: Cells, label: str, settings: Settings) -> list[TraceRow]:
    """Return the figures of an arm's traces, averaged over theorems; empty when there are none."""
    arm = cells.of(label)
    if not any(arm.figures_of(cell) for cell in arm):
        return []
    rows = [_trace_row(arm, label, figure, "all", settings) for figure in [*_OTHER_FIGURES, *_of_algotypes(arm)]]
    for figure in _SPLIT_FIGURES:
        rows += [_trace_row(arm, label, figure, among, settings) for among in ("solved", "unsolved")]
    return [row for row in rows if row.searches and (row.figure not in _USUALLY_ZERO or row.mean)]


_OF_ALGOTYPES = ("tried", "expansions", "credit")


def _of_algotypes(arm: Cells) -> list[str]:
    """Return the figures of each algotype: its shares of the work and of the proof, such as ``credit of closers``."""
    shown = [figures for cell in arm if (figures := arm.figures_of(cell)) is not None]
    labels = dict.fromkeys(label for figures in shown for label in figures.algotypes)
    return [f"{what} of {label}" for what in _OF_ALGOTYPES for label in labels]


def _trace_row(arm: Cells, label: str, figure: str, among: str, settings: Settings) -> TraceRow:
    values: dict[str, list[float]] = {}
    for cell in arm:
        shown = arm.figures_of(cell)
        value = None if shown is None else _value(shown, figure)
        if value is not None and among in ("all", "solved" if cell.solved else "unsolved"):
            values.setdefault(cell.theorem, []).append(value)
    rows = list(values.values())
    seed = stream(settings.seed if isinstance(settings.seed, int) else settings.seed[0], figure, label, among)
    boot = cluster_bootstrap(rows, level=settings.level, resamples=settings.bootstrap, seed=seed)
    tested = figure in _NULL_FIGURES
    flips = sign_flip([fsum(row) / len(row) for row in rows], permutations=settings.permutations, seed=seed)
    return TraceRow(
        arm=label,
        figure=figure,
        among=among,
        theorems=len(rows),
        searches=sum(map(len, rows)),
        mean=boot.estimate,
        low=boot.low,
        high=boot.high,
        null=0.0 if tested else None,
        p=flips.p if tested else None,
    )


def _value(shown: TraceFigures, figure: str) -> float | None:
    what, of, label = figure.partition(" of ")
    value: float | None
    if of:
        shares = shown.algotypes.get(label)
        value = None if shares is None else getattr(shares, what)
    else:
        value = getattr(shown, figure)
    return None if value is None else float(value)
