"""The text that stands for a proof state: the statement, the tactics on the way to a goal, and the next one to try.

The whole state is in the text. Two workers that show the same document are in the same state, so a worker that was
lost is replaced by showing the document to a new one. A goal's document is flat: before the path goes on below one of
several subgoals, ``sorry`` closes its siblings. (Bullets were rejected here: every open bullet makes Lean print all
goals that are left around it, and below some 150 of them its recursion limit ends the proof.)
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cellview.prover.base import Goal
from cellview.prover.lean.worker import Position
from cellview.prover.script import indent_block

__all__ = ["Document", "Place", "child_place", "document", "root_place"]

_MARGIN = "  "
_PROBE = "set_option pp.all true in set_option pp.rawOnError true in done"
_JOINT_MARK = "+"


class Place:
    """Where a goal is in the proof: the lines that lead to it from its parent's place, and how many tactics in all."""

    __slots__ = ("depth", "lines", "parent")

    def __init__(self, parent: Place | None, lines: tuple[str, ...], depth: int) -> None:
        self.parent = parent
        self.lines = lines
        self.depth = depth

    def path(self) -> list[str]:
        """All lines from the root to here."""
        parts: list[tuple[str, ...]] = []
        place: Place | None = self
        while place is not None:
            parts.append(place.lines)
            place = place.parent
        return [line for lines in reversed(parts) for line in lines]


class Document(msgspec.Struct, frozen=True):
    """A text for Lean, the line where the new tactic begins (from 0), and where Lean is asked what is left."""

    text: str
    tactic_line: int
    probe: Position


def root_place() -> Place:
    """The place of the root goal."""
    return Place(None, (), 0)


def child_place(parent: Place, tactic: str, siblings: Sequence[Goal], index: int) -> Place:
    """The place of ``siblings[index]``, one of the goals that `tactic` left at `parent`."""
    lines = indent_block(tactic, _MARGIN)
    for sibling in siblings[:index]:
        lines += [*_rotation(sibling.rotate), f"{_MARGIN}sorry"]
    goal = siblings[index]
    lines += _rotation(goal.rotate)
    after = sum(_members(sibling) for sibling in siblings[index + 1 :])
    if after:
        lines += [*_rotation(1), *[f"{_MARGIN}sorry"] * after]
    return Place(parent, tuple(lines), parent.depth + 1)


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
        *place.path(),
    ]
    tactic_line = len(lines)
    if tactic is not None:
        # In parentheses a tactic can neither go on from the line above (`at h` after `simp`) nor take in the next
        # one (`have h : p := by`).
        block = indent_block(tactic, f"{_MARGIN} ")
        lines += [f"{_MARGIN}({block[0].lstrip()}", *block[1:], f"{_MARGIN})"]
    probe = Position(len(lines), len(_MARGIN))
    lines += [f"{_MARGIN}{_PROBE}", ""]
    return Document("\n".join(lines), tactic_line, probe)


def _members(goal: Goal) -> int:
    """How many goals Lean sees where the search sees one; a joint goal's id names them all."""
    return goal.mvar_id.count(_JOINT_MARK) + 1


def _rotation(count: int) -> list[str]:
    return [f"{_MARGIN}rotate_left {count}"] if count else []
