/-!
# 40. What `omega` computes with

`omega` (compiled) turns linear facts about integers into constraints: a sum of coefficients times unknowns lies between
two bounds. It combines constraints until one is impossible, and its proof says which steps it took. The steps are
functions below; Lean's kernel runs them again, so they must give the very values that the compiled ones give.
-/

namespace Lean.Omega

/-- Coefficients of the unknowns, in order; what is missing is zero. -/
abbrev Coeffs := List Int

namespace Coeffs

def ofList (l : List Int) : Coeffs := l
def length (x : Coeffs) : Nat := List.length x

def get : Coeffs → Nat → Int
  | [], _ => 0
  | a :: _, 0 => a
  | _ :: x, i + 1 => get x i

/-- The list with `c` at place `i`, padded with zeros if need be. -/
def set : Coeffs → Nat → Int → Coeffs
  | [], 0, c => [c]
  | [], i + 1, c => 0 :: set [] i c
  | _ :: x, 0, c => c :: x
  | a :: x, i + 1, c => a :: set x i c

def map (f : Int → Int) : Coeffs → Coeffs
  | [] => []
  | a :: x => f a :: map f x

/-- `a * x + b * y`. -/
def combo (a : Int) : Coeffs → Int → Coeffs → Coeffs
  | [], b, y => map (b * ·) y
  | c :: x, b, [] => a * c :: combo a x b []
  | c :: x, b, d :: y => (a * c + b * d) :: combo a x b y

def smul (x : Coeffs) (k : Int) : Coeffs := map (k * ·) x
def sdiv (x : Coeffs) (g : Int) : Coeffs := map (· / g) x
def bmod (x : Coeffs) (m : Nat) : Coeffs := map (Int.bmod · m) x
def gcd : Coeffs → Nat
  | [] => 0
  | a :: x => Nat.gcd (Int.natAbs a) (gcd x)

/-- The first coefficient that is not zero. -/
def leading : Coeffs → Int
  | [] => 0
  | a :: x => if a = 0 then leading x else a

/-- The value of `x` at the point `v`. -/
def dot : Coeffs → Coeffs → Int
  | [], _ => 0
  | _ :: _, [] => 0
  | a :: x, c :: v => a * c + dot x v

def allZero : Coeffs → Bool
  | [] => true
  | a :: x => decide (a = 0) && allZero x
abbrev isZero (x : Coeffs) : Prop := allZero x = true

/-! ## Values -/

@[simp] theorem dot_nil (x : Coeffs) : dot x [] = 0 := by cases x <;> rfl

theorem dot_map (k : Int) (x v : Coeffs) : dot (map (k * ·) x) v = k * dot x v := by
  induction x generalizing v with
  | nil => exact (Int.mul_zero k).symm
  | cons a x ih =>
    cases v with
    | nil => exact (Int.mul_zero k).symm
    | cons c v => simp only [map, dot, ih, Int.mul_add, Int.mul_assoc]

theorem dot_combo (a : Int) (x : Coeffs) (b : Int) (y v : Coeffs) :
    dot (combo a x b y) v = a * dot x v + b * dot y v := by
  induction x generalizing y v with
  | nil => simp only [combo, dot_map, dot, Int.mul_zero, Int.zero_add]
  | cons c x ih =>
    cases v with
    | nil => simp only [dot_nil, Int.mul_zero, Int.add_zero]
    | cons e v =>
      cases y with
      | nil => simp only [combo, dot, ih, Int.mul_add, Int.mul_assoc, Int.mul_zero, Int.add_zero]
      | cons d y =>
        simp only [combo, dot, ih, Int.mul_add, Int.add_mul, Int.mul_assoc, Int.add_assoc, Int.add_left_comm]

theorem dot_of_isZero {x : Coeffs} (h : isZero x) (v : Coeffs) : dot x v = 0 := by
  induction x generalizing v with
  | nil => rfl
  | cons a x ih =>
    cases v with
    | nil => rfl
    | cons c v =>
      simp only [isZero, allZero, Bool.and_eq_true, decide_eq_true_eq] at h
      simp only [dot, h.1, Int.zero_mul, Int.zero_add]
      exact ih h.2 v

theorem dot_set_nil (i : Nat) (c : Int) (v : Coeffs) : dot (set [] i c) v = c * get v i := by
  induction i generalizing v with
  | zero =>
    cases v with
    | nil => exact (Int.mul_zero c).symm
    | cons d v => exact Int.add_zero _
  | succ i ih =>
    cases v with
    | nil => exact (Int.mul_zero c).symm
    | cons d v =>
      show 0 * d + dot (set [] i c) v = c * get v i
      rw [ih, Int.zero_mul, Int.zero_add]

