"""Why iterations ended as they did, over the time of a search."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from cellview.measures.pure.extra import library
from cellview.report.draw.panels import Panels, budget_axis, letter, share_axis
from cellview.report.figure import Drawing
from cellview.report.series import ArmSeries, edges_of
from cellview.report.style import INK, REASONS

__all__ = ["reasons_drawing"]


def reasons_drawing(series: Mapping[str, ArmSeries]) -> Drawing:
    """Draw the share of an arm's searches by the reason of their n-th iteration; what is missing to 100 % is over."""
    panels = Panels(len(series), across=2 if len(series) in (2, 4) else 3, height_in=1.75)
    seen = [name for name in REASONS if any(name in counts for arm in series.values() for counts in arm.reasons)]
    legend_in = 0.22

    def draw(sheet: Any) -> None:
        above, below = sheet.subfigures(2, 1, height_ratios=[panels.height_in, legend_in])
        last = max(len(arm.reasons) for arm in series.values())
        for number, (axes, (label, arm)) in enumerate(zip(panels.axes(above), series.items(), strict=True)):
            _stack(axes, arm, seen)
            budget_axis(axes, last + 1, label="iteration")
            share_axis(axes, "" if number % panels.columns else "share of searches")
            letter(axes, None if len(series) == 1 else number, label)
        below.legend(handles=_keys(seen), loc="center", ncols=len(seen), columnspacing=1.6, handlelength=1.5)

    return Drawing(panels.height_in + legend_in, draw)


def _stack(axes: Any, arm: ArmSeries, names: list[str]) -> None:
    edges = edges_of(len(arm.reasons))
    bottom = [0.0] * (len(edges) - 1)
    for name in names:
        _, colour, hatch = REASONS[name]
        top = list(bottom)
        for index, (first, end) in enumerate(pairwise(edges)):
            counted = sum(arm.reasons[iteration - 1][name] for iteration in range(first, end))
            top[index] += counted / (end - first) / arm.searches
        axes.stairs(top, edges, baseline=bottom, fill=True, facecolor=colour, hatch=hatch, linewidth=0)
        bottom = top
    axes.stairs(bottom, edges, color=INK, linewidth=0.8)


def _keys(names: list[str]) -> list[Any]:
    patches = library("matplotlib.patches", "A figure")
    keys: list[Any] = []
    for name in names:
        words, colour, hatch = REASONS[name]
        keys.append(patches.Patch(facecolor=colour, hatch=hatch, label=words))
    return keys
