"""The rules of the tree, one by one, and the defects that must not come back."""

from __future__ import annotations

import sys

import msgspec
import pytest

from cellview.prover import Goal, ProofStep, render_script
from cellview.tree import (
    AgentProfile,
    Edge,
    Node,
    Tree,
    TreeConfig,
    TreeConfigError,
    TreeFormatError,
    mix,
    statement_digest,
)

PLAIN = AgentProfile()


def goal(name: str, sort: str | None = None) -> Goal:
    return Goal(name, sort or name, sort or name, sort or name)


def visit(tree: Tree, node: Node, *edges: tuple[str, list[Goal]]) -> list[Edge | None]:
    """One whole visit: reserve, everything tried, release, expand, settle, count."""
    tree.reserve(node)
    tree.set_untried(node, ())
    tree.release(node)
    ancestry = Tree.ancestry(node)
    added = [tree.expand(node, tactic, goals, ancestry) for tactic, goals in edges]
    tree.settle(node)
    tree.backpropagate(node, any(edge is not None for edge in added))
    return added


def child(edge: Edge | None, number: int = 0) -> Node:
    assert edge is not None
    return edge.children[number]


def test_an_and_child_that_looks_like_its_sibling_is_kept() -> None:
    tree = Tree(goal("r"), statement="r")
    (edge,) = visit(tree, tree.root, ("constructor", [goal("a", "P"), goal("b", "P"), goal("c", "Q")]))
    assert edge is not None
    assert [g.mvar_id for g in edge.subgoals()] == ["a", "b", "c"], "all stand in the record"
    assert len(edge.children) == 2, "equal siblings share one node's fate"
    visit(tree, child(edge), ("exact h", []))
    assert not tree.solved
    visit(tree, child(edge, 1), ("exact k", []))
    assert tree.solved
    assert render_script(tree.proof(ProofStep)).splitlines() == ["constructor", "· exact h", "· exact h", "· exact k"]


def test_siblings_that_only_look_alike_are_different_goals() -> None:
    tree = Tree(goal("r"), statement="r")
    left = Goal("a", "P", "same look", "context 1")
    right = Goal("b", "P", "same look", "context 2")
    third = Goal("c", "P", "same look", "context 3")
    two, three = visit(tree, tree.root, ("constructor", [left, right]), ("refine ⟨?_, ?_, ?_⟩", [left, right, third]))
    assert two is not None and len(two.children) == 2
    assert three is not None and len(three.children) == 3


def test_a_solved_subgoal_is_never_called_dead() -> None:
    tree = Tree(goal("r"), statement="r")
    (edge,) = visit(tree, tree.root, ("constructor", [goal("a"), goal("b")]))
    a, b = child(edge, 0), child(edge, 1)
    visit(tree, a, ("trivial", []))
    visit(tree, b)
    assert b.is_dead and tree.dead
    assert a.is_terminal and not a.is_dead


def test_siblings_under_a_dead_edge_are_not_searched() -> None:
    tree = Tree(goal("r"), statement="r")
    one, two = visit(tree, tree.root, ("t1", [goal("a"), goal("b")]), ("t2", [goal("c")]))
    visit(tree, child(one, 0))
    assert tree.free == 1
    assert tree.select(PLAIN, salt=1) is child(two)
    assert Tree.closed_by_ancestor(child(one, 1)) == "dead"


def test_a_tactic_that_leads_back_to_an_ancestor_is_rejected_whole() -> None:
    tree = Tree(goal("r", "P"), statement="r")
    (edge,) = visit(tree, tree.root, ("revert h", [goal("a", "Q")]))
    back = visit(tree, child(edge), ("intro h", [goal("b", "S"), goal("c", "P")]))
    assert back == [None]
    assert tree.dead


def test_a_tactic_that_changes_nothing_is_rejected() -> None:
    tree = Tree(goal("r", "P"), statement="r")
    assert visit(tree, tree.root, ("skip", [goal("a", "P")])) == [None]


@pytest.mark.parametrize("backpropagation", ["uniform", "and_min"])
@pytest.mark.parametrize("selection", ["virtual-loss", "wu-uct"])
def test_one_short_and_one_long_branch_are_both_proved(selection: str, backpropagation: str) -> None:
    """An AND-set of a leaf and a chain of 30: selection must not starve the long branch."""
    config = msgspec.convert({"selection": selection, "backpropagation": backpropagation}, TreeConfig)
    tree = Tree(goal("r"), config, statement="r")
    (edge,) = visit(tree, tree.root, ("constructor", [goal("short"), goal("long 0")]))
    for iteration in range(100):
        node = tree.select(PLAIN, salt=mix(iteration))
        if node is None:
            break
        name = node.goal.goal_type
        if name == "short":
            visit(tree, node, ("trivial", []))
        else:
            number = int(name.split()[1])
            visit(tree, node, ("exact h", []) if number == 29 else ("step", [goal(f"long {number + 1}")]))
    assert tree.solved
    assert edge is not None and all(node.is_terminal for node in edge.children)