theorem dot_set {i : Nat} {x : Coeffs} (h : length x ≤ i) (c : Int) (v : Coeffs) :
    dot (set x i c) v = dot x v + c * get v i := by
  induction x generalizing i v with
  | nil => rw [dot_set_nil, dot, Int.zero_add]
  | cons a x ih =>
    cases i with
    | zero => exact absurd h (Nat.not_succ_le_zero _)
    | succ i =>
      cases v with
      | nil => rw [dot_nil, dot_nil, get, Int.mul_zero, Int.zero_add]
      | cons d v =>
        show a * d + dot (set x i c) v = a * d + dot x v + c * get v i
        rw [ih (Nat.le_of_succ_le_succ h), Int.add_assoc]

theorem length_map (f : Int → Int) (x : Coeffs) : length (map f x) = length x := by
  induction x with
  | nil => rfl
  | cons a x ih => exact congrArg (· + 1) ih

theorem dvd_of_dvd_gcd {g : Nat} {x : Coeffs} (h : g ∣ gcd x) (v : Coeffs) :
    dot x v = g * dot (sdiv x g) v := by
  induction x generalizing v with
  | nil => exact (Int.mul_zero _).symm
  | cons a x ih =>
    cases v with
    | nil => exact (Int.mul_zero _).symm
    | cons c v =>
      have both := Nat.dvd_gcd_iff.mp h
      have divides : (g : Int) ∣ a := by
        obtain ⟨k, e⟩ := both.1
        rcases Int.natAbs_eq a with s | s
        · exact ⟨k, by rw [s, e]; rfl⟩
        · exact ⟨-k, by rw [s, e, Int.mul_neg]; rfl⟩
      have a_eq : a = g * (a / g) := by rw [Int.mul_comm, Int.ediv_mul_cancel divides]
      show a * c + dot x v = g * (a / g * c + dot (sdiv x g) v)
      rw [ih both.2, Int.mul_add, ← Int.mul_assoc, ← a_eq]

theorem dot_of_gcd_eq_zero {x : Coeffs} (h : gcd x = 0) (v : Coeffs) : dot x v = 0 := by
  have := dvd_of_dvd_gcd (g := 0) (x := x) (h ▸ Nat.dvd_refl 0) v
  rw [this]
  exact Int.zero_mul _

end Coeffs

/-! ## Constraints -/

/-- Between two bounds, each of which may be missing. -/
structure Constraint where
  lowerBound : Option Int
  upperBound : Option Int

namespace Constraint

def aboveLower : Option Int → Int → Bool
  | none, _ => true
  | some l, t => decide (l ≤ t)
def belowUpper : Option Int → Int → Bool
  | none, _ => true
  | some u, t => decide (t ≤ u)

def sat (c : Constraint) (t : Int) : Bool := aboveLower c.lowerBound t && belowUpper c.upperBound t
/-- The value of `x` at `v` is within the bounds. -/
def sat' (c : Constraint) (x v : Coeffs) : Bool := sat c (Coeffs.dot x v)

def mapBound (f : Int → Int) : Option Int → Option Int
  | none => none
  | some a => some (f a)
def mapBounds (f : Int → Int → Int) : Option Int → Option Int → Option Int
  | some a, some b => some (f a b)
  | _, _ => none

def trivial : Constraint := ⟨none, none⟩
def impossible : Constraint := ⟨some 1, some 0⟩
def exact (r : Int) : Constraint := ⟨some r, some r⟩
def isImpossible : Constraint → Bool
  | ⟨some l, some u⟩ => decide (u < l)
  | _ => false

def neg (c : Constraint) : Constraint := ⟨mapBound (fun a => -a) c.upperBound, mapBound (fun a => -a) c.lowerBound⟩
def scale (k : Int) (c : Constraint) : Constraint :=
  if k = 0 then
    if isImpossible c then c else ⟨some 0, some 0⟩
  else if 0 < k then ⟨mapBound (k * ·) c.lowerBound, mapBound (k * ·) c.upperBound⟩
  else ⟨mapBound (k * ·) c.upperBound, mapBound (k * ·) c.lowerBound⟩
def add (c d : Constraint) : Constraint :=
  ⟨mapBounds (· + ·) c.lowerBound d.lowerBound, mapBounds (· + ·) c.upperBound d.upperBound⟩
def combo (a : Int) (c : Constraint) (b : Int) (d : Constraint) : Constraint := add (scale a c) (scale b d)

/-- The tighter one of two bounds. -/
def mergeBounds (f : Int → Int → Int) : Option Int → Option Int → Option Int
  | none, b => b
  | a, none => a
  | some a, some b => some (f a b)
/-- Both at once. -/
def combine (c d : Constraint) : Constraint :=
  ⟨mergeBounds max c.lowerBound d.lowerBound, mergeBounds min c.upperBound d.upperBound⟩
/-- Of a multiple of `k`, the factor: bounds are rounded inwards. -/
def div (c : Constraint) (k : Nat) : Constraint :=
  ⟨mapBound (fun l => -(-l / k)) c.lowerBound, mapBound (· / k) c.upperBound⟩

