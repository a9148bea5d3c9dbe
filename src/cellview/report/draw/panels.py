"""Panels side by side, and the axes that several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from cellview.measures.pure.extra import library
from cellview.report.style import GREY, WIDTH_IN

__all__ = ["Panels", "budget_axis", "letter", "share_axis"]

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 0.60, 0.12, 0.27, 0.45


class Panels:
    """Up to so many panels in a row, all of one size, with letters.

    Args:
        count: Panels.
        across: At most so many side by side.
        height_in: Of one panel's axes, in inches.
        right_in: Room at the right of each panel, in inches, for labels at the ends of lines.
        headed: Whether panels have a line of text above them.
    """

    def __init__(
        self, count: int, *, across: int, height_in: float, right_in: float = _RIGHT_IN, headed: bool = True
    ) -> None:
        self.count = count
        self.columns = max(1, min(count, across))
        self.rows = max(1, ceil(count / across))
        self.panel_in = height_in
        self.right_in = right_in
        self.row_in = height_in + (_TOP_IN if headed else 0.1) + _BOTTOM_IN

    @property
    def height_in(self) -> float:
        """Of all panels together, in inches."""
        return self.rows * self.row_in

    def axes(self, sheet: Any) -> list[Any]:
        """Return the axes, from left to right and top to bottom."""
        width_in = (WIDTH_IN - _LEFT_IN * self.columns - self.right_in * self.columns) / self.columns
        made: list[Any] = []
        for number in range(self.count):
            row, column = divmod(number, self.columns)
            left = _LEFT_IN + column * (width_in + _LEFT_IN + self.right_in)
            bottom = self.height_in - (row + 1) * self.row_in + _BOTTOM_IN
            box = left / WIDTH_IN, bottom / self.height_in, width_in / WIDTH_IN, self.panel_in / self.height_in
            made.append(sheet.add_axes(box))
        return made


def letter(axes: Any, number: int | None, title: str) -> None:
    """Head a panel with its letter and what it shows; an only one has no letter."""
    if number is None:
        axes.set_title(title, color=GREY)
        return
    axes.set_title(f"{chr(ord('a') + number % 26)}", fontweight="bold")
    axes.annotate(
        title, (0, 1), xytext=(11, 5), xycoords="axes fraction", textcoords="offset points", fontsize=8, color=GREY
    )


def budget_axis(axes: Any, last: float, *, label: str = "iterations") -> None:
    """Make x an axis of iterations: logarithmic, since most of what happens in a search happens at its beginning."""
    ticker = library("matplotlib.ticker", "A figure")
    axes.set_xscale("log")
    axes.set_xlim(1, max(2.0, last))
    axes.set_xticks(_ticks(last))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(_whole))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.set_xlabel(label)


def _whole(value: float, _: int | None = None) -> str:
    return f"{value:,.0f}".replace(",", "\u2009")


def _ticks(last: float) -> Sequence[float]:
    steps = [digit * 10.0**power for power in range(8) for digit in (1, 2, 5)]
    shown = [step for step in steps if step <= last]
    return [step for step in shown if str(step)[0] == "1"] if len(shown) > 9 else shown


def share_axis(axes: Any, label: str, *, top: float = 1.0) -> None:
    """Make y an axis of shares, in per cent."""
    ticker = library("matplotlib.ticker", "A figure")
    axes.set_ylim(0, top)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(ticker.PercentFormatter(1.0, decimals=0, symbol="\u2009%"))
    axes.set_ylabel(label)
