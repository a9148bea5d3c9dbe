"""Figures are the same bytes every time, and say what they rest on."""

from __future__ import annotations

import sys
import xml.etree.ElementTree
from collections.abc import Callable

import pytest

from cellview.measures import Cells, MissingExtraError
from cellview.measures.figures import budget_figure

CellsOf = Callable[..., Cells]


def test_a_figure_is_the_same_bytes_again(cells_of: CellsOf) -> None:
    cells = cells_of({"wild_type": [[5], [9], [None]], "a": [[7], ["exhausted"], [None]]})
    first, again = budget_figure(cells), budget_figure(cells)
    assert first == again
    assert b"<dc:date>" not in first.svg
    xml.etree.ElementTree.fromstring(first.svg)
    assert cells.runs[0].digest[:12] in first.caption
    assert "3 theorems" in first.caption
    text = first.svg.decode()
    assert "wild_type" in text and "budget (iterations)" in text
    assert budget_figure(cells, ["wild_type"]).svg != first.svg


def test_a_figure_without_matplotlib_says_what_to_install(cells_of: CellsOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match="A figure needs matplotlib"):
        budget_figure(cells_of({"wild_type": [[5]]}))
