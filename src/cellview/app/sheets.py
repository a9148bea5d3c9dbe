"""Tables for other programs: CSV for statistics, LaTeX for a paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from cellview.settings import Opt

__all__ = ["Cell", "FormatOptions", "Sheet", "TableFormat", "as_csv", "as_latex"]

TableFormat: TypeAlias = Literal["text", "csv", "latex", "json"]
Cell: TypeAlias = str | int | float | bool | None


class FormatOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """In which form a command prints its table."""

    format: Annotated[
        TableFormat,
        Opt(
            help="text: for a terminal; csv: comma-separated, with a line of names; latex: a tabular in the style of "
            "booktabs; json: one object.",
        ),
    ] = "text"
    json: Annotated[bool, Opt(help="The same as --format json.")] = False

    @property
    def form(self) -> TableFormat:
        """The form that is asked for."""
        return "json" if self.json else self.format


class Sheet(msgspec.Struct, frozen=True):
    """A table as data: one name for each column, and rows of as many cells. ``None`` is a cell with nothing in it."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def as_csv(sheet: Sheet) -> str:
    """Return a table as RFC 4180 has it, but for its lines, which end as lines do."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(sheet.columns)
    writer.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return file.getvalue()


def as_latex(sheet: Sheet, *, caption: str | None = None) -> str:
    """Return a table as a ``tabular`` of the package booktabs; numbers stand to the right.

    A library for it (pandas, tabulate) was rejected: what is ours is these lines, and every user would install theirs.
    """
    numeric = [all(not isinstance(row[column], str) for row in sheet.rows) for column in range(len(sheet.columns))]
    lines = ["% \\usepackage{booktabs}"]
    if caption is not None:
        lines += [f"% {line}" for line in caption.splitlines()]
    lines.append(f"\\begin{{tabular}}{{{''.join('r' if right else 'l' for right in numeric)}}}")
    lines += ["\\toprule", _row(sheet.columns), "\\midrule"]
    lines += [_row(row) for row in sheet.rows]
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}", ""])


def _row(cells: Sequence[Cell]) -> str:
    return " & ".join(_escaped(_plain(cell)) for cell in cells) + " \\\\"


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


_SPECIAL: Final = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
}


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
