"""Upward propagation: free counts, solved and dead, and taking a solution back. Each is O(depth), none recurses.

Invariants, which the tests check after every step:

- ``edge.free`` is the sum of ``child.free`` over its *open* children;
- ``node.free`` is 1 if the node itself is free, plus the sum of ``edge.free`` over its edges that are not dead,
  whatever the node's own status is; so a solved node that is reopened needs no recount.
"""

from __future__ import annotations

from cellview.tree.node import DEAD, OPEN, SOLVED, Edge, Node

__all__ = ["add_free", "kill_edge", "mark_dead_if_exhausted", "mark_solved", "reopen"]


def add_free(node: Node, delta: int) -> None:
    """Add `delta` to the node's count of free nodes, and upward as far as the count is seen."""
    while True:
        node.free += delta
        edge = node.parent
        if edge is None or node.status != OPEN:
            return
        edge.free += delta
        if edge.status == DEAD:
            return
        node = edge.parent


def _hide(node: Node) -> None:
    """The node has just left the open ones: take its free nodes out of the counts above."""
    edge = node.parent
    if edge is None or node.free == 0:
        return
    edge.free -= node.free
    if edge.status != DEAD:
        add_free(edge.parent, -node.free)


def _show(node: Node) -> None:
    """The node has just become open again: the reverse of :func:`_hide`."""
    edge = node.parent
    if edge is None or node.free == 0:
        return
    edge.free += node.free
    if edge.status != DEAD:
        add_free(edge.parent, node.free)


def mark_solved(node: Node, edge: Edge) -> None:
    """Record that `edge` solves `node`, and go on upward while that completes AND-sets."""
    while True:
        node.status = SOLVED
        node.solution = edge
        _hide(node)
        above = node.parent
        if above is None:
            return
        above.unsolved -= 1
        if above.unsolved or above.status == DEAD or above.parent.status != OPEN:
            return
        node, edge = above.parent, above


def mark_dead_if_exhausted(node: Node) -> None:
    """Mark `node` dead if it is open, has no tactics left and no live edge; then its edge, and so on upward."""
    while node.status == OPEN and node.live == 0 and not node.expandable:
        node.status = DEAD
        _hide(node)
        above = node.parent
        if above is None or above.status == DEAD:
            return
        above.status = DEAD
        parent = above.parent
        parent.live -= 1
        if above.free:
            add_free(parent, -above.free)
        node = parent


def kill_edge(edge: Edge) -> None:
    """Mark an edge dead, and whatever that exhausts above it. The parent must be open."""
    if edge.status == DEAD:
        return
    edge.status = DEAD
    edge.parent.live -= 1
    if edge.free:
        add_free(edge.parent, -edge.free)
    mark_dead_if_exhausted(edge.parent)


def reopen(node: Node) -> None:
    """Take back that `node` is solved, and every solution above that was built on it."""
    while node.status == SOLVED:
        node.status = OPEN
        node.solution = None
        _show(node)
        above = node.parent
        if above is None:
            return
        above.unsolved += 1
        if above.parent.solution is not above:
            return
        node = above.parent
