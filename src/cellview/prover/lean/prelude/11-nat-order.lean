/-!
# 11. Natural numbers: order
-/

namespace Nat

variable {n m k l : Nat}

/-! ## Order -/

@[simp] theorem zero_le (n : Nat) : 0 ≤ n := by
  induction n with
  | zero => exact .refl
  | succ n ih => exact .step ih
@[simp, refl] protected theorem le_refl (n : Nat) : n ≤ n := .refl
protected theorem le_rfl : n ≤ n := .refl
protected theorem le_of_eq (h : n = m) : n ≤ m := h ▸ .refl
protected theorem le_trans (h : n ≤ m) (h' : m ≤ k) : n ≤ k := by
  induction h' with
  | refl => exact h
  | step _ ih => exact .step ih
theorem le_succ (n : Nat) : n ≤ succ n := .step .refl
theorem le_add_one (n : Nat) : n ≤ n + 1 := le_succ n
theorem le_step (h : n ≤ m) : n ≤ succ m := .step h
theorem le_succ_of_le (h : n ≤ m) : n ≤ succ m := .step h
theorem le_of_succ_le (h : succ n ≤ m) : n ≤ m := Nat.le_trans (le_succ n) h
theorem succ_le_succ (h : n ≤ m) : succ n ≤ succ m := by
  induction h with
  | refl => exact .refl
  | step _ ih => exact .step ih
theorem pred_le_pred (h : n ≤ m) : pred n ≤ pred m := by
  induction h with
  | refl => exact .refl
  | @step m _ ih =>
    cases m with
    | zero => exact ih
    | succ m => exact .step ih
theorem le_of_succ_le_succ (h : succ n ≤ succ m) : n ≤ m := pred_le_pred h
@[simp] protected theorem add_one_le_add_one_iff : n + 1 ≤ m + 1 ↔ n ≤ m := ⟨le_of_succ_le_succ, succ_le_succ⟩
theorem succ_le_succ_iff : succ n ≤ succ m ↔ n ≤ m := ⟨le_of_succ_le_succ, succ_le_succ⟩
theorem not_succ_le_zero (n : Nat) : ¬(succ n ≤ 0) := fun h => nomatch h
@[simp] theorem not_add_one_le_zero (n : Nat) : ¬(n + 1 ≤ 0) := not_succ_le_zero n
@[simp] theorem not_lt_zero (n : Nat) : ¬(n < 0) := not_succ_le_zero n
theorem not_succ_le_self (n : Nat) : ¬(succ n ≤ n) := by
  induction n with
  | zero => exact not_succ_le_zero 0
  | succ n ih => exact fun h => ih (le_of_succ_le_succ h)
@[simp] protected theorem lt_irrefl (n : Nat) : ¬(n < n) := not_succ_le_self n
protected theorem le_antisymm (h : n ≤ m) (h' : m ≤ n) : n = m := by
  cases h with
  | refl => rfl
  | step h => exact absurd (Nat.le_trans (succ_le_succ h) h') (not_succ_le_self n)
protected theorem le_antisymm_iff : n = m ↔ n ≤ m ∧ m ≤ n :=
  ⟨fun h => ⟨Nat.le_of_eq h, Nat.le_of_eq h.symm⟩, fun h => Nat.le_antisymm h.1 h.2⟩
protected theorem eq_or_lt_of_le (h : n ≤ m) : n = m ∨ n < m := by
  cases h with
  | refl => exact .inl rfl
  | step h => exact .inr (succ_le_succ h)
protected theorem lt_or_ge (n m : Nat) : n < m ∨ n ≥ m := by
  induction m with
  | zero => exact .inr (zero_le n)
  | succ m ih =>
    rcases ih with h | h
    · exact .inl (.step h)
    · rcases Nat.eq_or_lt_of_le h with same | h
      · exact .inl (same ▸ .refl)
      · exact .inr h
protected theorem le_total (n m : Nat) : n ≤ m ∨ m ≤ n := (Nat.lt_or_ge n m).imp_left le_of_succ_le
protected theorem lt_trichotomy (n m : Nat) : n < m ∨ n = m ∨ m < n :=
  (Nat.lt_or_ge n m).imp_right fun h => (Nat.eq_or_lt_of_le h).imp_left Eq.symm
protected theorem le_of_lt (h : n < m) : n ≤ m := le_of_succ_le h
protected theorem lt_of_le_of_lt (h : n ≤ m) (h' : m < k) : n < k := Nat.le_trans (succ_le_succ h) h'
protected theorem lt_of_lt_of_le (h : n < m) (h' : m ≤ k) : n < k := Nat.le_trans h h'
protected theorem lt_trans (h : n < m) (h' : m < k) : n < k := Nat.lt_of_lt_of_le h (Nat.le_of_lt h')
protected theorem lt_asymm (h : n < m) : ¬(m < n) := fun h' => Nat.lt_irrefl n (Nat.lt_trans h h')
protected theorem ne_of_lt (h : n < m) : n ≠ m := fun same => Nat.lt_irrefl m (same ▸ h)
protected theorem ne_of_gt (h : m < n) : n ≠ m := (Nat.ne_of_lt h).symm
protected theorem lt_of_le_of_ne (h : n ≤ m) (no : n ≠ m) : n < m := (Nat.eq_or_lt_of_le h).resolve_left no
protected theorem not_le_of_gt (h : n > m) : ¬(n ≤ m) := fun h' => Nat.lt_irrefl m (Nat.lt_of_lt_of_le h h')
protected theorem not_lt_of_ge (h : n ≥ m) : ¬(n < m) := fun h' => Nat.lt_irrefl n (Nat.lt_of_lt_of_le h' h)
protected theorem not_lt_of_le (h : m ≤ n) : ¬(n < m) := Nat.not_lt_of_ge h
protected theorem lt_of_not_ge (h : ¬(n ≥ m)) : n < m := (Nat.lt_or_ge n m).resolve_right h
protected theorem ge_of_not_lt (h : ¬(n < m)) : n ≥ m := (Nat.lt_or_ge n m).resolve_left h
protected theorem le_of_not_lt (h : ¬(n < m)) : m ≤ n := Nat.ge_of_not_lt h
protected theorem lt_of_not_le {m n : Nat} (h : ¬(m ≤ n)) : n < m := Nat.lt_of_not_ge h
@[simp] protected theorem not_le : ¬(n ≤ m) ↔ m < n := ⟨Nat.lt_of_not_ge, Nat.not_le_of_gt⟩
@[simp] protected theorem not_lt : ¬(n < m) ↔ m ≤ n := ⟨Nat.ge_of_not_lt, Nat.not_lt_of_ge⟩
protected theorem lt_iff_le_not_le : n < m ↔ n ≤ m ∧ ¬(m ≤ n) :=
  ⟨fun h => ⟨Nat.le_of_lt h, Nat.not_le_of_gt h⟩, fun h => Nat.lt_of_not_ge h.2⟩
protected theorem le_iff_lt_or_eq : n ≤ m ↔ n < m ∨ n = m :=
  ⟨fun h => (Nat.eq_or_lt_of_le h).symm, fun h => h.elim Nat.le_of_lt Nat.le_of_eq⟩
theorem lt_succ_self (n : Nat) : n < succ n := .refl
@[simp] protected theorem lt_add_one (n : Nat) : n < n + 1 := .refl
theorem lt_succ_of_lt (h : n < m) : n < succ m := .step h
theorem lt_succ_of_le (h : n ≤ m) : n < succ m := succ_le_succ h
theorem le_of_lt_succ (h : n < succ m) : n ≤ m := le_of_succ_le_succ h
theorem lt_succ_iff : n < succ m ↔ n ≤ m := succ_le_succ_iff
theorem lt_add_one_iff : n < m + 1 ↔ n ≤ m := succ_le_succ_iff
theorem succ_lt_succ (h : n < m) : succ n < succ m := succ_le_succ h
theorem lt_of_succ_lt_succ (h : succ n < succ m) : n < m := le_of_succ_le_succ h
@[simp] protected theorem add_one_lt_add_one_iff : n + 1 < m + 1 ↔ n < m := succ_le_succ_iff
theorem succ_pos (n : Nat) : 0 < succ n := succ_le_succ (zero_le n)
@[simp] theorem zero_lt_succ (n : Nat) : 0 < succ n := succ_pos n
@[simp] theorem add_one_pos (n : Nat) : 0 < n + 1 := succ_pos n
theorem pos_of_ne_zero (h : n ≠ 0) : 0 < n := by
  cases n with
  | zero => exact absurd rfl h
  | succ n => exact succ_pos n
protected theorem pos_iff_ne_zero : 0 < n ↔ n ≠ 0 := ⟨Nat.ne_of_gt, pos_of_ne_zero⟩
theorem eq_zero_of_le_zero (h : n ≤ 0) : n = 0 := Nat.le_antisymm h (zero_le n)
@[simp] protected theorem le_zero_eq (n : Nat) : (n ≤ 0) = (n = 0) := propext ⟨eq_zero_of_le_zero, Nat.le_of_eq⟩
theorem eq_zero_or_pos (n : Nat) : n = 0 ∨ 0 < n := (Nat.eq_or_lt_of_le (zero_le n)).imp_left Eq.symm

instance instTransLE : Trans (α := Nat) (β := Nat) (γ := Nat) LE.le LE.le LE.le := ⟨Nat.le_trans⟩
instance instTransLT : Trans (α := Nat) (β := Nat) (γ := Nat) LT.lt LT.lt LT.lt := ⟨Nat.lt_trans⟩
instance instTransLELT : Trans (α := Nat) (β := Nat) (γ := Nat) LE.le LT.lt LT.lt := ⟨Nat.lt_of_le_of_lt⟩
instance instTransLTLE : Trans (α := Nat) (β := Nat) (γ := Nat) LT.lt LE.le LT.lt := ⟨Nat.lt_of_lt_of_le⟩

/-! ## Order and arithmetic -/

@[simp] theorem le_add_right (n k : Nat) : n ≤ n + k := by
  induction k with
  | zero => exact .refl
  | succ k ih => exact .step ih
@[simp] theorem le_add_left (n k : Nat) : n ≤ k + n := by
  rw [Nat.add_comm]
  exact le_add_right n k
theorem le.intro {n m k : Nat} (h : n + k = m) : n ≤ m := h ▸ le_add_right n k
theorem le.dest (h : n ≤ m) : ∃ k, n + k = m := by
  induction h with
  | refl => exact ⟨0, rfl⟩
  | step _ ih =>
    obtain ⟨k, e⟩ := ih
    exact ⟨k + 1, congrArg succ e⟩
theorem le_iff_exists_add : n ≤ m ↔ ∃ k, m = n + k :=
  ⟨fun h => (le.dest h).elim fun k e => ⟨k, e.symm⟩, fun ⟨_, e⟩ => le.intro e.symm⟩
protected theorem add_le_add_left (h : n ≤ m) (k : Nat) : k + n ≤ k + m := by
  obtain ⟨d, e⟩ := le.dest h
  rw [← e, ← Nat.add_assoc]
  exact le_add_right _ d
protected theorem add_le_add_right (h : n ≤ m) (k : Nat) : n + k ≤ m + k := by
  rw [Nat.add_comm n k, Nat.add_comm m k]
  exact Nat.add_le_add_left h k
protected theorem add_le_add (h : n ≤ m) (h' : k ≤ l) : n + k ≤ m + l :=
  Nat.le_trans (Nat.add_le_add_right h k) (Nat.add_le_add_left h' m)
protected theorem add_lt_add_left (h : n < m) (k : Nat) : k + n < k + m := Nat.add_le_add_left h k
protected theorem add_lt_add_right (h : n < m) (k : Nat) : n + k < m + k := by
  rw [Nat.add_comm n k, Nat.add_comm m k]
  exact Nat.add_lt_add_left h k
protected theorem add_lt_add (h : n < m) (h' : k < l) : n + k < m + l :=
  Nat.lt_trans (Nat.add_lt_add_right h k) (Nat.add_lt_add_left h' m)
protected theorem le_of_add_le_add_right (h : n + k ≤ m + k) : n ≤ m := by
  induction k with
  | zero => exact h
  | succ k ih => exact ih (le_of_succ_le_succ h)
protected theorem le_of_add_le_add_left (h : k + n ≤ k + m) : n ≤ m := by
  rw [Nat.add_comm k n, Nat.add_comm k m] at h
  exact Nat.le_of_add_le_add_right h
@[simp] protected theorem add_le_add_iff_right : n + k ≤ m + k ↔ n ≤ m :=
  ⟨Nat.le_of_add_le_add_right, (Nat.add_le_add_right · k)⟩
@[simp] protected theorem add_le_add_iff_left : k + n ≤ k + m ↔ n ≤ m :=
  ⟨Nat.le_of_add_le_add_left, (Nat.add_le_add_left · k)⟩
protected theorem mul_le_mul_left {n m : Nat} (k : Nat) (h : n ≤ m) : k * n ≤ k * m := by
  obtain ⟨d, e⟩ := le.dest h
  rw [← e, Nat.mul_add]
  exact le_add_right _ _
protected theorem mul_le_mul_right {n m : Nat} (k : Nat) (h : n ≤ m) : n * k ≤ m * k := by
  rw [Nat.mul_comm n k, Nat.mul_comm m k]
  exact Nat.mul_le_mul_left k h
protected theorem mul_le_mul (h : n ≤ m) (h' : k ≤ l) : n * k ≤ m * l :=
  Nat.le_trans (Nat.mul_le_mul_right k h) (Nat.mul_le_mul_left m h')
protected theorem mul_pos (h : 0 < n) (h' : 0 < m) : 0 < n * m := by
  rcases eq_zero_or_pos (n * m) with e | e
  · rcases Nat.mul_eq_zero.mp e with e | e
    · exact absurd e (Nat.ne_of_gt h)
    · exact absurd e (Nat.ne_of_gt h')
  · exact e
theorem pos_pow_of_pos (k : Nat) (h : 0 < n) : 0 < n ^ k := by
  induction k with
  | zero => exact succ_pos 0
  | succ k ih => exact Nat.mul_pos ih h

/-- Induction in which every smaller number is at hand. -/
@[elab_as_elim] protected theorem strongRecOn {motive : Nat → Prop} (n : Nat)
    (step : ∀ n, (∀ m, m < n → motive m) → motive n) : motive n := by
  have below : ∀ k m, m < k → motive m := by
    intro k
    induction k with
    | zero => exact fun m h => absurd h (not_lt_zero m)
    | succ k ih => exact fun m h => step m fun l h' => ih l (Nat.lt_of_lt_of_le h' (le_of_lt_succ h))
  exact below (n + 1) n .refl

end Nat

theorem ne_of_lt {n m : Nat} (h : n < m) : n ≠ m := Nat.ne_of_lt h
theorem Nat.le_lt_asymm {n m : Nat} (h : n ≤ m) : ¬(m < n) := Nat.not_lt_of_ge h
