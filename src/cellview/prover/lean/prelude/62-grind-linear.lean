/-!
# 62. Linear integer arithmetic of `grind`: equations, inequalities, divisibility

`grind` keeps facts `p = 0`, `p ≠ 0`, `p ≤ 0` and `d ∣ p` about linear polynomials, and combines them. Each step is one
lemma here: a test on coefficients (which the kernel evaluates), the facts that go in, the fact that comes out.
-/

namespace Int.Internal.Linear

open Lean.Omega (Coeffs)

variable {ctx : Context}

theorem value_eq {p q : Poly} (h : same p.lin q.lin = true) : p.denote' ctx = q.denote' ctx := by
  rw [← Poly.value_lin, value_same h, Poly.value_lin]
/-- `p = a * q + b * r`. -/
theorem value_eq_combo {p q r : Poly} {a b : Int} (h : same p.lin (Coeffs.combo a q.lin b r.lin) = true) :
    p.denote' ctx = a * q.denote' ctx + b * r.denote' ctx := by
  rw [← Poly.value_lin, value_same h, value_combo, Poly.value_lin, Poly.value_lin]
theorem value_eq_difference {p : Poly} {l r : Expr} (h : same (difference l r) p.lin = true) :
    p.denote' ctx = l.denote ctx - r.denote ctx := by
  rw [← Poly.value_lin, ← value_same h, value_difference]
/-- `p = a * q + c` -/
theorem value_eq_shift {p q : Poly} {a c : Int} (h : same p.lin (Coeffs.combo a q.lin 1 [c]) = true) :
    p.denote' ctx = a * q.denote' ctx + c := by
  rw [← Poly.value_lin, value_same h, value_combo, Poly.value_lin, value_num, Int.one_mul]

/-- The coefficient of the first variable, which is the one to be eliminated. -/
def leading : Poly → Int
  | .num _ => 1
  | .add k _ _ => k
def Poly.coeff (i : Nat) : Poly → Int
  | .num _ => 0
  | .add k j p => cond (Nat.beq i j) k (coeff i p)

/-! ## Facts that come in -/

