/-!
# 50. Linear arithmetic on integers, by computation

As for natural numbers (file 30): an expression becomes the list of its coefficients, the constant first, and a test on
lists is what the kernel evaluates. `Poly` is the form in which the compiled Lean writes its results down.
-/

namespace Int.Internal.Linear

open Lean.Omega (Coeffs)

abbrev Context := Lean.RArray Int

inductive Expr where
  | num (k : Int)
  | var (i : Nat)
  | add (a b : Expr)
  | sub (a b : Expr)
  | neg (a : Expr)
  | mulL (k : Int) (a : Expr)
  | mulR (a : Expr) (k : Int)

noncomputable def Expr.denote (ctx : Context) : Expr → Int
  | .num k => k
  | .var i => ctx.get i
  | .add a b => denote ctx a + denote ctx b
  | .sub a b => denote ctx a - denote ctx b
  | .neg a => -denote ctx a
  | .mulL k a => k * denote ctx a
  | .mulR a k => denote ctx a * k

/-- `k * variable i + …`, and a constant at the end. -/
inductive Poly where
  | num (k : Int)
  | add (k : Int) (i : Nat) (p : Poly)

/-- `k * variable i`, without the factor 1. -/
noncomputable def term (ctx : Context) (k : Int) (i : Nat) : Int := cond (decide (k = 1)) (ctx.get i) (k * ctx.get i)

/-- `sum + p`, without the summand 0. -/
noncomputable def Poly.after (ctx : Context) (sum : Int) : Poly → Int
  | .num k => cond (decide (k = 0)) sum (sum + k)
  | .add k i p => after ctx (sum + term ctx k i) p

/-- The value of `p`, in the shape in which Lean shows it: `x + 2 * y + 3`. -/
noncomputable def Poly.denote' (ctx : Context) : Poly → Int
  | .num k => k
  | .add k i p => p.after ctx (term ctx k i)

/-! ## Coefficients -/

def coefficient (i : Nat) (k : Int) : Coeffs := 0 :: Coeffs.set [] i k

def Expr.lin : Expr → Coeffs
  | .num k => [k]
  | .var i => coefficient i 1
  | .add a b => Coeffs.combo 1 (lin a) 1 (lin b)
  | .sub a b => Coeffs.combo 1 (lin a) (-1) (lin b)
  | .neg a => Coeffs.smul (lin a) (-1)
  | .mulL k a => Coeffs.smul (lin a) k
  | .mulR a k => Coeffs.smul (lin a) k

def Poly.lin : Poly → Coeffs
  | .num k => [k]
  | .add k i p => Coeffs.combo 1 (coefficient i k) 1 (lin p)

/-- The sum of coefficients times values, the first of which is `f first`. -/
def total (f : Nat → Int) : Nat → Coeffs → Int
  | _, [] => 0
  | i, a :: l => a * f i + total f (i + 1) l

/-- Variable 0 of the list stands for the number 1. -/
noncomputable def values (ctx : Context) : Nat → Int
  | 0 => 1
  | i + 1 => ctx.get i

/-- The value of a list of coefficients. -/
noncomputable def value (ctx : Context) (l : Coeffs) : Int := total (values ctx) 0 l

theorem total_map (f : Nat → Int) (i : Nat) (k : Int) (l : Coeffs) :
    total f i (Coeffs.map (k * ·) l) = k * total f i l := by
  induction l generalizing i with
  | nil => exact (Int.mul_zero k).symm
  | cons a l ih => simp only [Coeffs.map, total, ih, Int.mul_add, Int.mul_assoc]

theorem total_combo (f : Nat → Int) (i : Nat) (a : Int) (x : Coeffs) (b : Int) (y : Coeffs) :
    total f i (Coeffs.combo a x b y) = a * total f i x + b * total f i y := by
  induction x generalizing i y with
  | nil => simp only [Coeffs.combo, total_map, total, Int.mul_zero, Int.zero_add]
  | cons c x ih =>
    cases y with
    | nil => simp only [Coeffs.combo, total, ih, Int.mul_add, Int.mul_assoc, Int.mul_zero, Int.add_zero]
    | cons d y =>
      simp only [Coeffs.combo, total, ih, Int.mul_add, Int.add_mul, Int.mul_assoc, Int.add_assoc, Int.add_left_comm]

