/-!
# 13. Natural numbers: division
-/

namespace Nat

variable {n m k l : Nat}

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
  · rw [e]
  · exact mod_unique (q := 1) (Nat.mul_one x) pos
@[simp] theorem mul_mod_right (y q : Nat) : y * q % y = 0 := by
  rcases eq_zero_or_pos y with e | pos
  · rw [e, mod_zero, Nat.zero_mul]
  · exact mod_unique (q := q) rfl pos
@[simp] theorem mul_mod_left (y q : Nat) : q * y % y = 0 := by rw [Nat.mul_comm, mul_mod_right]

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
theorem dvd_eq_false_of_mod_ne_zero {k n : Nat} (h : (n % k != 0) = true) : (k ∣ n) = False :=
  eq_false fun d => bne_iff_ne.mp h (mod_eq_zero_of_dvd d)

end Nat
