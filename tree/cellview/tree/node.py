"""What the tree is made of: OR-nodes (goals) and their edges (tactics, each an AND-set of child nodes).

Plain mutable data. What changes it is in :mod:`cellview.tree.tree`, :mod:`~cellview.tree.selection` and
:mod:`~cellview.tree.propagation`, nowhere else. Classes with ``__slots__`` rather than msgspec structs: attribute
access is what selection spends its time on, and nodes refer to each other in cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from cellview.tree.keys import child_key

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
        "log_prior",
        "log_prob",
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
        self.log_prior = 0.0
        """Logarithm of the tactic's prior at its parent; kept only by rules of selection that use it."""
        self.log_prob = 0.0
        """Sum of the log-priors from the root down to this edge, itself included."""

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
        "log_total",
        "own_successes",
        "own_visits",
        "parent",
        "reserved",
        "solution",
        "status",
        "successes",
        "tie",
        "untried",
        "untried_prior",
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
        """See :meth:`place_key`."""
        self.tie = -1
        """The key's first 64 bits, once a tie had to be broken here."""
        self.log_total: float | None = None
        """Logarithm of the sum of e^score over all tactics suggested here; kept only where priors are used."""
        self.untried_prior = 0.0
        """Share of the priors that the untried tactics have; kept only where priors are used."""

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
        """Name of this node's place: a hash of the statement, and of the tactics and child numbers on the way to it.

        It does not depend on when or by whom the node was found, so interventions keyed by it draw the same decision in
        every arm of an experiment, and independent ones for different theorems.
        """
        return self.place_key().hex()

    def place_key(self) -> bytes:
        """Return the structural key as bytes. It is worked out when it is first asked for: most nodes never are."""
        chain: list[Node] = []
        node = self
        while (key := node.key) is None:
            chain.append(node)
            edge = node.parent
            assert edge is not None, "the root's key is given to it by its tree"
            node = edge.parent
        for node in reversed(chain):
            edge = node.parent
            assert edge is not None
            key = node.key = child_key(key, edge.children.index(node), edge.tactic)
        return key

    def __repr__(self) -> str:
        return f"<Node {self.index} {self.goal.mvar_id} {('open', 'solved', 'dead')[self.status]}>"
