/-!
# 14. Natural numbers: divisors

The greatest common divisor is known by one fact: `d` divides it exactly if `d` divides both numbers.
-/

namespace Nat

variable {m n k d : Nat}

protected theorem mul_sub (k n m : Nat) : k * (n - m) = k * n - k * m := by
  rcases Nat.le_total m n with h | h
  · obtain ⟨e, rfl⟩ := le.dest h
    rw [Nat.add_sub_cancel_left, Nat.mul_add, Nat.add_sub_cancel_left]
  · rw [sub_eq_zero_of_le h, sub_eq_zero_of_le (Nat.mul_le_mul_left k h), Nat.mul_zero]
protected theorem sub_mul (n m k : Nat) : (n - m) * k = n * k - m * k := by
  rw [Nat.mul_comm, Nat.mul_sub, Nat.mul_comm k, Nat.mul_comm k]
protected theorem mul_left_cancel (pos : 0 < k) (h : k * n = k * m) : n = m := by
  rcases Nat.lt_trichotomy n m with less | same | less
  · exact absurd h (Nat.ne_of_lt (Nat.lt_of_lt_of_le (Nat.lt_of_lt_of_le
      (Nat.lt_add_one _) (Nat.add_le_add_left pos _)) (Nat.mul_le_mul_left k less)))
  · exact same
  · exact absurd h (Nat.ne_of_gt (Nat.lt_of_lt_of_le (Nat.lt_of_lt_of_le
      (Nat.lt_add_one _) (Nat.add_le_add_left pos _)) (Nat.mul_le_mul_left k less)))
protected theorem eq_of_mul_eq_mul_left (pos : 0 < k) (h : k * n = k * m) : n = m := Nat.mul_left_cancel pos h
protected theorem mul_right_cancel (pos : 0 < k) (h : n * k = m * k) : n = m := by
  rw [Nat.mul_comm n, Nat.mul_comm m] at h
  exact Nat.mul_left_cancel pos h
protected theorem eq_of_mul_eq_mul_right (pos : 0 < k) (h : n * k = m * k) : n = m := Nat.mul_right_cancel pos h

attribute [simp] Nat.dvd_refl Nat.dvd_zero Nat.one_dvd Nat.dvd_mul_right Nat.dvd_mul_left

