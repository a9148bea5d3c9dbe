/-!
# 30. Linear arithmetic on natural numbers, by computation

`simp +arith` reads both sides of an equation or inequality as linear expressions, and asks the kernel to evaluate a
test on them. Here is what the test computes: an expression becomes the list of its coefficients, the constant first.
`3 * x + y + 2` with variables `x, y` is `[2, 3, 1]`. The theorems say that the tests tell the truth.
-/

/-- The values of the variables, as a tree that is searched by number. -/
inductive Lean.RArray (α : Type u) where
  | leaf (value : α)
  | branch (first : Nat) (left right : RArray α)

noncomputable def Lean.RArray.get {α : Type u} (values : RArray α) (i : Nat) : α :=
  RArray.rec (fun a => a) (fun first _ _ left right => cond (Nat.ble first i) right left) values

namespace Nat.Internal.Linear

abbrev Context := Lean.RArray Nat

inductive Expr where
  | num (k : Nat)
  | var (i : Nat)
  | add (a b : Expr)
  | mulL (k : Nat) (a : Expr)
  | mulR (a : Expr) (k : Nat)

noncomputable def Expr.denote (ctx : Context) : Expr → Nat
  | .num k => k
  | .var i => ctx.get i
  | .add a b => denote ctx a + denote ctx b
  | .mulL k a => k * denote ctx a
  | .mulR a k => denote ctx a * k

/-- `lhs = rhs` or `lhs ≤ rhs`. -/
structure ExprCnstr where
  eq : Bool
  lhs : Expr
  rhs : Expr

def ExprCnstr.denote (ctx : Context) (c : ExprCnstr) : Prop :=
  cond c.eq (c.lhs.denote ctx = c.rhs.denote ctx) (c.lhs.denote ctx ≤ c.rhs.denote ctx)

/-! ## Coefficients -/

def zipAdd : List Nat → List Nat → List Nat
  | [], l => l
  | a :: k, [] => a :: k
  | a :: k, b :: l => (a + b) :: zipAdd k l

def scale (c : Nat) : List Nat → List Nat
  | [] => []
  | a :: l => (c * a) :: scale c l

def unit : Nat → List Nat
  | 0 => [1]
  | i + 1 => 0 :: unit i

def Expr.lin : Expr → List Nat
  | .num k => [k]
  | .var i => 0 :: unit i
  | .add a b => zipAdd (lin a) (lin b)
  | .mulL k a => scale k (lin a)
  | .mulR a k => scale k (lin a)

/-- Coefficientwise `≤`; a missing coefficient is zero. -/
def below : List Nat → List Nat → Bool
  | [], _ => true
  | a :: k, [] => Nat.beq a 0 && below k []
  | a :: k, b :: l => Nat.ble a b && below k l

def same (k l : List Nat) : Bool := below k l && below l k

/-- Coefficientwise `≥`, and a larger constant. -/
def above (k l : List Nat) : Bool := below (zipAdd [1] l) k

/-- The sum of coefficients times values, the first of which is `at first`. -/
def total (values : Nat → Nat) : Nat → List Nat → Nat
  | _, [] => 0
  | i, a :: l => a * values i + total values (i + 1) l

/-- Variable 0 of the list stands for the number 1. -/
noncomputable def values (ctx : Context) : Nat → Nat
  | 0 => 1
  | i + 1 => ctx.get i

variable (f : Nat → Nat)

theorem total_zipAdd (i : Nat) (k l : List Nat) : total f i (zipAdd k l) = total f i k + total f i l := by
  induction k generalizing i l with
  | nil => simp [zipAdd, total]
  | cons a k ih =>
    cases l with
    | nil => simp [zipAdd, total]
    | cons b l => simp only [zipAdd, total, ih, Nat.add_mul, Nat.add_assoc, Nat.add_left_comm]

theorem total_scale (i c : Nat) (l : List Nat) : total f i (scale c l) = c * total f i l := by
  induction l generalizing i with
  | nil => simp [scale, total]
  | cons a l ih => simp only [scale, total, ih, Nat.mul_add, Nat.mul_assoc]

theorem total_unit (i j : Nat) : total f i (unit j) = f (i + j) := by
  induction j generalizing i with
  | zero => simp [unit, total]
  | succ j ih => simp only [unit, total, ih, Nat.zero_mul, Nat.zero_add, Nat.add_assoc, Nat.add_comm 1]

theorem Expr.denote_lin (ctx : Context) (e : Expr) : total (values ctx) 0 e.lin = e.denote ctx := by
  induction e with
  | num k => simp [lin, total, denote, values]
  | var i =>
    simp only [lin, total, denote, total_unit, Nat.zero_mul, Nat.zero_add, Nat.add_comm 1 i]
    rfl
  | add a b iha ihb => simp only [lin, denote, total_zipAdd, iha, ihb]
  | mulL k a ih => simp only [lin, denote, total_scale, ih]
  | mulR a k ih => simp only [lin, denote, total_scale, ih, Nat.mul_comm]

