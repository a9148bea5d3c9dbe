"""Walk from the root to a free node: UCB1 over tactics, least-visited-first over the goals of an AND-set.

Counts of free nodes are kept in the tree, so the walk never enters a subtree that is solved, dead or wholly in flight,
and never has to backtrack.
"""

from __future__ import annotations

from collections.abc import Collection
from math import inf, log, sqrt

from cellview.tree.config import AgentProfile, TreeConfig
from cellview.tree.node import DEAD, OPEN, Edge, Node

__all__ = ["mix", "select"]

_MASK = (1 << 64) - 1
_ODD = 0x9E3779B97F4A7C15
"""Ties are broken by multiplicative hashing (Knuth, TAOCP 6.4) of the index, which the salt has mixed already."""


def mix(value: int) -> int:
    """Finaliser of splitmix64 (Steele, Lea, Flood 2014): a well-mixed function of a 64-bit integer."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def select(
    root: Node,
    config: TreeConfig,
    profile: AgentProfile,
    *,
    salt: int,
    max_depth: int,
    last_path: Collection[int] = (),
) -> Node | None:
    """Return the free node that the agent should work on, or ``None`` when nothing is free.

    Args:
        root: Root of the tree.
        config: Shared rules.
        profile: The agent's constants.
        salt: Hash of (seed, agent, iteration); ties are broken by hashing it with the node's index.
        max_depth: Depth of the deepest node, for the depth bias.
        last_path: Indices of the nodes that the agent selected last, for the path bias.
    """
    if root.status != OPEN or root.free <= 0:
        return None
    weight = config.virtual_loss if config.selection == "virtual-loss" else 1.0
    loss = weight if config.selection == "virtual-loss" else 0.0
    biased = profile.depth_bias != 0.0 or (profile.path_bias != 0.0 and bool(last_path))
    bias = _Bias(profile, max_depth, last_path) if biased else None
    exploration = profile.exploration
    node = root
    while node.edges:
        edge = _choose_edge(node, weight, loss, exploration, salt, bias)
        if edge is None:
            return node
        children = edge.children
        node = children[0] if len(children) == 1 else _choose_child(children, weight, salt)
    return node  # counted as free, and nothing below: it must be the node itself


class _Bias:
    """What an agent adds to the scores of its choices."""

    __slots__ = ("_last_path", "_max_depth", "_profile")

    def __init__(self, profile: AgentProfile, max_depth: int, last_path: Collection[int]) -> None:
        self._profile = profile
        self._max_depth = max(max_depth, 1)
        self._last_path = last_path

    def of(self, edge: Edge) -> float:
        """Return what is added to the score of `edge`."""
        bias = self._profile.depth_bias * edge.deepest / self._max_depth
        if self._profile.path_bias and any(child.index in self._last_path for child in edge.children):
            bias += self._profile.path_bias
        return bias


def _choose_edge(
    node: Node,
    weight: float,
    loss: float,
    exploration: float,
    salt: int,
    bias: _Bias | None,
) -> Edge | None:
    """Best edge with something free below; ``None`` means: try another tactic on the node itself."""
    total = node.visits + node.inflight * weight
    spread = exploration * sqrt(log(total)) if total > 1.0 else 0.0
    best: Edge | None = None
    best_score = -inf
    best_hash = -1  # hashed only when there is a tie, which is rare in a real search
    best_index = node.index
    if node.own_visits and not node.reserved and node.expandable:
        # More tactics on this node compete with its edges as one more arm. A hidden node is marked reserved.
        best_score = node.own_successes / node.own_visits + spread / sqrt(node.own_visits)
    for edge in node.edges:
        if edge.free <= 0 or edge.status == DEAD:
            continue
        inflight = edge.inflight
        if inflight:
            visits = edge.visits + inflight * weight
            score = (edge.successes - inflight * loss) / visits + spread / sqrt(visits) if visits > 0.0 else inf
        elif edge.visits:
            visits = edge.visits
            score = edge.successes / visits + spread / sqrt(visits)
        else:
            score = inf
        if bias is not None:
            score += bias.of(edge)
        if score > best_score:
            best, best_score, best_hash, best_index = edge, score, -1, edge.children[0].index
            if score == inf:
                return edge  # unvisited edges come first, in the provider's order
        elif score == best_score:
            if best_hash < 0:
                best_hash = ((salt ^ best_index) * _ODD) & _MASK
            index = edge.children[0].index
            other = ((salt ^ index) * _ODD) & _MASK
            if other < best_hash:
                best, best_hash, best_index = edge, other, index
    return best


def _choose_child(children: tuple[Node, ...], weight: float, salt: int) -> Node:
    """All goals of an AND-set must be proved, so the least visited one with something free goes first."""
    best: Node | None = None
    least = inf
    for child in children:
        if child.free <= 0 or child.status != OPEN:
            continue
        visits = child.visits + child.inflight * weight
        if visits < least:
            best, least = child, visits
        elif visits == least:
            assert best is not None
            if ((salt ^ child.index) * _ODD) & _MASK < ((salt ^ best.index) * _ODD) & _MASK:
                best = child
    assert best is not None, "an edge counted as free has no free child"
    return best
