/-!
# 36. Numbers below a bound

`Fin n` has the numbers below `n`; its arithmetic is modulo `n`.
-/

structure Fin (n : Nat) where
  val : Nat
  isLt : val < n

namespace Fin

variable {n : Nat} {a b c : Fin n}

protected theorem eq_of_val_eq : ∀ {a b : Fin n}, a.val = b.val → a = b
  | ⟨_, _⟩, ⟨_, _⟩, rfl => rfl
@[ext] protected theorem ext {a b : Fin n} (h : a.val = b.val) : a = b := Fin.eq_of_val_eq h
theorem val_inj : a.val = b.val ↔ a = b := ⟨Fin.ext, congrArg _⟩
@[simp] theorem eta (a : Fin n) (h : a.val < n) : (⟨a.val, h⟩ : Fin n) = a := rfl
theorem pos (a : Fin n) : 0 < n := Nat.lt_of_le_of_lt (Nat.zero_le a.val) a.isLt

instance instDecidableEq (n : Nat) : DecidableEq (Fin n) := fun a b =>
  if h : a.val = b.val then isTrue (Fin.ext h) else isFalse fun same => h (congrArg _ same)
instance instLT : LT (Fin n) := ⟨fun a b => a.val < b.val⟩
instance instLE : LE (Fin n) := ⟨fun a b => a.val ≤ b.val⟩
instance decLt (a b : Fin n) : Decidable (a < b) := Nat.decLt a.val b.val
instance decLe (a b : Fin n) : Decidable (a ≤ b) := Nat.decLe a.val b.val

/-! ## Arithmetic -/

theorem mod_isLt (m : Nat) (a : Fin n) : m % n < n := Nat.mod_lt m a.pos
protected def ofNat (n : Nat) [NeZero n] (a : Nat) : Fin n := ⟨a % n, Nat.mod_lt a (Nat.pos_of_ne_zero NeZero.out)⟩
protected def add (a b : Fin n) : Fin n := ⟨(a.val + b.val) % n, mod_isLt _ a⟩
protected def mul (a b : Fin n) : Fin n := ⟨(a.val * b.val) % n, mod_isLt _ a⟩
protected def sub (a b : Fin n) : Fin n := ⟨(n - b.val + a.val) % n, mod_isLt _ a⟩
protected def div (a b : Fin n) : Fin n := ⟨a.val / b.val, Nat.lt_of_le_of_lt (by
  have := Nat.div_add_mod a.val b.val
  rcases Nat.eq_zero_or_pos b.val with h | h
  · rw [h, Nat.div_zero]
    exact Nat.zero_le _
  · have := Nat.mul_le_mul_right (a.val / b.val) h
    rw [Nat.one_mul] at this
    exact Nat.le_trans this (Nat.mul_div_le a.val b.val)) a.isLt⟩
protected def mod (a b : Fin n) : Fin n := ⟨a.val % b.val, Nat.lt_of_le_of_lt (Nat.mod_le a.val b.val) a.isLt⟩
instance instAdd : Add (Fin n) := ⟨Fin.add⟩
instance instMul : Mul (Fin n) := ⟨Fin.mul⟩
instance instSub : Sub (Fin n) := ⟨Fin.sub⟩
instance instDiv : Div (Fin n) := ⟨Fin.div⟩
instance instMod : Mod (Fin n) := ⟨Fin.mod⟩
instance instOfNat [NeZero n] {i : Nat} : OfNat (Fin n) i := ⟨Fin.ofNat n i⟩
instance instInhabited [NeZero n] : Inhabited (Fin n) := ⟨0⟩

theorem add_def (a b : Fin n) : a + b = ⟨(a.val + b.val) % n, mod_isLt _ a⟩ := rfl
@[simp] theorem val_add (a b : Fin n) : (a + b).val = (a.val + b.val) % n := rfl
@[simp] theorem val_mul (a b : Fin n) : (a * b).val = (a.val * b.val) % n := rfl
theorem val_sub (a b : Fin n) : (a - b).val = (n - b.val + a.val) % n := rfl
@[simp] theorem val_zero (n : Nat) [NeZero n] : (0 : Fin n).val = 0 := Nat.mod_eq_of_lt (Nat.pos_of_ne_zero NeZero.out)

protected def succ : Fin n → Fin (n + 1)
  | ⟨i, h⟩ => ⟨i + 1, Nat.succ_le_succ h⟩
protected def castSucc : Fin n → Fin (n + 1)
  | ⟨i, h⟩ => ⟨i, Nat.lt_succ_of_lt h⟩
