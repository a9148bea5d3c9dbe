/-!
# 35. Integers: division and divisibility
-/

namespace Int

variable {a b c : Int}

/-! ## Division -/

protected theorem ediv_zero (a : Int) : a / 0 = 0 := by cases a <;> rfl
protected theorem zero_ediv (b : Int) : 0 / b = 0 := by
  cases b with
  | ofNat n => exact congrArg ofNat (Nat.zero_div n)
  | negSucc n => exact congrArg (fun n => -ofNat n) (Nat.zero_div (n + 1))
@[simp] theorem emod_zero (a : Int) : a % 0 = a := by
  cases a with
  | ofNat n => exact congrArg ofNat (Nat.mod_zero n)
  | negSucc n =>
    show subNatNat 0 (n % 0 + 1) = _
    rw [Nat.mod_zero]
    rfl

/-- What division promises. -/
theorem emod_add_mul_ediv (a b : Int) : a % b + b * (a / b) = a := by
  have negative : ∀ m k : Nat, subNatNat (k + 1) (m % (k + 1) + 1) + ofNat (k + 1) * negSucc (m / (k + 1)) = negSucc m := by
    intro m k
    have whole := Nat.mod_add_div m (k + 1)
    rw [negSucc_eq_subNatNat, negSucc_eq_subNatNat, ofNat_eq_subNatNat, subNatNat_mul, subNatNat_add, subNatNat_inj]
    generalize k + 1 = y at whole ⊢
    generalize m % y = r at whole ⊢
    generalize m / y = q at whole ⊢
    subst whole
    simp only [Nat.mul_add, Nat.zero_mul, Nat.mul_one, Nat.mul_zero]
    simp +arith
  cases a with
  | ofNat m => cases b with
    | ofNat n => exact congrArg ofNat (Nat.mod_add_div m n)
    | negSucc n =>
      show ofNat (m % (n + 1)) + -ofNat (n + 1) * -ofNat (m / (n + 1)) = _
      rw [Int.neg_mul_neg]
      exact congrArg ofNat (Nat.mod_add_div m (n + 1))
  | negSucc m => cases b with
    | ofNat n => cases n with
      | zero =>
        rw [show (ofNat 0 : Int) = 0 from rfl, emod_zero, Int.zero_mul, Int.add_zero]
      | succ k => exact negative m k
    | negSucc k =>
      have := negative m k
      rw [show negSucc (m / (k + 1)) = -ofNat (m / (k + 1) + 1) from rfl, Int.mul_neg, ← Int.neg_mul] at this
      exact this
theorem mul_ediv_add_emod (a b : Int) : b * (a / b) + a % b = a := by rw [Int.add_comm, emod_add_mul_ediv]
theorem emod_def (a b : Int) : a % b = a - b * (a / b) := by
  have := congrArg (· - b * (a / b)) (emod_add_mul_ediv a b)
  simp only [Int.add_sub_cancel] at this
  exact this

theorem emod_nonneg (a : Int) {b : Int} (h : b ≠ 0) : 0 ≤ a % b := by
  cases a with
  | ofNat m => exact natCast_nonneg _
  | negSucc m =>
    show 0 ≤ subNatNat (natAbs b) (m % natAbs b + 1)
    rw [zero_eq_subNatNat, subNatNat_le, Nat.zero_add, Nat.add_zero]
    exact Nat.mod_lt m (natAbs_pos.mpr h)
theorem emod_lt_natAbs (a : Int) {b : Int} (h : b ≠ 0) : a % b < natAbs b := by
  cases a with
  | ofNat m => exact ofNat_lt.mpr (Nat.mod_lt m (natAbs_pos.mpr h))
  | negSucc m =>
    show subNatNat (natAbs b) (m % natAbs b + 1) < ofNat (natAbs b)
    rw [ofNat_eq_subNatNat, subNatNat_lt, Nat.add_zero]
    exact Nat.add_lt_add_left (Nat.succ_pos _) _
