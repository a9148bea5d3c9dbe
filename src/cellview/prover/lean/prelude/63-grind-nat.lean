/-!
# 63. Natural numbers in `grind`

Its arithmetic works on integers; these lemmas carry facts about natural numbers over.
-/

namespace Nat.ToInt

variable {a b : Nat} {a' b' : Int}

theorem toNat_nonneg (x : Nat) : (-1 : Int) * NatCast.natCast x ≤ 0 := by
  have := Int.natCast_nonneg x
  show -1 * (x : Int) ≤ 0
  omega
theorem natCast_ofNat (n : Nat) : (NatCast.natCast (OfNat.ofNat n : Nat) : Int) = OfNat.ofNat n := rfl
theorem of_eq (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') (k : a = b) : a' = b' := by
  rw [← h, ← h', k]
theorem of_diseq (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') (k : a ≠ b) : a' ≠ b' := by
  rw [← h, ← h']
  exact fun same => k (Int.ofNat_inj.mp same)
theorem of_le (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') (k : a ≤ b) : a' ≤ b' := by
  rw [← h, ← h']
  exact Int.ofNat_le.mpr k
theorem of_not_le (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') (k : ¬(a ≤ b)) : b' + 1 ≤ a' := by
  rw [← h, ← h']
  exact Int.ofNat_lt.mpr (Nat.not_le.mp k)
theorem of_dvd (d a : Nat) (d' a' : Int) (h : NatCast.natCast d = d') (h' : NatCast.natCast a = a') (k : d ∣ a) :
    d' ∣ a' := by
  rw [← h, ← h']
  obtain ⟨c, rfl⟩ := k
  exact ⟨c, rfl⟩
theorem add_congr (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') : NatCast.natCast (a + b) = a' + b' := by
  rw [← h, ← h']; rfl
theorem mul_congr (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') : NatCast.natCast (a * b) = a' * b' := by
  rw [← h, ← h']; rfl
theorem div_congr (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') : NatCast.natCast (a / b) = a' / b' := by
  rw [← h, ← h']; rfl
theorem mod_congr (h : NatCast.natCast a = a') (h' : NatCast.natCast b = b') : NatCast.natCast (a % b) = a' % b' := by
  rw [← h, ← h']; rfl
theorem pow_congr {a : Nat} (k : Nat) (a' : Int) (h : NatCast.natCast a = a') : NatCast.natCast (a ^ k) = a' ^ k := by
  rw [← h]
  exact Int.natCast_pow a k
theorem ofNat_toNat (a : Int) : (NatCast.natCast a.toNat : Int) = if a ≤ 0 then 0 else a := by
  show (a.toNat : Int) = _
  split <;> omega

end Nat.ToInt

namespace Int

theorem Internal.Linear.natCast_sub (x y : Nat) :
    (NatCast.natCast (x - y) : Int) =
      if (NatCast.natCast y : Int) + (-1) * NatCast.natCast x ≤ 0 then
        (NatCast.natCast x : Int) + -1 * NatCast.natCast y
      else 0 := by
  show ((x - y : Nat) : Int) = if (y : Int) + -1 * (x : Int) ≤ 0 then (x : Int) + -1 * (y : Int) else 0
  split <;> omega

/-! `a / b` and `a % b` become two new unknowns with these facts. -/

theorem Internal.Linear.ediv_emod (x y : Int) : -1 * x + y * (x / y) + x % y = 0 := by
  have := emod_add_mul_ediv x y
  omega
theorem Internal.Linear.emod_nonneg (x y : Int) (h : decide (y ≠ 0) = true) : -1 * (x % y) ≤ 0 := by
  have := Int.emod_nonneg x (of_decide_eq_true h)
  omega
theorem Internal.Linear.emod_le (x y n : Int) (h : (decide (y ≠ 0) && decide (n = 1 - (y.natAbs : Int))) = true) :
    x % y + n ≤ 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  have := Int.emod_lt_natAbs x h.1
  omega
theorem Internal.Linear.of_not_dvd (a b : Int) (h : decide (a ≠ 0) = true) (k : ¬(a ∣ b)) : b % a > 0 :=
  (Int.emod_pos_of_not_dvd k).resolve_left (of_decide_eq_true h)

theorem Nonneg.num (a : Int) (h : decide (0 ≤ a) = true) : a ≥ 0 := of_decide_eq_true h
theorem Nonneg.add (a b : Int) (h : a ≥ 0) (k : b ≥ 0) : a + b ≥ 0 := by omega
theorem Nonneg.mul (a b : Int) (h : a ≥ 0) (k : b ≥ 0) : a * b ≥ 0 := Int.mul_nonneg h k
theorem Nonneg.div (a b : Int) (h : a ≥ 0) (k : b ≥ 0) : a / b ≥ 0 := by
  obtain ⟨m, rfl⟩ := eq_natCast_of_zero_le h
  obtain ⟨n, rfl⟩ := eq_natCast_of_zero_le k
  exact natCast_nonneg (m / n)
theorem Nonneg.mod (a b : Int) (h : a ≥ 0) : a % b ≥ 0 := by
  obtain ⟨m, rfl⟩ := eq_natCast_of_zero_le h
  exact natCast_nonneg (m % natAbs b)
theorem Nonneg.pow (a : Int) (k : Nat) (h : a ≥ 0) : a ^ k ≥ 0 := by
  obtain ⟨m, rfl⟩ := eq_natCast_of_zero_le h
  rw [← natCast_pow]
  exact natCast_nonneg (m ^ k)
theorem Nonneg.natCast (a : Nat) : (NatCast.natCast a : Int) ≥ 0 := natCast_nonneg a
theorem Nonneg.toPoly (e : Int) (h : e ≥ 0) : -1 * e ≤ 0 := by omega

end Int

namespace Lean.Grind

theorem em (p : Prop) : p ∨ ¬p := Classical.em p
/-- A proof inside a term: all proofs of `p` are one. -/
def nestedProof (p : Prop) {h : p} : p := h
def nestedDecidable {p : Prop} (h : Decidable p) : Decidable p := h

theorem nestedProof_congr (p q : Prop) (h : p = q) (hp : p) (hq : q) :
    HEq (@nestedProof p hp) (@nestedProof q hq) := by
  subst h
  exact HEq.rfl
theorem nestedDecidable_congr (p q : Prop) (h : p = q) (hp : Decidable p) (hq : Decidable q) :
    HEq (@nestedDecidable p hp) (@nestedDecidable q hq) := by
  subst h
  exact heq_of_eq (Subsingleton.elim hp hq)

/-! Marks around a term that say what `grind` has in mind with it. -/

def PreMatchCond (p : Prop) : Prop := p
def MatchCond (p : Prop) : Prop := p
def eqBwdPattern {α : Sort u} (a b : α) : Prop := a = b
abbrev EqMatch {α : Sort u} (a b : α) {origin : α} : Prop := a = b
def alreadyNorm (p : Prop) : Prop := p
theorem alreadyNorm_eq (p : Prop) : alreadyNorm p = p := rfl
def simpMatchDiscrsOnly {α : Sort u} (a : α) : α := a
def genPattern {α : Sort u} (h : Prop) (x val : α) : α := x
def genHEqPattern {α β : Sort u} (h : Prop) (x : α) (val : β) : α := x

theorem nat_lt_eq (a b : Nat) : (a < b) = (a + 1 ≤ b) := rfl
theorem int_lt_eq (a b : Int) : (a < b) = (a + 1 ≤ b) := rfl
theorem ge_eq {α : Type u} [LE α] (a b : α) : (a ≥ b) = (b ≤ a) := rfl
theorem gt_eq {α : Type u} [LT α] (a b : α) : (a > b) = (b < a) := rfl
theorem ne_eq_not {α : Sort u} (a b : α) : (a ≠ b) = ¬(a = b) := rfl

end Lean.Grind