def test_a_chain_of_3000_needs_no_recursion() -> None:
    tree = Tree(goal("g 0"), statement="g 0")
    node = tree.root
    depth = 3_000
    assert depth > sys.getrecursionlimit()
    for number in range(1, depth):
        (edge,) = visit(tree, node, (f"t{number}", [goal(f"g {number}")]))
        node = child(edge)
    assert tree.select(PLAIN, salt=0) is node
    visit(tree, node, ("trivial", []))
    assert tree.solved
    script = render_script(tree.proof(ProofStep))
    assert len(script.splitlines()) == depth
    assert len(node.structural_key()) == 24
    assert len(node.path_ids()) == depth
    assert Tree.from_json(tree.to_json()).solved


def test_a_rejected_proof_kills_one_edge_and_the_search_goes_on() -> None:
    tree = Tree(goal("r"), statement="r")
    (edge,) = visit(tree, tree.root, ("intro", [goal("a")]))
    a = child(edge)
    wrong, right = visit(tree, a, ("wrong", []), ("right", []))
    assert tree.solved and a.solution is wrong
    assert wrong is not None
    tree.reject_solution(wrong)
    assert tree.solved and a.solution is right, "another tactic closed the goal too"
    assert right is not None
    tree.reject_solution(right)
    assert not tree.solved and tree.dead


def test_first_success_keeps_a_node_with_untried_tactics_reachable() -> None:
    tree = Tree(goal("r"), TreeConfig(expansion="first-success"), statement="r")
    tree.reserve(tree.root)
    left = [_Candidate("t2", 0.5)]
    tree.set_untried(tree.root, left)
    tree.release(tree.root)
    edge = tree.expand(tree.root, "t1", [goal("a")], Tree.ancestry(tree.root))
    tree.backpropagate(tree.root, True)
    visit(tree, child(edge))
    assert not tree.dead
    assert tree.select(PLAIN, salt=0) is tree.root


class _Candidate(msgspec.Struct, frozen=True):
    tactic: str
    score: float


def test_skipped_nodes_are_left_out_and_nothing_changes() -> None:
    tree = Tree(goal("r"), statement="r")
    one, two = visit(tree, tree.root, ("t1", [goal("a")]), ("t2", [goal("b")]))
    before = tree.to_json()
    first = tree.select(PLAIN, salt=0)
    assert first is child(one)
    assert tree.select(PLAIN, salt=0, without=[child(one)]) is child(two)
    assert tree.select(PLAIN, salt=0, without=[child(one), child(two)]) is None
    assert tree.to_json() == before and tree.free == 2


def test_virtual_loss_spreads_agents_and_wu_uct_does_not_punish() -> None:
    tree = Tree(goal("r"), TreeConfig(virtual_loss=3.0), statement="r")
    one, two = visit(tree, tree.root, ("t1", [goal("a")]), ("t2", [goal("b")]))
    tree.reserve(child(one))
    assert tree.select(PLAIN, salt=0) is child(two)


def test_the_structural_key_is_the_place_and_not_the_order_of_discovery() -> None:
    def grow(*, reverse: bool) -> dict[str, str]:
        tree = Tree(goal("r"), statement="r")
        edges = visit(tree, tree.root, ("t1", [goal("a"), goal("b")]), ("t2", [goal("c")]))
        nodes = [child(edges[0], 0), child(edges[0], 1), child(edges[1])]
        for node in reversed(nodes) if reverse else nodes:
            visit(tree, node, ("t3", [goal(f"{node.goal.mvar_id}'")]))
        return {node.goal.mvar_id: node.structural_key() for node in tree.nodes}

    assert grow(reverse=False) == grow(reverse=True)
    assert len(set(grow(reverse=False).values())) == 7


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"virtual_loss": -1.0}, "virtual loss must be a number of at least 0, not -1.0"),
        ({"virtual_loss": float("nan")}, "virtual loss must be"),
        ({"expansion": "some"}, "expansion policy must be one of all-successes, first-success, not 'some'"),
        ({"selection": "ucb"}, "selection must be one of"),
        ({"backpropagation": "max"}, "backpropagation must be one of"),
    ],
)
def test_bad_rules_are_refused(change: dict[str, object], expected: str) -> None:
    with pytest.raises(TreeConfigError, match=expected):
        TreeConfig(**change)  # type: ignore[arg-type]  # what a caller without a type checker passes


