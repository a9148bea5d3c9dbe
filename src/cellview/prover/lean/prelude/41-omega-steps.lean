/-!
# 41. The steps of `omega`
-/

namespace Lean.Omega

open Constraint (sat_iff sat_neg sat_scale sat_add sat_div)

namespace Constraint

theorem addInequality_sat {c : Int} {x y : Coeffs} (h : c + Coeffs.dot x y ≥ 0) :
    sat' { lowerBound := some (-c), upperBound := none } x y = true := by
  rw [sat', sat_iff]
  constructor
  · intro l e
    injection e with e
    rw [← e]
    have := Int.add_le_add_left h (-c)
    rw [Int.neg_add_cancel_left, Int.add_zero] at this
    exact this
  · exact fun _ e => nomatch e

theorem addEquality_sat {c : Int} {x y : Coeffs} (h : c + Coeffs.dot x y = 0) :
    sat' { lowerBound := some (-c), upperBound := some (-c) } x y = true := by
  have : Coeffs.dot x y = -c := by rw [← Int.neg_add_cancel_left c (Coeffs.dot x y), h, Int.add_zero]
  rw [sat', sat_iff, this]
  constructor <;> intro l e <;> injection e with e <;> rw [← e] <;> exact Int.le_refl _

theorem combine_sat' {s t : Constraint} {x y : Coeffs} (h : sat' s x y = true) (k : sat' t x y = true) :
    sat' (combine s t) x y = true := by
  unfold sat' at h k ⊢
  rw [sat_iff] at h k ⊢
  obtain ⟨l, u⟩ := s
  obtain ⟨l', u'⟩ := t
  constructor
  · intro b e
    cases l with
    | none => exact k.1 b e
    | some l => cases l' with
      | none => exact h.1 b e
      | some l' =>
        injection e with e
        rw [← e, Int.max_def]
        split
        · exact k.1 l' rfl
        · exact h.1 l rfl
  · intro b e
    cases u with
    | none => exact k.2 b e
    | some u => cases u' with
      | none => exact h.2 b e
      | some u' =>
        injection e with e
        rw [← e, Int.min_def]
        split
        · exact h.2 u rfl
        · exact k.2 u' rfl

theorem not_sat'_of_isImpossible {c : Constraint} (h : isImpossible c = true) {x y : Coeffs} :
    ¬(sat' c x y = true) := fun k => ne_true_of_eq_false (not_isImpossible_of_sat k) h

end Constraint

theorem combo_sat' (s t : Constraint) (a : Int) (x : Coeffs) (b : Int) (y v : Coeffs)
    (h : s.sat' x v = true) (k : t.sat' y v = true) :
    (Constraint.combo a s b t).sat' (Coeffs.combo a x b y) v = true := by
  unfold Constraint.sat'
  rw [Coeffs.dot_combo]
  exact sat_add (sat_scale a h) (sat_scale b k)

/-! ## Normal form: the leading coefficient positive, no common factor -/

def flipSign (s : Constraint) (x : Coeffs) : Constraint × Coeffs :=
  if 0 ≤ x.leading then (s, x) else (s.neg, x.smul (-1))

def reduce (p : Constraint × Coeffs) : Constraint × Coeffs :=
  if p.2.gcd = 0 then
    if p.1.sat 0 then (.trivial, p.2) else (.impossible, p.2)
  else (p.1.div p.2.gcd, p.2.sdiv p.2.gcd)

def tidyConstraint (s : Constraint) (x : Coeffs) : Constraint := (reduce (flipSign s x)).1
def tidyCoeffs (s : Constraint) (x : Coeffs) : Coeffs := (reduce (flipSign s x)).2

theorem flipSign_sat {s : Constraint} {x v : Coeffs} (h : s.sat' x v = true) :
    (flipSign s x).1.sat' (flipSign s x).2 v = true := by
  unfold flipSign
  split
  · exact h
  · show Constraint.sat _ (Coeffs.dot (Coeffs.map _ x) v) = true
    rw [Coeffs.dot_map, Int.neg_mul, Int.one_mul]
    exact sat_neg h

theorem reduce_sat {p : Constraint × Coeffs} {v : Coeffs} (h : p.1.sat' p.2 v = true) :
    (reduce p).1.sat' (reduce p).2 v = true := by
  unfold reduce
  split
  · next zero =>
    unfold Constraint.sat' at h
    rw [Coeffs.dot_of_gcd_eq_zero zero] at h
    rw [ite_eq_left h]
    rfl
  · next no =>
    refine sat_div (Nat.pos_of_ne_zero no) ?_
    rw [← Coeffs.dvd_of_dvd_gcd (Nat.dvd_refl _)]
    exact h

theorem tidy_sat {s : Constraint} {x v : Coeffs} (h : s.sat' x v = true) :
    (tidyConstraint s x).sat' (tidyCoeffs s x) v = true := reduce_sat (flipSign_sat h)

/-! ## Equations without a coefficient 1

`a₁ x₁ + … = r` is reduced modulo `m`; a new unknown stands for the multiple of `m` that is left. -/

def bmod_coeffs (m i : Nat) (x : Coeffs) : Coeffs := Coeffs.set (Coeffs.bmod x m) i m
/-- The value of the new unknown. -/
def bmod_div_term (m : Nat) (x v : Coeffs) : Int := (Int.bmod (Coeffs.dot x v) m - Coeffs.dot (Coeffs.bmod x m) v) / m

theorem exists_bmod (a : Int) (m : Nat) : ∃ k : Int, Int.bmod a m = a + m * k := by
  unfold Int.bmod
  have e := Int.emod_def a m
  split
  · exact ⟨-(a / m), by rw [e, Int.mul_neg]; rfl⟩
  · refine ⟨-(a / m) - 1, ?_⟩
    rw [e, Int.mul_sub, Int.mul_one, Int.mul_neg]
    exact Int.add_assoc _ _ _

theorem exists_dot_bmod (x v : Coeffs) (m : Nat) : ∃ k : Int, Coeffs.dot (Coeffs.bmod x m) v = Coeffs.dot x v + m * k := by
  induction x generalizing v with
  | nil => exact ⟨0, by rw [Int.mul_zero]; rfl⟩
  | cons a x ih =>
    cases v with
    | nil => exact ⟨0, by rw [Int.mul_zero]; rfl⟩
    | cons c v =>
      obtain ⟨k, e⟩ := exists_bmod a m
      obtain ⟨l, e'⟩ := ih v
      refine ⟨k * c + l, ?_⟩
      show Int.bmod a m * c + Coeffs.dot (Coeffs.bmod x m) v = a * c + Coeffs.dot x v + m * (k * c + l)
      rw [e, e']
      simp only [Int.add_mul, Int.mul_add, Int.mul_assoc, Int.add_assoc, Int.add_left_comm]

theorem bmod_sat (m : Nat) (r : Int) (i : Nat) (x v : Coeffs) (short : x.length ≤ i)
    (unknown : v.get i = bmod_div_term m x v) (h : (Constraint.exact r).sat' x v = true) :
    (Constraint.exact (r.bmod m)).sat' (bmod_coeffs m i x) v = true := by
  have at_v : Coeffs.dot x v = r := by
    have bounds := sat_iff.mp h
    exact Int.le_antisymm (bounds.2 r rfl) (bounds.1 r rfl)
  have value : Coeffs.dot (bmod_coeffs m i x) v = r.bmod m := by
    unfold bmod_coeffs
    rw [Coeffs.dot_set ((Coeffs.length_map _ x).symm ▸ short), unknown, bmod_div_term, at_v]
    obtain ⟨k, e⟩ := exists_bmod r m
    obtain ⟨l, e'⟩ := exists_dot_bmod x v m
    have multiple : (m : Int) ∣ r.bmod m - Coeffs.dot (Coeffs.bmod x m) v := by
      rw [e, e', at_v, Int.add_sub_add_left]
      exact Int.dvd_sub (Int.dvd_mul_right _ _) (Int.dvd_mul_right _ _)
    rw [Int.mul_comm (m : Int), Int.ediv_mul_cancel multiple, Int.add_comm, Int.sub_add_cancel]
  unfold Constraint.sat'
  rw [value, sat_iff]
  constructor <;> intro l e <;> injection e with e <;> rw [← e] <;> exact Int.le_refl _

end Lean.Omega
