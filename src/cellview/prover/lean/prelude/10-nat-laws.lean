/-!
# 10. Natural numbers: laws

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


end Nat
