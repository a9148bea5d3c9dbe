/-!
# 51. What `simp +arith` asks for on integers
-/

namespace Int.Internal.Linear

open Lean.Omega (Coeffs)

variable (ctx : Context) (l r : Expr) (p : Poly) (k : Int)

theorem Expr.eq_of_norm_eq (ctx : Context) (e : Expr) (p : Poly) (h : same e.lin p.lin = true) :
    e.denote ctx = p.denote' ctx := by
  rw [← Expr.value_lin, value_same h, Poly.value_lin]

/-! ## True, false -/

theorem eq_eq_true (ctx : Context) (l r : Expr) (h : Coeffs.allZero (difference l r) = true) :
    (l.denote ctx = r.denote ctx) = True :=
  eq_true (eq_iff_difference.mpr (total_allZero _ 0 h))
theorem eq_eq_false (ctx : Context) (l r : Expr) (h : isConst (fun c => !decide (c = 0)) (difference l r) = true) :
    (l.denote ctx = r.denote ctx) = False := by
  apply eq_false
  rw [eq_iff_difference]
  intro zero
  have := value_isConst (ctx := ctx) h
  rw [zero] at this
  exact nomatch this
theorem eq_eq_false_of_divCoeff (ctx : Context) (l r : Expr) (k : Int) (h : neverDivisible k (difference l r) = true) :
    (l.denote ctx = r.denote ctx) = False := by
  apply eq_false
  rw [eq_iff_difference]
  intro zero
  have := not_dvd_value (ctx := ctx) h
  rw [zero] at this
  exact this (Int.dvd_zero k)
theorem le_eq_true (ctx : Context) (l r : Expr) (h : isConst (fun c => decide (c ≤ 0)) (difference l r) = true) :
    (l.denote ctx ≤ r.denote ctx) = True :=
  eq_true (le_iff_difference.mpr (of_decide_eq_true (value_isConst (ctx := ctx) h)))
theorem le_eq_false (ctx : Context) (l r : Expr) (h : isConst (fun c => decide (0 < c)) (difference l r) = true) :
    (l.denote ctx ≤ r.denote ctx) = False := by
  have positive : 0 < value ctx (difference l r) := of_decide_eq_true (value_isConst (ctx := ctx) h)
  exact eq_false fun le => Int.not_lt_of_le (le_iff_difference.mp le) positive

/-! ## Normal forms -/

