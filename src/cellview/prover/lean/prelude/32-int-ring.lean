/-!
# 32. Integers as differences of natural numbers

From here to the laws of rings there is one idea: write each integer as `subNatNat m n`, and calculate with `m` and `n`.
-/

namespace Int

/-! ## The two forms of a difference

Lean's own proofs that constructors differ need what comes later in this file. -/

noncomputable def IsNegative (a : Int) : Prop := Int.rec (fun _ => False) (fun _ => True) a

theorem ofNat_ne_negSucc {m n : Nat} : ofNat m ≠ negSucc n := fun h =>
  (congrArg IsNegative h).mpr trivial
theorem ofNat_inj {m n : Nat} : ofNat m = ofNat n ↔ m = n := ⟨congrArg natAbs, congrArg ofNat⟩
theorem negSucc_inj {m n : Nat} : negSucc m = negSucc n ↔ m = n :=
  ⟨fun h => Nat.add_one_inj.mp (congrArg natAbs h), congrArg negSucc⟩
theorem not_nonNeg_negSucc {n : Nat} : ¬NonNeg (negSucc n) := fun h =>
  NonNeg.rec (motive := fun a _ => ¬IsNegative a) (fun _ => id) h trivial

theorem subNatNat_eq_ofNat (n k : Nat) : subNatNat (n + k) n = ofNat k := by
  rw [subNatNat, Nat.sub_eq_zero_of_le (Nat.le_add_right n k), Nat.add_sub_cancel_left]

theorem subNatNat_eq_negSucc (m k : Nat) : subNatNat m (m + (k + 1)) = negSucc k := by
  rw [subNatNat, Nat.add_sub_cancel_left]

theorem ofNat_eq_subNatNat (n : Nat) : ofNat n = subNatNat n 0 := by
  rw [← subNatNat_eq_ofNat 0 n, Nat.zero_add]

theorem negSucc_eq_subNatNat (n : Nat) : negSucc n = subNatNat 0 (n + 1) := rfl

theorem subNatNat_cases (m n : Nat) :
    (∃ k, m = n + k ∧ subNatNat m n = ofNat k) ∨ (∃ k, n = m + (k + 1) ∧ subNatNat m n = negSucc k) := by
  rcases Nat.lt_or_ge m n with h | h
  · obtain ⟨k, rfl⟩ := Nat.le.dest h
    have e : m + 1 + k = m + (k + 1) := by simp +arith
    exact .inr ⟨k, e, by rw [Nat.succ_eq_add_one, e, subNatNat_eq_negSucc]⟩
  · obtain ⟨k, rfl⟩ := Nat.le.dest h
    exact .inl ⟨k, rfl, subNatNat_eq_ofNat n k⟩

theorem exists_subNatNat (a : Int) : ∃ m n, a = subNatNat m n := by
  cases a with
  | ofNat n => exact ⟨n, 0, ofNat_eq_subNatNat n⟩
  | negSucc n => exact ⟨0, n + 1, rfl⟩

