"""The figures of a report by name: what each shows, of which searches, by which formula.

`docs/reference/figures.md` says the same at more length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cellview.measures import Settings, stream
from cellview.report.draw.agents import AgentShare, agent_shares, agents_drawing
from cellview.report.draw.budget import budget_drawing, budget_panels
from cellview.report.draw.contrasts import contrasts_drawing
from cellview.report.draw.freezing import freezing_drawing
from cellview.report.draw.inflight import FEWEST, inflight_drawing
from cellview.report.draw.reasons import reasons_drawing
from cellview.report.errors import NoFigureError
from cellview.report.figure import Drawing, Figure
from cellview.report.material import Material
from cellview.report.series import ArmSeries
from cellview.report.style import looks_of

__all__ = ["FIGURES", "figure_of", "figure_svg", "figures_of"]


def figure_svg(folder: str | Path | Iterable[str | Path], name: str) -> bytes:
    """Return one figure of one run folder, or of several, as SVG.

    Raises:
        NoFigureError: There is no figure of that name, or the runs have nothing that it could show.
        RunFolderError: A folder is not a run's, or damaged.
        MissingExtraError: The extra ``measures`` is not installed.
    """
    return figure_of(Material(folder), name).render("svg")


def figure_of(material: Material, name: str) -> Figure:
    """Return one figure of runs. Raises as :func:`figure_svg` does."""
    make = FIGURES.get(name)
    if make is None:
        raise NoFigureError(f"There is no figure {name}: the figures are {', '.join(FIGURES)}.")
    return make(material)


def figures_of(material: Material) -> tuple[list[Figure], dict[str, str]]:
    """Return all figures that the runs have something for, and by name why the others are not there."""
    figures: list[Figure] = []
    absent: dict[str, str] = {}
    for name in FIGURES:
        try:
            figures.append(figure_of(material, name))
        except NoFigureError as error:
            absent[name] = str(error)
    return figures, absent


def _budget(material: Material) -> Figure:
    cells, labels = material.cells, material.labels
    panels = budget_panels(cells, material.compared, material.settings.seed)
    if not panels:
        raise NoFigureError("No search can be counted, so that there is no budget curve.")
    several = any(len(row) > 1 for row in cells.by_theorem().values())
    band = "pointwise 95 % bands by bootstrap over theorems" if several else "pointwise 95 % log-log bands"
    null = ""
    if any(panel.null is not None for panel in panels):
        null = (
            " Grey: the middle 95 % of curves when the two arms change places at random within theorems; where an arm "
            "is inside it, it cannot be told from its reference."
        )
    return _figure(
        material,
        "budget",
        "Share solved within a budget",
        f"Cumulative incidence over {_theorems(material)}, exhausted searches counted to the end as unsolved; {band}."
        f"{null}",
        budget_drawing(panels, looks_of(labels)),
    )


def _contrasts(material: Material) -> Figure:
    analysis = material.contrasts
    if not analysis.contrasts:
        raise NoFigureError("The runs have one arm only, so that there is no difference between arms to draw.")
    kind = "confirmatory" if analysis.status == "confirmatory" else "exploratory, since nothing was preregistered"
    strip = " Shaded: too small to matter." if any(row.sesoi for row in analysis.contrasts) else ""
    return _figure(
        material,
        "contrasts",
        "Paired differences between arms",
        f"Mean over theorems of the difference within each theorem, with 95 % intervals; the null value is the dashed "
        f"line. The comparisons are {kind}. Filled marks are hypotheses, open ones secondary.{strip}",
        contrasts_drawing(analysis.contrasts),
    )


def _reasons(material: Material) -> Figure:
    series = _series(material)
    return _figure(
        material,
        "reasons",
        "How iterations end, over the time of a search",
        "Share of an arm's searches by the reason of their n-th iteration, stacked; what is missing to 100 % has "
        f"ended. {sum(arm.searches for arm in series.values())} searches. Late iterations are taken together in bins "
        "that are equally wide on the logarithmic axis.",
        reasons_drawing(series),
    )


def _inflight(material: Material) -> Figure:
    series = _series(material)
    windows = {label: material.cells.of(label).runs[0].window for label in series}
    if max(windows.values()) == 1:
        raise NoFigureError("The searches had one visit under way at a time, by their window, so that nothing varies.")
    return _figure(
        material,
        "inflight",
        "Visits under way at once",
        "Mean over the searches that have come to an iteration, its own visit counted in; given-up tickets hold none, "
        f"and the tail behind a spent budget is left out. Drawn while {FEWEST} searches are left.",
        inflight_drawing(series, windows, looks_of(material.labels)),
    )


def _agents(material: Material) -> Figure:
    cells = material.watched
    work: dict[str, list[AgentShare]] = {}
    credit: dict[str, list[AgentShare]] = {}
    for label in material.labels:
        arm = cells.of(label)
        agents = arm.runs[0].agents
        tried: dict[str, list[tuple[int, ...]]] = {}
        edges: dict[str, list[tuple[int, ...]]] = {}
        for cell in arm:
            shown = arm.figures_of(cell)
            if shown is None or agents < 2:
                continue
            tried.setdefault(cell.theorem, []).append(shown.tried_by)
            if shown.credit_of is not None:
                edges.setdefault(cell.theorem, []).append(shown.credit_of)
        if tried:
            seed = stream(material.settings.seed, "agents", label)
            settings = Settings(seed=seed, bootstrap=material.settings.bootstrap)
            work[label] = agent_shares(tried, agents, settings)
            credit[label] = agent_shares(edges, agents, settings)
    if not work:
        raise NoFigureError("There is no trace of a search with several agents, so that no agent's share can be told.")
    return _figure(
        material,
        "agents",
        "Work and proof credit by agent",
        "Mean over theorems of each agent's share, with 95 % bootstrap intervals over theorems. a: tactics that "
        "reached the prover. b: edges of the proof, by the agent whose visit found each; solved searches only, "
        "replayed. Dashed: equal shares.",
        agents_drawing(work, credit, looks_of(material.labels)),
    )


def _freezing(material: Material) -> Figure:
    if not any(run.search.get("block") for run in material.cells.runs):
        raise NoFigureError("No run froze nodes, so that there is no tolerance to draw.")
    tables = [table for table in material.analysis.freezing if len(table.rows) > 1]
    if not tables:
        raise NoFigureError(
            "There is no run without frozen nodes to compare with: name one that differs in nothing else, too."
        )
    null = ""
    if any(row.no_compensation is not None for table in tables for row in table.rows):
        null = " Dotted: if every search were lost of whose wild type's proof a node is frozen."
    return _figure(
        material,
        "freezing",
        "Tolerance of frozen nodes",
        f"Share solved over the fraction of nodes that freeze, with 95 % intervals.{null}",
        freezing_drawing(tables),
    )


FIGURES: Final[Mapping[str, Callable[[Material], Figure]]] = MappingProxyType(
    {
        "budget": _budget,
        "contrasts": _contrasts,
        "reasons": _reasons,
        "inflight": _inflight,
        "agents": _agents,
        "freezing": _freezing,
    }
)
"""All figures, in the order of a report."""


def _figure(material: Material, name: str, title: str, caption: str, drawing: Drawing) -> Figure:
    return Figure(
        name=name,
        title=title,
        caption=caption,
        sources=material.sources,
        software=material.software,
        drawing=drawing,
    )


def _series(material: Material) -> Mapping[str, ArmSeries]:
    series = material.series
    if not series:
        raise NoFigureError("There is no trace to read, so that nothing is known of iterations: run with --trace-mcts.")
    return series


def _theorems(material: Material) -> str:
    kept = material.cells.by_theorem()
    seeds = max((len({cell.seed for cell in row}) for row in kept.values()), default=0)
    return f"{len(kept)} theorems" + (f" with {seeds} seeds each" if seeds > 1 else "")
