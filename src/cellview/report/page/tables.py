"""The tables of an analysis as HTML, and the arms at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from cellview.measures import Analysis, ArmRow
from cellview.measures.render import Sheet, is_number, sheets_of
from cellview.report.page.markup import Markup, raw, tag

__all__ = ["analysis_tables", "arms_at_a_glance"]


def analysis_tables(analysis: Analysis) -> Markup:
    """Return every table that has a row."""
    return raw("".join(_table(sheet) for sheet in sheets_of(analysis)))


def _table(sheet: Sheet) -> Markup:
    numeric = [all(is_number(cell) for cell in column) for column in zip(*sheet.rows, strict=True)]
    classes = ["number" if right else None for right in numeric]
    head = [tag("th", words, scope="col", class_=kind) for words, kind in zip(sheet.head, classes, strict=True)]
    rows = [
        tag("tr", *(tag("td", cell, class_=kind) for cell, kind in zip(row, classes, strict=True)))
        for row in sheet.rows
    ]
    table = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows))
    notes = tag("ul", *(tag("li", note) for note in sheet.notes), class_="notes") if sheet.notes else None
    scroll = tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=sheet.title)
    return tag("section", tag("h3", sheet.title), scroll, notes)


def arms_at_a_glance(rows: Sequence[ArmRow]) -> Markup:
    """Return each arm's solve rate with its interval, as numbers and as a drawing."""
    body = [
        tag(
            "tr",
            tag("th", row.arm, scope="row"),
            tag("td", _per_cent(row.solve_rate), class_="number big"),
            tag("td", _bar(row)),
            tag("td", _interval(row), class_="quiet"),
            tag("td", _number(row.restricted_mean, 1), class_="number"),
            tag("td", _number(row.tried, 1), class_="number"),
            tag("td", _per_cent(row.given_up_share), class_="number"),
            tag("td", f"{row.theorems}", class_="number"),
            tag("td", f"{row.seeds}", class_="number"),
        )
        for row in rows
    ]
    titles = (
        ("Arm", None), ("Solved", "number"), ("", None), ("95 % interval", None), ("Mean iterations", "number"),
        ("Tactics a search", "number"), ("Given up", "number"), ("Theorems", "number"), ("Seeds", "number"),
    )  # fmt: skip
    head = tag("tr", *(tag("th", words, scope="col", class_=kind) if words else tag("td") for words, kind in titles))
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="glance")
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label="Arms at a glance")


def _bar(row: ArmRow) -> Markup:
    """A line from the interval's low end to its high one, and a point: attributes alone, for styles are refused."""
    if row.solve_rate is None:
        return raw("")
    low, high = row.low if row.low is not None else row.solve_rate, row.high if row.high is not None else row.solve_rate
    return tag(
        "svg",
        tag("line", x1="4", x2="124", y1="8", y2="8", class_="axis"),
        tag("line", x1=_x(low), x2=_x(high), y1="8", y2="8", class_="range"),
        tag("circle", cx=_x(row.solve_rate), cy="8", r="4"),
        viewBox="0 0 128 16", width="128", height="16", class_="bar", aria_hidden="true",
    )  # fmt: skip


def _x(share: float) -> str:
    return f"{4 + 120 * share:.1f}"


def _interval(row: ArmRow) -> str:
    if row.low is None or row.high is None:
        return "none: nothing varies" if row.theorems > 1 else "none: one theorem"
    return f"{_per_cent(row.low)} to {_per_cent(row.high)}, {row.interval}"


def _per_cent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}\u2009%"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", "\u2009")
