"""The tree against a model that recomputes everything from scratch after every step."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cellview.tree import AgentProfile, Edge, Node, Tree, TreeConfig, mix


class FakeGoal(msgspec.Struct, frozen=True):
    """A goal as the tree sees it. `sort` decides strict equality."""

    mvar_id: str
    sort: str
    rotate: int = 0
    joint: bool = False

    @property
    def goal_type(self) -> str:
        return self.sort

    @property
    def goal_sig(self) -> str:
        return self.sort

    @property
    def goal_sig_strict(self) -> str:
        return self.sort


class FakeCandidate(msgspec.Struct, frozen=True):
    tactic: str
    score: float = 1.0


class Model:
    """What the definitions say, computed the slow way."""

    def __init__(self, tree: Tree, killed: set[int]) -> None:
        self.killed = killed
        self.solved = {node.index: False for node in tree.nodes}
        self.dead = {node.index: False for node in tree.nodes}
        for node in reversed(tree.nodes):  # children come after their parents
            edges = list(node.edges)
            self.solved[node.index] = any(self.edge_solved(edge) for edge in edges)
            self.dead[node.index] = (
                not self.solved[node.index] and not node.expandable and all(self.edge_dead(edge) for edge in edges)
            )

    def edge_dead(self, edge: Edge) -> bool:
        return id(edge) in self.killed or any(self.dead[child.index] for child in edge.children)

    def edge_solved(self, edge: Edge) -> bool:
        return id(edge) not in self.killed and all(self.solved[child.index] for child in edge.children)

    def free(self, node: Node) -> int:
        """Free nodes in a subtree, whatever the node's own status is."""
        own = int(node.expandable and not node.reserved)
        return own + sum(self.edge_free(edge) for edge in node.edges if not self.edge_dead(edge))

    def deepest(self, edge: Edge) -> int:
        below = (self.deepest(other) for child in edge.children for other in child.edges)
        return max([*below, *(child.depth for child in edge.children)], default=edge.parent.depth)

    def edge_free(self, edge: Edge) -> int:
        return sum(
            self.free(child) for child in edge.children if not self.solved[child.index] and not self.dead[child.index]
        )


class TreeMachine(RuleBasedStateMachine):
    """Reserve, visit and release in any order, several at once, with proofs rejected now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.killed: set[int] = set()
        self.held: list[Node] = []
        self.names = 0
        self.salt = 0
        self.kept: list[Edge] = []  # keeps ids of killed edges from being reused

    @initialize(
        expansion=st.sampled_from(["all-successes", "first-success"]),
        selection=st.sampled_from(["virtual-loss", "wu-uct"]),
        backpropagation=st.sampled_from(["uniform", "and_min"]),
    )
    def begin(self, expansion: Any, selection: Any, backpropagation: Any) -> None:
        config = TreeConfig(expansion=expansion, selection=selection, backpropagation=backpropagation)
        self.tree = Tree(self.goal("root"), config, statement="root")

    def goal(self, sort: str) -> FakeGoal:
        self.names += 1
        return FakeGoal(f"cp0:_uniq.{self.names}", sort)

    @rule(depth_bias=st.sampled_from([0.0, 1.0, -1.0]))
    def reserve(self, depth_bias: float) -> None:
        self.salt += 1
        node = self.tree.select(AgentProfile(depth_bias=depth_bias), salt=mix(self.salt))
        if node is None:
            assert self.tree.free == 0, "free work exists, and the agent finds none"
            return
        assert node.expandable and not node.reserved
        assert Tree.closed_by_ancestor(node) is None, "a node that nobody needs was selected"
        self.tree.reserve(node)
        self.held.append(node)

    @precondition(lambda self: self.held)
    @rule(
        data=st.data(),
        outcomes=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=3), max_size=3),
        left=st.integers(0, 2),
    )
    def visit(self, data: st.DataObject, outcomes: list[list[str]], left: int) -> None:
        """A reservation comes back with some edges, each with some subgoals; `left` tactics stay untried."""
        node = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        if Tree.closed_by_ancestor(node) is not None:
            self.tree.release(node)
            return
        self.tree.set_untried(node, [FakeCandidate(f"u{i}") for i in range(left)])
        self.tree.release(node)
        ancestry = Tree.ancestry(node)
        edges: list[Edge] = []
        for number, sorts in enumerate(outcomes):
            goals = [self.goal(sort) for sort in sorts]
            edge = self.tree.expand(node, f"t{number}", goals, ancestry)
            assert (edge is None) == any(goal.sort in ancestry for goal in goals)
            if edge is not None:
                assert [goal.mvar_id for goal in edge.subgoals()] == [goal.mvar_id for goal in goals]
                edges.append(edge)
        self.tree.settle(node)
        self.tree.backpropagate(node, bool(edges))
        if self.tree.solved and data.draw(st.booleans(), label="reject the proof"):
            while self.tree.solved:
                edge = node.solution
                assert edge is not None
                self.killed.add(id(edge))
                self.kept.append(edge)
                self.tree.reject_solution(edge)

    @rule()
    def save_and_load(self) -> None:
        if self.held or self.killed:
            return
        data = self.tree.to_json()
        assert Tree.from_json(data).to_json() == data
        self.tree = Tree.from_json(data)

    @invariant()
    def agrees_with_the_model(self) -> None:
        if not hasattr(self, "tree"):
            return
        model = Model(self.tree, self.killed)
        for node in self.tree.nodes:
            assert node.is_terminal == model.solved[node.index], node
            assert node.is_dead == model.dead[node.index], node
            assert node.free == model.free(node), node
            assert node.live == sum(not model.edge_dead(edge) for edge in node.edges), node
            for edge in node.edges:
                assert edge.free == model.edge_free(edge), edge
                assert edge.deepest == model.deepest(edge), edge
                assert edge.unsolved == sum(not model.solved[child.index] for child in edge.children), edge
                assert edge.visits == sum(child.visits for child in edge.children), edge
                assert edge.inflight == sum(child.inflight for child in edge.children), edge
            assert node.inflight == int(node.reserved) + sum(edge.inflight for edge in node.edges), node
        assert self.tree.max_depth == max(node.depth for node in self.tree.nodes)


TestTree = TreeMachine.TestCase
TestTree.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
