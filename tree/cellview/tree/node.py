"""What the tree is made of: OR-nodes (goals) and their edges (tactics, each an AND-set of child nodes).

Plain mutable data. What changes it is in :mod:`cellview.tree.tree`, :mod:`~cellview.tree.selection` and
:mod:`~cellview.tree.propagation`, nowhere else. Classes with ``__slots__`` rather than msgspec structs: attribute
access is what selection spends its time on, and nodes refer to each other in cycles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, Protocol

__all__ = ["DEAD", "OPEN", "SOLVED", "Candidate", "Edge", "GoalView", "Node"]

OPEN: Final = 0
SOLVED: Final = 1
DEAD: Final = 2


class GoalView(Protocol):
    """What the tree wants to know of a goal; a prover's goal has it."""

    @property
    def mvar_id(self) -> str:
        """Name of the goal, unique in the tree."""
        ...

    @property
    def goal_type(self) -> str:
        """The target as text."""
        ...

    @property
    def goal_sig(self) -> str:
        """Signature of the target."""
        ...

    @property
    def goal_sig_strict(self) -> str:
        """Signature of target and context: strictly equal goals have the same proofs."""
        ...

    @property
    def rotate(self) -> int:
        """Goals to rotate past before this one is the first."""
        ...

    @property
    def joint(self) -> bool:
        """Whether several goals that share metavariables are one node here."""
        ...


class Candidate(Protocol):
    """A suggested tactic; a provider's suggestion has this."""

    @property
    def tactic(self) -> str:
        """Text of the tactic."""
        ...

    @property
    def score(self) -> float:
        """Higher is tried first."""
        ...


class Edge:
    """A tactic that worked on `parent`. All `children` must be solved for it to solve its parent.

    `children` holds each distinct child once. When strictly equal siblings share a node, `order` says which child
    stands for each subgoal of the tactic, and `goals` keeps all subgoals; both are ``None`` when all are distinct.
    """

    __slots__ = (
        "children",
        "deepest",
        "free",
        "goals",
        "inflight",
        "order",
        "parent",
        "status",
        "successes",
        "tactic",
        "unsolved",
        "visits",
    )

    def __init__(self, parent: Node, tactic: str, order: tuple[int, ...] | None) -> None:
        self.parent = parent
        self.tactic = tactic
        self.children: tuple[Node, ...] = ()
        self.order = order
        self.goals: tuple[GoalView, ...] | None = None
        self.visits = 0
        self.successes = 0
        self.inflight = 0
        self.free = 0
        """Free nodes below, through open children."""
        self.status = OPEN
        self.unsolved = 0
        self.deepest = parent.depth
        """Depth of the deepest node below."""

    def subgoals(self) -> tuple[GoalView, ...]:
        """All subgoals of the tactic, in its order."""
        return self.goals if self.goals is not None else tuple([child.goal for child in self.children])

    def __repr__(self) -> str:
        return f"<Edge {self.tactic!r} of {self.parent.goal.mvar_id}>"


class Node:
    """One goal.

    A node is *expandable* while tactics may be tried on it: before its first visit (`untried` is ``None``), and later
    while `untried` is not empty. It is *free* when it is expandable and not `reserved`.
    """

    __slots__ = (
        "depth",
        "edges",
        "free",
        "goal",
        "index",
        "inflight",
        "key",
        "live",
        "own_successes",
        "own_visits",
        "parent",
        "reserved",
        "solution",
        "status",
        "successes",
        "untried",
        "visits",
    )

    def __init__(self, index: int, goal: GoalView, parent: Edge | None, depth: int) -> None:
        self.index = index
        """Number of the node in order of creation; the root is 0."""
        self.goal = goal
        self.parent = parent
        self.depth = depth
        self.visits = 0
        self.successes = 0
        self.inflight = 0
        """Reservations in this node's subtree, itself included."""
        self.free = 1
        """Free nodes in this subtree, itself included; counted whatever the node's own status is."""
        self.status = OPEN
        self.edges: list[Edge] | tuple[()] = ()
        self.live = 0
        """Edges that are not dead."""
        self.untried: Sequence[Candidate] | None = None
        self.reserved = False
        self.solution: Edge | None = None
        self.own_visits = 0
        self.own_successes = 0
        self.key: bytes | None = None

    @property
    def expandable(self) -> bool:
        """Whether there are tactics left to try here (or to ask for)."""
        return self.untried is None or len(self.untried) > 0

    @property
    def is_terminal(self) -> bool:
        """Whether the goal is proved."""
        return self.status == SOLVED

    @property
    def is_dead(self) -> bool:
        """Whether the goal cannot be proved any more: no tactics left, all edges dead."""
        return self.status == DEAD

    def path(self) -> list[Node]:
        """Nodes from the root to this one, both included."""
        nodes: list[Node] = [self]
        edge = self.parent
        while edge is not None:
            node = edge.parent
            nodes.append(node)
            edge = node.parent
        nodes.reverse()
        return nodes

    def path_ids(self) -> list[str]:
        """Mvar ids from the root to this node, both included."""
        ids = [self.goal.mvar_id]
        edge = self.parent
        while edge is not None:
            node = edge.parent
            ids.append(node.goal.mvar_id)
            edge = node.parent
        ids.reverse()
        return ids

    def tactics(self) -> list[str]:
        """Tactics on the way from the root to this node."""
        return [node.parent.tactic for node in self.path() if node.parent is not None]

    def structural_key(self) -> str:
        """Name of this node's place: a hash of the tactics and child numbers on the way to it.

        It does not depend on when or by whom the node was found, so interventions keyed by it draw the same decision in
        every arm of an experiment.
        """
        chain: list[Node] = []
        node: Node | None = self
        while node is not None and node.key is None:
            chain.append(node)
            node = node.parent.parent if node.parent is not None else None
        for node in reversed(chain):
            node.key = _key_of(node)
        assert self.key is not None
        return self.key.hex()

    def __repr__(self) -> str:
        return f"<Node {self.index} {self.goal.mvar_id} {('open', 'solved', 'dead')[self.status]}>"


def _key_of(node: Node) -> bytes:
    """Key of a node whose parent has its key already."""
    edge = node.parent
    if edge is None:
        return hashlib.blake2b(b"root", digest_size=12).digest()
    number = edge.children.index(node)
    above = edge.parent.key
    assert above is not None
    return hashlib.blake2b(above + number.to_bytes(4, "big") + edge.tactic.encode(), digest_size=12).digest()
