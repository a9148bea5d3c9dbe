"""Names at the ends of lines, which need no legend and no colour to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cellview.measures.pure.extra import library

__all__ = ["label_ends", "room_for", "spread"]

_APART_PT = 9.5
_LONGEST = 24


def room_for(names: Iterable[str]) -> float:
    """Return how many inches the longest of these names takes at the end of its line."""
    return 0.16 + 0.057 * min(_LONGEST, max((len(name) for name in names), default=0))


def label_ends(axes: Any, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Write each line's name to the right of the axes, at the height of the line's end, none over another.

    Args:
        axes: The axes, their limits set.
        ends: Of each line: x and y of its end, its name and the colour of the name.
    """
    if not ends:
        return
    box = axes.get_window_extent()
    height_pt = box.height * 72 / axes.figure.dpi
    low, high = axes.get_ylim()
    ordered = sorted(ends, key=lambda end: (end[1], end[2]))
    wanted = [(y - low) / (high - low) * height_pt for _, y, *_ in ordered]
    for (x, y, name, colour), place in zip(ordered, spread(wanted, _APART_PT), strict=True):
        axes.annotate(
            _short(name), (x, y), xytext=(1, place / height_pt), textcoords=_right_of(axes), color=colour,
            va="center", ha="left", fontsize=7, annotation_clip=False,
        )  # fmt: skip


def spread(places: Sequence[float], apart: float) -> list[float]:
    """Move places, given in ascending order, as little as needed so that none is nearer to another than `apart`.

    >>> spread([0.0, 1.0, 20.0], 10)
    [-4.5, 5.5, 20.0]
    """
    groups: list[tuple[float, int]] = []
    for place in places:
        mean, size = place, 1
        while groups:
            last, number = groups[-1]
            if last + (number - 1) * apart / 2 + apart <= mean - (size - 1) * apart / 2:
                break
            groups.pop()
            mean, size = (last * number + mean * size) / (number + size), number + size
        groups.append((mean, size))
    return [mean + (index - (size - 1) / 2) * apart for mean, size in groups for index in range(size)]


def _right_of(axes: Any) -> Any:
    transforms = library("matplotlib.transforms", "A figure")
    return axes.transAxes + transforms.ScaledTranslation(5 / 72, 0, axes.figure.dpi_scale_trans)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
