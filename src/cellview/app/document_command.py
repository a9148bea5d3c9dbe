"""``cellview report``: runs as one HTML file that needs no server, and their figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.helptext import HelpCommand
from cellview.measures import read_plan
from cellview.measures.pure.extra import library
from cellview.report import LIMIT_BYTES, Material, figures_of, report_html, write_figures
from cellview.trace import write_atomically

__all__ = ["register"]

_MIB = 2**20

_EXAMPLES = """\b
Examples:
  cellview report runs/study
  cellview report runs/free runs/frozen --plan study.toml --out study.html --figures figures
"""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    short = "Write runs as one HTML file, and their figures."
    app.command("report", cls=HelpCommand, short_help=short, epilog=_EXAMPLES)(_report)


def _report(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Folders of runs.", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The file to write; one that is there is replaced.")
    ] = Path("report.html"),
    figures: Annotated[
        Path | None, typer.Option("--figures", metavar="FOLDER", help="Write figures there as SVG, PDF and PNG, too.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="EXPERIMENT.toml", help="The preregistration, as for analyse.")
    ] = None,
    traces: Annotated[
        bool, typer.Option("--traces/--no-traces", help="Read, replay and embed the traces that the runs have kept.")
    ] = True,
    embed: Annotated[
        float,
        typer.Option("--embed-mib", metavar="MIB", help="Embed traces up to this size; the report names the others."),
    ] = LIMIT_BYTES / _MIB,
) -> int:
    """Write runs as one HTML file: results, analysis, figures, and a viewer of the searches.

    It asks nothing of any server, and opens from the disk. The same folders give the same bytes. Nothing is written
    before all of it is known.
    """
    if not 0 <= embed <= 1024:
        raise OptionError(f"--embed-mib is {embed:g}: give mebibytes from 0 to 1024.")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise OptionError(f"--out {out} is no place for a file: name a file in a folder that exists.")
    for name in ("numpy", "scipy", "matplotlib"):
        library(name, "A report")  # before all traces are replayed for nothing
    material = Material(folders, plan=None if plan is None else read_plan(plan), traces=traces)
    drawn, _ = figures_of(material)
    page = report_html(material, limit_bytes=int(embed * _MIB))
    if figures is not None:
        write_figures(figures, drawn)
    write_atomically(out, page)
    typer.echo(f"{out}: {len(page) / 1e6:.1f} MB")
    if figures is not None:
        typer.echo(f"{figures}: {', '.join(figure.name for figure in drawn)} as SVG, PDF and PNG")
    return EXIT_OK