protected theorem dvd_mul_left_of_dvd (h : d ∣ n) (m : Nat) : d ∣ m * n := Nat.dvd_trans h (Nat.dvd_mul_left n m)
protected theorem dvd_mul_right_of_dvd (h : d ∣ n) (m : Nat) : d ∣ n * m := Nat.dvd_trans h (Nat.dvd_mul_right n m)
protected theorem mul_dvd_mul {a b c d : Nat} (h : a ∣ b) (h' : c ∣ d) : a * c ∣ b * d :=
  match h, h' with
  | ⟨e, he⟩, ⟨f, hf⟩ => ⟨e * f, by rw [he, hf, Nat.mul_assoc, Nat.mul_left_comm e, ← Nat.mul_assoc]⟩
protected theorem mul_dvd_mul_left (k : Nat) (h : n ∣ m) : k * n ∣ k * m := Nat.mul_dvd_mul (Nat.dvd_refl k) h
protected theorem mul_dvd_mul_right (h : n ∣ m) (k : Nat) : n * k ∣ m * k := Nat.mul_dvd_mul h (Nat.dvd_refl k)
protected theorem dvd_sub (h : d ∣ n) (h' : d ∣ m) : d ∣ n - m :=
  match h, h' with
  | ⟨e, he⟩, ⟨f, hf⟩ => ⟨e - f, by rw [he, hf, Nat.mul_sub]⟩
protected theorem dvd_add_right (h : d ∣ m) : d ∣ m + n ↔ d ∣ n :=
  ⟨fun h' => Nat.add_sub_cancel_left m n ▸ Nat.dvd_sub h' h, Nat.dvd_add h⟩
protected theorem dvd_add_left (h : d ∣ n) : d ∣ m + n ↔ d ∣ m := by rw [Nat.add_comm, Nat.dvd_add_right h]
protected theorem zero_dvd : 0 ∣ n ↔ n = 0 :=
  ⟨fun ⟨_, h⟩ => h.trans (Nat.zero_mul _), fun h => h ▸ Nat.dvd_refl 0⟩
theorem le_of_dvd (pos : 0 < n) (h : d ∣ n) : d ≤ n := by
  obtain ⟨c, rfl⟩ := h
  cases c with
  | zero => exact absurd pos (Nat.lt_irrefl 0)
  | succ c => exact le_add_left d (d * c)
protected theorem dvd_antisymm (h : m ∣ n) (h' : n ∣ m) : m = n := by
  rcases eq_zero_or_pos m with e | pos
  · rw [e] at h ⊢
    exact (Nat.zero_dvd.mp h).symm
  · rcases eq_zero_or_pos n with e | pos'
    · rw [e] at h' ⊢
      exact Nat.zero_dvd.mp h'
    · exact Nat.le_antisymm (le_of_dvd pos' h) (le_of_dvd pos h')
theorem pos_of_dvd_of_pos (h : d ∣ n) (pos : 0 < n) : 0 < d := pos_of_ne_zero fun e => by
  rw [e, Nat.zero_dvd] at h
  exact Nat.ne_of_gt pos h
@[simp] protected theorem dvd_one : d ∣ 1 ↔ d = 1 :=
  ⟨fun h => Nat.dvd_antisymm h (Nat.one_dvd d), fun h => h ▸ Nat.dvd_refl 1⟩
theorem eq_one_of_dvd_one (h : d ∣ 1) : d = 1 := Nat.dvd_one.mp h
theorem dvd_mod_iff (h : d ∣ m) : d ∣ n % m ↔ d ∣ n := by
  rw [← Nat.dvd_add_right (Nat.dvd_mul_right_of_dvd h (n / m)), div_add_mod]
theorem emod_pos_of_not_dvd {a b : Nat} (h : ¬(a ∣ b)) : 0 < b % a := pos_of_ne_zero fun e => h (dvd_of_mod_eq_zero e)

/-! ## Greatest common divisor -/

theorem dvd_gcdLoop (fuel : Nat) : ∀ m n, m ≤ fuel → (d ∣ gcdLoop fuel m n ↔ d ∣ m ∧ d ∣ n) := by
  induction fuel with
  | zero =>
    intro m n h
    rw [eq_zero_of_le_zero h]
    exact ⟨fun k => ⟨Nat.dvd_zero d, k⟩, And.right⟩
  | succ fuel ih =>
    intro m n h
    cases m with
    | zero => exact ⟨fun k => ⟨Nat.dvd_zero d, k⟩, And.right⟩
    | succ m =>
      show d ∣ gcdLoop fuel (n % (m + 1)) (m + 1) ↔ _
      rw [ih _ _ (le_of_lt_succ (Nat.lt_of_lt_of_le (mod_lt n (succ_pos m)) h))]
      exact ⟨fun ⟨k, k'⟩ => ⟨k', (dvd_mod_iff k').mp k⟩, fun ⟨k, k'⟩ => ⟨(dvd_mod_iff k).mpr k', k⟩⟩

theorem dvd_gcd_iff : d ∣ gcd m n ↔ d ∣ m ∧ d ∣ n := dvd_gcdLoop m m n (Nat.le_refl m)
theorem gcd_dvd_left (m n : Nat) : gcd m n ∣ m := (dvd_gcd_iff.mp (Nat.dvd_refl _)).1
theorem gcd_dvd_right (m n : Nat) : gcd m n ∣ n := (dvd_gcd_iff.mp (Nat.dvd_refl _)).2
theorem dvd_gcd (h : d ∣ m) (h' : d ∣ n) : d ∣ gcd m n := dvd_gcd_iff.mpr ⟨h, h'⟩
theorem gcd_comm (m n : Nat) : gcd m n = gcd n m := by
  apply Nat.dvd_antisymm <;> rw [dvd_gcd_iff]
  · exact ⟨gcd_dvd_right m n, gcd_dvd_left m n⟩
  · exact ⟨gcd_dvd_right n m, gcd_dvd_left n m⟩
theorem gcd_assoc (m n k : Nat) : gcd (gcd m n) k = gcd m (gcd n k) := by
  have same : ∀ d, d ∣ gcd (gcd m n) k ↔ d ∣ gcd m (gcd n k) := fun d => by
    rw [dvd_gcd_iff, dvd_gcd_iff, dvd_gcd_iff, dvd_gcd_iff, and_assoc]
  exact Nat.dvd_antisymm ((same _).mp (Nat.dvd_refl _)) ((same _).mpr (Nat.dvd_refl _))
@[simp] theorem gcd_zero_left (n : Nat) : gcd 0 n = n := rfl
@[simp] theorem gcd_zero_right (n : Nat) : gcd n 0 = n := by rw [gcd_comm, gcd_zero_left]
@[simp] theorem gcd_one_left (n : Nat) : gcd 1 n = 1 := Nat.dvd_one.mp (gcd_dvd_left 1 n)
@[simp] theorem gcd_one_right (n : Nat) : gcd n 1 = 1 := Nat.dvd_one.mp (gcd_dvd_right n 1)
@[simp] theorem gcd_self (n : Nat) : gcd n n = n :=
  Nat.dvd_antisymm (gcd_dvd_left n n) (dvd_gcd (Nat.dvd_refl n) (Nat.dvd_refl n))
theorem gcd_eq_zero_iff : gcd m n = 0 ↔ m = 0 ∧ n = 0 := by
  rw [← Nat.zero_dvd, dvd_gcd_iff, Nat.zero_dvd, Nat.zero_dvd]
theorem gcd_eq_left (h : m ∣ n) : gcd m n = m := Nat.dvd_antisymm (gcd_dvd_left m n) (dvd_gcd (Nat.dvd_refl m) h)
theorem gcd_eq_right (h : n ∣ m) : gcd m n = n := by rw [gcd_comm, gcd_eq_left h]

/-- The least common multiple. -/
def lcm (m n : Nat) : Nat := m * n / gcd m n

/-- No common divisor but 1. -/
@[reducible] def Coprime (m n : Nat) : Prop := gcd m n = 1

end Nat
