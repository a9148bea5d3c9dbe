"""The text that stands for a proof state: the statement, the tactics on the way to a goal, and the next one to try.

The whole state is in the text. Two workers that show the same document are in the same state, so a worker that was
lost is replaced by showing the document to a new one. A goal's document is flat: before the path goes on below one of
several subgoals, ``sorry`` closes its siblings. (Bullets were rejected here: every open bullet makes Lean print all
goals that are left around it, and below some 150 of them its recursion limit ends the proof.)
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cellview.prover.lean.places import Place, members
from cellview.prover.lean.worker import Position
from cellview.prover.script import indent_block

__all__ = ["Document", "document", "in_parentheses"]

_MARGIN = "  "
_PROBE = "set_option pp.all true in set_option pp.rawOnError true in done"


class Document(msgspec.Struct, frozen=True):
    """A text for Lean, the line where the new tactic begins (from 0), and where Lean is asked what is left."""

    text: str
    tactic_line: int
    probe: Position


def document(
    statement: str, place: Place, tactic: str | None, *, heartbeats: int, imports: Sequence[str] = ()
) -> Document:
    """Return the text that tries `tactic` at `place` (or only shows the goal there), and asks what is left."""
    statement = statement.strip()
    space = "" if statement.startswith(".{") else " "  # universe names belong to the theorem's own
    lines = [
        *(f"import {module}" for module in imports),
        f"set_option maxHeartbeats {heartbeats}",
        "set_option autoImplicit false",
        "set_option linter.all false",
        # The proof begins on a line of its own: the statement may end in a comment.
        *f"theorem cellview_goal{space}{statement}".split("\n"),
        f"{_MARGIN}:= by",
        *(line for step in place.path() for line in _step_lines(step)),
    ]
    tactic_line = len(lines)
    if tactic is not None:
        lines += in_parentheses(tactic)
    probe = Position(len(lines), len(_MARGIN))
    lines += [f"{_MARGIN}{_PROBE}", ""]
    return Document("\n".join(lines), tactic_line, probe)


def in_parentheses(tactic: str) -> list[str]:
    """Return the lines of `tactic` as it is tried.

    In parentheses it can neither go on from the line above (`at h` after `simp`) nor take in the next one
    (`have h : p := by`).
    """
    block = indent_block(tactic, f"{_MARGIN} ")
    return [f"{_MARGIN}({block[0].lstrip()}", *block[1:], f"{_MARGIN})"]


def _step_lines(place: Place) -> tuple[str, ...]:
    """Return the lines that lead from the parent of `place` to it; worked out once."""
    if place.lines is None:
        lines = indent_block(place.tactic, _MARGIN)
        for sibling in place.siblings[: place.index]:
            lines += [*_rotation(sibling.rotate), f"{_MARGIN}sorry"]
        lines += _rotation(place.goal.rotate)
        after = sum(len(members(sibling)) for sibling in place.siblings[place.index + 1 :])
        if after:
            lines += [*_rotation(1), *[f"{_MARGIN}sorry"] * after]
        place.lines = tuple(lines)
    return place.lines


def _rotation(count: int) -> list[str]:
    return [f"{_MARGIN}rotate_left {count}"] if count else []
