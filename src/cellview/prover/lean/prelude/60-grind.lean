/-!
# 60. The facts that `grind` builds its proofs from

`grind` keeps a set of propositions known to be true or false and propagates: what `a ∧ b` says once `a` is known, and so
on. Each propagation is a lemma below. The embedded Lean has the part of `grind` that does logic, equality
(congruence closure) and instantiation of quantified hypotheses; its solvers for arithmetic need far more library.
-/

namespace Lean.Grind

variable {a b : Prop}

/-! ## Introducing hypotheses -/

theorem _root_.Eq.mpr_prop {p q : Prop} (h : p = q) (hq : q) : p := h.mpr hq
def intro_with_eq (p p' : Prop) (q : Sort u) (same : p = p') (h : p' → q) : p → q := fun hp => h (same.mp hp)
def intro_with_eq' (p p' : Prop) (q : p → Sort u) (same : p = p') (h : (hp : p') → q (same.mpr_prop hp)) :
    (hp : p) → q hp := fun hp => h (same.mp hp)

/-! ## Conjunction -/

theorem and_eq_of_eq_true_left (h : a = True) : (a ∧ b) = b := by rw [h, true_and]
theorem and_eq_of_eq_true_right (h : b = True) : (a ∧ b) = a := by rw [h, and_true]
theorem and_eq_of_eq_false_left (h : a = False) : (a ∧ b) = False := by rw [h, false_and]
theorem and_eq_of_eq_false_right (h : b = False) : (a ∧ b) = False := by rw [h, and_false]
theorem eq_true_of_and_eq_true_left (h : (a ∧ b) = True) : a = True := eq_true (of_eq_true h).left
theorem eq_true_of_and_eq_true_right (h : (a ∧ b) = True) : b = True := eq_true (of_eq_true h).right
theorem or_of_and_eq_false (h : (a ∧ b) = False) : ¬a ∨ ¬b := not_and_or.mp (of_eq_false h)

/-! ## Disjunction -/

theorem or_eq_of_eq_true_left (h : a = True) : (a ∨ b) = True := by rw [h, true_or]
theorem or_eq_of_eq_true_right (h : b = True) : (a ∨ b) = True := by rw [h, or_true]
theorem or_eq_of_eq_false_left (h : a = False) : (a ∨ b) = b := by rw [h, false_or]
theorem or_eq_of_eq_false_right (h : b = False) : (a ∨ b) = a := by rw [h, or_false]
theorem eq_false_of_or_eq_false_left (h : (a ∨ b) = False) : a = False := eq_false fun ha => of_eq_false h (.inl ha)
theorem eq_false_of_or_eq_false_right (h : (a ∨ b) = False) : b = False := eq_false fun hb => of_eq_false h (.inr hb)

/-! ## Implication -/

theorem imp_eq_of_eq_true_left (h : a = True) : (a → b) = b := by rw [h, true_implies]
theorem imp_eq_of_eq_true_right (h : b = True) : (a → b) = True := eq_true fun _ => of_eq_true h
theorem imp_eq_of_eq_false_left (h : a = False) : (a → b) = True := eq_true fun ha => absurd ha (of_eq_false h)
theorem imp_eq_of_eq_false_right (h : b = False) : (a → b) = ¬a := by rw [h]; rfl
theorem eq_true_of_imp_eq_false (h : (a → b) = False) : a = True :=
  eq_true (Classical.not_imp.mp (of_eq_false h)).left
theorem eq_false_of_imp_eq_false (h : (a → b) = False) : b = False :=
  eq_false (Classical.not_imp.mp (of_eq_false h)).right
theorem eq_false_of_imp_eq_true (h : (a → b) = True) (k : b = False) : a = False :=
  eq_false fun ha => of_eq_false k (of_eq_true h ha)
theorem imp_false_eq (p : Prop) : (p → False) = ¬p := rfl
theorem imp_true_eq (p : Prop) : (p → True) = True := implies_true p
theorem true_imp_eq (p : Prop) : (True → p) = p := true_implies p
theorem false_imp_eq (p : Prop) : (False → p) = True := false_implies p
theorem imp_self_eq (p : Prop) : (p → p) = True := eq_true id
theorem imp_eq (p q : Prop) : (p → q) = (¬p ∨ q) := propext imp_iff_not_or
theorem not_implies (p q : Prop) : (¬(p → q)) = (p ∧ ¬q) := propext Classical.not_imp

/-! ## Negation -/

