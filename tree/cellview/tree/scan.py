"""Rules of selection that look at every free node at once, rather than walk down to one.

They cost time in proportion to the tree. A draw has to: each node's number is another one in each iteration. Best-first
could keep a heap, and does not: nodes leave and enter it by reservation, by what is solved or dies above them, and by
an agent's history, and the heap would have to be told of each. Finding the best of 5,000 nodes takes a few
milliseconds, less than the tactics of one visit do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cellview.tree.node import DEAD, OPEN, Node
from cellview.tree.selection import tie_hash

__all__ = ["best_first", "draw_node", "free_nodes"]


def free_nodes(root: Node) -> Iterator[Node]:
    """Yield every node that could be reserved now: expandable, not reserved, and nothing above it solved or dead."""
    if root.status != OPEN or root.free <= 0:
        return
    stack = [root]
    while stack:
        node = stack.pop()
        if node.expandable and not node.reserved:
            yield node
        for edge in node.edges:
            if edge.free > 0 and edge.status != DEAD:
                stack.extend(child for child in edge.children if child.free > 0 and child.status == OPEN)


def draw_node(root: Node, draw: Callable[[str], float]) -> Node | None:
    """Return the free node with the least draw for its structural key: one uniformly at random."""
    return min(free_nodes(root), key=lambda node: (draw(node.structural_key()), node.place_key()), default=None)


def best_first(root: Node, *, salt: int) -> Node | None:
    """Return the free node with the greatest sum of log-priors on its path (Polu and Sutskever 2020).

    A visit without success costs a node as much as one more tactic of prior 1/e above it would. So a node that is
    blocked sinks, and comes up again when the rest has sunk below it; in a search without obstacles only a visit on
    which the prover broke down has this effect.
    """
    best: Node | None = None
    greatest = 0.0
    for node in free_nodes(root):
        score = (node.parent.log_prob if node.parent is not None else 0.0) - (node.own_visits - node.own_successes)
        if best is None or score > greatest or (score == greatest and tie_hash(salt, node) < tie_hash(salt, best)):
            best, greatest = node, score
    return best
