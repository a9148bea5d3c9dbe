/-!
# 8. Natural numbers: order and laws

Addition and multiplication recurse on their second argument, so laws about it are proved by induction there.
-/

/-- `n ≤ m`: from `n` one gets to `m` by steps of one. -/
protected inductive Nat.le (n : Nat) : Nat → Prop where
  | refl : Nat.le n n
  | step {m : Nat} : Nat.le n m → Nat.le n (.succ m)

instance instLENat : LE Nat := ⟨Nat.le⟩
@[implicit_reducible] protected def Nat.lt (n m : Nat) : Prop := Nat.le (.succ n) m
instance instLTNat : LT Nat := ⟨Nat.lt⟩

/-! `induction` and `cases` show `0` and `n + 1` instead of `Nat.zero` and `Nat.succ n`. -/

protected theorem Nat.rec_add_one {motive : Nat → Sort u} (zero : motive 0) (succ : ∀ n, motive n → motive (n + 1))
    (t : Nat) : Nat.rec (motive := motive) zero succ (t + 1) = succ t (Nat.rec zero succ t) := rfl
@[induction_eliminator] protected noncomputable abbrev Nat.recAux {motive : Nat → Sort u} (zero : motive 0)
    (succ : ∀ n, motive n → motive (n + 1)) (t : Nat) : motive t := Nat.rec zero succ t
@[cases_eliminator] protected abbrev Nat.casesAuxOn {motive : Nat → Sort u} (t : Nat) (zero : motive 0)
    (succ : ∀ n, motive (n + 1)) : motive t := Nat.casesOn t zero succ

namespace Nat

/-! ## Operators written out and written as signs -/

@[simp] theorem succ_eq_add_one (n : Nat) : succ n = n + 1 := rfl
@[simp] theorem add_eq (a b : Nat) : Nat.add a b = a + b := rfl
@[simp] theorem mul_eq (a b : Nat) : Nat.mul a b = a * b := rfl
@[simp] theorem sub_eq (a b : Nat) : Nat.sub a b = a - b := rfl
@[simp] theorem le_eq (a b : Nat) : Nat.le a b = (a ≤ b) := rfl
@[simp] theorem lt_eq (a b : Nat) : Nat.lt a b = (a < b) := rfl
@[simp] theorem pred_zero : pred 0 = 0 := rfl
@[simp] theorem pred_succ (n : Nat) : pred (succ n) = n := rfl
theorem lt_iff_add_one_le {n m : Nat} : n < m ↔ n + 1 ≤ m := Iff.rfl
theorem succ_le {n m : Nat} : succ n ≤ m ↔ n < m := Iff.rfl
theorem add_one_le_iff {n m : Nat} : n + 1 ≤ m ↔ n < m := Iff.rfl
theorem zero_eq : Nat.zero = 0 := rfl

/-! ## Addition -/

variable (n m k l : Nat)

@[simp] protected theorem add_zero : n + 0 = n := rfl
theorem add_succ : n + succ m = succ (n + m) := rfl
theorem add_one : n + 1 = succ n := rfl
@[simp] protected theorem zero_add : 0 + n = n := by
  induction n with
  | zero => rfl
  | succ n ih => exact congrArg succ ih
theorem succ_add : succ n + m = succ (n + m) := by
  induction m with
  | zero => rfl
  | succ m ih => exact congrArg succ ih
theorem add_one_add : n + 1 + m = n + m + 1 := succ_add n m
theorem one_add : 1 + n = n + 1 := by rw [show (1 : Nat) = 0 + 1 from rfl, add_one_add, Nat.zero_add]
protected theorem add_comm : n + m = m + n := by
  induction m with
  | zero => exact (Nat.zero_add n).symm
  | succ m ih => rw [add_one_add, ← ih]; rfl
protected theorem add_assoc : n + m + k = n + (m + k) := by
  induction k with
  | zero => rfl
  | succ k ih => exact congrArg succ ih
protected theorem add_left_comm : n + (m + k) = m + (n + k) := by
  rw [← Nat.add_assoc n m k, Nat.add_comm n m, Nat.add_assoc m n k]
