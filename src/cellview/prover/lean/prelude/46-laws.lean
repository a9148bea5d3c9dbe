/-!
# 46. Which operations are associative, commutative, idempotent, and what is neutral for them
-/

namespace Nat
instance instAssociativeAdd : Std.Associative (α := Nat) (· + ·) := ⟨Nat.add_assoc⟩
instance instCommutativeAdd : Std.Commutative (α := Nat) (· + ·) := ⟨Nat.add_comm⟩
instance instLawfulIdentityAdd : Std.LawfulIdentity (α := Nat) (· + ·) 0 := ⟨Nat.zero_add, Nat.add_zero⟩
instance instAssociativeMul : Std.Associative (α := Nat) (· * ·) := ⟨Nat.mul_assoc⟩
instance instCommutativeMul : Std.Commutative (α := Nat) (· * ·) := ⟨Nat.mul_comm⟩
instance instLawfulIdentityMul : Std.LawfulIdentity (α := Nat) (· * ·) 1 := ⟨Nat.one_mul, Nat.mul_one⟩
end Nat

namespace Int
instance instAssociativeAdd : Std.Associative (α := Int) (· + ·) := ⟨Int.add_assoc⟩
instance instCommutativeAdd : Std.Commutative (α := Int) (· + ·) := ⟨Int.add_comm⟩
instance instLawfulIdentityAdd : Std.LawfulIdentity (α := Int) (· + ·) 0 := ⟨Int.zero_add, Int.add_zero⟩
instance instAssociativeMul : Std.Associative (α := Int) (· * ·) := ⟨Int.mul_assoc⟩
instance instCommutativeMul : Std.Commutative (α := Int) (· * ·) := ⟨Int.mul_comm⟩
instance instLawfulIdentityMul : Std.LawfulIdentity (α := Int) (· * ·) 1 := ⟨Int.one_mul, Int.mul_one⟩
end Int
