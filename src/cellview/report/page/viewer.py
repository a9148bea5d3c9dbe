"""The viewer's modules without a server: as an import map of ``data:`` URLs, or as blobs.

The modules are files of the daemon's page, and are read as such: nothing of the daemon is imported.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from cellview.report.errors import ReportError

__all__ = ["STYLESHEET", "blob_loader", "import_map", "module_names", "page_file", "resource"]

ENTRY = "viewer.js"
STYLESHEET = "viewer.css"

_IMPORT = re.compile(r"^(?P<what>[^*\n]*\bfrom )'\./(?P<name>[\w-]+\.js)';$", re.MULTILINE)
"""Imports stand on lines of their own, as ``viewer.js`` promises; those in comments have a star before them."""


def page_file(name: str) -> str:
    """Return a file of the page.

    Raises:
        ReportError: Cellview was installed without it.
    """
    path = _folder() / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ReportError(
            f"The viewer's file {path} cannot be read: {error.strerror}; install Cellview anew."
        ) from error


def resource(name: str) -> str:
    """Return a file of the report's own."""
    return files("cellview.report.page").joinpath(name).read_text(encoding="utf-8")


@cache
def _folder() -> Path:
    spec = find_spec("cellview.daemon")  # which imports nothing of it
    if spec is None or not spec.submodule_search_locations:
        raise ReportError("Cellview is installed without its daemon's page, which holds the viewer: install it anew.")
    return Path(next(iter(spec.submodule_search_locations))) / "page"


@cache
def module_names() -> tuple[str, ...]:
    """Return the viewer's modules, each after those that it imports.

    Raises:
        ReportError: A file is missing, or modules import each other in a circle.
    """
    done: dict[str, None] = {}
    _visit(ENTRY, (), done)
    return tuple(done)


def _visit(name: str, above: tuple[str, ...], done: dict[str, None]) -> None:
    if name in above:
        raise ReportError(f"The viewer's modules import each other in a circle: {' → '.join((*above, name))}.")
    if name in done:
        return
    for match in _IMPORT.finditer(page_file(name)):
        _visit(match["name"], (*above, name), done)
    done[name] = None


def import_map() -> dict[str, str]:
    """Return the entries of an import map: ``cellview/view.js`` to its text, as a URL."""
    return {f"cellview/{name}": _data_url(_rewritten(name)) for name in module_names()}


def _rewritten(name: str) -> str:
    return _IMPORT.sub(r"\g<what>'cellview/\g<name>';", page_file(name))


def blob_loader() -> str:
    """Return JavaScript that defines ``load()``: it makes a blob of each module, and resolves with the viewer.

    For places that have no import map of their own, such as a notebook. A module that two others import has one URL, so
    there is one instance of it; nested ``data:`` URLs would need the text of each module once for every importer.
    """
    texts = [[name, page_file(name)] for name in module_names()]
    return resource("loader.js").replace("MODULES", json.dumps(texts))


def _data_url(text: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(text.encode()).decode()
