/-!
# 33. Integers: order
-/

namespace Int

theorem nonNeg_iff_zero_le {a : Int} : NonNeg a ↔ 0 ≤ a := by
  show _ ↔ NonNeg (a - 0)
  rw [Int.sub_zero]

/-! ## Deciding -/

@[extern "lean_int_dec_eq"] protected def decEq (a b : @& Int) : Decidable (a = b) :=
  match a, b with
  | ofNat m, ofNat n => match decEq m n with
    | .isTrue h => isTrue (congrArg ofNat h)
    | .isFalse no => isFalse fun h => no (ofNat_inj.mp h)
  | negSucc m, negSucc n => match decEq m n with
    | .isTrue h => isTrue (congrArg negSucc h)
    | .isFalse no => isFalse fun h => no (negSucc_inj.mp h)
  | ofNat _, negSucc _ => isFalse ofNat_ne_negSucc
  | negSucc _, ofNat _ => isFalse ofNat_ne_negSucc.symm
instance instDecidableEq : DecidableEq Int := Int.decEq

@[extern "lean_int_dec_nonneg"] def decNonneg (a : @& Int) : Decidable (NonNeg a) :=
  match a with
  | ofNat m => isTrue (.mk m)
  | negSucc _ => isFalse not_nonNeg_negSucc
@[extern "lean_int_dec_le"] instance decLe (a b : @& Int) : Decidable (a ≤ b) := decNonneg _
@[extern "lean_int_dec_lt"] instance decLt (a b : @& Int) : Decidable (a < b) := decNonneg _

attribute [gen_constructor_elims] Int

/-! ## A linear order -/

section

variable {a b c d : Int}

protected theorem le_def (a b : Int) : a ≤ b ↔ NonNeg (b - a) := Iff.rfl
theorem lt_iff_add_one_le : a < b ↔ a + 1 ≤ b := Iff.rfl
theorem add_one_le_of_lt (h : a < b) : a + 1 ≤ b := h
theorem lt_of_add_one_le (h : a + 1 ≤ b) : a < b := h

