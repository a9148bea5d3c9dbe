"""The one file: everything in it, its policy that allows nothing from elsewhere, and its size."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from hashlib import sha256

from cellview.report.figure import Figure
from cellview.report.figures import figures_of
from cellview.report.material import Material
from cellview.report.page.head import provenance, summary, title_of
from cellview.report.page.inline import inline_svg
from cellview.report.page.markup import Markup, raw, tag
from cellview.report.page.results import OUTCOMES, results_table
from cellview.report.page.tables import analysis_tables
from cellview.report.page.traces import LIMIT_BYTES, EmbeddedTrace, chosen_traces
from cellview.report.page.viewer import STYLESHEET, import_map, page_file, resource

__all__ = ["report_html"]


def report_html(material: Material, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return a report of runs as one HTML file that asks nothing of any server.

    The same folders give the same bytes.

    Args:
        material: The runs.
        limit_bytes: Of all embedded traces, as they stand in the file; what does not fit is named in it.

    Raises:
        MissingExtraError: The extra ``measures`` is not installed.
        ReportError: A file of a run cannot be read, or Cellview was installed without its page.

    It raises besides what :class:`Material` does.
    """
    drawn, absent = figures_of(material)
    traces = chosen_traces(material.runs, limit_bytes=limit_bytes) if material.traces else []
    analysis = material.analysis
    watched = {trace.key: number if trace.data else -1 for number, trace in enumerate(traces)}
    sections = [
        ("figures", "Figures", _figures(drawn, absent)),
        ("results", "Searches", _results(results_table(material.runs, watched), material)),
        ("watch", "Watch a search", _watch(traces)),
        ("tables", "Analysis", analysis_tables(analysis)),
        ("provenance", "Where the numbers come from", provenance(material.runs, analysis)),
    ]
    links = [tag("a", words, href=f"#{name}") for name, words, _ in (("summary", "Summary", ""), *sections)]
    parts = [tag("section", tag("h2", words), content, id=name) for name, words, content in sections]
    body = [
        tag("nav", *links, aria_label="Sections"),
        tag("main", summary(material.runs, analysis), *parts),
    ]
    return _document(title_of(material.runs, analysis), body, traces)


def _figures(figures: Sequence[Figure], absent: dict[str, str]) -> Markup:
    shown = [
        tag(
            "figure",
            tag("h3", figure.title, id=f"{figure.name}-title"),
            tag("div", inline_svg(figure), class_="scroll", tabindex="0", role="region", aria_label=figure.title),
            tag("figcaption", figure.caption, " ", tag("span", figure.digest_line, class_="digests"),
                id=f"{figure.name}-caption"),
        )
        for figure in figures
    ]  # fmt: skip
    left = [tag("li", tag("strong", name), f": {why}") for name, why in absent.items()]
    note = tag("div", tag("p", "Not drawn:"), tag("ul", *left), class_="quiet notes") if left else None
    return raw("".join([*shown, note or ""]))


def _results(table: Markup, material: Material) -> Markup:
    ways = dict.fromkeys(entry.stop_reason for run in material.runs for entry in run.metadata.results)
    choices = [tag("option", "every outcome", value="")]
    choices += [tag("option", OUTCOMES.get(way, (way, ""))[0], value=way) for way in ways]
    controls = tag(
        "form",
        tag("label", "Name ", tag("input", type="search", id="find", autocomplete="off", spellcheck="false")),
        tag("label", "Outcome ", tag("select", *choices, id="outcome")),
        tag("output", id="shown", for_="find outcome"),
        class_="controls",
        id="choose",
    )
    scroll = tag("div", table, class_="scroll", tabindex="0", role="region", aria_label="Searches")
    return raw(controls + scroll)


def _watch(traces: Sequence[EmbeddedTrace]) -> Markup:
    embedded = [trace for trace in traces if trace.data]
    left_out = [trace for trace in traces if not trace.data]
    opening = (
        "Choose a search, or drop a trace file (…_mcts_trace.jsonl, also as .gz) anywhere on this page. Everything "
        "happens in this window; nothing is sent anywhere."
    )
    controls = tag(
        "form",
        tag("label", "Search ", tag("select", id="search")) if embedded else None,
        tag("fieldset", tag("legend", "Beside it"), tag("div", id="beside"), id="beside-all", hidden=True),
        tag("label", "Open a trace file ", tag("input", type="file", id="file", multiple=True, accept=".jsonl,.gz")),
        class_="controls",
        id="watch-controls",
    )
    return raw(
        tag("p", opening)
        + controls
        + tag("p", id="said", role="status")
        + tag("div", id="viewer", class_="viewer")
        + tag("noscript", tag("p", "The viewer needs JavaScript; everything else on this page does not."))
        + (_left_out(left_out, len(embedded)) if left_out else "")
    )


def _left_out(traces: Sequence[EmbeddedTrace], embedded: int) -> Markup:
    said = (
        f"{embedded} traces are in this file, and {len(traces)} are not, to keep it small enough to open at once: "
        "whole theorems were left out, the largest first. Their figures and results are above; to watch one, drop its "
        "file on this page:"
    )
    items = [tag("li", tag("code", f"{trace.run}/{trace.path}")) for trace in traces]
    return tag("details", tag("summary", said), tag("ul", *items), id="left-out", class_="notes")


def _document(title: str, body: Sequence[Markup], traces: Sequence[EmbeddedTrace]) -> bytes:
    style = resource("report.css") + page_file(STYLESHEET)
    modules = json.dumps({"imports": import_map()}, separators=(",", ":"))
    program = resource("report.js")
    # Modules of an import map are fetched from data: URLs, which a policy can name by their scheme alone.
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_allowed(modules)} {_allowed(program)} data:",
            f"style-src {_allowed(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    index = [
        {
            "key": trace.key, "run": trace.run, "theorem": trace.theorem, "arm": trace.arm, "seed": trace.seed,
            "nodes": trace.nodes, "iterations": trace.iterations, "solved": trace.solved, "number": number,
        }
        for number, trace in enumerate(traces)
        if trace.data
    ]  # fmt: skip
    data = [
        tag("script", raw(trace.data), type="application/gzip+base64", id=f"trace-{number}")
        for number, trace in enumerate(traces)
        if trace.data
    ]
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{title}: report of Cellview"),
        tag("style", raw(style)),
        tag("script", raw(modules), type="importmap"),
    ]
    tail = [
        tag("script", raw(json.dumps(index).replace("<", "\\u003c")), type="application/json", id="index"),
        *data,
        tag("script", raw(program), type="module"),
    ]
    page = tag("html", tag("head", *head), tag("body", *body, *tail), lang="en")
    return f"<!doctype html>\n{page}\n".encode()


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