theorem total_allZero (f : Nat → Int) (i : Nat) {l : Coeffs} (h : Coeffs.allZero l = true) : total f i l = 0 := by
  induction l generalizing i with
  | nil => rfl
  | cons a l ih =>
    simp only [Coeffs.allZero, Bool.and_eq_true, decide_eq_true_eq] at h
    simp only [total, h.1, ih (i + 1) h.2, Int.zero_mul, Int.add_zero]

theorem total_set (f : Nat → Int) (i j : Nat) (k : Int) : total f i (Coeffs.set [] j k) = k * f (i + j) := by
  induction j generalizing i with
  | zero => exact Int.add_zero _
  | succ j ih =>
    show 0 * f i + total f (i + 1) (Coeffs.set [] j k) = _
    rw [ih, Int.zero_mul, Int.zero_add, Nat.add_assoc, Nat.add_comm 1 j]

variable (ctx : Context)

theorem value_combo (a : Int) (x : Coeffs) (b : Int) (y : Coeffs) :
    value ctx (Coeffs.combo a x b y) = a * value ctx x + b * value ctx y := total_combo _ 0 a x b y
theorem value_smul (k : Int) (x : Coeffs) : value ctx (Coeffs.smul x k) = k * value ctx x := total_map _ 0 k x
theorem value_num (k : Int) : value ctx [k] = k := (Int.add_zero _).trans (Int.mul_one k)
theorem value_coefficient (i : Nat) (k : Int) : value ctx (coefficient i k) = k * ctx.get i := by
  show 0 * 1 + total (values ctx) 1 (Coeffs.set [] i k) = _
  rw [total_set, Int.zero_mul, Int.zero_add, Nat.add_comm 1 i]
  rfl

theorem Expr.value_lin (e : Expr) : value ctx e.lin = e.denote ctx := by
  induction e with
  | num k => exact value_num ctx k
  | var i => exact (value_coefficient ctx i 1).trans (Int.one_mul _)
  | add a b iha ihb => simp only [lin, denote, value_combo, iha, ihb, Int.one_mul]
  | sub a b iha ihb => simp only [lin, denote, value_combo, iha, ihb, Int.one_mul, Int.neg_mul, Int.sub_def]
  | neg a ih => simp only [lin, denote, value_smul, ih, Int.neg_mul, Int.one_mul]
  | mulL k a ih => simp only [lin, denote, value_smul, ih]
  | mulR a k ih => simp only [lin, denote, value_smul, ih, Int.mul_comm]

theorem term_eq (k : Int) (i : Nat) : term ctx k i = k * ctx.get i := by
  unfold term
  by_cases h : k = 1
  · rw [_root_.decide_eq_true h, h, Int.one_mul]; rfl
  · rw [_root_.decide_eq_false h]; rfl
theorem Poly.after_eq (sum : Int) (p : Poly) : p.after ctx sum = sum + value ctx p.lin := by
  induction p generalizing sum with
  | num k =>
    show cond _ _ _ = sum + value ctx [k]
    rw [value_num]
    by_cases h : k = 0
    · rw [_root_.decide_eq_true h, h, Int.add_zero]; rfl
    · rw [_root_.decide_eq_false h]; rfl
  | add k i p ih =>
    show after ctx _ p = _
    rw [ih, lin, value_combo, value_coefficient, term_eq, Int.one_mul, Int.one_mul, Int.add_assoc]
theorem Poly.value_lin (p : Poly) : value ctx p.lin = p.denote' ctx := by
  cases p with
  | num k => exact value_num ctx k
  | add k i p =>
    show _ = p.after ctx _
    rw [after_eq, lin, value_combo, value_coefficient, term_eq, Int.one_mul, Int.one_mul]

/-! ## Tests -/