@[simp, refl] protected theorem le_refl (a : Int) : a ≤ a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  exact subNatNat_le.mpr (Nat.le_refl _)
protected theorem le_rfl : a ≤ a := Int.le_refl a
protected theorem le_of_eq (h : a = b) : a ≤ b := h ▸ Int.le_refl a
protected theorem le_trans (h : a ≤ b) (h' : b ≤ c) : a ≤ c := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  obtain ⟨c, c', rfl⟩ := exists_subNatNat c
  rw [subNatNat_le] at h h' ⊢
  have both := Nat.add_le_add h h'
  simp +arith at both ⊢
  exact both
protected theorem le_antisymm (h : a ≤ b) (h' : b ≤ a) : a = b := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [subNatNat_le] at h h'
  exact subNatNat_inj.mpr (Nat.le_antisymm h h')
protected theorem lt_or_ge (a b : Int) : a < b ∨ b ≤ a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [subNatNat_lt, subNatNat_le]
  exact Nat.lt_or_ge _ _
protected theorem lt_irrefl (a : Int) : ¬(a < a) := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  rw [subNatNat_lt]
  exact Nat.lt_irrefl _
protected theorem le_of_lt (h : a < b) : a ≤ b := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [subNatNat_lt] at h
  exact subNatNat_le.mpr (Nat.le_of_lt h)
protected theorem lt_of_lt_of_le (h : a < b) (h' : b ≤ c) : a < c := Int.le_trans (a := a + 1) h h'
protected theorem not_lt_of_le (h : a ≤ b) : ¬(b < a) := fun h' => Int.lt_irrefl b (Int.lt_of_lt_of_le h' h)
protected theorem lt_of_not_le (h : ¬(a ≤ b)) : b < a := (Int.lt_or_ge b a).resolve_right h
protected theorem le_of_not_lt (h : ¬(a < b)) : b ≤ a := (Int.lt_or_ge a b).resolve_left h
@[simp] protected theorem not_le : ¬(a ≤ b) ↔ b < a := ⟨Int.lt_of_not_le, fun h h' => Int.not_lt_of_le h' h⟩
@[simp] protected theorem not_lt : ¬(a < b) ↔ b ≤ a := ⟨Int.le_of_not_lt, Int.not_lt_of_le⟩
protected theorem le_total (a b : Int) : a ≤ b ∨ b ≤ a := (Int.lt_or_ge a b).imp_left Int.le_of_lt
protected theorem lt_of_le_of_ne (h : a ≤ b) (no : a ≠ b) : a < b :=
  Int.lt_of_not_le fun h' => no (Int.le_antisymm h h')
protected theorem lt_of_le_of_lt (h : a ≤ b) (h' : b < c) : a < c :=
  Int.lt_of_not_le fun h'' => Int.not_lt_of_le (Int.le_trans h'' h) h'
protected theorem lt_trans (h : a < b) (h' : b < c) : a < c := Int.lt_of_lt_of_le h (Int.le_of_lt h')
protected theorem lt_asymm (h : a < b) : ¬(b < a) := Int.not_lt_of_le (Int.le_of_lt h)
protected theorem ne_of_lt (h : a < b) : a ≠ b := fun same => Int.lt_irrefl b (same ▸ h)
protected theorem ne_of_gt (h : b < a) : a ≠ b := (Int.ne_of_lt h).symm
protected theorem lt_trichotomy (a b : Int) : a < b ∨ a = b ∨ b < a :=
  (Int.lt_or_ge a b).imp_right fun h => by
    rcases Int.lt_or_ge b a with h' | h'
    · exact .inr h'
    · exact .inl (Int.le_antisymm h' h)
protected theorem lt_or_gt_of_ne (h : a ≠ b) : a < b ∨ b < a := (Int.lt_trichotomy a b).imp_right (·.resolve_left h)
protected theorem le_iff_lt_or_eq : a ≤ b ↔ a < b ∨ a = b :=
  ⟨fun h => (Int.lt_trichotomy a b).imp_right (·.resolve_right (Int.not_lt_of_le h)),
   fun h => h.elim Int.le_of_lt Int.le_of_eq⟩
protected theorem lt_iff_le_and_ne : a < b ↔ a ≤ b ∧ a ≠ b :=
  ⟨fun h => ⟨Int.le_of_lt h, Int.ne_of_lt h⟩, fun h => Int.lt_of_le_of_ne h.1 h.2⟩

instance instTransLE : Trans (α := Int) (β := Int) (γ := Int) LE.le LE.le LE.le := ⟨Int.le_trans⟩
instance instTransLT : Trans (α := Int) (β := Int) (γ := Int) LT.lt LT.lt LT.lt := ⟨Int.lt_trans⟩
instance instTransLELT : Trans (α := Int) (β := Int) (γ := Int) LE.le LT.lt LT.lt := ⟨Int.lt_of_le_of_lt⟩
instance instTransLTLE : Trans (α := Int) (β := Int) (γ := Int) LT.lt LE.le LT.lt := ⟨Int.lt_of_lt_of_le⟩

theorem not_le_eq (a b : Int) : (¬(a ≤ b)) = (b + 1 ≤ a) := propext Int.not_le
theorem not_lt_eq (a b : Int) : (¬(a < b)) = (b ≤ a) := propext Int.not_lt
theorem not_ge_eq (a b : Int) : (¬(a ≥ b)) = (a + 1 ≤ b) := propext Int.not_le
theorem not_gt_eq (a b : Int) : (¬(a > b)) = (a ≤ b) := propext Int.not_lt

/-! ## Order and arithmetic -/

protected theorem add_le_add_iff_left (c : Int) : c + a ≤ c + b ↔ a ≤ b := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  obtain ⟨c, c', rfl⟩ := exists_subNatNat c
  rw [subNatNat_add, subNatNat_add, subNatNat_le, subNatNat_le]
  simp +arith
protected theorem add_le_add_iff_right (c : Int) : a + c ≤ b + c ↔ a ≤ b := by
  rw [Int.add_comm a, Int.add_comm b, Int.add_le_add_iff_left]
protected theorem add_lt_add_iff_left (c : Int) : c + a < c + b ↔ a < b := by
  rw [lt_iff_add_one_le, Int.add_assoc, Int.add_le_add_iff_left]; rfl
protected theorem add_lt_add_iff_right (c : Int) : a + c < b + c ↔ a < b := by
  rw [Int.add_comm a, Int.add_comm b, Int.add_lt_add_iff_left]
attribute [simp] Int.add_le_add_iff_left Int.add_le_add_iff_right Int.add_lt_add_iff_left Int.add_lt_add_iff_right
protected theorem add_le_add_left (h : a ≤ b) (c : Int) : c + a ≤ c + b := (Int.add_le_add_iff_left c).mpr h
protected theorem add_le_add_right (h : a ≤ b) (c : Int) : a + c ≤ b + c := (Int.add_le_add_iff_right c).mpr h
protected theorem add_lt_add_left (h : a < b) (c : Int) : c + a < c + b := (Int.add_lt_add_iff_left c).mpr h
protected theorem add_lt_add_right (h : a < b) (c : Int) : a + c < b + c := (Int.add_lt_add_iff_right c).mpr h
protected theorem add_le_add (h : a ≤ b) (h' : c ≤ d) : a + c ≤ b + d :=
  Int.le_trans (Int.add_le_add_right h c) (Int.add_le_add_left h' b)
protected theorem add_lt_add (h : a < b) (h' : c < d) : a + c < b + d :=
  Int.lt_trans (Int.add_lt_add_right h c) (Int.add_lt_add_left h' b)
protected theorem add_left_cancel (h : a + b = a + c) : b = c := by
  have := congrArg (-a + ·) h
  simp only [Int.neg_add_cancel_left] at this
  exact this
protected theorem add_right_cancel (h : a + b = c + b) : a = c := by
  rw [Int.add_comm a, Int.add_comm c] at h
  exact Int.add_left_cancel h
@[simp] protected theorem add_left_cancel_iff : a + b = a + c ↔ b = c := ⟨Int.add_left_cancel, congrArg (a + ·)⟩
@[simp] protected theorem add_right_cancel_iff : a + b = c + b ↔ a = c := ⟨Int.add_right_cancel, congrArg (· + b)⟩
theorem sub_nonneg_of_le (h : b ≤ a) : 0 ≤ a - b := nonNeg_iff_zero_le.mp h
theorem le_of_sub_nonneg (h : 0 ≤ a - b) : b ≤ a := nonNeg_iff_zero_le.mpr h
protected theorem sub_nonneg : 0 ≤ a - b ↔ b ≤ a := ⟨le_of_sub_nonneg, sub_nonneg_of_le⟩
protected theorem sub_eq_zero_of_eq (h : a = b) : a - b = 0 := h ▸ Int.sub_self a
protected theorem eq_of_sub_eq_zero (h : a - b = 0) : a = b := by
  rw [← Int.sub_add_cancel a b, h, Int.zero_add]
protected theorem sub_eq_zero : a - b = 0 ↔ a = b := ⟨Int.eq_of_sub_eq_zero, Int.sub_eq_zero_of_eq⟩
protected theorem neg_le_neg_iff : -a ≤ -b ↔ b ≤ a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [neg_subNatNat, neg_subNatNat, subNatNat_le, subNatNat_le, Nat.add_comm a', Nat.add_comm b']
protected theorem neg_le_neg (h : a ≤ b) : -b ≤ -a := Int.neg_le_neg_iff.mpr h
protected theorem neg_nonneg : 0 ≤ -a ↔ a ≤ 0 := Int.neg_le_neg_iff (a := 0)
protected theorem neg_inj : -a = -b ↔ a = b :=
  ⟨fun h => by rw [← Int.neg_neg a, h, Int.neg_neg], congrArg Neg.neg⟩
attribute [simp] Int.neg_le_neg_iff Int.neg_inj
protected theorem mul_nonneg (h : 0 ≤ a) (h' : 0 ≤ b) : 0 ≤ a * b := by
  cases a with
  | negSucc n => exact absurd h (fun h => not_nonNeg_negSucc h)
  | ofNat m =>
    cases b with
    | negSucc n => exact absurd h' (fun h => not_nonNeg_negSucc h)
    | ofNat n => exact nonNeg_iff_zero_le.mp (.mk (m * n))
protected theorem mul_pos (h : 0 < a) (h' : 0 < b) : 0 < a * b := by
  have nonneg : 0 ≤ (a - 1) * (b - 1) := Int.mul_nonneg (sub_nonneg_of_le h) (sub_nonneg_of_le h')
  have sum := Int.add_le_add (Int.add_le_add h h') nonneg
  rw [Int.sub_mul, Int.mul_sub, Int.mul_one, Int.one_mul] at sum
  have : a + b + (a * b - a - (b - 1)) = a * b + 1 := by
    obtain ⟨p, p', e⟩ := exists_subNatNat (a * b)
    obtain ⟨a, a', rfl⟩ := exists_subNatNat a
    obtain ⟨b, b', rfl⟩ := exists_subNatNat b
    rw [e, one_eq_subNatNat]
    simp only [subNatNat_add, subNatNat_sub, subNatNat_inj]
    simp +arith
  rw [this] at sum
  exact (Int.add_le_add_iff_right 1).mp sum
protected theorem mul_le_mul_of_nonneg_left (h : a ≤ b) (pos : 0 ≤ c) : c * a ≤ c * b := by
  have := Int.mul_nonneg pos (sub_nonneg_of_le h)
  rw [Int.mul_sub] at this
  exact le_of_sub_nonneg this
protected theorem mul_le_mul_of_nonneg_right (h : a ≤ b) (pos : 0 ≤ c) : a * c ≤ b * c := by
  rw [Int.mul_comm a, Int.mul_comm b]
  exact Int.mul_le_mul_of_nonneg_left h pos
protected theorem mul_lt_mul_of_pos_left (h : a < b) (pos : 0 < c) : c * a < c * b := by
  have positive : 0 < b - a := by
    have := (Int.add_lt_add_iff_right (-a)).mpr h
    rw [Int.add_right_neg] at this
    exact this
  have := Int.mul_pos pos positive
  rw [Int.mul_sub] at this
  have sum := (Int.add_lt_add_iff_right (c * a)).mpr this
  rw [Int.sub_add_cancel, Int.zero_add] at sum
  exact sum
protected theorem le_of_mul_le_mul_left (h : c * a ≤ c * b) (pos : 0 < c) : a ≤ b :=
  Int.le_of_not_lt fun less => Int.not_lt_of_le h (Int.mul_lt_mul_of_pos_left less pos)
protected theorem lt_of_mul_lt_mul_left (h : c * a < c * b) (pos : 0 ≤ c) : a < b :=
  Int.lt_of_not_le fun le => Int.not_lt_of_le (Int.mul_le_mul_of_nonneg_left le pos) h
protected theorem mul_eq_zero : a * b = 0 ↔ a = 0 ∨ b = 0 := by
  constructor
  · intro h
    apply Classical.byContradiction
    rw [not_or]
    rintro ⟨ha, hb⟩
    have positive : ∀ x : Int, x ≠ 0 → 0 < x ∨ 0 < -x := fun x no =>
      (Int.lt_or_gt_of_ne no).symm.imp_right fun less => by
        have := (Int.add_lt_add_iff_right (-x)).mpr less
        rw [Int.add_right_neg, Int.zero_add] at this
        exact this
    rcases positive a ha with ha | ha <;> rcases positive b hb with hb | hb <;>
      have := Int.mul_pos ha hb <;>
      simp only [Int.neg_mul, Int.mul_neg, Int.neg_neg, h, Int.neg_zero] at this <;>
      exact Int.lt_irrefl 0 this
  · rintro (h | h)
    · rw [h, Int.zero_mul]
    · rw [h, Int.mul_zero]
protected theorem mul_left_cancel (no : a ≠ 0) (h : a * b = a * c) : b = c := by
  have := Int.sub_eq_zero_of_eq h
  rw [← Int.mul_sub, Int.mul_eq_zero] at this
  exact Int.eq_of_sub_eq_zero (this.resolve_left no)
protected theorem mul_right_cancel (no : b ≠ 0) (h : a * b = c * b) : a = c := by
  rw [Int.mul_comm a, Int.mul_comm c] at h
  exact Int.mul_left_cancel no h
theorem mul_self_nonneg (a : Int) : 0 ≤ a * a := by
  rcases Int.le_total 0 a with h | h
  · exact Int.mul_nonneg h h
  · rw [← Int.neg_mul_neg]
    exact Int.mul_nonneg (Int.neg_nonneg.mpr h) (Int.neg_nonneg.mpr h)

end

/-! ## Minimum and maximum -/

instance instMin : Min Int := ⟨fun a b => if a ≤ b then a else b⟩
instance instMax : Max Int := ⟨fun a b => if a ≤ b then b else a⟩
protected theorem min_def (a b : Int) : min a b = if a ≤ b then a else b := rfl
protected theorem max_def (a b : Int) : max a b = if a ≤ b then b else a := rfl
protected theorem min_le_left (a b : Int) : min a b ≤ a := by
  rw [Int.min_def]
  split
  · exact Int.le_refl a
  · next h => exact Int.le_of_lt (Int.lt_of_not_le h)
protected theorem min_le_right (a b : Int) : min a b ≤ b := by
  rw [Int.min_def]
  split
  · next h => exact h
  · exact Int.le_refl b
protected theorem le_max_left (a b : Int) : a ≤ max a b := by
  rw [Int.max_def]
  split
  · next h => exact h
  · exact Int.le_refl a
protected theorem le_max_right (a b : Int) : b ≤ max a b := by
  rw [Int.max_def]
  split
  · exact Int.le_refl b
  · next h => exact Int.le_of_lt (Int.lt_of_not_le h)

end Int
