/-!
# 31. Integers

An integer is a natural number `n` or `-(n + 1)`; so each has one form. For proofs another view is better: every integer
is a difference `m - n` of natural numbers, `diff m n` below. Four lemmas say how `=`, `≤`, `+` and `*` look on
differences; with them every law of integers becomes a law of natural numbers.
-/

set_option genCtorIdx false in
inductive Int : Type where
  | ofNat (n : Nat)
  | negSucc (n : Nat)

attribute [extern "lean_nat_to_int"] Int.ofNat
attribute [extern "lean_int_neg_succ_of_nat"] Int.negSucc

/-! ## Numbers that stand for elements of another type -/

class NatCast (R : Type u) where natCast : Nat → R
class IntCast (R : Type u) where intCast : Int → R
@[coe, reducible, match_pattern] protected def Nat.cast {R : Type u} [NatCast R] : Nat → R := NatCast.natCast
@[coe, reducible, match_pattern] protected def Int.cast {R : Type u} [IntCast R] : Int → R := IntCast.intCast

instance instNatCastNat : NatCast Nat := ⟨id⟩
instance instNatCastInt : NatCast Int := ⟨Int.ofNat⟩
instance instIntCastInt : IntCast Int := ⟨id⟩
instance instOfNat {n : Nat} : OfNat Int n := ⟨Int.ofNat n⟩
instance Nat.instCoe {R : Type u} [NatCast R] : CoeTail Nat R := ⟨Nat.cast⟩
instance Nat.instCoeHead {R : Type u} [NatCast R] : CoeHTCT Nat R := ⟨Nat.cast⟩
instance Int.instCoe {R : Type u} [IntCast R] : CoeTail Int R := ⟨Int.cast⟩
instance Int.instCoeHead {R : Type u} [IntCast R] : CoeHTCT Int R := ⟨Int.cast⟩

namespace Int

instance instInhabited : Inhabited Int := ⟨ofNat 0⟩

/-! ## Operations -/

def negOfNat : Nat → Int
  | 0 => ofNat 0
  | n + 1 => negSucc n

@[extern "lean_int_neg"] protected def neg : Int → Int
  | ofNat n => negOfNat n
  | negSucc n => ofNat (n + 1)
instance instNegInt : Neg Int := ⟨Int.neg⟩

/-- The difference of two natural numbers. -/
def subNatNat (m n : Nat) : Int := match n - m with
  | 0 => ofNat (m - n)
  | k + 1 => negSucc k

@[extern "lean_int_add"] protected def add : Int → Int → Int
  | ofNat m, ofNat n => ofNat (m + n)
  | ofNat m, negSucc n => subNatNat m (n + 1)
  | negSucc m, ofNat n => subNatNat n (m + 1)
  | negSucc m, negSucc n => negSucc (m + n + 1)
instance instAdd : Add Int := ⟨Int.add⟩

@[extern "lean_int_mul"] protected def mul : Int → Int → Int
  | ofNat m, ofNat n => ofNat (m * n)
  | ofNat m, negSucc n => negOfNat (m * (n + 1))
  | negSucc m, ofNat n => negOfNat ((m + 1) * n)
  | negSucc m, negSucc n => ofNat ((m + 1) * (n + 1))
instance instMul : Mul Int := ⟨Int.mul⟩

@[extern "lean_int_sub"] protected def sub (a b : Int) : Int := a + -b
instance instSub : Sub Int := ⟨Int.sub⟩

protected def pow (a : Int) : Nat → Int
  | 0 => 1
  | n + 1 => Int.pow a n * a
instance instNatPow : NatPow Int := ⟨Int.pow⟩

inductive NonNeg : Int → Prop where
  | mk (n : Nat) : NonNeg (ofNat n)

protected def le (a b : Int) : Prop := NonNeg (b - a)
instance instLEInt : LE Int := ⟨Int.le⟩
protected def lt (a b : Int) : Prop := a + 1 ≤ b
instance instLTInt : LT Int := ⟨Int.lt⟩

/-- The distance from zero. -/
@[extern "lean_nat_abs"] def natAbs : Int → Nat
  | ofNat n => n
  | negSucc n => n + 1

/-- Division with a remainder that is never negative: `-7 / 2 = -4`, `-7 / -2 = 4`, and `a / 0 = 0`. -/
@[extern "lean_int_ediv"] protected def div : Int → Int → Int
  | ofNat m, ofNat n => ofNat (m / n)
  | ofNat m, negSucc n => -ofNat (m / (n + 1))
  | negSucc _, ofNat 0 => 0
  | negSucc m, ofNat (n + 1) => negSucc (m / (n + 1))
  | negSucc m, negSucc n => ofNat (m / (n + 1) + 1)
instance instDiv : Div Int := ⟨Int.div⟩

/-- The remainder of that division; `a % 0 = a`. -/
@[extern "lean_int_emod"] protected def emod : Int → Int → Int
  | ofNat m, n => ofNat (m % natAbs n)
  | negSucc m, n => subNatNat (natAbs n) (m % natAbs n + 1)
instance instMod : Mod Int := ⟨Int.emod⟩

instance instDvd : Dvd Int := ⟨fun a b => ∃ c, b = a * c⟩

end Int