@pytest.mark.parametrize("change", [{"exploration": -1.0}, {"depth_bias": float("inf")}, {"history_cache": -1}])
def test_bad_agents_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(TreeConfigError):
        AgentProfile(**change)  # type: ignore[arg-type]  # as above


def test_a_damaged_saved_tree_is_refused() -> None:
    tree = Tree(goal("r"), statement="r")
    visit(tree, tree.root, ("t1", [goal("a")]))
    data = tree.to_json()
    with pytest.raises(TreeFormatError, match="not a saved tree"):
        Tree.from_json({"format": 1})
    with pytest.raises(TreeFormatError, match="reads format 1"):
        Tree.from_json({**data, "format": 9})
    data["nodes"][0]["edges"][0]["children"] = [7]
    with pytest.raises(TreeFormatError, match="impossible child 7"):
        Tree.from_json(data)


def test_paths_lead_from_the_root_to_the_node() -> None:
    tree = Tree(goal("r"), statement="r")
    (first,) = visit(tree, tree.root, ("t1", [goal("a"), goal("b")]))
    (second,) = visit(tree, child(first, 1), ("t2", [goal("c")]))
    node = child(second)
    assert [step.goal.mvar_id for step in node.path()] == node.path_ids() == ["r", "b", "c"]
    assert node.tactics() == ["t1", "t2"]
    assert tree.root.path_ids() == ["r"] and tree.root.tactics() == []


def test_a_saved_tree_says_of_priors_only_where_there_are_any() -> None:
    tree = Tree(goal("r"), statement=" p  ∧ q ")
    visit(tree, tree.root, ("t1", [goal("a")]))
    saved = tree.to_json()
    assert saved["statement_digest"] == statement_digest("p ∧ q")
    assert not {"log_total", "untried_prior"} & set(saved["nodes"][0])
    assert "log_prior" not in saved["nodes"][0]["edges"][0]
    old = {**saved}
    del old["statement_digest"]
    assert Tree.from_json(old).statement_digest == "", "files of versions without one are read"
    with pytest.raises(TreeFormatError, match="is not the SHA-256 of a statement"):
        Tree.from_json({**saved, "statement_digest": "abc"})


def test_a_key_is_hashed_whatever_a_model_may_answer() -> None:
    tree = Tree(goal("r"), statement="\ud800")
    (edge,) = visit(tree, tree.root, ("exact \ud800", [goal("a")]))
    assert len(child(edge).structural_key()) == 24


def test_what_is_data_is_frozen() -> None:
    for rules in (TreeConfig(), AgentProfile()):
        assert rules.__struct_config__.frozen


def test_two_goals_that_are_one_share_a_node() -> None:
    tree = Tree(goal("r"), statement="r")
    same = Goal("a", "P", "P", "P")
    (edge,) = visit(tree, tree.root, ("constructor", [same, same]))
    assert edge is not None
    assert len(edge.children) == 1
    assert edge.order == (0, 0)


def test_a_new_tree_has_no_history_and_no_priors() -> None:
    tree = Tree(goal("r"), statement="r")
    assert (tree.expansions, tree.max_depth) == (0, 0)
    assert (PLAIN.depth_bias, PLAIN.path_bias, PLAIN.history_cache) == (0.0, 0.0, 0)
    (edge,) = visit(tree, tree.root, ("intro", [goal("a")]))
    assert edge is not None
    assert (edge.log_prior, edge.log_prob) == (0.0, 0.0)


def test_the_log_score_of_a_path_is_the_sum_of_its_priors() -> None:
    tree = Tree(goal("r"), TreeConfig(selection="best-first"), statement="r")
    suggested = [_Candidate("intro", 0.5), _Candidate("cases", 0.25)]
    node = tree.root
    logs: list[float] = []
    for name in ("a", "b"):
        tree.reserve(node)
        tree.set_untried(node, (), suggested=suggested)
        tree.release(node)
        edge = tree.expand(node, "intro", [goal(name)], Tree.ancestry(node), score=0.5)
        assert edge is not None
        assert edge.log_prior < 0.0
        logs.append(edge.log_prior)
        assert edge.log_prob == pytest.approx(sum(logs))
        node = edge.children[0]