theorem emod_lt_of_pos (a : Int) {b : Int} (h : 0 < b) : a % b < b := by
  have := emod_lt_natAbs a (Int.ne_of_gt h)
  rw [natAbs_of_nonneg (Int.le_of_lt h)] at this
  exact this
theorem mul_ediv_self_le {x k : Int} (h : k ≠ 0) : k * (x / k) ≤ x := by
  have := Int.add_le_add_left (emod_nonneg x h) (k * (x / k))
  rw [Int.add_zero, mul_ediv_add_emod] at this
  exact this
theorem lt_mul_ediv_self_add {x k : Int} (h : 0 < k) : x < k * (x / k) + k := by
  have := Int.add_lt_add_left (emod_lt_of_pos x h) (k * (x / k))
  rw [mul_ediv_add_emod] at this
  exact this
theorem ediv_neg (a b : Int) : a / -b = -(a / b) := by
  cases a with
  | ofNat m => cases b with
    | ofNat n => cases n with
      | zero => exact (Int.neg_neg (ofNat (m / 0))).symm.trans rfl
      | succ n => rfl
    | negSucc n => exact (Int.neg_neg (ofNat (m / (n + 1)))).symm
  | negSucc m => cases b with
    | ofNat n => cases n <;> rfl
    | negSucc n => rfl
