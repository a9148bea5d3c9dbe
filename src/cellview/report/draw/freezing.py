"""How the share solved falls as more nodes freeze, beside what would be solved if nothing made up for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cellview.measures import FreezingTable
from cellview.measures.pure.extra import library
from cellview.report.draw.lines import label_ends
from cellview.report.draw.panels import Panels, share_axis
from cellview.report.figure import Drawing
from cellview.report.style import ARM_LOOKS, GREY, Look

__all__ = ["freezing_drawing", "name_of"]


def freezing_drawing(tables: Sequence[FreezingTable]) -> Drawing:
    """Draw a line for each policy, with intervals, and the null of no compensation where one can be had."""
    panels = Panels(1, across=1, height_in=2.4, right_in=1.6, headed=False)

    def draw(sheet: Any) -> None:
        (axes,) = panels.axes(sheet)
        ends: list[tuple[float, float, str, str]] = []
        furthest = 0.0
        for number, table in enumerate(tables):
            look = ARM_LOOKS[number % len(ARM_LOOKS)]
            rows = [row for row in table.rows if row.solve_rate is not None]
            shift = number - (len(tables) - 1) / 2
            ends += _line(axes, table, look, shift)
            furthest = max([furthest, *(row.fraction for row in rows)])
        axes.set_xlim(-0.02 * furthest, 1.03 * furthest)
        ticker = library("matplotlib.ticker", "A figure")
        axes.xaxis.set_major_formatter(ticker.FuncFormatter(_per_cent))
        axes.set_xlabel("nodes frozen")
        share_axis(axes, "share solved")
        label_ends(axes, ends)

    return Drawing(panels.height_in, draw)


def _per_cent(value: float, _: int | None = None) -> str:
    return f"{100 * value:.3g}\u2009%"


def _line(axes: Any, table: FreezingTable, look: Look, shift: float) -> list[tuple[float, float, str, str]]:
    colour, dashes, marker, name_colour = look
    rows = [row for row in table.rows if row.solve_rate is not None]
    axes.plot(
        [row.fraction for row in rows], [row.solve_rate for row in rows], color=colour, linestyle=dashes,
        marker=marker, markersize=4.5, clip_on=False, zorder=3,
    )  # fmt: skip
    for row in rows:
        if row.low is not None and row.high is not None:
            axes.plot([row.fraction + 0.002 * shift] * 2, [row.low, row.high], color=colour, linewidth=1.1)
    ends = [(rows[-1].fraction, rows[-1].solve_rate or 0.0, name_of(table), name_colour)] if rows else []
    null = [(row.fraction, row.no_compensation) for row in rows if row.no_compensation is not None]
    if null:
        null = [(row.fraction, row.solve_rate or 0.0) for row in rows if row.fraction == 0] + null
        axes.plot([x for x, _ in null], [y for _, y in null], color=GREY, linestyle=(0, (1, 1.5)), linewidth=1.2)
        ends.append((null[-1][0], null[-1][1], "no compensation", GREY))
    return ends


def name_of(table: FreezingTable) -> str:
    """Return what a policy is called: for how long nodes freeze, and what agents do there."""
    return f"{'for good' if table.permanent else 'for a time'}, {'reroute' if table.reroute else 'no reroute'}"