protected theorem add_right_comm : n + m + k = n + k + m := by
  rw [Nat.add_assoc n m k, Nat.add_comm m k, ← Nat.add_assoc n k m]

/-! ## Multiplication -/

@[simp] protected theorem mul_zero : n * 0 = 0 := rfl
theorem mul_succ : n * succ m = n * m + n := rfl
theorem mul_add_one : n * (m + 1) = n * m + n := rfl
@[simp] protected theorem zero_mul : 0 * n = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => rw [mul_add_one, ih]
theorem add_one_mul : (n + 1) * m = n * m + m := by
  induction m with
  | zero => rfl
  | succ m ih => rw [mul_add_one, ih, mul_add_one, ← Nat.add_assoc, ← Nat.add_assoc, Nat.add_right_comm (n * m)]
theorem succ_mul : succ n * m = n * m + m := add_one_mul n m
@[simp] protected theorem mul_one : n * 1 = n := Nat.zero_add n
@[simp] protected theorem one_mul : 1 * n = n := by rw [show (1 : Nat) = 0 + 1 from rfl, add_one_mul, Nat.zero_mul, Nat.zero_add]
protected theorem mul_comm : n * m = m * n := by
  induction m with
  | zero => exact (Nat.zero_mul n).symm
  | succ m ih => rw [mul_add_one, add_one_mul, ih]
protected theorem left_distrib : n * (m + k) = n * m + n * k := by
  induction k with
  | zero => rfl
  | succ k ih => rw [← Nat.add_assoc m k 1, mul_add_one, ih, mul_add_one, Nat.add_assoc]
protected theorem mul_add : n * (m + k) = n * m + n * k := Nat.left_distrib n m k
protected theorem right_distrib : (n + m) * k = n * k + m * k := by
  rw [Nat.mul_comm (n + m) k, Nat.mul_add, Nat.mul_comm k n, Nat.mul_comm k m]
protected theorem add_mul : (n + m) * k = n * k + m * k := Nat.right_distrib n m k
protected theorem mul_assoc : n * m * k = n * (m * k) := by
  induction k with
  | zero => rfl
  | succ k ih => rw [mul_add_one, mul_add_one, ih, Nat.mul_add]
protected theorem mul_left_comm : n * (m * k) = m * (n * k) := by
  rw [← Nat.mul_assoc n m k, Nat.mul_comm n m, Nat.mul_assoc m n k]
protected theorem mul_right_comm : n * m * k = n * k * m := by
  rw [Nat.mul_assoc n m k, Nat.mul_comm m k, ← Nat.mul_assoc n k m]
protected theorem two_mul : 2 * n = n + n := by rw [show (2 : Nat) = 1 + 1 from rfl, Nat.add_mul, Nat.one_mul]
protected theorem mul_two : n * 2 = n + n := by rw [Nat.mul_comm, Nat.two_mul]

/-! ## Powers -/

@[simp] protected theorem pow_zero : n ^ 0 = 1 := rfl
protected theorem pow_succ : n ^ (m + 1) = n ^ m * n := rfl
@[simp] protected theorem pow_one : n ^ 1 = n := Nat.one_mul n
protected theorem pow_two : n ^ 2 = n * n := by rw [Nat.pow_succ, Nat.pow_one]
@[simp] protected theorem one_pow : 1 ^ n = 1 := by
  induction n with
  | zero => rfl
  | succ n ih => rw [Nat.pow_succ, ih]
protected theorem pow_add : n ^ (m + k) = n ^ m * n ^ k := by
  induction k with
  | zero => exact (Nat.mul_one _).symm
  | succ k ih => rw [← Nat.add_assoc, Nat.pow_succ, ih, Nat.pow_succ, Nat.mul_assoc]

/-! ## Equality -/

variable {n m k l}

