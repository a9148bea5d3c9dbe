/-!
# 12. Natural numbers: subtraction, minimum, maximum, deciding the order
-/

namespace Nat

variable {n m k l : Nat}

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


end Nat

/-- `n` is known not to be zero, as a fact that type class search finds. -/
class NeZero (n : Nat) : Prop where
  out : n ≠ 0
instance Nat.instNeZeroSucc {n : Nat} : NeZero (n + 1) := ⟨Nat.succ_ne_zero n⟩
