/-!
# 34. Integers: natural numbers among them
-/

/-! ## Natural numbers as integers -/

namespace Int

variable {m n : Nat} {a b c : Int}

@[simp] theorem ofNat_eq_natCast (n : Nat) : ofNat n = (n : Int) := rfl
@[simp, norm_cast] theorem natCast_zero : ((0 : Nat) : Int) = 0 := rfl
@[simp, norm_cast] theorem natCast_one : ((1 : Nat) : Int) = 1 := rfl
theorem natCast_ofNat (n : Nat) : ((OfNat.ofNat n : Nat) : Int) = OfNat.ofNat n := rfl
@[simp, norm_cast] theorem natCast_add (n m : Nat) : ((n + m : Nat) : Int) = n + m := rfl
@[simp, norm_cast] theorem natCast_mul (n m : Nat) : ((n * m : Nat) : Int) = n * m := rfl
theorem natCast_succ (n : Nat) : (Nat.succ n : Int) = n + 1 := rfl
theorem negSucc_eq (n : Nat) : negSucc n = -((n : Int) + 1) := rfl
@[simp, norm_cast] theorem natCast_ediv (m n : Nat) : ((m / n : Nat) : Int) = m / n := rfl
@[simp, norm_cast] theorem natCast_emod (m n : Nat) : ((m % n : Nat) : Int) = m % n := rfl
@[simp, norm_cast] theorem natCast_pow (b n : Nat) : ((b ^ n : Nat) : Int) = (b : Int) ^ n := by
  induction n with
  | zero => rfl
  | succ n ih => rw [Nat.pow_succ, natCast_mul, ih, Int.pow_succ]
@[simp, norm_cast] theorem natCast_inj : (m : Int) = n ↔ m = n := ofNat_inj
@[simp, norm_cast] theorem ofNat_le : (m : Int) ≤ n ↔ m ≤ n := by
  show ofNat m ≤ ofNat n ↔ _
  rw [ofNat_eq_subNatNat, ofNat_eq_subNatNat, subNatNat_le, Nat.add_zero, Nat.add_zero]
@[simp, norm_cast] theorem ofNat_lt : (m : Int) < n ↔ m < n := by
  show ofNat m < ofNat n ↔ _
  rw [ofNat_eq_subNatNat, ofNat_eq_subNatNat, subNatNat_lt, Nat.add_zero, Nat.add_zero]
theorem natCast_nonneg (n : Nat) : 0 ≤ (n : Int) := ofNat_le.mpr (Nat.zero_le n)
theorem natCast_sub (h : n ≤ m) : ((m - n : Nat) : Int) = m - n := by
  obtain ⟨k, rfl⟩ := Nat.le.dest h
  rw [Nat.add_sub_cancel_left, natCast_add, Int.add_sub_cancel_left]
theorem eq_natCast_of_zero_le (h : 0 ≤ a) : ∃ n : Nat, a = n := by
  cases a with
  | ofNat n => exact ⟨n, rfl⟩
  | negSucc n => exact absurd (nonNeg_iff_zero_le.mpr h) not_nonNeg_negSucc
theorem negSucc_lt_zero (n : Nat) : negSucc n < 0 := Int.lt_of_not_le fun h =>
  not_nonNeg_negSucc (nonNeg_iff_zero_le.mpr h)

/-! ## Absolute value, positive part, sign -/

/-- The number itself, or zero if it is negative. -/
def toNat : Int → Nat
  | ofNat n => n
  | negSucc _ => 0
def sign : Int → Int
  | ofNat 0 => 0
  | ofNat (_ + 1) => 1
  | negSucc _ => -1

@[simp] theorem natAbs_natCast (n : Nat) : natAbs n = n := rfl
@[simp] theorem natAbs_zero : natAbs 0 = 0 := rfl
@[simp] theorem natAbs_neg (a : Int) : natAbs (-a) = natAbs a := by
  cases a with
  | ofNat n => cases n <;> rfl
  | negSucc n => rfl
@[simp] theorem natAbs_eq_zero : natAbs a = 0 ↔ a = 0 := by
  cases a with
  | ofNat n => exact ofNat_inj.symm
  | negSucc n => exact iff_of_false (Nat.add_one_ne_zero n) (fun h => nomatch h)
theorem natAbs_pos : 0 < natAbs a ↔ a ≠ 0 := by rw [Nat.pos_iff_ne_zero, Ne, natAbs_eq_zero]
theorem natAbs_mul (a b : Int) : natAbs (a * b) = natAbs a * natAbs b := by
  have negOf : ∀ n, natAbs (negOfNat n) = n := fun n => by cases n <;> rfl
  cases a with
  | ofNat m => cases b with
    | ofNat n => rfl
    | negSucc n => exact negOf _
  | negSucc m => cases b with
    | ofNat n => exact negOf _
    | negSucc n => rfl
theorem natAbs_of_nonneg (h : 0 ≤ a) : (natAbs a : Int) = a := by
  obtain ⟨n, rfl⟩ := eq_natCast_of_zero_le h
  rfl
theorem natAbs_of_nonpos (h : a ≤ 0) : (natAbs a : Int) = -a := by
  rw [← natAbs_neg, natAbs_of_nonneg (Int.neg_nonneg.mpr h)]
theorem natAbs_eq (a : Int) : a = natAbs a ∨ a = -(natAbs a : Int) := by
  cases a with
  | ofNat n => exact .inl rfl
  | negSucc n => exact .inr rfl
theorem le_natAbs : a ≤ natAbs a := by
  rcases Int.le_total 0 a with h | h
  · exact Int.le_of_eq (natAbs_of_nonneg h).symm
  · exact Int.le_trans h (natCast_nonneg _)
@[simp] theorem toNat_natCast (n : Nat) : toNat n = n := rfl
theorem toNat_of_nonneg (h : 0 ≤ a) : (toNat a : Int) = a := by
  obtain ⟨n, rfl⟩ := eq_natCast_of_zero_le h
  rfl
theorem toNat_eq_max (a : Int) : (toNat a : Int) = max a 0 := by
  rw [Int.max_def]
  cases a with
  | negSucc n => rw [ite_eq_left (Int.le_of_lt (negSucc_lt_zero n))]; rfl
  | ofNat n =>
    split
    · next h => exact Int.le_antisymm h (natCast_nonneg n)
    · rfl

end Int