def same (x y : Coeffs) : Bool := Coeffs.allZero (Coeffs.combo 1 x (-1) y)
def difference (l r : Expr) : Coeffs := Coeffs.combo 1 l.lin (-1) r.lin
/-- `x` is the constant `c`, and `test c`. -/
def isConst (test : Int → Bool) : Coeffs → Bool
  | [] => test 0
  | c :: x => test c && Coeffs.allZero x
def allDivisible (k : Int) : Coeffs → Bool
  | [] => true
  | a :: x => decide (a % k = 0) && allDivisible k x
/-- No multiple of `k`, whatever the variables are. -/
def neverDivisible (k : Int) : Coeffs → Bool
  | [] => false
  | c :: x => decide (c % k ≠ 0) && allDivisible k x

variable {ctx}

theorem value_same {x y : Coeffs} (h : same x y = true) : value ctx x = value ctx y := by
  have := total_allZero (values ctx) 0 h
  rw [total_combo, Int.one_mul, Int.neg_mul, Int.one_mul] at this
  exact Int.eq_of_sub_eq_zero this
theorem value_difference (l r : Expr) : value ctx (difference l r) = l.denote ctx - r.denote ctx := by
  rw [difference, value_combo, Expr.value_lin, Expr.value_lin, Int.one_mul, Int.neg_mul, Int.one_mul]
  rfl
theorem value_isConst {test : Int → Bool} {x : Coeffs} (h : isConst test x = true) : test (value ctx x) = true := by
  cases x with
  | nil => exact h
  | cons c x =>
    unfold isConst at h
    rw [Bool.and_eq_true] at h
    have : value ctx (c :: x) = c := by
      show c * 1 + total _ 1 x = c
      rw [total_allZero _ 1 h.2, Int.mul_one, Int.add_zero]
    rw [this]
    exact h.1
theorem dvd_total {k : Int} {x : Coeffs} (f : Nat → Int) (i : Nat) (h : allDivisible k x = true) : k ∣ total f i x := by
  induction x generalizing i with
  | nil => exact Int.dvd_zero k
  | cons a x ih =>
    simp only [allDivisible, Bool.and_eq_true, decide_eq_true_eq] at h
    exact Int.dvd_add (Int.dvd_mul_of_dvd_left (Int.dvd_of_emod_eq_zero h.1) _) (ih (i + 1) h.2)
theorem not_dvd_value {k : Int} {x : Coeffs} (h : neverDivisible k x = true) : ¬(k ∣ value ctx x) := by
  cases x with
  | nil => exact nomatch h
  | cons c x =>
    simp only [neverDivisible, Bool.and_eq_true, decide_eq_true_eq] at h
    intro d
    have whole := Int.dvd_sub d (dvd_total (values ctx) 1 h.2)
    have : value ctx (c :: x) - total (values ctx) 1 x = c := by
      show c * 1 + total _ 1 x - _ = c
      rw [Int.add_sub_cancel, Int.mul_one]
    rw [this] at whole
    exact h.1 (Int.emod_eq_zero_of_dvd whole)

/-- No multiple of `k`: not even of what `k` and the coefficients have in common. -/
def neverMultiple (k : Int) (x : Coeffs) : Bool :=
  let g : Int := Nat.gcd k.natAbs (Coeffs.gcd x.tail)
  decide (k % g = 0) && neverDivisible g x
theorem not_dvd_of_neverMultiple {k : Int} {x : Coeffs} (h : neverMultiple k x = true) : ¬(k ∣ value ctx x) := by
  simp only [neverMultiple, Bool.and_eq_true, decide_eq_true_eq] at h
  exact fun d => not_dvd_value h.2 (Int.dvd_trans (Int.dvd_of_emod_eq_zero h.1) d)

theorem eq_iff_difference {l r : Expr} : l.denote ctx = r.denote ctx ↔ value ctx (difference l r) = 0 := by
  rw [value_difference, Int.sub_eq_zero]
theorem le_iff_difference {l r : Expr} : l.denote ctx ≤ r.denote ctx ↔ value ctx (difference l r) ≤ 0 := by
  rw [value_difference]
  omega

end Int.Internal.Linear