protected theorem succ_ne_zero (n : Nat) : succ n ≠ 0 := fun h => Nat.noConfusion h
@[simp] theorem add_one_ne_zero (n : Nat) : n + 1 ≠ 0 := Nat.succ_ne_zero n
@[simp] theorem zero_ne_add_one (n : Nat) : 0 ≠ n + 1 := (add_one_ne_zero n).symm
theorem zero_ne_one : 0 ≠ 1 := zero_ne_add_one 0
protected theorem one_ne_zero : 1 ≠ 0 := add_one_ne_zero 0
theorem succ_inj : succ n = succ m ↔ n = m := ⟨fun h => succ.inj h, congrArg succ⟩
@[simp] theorem add_one_inj : n + 1 = m + 1 ↔ n = m := succ_inj
theorem succ_ne_self (n : Nat) : succ n ≠ n := by
  induction n with
  | zero => exact Nat.succ_ne_zero 0
  | succ n ih => exact fun h => ih (succ.inj h)
theorem exists_eq_succ_of_ne_zero (h : n ≠ 0) : ∃ m, n = succ m := by
  cases n with
  | zero => exact absurd rfl h
  | succ m => exact ⟨m, rfl⟩
theorem eq_zero_or_eq_succ_pred (n : Nat) : n = 0 ∨ n = succ (pred n) := by
  cases n with
  | zero => exact .inl rfl
  | succ n => exact .inr rfl
protected theorem add_right_cancel (h : n + k = m + k) : n = m := by
  induction k with
  | zero => exact h
  | succ k ih => exact ih (succ.inj h)
protected theorem add_left_cancel (h : k + n = k + m) : n = m := by
  rw [Nat.add_comm k n, Nat.add_comm k m] at h
  exact Nat.add_right_cancel h
@[simp] protected theorem add_right_cancel_iff : n + k = m + k ↔ n = m := ⟨Nat.add_right_cancel, congrArg (· + k)⟩
@[simp] protected theorem add_left_cancel_iff : k + n = k + m ↔ n = m := ⟨Nat.add_left_cancel, congrArg (k + ·)⟩
@[simp] protected theorem add_eq_left : n + k = n ↔ k = 0 := Nat.add_left_cancel_iff (m := 0)
@[simp] protected theorem add_eq_right : k + n = n ↔ k = 0 := by rw [Nat.add_comm, Nat.add_eq_left]
@[simp] protected theorem left_eq_add : n = n + k ↔ k = 0 := by rw [eq_comm, Nat.add_eq_left]
@[simp] protected theorem right_eq_add : n = k + n ↔ k = 0 := by rw [eq_comm, Nat.add_eq_right]
theorem eq_zero_of_add_eq_zero_left (h : n + m = 0) : m = 0 := by
  cases m with
  | zero => rfl
  | succ m => exact absurd h (add_one_ne_zero _)
theorem eq_zero_of_add_eq_zero_right (h : n + m = 0) : n = 0 := by
  rw [Nat.add_comm] at h
  exact eq_zero_of_add_eq_zero_left h
@[simp] protected theorem add_eq_zero_iff : n + m = 0 ↔ n = 0 ∧ m = 0 :=
  ⟨fun h => ⟨eq_zero_of_add_eq_zero_right h, eq_zero_of_add_eq_zero_left h⟩, fun ⟨h, k⟩ => by rw [h, k]⟩
@[simp] protected theorem mul_eq_zero : n * m = 0 ↔ n = 0 ∨ m = 0 := by
  constructor
  · intro h
    cases m with
    | zero => exact .inr rfl
    | succ m => exact .inl (eq_zero_of_add_eq_zero_left h)
  · rintro (h | h)
    · rw [h, Nat.zero_mul]
    · rw [h, Nat.mul_zero]

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
protected theorem lt_of_not_le (h : ¬(m ≤ n)) : n < m := Nat.lt_of_not_ge h
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

/-! ## Subtraction -/

@[simp] protected theorem sub_zero (n : Nat) : n - 0 = n := rfl
theorem sub_succ (n m : Nat) : n - succ m = pred (n - m) := rfl
@[simp] theorem add_one_sub_one (n : Nat) : n + 1 - 1 = n := rfl
theorem pred_eq_sub_one (n : Nat) : pred n = n - 1 := rfl
theorem succ_sub_succ (n m : Nat) : succ n - succ m = n - m := by
  induction m with
  | zero => rfl
  | succ m ih => exact congrArg pred ih
