/-!
# 64. `grind`: divisibility combined, products with a known factor
-/

namespace Int.Internal.Linear

open Lean.Omega (Coeffs)

variable {ctx : Context}

theorem eq_def_struct (ctx : Context) (x : Nat) (e : Expr) (p : Poly)
    (h : same p.lin (Coeffs.combo (-1) (coefficient x 1) 1 e.lin) = true) (k : ctx.get x = e.denote ctx) :
    p.denote' ctx = 0 := eq_def' ctx x e p h k

/-! ## Two divisibilities with a common variable -/

theorem dvd_scaled {d e c q : Int} (h : c ∣ d * e) (k : d ∣ q) : c ∣ q * e := by
  obtain ⟨r, rfl⟩ := k
  rw [Int.mul_right_comm]
  exact Int.dvd_mul_of_dvd_left h r

theorem dvd_solve_combine (ctx : Context) (d₁ : Int) (p₁ : Poly) (d₂ : Int) (p₂ : Poly) (d : Int) (p : Poly) (g a b : Int)
    (h : (decide ((d₁ * d₂) % d = 0) && same p.lin (Coeffs.combo (a * d₂) p₁.lin (b * d₁) p₂.lin)) = true)
    (k : d₁ ∣ p₁.denote' ctx) (k' : d₂ ∣ p₂.denote' ctx) : d ∣ p.denote' ctx := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  have divides : d ∣ d₁ * d₂ := Int.dvd_of_emod_eq_zero h.1
  rw [value_eq_combo h.2]
  have one := Int.dvd_mul_of_dvd_right (dvd_scaled divides k) a
  have two := Int.dvd_mul_of_dvd_right (dvd_scaled (Int.mul_comm d₁ d₂ ▸ divides) k') b
  rw [Int.mul_comm (p₁.denote' ctx), ← Int.mul_assoc] at one
  rw [Int.mul_comm (p₂.denote' ctx), ← Int.mul_assoc] at two
  exact Int.dvd_add one two
theorem dvd_solve_elim (ctx : Context) (d₁ : Int) (p₁ : Poly) (d₂ : Int) (p₂ : Poly) (d : Int) (p : Poly)
    (h : (decide ((leading p₂ * d₁) % d = 0) && decide ((leading p₁ * d₂) % d = 0) &&
      same p.lin (Coeffs.combo (leading p₂) p₁.lin (-leading p₁) p₂.lin)) = true)
    (k : d₁ ∣ p₁.denote' ctx) (k' : d₂ ∣ p₂.denote' ctx) : d ∣ p.denote' ctx := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [value_eq_combo h.2, Int.neg_mul]
  refine Int.dvd_add ?_ (Int.dvd_neg.mpr ?_)
  · exact Int.dvd_trans (Int.dvd_of_emod_eq_zero h.1.1) (Int.mul_dvd_mul_left _ k)
  · exact Int.dvd_trans (Int.dvd_of_emod_eq_zero h.1.2) (Int.mul_dvd_mul_left _ k')
/-- A variable whose coefficient is a multiple of `d'` plays no part modulo `d'`. -/
theorem dvd_elim (ctx : Context) (d : Int) (p : Poly) (d' : Int) (q : Poly)
    (h : (decide (d % d' = 0) && allDivisible d' (Coeffs.combo 1 p.lin (-1) q.lin)) = true)
    (k : d ∣ p.denote' ctx) : d' ∣ q.denote' ctx := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  have whole := Int.dvd_trans (Int.dvd_of_emod_eq_zero h.1) k
  have rest : d' ∣ value ctx (Coeffs.combo 1 p.lin (-1) q.lin) := dvd_total _ 0 h.2
  rw [value_combo, Poly.value_lin, Poly.value_lin] at rest
  have := Int.dvd_sub whole rest
  have same : p.denote' ctx - (1 * p.denote' ctx + -1 * q.denote' ctx) = q.denote' ctx := by omega
  rw [same] at this
  exact this
theorem dvd_of_eq (ctx : Context) (x : Nat) (p : Poly) (d : Int) (q : Poly)
    (h : allDivisible d (Coeffs.combo 1 p.lin (-1) q.lin) = true) (k : p.denote' ctx = 0) : d ∣ q.denote' ctx := by
  have rest : d ∣ value ctx (Coeffs.combo 1 p.lin (-1) q.lin) := dvd_total _ 0 h
  rw [value_combo, Poly.value_lin, Poly.value_lin, k] at rest
  have same : (1 * 0 + -1 * q.denote' ctx : Int) = -(q.denote' ctx) := by omega
  rw [same] at rest
  exact Int.dvd_neg.mp rest
theorem eq_of_zero_dvd (ctx : Context) (p : Poly) (k : 0 ∣ p.denote' ctx) : p.denote' ctx = 0 := by
  obtain ⟨c, e⟩ := k
  rw [e, Int.zero_mul]

/-! ## A variable between two bounds, with a divisibility that no number between them has -/

/-- Lower bound, upper bound, and the smallest solution of `d ∣ c * x + r` from the lower bound on. -/
def noSolution (lower upper divided : Poly) (d a b : Int) : Bool :=
  match lower, upper, divided with
  | .add k x (.num e), .add l y (.num f), .add c z (.num r) =>
    decide (k = -1) && decide (l = 1) && Nat.beq x y && Nat.beq x z && decide (0 < d) && decide (a * c + b * d = 1) &&
      decide (-f < e + (-(a * r) - e) % d)
  | _, _, _ => false

theorem cooper_unsat (ctx : Context) (p₁ p₂ p₃ : Poly) (d a b : Int) (h : noSolution p₁ p₂ p₃ d a b = true)
    (k₁ : p₁.denote' ctx ≤ 0) (k₂ : p₂.denote' ctx ≤ 0) (k₃ : d ∣ p₃.denote' ctx) : False := by
  unfold noSolution at h
  split at h
  · next k x e l y f c z r =>
    simp only [Bool.and_eq_true, decide_eq_true_eq] at h
    obtain ⟨⟨⟨⟨⟨⟨rfl, rfl⟩, xy⟩, xz⟩, pos⟩, bezout⟩, gap⟩ := h
    have xy := Nat.eq_of_beq_eq_true xy
    have xz := Nat.eq_of_beq_eq_true xz
    subst xy
    subst xz
    rw [← Poly.value_lin, Poly.lin, value_combo, value_coefficient, Poly.value_lin] at k₁ k₂ k₃
    generalize ctx.get x = v at k₁ k₂ k₃
    change 1 * (-1 * v) + 1 * e ≤ 0 at k₁
    change 1 * (1 * v) + 1 * f ≤ 0 at k₂
    change d ∣ 1 * (c * v) + 1 * r at k₃
    have low : e ≤ v := by omega
    have shifted : d ∣ v + a * r := by
      have big := Int.dvd_sub (Int.dvd_mul_of_dvd_right k₃ a) (Int.dvd_neg.mpr (Int.dvd_mul_of_dvd_left
        (Int.dvd_mul_left b d) v))
      have same : a * (1 * (c * v) + 1 * r) - -(b * d * v) = v + a * r := by
        have expand : (a * c + b * d) * v = v := by rw [bezout, Int.one_mul]
        rw [Int.add_mul, Int.mul_assoc] at expand
        rw [Int.one_mul, Int.one_mul, Int.mul_add]
        omega
      rw [same] at big
      exact big
    obtain ⟨q, eq⟩ := shifted
    have least : (v - e) % d = (-(a * r) - e) % d := by
      have : v - e = -(a * r) - e + d * q := by omega
      rw [this, add_mul_emod_self_left]
    have small : (v - e) % d ≤ v - e := by
      have divided := emod_add_mul_ediv (v - e) d
      have : 0 ≤ d * ((v - e) / d) := Int.mul_nonneg (Int.le_of_lt pos) (ediv_nonneg (by omega) (Int.le_of_lt pos))
      omega
    omega
  · exact nomatch h

/-! ## Products of which one factor is a known number -/

theorem var_eq (ctx : Context) (x : Nat) (k : Int) (p : Poly)
    (h : same p.lin (Coeffs.combo 1 (coefficient x 1) (-1) [k]) = true) (zero : p.denote' ctx = 0) : ctx.get x = k := by
  rw [← Poly.value_lin, value_same h, value_combo, value_coefficient, value_num] at zero
  omega
theorem of_var_eq (ctx : Context) (x : Nat) (k : Int) (p : Poly)
    (h : same p.lin (Coeffs.combo 1 (coefficient x 1) (-1) [k]) = true) (e : ctx.get x = k) : p.denote' ctx = 0 := by
  rw [← Poly.value_lin, value_same h, value_combo, value_coefficient, value_num]
  omega
theorem of_var_eq_mul (ctx : Context) (x : Nat) (k : Int) (y : Nat) (p : Poly)
    (h : same p.lin (Coeffs.combo 1 (coefficient x 1) (-k) (coefficient y 1)) = true)
    (e : ctx.get x = k * ctx.get y) : p.denote' ctx = 0 := by
  rw [← Poly.value_lin, value_same h, value_combo, value_coefficient, value_coefficient, e]
  simp only [Int.one_mul, Int.neg_mul, Int.add_right_neg]
theorem eq_one_mul (a : Int) : a = 1 * a := (Int.one_mul a).symm
theorem mul_eq_kk (a b k₁ k₂ k : Int) (h : a = k₁) (h' : b = k₂) (e : decide (k₁ * k₂ = k) = true) : a * b = k := by
  rw [h, h', of_decide_eq_true e]
theorem mul_eq_kkx (a b k₁ k₂ c k : Int) (h : a = k₁) (h' : b = k₂ * c) (e : decide (k₁ * k₂ = k) = true) :
    a * b = k * c := by
  rw [h, h', ← of_decide_eq_true e, Int.mul_assoc]
theorem mul_eq_kxk (a b k₁ c k₂ k : Int) (h : a = k₁ * c) (h' : b = k₂) (e : decide (k₁ * k₂ = k) = true) :
    a * b = k * c := by
  rw [h, h', ← of_decide_eq_true e, Int.mul_right_comm]
theorem mul_eq_zero_left (a b : Int) (h : a = 0) : a * b = 0 := by rw [h, Int.zero_mul]
theorem mul_eq_zero_right (a b : Int) (h : b = 0) : a * b = 0 := by rw [h, Int.mul_zero]

end Int.Internal.Linear