theorem not_eq_of_eq_true (h : a = True) : (¬a) = False := eq_false (not_not_intro (of_eq_true h))
theorem not_eq_of_eq_false (h : a = False) : (¬a) = True := eq_true (of_eq_false h)
theorem eq_false_of_not_eq_true (h : (¬a) = True) : a = False := eq_false (of_eq_true h)
theorem eq_true_of_not_eq_false (h : (¬a) = False) : a = True := eq_true (Classical.byContradiction (of_eq_false h))
theorem false_of_not_eq_self (h : (¬a) = a) : False := not_iff_self (Iff.of_eq h)
theorem not_not (p : Prop) : (¬¬p) = p := propext Classical.not_not
theorem not_and {p q : Prop} : (¬(p ∧ q)) = (¬p ∨ ¬q) := propext not_and_or
theorem not_or (p q : Prop) : (¬(p ∨ q)) = (¬p ∧ ¬q) := propext _root_.not_or
theorem not_exists {α : Sort u} (p : α → Prop) : (¬∃ x, p x) = ∀ x, ¬p x := propext _root_.not_exists
theorem not_forall {α : Sort u} (p : α → Prop) : (¬∀ x, p x) = ∃ x, ¬p x := propext _root_.not_forall
theorem of_lookahead (p : Prop) (h : ¬p → False) : p = True := eq_true (Classical.byContradiction h)

/-! ## Equality -/

theorem eq_eq_of_eq_true_left (h : a = True) : (a = b) = b := by
  rw [h]
  exact propext ⟨fun same => same.mp trivial, fun hb => (eq_true hb).symm⟩
theorem eq_eq_of_eq_true_right (h : b = True) : (a = b) = a := by
  rw [h]
  exact propext ⟨of_eq_true, eq_true⟩
theorem eq_congr {α : Sort u} {a₁ b₁ a₂ b₂ : α} (h : a₁ = a₂) (k : b₁ = b₂) : (a₁ = b₁) = (a₂ = b₂) := by rw [h, k]
theorem eq_congr' {α : Sort u} {a₁ b₁ a₂ b₂ : α} (h : a₁ = b₂) (k : b₁ = a₂) : (a₁ = b₁) = (a₂ = b₂) := by
  rw [h, k]
  exact propext eq_comm
theorem ne_of_ne_of_eq_left {α : Sort u} {a b c : α} (h : a = b) (k : b ≠ c) : a ≠ c := ne_of_eq_of_ne h k
theorem ne_of_ne_of_eq_right {α : Sort u} {a b c : α} (h : a = c) (k : b ≠ c) : b ≠ a := h ▸ k
theorem of_eq_eq_true (h : (a = b) = True) : (a ∧ b) ∨ (¬a ∧ ¬b) := by
  have same := of_eq_true h
  subst same
  exact (Classical.em a).imp (fun k => ⟨k, k⟩) (fun k => ⟨k, k⟩)
theorem of_eq_eq_false (h : (a = b) = False) : (a ∧ ¬b) ∨ (¬a ∧ b) := by
  have no := of_eq_false h
  by_cases ha : a <;> by_cases hb : b
  · exact absurd (propext (iff_of_true ha hb)) no
  · exact .inl ⟨ha, hb⟩
  · exact .inr ⟨ha, hb⟩
  · exact absurd (propext (iff_of_false ha hb)) no
theorem not_eq_prop (p q : Prop) : (¬(p = q)) = (p = ¬q) := by
  by_cases hp : p <;> by_cases hq : q <;> simp [hp, hq]
theorem iff_eq (p q : Prop) : (p ↔ q) = (p = q) := eq_iff_iff.symm
theorem eq_true_eq (p : Prop) : (p = True) = p := propext ⟨of_eq_true, eq_true⟩
theorem eq_false_eq (p : Prop) : (p = False) = ¬p := propext ⟨of_eq_false, eq_false⟩
theorem rfl_true : true = true := rfl

/-! ## Booleans -/

namespace Bool
variable {a b : Bool}
theorem and_eq_of_eq_true_left (h : a = true) : (a && b) = b := by rw [h]; rfl
theorem and_eq_of_eq_true_right (h : b = true) : (a && b) = a := by rw [h, Bool.and_true]
theorem and_eq_of_eq_false_left (h : a = false) : (a && b) = false := by rw [h]; rfl
theorem and_eq_of_eq_false_right (h : b = false) : (a && b) = false := by rw [h, Bool.and_false]
theorem eq_true_of_and_eq_true_left (h : (a && b) = true) : a = true := (Bool.and_eq_true_iff.mp h).1
theorem eq_true_of_and_eq_true_right (h : (a && b) = true) : b = true := (Bool.and_eq_true_iff.mp h).2
theorem or_eq_of_eq_true_left (h : a = true) : (a || b) = true := by rw [h]; rfl
theorem or_eq_of_eq_true_right (h : b = true) : (a || b) = true := by rw [h, Bool.or_true]
theorem or_eq_of_eq_false_left (h : a = false) : (a || b) = b := by rw [h]; rfl
theorem or_eq_of_eq_false_right (h : b = false) : (a || b) = a := by rw [h, Bool.or_false]
theorem eq_false_of_or_eq_false_left (h : (a || b) = false) : a = false := (Bool.or_eq_false_iff.mp h).1
theorem eq_false_of_or_eq_false_right (h : (a || b) = false) : b = false := (Bool.or_eq_false_iff.mp h).2
theorem not_eq_of_eq_true (h : a = true) : (!a) = false := by rw [h]; rfl
theorem not_eq_of_eq_false (h : a = false) : (!a) = true := by rw [h]; rfl
theorem eq_false_of_not_eq_true (h : (!a) = true) : a = false := by cases a <;> first | rfl | exact nomatch h
theorem eq_true_of_not_eq_false (h : (!a) = false) : a = true := by cases a <;> first | rfl | exact nomatch h
theorem false_of_not_eq_self (h : (!a) = a) : False := by cases a <;> exact nomatch h
theorem ne_of_eq_true_of_eq_false (h : a = true) (k : b = false) : (a = b) = False := by
  rw [h, k]
  exact Bool.true_eq_false