@[simp] theorem emod_neg (a b : Int) : a % -b = a % b := by rw [emod_def, emod_def, ediv_neg, Int.neg_mul_neg]
/-- Quotient and remainder are the only integers with their properties. -/
theorem ediv_emod_unique {a b q r : Int} (e : r + b * q = a) (low : 0 ≤ r) (high : r < natAbs b) :
    a / b = q ∧ a % b = r := by
  have no : b ≠ 0 := fun h => by
    rw [h] at high
    exact Int.not_lt_of_le low high
  have gap : natAbs (b * (q - a / b)) < natAbs b := by
    have e' : b * (q - a / b) = a % b - r := by
      rw [Int.mul_sub, emod_def]
      have : b * q = a - r := by rw [← e, Int.add_sub_cancel_left]
      rw [this, sub_def, sub_def, sub_def, sub_def, Int.add_right_comm]
    rw [e']
    apply ofNat_lt.mp
    rcases natAbs_eq (a % b - r) with h | h
    · rw [← h]
      exact Int.lt_of_le_of_lt (by
        have := Int.add_le_add_left (Int.neg_le_neg low) (a % b)
        rw [Int.neg_zero, Int.add_zero] at this
        exact this) (emod_lt_natAbs a no)
    · have h : (natAbs (a % b - r) : Int) = r - a % b := by
        rw [← Int.neg_neg (natAbs (a % b - r) : Int), ← h, Int.neg_sub]
      rw [h]
      exact Int.lt_of_le_of_lt (by
        have := Int.add_le_add_left (Int.neg_le_neg (emod_nonneg a no)) r
        rw [Int.neg_zero, Int.add_zero] at this
        exact this) high
  rw [natAbs_mul] at gap
  have same : q - a / b = 0 := by
    apply natAbs_eq_zero.mp
    apply Classical.byContradiction
    intro big
    have := Nat.mul_le_mul_left (natAbs b) (Nat.pos_of_ne_zero big)
    rw [Nat.mul_one] at this
    exact Nat.lt_irrefl _ (Nat.lt_of_le_of_lt this gap)
  have same := Int.eq_of_sub_eq_zero same
  refine ⟨same.symm, ?_⟩
  rw [emod_def, ← same, ← e, Int.add_sub_cancel]

/-! ## Divisibility -/

theorem dvd_def (a b : Int) : a ∣ b ↔ ∃ c, b = a * c := Iff.rfl
theorem emod_eq_zero_of_dvd (h : a ∣ b) : b % a = 0 := by
  obtain ⟨c, rfl⟩ := h
  rcases Classical.em (a = 0) with h | h
  · rw [h, Int.zero_mul]; rfl
  · exact (ediv_emod_unique (q := c) (Int.zero_add _) (Int.le_refl 0) (ofNat_lt.mpr (natAbs_pos.mpr h))).2
theorem dvd_of_emod_eq_zero (h : b % a = 0) : a ∣ b := by
  have := mul_ediv_add_emod b a
  rw [h, Int.add_zero] at this
  exact ⟨b / a, this.symm⟩
theorem dvd_iff_emod_eq_zero : a ∣ b ↔ b % a = 0 := ⟨emod_eq_zero_of_dvd, dvd_of_emod_eq_zero⟩
theorem emod_pos_of_not_dvd (h : ¬(a ∣ b)) : a = 0 ∨ 0 < b % a := by
  rcases Classical.em (a = 0) with same | no
  · exact .inl same
  · exact .inr (Int.lt_of_le_of_ne (emod_nonneg b no) fun e => h (dvd_of_emod_eq_zero e.symm))
instance decidableDvd (a b : Int) : Decidable (a ∣ b) :=
  if h : b % a = 0 then isTrue (dvd_of_emod_eq_zero h) else isFalse fun d => h (emod_eq_zero_of_dvd d)
theorem dvd_eq_true_of_mod_eq_zero (h : (b % a == 0) = true) : (a ∣ b) = True :=
  eq_true (dvd_of_emod_eq_zero (eq_of_beq h))
theorem dvd_eq_false_of_mod_ne_zero (h : (b % a != 0) = true) : (a ∣ b) = False :=
  eq_false fun d => bne_iff_ne.mp h (emod_eq_zero_of_dvd d)

@[simp] protected theorem dvd_refl (a : Int) : a ∣ a := ⟨1, (Int.mul_one a).symm⟩
@[simp] protected theorem dvd_zero (a : Int) : a ∣ 0 := ⟨0, (Int.mul_zero a).symm⟩
@[simp] protected theorem one_dvd (a : Int) : 1 ∣ a := ⟨a, (Int.one_mul a).symm⟩
@[simp] protected theorem dvd_mul_right (a b : Int) : a ∣ a * b := ⟨b, rfl⟩
@[simp] protected theorem dvd_mul_left (a b : Int) : b ∣ a * b := ⟨a, Int.mul_comm a b⟩
protected theorem dvd_trans (h : a ∣ b) (h' : b ∣ c) : a ∣ c :=
  match h, h' with
  | ⟨d, hd⟩, ⟨e, he⟩ => ⟨d * e, by rw [he, hd, Int.mul_assoc]⟩
protected theorem dvd_add (h : a ∣ b) (h' : a ∣ c) : a ∣ b + c :=
  match h, h' with
  | ⟨d, hd⟩, ⟨e, he⟩ => ⟨d + e, by rw [hd, he, Int.mul_add]⟩
protected theorem dvd_sub (h : a ∣ b) (h' : a ∣ c) : a ∣ b - c :=
  match h, h' with
  | ⟨d, hd⟩, ⟨e, he⟩ => ⟨d - e, by rw [hd, he, Int.mul_sub]⟩
@[simp] protected theorem dvd_neg : a ∣ -b ↔ a ∣ b :=
  ⟨fun ⟨d, hd⟩ => ⟨-d, by rw [Int.mul_neg, ← hd, Int.neg_neg]⟩, fun ⟨d, hd⟩ => ⟨-d, by rw [Int.mul_neg, ← hd]⟩⟩
@[simp] protected theorem neg_dvd : -a ∣ b ↔ a ∣ b :=
  ⟨fun ⟨d, hd⟩ => ⟨-d, by rw [hd, Int.neg_mul, Int.mul_neg]⟩, fun ⟨d, hd⟩ => ⟨-d, by rw [hd, Int.neg_mul_neg]⟩⟩
protected theorem dvd_mul_of_dvd_left (h : a ∣ b) (c : Int) : a ∣ b * c := Int.dvd_trans h (Int.dvd_mul_right b c)
protected theorem dvd_mul_of_dvd_right (h : a ∣ c) (b : Int) : a ∣ b * c := Int.dvd_trans h (Int.dvd_mul_left b c)
protected theorem mul_dvd_mul_left (a : Int) (h : b ∣ c) : a * b ∣ a * c :=
  match h with
  | ⟨d, hd⟩ => ⟨d, by rw [hd, Int.mul_assoc]⟩

/-! ## Exact quotients -/

theorem mul_ediv_cancel_left (b : Int) (h : a ≠ 0) : a * b / a = b :=
  (ediv_emod_unique (Int.zero_add _) (Int.le_refl 0) (ofNat_lt.mpr (natAbs_pos.mpr h))).1
theorem mul_ediv_cancel (a : Int) (h : b ≠ 0) : a * b / b = a := by rw [Int.mul_comm, mul_ediv_cancel_left a h]
theorem add_mul_ediv_right (a c : Int) (h : b ≠ 0) : (a + c * b) / b = a / b + c := by
  refine (ediv_emod_unique (r := a % b) ?_ (emod_nonneg a h) (emod_lt_natAbs a h)).1
  rw [Int.mul_add, ← Int.add_assoc, emod_add_mul_ediv, Int.mul_comm]
@[simp] theorem mul_emod_right (a b : Int) : a * b % a = 0 := emod_eq_zero_of_dvd (Int.dvd_mul_right a b)
@[simp] theorem mul_emod_left (a b : Int) : a * b % b = 0 := emod_eq_zero_of_dvd (Int.dvd_mul_left a b)
@[simp] theorem emod_self (a : Int) : a % a = 0 := emod_eq_zero_of_dvd (Int.dvd_refl a)
@[simp] theorem emod_one (a : Int) : a % 1 = 0 := emod_eq_zero_of_dvd (Int.one_dvd a)
@[simp] theorem ediv_one (a : Int) : a / 1 = a := by
  have := mul_ediv_cancel_left a (a := 1) (by decide)
  rw [Int.one_mul] at this
  exact this
@[simp] theorem ediv_self (h : a ≠ 0) : a / a = 1 := by
  have := mul_ediv_cancel_left 1 h
  rw [Int.mul_one] at this
  exact this
theorem emod_eq_of_lt (low : 0 ≤ a) (high : a < b) : a % b = a := by
  refine (ediv_emod_unique (q := 0) ?_ low ?_).2
  · rw [Int.mul_zero, Int.add_zero]
  · exact Int.lt_of_lt_of_le high le_natAbs
theorem ediv_mul_cancel (h : b ∣ a) : a / b * b = a := by
  have := mul_ediv_add_emod a b
  rw [emod_eq_zero_of_dvd h, Int.add_zero, Int.mul_comm] at this
  exact this
@[simp] theorem add_mul_emod_self_left (a b c : Int) : (a + b * c) % b = a % b := by
  rcases Classical.em (b = 0) with h | h
  · rw [h, Int.zero_mul, Int.add_zero]
  · refine (ediv_emod_unique (q := a / b + c) ?_ (emod_nonneg a h) (emod_lt_natAbs a h)).2
    rw [Int.mul_add, ← Int.add_assoc, emod_add_mul_ediv]
theorem ediv_nonneg (h : 0 ≤ a) (k : 0 ≤ b) : 0 ≤ a / b := by
  obtain ⟨m, rfl⟩ := eq_natCast_of_zero_le h
  obtain ⟨n, rfl⟩ := eq_natCast_of_zero_le k
  exact natCast_nonneg (m / n)
theorem emod_emod (a b : Int) : a % b % b = a % b := by
  have : a % b % b = (a % b + b * (a / b)) % b := (add_mul_emod_self_left _ _ _).symm
  rw [this, emod_add_mul_ediv]

/-- The remainder nearest to zero: between `-m / 2` and `m / 2`. -/
def bmod (a : Int) (m : Nat) : Int :=
  if a % m < (m + 1) / 2 then a % m else a % m - m

end Int
