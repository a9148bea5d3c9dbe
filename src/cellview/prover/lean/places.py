"""Where a goal is in the proof of its statement: the tactics on the way to it, and which goal to take after each."""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Goal

__all__ = ["JOINT_MARK", "Place", "members"]

JOINT_MARK = "+"
"""Stands between the ids of the Lean goals that are one joint goal."""


class Place:
    """The `index`-th of the goals that `tactic` left at `parent`; the root has no parent.

    A transport may keep what it has worked out for a place, under the place itself: places are told apart by identity.
    """

    __slots__ = ("depth", "index", "lines", "parent", "siblings", "tactic")

    def __init__(self, parent: Place | None, tactic: str, siblings: tuple[Goal, ...], index: int) -> None:
        self.parent = parent
        self.tactic = tactic
        self.siblings = siblings
        self.index = index
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.lines: tuple[str, ...] | None = None
        """The text of this step, once the language server has needed it."""

    @property
    def goal(self) -> Goal:
        """The goal at this place. The root is made before its goal is known."""
        return self.siblings[self.index]

    def path(self) -> list[Place]:
        """All places from below the root down to this one."""
        return [*self._upwards()][::-1]

    def leads_alike(self, other: Place) -> bool:
        """Whether `other` is the same place, made a second time."""
        return (self.parent, self.tactic, self.index) == (other.parent, other.tactic, other.index) and len(
            self.siblings
        ) == len(other.siblings)

    def _upwards(self) -> Iterator[Place]:
        place = self
        while place.parent is not None:
            yield place
            place = place.parent


def members(goal: Goal) -> list[str]:
    """Return Lean's own ids of the goals behind `goal`: one, or several if it is joint."""
    return goal.mvar_id.partition(":")[2].split(JOINT_MARK)
