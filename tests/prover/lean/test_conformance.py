"""Both transports, asked the same: outcomes, goals as people read them, and which goals are called equal.

The attempts are those of a walk over a few statements with tactics of every kind, so that this suite is about Lean and
not about a provider; `benchmarks/lean.py` compares the attempts of real searches in the same way.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from cellview.prover import Failure, Goal, Preview
from cellview.prover.lean import LeanProver, Toolchain

STATEMENTS = {
    "logic": "(p q r : Prop) (h : p ∧ (q ∨ r)) : (p ∧ q) ∨ (p ∧ r)",
    "numbers": "(n m : Nat) (h : n = m) (k : m + 2 = 5) : n + 2 = 5 ∧ 0 + m = n",
    "witness": "(α : Type) (p q : α → Prop) (h : ∃ x, p x ∧ q x) (k : ∀ x, p x → q x → p x) : ∃ x, q x",
    "universes": ".{u} {α : Sort u} (f g : α → α) (a : α) (h : ∀ x, f x = g x) : ∃ b, f (g a) = b",
    "shadows": "(h : True) (h : Nat) (p : Nat → Prop) (k : ∀ h, p h) : ∃ x : Nat, ∀ h : Nat, p (x + h)",
    "group": "(m : Nat → Nat → Nat) (e a b c : Nat) (h : ∀ x y z, m (m x y) z = m x (m y z)) (h1 : ∀ x, m e x = x) "
    ": m (m e a) b = m a b",
}
TACTICS = [
    *("intro h", "intros", "constructor", "left", "right", "exfalso", "assumption", "rfl", "symm", "trivial"),
    *("exact h", "exact ⟨h, k⟩", "exact nonsense", "nope", "exact", "apply Exists.intro", "refine ⟨?w, ?_⟩"),
    *("cases h", "obtain ⟨x, y, z⟩ := h", "rcases h with ⟨a, b | c⟩", "induction n", "by_cases u : p", "revert h"),
    *("rw [h]", "rw [h1]", "rw [← h1]", "rw [h x]", "simp", "simp only [h]", "simp_all", "apply Eq.trans", "apply h"),
    *("have j := h", "have j : 1 + 1 = 2 := by simp", "have v : Nat := 3", "let v := 3", "show _ ∧ _", "congr 1"),
    *("specialize h 0", "clear h", "rename_i x", "exists 0", "exact absurd h k", "first | rfl | skip", "decide"),
    *("constructor <;> intros", "refine And.intro ?a ?b", "exact (by skip)", "apply Classical.byContradiction"),
    *("repeat constructor", "exact cellview_goal", "grind", "intro\nskip", "have : ∀ x : Nat, x = x := fun _ => rfl"),
]  # fmt: skip
UNNAMED = re.compile(r"\?m\.\d+")


def seen(outcome: Preview | Failure) -> object:
    if isinstance(outcome, Failure):
        return outcome.reason
    return [
        (UNNAMED.sub("?m", goal.goal_type), goal.hypotheses, goal.rotate, goal.joint, goal.mvar_id.count("+"))
        for goal in outcome.children
    ]


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
async def test_the_same_answers(statement: str, toolchain: Toolchain) -> None:
    alike: dict[str, set[str]] = defaultdict(set)
    tried = 0
    async with (
        LeanProver.open(toolchain=toolchain, transport="server") as server,
        LeanProver.open(toolchain=toolchain, transport="lsp") as lsp,
    ):
        waiting: list[tuple[Goal, Goal]] = [(await server.start(statement), await lsp.start(statement))]
        known: set[str] = set()
        while waiting and tried < 6 * len(TACTICS):
            one, two = waiting.pop(0)
            for tactic in TACTICS:
                tried += 1
                a = await server.preview(one.mvar_id, tactic, checkpoint=tried)
                b = await lsp.preview(two.mvar_id, tactic, checkpoint=tried)
                assert seen(a) == seen(b), (one, tactic)
                if isinstance(a, Preview) and isinstance(b, Preview):
                    await server.commit(a)
                    await lsp.commit(b)
                    for x, y in zip(a.children, b.children, strict=True):
                        alike[y.goal_sig_strict].add(x.goal_sig_strict)
                        alike[y.goal_sig].add(x.goal_sig)
                        if x.goal_sig_strict not in known:
                            known.add(x.goal_sig_strict)
                            waiting.append((x, y))
        assert server.statistics.restarts == lsp.statistics.restarts == 0
    # What the language server calls equal, the server calls equal. (Its own texts tell a few equal goals apart: those
    # in which a bound variable has the name of a hypothesis.)
    assert {sig: found for sig, found in alike.items() if len(found) > 1} == {}
    assert tried >= len(TACTICS)