theorem total_below (i : Nat) {k l : List Nat} (h : below k l = true) : total f i k ≤ total f i l := by
  induction k generalizing i l with
  | nil => exact Nat.zero_le _
  | cons a k ih =>
    cases l with
    | nil =>
      simp only [below, Bool.and_eq_true, Nat.beq_eq] at h
      have rest := ih (i + 1) h.2
      simp only [total, h.1, Nat.zero_mul, Nat.zero_add]
      exact rest
    | cons b l =>
      simp only [below, Bool.and_eq_true, Nat.ble_eq] at h
      exact Nat.add_le_add (Nat.mul_le_mul_right _ h.1) (ih (i + 1) h.2)

theorem total_same (i : Nat) {k l : List Nat} (h : same k l = true) : total f i k = total f i l := by
  simp only [same, Bool.and_eq_true] at h
  exact Nat.le_antisymm (total_below f i h.1) (total_below f i h.2)

theorem denote_below (ctx : Context) {a b : Expr} (h : below a.lin b.lin = true) : a.denote ctx ≤ b.denote ctx := by
  have := total_below (values ctx) 0 h
  rw [Expr.denote_lin, Expr.denote_lin] at this
  exact this

theorem denote_above (ctx : Context) {a b : Expr} (h : above a.lin b.lin = true) : b.denote ctx < a.denote ctx := by
  have := total_below (values ctx) 0 h
  rw [total_zipAdd, Expr.denote_lin, Expr.denote_lin] at this
  simp only [total, values, Nat.mul_one, Nat.add_zero, Nat.add_comm 1] at this
  exact this

/-! ## What `simp +arith` asks for -/

theorem Expr.eq_of_toNormPoly_eq (ctx : Context) (a b : Expr) (h : same a.lin b.lin = true) :
    a.denote ctx = b.denote ctx := by
  have := total_same (values ctx) 0 h
  rw [Expr.denote_lin, Expr.denote_lin] at this
  exact this

/-- `c` and `d` are the same up to a summand on both sides. -/
theorem ExprCnstr.eq_of_toNormPoly_eq (ctx : Context) (c d : ExprCnstr)
    (h : (decide (c.eq = d.eq) &&
      same (zipAdd c.lhs.lin d.rhs.lin) (zipAdd d.lhs.lin c.rhs.lin)) = true) :
    c.denote ctx = d.denote ctx := by
  simp only [Bool.and_eq_true, decide_eq_true_eq] at h
  have sums := total_same (values ctx) 0 h.2
  rw [total_zipAdd, total_zipAdd, Expr.denote_lin, Expr.denote_lin, Expr.denote_lin, Expr.denote_lin] at sums
  unfold ExprCnstr.denote
  rw [h.1]
  apply propext
  cases d.eq
  · show _ ≤ _ ↔ _ ≤ _
    have cross : d.lhs.denote ctx + c.rhs.denote ctx ≤ d.rhs.denote ctx + c.rhs.denote ctx ↔
        c.lhs.denote ctx + d.rhs.denote ctx ≤ c.rhs.denote ctx + d.rhs.denote ctx := by
      rw [← sums, Nat.add_comm (d.rhs.denote ctx)]
    exact (Nat.add_le_add_iff_right.symm.trans cross.symm).trans Nat.add_le_add_iff_right
  · show _ = _ ↔ _ = _
    constructor
    · intro eq
      rw [eq, Nat.add_comm] at sums
      exact (Nat.add_right_cancel sums).symm
    · intro eq
      rw [eq, Nat.add_comm (d.rhs.denote ctx)] at sums
      exact Nat.add_right_cancel sums

theorem ExprCnstr.eq_true_of_isValid (ctx : Context) (c : ExprCnstr)
    (h : cond c.eq (same c.lhs.lin c.rhs.lin) (below c.lhs.lin c.rhs.lin) = true) : c.denote ctx = True := by
  apply eq_true
  unfold ExprCnstr.denote
  cases e : c.eq
  · rw [e] at h
    exact denote_below ctx h
  · rw [e] at h
    exact Expr.eq_of_toNormPoly_eq ctx _ _ h

theorem ExprCnstr.eq_false_of_isUnsat (ctx : Context) (c : ExprCnstr)
    (h : (above c.lhs.lin c.rhs.lin || (c.eq && above c.rhs.lin c.lhs.lin)) = true) : c.denote ctx = False := by
  apply eq_false
  unfold ExprCnstr.denote
  simp only [Bool.or_eq_true, Bool.and_eq_true] at h
  cases e : c.eq
  · rw [e] at h
    exact Nat.not_le_of_gt (denote_above ctx (h.resolve_right fun k => nomatch k.1))
  · intro (same : _ = _)
    rcases h with h | h
    · exact Nat.lt_irrefl _ (same ▸ denote_above ctx h)
    · exact Nat.lt_irrefl _ (same ▸ denote_above ctx h.2)

end Nat.Internal.Linear

namespace Nat
theorem not_le_eq (a b : Nat) : (¬(a ≤ b)) = (b + 1 ≤ a) := propext Nat.not_le
theorem not_lt_eq (a b : Nat) : (¬(a < b)) = (b ≤ a) := propext Nat.not_lt
theorem not_ge_eq (a b : Nat) : (¬(a ≥ b)) = (a + 1 ≤ b) := propext Nat.not_le
theorem not_gt_eq (a b : Nat) : (¬(a > b)) = (a ≤ b) := propext Nat.not_lt
end Nat
