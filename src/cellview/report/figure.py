"""A figure as a file: SVG, PDF or PNG, byte for byte the same every time, and with the digests that it rests on.

matplotlib writes dates and random ids into files unless told not to. `svg.hashsalt` is another one for each figure, or
the ids of two figures on one page would collide.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from cellview.measures.pure.extra import library
from cellview.report.style import FOOT_IN, GREY, HEAD_IN, RC, WIDTH_IN

__all__ = ["KINDS", "Drawing", "Figure", "Kind", "Source"]

Kind: TypeAlias = Literal["svg", "pdf", "png"]

KINDS: tuple[Kind, ...] = ("svg", "pdf", "png")

PNG_DPI = 300
"""Dots for each inch of a PNG, which is what journals ask of a drawing with half-tones."""


_one_at_a_time = threading.Lock()
"""matplotlib's settings are the process's, and a server may draw in several threads."""


class Source(msgspec.Struct, frozen=True):
    """One run that a figure was made from."""

    run: str
    digest: str
    """SHA-256 over its searches' trace digests: see `cellview.measures.run_digest`."""


class Drawing(msgspec.Struct, frozen=True):
    """What is drawn, and on how much paper."""

    height_in: float
    """Inches, without title and digest line."""
    draw: Callable[[Any], None]
    """Given an empty matplotlib `SubFigure`."""


class Figure(msgspec.Struct, frozen=True):
    """One figure of a report."""

    name: str
    title: str
    caption: str
    """What is drawn and how to read it, from how many cases, and by which formula."""
    sources: tuple[Source, ...]
    software: str
    """Cellview's version, as it stands in the runs."""
    drawing: Drawing

    @property
    def digest_line(self) -> str:
        """The runs and the beginnings of their digests, as printed under the drawing."""
        return f"{_listed(self.sources)} · {self.software}"

    def render(self, kind: Kind, *, framed: bool = True) -> bytes:
        """Draw it; the same bytes for the same figure and version of matplotlib, in any process.

        Args:
            kind: The format.
            framed: Whether title and digest line are drawn; a page that has both as text leaves them out.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        matplotlib = library("matplotlib", "A figure")
        figures = library("matplotlib.figure", "A figure")
        out = io.BytesIO()
        with _one_at_a_time, matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update({**RC, "svg.hashsalt": f"cellview {self.name}"})
            if framed:
                whole = figures.Figure(figsize=(WIDTH_IN, self.drawing.height_in + HEAD_IN + FOOT_IN))
                self._compose(whole)
            else:
                whole = figures.Figure(figsize=(WIDTH_IN, self.drawing.height_in))
                self.drawing.draw(whole.subfigures(1, 1))
            whole.savefig(out, format=kind, metadata=self._metadata(kind), dpi=PNG_DPI)
        return out.getvalue()

    def _compose(self, whole: Any) -> None:
        heights = [HEAD_IN, self.drawing.height_in, FOOT_IN]
        total = sum(heights)
        parts = whole.subfigures(3, 1, height_ratios=heights)
        self.drawing.draw(parts[1])
        # Absolute places for title and foot: the layout of what lies between must not depend on their length.
        whole.text(0.008, 1 - 0.06 / total, self.title, fontsize=9.5, fontweight="bold", va="top", ha="left")
        whole.text(0.008, 0.05 / total, self.digest_line, fontsize=6, color=GREY, va="bottom", ha="left")

    def _metadata(self, kind: Kind) -> dict[str, Any]:
        digests = [f"{source.run} {source.digest}" for source in self.sources]
        said = f"{self.caption} Runs: {'; '.join(digests)}. {self.software}."
        if kind == "svg":
            return {"Title": self.title, "Description": said, "Source": "; ".join(digests), "Date": None}
        if kind == "pdf":
            keywords = "; ".join(digests)
            return {
                "Title": self.title, "Subject": said, "Keywords": keywords, "Creator": "Cellview",
                "CreationDate": None,
            }  # fmt: skip
        return {"Title": self.title, "Description": said, "Source": "; ".join(digests), "Software": None}


_MOST = 6
"""Runs named under a figure; the metadata name all."""


def _listed(sources: Sequence[Source]) -> str:
    named = [f"{source.run} {source.digest[:12]}" for source in sources[:_MOST]]
    left = len(sources) - len(named)
    runs = f"{'runs' if len(sources) > 1 else 'run'} {', '.join(named)}"
    return f"{runs} and {left} more" if left else runs
