"""Tables for notebooks: static HTML, no script, and every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

__all__ = ["MOST_ROWS", "facts", "table"]

MOST_ROWS: Final = 50
"""Rows that a table shows; then it says how many there are beside them."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "") -> str:
    """Return a table; ``None`` is an empty cell, and numbers stand to the right.

    >>> table(["<b>"], [["a & b"], [1]])
    '<table><thead><tr><th>&lt;b&gt;</th></tr></thead><tbody><tr><td>a &amp; b</td></tr><tr><td style="text-align:right">1</td></tr></tbody></table>'
    """  # noqa: E501  # one line is what it returns
    listed = list(rows)
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in listed[:MOST_ROWS])
    if len(listed) > MOST_ROWS:
        body += f'<tr><td colspan="{len(columns)}">and {len(listed) - MOST_ROWS} more</td></tr>'
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def facts(pairs: Iterable[tuple[str, object]], *, caption: str = "") -> str:
    """Return a table of names and what they stand for; what is ``None`` is left out."""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    rows = (f"<tr><th>{escape(name)}</th>{_cell(value)}</tr>" for name, value in pairs if value is not None)
    return f"<table>{title}<tbody>{''.join(rows)}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        return f'<td style="text-align:right">{value}</td>'
    return f"<td>{'' if value is None else escape(str(value))}</td>"