@[simp] protected theorem add_one_sub_add_one (n m : Nat) : n + 1 - (m + 1) = n - m := succ_sub_succ n m
@[simp] protected theorem zero_sub (n : Nat) : 0 - n = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => rw [← succ_eq_add_one, sub_succ, ih]; rfl
@[simp] protected theorem sub_self (n : Nat) : n - n = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => rw [Nat.add_one_sub_add_one, ih]
@[simp] protected theorem add_sub_cancel (n m : Nat) : n + m - m = n := by
  induction m with
  | zero => rfl
  | succ m ih => rw [← Nat.add_assoc, Nat.add_one_sub_add_one, ih]
@[simp] protected theorem add_sub_cancel_left (n m : Nat) : n + m - n = m := by rw [Nat.add_comm, Nat.add_sub_cancel]
protected theorem sub_sub (n m k : Nat) : n - m - k = n - (m + k) := by
  induction k with
  | zero => rfl
  | succ k ih => exact congrArg pred ih
theorem pred_le (n : Nat) : pred n ≤ n := by
  cases n with
  | zero => exact .refl
  | succ n => exact le_succ n
@[simp] theorem sub_le (n m : Nat) : n - m ≤ n := by
  induction m with
  | zero => exact .refl
  | succ m ih => exact Nat.le_trans (pred_le _) ih
theorem sub_add_cancel (h : m ≤ n) : n - m + m = n := by
  obtain ⟨d, e⟩ := le.dest h
  rw [← e, Nat.add_sub_cancel_left, Nat.add_comm]
theorem add_sub_of_le (h : n ≤ m) : n + (m - n) = m := by rw [Nat.add_comm, sub_add_cancel h]
theorem sub_eq_zero_of_le (h : n ≤ m) : n - m = 0 := by
  obtain ⟨d, e⟩ := le.dest h
  rw [← e, ← Nat.sub_sub, Nat.sub_self, Nat.zero_sub]
theorem le_of_sub_eq_zero (h : n - m = 0) : n ≤ m := by
  rcases Nat.le_total n m with h' | h'
  · exact h'
  · rw [← sub_add_cancel h', h, Nat.zero_add]
protected theorem sub_eq_zero_iff_le : n - m = 0 ↔ n ≤ m := ⟨le_of_sub_eq_zero, sub_eq_zero_of_le⟩

/-! ## Deciding the order -/

theorem le_of_ble_eq_true (h : ble n m = true) : n ≤ m := by
  induction n generalizing m with
  | zero => exact zero_le m
  | succ n ih =>
    cases m with
    | zero => exact nomatch h
    | succ m => exact succ_le_succ (ih h)
theorem ble_eq_true_of_le (h : n ≤ m) : ble n m = true := by
  induction n generalizing m with
  | zero => rfl
  | succ n ih =>
    cases m with
    | zero => exact absurd h (not_succ_le_zero n)
    | succ m => exact ih (le_of_succ_le_succ h)
@[simp] theorem ble_eq : (ble n m = true) = (n ≤ m) := propext ⟨le_of_ble_eq_true, ble_eq_true_of_le⟩
@[simp] theorem beq_eq : (beq n m = true) = (n = m) :=
  propext ⟨eq_of_beq_eq_true, fun same => Bool.of_not_eq_false fun h => ne_of_beq_eq_false h same⟩

@[extern "lean_nat_dec_le"] instance decLe (n m : @& Nat) : Decidable (n ≤ m) :=
  if h : ble n m = true then isTrue (le_of_ble_eq_true h) else isFalse fun k => h (ble_eq_true_of_le k)
@[extern "lean_nat_dec_lt"] instance decLt (n m : @& Nat) : Decidable (n < m) := decLe (succ n) m

/-! ## Division

The loop of file 2, with enough fuel, leaves a remainder that is smaller than the divisor. All else follows. -/

theorem divLoop_spec (y : Nat) (pos : 0 < y) (fuel : Nat) :
    ∀ x, x ≤ fuel → y * divLoop fuel x y ≤ x ∧ x - y * divLoop fuel x y < y := by
  induction fuel with
  | zero =>
    intro x h
    rw [eq_zero_of_le_zero h]
    exact ⟨zero_le _, pos⟩
  | succ fuel ih =>
    intro x h
    cases c : ble y x with
    | false =>
      have less : x < y := Nat.lt_of_not_le fun h' => ne_true_of_eq_false c (ble_eq_true_of_le h')
      rw [show divLoop (fuel + 1) x y = 0 from congrArg (cond · _ 0) c]
      exact ⟨zero_le _, less⟩
    | true =>
      have fits : y ≤ x := le_of_ble_eq_true c
      have smaller : x - y ≤ fuel := by
        have step : x - y < x - y + y := Nat.lt_of_lt_of_le (Nat.lt_add_one _) (Nat.add_le_add_left pos _)
        rw [sub_add_cancel fits] at step
        exact le_of_lt_succ (Nat.lt_of_lt_of_le step h)
      have ⟨low, high⟩ := ih (x - y) smaller
      rw [show divLoop (fuel + 1) x y = divLoop fuel (x - y) y + 1 from congrArg (cond · _ 0) c, mul_add_one,
        Nat.add_comm, ← Nat.sub_sub]
      refine ⟨?_, high⟩
      have both := Nat.add_le_add_left low y
      rw [add_sub_of_le fits] at both
      exact both