theorem norm_eq (ctx : Context) (l r : Expr) (p : Poly) (h : same (difference l r) p.lin = true) :
    (l.denote ctx = r.denote ctx) = (p.denote' ctx = 0) := by
  rw [← Poly.value_lin, ← value_same h]
  exact propext eq_iff_difference
theorem norm_le (ctx : Context) (l r : Expr) (p : Poly) (h : same (difference l r) p.lin = true) :
    (l.denote ctx ≤ r.denote ctx) = (p.denote' ctx ≤ 0) := by
  rw [← Poly.value_lin, ← value_same h]
  exact propext le_iff_difference
theorem norm_eq_coeff (ctx : Context) (l r : Expr) (p : Poly) (k : Int)
    (h : (decide (0 < k) && same (difference l r) (Coeffs.smul p.lin k)) = true) :
    (l.denote ctx = r.denote ctx) = (p.denote' ctx = 0) := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  apply propext
  rw [eq_iff_difference, value_same h.2, value_smul, Poly.value_lin, Int.mul_eq_zero]
  exact ⟨fun z => z.resolve_left (Int.ne_of_gt h.1), .inr⟩
theorem norm_le_coeff (ctx : Context) (l r : Expr) (p : Poly) (k : Int)
    (h : (decide (0 < k) && same (difference l r) (Coeffs.smul p.lin k)) = true) :
    (l.denote ctx ≤ r.denote ctx) = (p.denote' ctx ≤ 0) := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  apply propext
  rw [le_iff_difference, value_same h.2, value_smul, Poly.value_lin]
  constructor
  · intro le
    exact Int.le_of_mul_le_mul_left (by rw [Int.mul_zero]; exact le) h.1
  · intro le
    have := Int.mul_le_mul_of_nonneg_left le (Int.le_of_lt h.1)
    rw [Int.mul_zero] at this
    exact this

/-- The coefficients of `x` are `k` times those of `y`, except that the constant of `y` is rounded up. -/
def tight (k : Int) (x y : Coeffs) : Bool :=
  match Coeffs.combo 1 x (-k) y with
  | [] => true
  | c :: rest => decide (c ≤ 0) && decide (-k < c) && Coeffs.allZero rest

theorem value_tight {k : Int} {x y : Coeffs} (h : tight k x y = true) :
    ∃ c, -k < c ∧ c ≤ 0 ∧ value ctx x = k * value ctx y + c ∨ (c = 0 ∧ value ctx x = k * value ctx y) := by
  unfold tight at h
  have whole := value_combo ctx 1 x (-k) y
  split at h
  · next e =>
    rw [e] at whole
    refine ⟨0, .inr ⟨rfl, ?_⟩⟩
    have zero : value ctx ([] : Coeffs) = 0 := rfl
    rw [zero, Int.one_mul, Int.neg_mul] at whole
    omega
  · next c rest e =>
    simp only [Bool.and_eq_true, decide_eq_true_eq] at h
    rw [e] at whole
    have const : value ctx (c :: rest) = c := by
      show c * 1 + total _ 1 rest = c
      rw [total_allZero _ 1 h.2, Int.mul_one, Int.add_zero]
    rw [const, Int.one_mul, Int.neg_mul] at whole
    exact ⟨c, .inl ⟨h.1.2, h.1.1, by omega⟩⟩

theorem le_of_tight {k c v : Int} (pos : 0 < k) (low : -k < c) (high : c ≤ 0) : k * v + c ≤ 0 ↔ v ≤ 0 := by
  constructor
  · intro le
    have : k * v < k * 1 := by rw [Int.mul_one]; omega
    have := Int.lt_of_mul_lt_mul_left this (Int.le_of_lt pos)
    omega
  · intro le
    have := Int.mul_le_mul_of_nonneg_left le (Int.le_of_lt pos)
    rw [Int.mul_zero] at this
    omega

theorem norm_le_coeff_tight (ctx : Context) (l r : Expr) (p : Poly) (k : Int)
    (h : (decide (0 < k) && tight k (difference l r) p.lin) = true) :
    (l.denote ctx ≤ r.denote ctx) = (p.denote' ctx ≤ 0) := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  apply propext
  rw [le_iff_difference, ← Poly.value_lin]
  obtain ⟨c, ⟨low, high, e⟩ | ⟨zero, e⟩⟩ := value_tight ctx h.2
  · rw [e]
    exact le_of_tight h.1 low high
  · have := le_of_tight (v := value ctx p.lin) h.1 (c := 0) (by omega) (Int.le_refl 0)
    rw [Int.add_zero] at this
    rw [e]
    exact this

theorem norm_eq_var (ctx : Context) (l r : Expr) (x y : Nat)
    (h : same (difference l r) (Coeffs.combo 1 (coefficient x 1) (-1) (coefficient y 1)) = true) :
    (l.denote ctx = r.denote ctx) = (ctx.get x = ctx.get y) := by
  apply propext
  rw [eq_iff_difference, value_same h, value_combo, value_coefficient, value_coefficient]
  omega
theorem norm_eq_var_const (ctx : Context) (l r : Expr) (x : Nat) (k : Int)
    (h : same (difference l r) (Coeffs.combo 1 (coefficient x 1) (-1) [k]) = true) :
    (l.denote ctx = r.denote ctx) = (ctx.get x = k) := by
  apply propext
  rw [eq_iff_difference, value_same h, value_combo, value_coefficient, value_num]
  omega

/-! ## Divisibility -/

theorem dvd_eq_false (ctx : Context) (k : Int) (e : Expr) (h : neverMultiple k e.lin = true) :
    (k ∣ e.denote ctx) = False := by
  rw [← Expr.value_lin]
  exact eq_false (not_dvd_of_neverMultiple h)
theorem norm_dvd (ctx : Context) (k : Int) (e : Expr) (p : Poly) (h : same e.lin p.lin = true) :
    (k ∣ e.denote ctx) = (k ∣ p.denote' ctx) := by
  rw [← Expr.value_lin, value_same h, Poly.value_lin]
theorem norm_dvd_gcd (ctx : Context) (k₁ : Int) (e₁ : Expr) (k₂ : Int) (p₂ : Poly) (g : Int)
    (h : (decide (k₁ = g * k₂) && decide (g ≠ 0) && same e₁.lin (Coeffs.smul p₂.lin g)) = true) :
    (k₁ ∣ e₁.denote ctx) = (k₂ ∣ p₂.denote' ctx) := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [← Expr.value_lin, value_same h.2, value_smul, Poly.value_lin, h.1.1]
  apply propext
  constructor
  · rintro ⟨c, e⟩
    rw [Int.mul_assoc] at e
    exact ⟨c, Int.mul_left_cancel h.1.2 e⟩
  · exact Int.mul_dvd_mul_left g

end Int.Internal.Linear
