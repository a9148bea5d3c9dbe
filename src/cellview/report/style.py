"""How figures look: sizes, colours, lines and hatches, chosen to survive a black-and-white printer and a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

__all__ = [
    "ARM_LOOKS",
    "FAINT",
    "FOOT_IN",
    "GREY",
    "HEAD_IN",
    "INK",
    "RC",
    "REASONS",
    "REFERENCE",
    "RULE",
    "WASH",
    "WIDTH_IN",
    "Look",
    "looks_of",
    "short_names",
]

WIDTH_IN: Final = 7.09
"""180 mm: both columns of a journal's page."""

HEAD_IN: Final = 0.26
FOOT_IN: Final = 0.20
"""Inches for the title and for the line of digests."""

INK: Final = "#1b1b1b"
GREY: Final = "#5f5f5f"
FAINT: Final = "#b5b5b5"
RULE: Final = "#d9d9d9"
WASH: Final = "#ececec"
"""Text and axes; secondary text, 6:1 on white; lines of context; grid lines; areas behind everything."""

Look: TypeAlias = "tuple[str, Any, str, str]"
"""Colour, dashes, marker, and the colour of its name: the same hue at 4.5:1 on white or more."""

ARM_LOOKS: Final[tuple[Look, ...]] = (
    ("#0072b2", "-", "o", "#0072b2"),
    ("#d55e00", (0, (5, 1.5)), "s", "#ad4c00"),
    ("#009e73", (0, (4, 1.2, 1, 1.2)), "^", "#00785a"),
    ("#cc79a7", (0, (1, 1)), "D", "#a0447a"),
    ("#56b4e9", (0, (7, 1.5, 1, 1.5, 1, 1.5)), "v", "#1b74a5"),
    ("#e69f00", (0, (2.5, 1)), "P", "#8a6000"),
)
"""Okabe & Ito's colours (2008), the yellow left out for it cannot be seen on white; dashes and markers tell them apart
where there is no colour."""

REFERENCE: Final[Look] = (INK, "-", "o", INK)
"""The arm that others are compared with, in every figure."""

REASONS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "expanded": ("expanded", "#56b4e9", ""),
        "no_expansion": ("nothing new", "#d3d8e0", "/////"),
        "terminal_node": ("solved meanwhile", "#009e73", "\\\\\\\\\\"),
        "dead_node": ("dead meanwhile", "#d55e00", "+++++"),
        "no_goal": ("no goal", "#ececec", ""),
        "blocked": ("blocked", "#e69f00", "xxxxx"),
        "delayed": ("delayed", "#f0e442", "....."),
        "adapter_error": ("prover failed", "#cc79a7", "|||||"),
        "provider_error": ("provider failed", "#cc79a7", "-----"),
    }
)
"""Of each reason of an iteration: words, colour, hatch; in the order in which they are stacked. The viewer has the same
colours."""

RC: Final[Mapping[str, Any]] = MappingProxyType(
    {
        # Text stays text in an SVG: it can be searched, read aloud, and no outline depends on this machine's fonts.
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "font.family": ["DejaVu Sans"],
        "font.size": 7.5,
        "axes.titlesize": 8,
        "axes.titleweight": "normal",
        "axes.titlelocation": "left",
        "axes.titlepad": 5,
        "axes.labelsize": 7.5,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": RULE,
        "grid.linewidth": 0.5,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "xtick.minor.size": 1.5,
        "xtick.major.width": 0.6,
        "xtick.minor.width": 0.4,
        "lines.linewidth": 1.3,
        "lines.solid_capstyle": "butt",
        "patch.linewidth": 0,
        "hatch.linewidth": 0.3,
        "hatch.color": INK,
        "legend.frameon": False,
        "legend.fontsize": 7,
        "legend.handlelength": 2.6,
        "figure.facecolor": "#ffffff",
        "savefig.facecolor": "#ffffff",
        "axes.facecolor": "none",
        "path.simplify": False,
    }
)
"""matplotlib's settings while a figure is drawn; the user's own are put aside, for no file may depend on them."""


def looks_of(labels: Sequence[str]) -> dict[str, Look]:
    """Return how each arm is drawn, in every figure of a report alike.

    An only wild type is the reference of all, and black; several of them are arms like others.
    """
    wild = [label for label in labels if label.rpartition("/")[2] == "wild_type"]
    reference = wild[0] if len(wild) == 1 else None
    coloured = [label for label in labels if label != reference]
    looks: dict[str, Look] = {label: ARM_LOOKS[number % len(ARM_LOOKS)] for number, label in enumerate(coloured)}
    return looks if reference is None else {reference: REFERENCE, **looks}


def short_names(labels: Sequence[str]) -> dict[str, str]:
    """Return what to call arms where there is little room: without the run or the arm that all of them share.

    >>> short_names(["frozen-0/wild_type", "frozen-0.1/wild_type"])
    {'frozen-0/wild_type': 'frozen-0', 'frozen-0.1/wild_type': 'frozen-0.1'}
    >>> short_names(["a/wild_type", "b/block_simp"])
    {'a/wild_type': 'a/wild_type', 'b/block_simp': 'b/block_simp'}
    """
    parts = {label: label.rpartition("/") for label in labels}
    runs, arms = {run for run, _, _ in parts.values()}, {arm for _, _, arm in parts.values()}
    if len(runs) == 1:
        return {label: arm for label, (_, _, arm) in parts.items()}
    if len(arms) == 1:
        return {label: run for label, (run, _, _) in parts.items()}
    return {label: label for label in labels}
