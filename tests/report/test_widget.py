"""The widget without a notebook: what it is made of, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cellview.report import ReportError
from cellview.report.errors import MissingWidgetError
from cellview.report.widget import show_search, show_traces, widget_module, widget_styles


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_widget_holds_its_traces_and_the_viewer(study: Path) -> None:
    pytest.importorskip("anywidget", reason="anywidget is missing: it is in the extra notebook")
    widget: Any = show_search(study, "t3", "wild_type", "block_t1", seed=1, height_px=500)
    assert [trace["label"] for trace in widget.traces] == ["wild_type", "block_t1"]
    assert widget.traces[0]["text"] == (study / "t3" / "wild_type@1_mcts_trace.jsonl").read_text(encoding="utf-8")
    assert widget.height == 500
    assert str(widget._esm) == widget_module() and str(widget._css) == widget_styles()


def test_the_module_is_one_text_without_imports_from_elsewhere() -> None:
    text = widget_module()
    assert text.count("export default { render };") == 1 and "MODULES" not in text.replace("const modules", "")
    assert not any(line.startswith("import ") for line in text.splitlines())
    assert ".cv {" in widget_styles()


def test_what_cannot_be_shown_is_told(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReportError, match="--trace-mcts"):
        show_search(study, "no_such")
    with pytest.raises(ReportError, match="one to four"):
        show_traces({})
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MissingWidgetError, match=r"cellview\[notebook\]"):
        show_search(study, "t3")