/-- Equality of differences. -/
theorem subNatNat_inj {m n m' n' : Nat} : subNatNat m n = subNatNat m' n' ↔ m + n' = m' + n := by
  rcases subNatNat_cases m n with ⟨k, rfl, e⟩ | ⟨k, rfl, e⟩ <;>
  rcases subNatNat_cases m' n' with ⟨k', rfl, e'⟩ | ⟨k', rfl, e'⟩ <;>
  rw [e, e']
  · rw [ofNat_inj]
    simp +arith
  · exact iff_of_false ofNat_ne_negSucc (by simp +arith)
  · exact iff_of_false ofNat_ne_negSucc.symm (by simp +arith)
  · rw [negSucc_inj]
    simp +arith
    exact eq_comm

/-! ## Arithmetic on differences -/

theorem neg_subNatNat (m n : Nat) : -subNatNat m n = subNatNat n m := by
  rcases subNatNat_cases m n with ⟨k, rfl, e⟩ | ⟨k, rfl, e⟩ <;> rw [e]
  · cases k with
    | zero => exact (subNatNat_eq_ofNat n 0).symm
    | succ k => exact (subNatNat_eq_negSucc n k).symm
  · exact (subNatNat_eq_ofNat m (k + 1)).symm

theorem subNatNat_add (m n m' n' : Nat) : subNatNat m n + subNatNat m' n' = subNatNat (m + m') (n + n') := by
  rcases subNatNat_cases m n with ⟨k, rfl, e⟩ | ⟨k, rfl, e⟩ <;>
  rcases subNatNat_cases m' n' with ⟨k', rfl, e'⟩ | ⟨k', rfl, e'⟩ <;>
  rw [e, e']
  · show ofNat (k + k') = _
    rw [ofNat_eq_subNatNat, subNatNat_inj]
    simp +arith
  · show subNatNat k (k' + 1) = _
    rw [subNatNat_inj]
    simp +arith
  · show subNatNat k' (k + 1) = _
    rw [subNatNat_inj]
    simp +arith
  · show negSucc (k + k' + 1) = _
    rw [negSucc_eq_subNatNat, subNatNat_inj]
    simp +arith

theorem negOfNat_eq_subNatNat (n : Nat) : negOfNat n = subNatNat 0 n := by cases n <;> rfl

theorem subNatNat_mul (m n m' n' : Nat) :
    subNatNat m n * subNatNat m' n' = subNatNat (m * m' + n * n') (m * n' + n * m') := by
  rcases subNatNat_cases m n with ⟨k, rfl, e⟩ | ⟨k, rfl, e⟩ <;>
  rcases subNatNat_cases m' n' with ⟨k', rfl, e'⟩ | ⟨k', rfl, e'⟩ <;>
  rw [e, e']
  · show ofNat (k * k') = _
    rw [ofNat_eq_subNatNat, subNatNat_inj]
    simp only [Nat.mul_add, Nat.add_mul]
    simp +arith
  · show negOfNat (k * (k' + 1)) = _
    rw [negOfNat_eq_subNatNat, subNatNat_inj]
    simp only [Nat.mul_add, Nat.add_mul]
    simp +arith
  · show negOfNat ((k + 1) * k') = _
    rw [negOfNat_eq_subNatNat, subNatNat_inj]
    simp only [Nat.mul_add, Nat.add_mul]
    simp +arith
  · show ofNat ((k + 1) * (k' + 1)) = _
    rw [ofNat_eq_subNatNat, subNatNat_inj]
    simp only [Nat.mul_add, Nat.add_mul]
    simp +arith

theorem sub_def (a b : Int) : a - b = a + -b := rfl

theorem subNatNat_sub (m n m' n' : Nat) : subNatNat m n - subNatNat m' n' = subNatNat (m + n') (n + m') := by
  rw [sub_def, neg_subNatNat, subNatNat_add]

theorem nonNeg_subNatNat {m n : Nat} : NonNeg (subNatNat m n) ↔ n ≤ m := by
  rcases subNatNat_cases m n with ⟨k, rfl, e⟩ | ⟨k, rfl, e⟩ <;> rw [e]
  · exact iff_of_true (.mk k) (Nat.le_add_right n k)
  · exact iff_of_false not_nonNeg_negSucc (Nat.not_le_of_gt (by simp +arith))

/-- Order of differences. -/
theorem subNatNat_le {m n m' n' : Nat} : subNatNat m n ≤ subNatNat m' n' ↔ m + n' ≤ m' + n := by
  show NonNeg (_ - _) ↔ _
  rw [subNatNat_sub, nonNeg_subNatNat, Nat.add_comm n' m]

theorem zero_eq_subNatNat : (0 : Int) = subNatNat 0 0 := rfl
theorem one_eq_subNatNat : (1 : Int) = subNatNat 1 0 := rfl

/-- Strict order of differences. -/
theorem subNatNat_lt {m n m' n' : Nat} : subNatNat m n < subNatNat m' n' ↔ m + n' < m' + n := by
  show subNatNat m n + 1 ≤ _ ↔ _
  rw [one_eq_subNatNat, subNatNat_add, subNatNat_le, Nat.lt_iff_add_one_le]
  simp +arith

/-! ## Commutative ring -/

variable (a b c d : Int)

protected theorem add_comm : a + b = b + a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [subNatNat_add, subNatNat_add, Nat.add_comm a, Nat.add_comm a']
protected theorem add_assoc : a + b + c = a + (b + c) := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  obtain ⟨c, c', rfl⟩ := exists_subNatNat c
  rw [subNatNat_add, subNatNat_add, subNatNat_add, subNatNat_add, Nat.add_assoc, Nat.add_assoc]
@[simp] protected theorem add_zero : a + 0 = a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  rw [zero_eq_subNatNat, subNatNat_add]
  rfl
@[simp] protected theorem zero_add : 0 + a = a := by rw [Int.add_comm, Int.add_zero]
protected theorem add_left_comm : a + (b + c) = b + (a + c) := by
  rw [← Int.add_assoc, Int.add_comm a b, Int.add_assoc]
protected theorem add_right_comm : a + b + c = a + c + b := by
  rw [Int.add_assoc, Int.add_comm b c, ← Int.add_assoc]
protected theorem add_right_neg : a + -a = 0 := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  rw [neg_subNatNat, subNatNat_add, zero_eq_subNatNat, subNatNat_inj]
  simp +arith
protected theorem add_left_neg : -a + a = 0 := by rw [Int.add_comm, Int.add_right_neg]
@[simp] protected theorem sub_self : a - a = 0 := Int.add_right_neg a
@[simp] protected theorem neg_neg : - -a = a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  rw [neg_subNatNat, neg_subNatNat]
@[simp] protected theorem neg_zero : -(0 : Int) = 0 := rfl
protected theorem neg_add : -(a + b) = -a + -b := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [subNatNat_add, neg_subNatNat, neg_subNatNat, neg_subNatNat, subNatNat_add]
protected theorem sub_eq_add_neg : a - b = a + -b := rfl
@[simp] protected theorem sub_zero : a - 0 = a := Int.add_zero a
@[simp] protected theorem zero_sub : 0 - a = -a := Int.zero_add _
protected theorem neg_sub : -(a - b) = b - a := by
  rw [sub_def, Int.neg_add, Int.neg_neg, Int.add_comm, sub_def]
@[simp] protected theorem add_sub_cancel : a + b - b = a := by
  rw [sub_def, Int.add_assoc, Int.add_right_neg, Int.add_zero]
@[simp] protected theorem sub_add_cancel : a - b + b = a := by
  rw [sub_def, Int.add_assoc, Int.add_left_neg, Int.add_zero]
@[simp] protected theorem add_sub_cancel_left : a + b - a = b := by rw [Int.add_comm, Int.add_sub_cancel]
protected theorem add_neg_cancel_right : a + b + -b = a := Int.add_sub_cancel a b
protected theorem neg_add_cancel_left : -a + (a + b) = b := by
  rw [← Int.add_assoc, Int.add_left_neg, Int.zero_add]

protected theorem add_sub_add_left : a + b - (a + c) = b - c := by
  rw [sub_def, Int.neg_add, Int.add_assoc, Int.add_left_comm b, ← Int.add_assoc a, Int.add_right_neg, Int.zero_add]
  rfl

protected theorem mul_comm : a * b = b * a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [subNatNat_mul, subNatNat_mul, Nat.mul_comm a, Nat.mul_comm a', Nat.mul_comm a b', Nat.mul_comm a' b,
    Nat.add_comm (b' * a)]
protected theorem mul_assoc : a * b * c = a * (b * c) := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  obtain ⟨c, c', rfl⟩ := exists_subNatNat c
  rw [subNatNat_mul, subNatNat_mul, subNatNat_mul, subNatNat_mul, subNatNat_inj]
  simp only [Nat.mul_add, Nat.add_mul, Nat.mul_assoc]
  simp +arith
@[simp] protected theorem mul_one : a * 1 = a := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  rw [one_eq_subNatNat, subNatNat_mul, Nat.mul_one, Nat.mul_one, Nat.mul_zero, Nat.mul_zero, Nat.add_zero,
    Nat.zero_add]
@[simp] protected theorem one_mul : 1 * a = a := by rw [Int.mul_comm, Int.mul_one]
@[simp] protected theorem mul_zero : a * 0 = 0 := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  rw [zero_eq_subNatNat, subNatNat_mul]
  rfl
@[simp] protected theorem zero_mul : 0 * a = 0 := by rw [Int.mul_comm, Int.mul_zero]
protected theorem mul_add : a * (b + c) = a * b + a * c := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  obtain ⟨c, c', rfl⟩ := exists_subNatNat c
  rw [subNatNat_add, subNatNat_mul, subNatNat_mul, subNatNat_mul, subNatNat_add, subNatNat_inj]
  simp only [Nat.mul_add, Nat.add_mul]
  simp +arith
protected theorem add_mul : (a + b) * c = a * c + b * c := by
  rw [Int.mul_comm, Int.mul_add, Int.mul_comm c, Int.mul_comm c]
protected theorem neg_mul : -a * b = -(a * b) := by
  obtain ⟨a, a', rfl⟩ := exists_subNatNat a
  obtain ⟨b, b', rfl⟩ := exists_subNatNat b
  rw [neg_subNatNat, subNatNat_mul, subNatNat_mul, neg_subNatNat, Nat.add_comm (a' * b), Nat.add_comm (a' * b')]
protected theorem mul_neg : a * -b = -(a * b) := by rw [Int.mul_comm, Int.neg_mul, Int.mul_comm]
attribute [simp] Int.neg_mul Int.mul_neg
protected theorem neg_mul_neg : -a * -b = a * b := by rw [Int.neg_mul, Int.mul_neg, Int.neg_neg]
protected theorem neg_eq_neg_one_mul : -a = -1 * a := by rw [Int.neg_mul, Int.one_mul]
protected theorem mul_sub : a * (b - c) = a * b - a * c := by rw [sub_def, Int.mul_add, Int.mul_neg]; rfl
protected theorem sub_mul : (a - b) * c = a * c - b * c := by rw [sub_def, Int.add_mul, Int.neg_mul]; rfl
protected theorem mul_left_comm : a * (b * c) = b * (a * c) := by
  rw [← Int.mul_assoc, Int.mul_comm a b, Int.mul_assoc]
protected theorem mul_right_comm : a * b * c = a * c * b := by
  rw [Int.mul_assoc, Int.mul_comm b c, ← Int.mul_assoc]
protected theorem two_mul : 2 * a = a + a := by
  rw [show (2 : Int) = 1 + 1 from rfl, Int.add_mul, Int.one_mul]

/-! ## Powers -/

@[simp] protected theorem pow_zero : a ^ 0 = 1 := rfl
protected theorem pow_succ (b : Int) (e : Nat) : b ^ (e + 1) = b ^ e * b := rfl
@[simp] protected theorem pow_one : a ^ 1 = a := Int.one_mul a
protected theorem pow_two : a ^ 2 = a * a := by rw [Int.pow_succ, Int.pow_one]
protected theorem pow_add (m n : Nat) : a ^ (m + n) = a ^ m * a ^ n := by
  induction n with
  | zero => exact (Int.mul_one _).symm
  | succ n ih => rw [← Nat.add_assoc, Int.pow_succ, ih, Int.pow_succ, Int.mul_assoc]
@[simp] protected theorem one_pow (n : Nat) : (1 : Int) ^ n = 1 := by
  induction n with
  | zero => rfl
  | succ n ih => rw [Int.pow_succ, ih]; rfl

end Int