protected def last (n : Nat) : Fin (n + 1) := ⟨n, Nat.lt_add_one n⟩
@[simp] theorem val_succ (a : Fin n) : a.succ.val = a.val + 1 := rfl
@[simp] theorem val_castSucc (a : Fin n) : a.castSucc.val = a.val := rfl
@[simp] theorem val_last (n : Nat) : (Fin.last n).val = n := rfl
def elim0 {α : Sort u} : Fin 0 → α
  | ⟨_, h⟩ => absurd h (Nat.not_lt_zero _)

/-! ## Order -/

protected theorem le_refl (a : Fin n) : a ≤ a := Nat.le_refl a.val
protected theorem le_trans (h : a ≤ b) (k : b ≤ c) : a ≤ c := Nat.le_trans (n := a.val) h k
protected theorem lt_trans (h : a < b) (k : b < c) : a < c := Nat.lt_trans (n := a.val) h k
protected theorem le_antisymm (h : a ≤ b) (k : b ≤ a) : a = b := Fin.ext (Nat.le_antisymm h k)
protected theorem le_total (a b : Fin n) : a ≤ b ∨ b ≤ a := Nat.le_total a.val b.val
protected theorem lt_irrefl (a : Fin n) : ¬(a < a) := Nat.lt_irrefl a.val
protected theorem not_le : ¬(a ≤ b) ↔ b < a := Nat.not_le
protected theorem not_lt : ¬(a < b) ↔ b ≤ a := Nat.not_lt
theorem lt_def : a < b ↔ a.val < b.val := Iff.rfl
theorem le_def : a ≤ b ↔ a.val ≤ b.val := Iff.rfl

/-! ## All of finitely many -/

theorem forall_fin_succ {p : Fin (n + 1) → Prop} : (∀ i, p i) ↔ p ⟨0, Nat.succ_pos n⟩ ∧ ∀ i : Fin n, p i.succ := by
  constructor
  · exact fun h => ⟨h _, fun i => h _⟩
  · rintro ⟨zero, succ⟩ ⟨i, h⟩
    cases i with
    | zero => exact zero
    | succ i => exact succ ⟨i, Nat.le_of_succ_le_succ h⟩
instance decidableForallFin : {n : Nat} → (p : Fin n → Prop) → [DecidablePred p] → Decidable (∀ i, p i)
  | 0, _, _ => isTrue fun i => i.elim0
  | _ + 1, p, _ =>
    have := decidableForallFin fun i => p i.succ
    if h : p ⟨0, _⟩ ∧ ∀ i, p (Fin.succ i) then isTrue (forall_fin_succ.mpr h)
    else isFalse fun k => h (forall_fin_succ.mp k)

/-! ## What `omega` asks for -/

theorem val_congr {n : Nat} {a b : Fin n} (h : a = b) : a.val = b.val := congrArg _ h
theorem val_le_of_le {n : Nat} {a b : Fin n} (h : a ≤ b) : a.val ≤ b.val := h
theorem val_le_of_ge {n : Nat} {a b : Fin n} (h : a ≥ b) : b.val ≤ a.val := h
theorem val_add_one_le_of_lt {n : Nat} {a b : Fin n} (h : a < b) : a.val + 1 ≤ b.val := h
theorem val_add_one_le_of_gt {n : Nat} {a b : Fin n} (h : a > b) : b.val + 1 ≤ a.val := h

end Fin

namespace Lean.Omega.Fin

theorem le_of_not_lt {n : Nat} {i j : Fin n} (h : ¬(i < j)) : j ≤ i := Fin.not_lt.mp h
theorem lt_of_not_le {n : Nat} {i j : Fin n} (h : ¬(i ≤ j)) : j < i := Fin.not_le.mp h
theorem lt_or_gt_of_ne {n : Nat} {i j : Fin n} (h : i ≠ j) : i < j ∨ i > j :=
  (Nat.lt_trichotomy i.val j.val).imp_right (·.resolve_left fun same => h (Fin.ext same))
theorem ofNat_val_add {n : Nat} {x y : Fin n} : ((x + y).val : Int) = ((x.val : Int) + (y.val : Int)) % (n : Int) := rfl
theorem ofNat_val_sub {n : Nat} {x y : Fin n} : ((x - y).val : Int) = (((n - y.val : Nat) : Int) + (x.val : Int)) % (n : Int) := rfl
theorem ofNat_val_mul {n : Nat} {x y : Fin n} : ((x * y).val : Int) = ((x.val : Int) * (y.val : Int)) % (n : Int) := rfl
theorem ofNat_val_natCast {n x y : Nat} (h : y = x % (n + 1)) :
    ((Fin.val (OfNat.ofNat x : Fin (n + 1)) : Nat) : Int) = OfNat.ofNat y := by
  subst h
  rfl

end Lean.Omega.Fin
