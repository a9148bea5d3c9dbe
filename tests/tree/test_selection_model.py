"""Every rule of selection, and both of backpropagation, against small implementations written from their definitions.

The model (see `docs/reference/selection.md`, and the docstrings of the configuration) knows nothing of the tree's
counts: it keeps its own, from the log of what happened, and finds out by definition what is free.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from hashlib import blake2b, sha256
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.tree import AgentProfile, Edge, Node, Selection, Tree, TreeConfig
from cellview.tree.selection import tie_hash

STATEMENT = "(p q : Prop) :\n  p ∧ q → q"


class Named(msgspec.Struct, frozen=True):
    mvar_id: str
    rotate: int = 0
    joint: bool = False

    @property
    def goal_type(self) -> str:
        return self.mvar_id

    goal_sig = goal_sig_strict = goal_type


class Scored(msgspec.Struct, frozen=True):
    tactic: str
    score: float


class Counts:
    """Visits and successes of nodes and edges, by definition: the log is gone through with no regard to cost."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self.visits: dict[int, int] = {}
        self.successes: dict[int, int] = {}
        self.own_visits: dict[int, int] = {}
        self.own_successes: dict[int, int] = {}

    def of(self, what: Node | Edge) -> tuple[int, int]:
        return self.visits.get(id(what), 0), self.successes.get(id(what), 0)

    def add(self, what: Node | Edge, success: bool) -> None:
        self.visits[id(what)] = self.visits.get(id(what), 0) + 1
        self.successes[id(what)] = self.successes.get(id(what), 0) + success

    def visit(self, node: Node, success: bool) -> None:
        self.own_visits[id(node)] = self.own_visits.get(id(node), 0) + 1
        self.own_successes[id(node)] = self.own_successes.get(id(node), 0) + success
        self.add(node, success)
        edge = node.parent
        while edge is not None:
            if self.rule == "and_min" and success:
                success = not any(self.rate(other) < self.rate(node) for other in rivals(node, edge))
            self.add(edge, success)
            node = edge.parent
            self.add(node, success)
            edge = node.parent

    def rate(self, node: Node) -> float:
        """An AND-set is worth what its worst child is; one that was never visited has shown nothing."""
        visits, successes = self.of(node)
        return successes / visits if visits else -math.inf


def rivals(node: Node, edge: Edge) -> list[Node]:
    return [other for other in edge.children if other is not node and not other.is_terminal]