theorem sat_iff {c : Constraint} {t : Int} :
    sat c t = true ↔ (∀ l, c.lowerBound = some l → l ≤ t) ∧ (∀ u, c.upperBound = some u → t ≤ u) := by
  obtain ⟨lower, upper⟩ := c
  cases lower <;> cases upper <;> simp [sat, aboveLower, belowUpper]

theorem mapBound_eq_some {f : Int → Int} {a : Option Int} {y : Int} :
    mapBound f a = some y ↔ ∃ x, a = some x ∧ f x = y := by
  cases a <;> simp [mapBound]
theorem mapBounds_eq_some {f : Int → Int → Int} {a b : Option Int} {z : Int} :
    mapBounds f a b = some z ↔ ∃ x y, a = some x ∧ b = some y ∧ f x y = z := by
  cases a <;> cases b <;> simp [mapBounds]

variable {c d : Constraint} {s t : Int}

theorem not_isImpossible_of_sat (h : sat c t = true) : isImpossible c = false := by
  obtain ⟨lower, upper⟩ := c
  rw [sat_iff] at h
  cases lower with
  | none => rfl
  | some l => cases upper with
    | none => rfl
    | some u => exact decide_eq_false (Int.not_lt_of_le (Int.le_trans (h.1 l rfl) (h.2 u rfl)))

theorem sat_neg (h : sat c t = true) : sat (neg c) (-t) = true := by
  rw [sat_iff] at h ⊢
  constructor <;> intro x e <;> obtain ⟨y, ey, rfl⟩ := mapBound_eq_some.mp e
  · exact Int.neg_le_neg (h.2 y ey)
  · exact Int.neg_le_neg (h.1 y ey)

theorem sat_scale (k : Int) (h : sat c t = true) : sat (scale k c) (k * t) = true := by
  unfold scale
  split
  · next zero =>
    rw [not_isImpossible_of_sat h, ite_eq_right Bool.noConfusion, zero, Int.zero_mul]
    rfl
  · next no =>
    rw [sat_iff] at h
    split
    · next pos =>
      rw [sat_iff]
      constructor <;> intro x e <;> obtain ⟨y, ey, rfl⟩ := mapBound_eq_some.mp e
      · exact Int.mul_le_mul_of_nonneg_left (h.1 y ey) (Int.le_of_lt pos)
      · exact Int.mul_le_mul_of_nonneg_left (h.2 y ey) (Int.le_of_lt pos)
    · next npos =>
      have minus : 0 ≤ -k := Int.neg_nonneg.mpr (Int.le_of_not_lt npos)
      have flip : ∀ p q : Int, p ≤ q → k * q ≤ k * p := fun p q le => by
        have := Int.mul_le_mul_of_nonneg_left le minus
        rw [Int.neg_mul, Int.neg_mul, Int.neg_le_neg_iff] at this
        exact this
      rw [sat_iff]
      constructor <;> intro x e <;> obtain ⟨y, ey, rfl⟩ := mapBound_eq_some.mp e
      · exact flip _ _ (h.2 y ey)
      · exact flip _ _ (h.1 y ey)

theorem sat_add (h : sat c s = true) (k : sat d t = true) : sat (add c d) (s + t) = true := by
  rw [sat_iff] at h k ⊢
  constructor <;> intro x e <;> obtain ⟨y, z, ey, ez, rfl⟩ := mapBounds_eq_some.mp e
  · exact Int.add_le_add (h.1 y ey) (k.1 z ez)
  · exact Int.add_le_add (h.2 y ey) (k.2 z ez)

theorem sat_div {g : Nat} (pos : 0 < g) (h : sat c (g * t) = true) : sat (div c g) t = true := by
  have pos : (0 : Int) < g := Int.ofNat_lt.mpr pos
  have round : ∀ u p : Int, g * p ≤ u → p ≤ u / g := fun u p le => by
    have small := Int.lt_of_le_of_lt le (Int.lt_mul_ediv_self_add pos)
    have factor : (g : Int) * (u / g) + g = g * (u / g + 1) := by rw [Int.mul_add, Int.mul_one]
    rw [factor] at small
    exact (Int.add_le_add_iff_right 1).mp (Int.lt_of_mul_lt_mul_left small (Int.le_of_lt pos))
  rw [sat_iff] at h ⊢
  constructor <;> intro x e <;> obtain ⟨y, ey, rfl⟩ := mapBound_eq_some.mp e
  · have := round (-y) (-t) (by rw [Int.mul_neg]; exact Int.neg_le_neg (h.1 y ey))
    have := Int.neg_le_neg this
    rw [Int.neg_neg] at this
    exact this
  · exact round y t (h.2 y ey)

end Constraint
end Lean.Omega
