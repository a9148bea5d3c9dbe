"""Figures into a folder: all of them, or an error and none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cellview.report.errors import ReportError
from cellview.report.figure import KINDS, Figure
from cellview.trace import write_atomically

__all__ = ["write_figures"]


def write_figures(folder: str | Path, figures: Sequence[Figure]) -> list[tuple[Path, Figure]]:
    """Write each figure as SVG, PDF and PNG, called after its name; return the path of each SVG with its figure.

    Everything is drawn before the first file is written, so that an error leaves the folder as it was.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ReportError: The folder cannot be made.
        TraceWriteError: The file system refuses a file.
    """
    folder = Path(folder)
    files = {folder / f"{figure.name}.{kind}": figure.render(kind) for figure in figures for kind in KINDS}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    for path, data in files.items():
        write_atomically(path, data)
    return [(folder / f"{figure.name}.svg", figure) for figure in figures]
