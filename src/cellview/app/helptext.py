"""How ``--help`` looks: plain text under headings, every option's name whole.

Typer's boxes were rejected: in 80 columns they cut names such as ``--mcts-block-immovable-fraction`` short and squeeze
the explanations, which are the point, into a narrow column.
"""

from __future__ import annotations

import textwrap
from typing import Any

from typer.core import TyperCommand

__all__ = ["HelpCommand"]

_OTHERS = "Options"
_WIDEST = 80
_MARGIN = " " * 6


class HelpCommand(TyperCommand):
    """A command whose help lists its options under the headings that they were declared with."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # Typer keeps the types of both to itself
        """Write arguments, then each panel of options, the unnamed one last."""
        panels: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            name, text = record
            if param.param_type_name == "argument":
                panels["Arguments"].append((name.partition(" <")[0], text.removesuffix("  [required]")))
            else:
                panel = getattr(param, "rich_help_panel", None) or _OTHERS
                panels.setdefault(panel, []).append((name.replace(" <bool>", ""), text))
        panels[_OTHERS] = panels.pop(_OTHERS, [])
        for panel, records in panels.items():
            if records:
                with formatter.section(panel):
                    for name, text in records:
                        formatter.write(f"  {name}\n{_wrapped(text, formatter.width)}\n")


def _wrapped(text: str, width: int) -> str:
    """Wrap under a margin, and never inside the name of an option."""
    wide = min(width, _WIDEST)
    return textwrap.fill(text, wide, initial_indent=_MARGIN, subsequent_indent=_MARGIN, break_on_hyphens=False)