protected theorem div_zero (x : Nat) : x / 0 = 0 := rfl
protected theorem zero_div (y : Nat) : 0 / y = 0 := by cases y <;> rfl
theorem div_eq_divLoop (x : Nat) {y : Nat} (pos : 0 < y) : x / y = divLoop x x y := by
  cases y with
  | zero => exact absurd pos (Nat.lt_irrefl 0)
  | succ y => rfl
theorem mod_def (x y : Nat) : x % y = x - y * (x / y) := rfl
theorem mul_div_le (x y : Nat) : y * (x / y) ≤ x := by
  rcases eq_zero_or_pos y with e | pos
  · rw [e, Nat.zero_mul]
    exact zero_le x
  · rw [div_eq_divLoop x pos]
    exact (divLoop_spec y pos x x .refl).1
theorem mod_lt (x : Nat) {y : Nat} (pos : 0 < y) : x % y < y := by
  rw [mod_def, div_eq_divLoop x pos]
  exact (divLoop_spec y pos x x .refl).2
theorem div_add_mod (x y : Nat) : y * (x / y) + x % y = x := add_sub_of_le (mul_div_le x y)
theorem mod_add_div (x y : Nat) : x % y + y * (x / y) = x := by rw [Nat.add_comm, div_add_mod]
@[simp] theorem mod_zero (x : Nat) : x % 0 = x := by rw [mod_def, Nat.zero_mul, Nat.sub_zero]
@[simp] theorem mod_one (x : Nat) : x % 1 = 0 := eq_zero_of_le_zero (le_of_lt_succ (mod_lt x (zero_lt_succ 0)))
theorem mod_le (x y : Nat) : x % y ≤ x := sub_le _ _
theorem mod_eq_of_lt {x y : Nat} (h : x < y) : x % y = x := by
  have quotient : x / y = 0 := by
    rcases eq_zero_or_pos (x / y) with e | pos
    · exact e
    · have : y * 1 ≤ y * (x / y) := Nat.mul_le_mul_left y pos
      rw [Nat.mul_one] at this
      exact absurd h (Nat.not_lt_of_ge (Nat.le_trans this (mul_div_le x y)))
  rw [mod_def, quotient, Nat.mul_zero, Nat.sub_zero]
