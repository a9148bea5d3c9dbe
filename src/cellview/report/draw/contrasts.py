"""Paired differences of arms, each with its interval, its null and its test: a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

from cellview.measures import Contrast, ContrastRow
from cellview.measures.pure.extra import library
from cellview.report.figure import Drawing
from cellview.report.style import ARM_LOOKS, GREY, INK, WASH, WIDTH_IN

__all__ = ["WORDS", "contrasts_drawing"]

WORDS = {
    "solve_rate_difference": "difference in the share solved (to the right: the arm solves more)",
    "restricted_mean_difference": "difference in iterations to the solution (to the right: the arm is slower)",
    "visits_difference": "difference in visits, where both solve (to the right: the arm needs more)",
    "log_work_ratio": "tactics tried, where both solve (to the right: the arm needs more)",
    "given_up_share_difference": "difference in the share of tickets given up",
}
"""What each measure's axis says."""

_ROW_IN, _TOP_IN, _BOTTOM_IN = 0.24, 0.30, 0.48
_NAMES_IN, _FIGURES_IN = 2.0, 1.75


def contrasts_drawing(rows: Sequence[ContrastRow]) -> Drawing:
    """Draw a panel for each measure and a line for each pair of arms.

    A filled mark is confirmatory, an open one exploratory; the shaded strip is what is too small to matter.
    """
    measures = list(dict.fromkeys(row.contrast.measure for row in rows))
    groups = [[row for row in rows if row.contrast.measure == measure] for measure in measures]
    heights = [_TOP_IN + _ROW_IN * len(group) + _BOTTOM_IN for group in groups]

    def draw(sheet: Any) -> None:
        top = sum(heights)
        for number, (measure, group) in enumerate(zip(measures, groups, strict=True)):
            top -= heights[number]
            axes = sheet.add_axes(
                (
                    _NAMES_IN / WIDTH_IN,
                    (top + _BOTTOM_IN) / sum(heights),
                    (WIDTH_IN - _NAMES_IN - _FIGURES_IN) / WIDTH_IN,
                    _ROW_IN * len(group) / sum(heights),
                )
            )
            _forest(axes, measure, group)
            _head(axes, number if len(groups) > 1 else None)

    return Drawing(sum(heights), draw)


def _forest(axes: Any, measure: str, rows: Sequence[ContrastRow]) -> None:
    smallest = next((row.sesoi for row in rows if row.sesoi is not None), None)
    if smallest is not None:
        axes.axvspan(-smallest, smallest, color=WASH, linewidth=0)
    axes.axvline(0, color=GREY, linewidth=0.8, linestyle=(0, (6, 3)))
    for place, row in enumerate(rows):
        found = row.contrast
        _mark(axes, place, found, filled=row.family != "secondary")
        axes.annotate(
            _figures(row), (1, place), xytext=(8, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", fontsize=7, color=INK,
        )  # fmt: skip
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [_names(row.contrast) for row in rows])
    axes.grid(visible=False)
    axes.grid(visible=True, axis="x")
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.06)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.02 * (high - low)), max(high, 0.02 * (high - low)))
    axes.set_xlabel(WORDS.get(measure, measure))
    ticker = library("matplotlib.ticker", "A figure")
    if measure in ("solve_rate_difference", "given_up_share_difference"):
        axes.xaxis.set_major_formatter(ticker.FuncFormatter(_per_cent))
    elif measure == "log_work_ratio":
        axes.xaxis.set_major_formatter(ticker.FuncFormatter(_times))


def _per_cent(value: float, _: int | None = None) -> str:
    sign = "" if abs(value) < 1e-9 else "+" if value > 0 else "−"
    return f"{sign}{abs(100 * value):.3g}\u2009%"


def _times(value: float, _: int | None = None) -> str:
    return f"× {exp(value):.3g}"


def _mark(axes: Any, place: int, found: Contrast, *, filled: bool) -> None:
    colour = ARM_LOOKS[0][0]
    if found.estimate is None:
        axes.annotate("no pair has this figure", (0, place), va="center", ha="center", fontsize=7, color=GREY)
        return
    if found.low is not None and found.high is not None:
        axes.plot([found.low, found.high], [place, place], color=colour, linewidth=1.6)
        axes.plot([found.low, found.high], [place, place], color=colour, linestyle="none", marker="|", markersize=6)
    axes.plot(
        [found.estimate], [place], color=colour, marker="o", markersize=5.5,
        markerfacecolor=colour if filled else "#ffffff", markeredgewidth=1.2,
    )  # fmt: skip


def _names(found: Contrast) -> str:
    arm, reference = found.arm, found.reference
    if arm.rpartition("/")[0] == reference.rpartition("/")[0]:
        reference = reference.rpartition("/")[2]
    return f"{_short(arm)} − {_short(reference)}"


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def _figures(row: ContrastRow) -> str:
    found = row.contrast
    p = "p –" if found.p is None else _p("p", found.p)
    if row.holm_p is not None:
        p = _p("Holm p", row.holm_p)
    return f"n = {found.theorems}   {p}"


def _p(name: str, value: float) -> str:
    return f"{name} < 0.001" if value < 0.001 else f"{name} = {value:.3f}"


def _head(axes: Any, number: int | None) -> None:
    if number is not None:
        axes.annotate(
            chr(ord("a") + number), (0, 1), xytext=(-_NAMES_IN * 72 + 4, 7), xycoords="axes fraction",
            textcoords="offset points", fontsize=8, fontweight="bold",
        )  # fmt: skip
