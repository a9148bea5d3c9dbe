"""Walk from the root to a free node: UCB1 or PUCT over tactics, least-visited-first over the goals of an AND-set.

Counts of free nodes are kept in the tree, so the walk never enters a subtree that is solved, dead or wholly in flight,
and never has to backtrack. Rules that look at all free nodes at once are in :mod:`cellview.tree.scan`.
"""

from __future__ import annotations

from collections.abc import Collection
from math import exp, inf, log, sqrt

from cellview.tree.config import AgentProfile, TreeConfig
from cellview.tree.node import DEAD, OPEN, Edge, Node

__all__ = ["select", "tie_hash"]

_MASK = (1 << 64) - 1
_ODD = 0x9E3779B97F4A7C15
"""Ties are broken by multiplicative hashing (Knuth, TAOCP 6.4) of the key, which the salt has mixed already."""


def tie_hash(salt: int, node: Node) -> int:
    """Return the number by which a tie is broken: of several equally good choices, the one with the least is taken.

    It hashes the node's structural key and not the node's index: an index counts all that was found before, so that one
    tactic held back would decide every later tie of the whole search anew.
    """
    key = node.tie
    if key < 0:
        key = node.tie = int.from_bytes(node.place_key()[:8], "big")
    return ((salt ^ key) * _ODD) & _MASK


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
        salt: Hash of (seed, agent, iteration); ties are broken by hashing it with the node's structural key.
        max_depth: Depth of the deepest node, for the depth bias.
        last_path: Indices of the nodes that the agent selected last, for the path bias.
    """
    if root.status != OPEN or root.free <= 0:
        return None
    weight = 1.0 if config.selection == "wu-uct" else config.virtual_loss
    loss = 0.0 if config.selection == "wu-uct" else weight
    biased = profile.depth_bias != 0.0 or (profile.path_bias != 0.0 and bool(last_path))
    bias = _Bias(profile, max_depth, last_path) if biased else None
    choose = _choose_by_prior if config.selection == "puct" else _choose_edge
    exploration = profile.exploration
    node = root
    while node.edges:
        edge = choose(node, weight, loss, exploration, salt, bias)
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
    """Best edge with something free below by UCB1; ``None`` means: try another tactic on the node itself."""
    total = node.visits + node.inflight * weight
    spread = exploration * sqrt(log(total)) if total > 1.0 else 0.0
    best: Edge | None = None
    best_score = -inf
    best_hash = -1  # hashed only when there is a tie, which is rare in a real search
    best_node = node
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
            best, best_score, best_hash, best_node = edge, score, -1, edge.children[0]
            if score == inf:
                return edge  # unvisited edges come first, in the provider's order
        elif score == best_score:
            if best_hash < 0:
                best_hash = tie_hash(salt, best_node)
            other = tie_hash(salt, edge.children[0])
            if other < best_hash:
                best, best_hash, best_node = edge, other, edge.children[0]
    return best


def _choose_by_prior(
    node: Node,
    weight: float,
    loss: float,
    exploration: float,
    salt: int,
    bias: _Bias | None,
) -> Edge | None:
    """Best arm by PUCT: Q + c·P·√N / (1 + n), with N visits of the node, n of the arm, and Q = 0 where n = 0.

    Silver et al. 2018 (AlphaZero). P is the softmax of the provider's scores over the arms of this node: its edges that
    are not dead, as illegal moves have no prior there either, and as one more arm the tactics not tried yet, with the
    sum of theirs. ``None`` stands for that arm.
    """
    open_here = bool(node.own_visits) and node.expandable
    priors = [exp(edge.log_prior) if edge.status != DEAD else 0.0 for edge in node.edges]
    norm = sum(priors) + (node.untried_prior if open_here else 0.0)
    spread = exploration * sqrt(node.visits + node.inflight * weight) / norm if norm > 0.0 else 0.0
    best: Edge | None = None
    best_node = node
    best_score = -inf
    if open_here and not node.reserved:
        best_score = node.own_successes / node.own_visits + spread * node.untried_prior / (1.0 + node.own_visits)
    for edge, prior in zip(node.edges, priors, strict=True):
        if edge.free <= 0 or edge.status == DEAD:
            continue
        visits = edge.visits + edge.inflight * weight
        score = (edge.successes - edge.inflight * loss) / visits if visits > 0.0 else 0.0
        score += spread * prior / (1.0 + visits)
        if bias is not None:
            score += bias.of(edge)
        if score > best_score or (score == best_score and tie_hash(salt, edge.children[0]) < tie_hash(salt, best_node)):
            best, best_score, best_node = edge, score, edge.children[0]
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
            if tie_hash(salt, child) < tie_hash(salt, best):
                best = child
    assert best is not None, "an edge counted as free has no free child"
    return best