theorem ne_of_eq_false_of_eq_true (h : a = false) (k : b = true) : (a = b) = False := by
  rw [h, k]
  exact Bool.false_eq_true
end Bool

/-! ## Quantifiers -/

theorem forall_propagator (p : Prop) (q : p → Prop) (q' : Prop) (h : p = True) (k : q (of_eq_true h) = q') :
    (∀ hp : p, q hp) = q' := propext ⟨fun all => k.mp (all _), fun hq _ => k.mpr hq⟩
theorem of_forall_eq_false (α : Sort u) (p : α → Prop) (h : (∀ x, p x) = False) : ∃ x, ¬p x :=
  Classical.not_forall.mp (of_eq_false h)

/-! Quantifiers over `∧` and `∨`, and the order of disjuncts. -/

theorem forall_and {α : Sort u} {p q : α → Prop} : (∀ x, p x ∧ q x) = ((∀ x, p x) ∧ ∀ x, q x) :=
  propext _root_.forall_and
theorem exists_or {α : Sort u} {p q : α → Prop} : (∃ x, p x ∨ q x) = ((∃ x, p x) ∨ ∃ x, q x) :=
  propext _root_.exists_or
theorem exists_prop {a b : Prop} : (∃ _ : a, b) = (a ∧ b) := propext _root_.exists_prop
theorem exists_and_left {α : Sort u} {p : α → Prop} {b : Prop} : (∃ x, b ∧ p x) = (b ∧ ∃ x, p x) :=
  propext _root_.exists_and_left
theorem exists_and_right {α : Sort u} {p : α → Prop} {b : Prop} : (∃ x, p x ∧ b) = ((∃ x, p x) ∧ b) :=
  propext _root_.exists_and_right
theorem exists_const (α : Sort u) [Nonempty α] {a : Prop} : (∃ _ : α, a) = a := propext (_root_.exists_const a)
theorem forall_or_forall {α : Sort u} {β : α → Sort v} (p : α → Prop) (q : (a : α) → β a → Prop) :
    (∀ a, p a ∨ ∀ b, q a b) = ∀ a b, p a ∨ q a b :=
  propext ⟨fun h a b => (h a).imp_right (· b), fun h a => (Classical.em (p a)).imp_right
    fun no b => (h a b).resolve_left no⟩
theorem forall_forall_or {α : Sort u} {β : α → Sort v} (p : α → Prop) (q : (a : α) → β a → Prop) :
    (∀ a, (∀ b, q a b) ∨ p a) = ∀ a b, q a b ∨ p a :=
  propext ⟨fun h a b => (h a).imp_left (· b), fun h a => ((Classical.em (p a)).imp_right
    fun no b => (h a b).resolve_right no).symm⟩
theorem forall_imp_eq_or {α : Sort u} (p : α → Prop) (q : Prop) : ((∀ a, p a) → q) = ((∃ a, ¬p a) ∨ q) := by
  rw [imp_eq, not_forall]
theorem or_assoc (p q r : Prop) : ((p ∨ q) ∨ r) = (p ∨ q ∨ r) := propext _root_.or_assoc
theorem or_swap12 (p q r : Prop) : (p ∨ q ∨ r) = (q ∨ p ∨ r) := propext or_left_comm
theorem or_swap13 (p q r : Prop) : (p ∨ q ∨ r) = (r ∨ q ∨ p) := by
  rw [← or_assoc, @propext _ _ (@or_comm (p ∨ q) r), @propext _ _ (@or_comm p q)]
theorem forall_true (p : True → Prop) : (∀ h : True, p h) = p trivial := propext ⟨fun h => h _, fun h _ => h⟩
theorem forall_false (p : False → Prop) : (∀ h : False, p h) = True := eq_true fun h => h.elim
theorem beq_eq_true_of_eq {α : Type u} [BEq α] [LawfulBEq α] {a b : α} (h : a = b) : (a == b) = true :=
  beq_iff_eq.mpr h
theorem beq_eq_false_of_diseq {α : Type u} [BEq α] [LawfulBEq α] {a b : α} (h : ¬(a = b)) : (a == b) = false :=
  Bool.of_not_eq_true fun e => h (eq_of_beq e)

theorem eq_of_beq_eq_true {α : Type u} {_ : BEq α} {_ : LawfulBEq α} {a b : α} (h : (a == b) = true) : a = b :=
  eq_of_beq h
theorem ne_of_beq_eq_false {α : Type u} {_ : BEq α} {_ : LawfulBEq α} {a b : α} (h : (a == b) = false) :
    (a = b) = False := eq_false fun e => ne_true_of_eq_false h (beq_iff_eq.mpr e)

end Lean.Grind