class Model:
    """Chooses by definition."""

    def __init__(self, tree: Tree, counts: Counts, suggested: dict[int, list[Scored]], taken: set[int]) -> None:
        self.tree = tree
        self.counts = counts
        self.suggested = suggested
        self.taken = taken
        """Numbers of the nodes that are reserved or left out."""
        self.reserved = {node.index for node in tree.nodes if node.reserved}

    # what is free

    def free(self, node: Node) -> bool:
        return node.index not in self.taken and (node.untried is None or bool(node.untried)) and self.needed(node)

    def needed(self, node: Node) -> bool:
        if node.is_terminal or node.is_dead:
            return False
        edge = node.parent
        return edge is None or (self.alive(edge) and self.needed(edge.parent))

    def alive(self, edge: Edge) -> bool:
        return not any(child.is_dead for child in edge.children)

    def below(self, node: Node) -> list[Node]:
        found = [node]
        for edge in node.edges:
            for child in edge.children:
                found += self.below(child)
        return found

    def has_free(self, what: Node | Edge) -> bool:
        tops = [what] if isinstance(what, Node) else list(what.children)
        return any(self.free(node) for top in tops for node in self.below(top))

    def flying(self, what: Node | Edge) -> int:
        tops = [what] if isinstance(what, Node) else list(what.children)
        return sum(node.index in self.reserved for top in tops for node in self.below(top))

    # keys and ties

    def key(self, node: Node) -> bytes:
        if node.parent is None:
            return sha256(b"(p q : Prop) : p \xe2\x88\xa7 q \xe2\x86\x92 q").digest()[:12]
        number = [child is node for child in node.parent.children].index(True)
        text = self.key(node.parent.parent) + bytes([0, 0, 0, number]) + node.parent.tactic.encode()
        return blake2b(text, digest_size=12).digest()

    def tie(self, salt: int, node: Node) -> int:
        return (salt ^ int.from_bytes(self.key(node)[:8], "big")) * 0x9E3779B97F4A7C15 % 2**64

    # priors

    def shares(self, node: Node) -> dict[str, float]:
        scores = [given.score for given in self.suggested[id(node)]]
        total = sum(math.exp(score) for score in scores)
        return {given.tactic: math.exp(given.score) / total for given in self.suggested[id(node)]}

    def log_likelihood(self, node: Node) -> float:
        if node.parent is None:
            return 0.0
        above = node.parent.parent
        return self.log_likelihood(above) + math.log(self.shares(above)[node.parent.tactic])

    # the rules

    def choose(self, profile: AgentProfile, salt: int, last: set[int], draw: Callable[[str], float]) -> Node | None:
        rule = self.tree.config.selection
        free = [node for node in self.tree.nodes if self.free(node)]
        if not free:
            return None
        if rule in ("blind", "blind-order"):
            return min(free, key=lambda node: draw(self.key(node).hex()))
        if rule == "best-first":
            return max(free, key=lambda node: (self.greed(node), -self.tie(salt, node)))
        node = self.tree.root
        while any(self.has_free(edge) and self.alive(edge) for edge in node.edges):
            edge = self.best_edge(node, profile, salt, last)
            if edge is None:
                return node
            children = [child for child in edge.children if self.needed(child) and self.has_free(child)]
            node = min(children, key=lambda child: (self.load(child), self.tie(salt, child)))
        return node

    def greed(self, node: Node) -> float:
        mine = id(node)
        in_vain = self.counts.own_visits.get(mine, 0) - self.counts.own_successes.get(mine, 0)
        return round(self.log_likelihood(node) - in_vain, 9)

    def load(self, node: Node) -> float:
        return self.counts.of(node)[0] + self.weight * self.flying(node)

    @property
    def weight(self) -> float:
        return 1.0 if self.tree.config.selection == "wu-uct" else self.tree.config.virtual_loss

    @property
    def loss(self) -> float:
        return 0.0 if self.tree.config.selection == "wu-uct" else self.tree.config.virtual_loss

    def best_edge(self, node: Node, profile: AgentProfile, salt: int, last: set[int]) -> Edge | None:
        """The best arm: an edge, or ``None`` for more tactics on the node itself."""
        arms: list[tuple[float, int, Edge | None]] = []
        if self.free(node) and self.counts.own_visits.get(id(node), 0):
            arms.append((self.own_score(node, profile), self.tie(salt, node), None))
        for edge in node.edges:
            if self.alive(edge) and self.has_free(edge):
                score = self.edge_score(node, edge, profile)
                deepest = max(below.depth for child in edge.children for below in self.below(child))
                score += profile.depth_bias * deepest / max(self.tree.max_depth, 1)
                if any(child.index in last for child in edge.children):
                    score += profile.path_bias
                arms.append((score, self.tie(salt, edge.children[0]), edge))
        unvisited = [edge for score, _, edge in arms if score == math.inf]
        if unvisited:
            return unvisited[0]
        best = max(score for score, _, _ in arms)
        return min((tie, edge) for score, tie, edge in arms if math.isclose(score, best, abs_tol=1e-12))[1]

    def own_score(self, node: Node, profile: AgentProfile) -> float:
        visits, successes = self.counts.own_visits[id(node)], self.counts.own_successes[id(node)]
        if self.tree.config.selection == "puct":
            return successes / visits + self.bonus(node, self.left(node), visits, profile)
        return successes / visits + profile.exploration * math.sqrt(self.log_total(node) / visits)

    def edge_score(self, node: Node, edge: Edge, profile: AgentProfile) -> float:
        visits, successes = self.counts.of(edge)
        weighed = visits + self.weight * self.flying(edge)
        won = successes - self.loss * self.flying(edge)
        if self.tree.config.selection == "puct":
            mean = won / weighed if weighed else 0.0
            return mean + self.bonus(node, self.shares(node)[edge.tactic], weighed, profile)
        if not weighed:
            return math.inf
        return won / weighed + profile.exploration * math.sqrt(self.log_total(node) / weighed)

    def log_total(self, node: Node) -> float:
        total = self.load(node)
        return math.log(total) if total > 1 else 0.0

    def left(self, node: Node) -> float:
        return sum(self.shares(node)[given.tactic] for given in node.untried or ())

    def bonus(self, node: Node, share: float, visits: float, profile: AgentProfile) -> float:
        legal = sum(self.shares(node)[edge.tactic] for edge in node.edges if self.alive(edge)) + self.left(node)
        return profile.exploration * share / legal * math.sqrt(self.load(node)) / (1 + visits)


