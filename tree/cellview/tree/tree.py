"""The AND/OR proof tree: a pure state machine of reserve, expand, backpropagate, solve.

A node is one goal; a tactic that works is an edge; its subgoals are an AND-set. The tree knows nothing of provers,
clocks or actors: what is free to work on, what is solved and what is dead follow from the calls alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import exp
from typing import Any, Protocol, TypeVar

import msgspec

from cellview.tree.config import AgentProfile, TreeConfig
from cellview.tree.errors import TreeFormatError
from cellview.tree.json import FORMAT, SavedTree, dump_nodes, load_nodes, parse
from cellview.tree.keys import root_key, statement_digest
from cellview.tree.node import OPEN, SOLVED, Candidate, Edge, GoalView, Node
from cellview.tree.priors import log_prior, log_total
from cellview.tree.propagation import add_free, kill_edge, mark_dead_if_exhausted, mark_solved, reopen
from cellview.tree.scan import best_first, draw_node
from cellview.tree.selection import select

__all__ = ["Tree"]

_Step = TypeVar("_Step")


class _StepFactory(Protocol[_Step]):
    def __call__(self, *, tactic: str, children: tuple[_Step, ...], rotate: int, joint: bool) -> _Step: ...


class Tree:
    """One shared proof tree.

    Args:
        root: Goal of the theorem.
        config: Rules that all agents share.
        statement: The theorem as it was written. All structural keys begin with it, so that what is drawn for one
            theorem says nothing about another; see :func:`statement_digest`.

    Attributes:
        statement_digest: Digest of the statement.
        nodes: All nodes in order of creation.
        expansions: Visits that added at least one edge.
        max_depth: Depth of the deepest node (the root has depth 0).
    """

    def __init__(self, root: GoalView, config: TreeConfig | None = None, *, statement: str) -> None:
        self.config = config if config is not None else TreeConfig()
        self.root = Node(0, root, None, 0)
        self.statement_digest = statement_digest(statement)
        self.root.key = root_key(self.statement_digest)
        self.nodes: list[Node] = [self.root]
        self.expansions = 0
        self.max_depth = 0

    @property
    def solved(self) -> bool:
        """Whether the root is solved."""
        return self.root.status == SOLVED

    @property
    def dead(self) -> bool:
        """Whether the root cannot be proved any more."""
        return self.root.is_dead

    @property
    def free(self) -> int:
        """Nodes that could be reserved now."""
        return self.root.free if self.root.status == OPEN else 0

    # -- reservations ------------------------------------------------------------------------------------------------

    def select(
        self,
        profile: AgentProfile,
        *,
        salt: int,
        last_path: Collection[int] = (),
        without: Iterable[Node] = (),
        draw: Callable[[str], float] | None = None,
    ) -> Node | None:
        """Return the free node that an agent should work on, or ``None``; changes nothing.

        `without` are nodes to leave out, such as those a schedule has just blocked. The blind rules need `draw`, which
        gives the number in [0, 1) that belongs to a structural key in this iteration: the tree draws nothing itself.
        """
        hidden = [node for node in without if _hide(node)]
        try:
            if self.config.is_blind:
                assert draw is not None, f"selection {self.config.selection} needs a draw"
                return draw_node(self.root, draw)
            if self.config.selection == "best-first":
                return best_first(self.root, salt=salt)
            return select(self.root, self.config, profile, salt=salt, max_depth=self.max_depth, last_path=last_path)
        finally:
            for node in hidden:
                node.reserved = False
                add_free(node, 1)

    def reserve(self, node: Node) -> None:
        """Take a free node: nobody else can select it, and virtual loss weighs on its path, until `release`."""
        assert not node.reserved and node.expandable, f"{node!r} is not free"
        node.reserved = True
        self._weigh(node, 1)
        add_free(node, -1)

    def release(self, node: Node) -> None:
        """Give a reservation back."""
        assert node.reserved, f"{node!r} is not reserved"
        node.reserved = False
        self._weigh(node, -1)
        if node.expandable:
            add_free(node, 1)

    @staticmethod
    def _weigh(node: Node, delta: int) -> None:
        node.inflight += delta
        edge = node.parent
        while edge is not None:
            edge.inflight += delta
            node = edge.parent
            node.inflight += delta
            edge = node.parent

    @staticmethod
    def closed_by_ancestor(node: Node) -> str | None:
        """Say why nobody needs `node` any more: ``solved`` or ``dead`` (itself or something above it), or ``None``."""
        while True:
            if node.status != OPEN:
                return "solved" if node.status == SOLVED else "dead"
            edge = node.parent
            if edge is None:
                return None
            if edge.status != OPEN:
                return "dead"
            node = edge.parent

    # -- growth ------------------------------------------------------------------------------------------------------

    @staticmethod
    def ancestry(node: Node) -> set[str]:
        """Strict signatures of the node and its ancestors: what a new goal must not repeat."""
        signatures = {node.goal.goal_sig_strict}
        edge = node.parent
        while edge is not None:
            node = edge.parent
            signatures.add(node.goal.goal_sig_strict)
            edge = node.parent
        return signatures

    def expand(
        self, node: Node, tactic: str, goals: Sequence[GoalView], ancestry: set[str], *, score: float = 0.0
    ) -> Edge | None:
        """Add the edge of a tactic that worked; without goals it solves the node at once.

        Strictly equal siblings share one node. An edge of which a goal strictly equals the node or an ancestor (see
        :meth:`ancestry`, asked for once a visit) is rejected whole and ``None`` is returned: it is a cycle, which could
        only be proved by proving that ancestor first. `score` is the provider's; rules of selection that use priors
        keep it.
        """
        edge = Edge(node, tactic, None)
        if self.config.uses_priors:
            edge.log_prior = log_prior(score, node.log_total)
            edge.log_prob = edge.log_prior + (node.parent.log_prob if node.parent is not None else 0.0)
        if goals:
            for goal in goals:
                if goal.goal_sig_strict in ancestry:
                    return None
            if len(goals) > 1:
                goals = _share_equal(edge, goals)
            self._add_children(node, edge, goals)
        if isinstance(node.edges, list):
            node.edges.append(edge)
        else:
            node.edges = [edge]
        node.live += 1
        if edge.free:
            add_free(node, edge.free)
        elif node.status == OPEN:
            mark_solved(node, edge)
        return edge

    def _add_children(self, node: Node, edge: Edge, goals: Sequence[GoalView]) -> None:
        depth = node.depth + 1
        if depth > self.max_depth:
            self.max_depth = depth
        nodes = self.nodes
        index = len(nodes)
        if len(goals) == 1:
            edge.children = (Node(index, goals[0], edge, depth),)
        else:
            edge.children = tuple([Node(index + i, goal, edge, depth) for i, goal in enumerate(goals)])
        nodes.extend(edge.children)
        edge.unsolved = edge.free = len(goals)
        above: Edge | None = edge
        while above is not None and above.deepest < depth:
            above.deepest = depth
            above = above.parent.parent

    def set_untried(self, node: Node, untried: Sequence[Candidate], *, suggested: Sequence[Candidate] = ()) -> None:
        """Record which suggestions are left to try on a reserved node; with none left it may turn out dead.

        `suggested` are all those that the visit began with. The first visit's are what the provider said of the node,
        and the priors are shares of them. Call it before :meth:`expand`.
        """
        assert node.reserved, f"{node!r} is not reserved"
        node.untried = untried
        if self.config.uses_priors:
            if node.log_total is None:
                node.log_total = log_total(suggested)
            node.untried_prior = sum(exp(log_prior(left.score, node.log_total)) for left in untried)

    def settle(self, node: Node) -> None:
        """Mark the node dead, and what hangs on it, if it is exhausted. Call it after `release`."""
        mark_dead_if_exhausted(node)

    def backpropagate(self, node: Node, success: bool) -> None:
        """Count a visit, and a success if there was one, from `node` up to the root."""
        credit = 1 if success else 0
        careful = self.config.backpropagation == "and_min" and success
        node.own_visits += 1
        node.own_successes += credit
        while True:
            node.visits += 1
            node.successes += credit
            edge = node.parent
            if edge is None:
                return
            edge.visits += 1
            if careful and credit and not _is_weakest(node, edge):
                credit = 0
            edge.successes += credit
            node = edge.parent

    def reject_solution(self, edge: Edge) -> None:
        """Kill the edge that completed a proof which did not stand up to verification; the search goes on.

        The edge that was committed last is killed, not the root's: it is the smallest part without which the rejected
        proof cannot come back.
        """
        node = edge.parent
        assert node.solution is edge, f"{edge!r} does not solve {node!r}"
        reopen(node)
        kill_edge(edge)
        if node.status == OPEN:
            for other in node.edges:
                if other.status == OPEN and other.unsolved == 0:
                    mark_solved(node, other)
                    return

    # -- results -----------------------------------------------------------------------------------------------------

    def proof(self, step: _StepFactory[_Step]) -> _Step:
        """Build the solved branch from the leaves up by calling `step` for each tactic on it, each node once.

        Children come in the tactic's own order; strictly equal siblings get equal steps.
        """
        assert self.solved, "the tree has no proof yet"
        built: dict[int, _Step] = {}
        stack = [self.root]
        while stack:
            node = stack[-1]
            edge = node.solution
            assert edge is not None
            missing = [child for child in edge.children if child.index not in built]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            numbers = edge.order if edge.order is not None else range(len(edge.children))
            built[node.index] = step(
                tactic=edge.tactic,
                children=tuple([built[edge.children[i].index] for i in numbers]),
                rotate=node.goal.rotate,
                joint=node.goal.joint,
            )
        return built[0]

    def _repr_html_(self) -> str:
        """Draw a small tree for a notebook."""
        from cellview.tree.drawing import small_svg  # which draws trees, and so knows this class

        return small_svg(self)

    def to_json(self) -> dict[str, Any]:
        """Return the whole tree as plain data; :meth:`from_json` reads it back."""
        nodes = dump_nodes(self.nodes)
        saved = SavedTree(FORMAT, self.config, self.expansions, self.max_depth, nodes, self.statement_digest)
        plain: dict[str, Any] = msgspec.to_builtins(saved)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tree:
        """Rebuild a tree saved by :meth:`to_json`, without the reservations it had.

        Raises:
            TreeFormatError: The data is not a saved tree of this format.
        """
        saved = parse(data)
        nodes = load_nodes(saved.nodes)
        if not nodes:
            raise TreeFormatError("saved tree has no nodes")
        tree = cls(nodes[0].goal, saved.config, statement="")
        tree.root, tree.nodes = nodes[0], nodes
        tree.statement_digest = saved.statement_digest
        tree.root.key = root_key(saved.statement_digest)
        tree.expansions, tree.max_depth = saved.expansions, saved.max_depth
        return tree


def _hide(node: Node) -> bool:
    """Pretend for a moment that a free node is taken."""
    if node.reserved or not node.expandable:
        return False
    node.reserved = True
    add_free(node, -1)
    return True


def _share_equal(edge: Edge, goals: Sequence[GoalView]) -> Sequence[GoalView]:
    """Return the distinct goals in order; if some are equal, note in the edge which goal shares which node."""
    first, *rest = goals
    if len(rest) == 1 and rest[0].goal_sig_strict != first.goal_sig_strict:
        return goals
    numbers: dict[tuple[str, int, bool], int] = {}
    distinct: list[GoalView] = []
    order: list[int] = []
    for goal in goals:
        # Goals that a script reaches in different ways (rotated, joint) keep nodes of their own: their steps differ.
        number = numbers.setdefault((goal.goal_sig_strict, goal.rotate, goal.joint), len(distinct))
        if number == len(distinct):
            distinct.append(goal)
        order.append(number)
    if len(distinct) < len(goals):
        edge.order = tuple(order)
        edge.goals = tuple(goals)
    return distinct


def _is_weakest(node: Node, edge: Edge) -> bool:
    """Whether no unsolved sibling has a lower success rate (ties count as weakest)."""
    rate = node.successes / node.visits
    return all(
        other is node or other.status == SOLVED or (other.visits > 0 and other.successes / other.visits >= rate)
        for other in edge.children
    )
