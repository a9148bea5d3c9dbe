/-!
# 2. Natural numbers: the operations

Lean's kernel computes with numerals by big-number arithmetic. Whenever it meets one of the names

  `Nat.add sub mul pow div mod gcd beq ble land lor xor shiftLeft shiftRight`

applied to numerals, it uses its own result and does not look at the definition. That is sound only if each definition
*means* what the kernel computes. And each name must be taken: were one left free, a user could give it another meaning
and prove `False`. So all of them are defined here, even those that nobody will miss; a test compares each with the
kernel's results on many numbers, by the equations and not by the shortcut.

There is no notation yet; `Nat.add a b` is written out.
-/

set_option genCtorIdx false in
inductive Nat : Type where
  | zero
  | succ (n : Nat)

class OfNat (α : Type u) (_ : Nat) where
  ofNat : α

@[default_instance 100] instance instOfNatNat (n : Nat) : OfNat Nat n where
  ofNat := n

instance instInhabitedNat : Inhabited Nat := ⟨Nat.zero⟩

/-! ## Arithmetic by recursion on the second argument -/

set_option bootstrap.genMatcherCode false in
@[extern "lean_nat_add"] protected def Nat.add : Nat → Nat → Nat
  | n, .zero => n
  | n, .succ m => .succ (Nat.add n m)

set_option bootstrap.genMatcherCode false in
@[extern "lean_nat_mul"] protected def Nat.mul : Nat → Nat → Nat
  | _, .zero => .zero
  | n, .succ m => Nat.add (Nat.mul n m) n

set_option bootstrap.genMatcherCode false in
@[extern "lean_nat_pow"] protected def Nat.pow : Nat → Nat → Nat
  | _, .zero => .succ .zero
  | n, .succ m => Nat.mul (Nat.pow n m) n

@[extern "lean_nat_pred"] def Nat.pred : Nat → Nat
  | .zero => .zero
  | .succ n => n

/-- Subtraction stops at zero: `2 - 5 = 0`. -/
@[extern "lean_nat_sub"] protected def Nat.sub : Nat → Nat → Nat
  | n, .zero => n
  | n, .succ m => Nat.pred (Nat.sub n m)

/-! ## Tests -/

@[extern "lean_nat_dec_eq"] def Nat.beq : Nat → Nat → Bool
  | .zero, .zero => true
  | .zero, .succ _ => false
  | .succ _, .zero => false
  | .succ n, .succ m => Nat.beq n m

@[extern "lean_nat_dec_le"] def Nat.ble : Nat → Nat → Bool
  | .zero, _ => true
  | .succ _, .zero => false
  | .succ n, .succ m => Nat.ble n m

theorem Nat.eq_of_beq_eq_true : {n m : Nat} → Eq (Nat.beq n m) true → Eq n m
  | .zero, .zero, _ => rfl
  | .zero, .succ _, h => Bool.noConfusion h
  | .succ _, .zero, h => Bool.noConfusion h
  | .succ n, .succ m, h => congrArg Nat.succ (eq_of_beq_eq_true (n := n) (m := m) h)

theorem Nat.ne_of_beq_eq_false {n m : Nat} (h : Eq (Nat.beq n m) false) : Not (Eq n m) := fun e =>
  let same : (k : Nat) → Eq (Nat.beq k k) true := fun k => Nat.rec rfl (fun _ ih => ih) k
  Bool.noConfusion (h.symm.trans ((congrArg (Nat.beq n) e.symm).trans (same n)))

/-- Constructors with different numbers are different: how Lean refutes `a = b` for enumerations. -/
theorem noConfusion_of_Nat {α : Sort u} (f : α → Nat) {a b : α} (h : Eq a b) :
    (Nat.beq (f a) (f b)).rec False True :=
  let holds : (n : Nat) → Bool.rec (motive := fun _ => Prop) False True (Nat.beq n n) :=
    fun n => Nat.rec True.intro (fun _ ih => ih) n
  h.subst (motive := fun x => Bool.rec (motive := fun _ => Prop) False True (Nat.beq (f a) (f x))) (holds (f a))

@[reducible, extern "lean_nat_dec_eq"] protected def Nat.decEq (n m : Nat) : Decidable (Eq n m) where
  decide := Nat.beq n m
  reflects_decide :=
    match h : Nat.beq n m with
    | true => Nat.eq_of_beq_eq_true h
    | false => Nat.ne_of_beq_eq_false h

@[inline] instance instDecidableEqNat : DecidableEq Nat := Nat.decEq

attribute [gen_constructor_elims] Bool
attribute [gen_constructor_elims] Nat

/-! ## Division and what rests on it

Recursion here must be structural (well-founded recursion needs more library than this). So each loop takes *fuel*, a
number that is surely large enough: a dividend, a sum. -/

namespace Nat

/-- How often `y` can be taken from `x`, at most `fuel` times. -/
def divLoop : Nat → Nat → Nat → Nat
  | .zero, _, _ => .zero
  | .succ fuel, x, y => cond (ble y x) (.succ (divLoop fuel (Nat.sub x y) y)) .zero

/-- Division rounds down, and `x / 0 = 0`. -/
protected def div (x y : Nat) : Nat := cond (beq y .zero) .zero (divLoop x x y)

/-- The remainder; `x % 0 = x`. -/
protected def mod (x y : Nat) : Nat := Nat.sub x (Nat.mul y (Nat.div x y))

/-- Euclid's algorithm; the first argument shrinks with each step. -/
def gcdLoop : Nat → Nat → Nat → Nat
  | .zero, _, n => n
  | .succ fuel, m, n => cond (beq m .zero) n (gcdLoop fuel (Nat.mod n m) m)

def gcd (m n : Nat) : Nat := gcdLoop m m n

def log2Loop : Nat → Nat → Nat
  | .zero, _ => .zero
  | .succ fuel, n => cond (ble 2 n) (.succ (log2Loop fuel (Nat.div n 2))) .zero

def log2 (n : Nat) : Nat := log2Loop n n

/-- Apply `f` to the binary digits of two numbers, the last digits first. -/
def bitwiseLoop (f : Bool → Bool → Bool) : Nat → Nat → Nat → Nat
  | .zero, _, _ => .zero
  | .succ fuel, x, y =>
    Nat.add (Nat.mul 2 (bitwiseLoop f fuel (Nat.div x 2) (Nat.div y 2)))
      (cond (f (beq (Nat.mod x 2) 1) (beq (Nat.mod y 2) 1)) 1 0)

def land (x y : Nat) : Nat := bitwiseLoop (fun a b => cond a b false) (Nat.add x y) x y
def lor (x y : Nat) : Nat := bitwiseLoop (fun a b => cond a true b) (Nat.add x y) x y
def xor (x y : Nat) : Nat := bitwiseLoop (fun a b => cond a (cond b false true) b) (Nat.add x y) x y

def shiftLeft (x n : Nat) : Nat := Nat.mul x (Nat.pow 2 n)
def shiftRight (x n : Nat) : Nat := Nat.div x (Nat.pow 2 n)

end Nat
