/-!
# 69. How `grind` begins
-/

/-! Before it starts, `grind` brings propositions into a normal form with these lemmas. -/

init_grind_norm
  not_true_eq_false not_false_eq_true
  |
  Lean.Grind.iff_eq Lean.Grind.eq_true_eq Lean.Grind.eq_false_eq
  Lean.Grind.not_and Lean.Grind.not_or Lean.Grind.not_not Lean.Grind.not_exists Lean.Grind.not_forall
  Lean.Grind.not_implies
  and_true true_and and_false false_and or_true true_or or_false false_or
  Lean.Grind.nat_lt_eq Lean.Grind.int_lt_eq Lean.Grind.ge_eq Lean.Grind.gt_eq
  Lean.Grind.imp_false_eq Lean.Grind.imp_true_eq Lean.Grind.true_imp_eq Lean.Grind.false_imp_eq exists_prop

/-! And these it takes apart: at once, or when nothing simpler is left to do. -/

attribute [grind cases eager] And False Empty True PUnit Exists Subtype
attribute [grind cases] Or

/-! Connectives and equality say nothing about *which* instance of a law is wanted: patterns are made of what is below. -/

attribute [grind symbol 0] And Or Not Iff Eq HEq Exists Ne
