"""Reading Lean's two accounts of the goals: what hangs together, signatures, and texts that do not fit."""

from __future__ import annotations

import msgspec
import pytest

from cellview.prover import Goal, Hypothesis
from cellview.prover.lean.goals import GoalsUnreadable, read_goals


def answer(*goals: tuple[str, str | None, str]) -> bytes:
    """Lean's interactive answer for goals (mvar, case, target), each with hypotheses ``x y : Nat``."""
    hyps = [{"names": ["x", "y"], "type": {"tag": [{}, {"append": [{"text": "Na"}, {"text": "t"}]}]}, "val": None}]
    listed = [{"mvarId": m, "userName": case, "type": {"text": target}, "hyps": hyps} for m, case, target in goals]
    return msgspec.json.encode({"goals": listed})


def probe(*goals: tuple[str | None, str]) -> str:
    parts = [(f"case {case}\n" if case else "") + f"x y : Nat\n⊢ {target}" for case, target in goals]
    return "unsolved goals\n" + "\n\n".join(parts)


def read(*goals: tuple[str, str | None, str], full: tuple[str, ...] | None = None) -> tuple[Goal, ...]:
    texts = full or tuple(target for _, _, target in goals)
    listed = [(case, text) for (_, case, _), text in zip(goals, texts, strict=True)]
    return read_goals(answer(*goals), probe(*listed), checkpoint=7)


def test_single_goals() -> None:
    one, two = read(("_uniq.1", "left", "x = y"), ("_uniq.2", None, "y = x"))
    assert one.mvar_id == "cp7:_uniq.1"
    assert one.hypotheses == (Hypothesis("x", "Nat"), Hypothesis("y", "Nat"))
    assert [(goal.rotate, goal.joint) for goal in (one, two)] == [(0, False), (0, False)]
    # Equal up to names, but not equal: in the context x and y are not the same.
    assert one.goal_sig == two.goal_sig
    assert one.goal_sig_strict != two.goal_sig_strict


@pytest.mark.parametrize(
    ("goals", "shape"),
    [
        # (case, full target) of each goal -> (members, rotate, joint) of each of ours
        ([("a", "p ?w"), ("w", "Nat")], [(2, 0, True)]),
        ([("w", "Nat"), ("a", "p ?w"), ("b", "q")], [(1, 2, False), (2, 0, True)]),
        ([("w", "Nat"), ("b", "q"), ("a", "p ?w")], [(1, 1, False), (2, 1, True)]),
        ([("a", "p ?m.3"), ("b", "q ?m.3")], [(2, 0, True)]),
        ([("a", "p ?_uniq.1"), ("b", "q")], [(1, 0, False), (1, 0, False)]),
        ([("a", "p ?_uniq.101"), ("b", "q")], [(2, 0, True)]),
        ([("a", "p ?m.3"), (None, "Nat"), ("c", "q")], [(1, 2, False), (2, 0, True)]),
        ([("a", "f ?u.1"), ("b", "f ?u.1")], [(2, 0, True)]),
        ([("a", "xs.head? = x"), ("b", "y.get?")], [(1, 0, False), (1, 0, False)]),
        ([("a", "p ⋯"), ("b", "q ⋯")], [(2, 0, True)]),
        ([("a", "p ?x"), ("b", "q")], [(1, 0, False), (1, 0, False)]),
        # An inaccessible name: the dagger is shown where it is mentioned, not where it is proved.
        ([("a", "p ?succ✝"), ("succ", "Nat"), ("b", "q")], [(1, 2, False), (2, 0, True)]),
        ([("a", "p ?x✝¹"), ("x", "Nat")], [(2, 0, True)]),
        # A metavariable that waits for a goal in a larger context is shown by a number of its own, and applied.
        ([("w", "Nat"), (None, "q (?m.12 j)"), ("b", "r")], [(3, 0, True)]),
        ([("w", "Nat"), (None, "q\n  (have j := h;\n    ?m.12 j)")], [(2, 0, True)]),
        ([("w", "Nat"), ("a", "q (?w j)"), ("b", "r")], [(1, 2, False), (2, 0, True)]),
    ],
)
def test_goals_that_share_metavariables_stay_together(
    goals: list[tuple[str | None, str]], shape: list[tuple[int, int, bool]]
) -> None:
    ours = read(*((f"_uniq.{100 + index}", case, target) for index, (case, target) in enumerate(goals)))
    assert [(goal.mvar_id.count("+") + 1, goal.rotate, goal.joint) for goal in ours] == shape


def test_a_joint_goal_shows_all_targets() -> None:
    (goal,) = read(("_uniq.1", "h", "p ?w"), ("_uniq.2", "w", "Nat"))
    assert goal.goal_type == "p ?w  ⊢  Nat"
    assert goal.mvar_id == "cp7:_uniq.1+_uniq.2"


def test_signatures_forget_line_breaks_and_names_of_metavariables() -> None:
    (short,) = read(("_uniq.1", None, "t"), full=("x + y = ?m.1",))
    (broken,) = read(("_uniq.2", None, "t"), full=("x +\n    y = ?m.22",))
    assert (short.goal_sig, short.goal_sig_strict) == (broken.goal_sig, broken.goal_sig_strict)
    (field,) = read(("_uniq.3", None, "t"), full=("x.succ = x",))
    (other,) = read(("_uniq.3", None, "t"), full=("y.succ = y",))
    (mixed,) = read(("_uniq.3", None, "t"), full=("y.succ = x",))
    assert field.goal_sig == other.goal_sig != mixed.goal_sig


def test_an_unnamed_metavariable_is_not_taken_for_a_hypothesis() -> None:
    (one,) = read(("_uniq.1", None, "t"), full=("x = ?x.1",))
    (two,) = read(("_uniq.1", None, "t"), full=("x = ?x.2",))
    assert one.goal_sig == two.goal_sig


def test_which_member_is_meant_is_part_of_a_joint_goal() -> None:
    def joint(first: str) -> Goal:
        (goal,) = read(
            ("_uniq.1", "a", first), ("_uniq.2", "v", "Nat"), ("_uniq.3", "w", "Nat"), ("_uniq.4", "b", "q ?v ?w")
        )
        return goal

    assert joint("p ?v").goal_sig_strict != joint("p ?w").goal_sig_strict


def test_what_lean_left_out_equals_nothing_else() -> None:
    (one,) = read(("_uniq.1", None, "t"), full=("p ⋯",))
    (two,) = read(("_uniq.2", None, "t"), full=("p ⋯",))
    assert one.goal_sig_strict != two.goal_sig_strict


def test_accounts_that_do_not_fit() -> None:
    shown = answer(("_uniq.1", None, "x = y"))
    for text in ("unsolved goals\n", probe((None, "x"), (None, "y")), "unsolved goals\nx y : Nat"):
        with pytest.raises(GoalsUnreadable):
            read_goals(shown, text, checkpoint=1)
    with pytest.raises(GoalsUnreadable):
        read_goals(b"null", probe((None, "x")), checkpoint=1)


def test_deep_annotations_do_not_hit_the_recursion_limit() -> None:
    text = '{"text": "x"}'
    for _ in range(200):
        text = f'{{"tag": [{{}}, {{"append": [{text}]}}]}}'
    raw = f'{{"goals": [{{"mvarId": "_uniq.1", "type": {text}, "hyps": []}}]}}'
    (goal,) = read_goals(raw.encode(), probe((None, "x")), checkpoint=1)
    assert goal.goal_type == "x"
