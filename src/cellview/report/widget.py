"""The viewer in a notebook: the same modules as in the report and on the daemon's page.

It needs the extra ``notebook``, which brings anywidget; works in JupyterLab, VS Code, Colab and marimo.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cellview.report.errors import MissingWidgetError, ReportError
from cellview.report.page.viewer import STYLESHEET, blob_loader, page_file, resource
from cellview.trace import RunFolder

__all__ = ["show_search", "show_traces", "widget_module", "widget_styles"]

MOST = 4
"""Traces side by side."""


def show_search(folder: str | Path, theorem: str, *arms: str, seed: int | None = None, height_px: int = 640) -> Any:
    """Return a widget of one search of a run, or of up to four arms of one theorem.

    Args:
        folder: The run's folder.
        theorem: The theorem.
        arms: Its arms; without any, ``wild_type``.
        seed: The seed; without one, the run's first.
        height_px: How high it is.

    Raises:
        RunFolderError: The folder is not a run's.
        ReportError: There is no trace of that search.
        MissingWidgetError: anywidget is not installed.
    """
    run = RunFolder.read(folder)
    paths = {arm: run.trace_path(theorem, arm=arm, seed=seed) for arm in arms or ("wild_type",)}
    return show_traces(paths, height_px=height_px)


def show_traces(traces: Mapping[str, str | Path], *, height_px: int = 640) -> Any:
    """Return a widget of trace files, by the names that they are to have. Raises as :func:`show_search` does."""
    if not 1 <= len(traces) <= MOST:
        raise ReportError(f"{len(traces)} traces were given: a viewer shows one to four, of one theorem.")
    texts: list[dict[str, str]] = []
    for label, path in traces.items():
        try:
            texts.append({"label": label, "text": Path(path).read_text(encoding="utf-8")})
        except (OSError, UnicodeDecodeError) as error:
            raise ReportError(
                f"The trace {path} cannot be read: {error}; was the run made with --trace-mcts?"
            ) from error
    return _widget_class()(traces=texts, height=height_px)


def widget_module() -> str:
    """Return the module that anywidget loads, with all others in it."""
    return f"{blob_loader()}\n{resource('widget.js')}"


def widget_styles() -> str:
    """Return the stylesheet that goes with it."""
    return page_file(STYLESHEET)


def _widget_class() -> Any:
    try:
        anywidget: Any = importlib.import_module("anywidget")
        traitlets: Any = importlib.import_module("traitlets")
    except ImportError as error:
        raise MissingWidgetError(
            "A viewer in a notebook needs anywidget: run pip install 'cellview[notebook]'.", name=error.name
        ) from error
    fields = {
        "_esm": widget_module(),
        "_css": widget_styles(),
        "traces": traitlets.List().tag(sync=True),
        "height": traitlets.Int().tag(sync=True),
    }
    return type("SearchViewer", (anywidget.AnyWidget,), fields)