class Grown:
    """A tree grown at random, with some nodes reserved, and the model's own counts of it."""

    def __init__(self, config: TreeConfig, seed: int, steps: int) -> None:
        self.rng = random.Random(seed)
        self.tree = Tree(Named("root"), config, statement=STATEMENT)
        self.counts = Counts(config.backpropagation)
        self.suggested: dict[int, list[Scored]] = {}
        self.names = 0
        for _ in range(steps):
            self.step()

    def model(self, taken: set[int]) -> Model:
        held = {node.index for node in self.tree.nodes if node.reserved}
        return Model(self.tree, self.counts, self.suggested, held | taken)

    def step(self) -> None:
        free = [node for node in self.tree.nodes if self.model(set()).free(node)]
        if not free:
            return
        node = self.rng.choice(free)
        self.tree.reserve(node)
        chance = self.rng.random()
        if chance < 0.15:
            return  # somebody still works on it
        if chance < 0.3:  # an obstacle
            self.tree.release(node)
            self.back(node, success=False)
            return
        self.visit(node)

    def visit(self, node: Node) -> None:
        if id(node) not in self.suggested:
            scores = [self.rng.choice([0.2, 0.5, 0.5, 1.5]) for _ in range(self.rng.randint(1, 4))]
            self.suggested[id(node)] = [Scored(f"t{number}", score) for number, score in enumerate(scores)]
        candidates = list(node.untried) if node.untried is not None else self.suggested[id(node)]
        tried = self.rng.randint(1, len(candidates))
        self.tree.set_untried(node, candidates[tried:], suggested=candidates)
        self.tree.release(node)
        ancestry = Tree.ancestry(node)
        worked = False
        for candidate in candidates[:tried]:
            if self.rng.random() < 0.7:
                goals = [self.goal() for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3]))]
                if not goals and self.rng.random() < 0.7:
                    continue
                worked |= self.tree.expand(node, candidate.tactic, goals, ancestry, score=candidate.score) is not None
        self.tree.settle(node)
        self.back(node, success=worked)

    def back(self, node: Node, *, success: bool) -> None:
        self.tree.backpropagate(node, success)
        self.counts.visit(node, success)

    def goal(self) -> Named:
        self.names += 1
        return Named(f"g{self.names}")


def configs(selection: str) -> st.SearchStrategy[TreeConfig]:
    return st.builds(
        TreeConfig,
        selection=st.just(selection),
        backpropagation=st.sampled_from(["uniform", "and_min"]),
        virtual_loss=st.sampled_from([0.0, 1.0, 2.5]),
    )


def profile(rng: random.Random) -> AgentProfile:
    return AgentProfile(
        exploration=rng.choice([0.0, 0.5, 1.4142135623730951, 3.0, rng.uniform(0, 2)]),
        depth_bias=rng.choice([0.0, 0.0, 1.0, -0.7]),
        path_bias=rng.choice([0.0, 0.0, 0.6, -0.6]),
    )


