"""How much of a tree is one and the same goal again: nodes for each goal, and goals that several ways lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from cellview.tree import Tree

__all__ = ["Redundancy", "TreeLike", "redundancy"]

TreeLike: TypeAlias = "Tree | Mapping[str, Any]"
"""A tree, or the content of a ``*_mcts_tree.json``."""


class Redundancy(msgspec.Struct, frozen=True):
    """Goals of a tree, told apart by their strict signature: names of variables do not count, hypotheses do."""

    nodes: int
    goals: int
    """Different goals."""
    nodes_per_goal: float
    """1 where no goal came up twice."""
    converging: float | None
    """Of the goals below the root, the share that came from at least two different goals; ``None`` without any."""


def redundancy(tree: TreeLike) -> Redundancy:
    """Measure how often the same goal stands in a tree. Exploratory.

    A tree of proofs has no merging of equal goals, so what is reached by two orders of the same steps is searched
    twice. Compare with the centralized baseline on the same theorem: some of it is the theorem's own.

    Args:
        tree: The tree; solved or not.

    Raises:
        TreeFormatError: The data is not a saved tree.
    """
    known = tree if isinstance(tree, Tree) else Tree.from_json(tree)
    parents: dict[str, set[str | None]] = {}
    for node in known.nodes:
        goal = node.goal.goal_sig_strict
        above = None if node.parent is None else node.parent.parent.goal.goal_sig_strict
        parents.setdefault(goal, set()).add(above)
    below = [above for above in parents.values() if above != {None}]
    return Redundancy(
        nodes=len(known.nodes),
        goals=len(parents),
        nodes_per_goal=len(known.nodes) / len(parents),
        converging=sum(len(above - {None}) > 1 for above in below) / len(below) if below else None,
    )