/-- Quotient and remainder are the only numbers with their properties. -/
theorem mod_unique {x y q r : Nat} (e : y * q + r = x) (h : r < y) : x % y = r := by
  have pos : 0 < y := Nat.lt_of_le_of_lt (zero_le r) h
  have e' : y * q + r = y * (x / y) + x % y := by rw [e, div_add_mod]
  have h' : x % y < y := mod_lt x pos
  rcases Nat.lt_trichotomy q (x / y) with less | same | less
  · have : y * q + y ≤ y * (x / y) := Nat.mul_le_mul_left y less
    have gap : y * q + r < y * (x / y) + x % y :=
      Nat.lt_of_lt_of_le (Nat.add_lt_add_left h _) (Nat.le_trans this (le_add_right _ _))
    rw [← e'] at gap
    exact absurd gap (Nat.lt_irrefl _)
  · rw [same] at e'
    exact (Nat.add_left_cancel e').symm
  · have : y * (x / y) + y ≤ y * q := Nat.mul_le_mul_left y less
    have gap : y * (x / y) + x % y < y * q + r :=
      Nat.lt_of_lt_of_le (Nat.add_lt_add_left h' _) (Nat.le_trans this (le_add_right _ _))
    rw [e'] at gap
    exact absurd gap (Nat.lt_irrefl _)
@[simp] theorem mod_self (x : Nat) : x % x = 0 := by
  rcases eq_zero_or_pos x with e | pos
  · rw [e]; rfl
  · exact mod_unique (q := 1) (Nat.mul_one x) pos
@[simp] theorem mul_mod_right (y q : Nat) : y * q % y = 0 := by
  rcases eq_zero_or_pos y with e | pos
  · rw [e, mod_zero, Nat.zero_mul]
  · exact mod_unique (q := q) rfl pos
@[simp] theorem mul_mod_left (y q : Nat) : q * y % y = 0 := by rw [Nat.mul_comm, mul_mod_right]

/-! ## Minimum and maximum -/

instance _root_.instMinNat : Min Nat := ⟨fun n m => if n ≤ m then n else m⟩
instance instMax : Max Nat := ⟨fun n m => if n ≤ m then m else n⟩

protected theorem min_def : min n m = if n ≤ m then n else m := rfl
protected theorem max_def : max n m = if n ≤ m then m else n := rfl
protected theorem min_eq_left (h : n ≤ m) : min n m = n := ite_eq_left h
protected theorem max_eq_right (h : n ≤ m) : max n m = m := ite_eq_left h
protected theorem min_eq_right (h : m ≤ n) : min n m = m := by
  rw [Nat.min_def]
  split
  · next h' => exact Nat.le_antisymm h' h
  · rfl
protected theorem max_eq_left (h : m ≤ n) : max n m = n := by
  rw [Nat.max_def]
  split
  · next h' => exact Nat.le_antisymm h h'
  · rfl
protected theorem min_comm (n m : Nat) : min n m = min m n := by
  rcases Nat.le_total n m with h | h
  · rw [Nat.min_eq_left h, Nat.min_eq_right h]
  · rw [Nat.min_eq_right h, Nat.min_eq_left h]
protected theorem max_comm (n m : Nat) : max n m = max m n := by
  rcases Nat.le_total n m with h | h
  · rw [Nat.max_eq_right h, Nat.max_eq_left h]
  · rw [Nat.max_eq_left h, Nat.max_eq_right h]
@[simp] protected theorem min_self (n : Nat) : min n n = n := Nat.min_eq_left .refl
@[simp] protected theorem max_self (n : Nat) : max n n = n := Nat.max_eq_left .refl
@[simp] protected theorem zero_min (n : Nat) : min 0 n = 0 := Nat.min_eq_left (zero_le n)
@[simp] protected theorem min_zero (n : Nat) : min n 0 = 0 := Nat.min_eq_right (zero_le n)
@[simp] protected theorem zero_max (n : Nat) : max 0 n = n := Nat.max_eq_right (zero_le n)
@[simp] protected theorem max_zero (n : Nat) : max n 0 = n := Nat.max_eq_left (zero_le n)
protected theorem min_le_left (n m : Nat) : min n m ≤ n := by
  rcases Nat.le_total n m with h | h
  · exact Nat.le_of_eq (Nat.min_eq_left h)
  · rw [Nat.min_eq_right h]; exact h
protected theorem min_le_right (n m : Nat) : min n m ≤ m := Nat.min_comm n m ▸ Nat.min_le_left m n
protected theorem le_max_left (n m : Nat) : n ≤ max n m := by
  rcases Nat.le_total n m with h | h
  · rw [Nat.max_eq_right h]; exact h
  · exact Nat.le_of_eq (Nat.max_eq_left h).symm
protected theorem le_max_right (n m : Nat) : m ≤ max n m := Nat.max_comm m n ▸ Nat.le_max_left m n
protected theorem le_min : k ≤ min n m ↔ k ≤ n ∧ k ≤ m := by
  constructor
  · exact fun h => ⟨Nat.le_trans h (Nat.min_le_left n m), Nat.le_trans h (Nat.min_le_right n m)⟩
  · rintro ⟨h, h'⟩
    rcases Nat.le_total n m with c | c
    · rw [Nat.min_eq_left c]; exact h
    · rw [Nat.min_eq_right c]; exact h'
protected theorem max_le : max n m ≤ k ↔ n ≤ k ∧ m ≤ k := by
  constructor
  · exact fun h => ⟨Nat.le_trans (Nat.le_max_left n m) h, Nat.le_trans (Nat.le_max_right n m) h⟩
  · rintro ⟨h, h'⟩
    rcases Nat.le_total n m with c | c
    · rw [Nat.max_eq_right c]; exact h'
    · rw [Nat.max_eq_left c]; exact h

/-! ## Divisibility -/

instance instDvd : Dvd Nat := ⟨fun a b => ∃ c, b = a * c⟩

protected theorem dvd_refl (n : Nat) : n ∣ n := ⟨1, (Nat.mul_one n).symm⟩
protected theorem dvd_zero (n : Nat) : n ∣ 0 := ⟨0, rfl⟩
protected theorem one_dvd (n : Nat) : 1 ∣ n := ⟨n, (Nat.one_mul n).symm⟩
protected theorem dvd_mul_right (n m : Nat) : n ∣ n * m := ⟨m, rfl⟩
protected theorem dvd_mul_left (n m : Nat) : n ∣ m * n := ⟨m, Nat.mul_comm m n⟩
protected theorem dvd_trans (h : n ∣ m) (h' : m ∣ k) : n ∣ k :=
  match h, h' with
  | ⟨c, hc⟩, ⟨d, hd⟩ => ⟨c * d, by rw [hd, hc, Nat.mul_assoc]⟩
protected theorem dvd_add (h : k ∣ n) (h' : k ∣ m) : k ∣ n + m :=
  match h, h' with
  | ⟨c, hc⟩, ⟨d, hd⟩ => ⟨c + d, by rw [hc, hd, Nat.mul_add]⟩

theorem dvd_of_mod_eq_zero {k n : Nat} (h : n % k = 0) : k ∣ n := by
  have whole := div_add_mod n k
  rw [h, Nat.add_zero] at whole
  exact ⟨n / k, whole.symm⟩
theorem mod_eq_zero_of_dvd {k n : Nat} (h : k ∣ n) : n % k = 0 :=
  match h with
  | ⟨c, hc⟩ => by rw [hc, mul_mod_right]
theorem dvd_iff_mod_eq_zero {k n : Nat} : k ∣ n ↔ n % k = 0 := ⟨mod_eq_zero_of_dvd, dvd_of_mod_eq_zero⟩
instance decidable_dvd (k n : Nat) : Decidable (k ∣ n) :=
  if h : n % k = 0 then isTrue (dvd_of_mod_eq_zero h) else isFalse fun d => h (mod_eq_zero_of_dvd d)
theorem dvd_eq_true_of_mod_eq_zero {k n : Nat} (h : (n % k == 0) = true) : (k ∣ n) = True :=
  eq_true (dvd_of_mod_eq_zero (eq_of_beq h))
theorem dvd_eq_false_of_mod_ne_zero {k n : Nat} (h : (n % k == 0) = false) : (k ∣ n) = False :=
  eq_false fun d => ne_true_of_eq_false h (beq_iff_eq.mpr (mod_eq_zero_of_dvd d))

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
