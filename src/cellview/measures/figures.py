"""Figures of an analysis, byte for byte the same every time: SVG, each with the digests that it rests on.

matplotlib writes a date and random ids into its SVGs unless told not to; `svg.hashsalt` is another one for each figure,
or the ids of two figures on one page would collide.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import msgspec

from cellview.measures.pure.cells import Cells
from cellview.measures.pure.extra import library
from cellview.measures.pure.survival import Curve, incidence
from cellview.measures.pure.tables import Analysis

__all__ = ["Figure", "budget_figure", "contrast_figure", "freezing_figure"]

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""Wong's palette (2011), which colour-blind readers tell apart; lines differ in style as well."""

_STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))


class Figure(msgspec.Struct, frozen=True):
    """A drawing and what it shows."""

    name: str
    svg: bytes
    caption: str
    """What is drawn, from how many theorems, and the digests of the runs."""


def budget_figure(cells: Cells, labels: Sequence[str] | None = None) -> Figure:
    """Draw the share of theorems solved within a budget of iterations, with pointwise intervals.

    Budget on x, share on y (an empirical distribution, not a cactus plot). With several seeds for a theorem the share
    is of searches, and no interval is drawn, since rows are then no independent cases.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    shown = list(labels or cells.labels())

    def draw(axes: Any) -> None:
        for number, label in enumerate(shown):
            arm = cells.of(label)
            kept = arm.by_theorem()
            counted = [cell for row in kept.values() for cell in row]
            horizon = arm.runs[0].budget
            curve = incidence([cell.iterations for cell in counted], [cell.status for cell in counted], horizon)
            times = [0.0, *curve.times, float(horizon)]
            colour, style = _COLOURS[number % len(_COLOURS)], _STYLES[number % len(_STYLES)]
            axes.step(times, _stretched(curve.values), where="post", color=colour, linestyle=style, label=label)
            if all(len(row) == 1 for row in kept.values()):
                low, high = _bounds(curve)
                axes.fill_between(times, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
        axes.set_xlabel("budget (iterations)")
        axes.set_ylabel("share solved")
        axes.set_ylim(0, 1)
        axes.set_xlim(left=0)
        axes.legend(loc="lower right", frameon=False)

    theorems = len({cell.theorem for cell in cells})
    return Figure(
        "budget", _svg("budget", draw), f"Share solved within a budget, {theorems} theorems. {_source(cells)}"
    )


def _stretched(values: Sequence[float]) -> list[float]:
    """From 0 at the start to the last value at the horizon."""
    return [0.0, *values, values[-1] if values else 0.0]


def _bounds(curve: Curve) -> tuple[list[float], list[float]]:
    """The interval, without width where there is none."""
    low = [value if bound is None else bound for bound, value in zip(curve.low, curve.values, strict=True)]
    high = [value if bound is None else bound for bound, value in zip(curve.high, curve.values, strict=True)]
    return _stretched(low), _stretched(high)


def contrast_figure(analysis: Analysis) -> Figure:
    """Draw the difference in solve rate of each contrast, with its interval.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    rows = [row.contrast for row in analysis.contrasts if row.contrast.measure == "solve_rate_difference"]

    def draw(axes: Any) -> None:
        for number, row in enumerate(rows):
            if row.estimate is None:
                continue
            if row.low is not None and row.high is not None:
                axes.plot([row.low, row.high], [number, number], color=_COLOURS[0], linewidth=2)
            axes.plot([row.estimate], [number], marker="o", color=_COLOURS[0])
        axes.axvline(0, color="0.5", linewidth=0.8)
        axes.set_yticks(range(len(rows)), [f"{row.arm} − {row.reference}" for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel("difference in solve rate, 95 % interval")

    digests = ", ".join(run.run_digest[:12] for run in analysis.runs)
    caption = f"{analysis.title}. Difference in solve rate by arm. Runs {digests}."
    return Figure("contrasts", _svg("contrasts", draw, height=1.2 + 0.4 * max(1, len(rows))), caption)


def freezing_figure(analysis: Analysis) -> Figure:
    """Draw solve rate over the fraction of frozen nodes, beside the null of no compensation.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """

    def draw(axes: Any) -> None:
        for number, table in enumerate(analysis.freezing):
            rows = [row for row in table.rows if row.solve_rate is not None]
            colour = _COLOURS[number % len(_COLOURS)]
            name = f"{'permanent' if table.permanent else 'thawing'}, {'reroute' if table.reroute else 'no reroute'}"
            axes.plot(
                [row.fraction for row in rows], [row.solve_rate for row in rows], marker="o", color=colour, label=name
            )
            for row in rows:
                if row.low is not None and row.high is not None:
                    axes.plot([row.fraction] * 2, [row.low, row.high], color=colour, linewidth=0.8)
            null = [(row.fraction, row.no_compensation) for row in rows if row.no_compensation is not None]
            if null:
                axes.plot(
                    [fraction for fraction, _ in null], [rate for _, rate in null], linestyle=":", color=colour,
                    label="no compensation",
                )  # fmt: skip
        axes.set_xlabel("fraction of nodes frozen")
        axes.set_ylabel("share solved")
        axes.set_ylim(0, 1)
        axes.legend(loc="best", frameon=False)

    digests = ", ".join(run.run_digest[:12] for run in analysis.runs)
    return Figure("freezing", _svg("freezing", draw), f"{analysis.title}. Tolerance of frozen nodes. Runs {digests}.")


def _source(cells: Cells) -> str:
    return "Runs " + ", ".join(f"{run.name} {run.digest[:12]}" for run in cells.runs) + "."


def _svg(name: str, draw: Callable[[Any], None], *, height: float | None = None) -> bytes:
    matplotlib = library("matplotlib", "A figure")
    figure_module = library("matplotlib.figure", "A figure")
    width = 6.0
    # svg.fonttype none: text stays text, so that no glyph outlines depend on the fonts of this machine.
    with matplotlib.rc_context(
        {"svg.hashsalt": f"cellview {name}", "svg.fonttype": "none", "font.family": "sans-serif"}
    ):
        figure = figure_module.Figure(figsize=(width, height or width / sqrt(2)), layout="tight")
        draw(figure.add_subplot())
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
