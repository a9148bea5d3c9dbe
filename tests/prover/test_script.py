"""Rendering proof trees: bullets, rotations, joint goals, several lines, depth."""

from __future__ import annotations

import random

from cellview.prover import Failure, Preview, ProofStep, SyntheticProver, render_script
from cellview.prover.script import indent_block

Step = ProofStep


def test_one_child_goes_on_at_the_same_level() -> None:
    assert render_script(Step(tactic="a", children=(Step(tactic="b"),))) == "a\nb"


def test_several_children_get_bullets() -> None:
    inner = Step(tactic="b", children=(Step(tactic="c"), Step(tactic="d", children=(Step(tactic="e"),))))
    tree = Step(tactic="a", children=(inner, Step(tactic="f")))
    assert render_script(tree) == "a\n· b\n  · c\n  · d\n    e\n· f"


def test_tactics_of_several_lines_keep_their_shape() -> None:
    cases = Step(tactic="cases h with\n| inl x =>\n  exact x\n| inr y => exact y")
    assert render_script(Step(tactic="a", children=(cases, Step(tactic="  b\n  c")))) == (
        "a\n· cases h with\n  | inl x =>\n    exact x\n  | inr y => exact y\n· b\n  c"
    )


def test_rotations_and_a_joint_goal() -> None:
    joint = Step(tactic="j", joint=True, rotate=1, children=(Step(tactic="k"),))
    tree = Step(tactic="a", children=(Step(tactic="b"), Step(tactic="c", rotate=2), joint))
    assert render_script(tree) == "a\n· b\nrotate_left 2\n· c\nrotate_left 1\nj\nk"


def test_indent_block() -> None:
    assert indent_block("\n  a\n    b\n\n  c  \n", ">") == [">a", ">  b", "", ">c"]
    assert indent_block("", ">") == [""]


async def test_any_shape_of_tree_replays() -> None:
    """Random trees of the synthetic prover, some deep, rendered and replayed."""
    deepest = 0
    for seed in range(60):
        prover = SyntheticProver(seed, p_close=0.2, p_fail=0.1, p_two=0.6)
        root = (await prover.start("x")).mvar_id
        tree = grow(prover, root, random.Random(seed))
        script = render_script(tree)
        deepest = max(deepest, *(len(line) - len(line.lstrip(" ")) for line in script.split("\n")))
        checked = await prover.verify("x", script)
        assert checked.ok, checked.message
    assert deepest > 48


def grow(prover: SyntheticProver, root: str, random_: random.Random) -> ProofStep:
    """A proof of `root`: random tactics first, and closing ones when the tree is large enough. Iterative."""
    chosen: dict[str, Preview] = {}
    waiting = [root]
    while waiting:
        goal = waiting.pop()
        outcomes = [prover.apply(goal, f"t{index}") for index in range(4)]
        good = [outcome for outcome in outcomes if not isinstance(outcome, Failure)]
        if not good:
            return grow(prover, root, random_)
        good.sort(key=lambda preview: len(preview.children) if len(chosen) > 100 else random_.random())
        chosen[goal] = good[0]
        waiting.extend(child.mvar_id for child in good[0].children)
    steps: dict[str, ProofStep] = {}
    for goal in reversed(chosen):
        children = tuple(steps[child.mvar_id] for child in chosen[goal].children)
        steps[goal] = ProofStep(tactic=chosen[goal].tactic, children=children)
    return steps[root]


def test_three_thousand_levels() -> None:
    chain = left = right = Step(tactic="end")
    for _ in range(3000):
        chain = Step(tactic="t", children=(chain,))
        left = Step(tactic="t", children=(left, Step(tactic="s")))
        right = Step(tactic="t", children=(Step(tactic="s"), right))
    assert render_script(chain).count("\n") == 3000
    for tree in (left, right):
        lines = render_script(tree).split("\n")
        assert sum(line.lstrip(" ·") in ("t", "s", "end") for line in lines) == 6001
        assert max(map(len, lines)) < 80
