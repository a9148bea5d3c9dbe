/-!
# 2b. Lists, characters and texts

The kernel reads the literal `"ab"` as `String.ofList [Char.ofNat 97, Char.ofNat 98]`. So these names, too, must be taken
and must be true: a character is a number that Unicode knows, a text is a list of characters, and different numbers give
different characters. (The compiled Lean stores them otherwise; hence `noncomputable` where somebody looks inside.)
-/

inductive List (α : Type u) where
  | nil
  | cons (head : α) (tail : List α)

/-- Whether Unicode has a character of this number: below 0x110000, and not one half of a surrogate pair. -/
def Char.isScalar (n : Nat) : Bool :=
  cond (Nat.ble n 0xd7ff) true (cond (Nat.ble 0xe000 n) (Nat.ble n 0x10ffff) false)

structure Char where
  val : Nat
  valid : Eq (Char.isScalar val) true

/-- The character of a number; number 0 stands in where there is none. -/
noncomputable def Char.ofNat (n : Nat) : Char :=
  match h : Char.isScalar n with
  | true => ⟨n, h⟩
  | false => ⟨0, rfl⟩

structure String where
  ofList ::
  toList : List Char
