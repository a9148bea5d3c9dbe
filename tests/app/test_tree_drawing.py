from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.prover.synthetic import SyntheticProver, SyntheticProvider
from cellview.search import SearchConfig, search
from cellview.tree import Tree
from cellview.tree.drawing import FORMATS, draw


class Goal(msgspec.Struct, frozen=True):
    mvar_id: str
    goal_type: str
    goal_sig: str = ""
    goal_sig_strict: str = ""
    rotate: int = 0
    joint: bool = False


def grown() -> Tree:
    """Return a tree of which everything is known: one tactic splits the root in two, one of them is closed."""
    tree = Tree(Goal("r", 'a < b ∧ "x"', goal_sig_strict="r"), statement=": P")
    tree.expand(tree.root, "constructor", [Goal("l", "a < b", "", "l"), Goal("m", "", "", "m")], set())
    left = tree.nodes[1]
    tree.expand(left, "exact h", [], set())
    for node in (left, tree.root):
        tree.settle(node)
    return tree


def test_text() -> None:
    assert draw(grown(), "text") == (
        '⊢ a < b ∧ "x"  [open, 0 visits]\n'
        "└─ constructor  [open]\n"
        "   ├─ ⊢ a < b  [solved, 0 visits]\n"
        "   │  └─ exact h  [solved]\n"
        "   └─ ⊢ (not visited)  [open, 0 visits]\n"
    )


def test_dot() -> None:
    lines = draw(grown(), "dot").splitlines()
    assert lines[0] == "digraph tree {" and lines[-1] == "}"
    assert [line.split()[0] for line in lines if "shape=box" in line] == ["n0", "n1", "n2"]
    assert '  n0 [shape=box color="#1f5fa8" style=solid label="⊢ a < b ∧ \\"x\\""];' in lines
    assert sum(" -> " in line for line in lines) == 4  # root to tactic, tactic to two goals, goal to tactic


def test_svg() -> None:
    drawn = ElementTree.fromstring(draw(grown(), "svg"))
    space = "{http://www.w3.org/2000/svg}"
    titles = [title.text for title in drawn.iter(f"{space}title")]
    assert sorted(filter(None, titles)) == [
        "constructor (open)", "exact h (solved)", "⊢ (not visited) (open)", "⊢ a < b (solved)", '⊢ a < b ∧ "x" (open)',
    ]  # fmt: skip
    drawn_boxes = [box for box in drawn.iter(f"{space}rect") if box.get("width") != "100%"]
    boxes = [tuple(float(box.get(name, "0")) for name in ("x", "y", "width")) for box in drawn_boxes]
    for x, y, width in boxes:
        assert x >= 0 and x + width <= float(drawn.get("width", "0")) and y >= 0
    for one in boxes:
        for other in boxes:
            assert one is other or one[1] != other[1] or one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]


@pytest.mark.parametrize("form", FORMATS)
async def test_a_search_s_tree_is_drawn_whole_and_the_same_each_time(form: str) -> None:
    config = SearchConfig(mode="distributed", agents=3, inflight=3, budget=(60,))
    result = await search("s", prover=SyntheticProver(3), provider=SyntheticProvider(), config=config)
    again = Tree.from_json(result.tree_json)
    drawn = draw(result.tree, form)  # type: ignore[arg-type]
    assert drawn == draw(again, form)  # type: ignore[arg-type]
    mark = {"text": "⊢", "dot": "shape=box", "svg": "<title>⊢"}[form]
    assert drawn.count(mark) == len(result.tree.nodes)


@pytest.mark.parametrize("form", FORMATS)
def test_a_chain_that_is_deeper_than_python_recurses(form: str) -> None:
    tree = Tree(Goal("0", "0"), statement=": P")
    for depth in range(1, 3000):
        tree.expand(tree.nodes[-1], "step", [Goal(str(depth), str(depth), "", str(depth))], set())
    assert draw(tree, form).count("step") >= 2999  # type: ignore[arg-type]


def test_the_command_draws_the_end_and_the_way_there(here: Callable[..., Any], corpus: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "r")
    run = ("--prover", "synthetic", "--budget", "4", "--trace-mcts", "--interventions", "wild_type,control_null")
    agents = ("--mcts-mode", "distributed", "--mcts-agents", "2", "--mcts-inflight", "2")
    assert here("run", str(corpus), *run, *agents, "-k", "commutes", "--out", out).status == 0
    name = "append_commutes"
    end = here("tree", out, name)
    assert (end.status, end.err) == (0, "")
    assert end.out == here("tree", out, name, "--arm", "control_null", "--seed", "0").out
    grown = [here("tree", out, name, "--at", str(at)).out.count("⊢") for at in range(4)]
    assert grown == sorted(grown) and grown[0] < grown[-1] == end.out.count("⊢")
    assert here("tree", out, name, "--at", "99").out.count("⊢") == grown[-1]
    assert here("tree", out, name, "--format", "svg").out.startswith("<svg ")
    for wrong, words in (
        (("nope",), "has no theorem nope"),
        ((name, "--arm", "block_simp"), "of append_commutes has no arm block_simp, but control_null, wild_type"),
        ((name, "--seed", "7"), "has no seed 7, but 0"),
        ((name, "--format", "gif"), "--format: must be one of text, dot, svg, not 'gif'"),
        ((name, "--at", "-1"), "--at: must be a whole number of at least 0"),
    ):
        said = here("tree", out, *wrong)
        assert (said.status, said.out) == (2, "")
        assert words in said.err
