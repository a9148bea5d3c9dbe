"""Work that is done beside the daemon, in a process of its own each time: trees rebuilt, figures drawn, claims asked.

Such work takes memory and seconds, and runs a database and a plotting library on what people ask. There it can neither
hold up the daemon's event loop nor take the daemon down with it: a process that needs too much is ended.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

__all__ = [
    "MOST_ROWS",
    "STATUS_REFUSED",
    "AskClaims",
    "BuildTree",
    "DrawFigure",
    "Errand",
    "ListFigures",
    "Refused",
    "SumUp",
]

STATUS_REFUSED: Final = 3
"""The errand's process ends with it when there is a :class:`Refused` instead of an answer."""

MOST_ROWS: Final = 10_000
"""Of an answer to a query."""


class BuildTree(msgspec.Struct, frozen=True, kw_only=True, tag="build_tree"):
    """Rebuild the tree of a search from its trace, as it was after an iteration (``None``: after the last one).

    `folder` is the run folder, `search` the search's number in the plan.
    """

    folder: str
    search: int
    at: int | None


class AskClaims(msgspec.Struct, frozen=True, kw_only=True, tag="ask_claims"):
    """Ask the claims of a run: those in its database if it has one, otherwise those that its results amount to."""

    folder: str
    sql: str
    deadline_s: float
    memory_mb: int


class ListFigures(msgspec.Struct, frozen=True, kw_only=True, tag="list_figures"):
    """Say which figures there are of a run, and why the others are not there."""

    folder: str


class SumUp(msgspec.Struct, frozen=True, kw_only=True, tag="sum_up"):
    """Say how each arm of a run has done, with intervals."""

    folder: str


class DrawFigure(msgspec.Struct, frozen=True, kw_only=True, tag="draw_figure"):
    """Draw a figure of a run, as SVG."""

    folder: str
    name: str


class Refused(msgspec.Struct, frozen=True):
    """Why an errand came to nothing, in one sentence; `missing`: because there is no such file."""

    detail: str
    missing: bool = False


Errand: TypeAlias = BuildTree | AskClaims | SumUp | ListFigures | DrawFigure
