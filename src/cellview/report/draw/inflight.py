"""How many visits are under way at once, over the time of a search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from cellview.measures.pure.extra import library
from cellview.report.draw.lines import label_ends, room_for
from cellview.report.draw.panels import Panels, budget_axis
from cellview.report.figure import Drawing
from cellview.report.series import ArmSeries, edges_of
from cellview.report.style import GREY, Look, short_names

__all__ = ["FEWEST", "inflight_drawing"]

FEWEST = 5
"""A mean over fewer searches is not drawn: the last ones of a run would make the line jump."""


def inflight_drawing(series: Mapping[str, ArmSeries], windows: Mapping[str, int], looks: Mapping[str, Look]) -> Drawing:
    """Draw the mean over the searches that still run; the window is a line."""
    names = short_names(list(looks))
    panels = Panels(1, across=1, height_in=2.2, right_in=room_for(names.values()), headed=False)

    def draw(sheet: Any) -> None:
        ticker = library("matplotlib.ticker", "A figure")
        (axes,) = panels.axes(sheet)
        ends: list[tuple[float, float, str, str]] = []
        last = 1
        for label, arm in series.items():
            colour, dashes, _, name_colour = looks[label]
            points = _points(arm)
            if not points:
                continue
            times = [time for time, _ in points]
            last = max(last, len(arm.under_way))
            axes.plot(times, [mean for _, mean in points], color=colour, linestyle=dashes)
            ends.append((times[-1], points[-1][1], names[label], name_colour))
        for window in sorted(set(windows.values())):
            axes.axhline(window, color=GREY, linewidth=0.8, linestyle=(0, (6, 3)))
            axes.annotate(
                f"window {window}", (1, window), xytext=(0, 3), xycoords=("axes fraction", "data"), ha="right",
                textcoords="offset points", color=GREY, fontsize=7,
            )  # fmt: skip
        axes.yaxis.set_major_locator(ticker.MaxNLocator(6, integer=True))
        axes.set_ylim(0, max(windows.values(), default=1) * 1.12)
        axes.set_ylabel("visits under way")
        budget_axis(axes, last, label="iteration")
        label_ends(axes, ends)

    return Drawing(panels.height_in, draw)


def _points(arm: ArmSeries) -> list[tuple[float, float]]:
    """Middle of a bin, and mean."""
    points: list[tuple[float, float]] = []
    edges = edges_of(len(arm.under_way))
    for first, end in pairwise(edges):
        counts = sum((arm.under_way[iteration - 1] for iteration in range(first, end)), Counter[int]())
        if counts.total() < FEWEST * (end - first):
            continue
        mean = sum(value * count for value, count in counts.items()) / counts.total()
        points.append(((first + end - 1) / 2, mean))
    return points
