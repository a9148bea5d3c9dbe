"""How many theorems are solved within a budget, arm by arm, beside what exchanging the arms would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cellview.measures import CurveBand, exchange_band, stream, theorem_band
from cellview.measures.pure.bands import Ends
from cellview.measures.pure.cells import Cells
from cellview.measures.pure.survival import incidence
from cellview.report.draw.lines import label_ends, room_for
from cellview.report.draw.panels import Panels, budget_axis, letter, share_axis
from cellview.report.figure import Drawing
from cellview.report.style import FAINT, GREY, WASH, Look, short_names

__all__ = ["BudgetPanel", "budget_drawing", "budget_panels", "curve_of"]

_RESAMPLES = 1999
"""For a band that is drawn; a figure in a table uses the analysis' own, larger number."""


class BudgetPanel(msgspec.Struct, frozen=True):
    """The curves of one panel, and the band of the null."""

    title: str
    curves: tuple[tuple[str, CurveBand], ...]
    banded: tuple[str, ...]
    """Those whose own band is drawn: each arm's once, since three bands in one panel cannot be told apart."""
    null: CurveBand | None
    horizon: int
    faint: tuple[CurveBand, ...] = ()
    """Curves of other arms, to see this one among them."""


def curve_of(cells: Cells, label: str, seed: int) -> CurveBand:
    """Return an arm's curve and its pointwise band.

    With one seed for each theorem the band is the log-log interval of :func:`~cellview.measures.incidence`, with more
    it is a bootstrap over theorems.
    """
    rows, horizon = _rows(cells.of(label)), max(1, cells.of(label).runs[0].budget)
    ends = list(rows.values())
    if any(len(row) > 1 for row in ends):
        return theorem_band(ends, horizon, resamples=_RESAMPLES, seed=stream(seed, "budget", label))
    curve = incidence([time for ((time, _),) in ends], [how for ((_, how),) in ends], horizon)
    low = [value if bound is None else bound for bound, value in zip(curve.low, curve.values, strict=True)]
    high = [value if bound is None else bound for bound, value in zip(curve.high, curve.values, strict=True)]
    return CurveBand(curve.times, curve.values, tuple(low), tuple(high))


def budget_panels(cells: Cells, compared: Sequence[tuple[str, str]], seed: int) -> list[BudgetPanel]:
    """Return a panel for each compared pair, with its null; arms that are compared with nothing share one panel.

    Args:
        cells: The searches.
        compared: Pairs of arm and reference.
        seed: Of the bands.
    """
    panels: list[BudgetPanel] = []
    labels = [label for label in cells.labels() if cells.of(label).by_theorem()]
    pairs = [(arm, reference) for arm, reference in compared if arm in labels and reference in labels]
    for arm, reference in pairs:
        one, other = _rows(cells.of(arm)), _rows(cells.of(reference))
        shared = [theorem for theorem in one if theorem in other]
        horizon = max(1, min(cells.of(arm).runs[0].budget, cells.of(reference).runs[0].budget))
        ends = [one[theorem] for theorem in shared], [other[theorem] for theorem in shared]
        draws = stream(seed, "exchange", arm, reference)
        null = exchange_band(*ends, horizon, permutations=_RESAMPLES, seed=draws) if shared else None
        curves = tuple((label, curve_of(cells, label, seed)) for label in (reference, arm))
        panels.append(BudgetPanel(f"{arm} against {_short_reference(arm, reference)}", curves, (arm,), null, horizon))
    return [*_uncompared(cells, [label for label in labels if label not in {arm for arm, _ in pairs}], seed), *panels]


def _uncompared(cells: Cells, labels: Sequence[str], seed: int) -> list[BudgetPanel]:
    """The references, and arms that are compared with nothing: together, or one by one among the others."""
    curves = {label: curve_of(cells, label, seed) for label in labels}
    horizon = max((cells.of(label).runs[0].budget for label in labels), default=1)
    if len(labels) in (1, 2):
        title = " and ".join(labels)
        return [BudgetPanel(title, tuple(curves.items()), tuple(labels), None, horizon)]
    return [
        BudgetPanel(
            label, ((label, curves[label]),), (label,), None, horizon,
            tuple(curve for other, curve in curves.items() if other != label),
        )
        for label in labels
    ]  # fmt: skip


def budget_drawing(shown: Sequence[BudgetPanel], looks: Mapping[str, Look]) -> Drawing:
    """Draw the panels."""
    alone = len(shown) == 1
    named = any(len(panel.curves) > 1 for panel in shown)
    names = short_names(list(looks))
    panels = Panels(
        len(shown),
        across=1 if alone else 2 if named else 3,
        height_in=2.4 if alone else 2.0,
        right_in=room_for(names.values()) if named else 0.12,
    )

    def draw(sheet: Any) -> None:
        for number, (axes, panel) in enumerate(zip(panels.axes(sheet), shown, strict=True)):
            _draw(axes, panel, looks)
            share_axis(axes, "" if number % panels.columns else "share solved")
            letter(axes, None if alone else number, panel.title)
            if named:
                _label(axes, panel, looks, names)

    return Drawing(panels.height_in, draw)


def _draw(axes: Any, panel: BudgetPanel, looks: Mapping[str, Look]) -> None:
    budget_axis(axes, panel.horizon, label="budget (iterations)")
    if panel.null is not None:
        times, low = _steps(panel.null, panel.null.low, panel.horizon)
        _, high = _steps(panel.null, panel.null.high, panel.horizon)
        axes.fill_between(times, low, high, step="post", color=WASH, linewidth=0)
        for edge in (low, high):
            axes.step(times, edge, where="post", color=GREY, linewidth=0.5, linestyle=(0, (1, 1.5)))
    for curve in panel.faint:
        axes.step(*_steps(curve, curve.values, panel.horizon), where="post", color=FAINT, linewidth=0.8)
    for name, curve in panel.curves:
        colour, dashes, _, _ = looks[name]
        times, values = _steps(curve, curve.values, panel.horizon)
        if name in panel.banded:
            _, low = _steps(curve, curve.low, panel.horizon)
            _, high = _steps(curve, curve.high, panel.horizon)
            axes.fill_between(times, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
        axes.step(times, values, where="post", color=colour, linestyle=dashes)


def _label(axes: Any, panel: BudgetPanel, looks: Mapping[str, Look], names: Mapping[str, str]) -> None:
    ends = [
        (float(panel.horizon), curve.values[-1] if curve.values else 0.0, names[name], looks[name][3])
        for name, curve in panel.curves
    ]
    label_ends(axes, ends)


def _short_reference(arm: str, reference: str) -> str:
    run, slash, name = reference.rpartition("/")
    return name if arm.startswith(f"{run}{slash}") else reference


def _rows(arm: Cells) -> dict[str, Ends]:
    return {
        theorem: [(float(cell.iterations), cell.status) for cell in row] for theorem, row in arm.by_theorem().items()
    }


def _steps(curve: CurveBand, values: Sequence[float], horizon: int) -> tuple[list[float], list[float]]:
    """From the first iteration, where nothing may be solved yet, to the horizon."""
    last = values[-1] if values else 0.0
    return [0.5, *curve.times, float(horizon)], [0.0, *values, last]