@pytest.mark.parametrize("selection", get_args(Selection))
@given(data=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_selection_is_what_its_definition_says(selection: str, data: st.DataObject, seed: int) -> None:
    rng = random.Random(
        seed + 1
    )  # and not Hypothesis, which likes small numbers: what matters needs a tree of some size
    grown = Grown(data.draw(configs(selection)), seed, rng.randint(0, 45))
    tree = grown.tree
    for _ in range(12):
        salt = rng.getrandbits(64)
        last = {node.index for node in rng.choice(tree.nodes).path()} if rng.random() < 0.5 else set[int]()
        without = rng.sample(tree.nodes, min(len(tree.nodes), rng.choice([0, 0, 1, 3])))
        seen: dict[str, float] = {}

        def draw(key: str, seen: dict[str, float] = seen, salt: int = salt) -> float:
            return seen.setdefault(key, random.Random(f"{salt} {key}").random())

        agent = profile(rng)
        expected = grown.model({node.index for node in without}).choose(agent, salt, last, draw)
        chosen = tree.select(agent, salt=salt, last_path=last, without=without, draw=draw)
        assert chosen is expected, (chosen, expected)


@given(backpropagation=st.sampled_from(["uniform", "and_min"]), seed=st.integers(0, 2**32), steps=st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_counts_are_what_the_log_says(backpropagation: Any, seed: int, steps: int) -> None:
    grown = Grown(TreeConfig(backpropagation=backpropagation), seed, steps)
    for node in grown.tree.nodes:
        assert (node.visits, node.successes) == grown.counts.of(node), node
        assert node.own_visits == grown.counts.own_visits.get(id(node), 0)
        assert node.own_successes == grown.counts.own_successes.get(id(node), 0)
        for edge in node.edges:
            assert (edge.visits, edge.successes) == grown.counts.of(edge), edge
        assert node.structural_key() == grown.model(set()).key(node).hex()


def test_the_worked_example_of_puct() -> None:
    """By hand: scores ln 8 and ln 2 are priors of 0.8 and 0.2; N = 1 after the root's own visit, c = 1."""
    tree = Tree(Named("root"), TreeConfig(selection="puct"), statement=STATEMENT)
    likely, unlikely = Scored("t1", math.log(8)), Scored("t2", math.log(2))
    tree.reserve(tree.root)
    tree.set_untried(tree.root, (), suggested=[likely, unlikely])
    tree.release(tree.root)
    one = tree.expand(tree.root, "t1", [Named("a")], set(), score=likely.score)
    two = tree.expand(tree.root, "t2", [Named("b")], set(), score=unlikely.score)
    assert one is not None and two is not None
    tree.backpropagate(tree.root, True)
    profile = AgentProfile(exploration=1.0)
    assert tree.select(profile, salt=1) is one.children[0], "0.8 against 0.2"
    tree.backpropagate(one.children[0], False)  # 0 + 0.8 √2 / 2 = 0.57 against 0.2 √2 / 1 = 0.28
    assert tree.select(profile, salt=1) is one.children[0]
    for _ in range(3):  # 0.8 √5 / 5 = 0.36 against 0.2 √5 = 0.45
        tree.backpropagate(one.children[0], False)
    assert tree.select(profile, salt=1) is two.children[0]


def test_scores_that_are_not_finite_are_impossible_and_break_nothing() -> None:
    for selection in ("puct", "best-first"):
        tree = Tree(Named("root"), msgspec.convert({"selection": selection}, TreeConfig), statement=STATEMENT)
        given_ = [Scored("t1", -math.inf), Scored("t2", math.nan), Scored("t3", 1e308)]
        tree.reserve(tree.root)
        tree.set_untried(tree.root, (), suggested=given_)
        tree.release(tree.root)
        edges = [tree.expand(tree.root, g.tactic, [Named(g.tactic)], set(), score=g.score) for g in given_]
        tree.backpropagate(tree.root, True)
        assert edges[2] is not None
        assert tree.select(AgentProfile(), salt=3) is edges[2].children[0]


def test_a_tree_is_saved_with_what_its_rule_needs() -> None:
    grown = Grown(TreeConfig(selection="puct"), 5, 30)
    for node in grown.tree.nodes:
        if node.reserved:
            grown.tree.release(node)
    again = Tree.from_json(grown.tree.to_json())
    assert again.to_json() == grown.tree.to_json()
    assert again.statement_digest == grown.tree.statement_digest
    for salt in range(50):
        one, other = grown.tree.select(AgentProfile(), salt=salt), again.select(AgentProfile(), salt=salt)
        assert (one and one.index) == (other and other.index)
    assert [n.structural_key() for n in again.nodes] == [n.structural_key() for n in grown.tree.nodes]


def test_a_tie_is_broken_by_all_64_bits_of_the_product() -> None:
    # The multiplier is odd, so the lowest bit of a product with it is that of the other factor.
    tree = Tree(Named("g"), TreeConfig(), statement="s")
    key = int.from_bytes(tree.root.place_key()[:8], "big")
    for salt in (0, 1, 2**64 - 1):
        assert tie_hash(salt, tree.root) == (salt ^ key) * 0x9E3779B97F4A7C15 % 2**64
        assert tie_hash(salt, tree.root) % 2 == (salt ^ key) % 2
