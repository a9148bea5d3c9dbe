"""Rules of the heuristic provider that have a module of their own: each suggests what its examples promise."""

from __future__ import annotations

import pytest

from cellview.prover.base import Goal, Hypothesis
from cellview.prover.providers.heuristic import HeuristicProvider

Context = tuple[tuple[str, str], ...]


def suggested(context: Context, target: str, automation: str = "full") -> list[str]:
    goal = Goal(
        mvar_id="m",
        goal_type=target,
        goal_sig=target,
        goal_sig_strict=target,
        hypotheses=tuple(Hypothesis(name=name, type=kind) for name, kind in context),
    )
    provider = HeuristicProvider(automation="full" if automation == "full" else "none")
    return [suggestion.tactic for suggestion in provider.suggest_now(goal)]


NATS: Context = (("a", "Nat"), ("b", "Nat"))
INTS: Context = (("a", "Int"), ("b", "Int"))

RULES = {
    "omega on numbers": (NATS, "a % 2 = 0 ∨ a % 2 = 1", "omega"),
    "omega on casts": ((("x", "Int"),), "↑x.natAbs = x ∨ ↑x.natAbs = -x", "omega"),
    "omega on Fin": ((("n", "Nat"), ("i", "Fin n"), ("j", "Fin n"), ("h", "i.val = j.val")), "i = j", "omega"),
    "witness by subtraction": ((*NATS, ("h", "a ≤ b")), "∃ c, b = a + c", "refine ⟨b - a, ?_⟩"),
    "witness by division": ((("n", "Nat"),), "∃ k, n = 2 * k", "refine ⟨n / 2, ?_⟩"),
    "witness beyond bounds": (NATS, "∃ c, a < c ∧ b < c", "refine ⟨(a + b) + 1, ?_⟩"),
    "witness below": ((("a", "Int"),), "∃ b, b < a", "refine ⟨a - 1, ?_⟩"),
    "complete induction": (
        (("p", "Nat → Prop"), ("h", "∀ (n : Nat), (∀ (m : Nat), m < n → p m) → p n"), ("n", "Nat")),
        "p n",
        "refine Nat.strongRecOn n ?_",
    ),
    "two steps": (
        (("p", "Nat → Prop"), ("h", "∀ (n : Nat), p n → p (n + 2)"), ("n", "Nat")),
        "p n",
        "refine (?_ : (p n) ∧ (p (n + 1))).left; induction n with | zero => ?_ | succ n1 ih => ?_",
    ),
    "diagonal as instance": (
        (("α", "Type"), ("f", "α → α → Prop"), ("h", "∀ (p : α → Prop), ∃ a, f a = p")),
        "False",
        "have h1 := h (fun x => ¬f x x)",
    ),
    "diagonal as witness": (
        (("f", "Nat → Nat → Nat"),),
        "∃ g, ∀ (n : Nat), f n ≠ g",
        "refine ⟨fun x => f x x + 1, ?_⟩",
    ),
    "the drinker": (
        (("α", "Type"), ("a", "α"), ("f", "α → Prop")),
        "∃ y, ∀ (x : α), f y → f x",
        "by_cases h : ∃ y, ¬(f y)",
    ),
    "right inverse goal": (
        (("f", "Nat → Nat"), ("g", "Nat → Nat"), ("h", "∀ (x : Nat), f (g x) = x")),
        "Function.RightInverse g f",
        "intro x",
    ),
    "injective goal": ((("f", "Nat → Nat"),), "Function.Injective f", "intro a b h"),
    "a pair is taken apart": ((("p", "Nat × Nat"), ("h", "p.1 = 0")), "p.2 = 0 ∨ p.1 = 0", "obtain ⟨a, b⟩ := p"),
}


@pytest.mark.parametrize("name", RULES)
def test_each_rule_suggests_what_it_promises(name: str) -> None:
    context, target, tactic = RULES[name]
    assert tactic in suggested(context, target)


def test_products_are_multiplied_out_with_laws_for_the_very_unknowns() -> None:
    tactics = suggested(INTS, "(a + b) * (a + b) = a * a + 2 * a * b + b * b")
    (expansion,) = [tactic for tactic in tactics if tactic.startswith("simp only [Int.mul_add")]
    assert "Int.mul_comm b a" in expansion
    assert expansion.endswith("<;> omega")


def test_lemmas_are_those_of_the_numbers_that_are_meant() -> None:
    facts: Context = (("h", "a ≤ b"), ("k", "b ≤ a"))
    assert suggested((*INTS, *facts), "a = b") == ["exact Int.le_antisymm h k"]
    assert suggested((*NATS, *facts), "a = b") == ["exact Nat.le_antisymm h k"]


def test_without_automation_nothing_of_it_is_suggested() -> None:
    for context, target, _ in RULES.values():
        assert not [t for t in suggested(context, target, "none") if "omega" in t or "grind" in t or "simp" in t]


LISTS: Context = (("α", "Type"), ("a", "α"), ("b", "α"), ("k", "List α"), ("l", "List α"))

STEPS = {
    "below a successor": (NATS, "a ≤ b + 1", "refine Nat.le_succ_of_le ?_"),
    "between successors": (NATS, "a + 1 ≤ b + 1", "refine Nat.succ_le_succ ?_"),
    "strictly below": (NATS, "a < b + 1", "show (a + 1) ≤ (b + 1)"),
    "nothing is less": (NATS, "0 ≤ a", "exact Nat.zero_le _"),
    "further down a list": (LISTS, "a ∈ b :: l", "refine List.mem_cons_of_mem _ ?_"),
    "the zero on the left": (NATS, "0 + a = a", "have h : ∀ (x : Nat), 0 + x = x := ?_"),
    "the successor on the left": (NATS, "a + 1 + b = b + a + 1", "have h : ∀ (x y : Nat), x + 1 + y = x + y + 1 := ?_"),
    "nothing joined on the right": (LISTS, "l ++ [] = l", "have h : ∀ (x : List α), x ++ [] = x := ?_"),
}


@pytest.mark.parametrize("name", STEPS)
def test_each_single_step_is_suggested_without_automation(name: str) -> None:
    context, target, tactic = STEPS[name]
    assert tactic in suggested(context, target, "none")


def test_a_constructor_that_is_the_target_is_the_only_suggestion() -> None:
    assert suggested(LISTS, "a ∈ a :: l", "none") == ["exact List.Mem.head _"]
    assert suggested(NATS, "a ≤ a + 0", "none") == ["exact Nat.le_refl _"]
    for other in ("Int", "Fin n", "α"):
        context: Context = (("n", "Nat"), ("α", "Type"), ("x", other))
        assert not [t for t in suggested(context, "x ≤ x + 0", "none") if "Nat." in t]


def test_a_mirrored_equation_that_is_known_is_not_stated_again() -> None:
    known: Context = (("h", "∀ (x : Nat), 0 + x = x"),)
    assert not [t for t in suggested((*NATS, *known), "0 + a = b + a", "none") if "0 + x = x" in t]
