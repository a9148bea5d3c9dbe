"""Which goals nobody will work on any more, once a commit has closed a node: a prover need not keep them at hand."""

from __future__ import annotations

from cellview.tree import Node
from cellview.tree.node import DEAD, OPEN

__all__ = ["ClosedGoals"]


class ClosedGoals:
    """Tells each goal once, when it has become idle: proved or dead, or below such a one.

    A proof that is refused opens nodes again. Their goals are not told a second time, and a prover makes again what it
    has let go of.
    """

    def __init__(self) -> None:
        self._told: set[int] = set()

    def take(self, node: Node) -> list[str]:
        """Return the ids of the goals that the commit of a visit to `node` has made idle."""
        if node.status == OPEN:
            return []  # what closes, closes from the visited node upwards
        waiting = _topmost_idle(node)
        found: list[str] = []
        while waiting:
            here = waiting.pop()
            if here.index not in self._told:
                self._told.add(here.index)
                found.append(here.goal.mvar_id)
            waiting.extend(child for edge in here.edges for child in edge.children if child.index not in self._told)
        return found


def _topmost_idle(node: Node) -> list[Node]:
    """Return the highest idle goals on the way up from a closed node: one, or an AND-set of which one is dead."""
    top = [node]
    while (edge := node.parent) is not None:
        if edge.status == DEAD:
            top = list(edge.children)
        node = edge.parent
        if node.status != OPEN:
            top = [node]
    return top
