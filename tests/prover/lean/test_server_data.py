"""From the server's data to goals: which hang together, and signatures that are equal for equal goals only."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellview.prover import Goal, Hypothesis
from cellview.prover.lean.server.goals import groups_of, read_group
from cellview.prover.lean.server.process import RawGoal, RawHypothesis
from cellview.prover.lean.server.texts import PartKey, TextMemory, shown_names


def goal(name: str, target: str, *hypotheses: RawHypothesis, mentioned: tuple[str, ...] = ()) -> RawGoal:
    return RawGoal(name, "[anonymous]", hypotheses, target, mentioned)


def read(*goals: RawGoal, alone: bool = False) -> list[Goal]:
    texts = ("shown", (Hypothesis("h", "shown"),))
    return [read_group(group, texts, checkpoint=7, alone=alone) for group in groups_of(goals)]


@pytest.mark.parametrize(
    ("goals", "shape"),
    [
        # (target, mentioned) of each goal -> (members, rotate, joint) of each of ours
        ([("p", ()), ("q", ())], [(1, 0, False), (1, 0, False)]),
        ([("p ?_uniq.101", ()), ("Nat", ())], [(2, 0, True)]),
        ([("Nat", ()), ("p ?_uniq.100", ()), ("q", ())], [(1, 2, False), (2, 0, True)]),
        ([("p ?_uniq.9", ()), ("q ?_uniq.9", ())], [(2, 0, True)]),
        ([("p ?_uniq.9", ()), ("q", ())], [(1, 0, False), (1, 0, False)]),
        ([("p ?_uniq.1010", ()), ("q", ()), ("r", ())], [(1, 0, False), (1, 0, False), (1, 0, False)]),
        # Reached through a delayed assignment: no term shows it.
        ([("p (?_uniq.9 x)", ("_uniq.9", "_uniq.101")), ("Nat", ())], [(2, 0, True)]),
        # A universe that is still open.
        ([("f.{?_uniq.9}", ()), ("g.{?_uniq.9}", ())], [(2, 0, True)]),
        ([("_uniq.101 = p", ()), ("q", ())], [(1, 0, False), (1, 0, False)]),
    ],
)
def test_goals_that_share_metavariables_stay_together(
    goals: list[tuple[str, tuple[str, ...]]], shape: list[tuple[int, int, bool]]
) -> None:
    ours = read(*(goal(f"_uniq.{100 + i}", target, mentioned=m) for i, (target, m) in enumerate(goals)))
    assert [(one.mvar_id.count("+") + 1, one.rotate, one.joint) for one in ours] == shape


def signatures(target: str, *hypotheses: tuple[str, str, str]) -> tuple[str, str]:
    (one,) = read(goal("_uniq.1", target, *(RawHypothesis(*each) for each in hypotheses)))
    return one.goal_sig, one.goal_sig_strict


def test_annotations_do_not_count() -> None:
    plain = signatures("And (f a b) True")
    assert signatures("[mdata noImplicitLambda:1 And (f a b) True]") == plain
    assert signatures("And [mdata save_info:1 f a b] True") == plain
    assert signatures("And [mdata a:1 b:2 [mdata c:3 f a b]] True") == plain
    assert signatures("And f a b True") != plain


def test_names_that_nobody_can_type_count_by_their_place() -> None:
    first = signatures("fun (x._@._hyg.1 : T) => x._@._hyg.1", ("_uniq.4", "h._@._hyg.9", "p"))
    again = signatures("fun (x._@.a.b._hyg.77 : T) => x._@.a.b._hyg.77", ("_uniq.5", "h._@._hyg.3", "p"))
    assert first == again
    one = signatures("fun (x._@._hyg.1 : T) (x._@._hyg.2 : T) => x._@._hyg.1")
    two = signatures("fun (x._@._hyg.1 : T) (x._@._hyg.2 : T) => x._@._hyg.2")
    assert one != two


def test_which_member_is_meant_is_part_of_a_joint_goal() -> None:
    def joint(first: str) -> str:
        names = ("_uniq.11", "_uniq.12", "_uniq.13", "_uniq.14")
        targets = (f"p ?{first}", "Nat", "Nat", "q ?_uniq.12 ?_uniq.13")
        (one,) = read(*(goal(name, target) for name, target in zip(names, targets, strict=True)))
        return one.goal_sig_strict

    assert joint("_uniq.12") != joint("_uniq.13")


def test_alone_equals_nothing_but_itself() -> None:
    (one,), (two,) = read(goal("_uniq.1", "p"), alone=True), read(goal("_uniq.2", "p"), alone=True)
    assert one.goal_sig_strict != two.goal_sig_strict and one.goal_sig != two.goal_sig
    assert read(goal("_uniq.1", "p"), alone=True) == [one]


# Random goals over a small language: terms are trees whose leaves are hypotheses, constants and metavariables.
Term = tuple["Term", ...] | str
NEVER_TIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def contexts(draw: st.DrawFn) -> list[tuple[str, Term]]:
    """Hypotheses (name, type), each type over those before it."""
    size = draw(st.integers(1, 4))
    names = draw(st.lists(st.sampled_from(string.ascii_lowercase), min_size=size, max_size=size))
    return [(name, draw(terms(number))) for number, name in enumerate(names)]


def terms(hypotheses: int) -> st.SearchStrategy[Term]:
    leaves = st.sampled_from(["Nat", "f", "g", *(f"#{n}" for n in range(hypotheses))])
    return st.recursive(leaves, lambda inner: st.lists(inner, min_size=2, max_size=3).map(tuple), max_leaves=4)


def written(term: Term, ids: list[str], *, top: bool = True) -> str:
    if isinstance(term, str):
        return ids[int(term[1:])] if term[0] == "#" else term
    text = " ".join(written(part, ids, top=False) for part in term)
    return text if top else f"({text})"


def as_goal(context: list[tuple[str, Term]], target: Term, numbers: list[int], order: list[int]) -> RawGoal:
    ids = [f"_uniq.{number}" for number in numbers]
    hypotheses = [RawHypothesis(ids[n], name, written(term, ids)) for n, (name, term) in enumerate(context)]
    return goal(f"_uniq.{max(numbers) + 1}", written(target, ids), *(hypotheses[n] for n in order))


@NEVER_TIMED
@given(contexts(), st.data())
def test_signatures_of_the_same_goal_made_at_another_time(context: list[tuple[str, Term]], data: st.DataObject) -> None:
    size = len(context)
    target = data.draw(terms(size))
    numbers = st.lists(st.integers(1, 400), min_size=size, max_size=size, unique=True)
    straight = list(range(size))
    (one,) = read(as_goal(context, target, data.draw(numbers), straight))
    (same,) = read(as_goal(context, target, data.draw(numbers), straight))
    assert (one.goal_sig, one.goal_sig_strict) == (same.goal_sig, same.goal_sig_strict)
    # Names and the order of hypotheses can be seen by a tactic, and not in the target.
    renamed = [(f"{name}'", term) for name, term in context]
    (other,) = read(as_goal(renamed, target, data.draw(numbers), straight))
    assert one.goal_sig == other.goal_sig and one.goal_sig_strict != other.goal_sig_strict
    shuffled = data.draw(st.permutations(straight))
    (moved,) = read(as_goal(context, target, data.draw(numbers), shuffled))
    assert one.goal_sig == moved.goal_sig


@NEVER_TIMED
@given(contexts(), contexts(), st.data())
def test_signatures_of_different_goals(
    one: list[tuple[str, Term]], two: list[tuple[str, Term]], data: st.DataObject
) -> None:
    """Strict signatures agree exactly if contexts and targets do; the oracle compares the terms themselves."""
    targets = data.draw(terms(len(one))), data.draw(terms(len(two)))
    draw = random.Random(data.draw(st.integers(0, 1000)))
    (a,) = read(as_goal(one, targets[0], draw.sample(range(1, 400), len(one)), list(range(len(one)))))
    (b,) = read(as_goal(two, targets[1], draw.sample(range(1, 400), len(two)), list(range(len(two)))))
    assert (a.goal_sig_strict == b.goal_sig_strict) == ((one, targets[0]) == (two, targets[1]))
    assert (a.goal_sig == b.goal_sig) == (shape(targets[0]) == shape(targets[1]))


def shape(term: Term) -> Term:
    """The term with hypotheses numbered in order of appearance."""
    seen: dict[str, str] = {}

    def walk(part: Term) -> Term:
        if isinstance(part, str):
            return seen.setdefault(part, f"#{len(seen)}") if part[0] == "#" else part
        return tuple(walk(each) for each in part)

    return walk(term)


def hypotheses(*names: str) -> list[RawHypothesis]:
    return [RawHypothesis(f"_uniq.{number}", name, "p") for number, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("a", "b"), ["a", "b"]),
        (("h", "h"), ["h✝", "h"]),
        (("h", "h", "h"), ["h✝¹", "h✝", "h"]),
        (("h._@._hyg.3", "h"), ["h✝", "h"]),
        (("h", "h._@._hyg.3"), ["h", "h✝"]),
        (("h._@._hyg.1", "x", "h._@._hyg.3", "h._@.a._hyg.9"), ["h✝²", "x", "h✝¹", "h✝"]),
    ],
)
def test_names_under_which_hypotheses_are_shown(names: tuple[str, ...], shown: list[str]) -> None:
    assert shown_names(hypotheses(*names)) == shown


def parts(target: str, *context: RawHypothesis) -> list[PartKey | None] | None:
    (group,) = groups_of([goal("_uniq.99", target, *context)])
    return TextMemory().parts(group)


def test_a_text_is_remembered_under_all_that_it_depends_on() -> None:
    two = hypotheses("a", "b")
    (first, second, target) = parts("f _uniq.0 _uniq.1", *two) or []
    assert first == second == ("p", ())
    assert target == ("f #0 #1", ("a", "b"))
    assert (parts("f _uniq.0 _uniq.1", *hypotheses("a", "a")) or [])[-1] == ("f #0 #1", ("a✝", "a"))
    # A bound variable with the name of a hypothesis in the same term is renamed, depending on what else is there.
    assert (parts("fun (a : T) => g a _uniq.0", *two) or [])[-1] is None
    assert (parts("fun (a : T) => g a _uniq.1", *two) or [])[-1] == ("fun (a : T) => g a #1", ("b",))
    assert (parts("fun (x._@._hyg.1 : T) => x._@._hyg.1", *two) or [])[-1] is None
    # Shown whole: values, and metavariables.
    assert parts("f", RawHypothesis("_uniq.1", "v", "T", "3")) is None
    (group,) = groups_of([goal("_uniq.99", "f ?_uniq.7", mentioned=("_uniq.7",))])
    assert TextMemory().parts(group) is None


def test_the_memory_for_texts_is_bounded() -> None:
    memory = TextMemory(most=3)
    for number in range(10):
        memory.remember((f"p{number}", ()), "text")
    assert memory.get(("p9", ())) == "text"
    assert memory.get(("p0", ())) is None
    assert memory.get(None) is None
