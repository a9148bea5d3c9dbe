"""How near a tree is to being solved: its proof number (Allis, van der Meulen & van den Herik 1994)."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from cellview.tree import Edge, Node
from cellview.tree.node import DEAD

__all__ = ["ProofNumbers", "proof_number"]


def proof_number(node: Node) -> float:
    """Return the least number of open leaves that must be solved to solve `node`: 0 if solved, infinity if dead.

    A node with live edges takes the least of them, each the sum over its children, whether or not it has untried
    tactics as well: an untried tactic counted as one leaf would pin the number at 1. A node without edges is one open
    leaf. Frozen nodes count as open: the number does not know the schedule.

    Returns:
        A whole number, or infinity.
    """
    return ProofNumbers().of(node)


class ProofNumbers:
    """Proof numbers of a growing tree, remembered: after a visit only the visited path changes.

    (The statuses of nodes beside the path cannot change by a visit of one node on it.)
    """

    def __init__(self) -> None:
        self._known: dict[int, float] = {}

    def of(self, node: Node) -> float:
        """Return the proof number of a node; what is not known below it is computed, without recursion."""
        pending = [node]
        while pending:
            current = pending[-1]
            unknown = [child for child in _children(current) if id(child) not in self._known]
            if unknown:
                pending.extend(unknown)
            else:
                self._known[id(pending.pop())] = self._from_children(current)
        return self._known[id(node)]

    def refresh(self, path: Iterable[Node]) -> None:
        """Forget the nodes of a path from the root, whose numbers a visit may have changed."""
        for node in path:
            self._known.pop(id(node), None)

    def _from_children(self, node: Node) -> float:
        if node.is_terminal:
            return 0
        if node.is_dead:
            return inf
        numbers = [sum(self._known[id(child)] for child in edge.children) for edge in _live(node)]
        alive = [number for number in numbers if number < inf]
        return min(alive) if alive else 1


def _live(node: Node) -> list[Edge]:
    return [edge for edge in node.edges if edge.status != DEAD]


def _children(node: Node) -> list[Node]:
    if node.is_terminal or node.is_dead:
        return []
    return [child for edge in _live(node) for child in edge.children]
