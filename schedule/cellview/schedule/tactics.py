"""What a tactic's text says about it: its head, all heads in it, and its normal form. No parser of Lean: a scanner."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["COMBINATORS", "tactic_head", "tactic_heads", "tactic_norm"]

_CACHE = 8192
"""Texts remembered by each function below: a search tries the same few hundred texts over and over."""

_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|/-.*?-/|--[^\n]*', re.DOTALL)
_TOKEN = re.compile(r"<;>|=>|[;|(){}\[\],·\n]|[^\W\d][\w.'?!]*|\S")
_WORD = re.compile(r"[^\W\d]")

COMBINATORS = frozenset(
    {"all_goals", "any_goals", "focus", "repeat", "repeat'", "repeat1", "try", "first", "iterate", "done"}
)
"""Heads whose argument is again a tactic."""

_ARROW_BLOCKS = frozenset({"cases", "induction", "rcases", "match", "case", "next", "conv"})
"""Heads after which ``=>`` begins a tactic block; after others (``exact fun h => h``) it begins a term."""


def _without_comment(match: re.Match[str]) -> str:
    return match.group() if match.group().startswith('"') else " "


def _without_text(match: re.Match[str]) -> str:
    return '""' if match.group().startswith('"') else " "


@lru_cache(maxsize=_CACHE)
def tactic_norm(tactic: str) -> str:
    r"""Return the normal form of a tactic's text, as it stands in the trace's ``tactic_norm``.

    Comments are dropped (``--`` to the end of the line, ``/- … -/``), every run of white space becomes one space, and
    none is left at the ends. Strings keep their text. The form is for comparing, never for running: a line break can
    matter to Lean.

    >>> tactic_norm("simp  [foo]\n  -- by computation")
    'simp [foo]'
    """
    if "-" in tactic:
        tactic = _STRING_OR_COMMENT.sub(_without_comment, tactic)
    return " ".join(tactic.split())


@lru_cache(maxsize=_CACHE)
def tactic_heads(tactic: str) -> tuple[str, ...]:
    """Return the heads of all tactics in a text, in order: ``constructor <;> simp`` has ``constructor`` and ``simp``.

    A head is the word where a tactic begins: at the start, after ``;``, ``<;>``, a bullet, a line break, ``by`` and
    the combinators (``try``, ``all_goals``, …), after ``|`` inside ``first``, and after ``=>`` in a structured
    ``cases``, ``induction``, ``case`` or ``match``.
    """
    text = _STRING_OR_COMMENT.sub(_without_text, tactic) if "-" in tactic or '"' in tactic else tactic
    heads: list[str] = []
    at_start = True
    depth = 0
    for token in _TOKEN.findall(text.strip()):
        if token in {"[", "{", "("}:
            depth += token != "(" or not at_start
            continue
        if token in {"]", "}", ")"}:
            depth = max(0, depth - 1)
            continue
        if token in {";", "<;>", "·", "\n", "by"}:
            at_start = token == "by" or depth == 0
        elif token == "=>":
            at_start = depth == 0 and any(head in _ARROW_BLOCKS for head in heads)
        elif token == "|":
            at_start = "first" in heads and depth == 0
        elif at_start and _WORD.match(token):
            heads.append(token)
            at_start = token in COMBINATORS
        elif not token.isdigit():
            at_start = False
    return tuple(heads)


def tactic_head(tactic: str) -> str:
    """Return the first head of a tactic's text, such as ``simp`` of ``simp [h]``; empty for a text without one.

    >>> tactic_head("(rw [h]; simp)")
    'rw'
    """
    heads = tactic_heads(tactic)
    return heads[0] if heads else ""
