"""Families of tactics: names for groups of heads, so that a whole way of arguing can be taken away at once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FAMILIES"]

FAMILIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "automation": frozenset(
            {"simp", "simp_all", "simp?", "simpa", "dsimp", "decide", "grind", "omega", "solve_by_elim", "trivial"}
            | {"aesop", "tauto", "norm_num", "ring", "linarith", "nlinarith", "positivity", "bv_decide", "exact?"}
        ),
        "case_analysis": frozenset({"cases", "cases'", "rcases", "obtain", "by_cases", "split", "match", "fun_cases"}),
        "classical": frozenset({"by_cases", "by_contra", "by_contra!", "classical", "push_neg", "contrapose"}),
        "closing": frozenset({"assumption", "contradiction", "exact", "rfl", "eq_refl", "trivial", "absurd", "decide"}),
        "construction": frozenset({"constructor", "exists", "exact", "left", "refine", "right", "use", "existsi"}),
        "induction": frozenset({"induction", "induction'", "fun_induction"}),
        "introduction": frozenset({"intro", "intros", "rintro", "ext", "funext"}),
        "backward": frozenset({"apply", "refine", "refine'", "exact", "exfalso", "suffices"}),
        "forward": frozenset({"have", "specialize", "obtain", "replace"}),
        "rewriting": frozenset(
            {"rw", "rewrite", "rwa", "erw", "subst", "subst_vars", "unfold", "conv", "calc", "symm"}
        ),
        "simplification": frozenset({"simp", "simp?", "simp!", "simp_all", "simpa", "dsimp", "simp_arith"}),
    }
)
"""Heads of each family. A head may stand in several; a head in none belongs to no family."""
