/-!
# 61. Classes that `grind` asks for

Before it looks at `+` or `≤` of a type, `grind` asks whether the type is a ring, a module, an order. The questions must be
understood, or it stops with "unknown constant" where pure congruence would have done. The classes say what the words
mean. There are no instances yet: an answer "yes" would start solvers for which this library has no lemmas.
-/

/-! ## Orders -/

namespace Std

class IsPreorder (α : Type u) [LE α] : Prop where
  le_refl (a : α) : a ≤ a
  le_trans (a b c : α) : a ≤ b → b ≤ c → a ≤ c
class IsPartialOrder (α : Type u) [LE α] : Prop extends IsPreorder α where
  le_antisymm (a b : α) : a ≤ b → b ≤ a → a = b
class IsLinearPreorder (α : Type u) [LE α] : Prop extends IsPreorder α where
  le_total (a b : α) : a ≤ b ∨ b ≤ a
class IsLinearOrder (α : Type u) [LE α] : Prop extends IsPartialOrder α where
  le_total (a b : α) : a ≤ b ∨ b ≤ a
class LawfulOrderLT (α : Type u) [LT α] [LE α] : Prop where
  lt_iff (a b : α) : a < b ↔ a ≤ b ∧ ¬(b ≤ a)

end Std

class Zero (α : Type u) where zero : α
class One (α : Type u) where one : α
class HSMul (α : Type u) (β : Type v) (γ : outParam (Type w)) where hSMul : α → β → γ
class SMul (α : Type u) (β : Type v) where smul : α → β → β
class Inv (α : Type u) where inv : α → α
@[default_instance] instance instHSMul {α : Type u} {β : Type v} [SMul α β] : HSMul α β β := ⟨SMul.smul⟩
instance Zero.toOfNat0 {α : Type u} [Zero α] : OfNat α 0 := ⟨Zero.zero⟩
instance One.toOfNat1 {α : Type u} [One α] : OfNat α 1 := ⟨One.one⟩

inductive Ordering where
  | lt
  | eq
  | gt

/-! ## Modules and rings -/

namespace Lean.Grind

class AddCommMonoid (M : Type u) extends Zero M, Add M where
  add_zero (a : M) : a + 0 = a
  add_comm (a b : M) : a + b = b + a
  add_assoc (a b c : M) : a + b + c = a + (b + c)
class AddCommGroup (M : Type u) extends AddCommMonoid M, Neg M, Sub M where
  neg_add_cancel (a : M) : -a + a = 0
  sub_eq_add_neg (a b : M) : a - b = a + -b
class NatModule (M : Type u) extends AddCommMonoid M where
  nsmul : SMul Nat M
  zero_nsmul (a : M) : SMul.smul 0 a = (0 : M)
  add_one_nsmul (n : Nat) (a : M) : SMul.smul (n + 1) a = SMul.smul n a + a
class IntModule (M : Type u) extends AddCommGroup M where
  nsmul : SMul Nat M
  zsmul : SMul Int M
  zero_zsmul (a : M) : SMul.smul (0 : Int) a = (0 : M)
  one_zsmul (a : M) : SMul.smul (1 : Int) a = a
  add_zsmul (n m : Int) (a : M) : SMul.smul (n + m) a = SMul.smul n a + SMul.smul m a
  zsmul_natCast_eq_nsmul (n : Nat) (a : M) : SMul.smul (n : Int) a = SMul.smul n a
class AddRightCancel (M : Type u) [Add M] : Prop where
  add_right_cancel (a b c : M) : a + c = b + c → a = b
class NoNatZeroDivisors (α : Type u) [NatModule α] : Prop where
  no_nat_zero_divisors (k : Nat) (a b : α) :
    k ≠ 0 → @SMul.smul Nat α NatModule.nsmul k a = @SMul.smul Nat α NatModule.nsmul k b → a = b

class Semiring (α : Type u) extends Add α, Mul α where
  natCast : NatCast α
  ofNat (n : Nat) : OfNat α n
  nsmul : SMul Nat α
  npow : HPow α Nat α
  add_zero (a : α) : a + 0 = a
  add_comm (a b : α) : a + b = b + a
  add_assoc (a b c : α) : a + b + c = a + (b + c)
  mul_assoc (a b c : α) : a * b * c = a * (b * c)
  mul_one (a : α) : a * 1 = a
  one_mul (a : α) : 1 * a = a
  left_distrib (a b c : α) : a * (b + c) = a * b + a * c
  right_distrib (a b c : α) : (a + b) * c = a * c + b * c
  zero_mul (a : α) : 0 * a = 0
  mul_zero (a : α) : a * 0 = 0
  pow_zero (a : α) : a ^ 0 = 1
  pow_succ (a : α) (n : Nat) : a ^ (n + 1) = a ^ n * a
class Ring (α : Type u) extends Semiring α, Neg α, Sub α where
  intCast : IntCast α
  zsmul : SMul Int α
  neg_add_cancel (a : α) : -a + a = 0
  sub_eq_add_neg (a b : α) : a - b = a + -b
class CommSemiring (α : Type u) extends Semiring α where
  mul_comm (a b : α) : a * b = b * a
class CommRing (α : Type u) extends Ring α where
  mul_comm (a b : α) : a * b = b * a
instance CommRing.toCommSemiring {α : Type u} [r : CommRing α] : CommSemiring α := ⟨r.mul_comm⟩
class Field (α : Type u) extends CommRing α, Inv α, Div α where
  inv_zero : Inv.inv (0 : α) = 0
class IsCharP (α : Type u) [Semiring α] (p : outParam Nat) : Prop where
  ofNat_ext_iff (x y : Nat) : (Semiring.ofNat (α := α) x).ofNat = (Semiring.ofNat (α := α) y).ofNat ↔ x % p = y % p
class PowIdentity (α : Type u) [CommSemiring α] (p : outParam Nat) : Prop where
  pow_eq (a : α) : @HPow.hPow α Nat α Semiring.npow a p = a

class OrderedAdd (M : Type u) [HAdd M M M] [LE M] [Std.IsPreorder M] : Prop where
  add_le_left_iff (a b c : M) : a ≤ b ↔ a + c ≤ b + c
class OrderedRing (R : Type u) [Semiring R] [LE R] [LT R] [Std.IsPreorder R] : Prop where
  add_le_left_iff (a b c : R) : a ≤ b ↔ a + c ≤ b + c
  zero_lt_one : (Semiring.ofNat (α := R) 0).ofNat < (Semiring.ofNat (α := R) 1).ofNat

end Lean.Grind