theorem eq_norm (ctx : Context) (p q : Poly) (h : same p.lin q.lin = true) (k : p.denote' ctx = 0) : q.denote' ctx = 0 :=
  value_eq h ▸ k
theorem le_norm (ctx : Context) (p q : Poly) (h : same p.lin q.lin = true) (k : p.denote' ctx ≤ 0) : q.denote' ctx ≤ 0 :=
  value_eq h ▸ k
theorem diseq_norm (ctx : Context) (p q : Poly) (h : same p.lin q.lin = true) (k : p.denote' ctx ≠ 0) :
    q.denote' ctx ≠ 0 := value_eq h ▸ k
theorem dvd_norm (ctx : Context) (d : Int) (p q : Poly) (h : same p.lin q.lin = true) (k : d ∣ p.denote' ctx) :
    d ∣ q.denote' ctx := value_eq h ▸ k
theorem eq_norm_expr (ctx : Context) (l r : Expr) (p : Poly) (h : same (difference l r) p.lin = true)
    (k : l.denote ctx = r.denote ctx) : p.denote' ctx = 0 := by
  rw [value_eq_difference h, k, Int.sub_self]
theorem not_eq_norm_expr (ctx : Context) (l r : Expr) (p : Poly) (h : same (difference l r) p.lin = true)
    (k : ¬(l.denote ctx = r.denote ctx)) : ¬(p.denote' ctx = 0) := by
  rw [value_eq_difference h, Int.sub_eq_zero]
  exact k
theorem le_norm_expr (ctx : Context) (l r : Expr) (p : Poly) (h : same (difference l r) p.lin = true)
    (k : l.denote ctx ≤ r.denote ctx) : p.denote' ctx ≤ 0 := by
  rw [value_eq_difference h]
  omega
theorem not_le_norm_expr (ctx : Context) (l r : Expr) (p : Poly)
    (h : same (Coeffs.combo (-1) (difference l r) 1 [1]) p.lin = true) (k : ¬(l.denote ctx ≤ r.denote ctx)) :
    p.denote' ctx ≤ 0 := by
  rw [← Poly.value_lin, ← value_same h, value_combo, value_difference, value_num]
  omega
theorem dvd_norm_expr (ctx : Context) (d : Int) (e : Expr) (p : Poly) (h : same e.lin p.lin = true)
    (k : d ∣ e.denote ctx) : d ∣ p.denote' ctx := by
  rw [← Poly.value_lin, ← value_same h, Expr.value_lin]
  exact k
theorem eq_of_core (ctx : Context) (p q r : Poly) (h : same r.lin (Coeffs.combo 1 p.lin (-1) q.lin) = true)
    (k : p.denote' ctx = q.denote' ctx) : r.denote' ctx = 0 := by
  rw [value_eq_combo h, k]
  omega
theorem diseq_of_core (ctx : Context) (p q r : Poly) (h : same r.lin (Coeffs.combo 1 p.lin (-1) q.lin) = true)
    (k : p.denote' ctx ≠ q.denote' ctx) : r.denote' ctx ≠ 0 := by
  rw [value_eq_combo h]
  omega
/-- A variable that is a name for a polynomial. -/
theorem eq_def (ctx : Context) (x : Nat) (q p : Poly)
    (h : same p.lin (Coeffs.combo (-1) (coefficient x 1) 1 q.lin) = true) (k : ctx.get x = q.denote' ctx) :
    p.denote' ctx = 0 := by
  rw [← Poly.value_lin, value_same h, value_combo, value_coefficient, Poly.value_lin, k]
  omega
theorem eq_def' (ctx : Context) (x : Nat) (e : Expr) (p : Poly)
    (h : same p.lin (Coeffs.combo (-1) (coefficient x 1) 1 e.lin) = true) (k : ctx.get x = e.denote ctx) :
    p.denote' ctx = 0 := by
  rw [← Poly.value_lin, value_same h, value_combo, value_coefficient, Expr.value_lin, k]
  omega

/-! ## Contradictions -/

theorem eq_unsat (ctx : Context) (p : Poly) (h : isConst (fun c => decide (c ≠ 0)) p.lin = true)
    (k : p.denote' ctx = 0) : False := by
  rw [← Poly.value_lin] at k
  exact of_decide_eq_true (value_isConst (ctx := ctx) h) k
theorem eq_unsat_coeff (ctx : Context) (p : Poly) (d : Int) (h : neverDivisible d p.lin = true)
    (k : p.denote' ctx = 0) : False := by
  rw [← Poly.value_lin] at k
  exact not_dvd_value (ctx := ctx) h (k ▸ Int.dvd_zero d)
theorem le_unsat (ctx : Context) (p : Poly) (h : isConst (fun c => decide (0 < c)) p.lin = true)
    (k : p.denote' ctx ≤ 0) : False := by
  rw [← Poly.value_lin] at k
  exact Int.not_lt_of_le k (of_decide_eq_true (value_isConst (ctx := ctx) h))
theorem dvd_unsat (ctx : Context) (d : Int) (p : Poly) (h : neverMultiple d p.lin = true)
    (k : d ∣ p.denote' ctx) : False := by
  rw [← Poly.value_lin] at k
  exact not_dvd_of_neverMultiple h k
theorem diseq_unsat (ctx : Context) (p : Poly) (h : isConst (fun c => decide (c = 0)) p.lin = true)
    (k : p.denote' ctx ≠ 0) : False := by
  rw [← Poly.value_lin] at k
  exact k (of_decide_eq_true (value_isConst (ctx := ctx) h))

/-! ## Common factors and signs -/

theorem eq_coeff (ctx : Context) (p q : Poly) (c : Int)
    (h : (decide (c ≠ 0) && same p.lin (Coeffs.smul q.lin c)) = true) (k : p.denote' ctx = 0) : q.denote' ctx = 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [← Poly.value_lin, value_same h.2, value_smul, Poly.value_lin, Int.mul_eq_zero] at k
  exact k.resolve_left h.1
theorem diseq_coeff (ctx : Context) (p q : Poly) (c : Int)
    (h : (decide (c ≠ 0) && same p.lin (Coeffs.smul q.lin c)) = true) (k : p.denote' ctx ≠ 0) : q.denote' ctx ≠ 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [← Poly.value_lin, value_same h.2, value_smul, Poly.value_lin] at k
  exact fun zero => k (by rw [zero, Int.mul_zero])
theorem le_coeff (ctx : Context) (p q : Poly) (c : Int)
    (h : (decide (0 < c) && tight c p.lin q.lin) = true) (k : p.denote' ctx ≤ 0) : q.denote' ctx ≤ 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [← Poly.value_lin] at k ⊢
  obtain ⟨e, ⟨low, high, whole⟩ | ⟨zero, whole⟩⟩ := value_tight ctx h.2
  · rw [whole] at k
    exact (le_of_tight h.1 low high).mp k
  · rw [whole] at k
    exact (le_of_tight (c := 0) h.1 (by omega) (Int.le_refl 0)).mp (by rw [Int.add_zero]; exact k)
theorem dvd_coeff (ctx : Context) (d : Int) (p : Poly) (d' : Int) (q : Poly) (c : Int)
    (h : (decide (c ≠ 0) && decide (d = c * d') && same p.lin (Coeffs.smul q.lin c)) = true) (k : d ∣ p.denote' ctx) :
    d' ∣ q.denote' ctx := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [← Poly.value_lin, value_same h.2, value_smul, Poly.value_lin, h.1.2] at k
  obtain ⟨e, k⟩ := k
  rw [Int.mul_assoc] at k
  exact ⟨e, Int.mul_left_cancel h.1.1 k⟩
theorem le_neg (ctx : Context) (p q : Poly) (h : same q.lin (Coeffs.combo (-1) p.lin 1 [1]) = true)
    (k : ¬(p.denote' ctx ≤ 0)) : q.denote' ctx ≤ 0 := by
  rw [value_eq_shift h]
  omega
theorem diseq_neg (ctx : Context) (p q : Poly) (h : same q.lin (Coeffs.smul p.lin (-1)) = true)
    (k : p.denote' ctx ≠ 0) : q.denote' ctx ≠ 0 := by
  rw [← Poly.value_lin, value_same h, value_smul, Poly.value_lin]
  omega

/-! ## Combinations -/

theorem le_combine (ctx : Context) (p q r : Poly)
    (h : same r.lin (Coeffs.combo (leading q).natAbs p.lin (leading p).natAbs q.lin) = true)
    (k : p.denote' ctx ≤ 0) (k' : q.denote' ctx ≤ 0) : r.denote' ctx ≤ 0 := by
  rw [value_eq_combo h]
  have one := Int.mul_le_mul_of_nonneg_left k (Int.natCast_nonneg (leading q).natAbs)
  have two := Int.mul_le_mul_of_nonneg_left k' (Int.natCast_nonneg (leading p).natAbs)
  rw [Int.mul_zero] at one two
  omega
theorem le_combine_coeff (ctx : Context) (p q r : Poly) (c : Int)
    (h : (decide (0 < c) && tight c (Coeffs.combo (leading q).natAbs p.lin (leading p).natAbs q.lin) r.lin) = true)
    (k : p.denote' ctx ≤ 0) (k' : q.denote' ctx ≤ 0) : r.denote' ctx ≤ 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  have one := Int.mul_le_mul_of_nonneg_left k (Int.natCast_nonneg (leading q).natAbs)
  have two := Int.mul_le_mul_of_nonneg_left k' (Int.natCast_nonneg (leading p).natAbs)
  rw [Int.mul_zero] at one two
  rw [← Poly.value_lin]
  obtain ⟨e, ⟨low, high, whole⟩ | ⟨zero, whole⟩⟩ := value_tight ctx h.2
  · rw [value_combo, Poly.value_lin, Poly.value_lin] at whole
    exact (le_of_tight h.1 low high).mp (by rw [← whole]; omega)
  · rw [value_combo, Poly.value_lin, Poly.value_lin] at whole
    exact (le_of_tight (c := 0) h.1 (by omega) (Int.le_refl 0)).mp (by rw [Int.add_zero, ← whole]; omega)

/-- `r` is `q` with the variable `x` eliminated by `p = 0`, up to sign. -/
def eliminates (x : Nat) (p q r : Poly) : Bool :=
  same r.lin (Coeffs.combo (p.coeff x) q.lin (-q.coeff x) p.lin) ||
    same r.lin (Coeffs.combo (-p.coeff x) q.lin (q.coeff x) p.lin)
theorem value_eliminates {x : Nat} {p q r : Poly} (h : eliminates x p q r = true) (k : p.denote' ctx = 0) :
    r.denote' ctx = p.coeff x * q.denote' ctx ∨ r.denote' ctx = -p.coeff x * q.denote' ctx := by
  rw [eliminates, Bool.or_eq_true] at h
  exact h.imp (fun h => by rw [value_eq_combo h, k, Int.mul_zero, Int.add_zero])
    (fun h => by rw [value_eq_combo h, k, Int.mul_zero, Int.add_zero])

theorem eq_eq_subst (ctx : Context) (x : Nat) (p q r : Poly) (h : eliminates x p q r = true) (k : p.denote' ctx = 0)
    (k' : q.denote' ctx = 0) : r.denote' ctx = 0 := by
  rcases value_eliminates h k with e | e <;> rw [e, k', Int.mul_zero]
theorem eq_eq_subst' (ctx : Context) (a b : Int) (p q r : Poly) (h : same r.lin (Coeffs.combo b p.lin (-a) q.lin) = true)
    (k : p.denote' ctx = 0) (k' : q.denote' ctx = 0) : r.denote' ctx = 0 := by
  rw [value_eq_combo h, k, k', Int.mul_zero, Int.mul_zero]
  rfl
theorem eq_diseq_subst (ctx : Context) (x : Nat) (p q r : Poly)
    (h : (decide (p.coeff x ≠ 0) && eliminates x p q r) = true) (k : p.denote' ctx = 0)
    (k' : q.denote' ctx ≠ 0) : r.denote' ctx ≠ 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rcases value_eliminates h.2 k with e | e <;> rw [e] <;> intro zero <;>
    rcases Int.mul_eq_zero.mp zero with zero | zero
  · exact h.1 zero
  · exact k' zero
  · exact h.1 (Int.neg_inj.mp zero)
  · exact k' zero
theorem eq_le_subst_nonneg (ctx : Context) (x : Nat) (p q r : Poly)
    (h : (decide (0 ≤ p.coeff x) && same r.lin (Coeffs.combo (p.coeff x) q.lin (-q.coeff x) p.lin)) = true)
    (k : p.denote' ctx = 0) (k' : q.denote' ctx ≤ 0) : r.denote' ctx ≤ 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [value_eq_combo h.2, k, Int.mul_zero, Int.add_zero]
  have := Int.mul_le_mul_of_nonneg_left k' h.1
  rw [Int.mul_zero] at this
  exact this
theorem eq_le_subst_nonpos (ctx : Context) (x : Nat) (p q r : Poly)
    (h : (decide (p.coeff x ≤ 0) && same r.lin (Coeffs.combo (-p.coeff x) q.lin (q.coeff x) p.lin)) = true)
    (k : p.denote' ctx = 0) (k' : q.denote' ctx ≤ 0) : r.denote' ctx ≤ 0 := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  rw [value_eq_combo h.2, k, Int.mul_zero, Int.add_zero]
  have := Int.mul_le_mul_of_nonneg_left k' (Int.neg_nonneg.mpr h.1)
  rw [Int.mul_zero] at this
  exact this
theorem eq_dvd_subst (ctx : Context) (x : Nat) (p : Poly) (d : Int) (q : Poly) (d' : Int) (r : Poly)
    (h : (decide ((p.coeff x * d).natAbs = d'.natAbs) && eliminates x p q r) = true) (k : p.denote' ctx = 0)
    (k' : d ∣ q.denote' ctx) : d' ∣ r.denote' ctx := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  have big : p.coeff x * d ∣ r.denote' ctx := by
    have := Int.mul_dvd_mul_left (p.coeff x) k'
    rcases value_eliminates h.2 k with e | e <;> rw [e]
    · exact this
    · rw [Int.neg_mul, Int.dvd_neg]
      exact this
  have signs : d' = p.coeff x * d ∨ d' = -(p.coeff x * d) := by omega
  rcases signs with e | e <;> rw [e]
  · exact big
  · exact Int.neg_dvd.mpr big

/-! ## From inequalities to equations and back -/

theorem eq_of_le_ge (ctx : Context) (p q : Poly) (h : same q.lin (Coeffs.smul p.lin (-1)) = true)
    (k : p.denote' ctx ≤ 0) (k' : q.denote' ctx ≤ 0) : p.denote' ctx = 0 := by
  rw [← Poly.value_lin (p := q), value_same h, value_smul, Poly.value_lin] at k'
  omega
theorem le_of_le_diseq (ctx : Context) (p q r : Poly)
    (h : ((same q.lin p.lin || same q.lin (Coeffs.smul p.lin (-1))) && same r.lin (Coeffs.combo 1 p.lin 1 [1])) = true)
    (k : p.denote' ctx ≤ 0) (k' : q.denote' ctx ≠ 0) : r.denote' ctx ≤ 0 := by
  simp only [Bool.and_eq_true, Bool.or_eq_true] at h
  rw [value_eq_shift h.2]
  rcases h.1 with h | h
  · rw [value_eq h] at k'
    omega
  · rw [← Poly.value_lin (p := q), value_same h, value_smul, Poly.value_lin] at k'
    omega
theorem diseq_split (ctx : Context) (p q r : Poly)
    (h : (same q.lin (Coeffs.combo 1 p.lin 1 [1]) && same r.lin (Coeffs.combo (-1) p.lin 1 [1])) = true)
    (k : p.denote' ctx ≠ 0) : q.denote' ctx ≤ 0 ∨ r.denote' ctx ≤ 0 := by
  simp only [Bool.and_eq_true] at h
  rw [value_eq_shift h.1, value_eq_shift h.2]
  omega
theorem diseq_split_resolve (ctx : Context) (p q r : Poly)
    (h : (same q.lin (Coeffs.combo 1 p.lin 1 [1]) && same r.lin (Coeffs.combo (-1) p.lin 1 [1])) = true)
    (k : p.denote' ctx ≠ 0) (k' : ¬(q.denote' ctx ≤ 0)) : r.denote' ctx ≤ 0 :=
  (diseq_split ctx p q r h k).resolve_left k'

end Int.Internal.Linear
