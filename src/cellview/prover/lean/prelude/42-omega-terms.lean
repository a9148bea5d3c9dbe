/-!
# 42. How `omega` reads terms
-/

/-! ## Lexicographic order of pairs -/

inductive Prod.Lex {α : Type u} {β : Type v} (r : α → α → Prop) (s : β → β → Prop) : α × β → α × β → Prop where
  | left {a : α} (b : β) {a' : α} (b' : β) (h : r a a') : Lex r s (a, b) (a', b')
  | right (a : α) {b b' : β} (h : s b b') : Lex r s (a, b) (a, b')

namespace Lean.Omega

/-- A constant and a sum of unknowns. -/
structure LinearCombo where
  const : Int := 0
  coeffs : Coeffs := []

namespace LinearCombo

def eval (l : LinearCombo) (v : Coeffs) : Int := l.const + l.coeffs.dot v
def coordinate (i : Nat) : LinearCombo := ⟨0, Coeffs.set [] i 1⟩
def combo (a : Int) (k : LinearCombo) (b : Int) (l : LinearCombo) : LinearCombo :=
  ⟨a * k.const + b * l.const, Coeffs.combo a k.coeffs b l.coeffs⟩
instance instAdd : Add LinearCombo := ⟨fun k l => combo 1 k 1 l⟩
instance instSub : Sub LinearCombo := ⟨fun k l => combo 1 k (-1) l⟩
instance instNeg : Neg LinearCombo := ⟨fun l => ⟨-l.const, Coeffs.smul l.coeffs (-1)⟩⟩
/-- The product, if one of the two is a constant. -/
def mul (k l : LinearCombo) : LinearCombo := combo l.const k k.const l - ⟨k.const * l.const, []⟩

theorem combo_eval (a : Int) (k : LinearCombo) (b : Int) (l : LinearCombo) (v : Coeffs) :
    (combo a k b l).eval v = a * k.eval v + b * l.eval v := by
  simp only [eval, combo, Coeffs.dot_combo, Int.mul_add, Int.add_assoc, Int.add_left_comm]

theorem add_eval (k l : LinearCombo) (v : Coeffs) : (k + l).eval v = k.eval v + l.eval v := by
  show (combo 1 k 1 l).eval v = _
  rw [combo_eval, Int.one_mul, Int.one_mul]
theorem sub_eval (k l : LinearCombo) (v : Coeffs) : (k - l).eval v = k.eval v - l.eval v := by
  show (combo 1 k (-1) l).eval v = _
  rw [combo_eval, Int.one_mul, Int.neg_mul, Int.one_mul]
  rfl
theorem neg_eval (l : LinearCombo) (v : Coeffs) : (-l).eval v = -l.eval v := by
  show -l.const + Coeffs.dot (Coeffs.map _ l.coeffs) v = _
  rw [Coeffs.dot_map, Int.neg_mul, Int.one_mul, ← Int.neg_add]
  rfl
theorem mul_eval (k l : LinearCombo) (v : Coeffs) (h : k.coeffs.isZero ∨ l.coeffs.isZero) :
    (mul k l).eval v = k.eval v * l.eval v := by
  have const : eval ⟨k.const * l.const, []⟩ v = k.const * l.const := Int.add_zero _
  rw [mul, sub_eval, combo_eval, const]
  unfold eval
  rcases h with h | h <;> rw [Coeffs.dot_of_isZero h, Int.add_zero] <;>
    simp only [Int.mul_add, Int.add_mul, Int.mul_comm l.const, Int.add_assoc, Int.add_sub_cancel_left]
  rw [Int.add_comm]

theorem coordinate_eval (i : Nat) (v : Coeffs) : (coordinate i).eval v = v.get i := by
  show 0 + Coeffs.dot (Coeffs.set [] i 1) v = _
  rw [Coeffs.dot_set_nil, Int.one_mul, Int.zero_add]

/-! The first ten by number, since most goals have no more unknowns. -/

theorem coordinate_eval_0 {a0 : Int} {t : List Int} :
    (coordinate 0).eval (.ofList (a0 :: t)) = a0 := coordinate_eval 0 _
theorem coordinate_eval_1 {a0 a1 : Int} {t : List Int} :
    (coordinate 1).eval (.ofList (a0 :: a1 :: t)) = a1 := coordinate_eval 1 _
theorem coordinate_eval_2 {a0 a1 a2 : Int} {t : List Int} :
    (coordinate 2).eval (.ofList (a0 :: a1 :: a2 :: t)) = a2 := coordinate_eval 2 _
theorem coordinate_eval_3 {a0 a1 a2 a3 : Int} {t : List Int} :
    (coordinate 3).eval (.ofList (a0 :: a1 :: a2 :: a3 :: t)) = a3 := coordinate_eval 3 _
theorem coordinate_eval_4 {a0 a1 a2 a3 a4 : Int} {t : List Int} :
    (coordinate 4).eval (.ofList (a0 :: a1 :: a2 :: a3 :: a4 :: t)) = a4 := coordinate_eval 4 _
theorem coordinate_eval_5 {a0 a1 a2 a3 a4 a5 : Int} {t : List Int} :
    (coordinate 5).eval (.ofList (a0 :: a1 :: a2 :: a3 :: a4 :: a5 :: t)) = a5 := coordinate_eval 5 _
theorem coordinate_eval_6 {a0 a1 a2 a3 a4 a5 a6 : Int} {t : List Int} :
    (coordinate 6).eval (.ofList (a0 :: a1 :: a2 :: a3 :: a4 :: a5 :: a6 :: t)) = a6 := coordinate_eval 6 _
theorem coordinate_eval_7 {a0 a1 a2 a3 a4 a5 a6 a7 : Int} {t : List Int} :
    (coordinate 7).eval (.ofList (a0 :: a1 :: a2 :: a3 :: a4 :: a5 :: a6 :: a7 :: t)) = a7 := coordinate_eval 7 _
theorem coordinate_eval_8 {a0 a1 a2 a3 a4 a5 a6 a7 a8 : Int} {t : List Int} :
    (coordinate 8).eval (.ofList (a0 :: a1 :: a2 :: a3 :: a4 :: a5 :: a6 :: a7 :: a8 :: t)) = a8 := coordinate_eval 8 _
theorem coordinate_eval_9 {a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 : Int} {t : List Int} :
    (coordinate 9).eval (.ofList (a0 :: a1 :: a2 :: a3 :: a4 :: a5 :: a6 :: a7 :: a8 :: a9 :: t)) = a9 :=
  coordinate_eval 9 _

end LinearCombo

/-! ## Facts about integers, as `omega` applies them -/

namespace Int

theorem natCast_ofNat {x : Nat} : ((OfNat.ofNat x : Nat) : Int) = OfNat.ofNat x := rfl
theorem ofNat_congr {a b : Nat} (h : a = b) : (a : Int) = b := congrArg _ h
theorem add_congr {a b c d : Int} (h : a = b) (k : c = d) : a + c = b + d := by rw [h, k]
theorem sub_congr {a b c d : Int} (h : a = b) (k : c = d) : a - c = b - d := by rw [h, k]
theorem mul_congr {a b c d : Int} (h : a = b) (k : c = d) : a * c = b * d := by rw [h, k]
theorem neg_congr {a b : Int} (h : a = b) : -a = -b := by rw [h]
theorem lt_of_not_le {x y : Int} (h : ¬(x ≤ y)) : y < x := Int.not_le.mp h
theorem le_of_not_lt {x y : Int} (h : ¬(x < y)) : y ≤ x := Int.not_lt.mp h
theorem le_of_ge {x y : Int} (h : x ≥ y) : y ≤ x := h
theorem lt_of_gt {x y : Int} (h : x > y) : y < x := h
theorem ofNat_le_of_le {x y : Nat} (h : x ≤ y) : (x : Int) ≤ y := Int.ofNat_le.mpr h
theorem ofNat_lt_of_lt {x y : Nat} (h : x < y) : (x : Int) < y := Int.ofNat_lt.mpr h
theorem ofNat_pos_of_pos {a : Nat} (h : 0 < a) : 0 < (a : Int) := Int.ofNat_lt.mpr h
theorem ofNat_mul_nonneg {a b : Nat} : 0 ≤ (a : Int) * b := Int.natCast_nonneg (a * b)
theorem ofNat_sub_sub {a b c : Nat} : ((a - b - c : Nat) : Int) = (a - (b + c) : Nat) := congrArg _ (Nat.sub_sub a b c)
theorem ofNat_sub_dichotomy {a b : Nat} :
    b ≤ a ∧ ((a - b : Nat) : Int) = a - b ∨ a < b ∧ ((a - b : Nat) : Int) = 0 := by
  rcases Nat.lt_or_ge a b with h | h
  · exact .inr ⟨h, congrArg _ (Nat.sub_eq_zero_of_le (Nat.le_of_lt h))⟩
  · exact .inl ⟨h, Int.natCast_sub h⟩
theorem ofNat_max (a b : Nat) : ((max a b : Nat) : Int) = max (a : Int) b := by
  rw [Nat.max_def, Int.max_def]
  by_cases h : a ≤ b
  · rw [ite_eq_left h, ite_eq_left (Int.ofNat_le.mpr h)]
  · rw [ite_eq_right h, ite_eq_right (mt Int.ofNat_le.mp h)]
theorem ofNat_min (a b : Nat) : ((min a b : Nat) : Int) = min (a : Int) b := by
  rw [Nat.min_def, Int.min_def]
  by_cases h : a ≤ b
  · rw [ite_eq_left h, ite_eq_left (Int.ofNat_le.mpr h)]
  · rw [ite_eq_right h, ite_eq_right (mt Int.ofNat_le.mp h)]
theorem ofNat_pow (a b : Nat) : ((a ^ b : Nat) : Int) = (a : Int) ^ b := Int.natCast_pow a b
theorem pos_pow_of_pos (a : Int) (b : Nat) (h : 0 < a) : 0 < a ^ b := by
  induction b with
  | zero => exact Int.ofNat_lt.mpr (Nat.lt_add_one 0)
  | succ b ih => exact Int.mul_pos ih h
theorem ofNat_natAbs (a : Int) : (a.natAbs : Int) = if 0 ≤ a then a else -a := by
  split
  · next h => exact Int.natAbs_of_nonneg h
  · next h => exact Int.natAbs_of_nonpos (Int.le_of_lt (Int.lt_of_not_le h))
theorem neg_le_natAbs {a : Int} : -a ≤ a.natAbs := by
  rw [← Int.natAbs_neg]
  exact Int.le_natAbs
theorem emod_ofNat_nonneg {x : Nat} {y : Int} : 0 ≤ (x : Int) % y := Int.natCast_nonneg _
theorem ofNat_fst_mk {β : Type u} {x : Nat} {y : β} : ((Prod.mk x y).fst : Int) = x := rfl
theorem ofNat_snd_mk {α : Type u} {x : α} {y : Nat} : ((Prod.mk x y).snd : Int) = y := rfl
theorem ofNat_shiftLeft_eq {x y : Nat} : ((x <<< y : Nat) : Int) = (x : Int) * (2 ^ y : Nat) := rfl
theorem ofNat_shiftRight_eq_div_pow {x y : Nat} : ((x >>> y : Nat) : Int) = (x : Int) / (2 ^ y : Nat) := rfl

end Int

namespace Nat
theorem le_of_ge {x y : Nat} (h : x ≥ y) : y ≤ x := h
theorem lt_of_gt {x y : Nat} (h : x > y) : y < x := h
end Nat

namespace Prod
theorem fst_mk {α : Type u} {x : α} {β : Type v} {y : β} : (Prod.mk x y).fst = x := rfl
theorem snd_mk {α : Type u} {x : α} {β : Type v} {y : β} : (Prod.mk x y).snd = y := rfl
theorem of_lex {α : Type u} {r : α → α → Prop} {β : Type v} {s : β → β → Prop} {p q : α × β} (h : Prod.Lex r s p q) :
    r p.fst q.fst ∨ p.fst = q.fst ∧ s p.snd q.snd := by
  cases h with
  | left b b' h => exact .inl h
  | right a h => exact .inr ⟨rfl, h⟩
theorem of_not_lex {α : Type u} {r : α → α → Prop} [DecidableEq α] {β : Type v} {s : β → β → Prop} {p q : α × β}
    (h : ¬Prod.Lex r s p q) : ¬r p.fst q.fst ∧ (p.fst ≠ q.fst ∨ ¬s p.snd q.snd) := by
  obtain ⟨a, b⟩ := p
  obtain ⟨a', b'⟩ := q
  refine ⟨fun k => h (.left b b' k), ?_⟩
  by_cases same : a = a'
  · subst same
    exact .inr fun k => h (.right a k)
  · exact .inl same
end Prod

/-! ## Facts about propositions -/

theorem and_not_not_of_not_or {p q : Prop} (h : ¬(p ∨ q)) : ¬p ∧ ¬q := not_or.mp h
theorem ite_disjunction {α : Type u} {P : Prop} [Decidable P] {a b : α} :
    (P ∧ (if P then a else b) = a) ∨ (¬P ∧ (if P then a else b) = b) := by
  by_cases h : P
  · exact .inl ⟨h, ite_eq_left h⟩
  · exact .inr ⟨h, ite_eq_right h⟩

namespace Decidable
theorem and_not_of_not_imp {a b : Prop} [Decidable a] (h : ¬(a → b)) : a ∧ ¬b := not_imp.mp h
theorem or_not_not_of_not_and {p q : Prop} [Decidable p] [Decidable q] (h : ¬(p ∧ q)) : ¬p ∨ ¬q :=
  Classical.not_and_iff_not_or_not.mp h
theorem and_or_not_and_not_of_iff {p q : Prop} [Decidable q] (h : p ↔ q) : (p ∧ q) ∨ (¬p ∧ ¬q) := by
  exact (Classical.em p).imp (fun k => ⟨k, h.mp k⟩) (fun k => ⟨k, mt h.mpr k⟩)
theorem and_not_or_not_and_of_not_iff {a b : Prop} [Decidable a] [Decidable b] (h : ¬(a ↔ b)) :
    (a ∧ ¬b) ∨ (¬a ∧ b) := by
  by_cases ha : a <;> by_cases hb : b
  · exact absurd (iff_of_true ha hb) h
  · exact .inl ⟨ha, hb⟩
  · exact .inr ⟨ha, hb⟩
  · exact absurd (iff_of_false ha hb) h
end Decidable

end Lean.Omega

theorem Decidable.not_or_of_imp {a b : Prop} [Decidable a] (h : a → b) : ¬a ∨ b := Classical.imp_iff_not_or.mp h
theorem le_of_le_of_eq {α : Type u} {a b c : α} [LE α] (h : a ≤ b) (k : b = c) : a ≤ c := k ▸ h
theorem Nat.lt_or_gt_of_ne {a b : Nat} (h : a ≠ b) : a < b ∨ a > b := (Nat.lt_trichotomy a b).imp_right (·.resolve_left h)
theorem Nat.pow_pos {b n : Nat} (h : 0 < b) : 0 < b ^ n := Nat.pos_pow_of_pos n h
noncomputable abbrev Exists.choose {α : Sort u} {p : α → Prop} (h : ∃ a, p a) : α := Classical.choose h
theorem Exists.choose_spec {α : Sort u} {p : α → Prop} (h : ∃ a, p a) : p h.choose := Classical.choose_spec h
