/-!
# 5. Logic

From here on formulas look like formulas. First the classes behind the operators (`+`, `≤`, `∈`, …), then equivalence,
existence, and the third axiom, `propext`. The law of the excluded middle is a theorem: Diaconescu's.
-/

/-! ## Operators

`a + b` means `HAdd.hAdd a b`, which for two elements of one type means `Add.add a b`. -/

class Add (α : Type u) where add : α → α → α
class Sub (α : Type u) where sub : α → α → α
class Mul (α : Type u) where mul : α → α → α
class Div (α : Type u) where div : α → α → α
class Mod (α : Type u) where mod : α → α → α
class Neg (α : Type u) where neg : α → α
class Append (α : Type u) where append : α → α → α
class NatPow (α : Type u) where pow : α → Nat → α
class Pow (α : Type u) (β : Type v) where pow : α → β → α
class LE (α : Type u) where le : α → α → Prop
class LT (α : Type u) where lt : α → α → Prop
class BEq (α : Type u) where beq : α → α → Bool
class Max (α : Type u) where max : α → α → α
class Min (α : Type u) where min : α → α → α
class Dvd (α : Type u) where dvd : α → α → Prop
class AndOp (α : Type u) where and : α → α → α
class OrOp (α : Type u) where or : α → α → α
class XorOp (α : Type u) where xor : α → α → α
class ShiftLeft (α : Type u) where shiftLeft : α → α → α
class ShiftRight (α : Type u) where shiftRight : α → α → α
class HasSubset (α : Type u) where Subset : α → α → Prop

class HAdd (α : Type u) (β : Type v) (γ : outParam (Type w)) where hAdd : α → β → γ
class HSub (α : Type u) (β : Type v) (γ : outParam (Type w)) where hSub : α → β → γ
class HMul (α : Type u) (β : Type v) (γ : outParam (Type w)) where hMul : α → β → γ
class HDiv (α : Type u) (β : Type v) (γ : outParam (Type w)) where hDiv : α → β → γ
class HMod (α : Type u) (β : Type v) (γ : outParam (Type w)) where hMod : α → β → γ
class HPow (α : Type u) (β : Type v) (γ : outParam (Type w)) where hPow : α → β → γ
class HAnd (α : Type u) (β : Type v) (γ : outParam (Type w)) where hAnd : α → β → γ
class HOr (α : Type u) (β : Type v) (γ : outParam (Type w)) where hOr : α → β → γ
class HXor (α : Type u) (β : Type v) (γ : outParam (Type w)) where hXor : α → β → γ
class HShiftLeft (α : Type u) (β : Type v) (γ : outParam (Type w)) where hShiftLeft : α → β → γ
class HShiftRight (α : Type u) (β : Type v) (γ : outParam (Type w)) where hShiftRight : α → β → γ
class HAppend (α : Type u) (β : Type v) (γ : outParam (Type w)) where hAppend : α → β → γ

/-- `a ∈ s`. The collection comes first in `mem`. -/
class Membership (α : outParam (Type u)) (γ : Type v) where mem : γ → α → Prop
attribute [implicit_reducible] Membership.mem

export Max (max)
export Min (min)

@[default_instance] instance instHAdd {α : Type u} [Add α] : HAdd α α α := ⟨Add.add⟩
@[default_instance] instance instHSub {α : Type u} [Sub α] : HSub α α α := ⟨Sub.sub⟩
@[default_instance] instance instHMul {α : Type u} [Mul α] : HMul α α α := ⟨Mul.mul⟩
@[default_instance] instance instHDiv {α : Type u} [Div α] : HDiv α α α := ⟨Div.div⟩
@[default_instance] instance instHMod {α : Type u} [Mod α] : HMod α α α := ⟨Mod.mod⟩
@[default_instance] instance instHPow {α : Type u} {β : Type v} [Pow α β] : HPow α β α := ⟨Pow.pow⟩
@[default_instance] instance instPowNat {α : Type u} [NatPow α] : Pow α Nat := ⟨NatPow.pow⟩
@[default_instance] instance instHAndOfAndOp {α : Type u} [AndOp α] : HAnd α α α := ⟨AndOp.and⟩
@[default_instance] instance instHOrOfOrOp {α : Type u} [OrOp α] : HOr α α α := ⟨OrOp.or⟩
@[default_instance] instance instHXorOfXorOp {α : Type u} [XorOp α] : HXor α α α := ⟨XorOp.xor⟩
@[default_instance] instance instHShiftLeftOfShiftLeft {α : Type u} [ShiftLeft α] : HShiftLeft α α α := ⟨ShiftLeft.shiftLeft⟩
@[default_instance] instance instHShiftRightOfShiftRight {α : Type u} [ShiftRight α] : HShiftRight α α α := ⟨ShiftRight.shiftRight⟩
@[default_instance] instance instHAppendOfAppend {α : Type u} [Append α] : HAppend α α α := ⟨Append.append⟩

@[reducible] def GE.ge {α : Type u} [LE α] (a b : α) : Prop := LE.le b a
@[reducible] def GT.gt {α : Type u} [LT α] (a b : α) : Prop := LT.lt b a

instance instAddNat : Add Nat := ⟨Nat.add⟩
instance instSubNat : Sub Nat := ⟨Nat.sub⟩
instance instMulNat : Mul Nat := ⟨Nat.mul⟩
instance Nat.instDiv : Div Nat := ⟨Nat.div⟩
instance Nat.instMod : Mod Nat := ⟨Nat.mod⟩
instance instNatPowNat : NatPow Nat := ⟨Nat.pow⟩
instance Nat.instAndOp : AndOp Nat := ⟨Nat.land⟩
instance Nat.instOrOp : OrOp Nat := ⟨Nat.lor⟩
instance Nat.instXorOp : XorOp Nat := ⟨Nat.xor⟩
instance Nat.instShiftLeft : ShiftLeft Nat := ⟨Nat.shiftLeft⟩
instance Nat.instShiftRight : ShiftRight Nat := ⟨Nat.shiftRight⟩
attribute [match_pattern] Nat.add Add.add HAdd.hAdd Mul.mul HMul.hMul

/-! ## Difference, equivalence, existence -/

@[reducible] def Ne {α : Sort u} (a b : α) : Prop := ¬(a = b)

structure Iff (a b : Prop) : Prop where
  intro ::
  mp : a → b
  mpr : b → a

inductive Exists {α : Sort u} (p : α → Prop) : Prop where
  | intro (w : α) (h : p w)

/-- Equivalent propositions are equal. This is what lets `rw` and `simp` replace one by the other. -/
axiom propext {a b : Prop} : (a ↔ b) → a = b

/-- The same with two implications; from here on Lean proves constructors injective by itself. -/
theorem Eq.propIntro {a b : Prop} (h : a → b) (k : b → a) : a = b := propext ⟨h, k⟩

theorem Lean.injEq_helper {a b c : Prop} (f : a → b → c) (h : a ∧ b) : c := f h.left h.right

theorem trivial : True := True.intro

theorem Ne.intro {α : Sort u} {a b : α} (h : a = b → False) : a ≠ b := h
theorem Ne.elim {α : Sort u} {a b : α} (h : a ≠ b) : a = b → False := h
theorem Ne.symm {α : Sort u} {a b : α} (h : a ≠ b) : b ≠ a := fun same => h same.symm
theorem Ne.irrefl {α : Sort u} {a : α} (h : a ≠ a) : False := h rfl
theorem ne_of_eq_of_ne {α : Sort u} {a b c : α} (h : a = b) (k : b ≠ c) : a ≠ c := fun same => k (h.symm.trans same)
theorem ne_of_ne_of_eq {α : Sort u} {a b c : α} (h : a ≠ b) (k : b = c) : a ≠ c := fun same => h (same.trans k.symm)
theorem false_ne_true : false ≠ true := fun h => Bool.noConfusion h

@[macro_inline] def Eq.mp {α β : Sort u} (h : α = β) (a : α) : β := cast h a
@[macro_inline] def Eq.mpr {α β : Sort u} (h : α = β) (b : β) : α := cast h.symm b
theorem cast_eq {α : Sort u} (h : α = α) (a : α) : cast h a = a := rfl

theorem HEq.symm {α β : Sort u} {a : α} {b : β} (h : HEq a b) : HEq b a :=
  HEq.rec (motive := fun x _ => HEq x a) HEq.rfl h
theorem HEq.trans {α β φ : Sort u} {a : α} {b : β} {c : φ} (h : HEq a b) (k : HEq b c) : HEq a c :=
  HEq.rec (motive := fun x _ => HEq a x) h k

theorem Or.elim {a b c : Prop} (h : a ∨ b) (left : a → c) (right : b → c) : c :=
  match h with
  | .inl ha => left ha
  | .inr hb => right hb
theorem Or.symm {a b : Prop} (h : a ∨ b) : b ∨ a := h.elim Or.inr Or.inl
theorem Or.imp {a b c d : Prop} (f : a → c) (g : b → d) (h : a ∨ b) : c ∨ d :=
  h.elim (fun x => .inl (f x)) (fun x => .inr (g x))
theorem Or.imp_left {a b c : Prop} (f : a → b) (h : a ∨ c) : b ∨ c := h.imp f id
theorem Or.imp_right {a b c : Prop} (f : a → b) (h : c ∨ a) : c ∨ b := h.imp id f
theorem Or.resolve_left {a b : Prop} (h : a ∨ b) (no : ¬a) : b := h.elim (fun ha => absurd ha no) id
theorem Or.resolve_right {a b : Prop} (h : a ∨ b) (no : ¬b) : a := h.elim id (fun hb => absurd hb no)
theorem Or.intro_left {a : Prop} (b : Prop) (h : a) : a ∨ b := .inl h
theorem Or.intro_right {b : Prop} (a : Prop) (h : b) : a ∨ b := .inr h

theorem And.symm {a b : Prop} (h : a ∧ b) : b ∧ a := ⟨h.right, h.left⟩
theorem And.imp {a b c d : Prop} (f : a → c) (g : b → d) (h : a ∧ b) : c ∧ d := ⟨f h.left, g h.right⟩
theorem And.imp_left {a b c : Prop} (f : a → b) (h : a ∧ c) : b ∧ c := h.imp f id
theorem And.imp_right {a b c : Prop} (f : a → b) (h : c ∧ a) : c ∧ b := h.imp id f
def And.elim {a b : Prop} {c : Sort u} (f : a → b → c) (h : a ∧ b) : c := f h.left h.right

theorem Exists.elim {α : Sort u} {p : α → Prop} {b : Prop} (h : ∃ x, p x) (k : ∀ x, p x → b) : b :=
  match h with
  | ⟨x, hx⟩ => k x hx
theorem Exists.imp {α : Sort u} {p q : α → Prop} (f : ∀ x, p x → q x) (h : ∃ x, p x) : ∃ x, q x :=
  h.elim fun x hx => ⟨x, f x hx⟩

@[refl] theorem Iff.refl (a : Prop) : a ↔ a := ⟨id, id⟩
theorem Iff.rfl {a : Prop} : a ↔ a := Iff.refl a
@[symm] theorem Iff.symm {a b : Prop} (h : a ↔ b) : b ↔ a := ⟨h.mpr, h.mp⟩
theorem Iff.trans {a b c : Prop} (h : a ↔ b) (k : b ↔ c) : a ↔ c :=
  ⟨fun ha => k.mp (h.mp ha), fun hc => h.mpr (k.mpr hc)⟩
theorem Iff.of_eq {a b : Prop} (h : a = b) : a ↔ b := h.subst (motive := fun x => a ↔ x) Iff.rfl
theorem Eq.to_iff {a b : Prop} (h : a = b) : a ↔ b := Iff.of_eq h
theorem iff_of_eq {a b : Prop} (h : a = b) : a ↔ b := Iff.of_eq h
theorem iff_of_true {a b : Prop} (ha : a) (hb : b) : a ↔ b := ⟨fun _ => hb, fun _ => ha⟩
theorem iff_of_false {a b : Prop} (ha : ¬a) (hb : ¬b) : a ↔ b := ⟨fun x => absurd x ha, fun x => absurd x hb⟩
theorem Iff.not {a b : Prop} (h : a ↔ b) : ¬a ↔ ¬b := ⟨fun no hb => no (h.mpr hb), fun no ha => no (h.mp ha)⟩
attribute [symm] Eq.symm HEq.symm Ne.symm And.symm Or.symm

theorem mt {a b : Prop} (f : a → b) (no : ¬b) : ¬a := fun ha => no (f ha)
theorem not_not_intro {p : Prop} (h : p) : ¬¬p := fun no => no h
theorem not_false : ¬False := id
theorem not_not_em (p : Prop) : ¬¬(p ∨ ¬p) := fun no => no (.inr fun h => no (.inl h))

/-! ## Classical logic

Call a proposition `x` *yes-like* if `x = True ∨ p`, and *no-like* if `x = False ∨ p`. Choose one of each. If `p` holds,
the two conditions are the same, so the choice is the same. Hence if the chosen two differ, `p` fails; and if neither
choice was made because of `p`, they are `True` and `False`, which differ. -/

namespace Classical

/-- Some element with a property that some element has. -/
noncomputable def choose {α : Sort u} {p : α → Prop} (h : ∃ x, p x) : α :=
  (choice (match h with | ⟨x, hx⟩ => ⟨Subtype.mk x hx⟩) : Subtype p).val

theorem choose_spec {α : Sort u} {p : α → Prop} (h : ∃ x, p x) : p (choose h) :=
  (choice (match h with | ⟨x, hx⟩ => ⟨Subtype.mk x hx⟩) : Subtype p).property

theorem em (p : Prop) : p ∨ ¬p :=
  have yes : ∃ x : Prop, x = True ∨ p := ⟨True, .inl rfl⟩
  have no : ∃ x : Prop, x = False ∨ p := ⟨False, .inl rfl⟩
  have same_choice : p → choose yes = choose no := fun hp =>
    have same : (fun x : Prop => x = True ∨ p) = (fun x : Prop => x = False ∨ p) :=
      funext fun _ => propext ⟨fun _ => .inr hp, fun _ => .inr hp⟩
    have for_any : ∀ q, (fun x : Prop => x = True ∨ p) = q → ∀ h : ∃ x, q x, choose yes = choose h :=
      fun _ e => Eq.rec (fun _ => rfl) e
    for_any _ same no
  match choose_spec yes, choose_spec no with
  | .inr hp, _ => .inl hp
  | _, .inr hp => .inl hp
  | .inl is_true, .inl is_false =>
    .inr fun hp => (is_true.symm.trans ((same_choice hp).trans is_false)).mp True.intro

theorem byContradiction {p : Prop} (h : ¬p → False) : p := (em p).elim id fun no => (h no).elim
theorem byCases {p q : Prop} (yes : p → q) (no : ¬p → q) : q := (em p).elim yes no
theorem not_not {a : Prop} : ¬¬a ↔ a := ⟨byContradiction, not_not_intro⟩
theorem or_iff_not_imp_left {a b : Prop} : a ∨ b ↔ (¬a → b) :=
  ⟨Or.resolve_left, fun h => (em a).elim .inl fun no => .inr (h no)⟩
theorem or_iff_not_imp_right {a b : Prop} : a ∨ b ↔ (¬b → a) :=
  ⟨Or.resolve_right, fun h => (em b).elim .inr fun no => .inl (h no)⟩
theorem not_forall {α : Sort u} {p : α → Prop} : (¬∀ x, p x) ↔ ∃ x, ¬p x :=
  ⟨fun h => byContradiction fun none => h fun x => byContradiction fun no => none ⟨x, no⟩,
   fun ⟨x, no⟩ h => no (h x)⟩
theorem not_imp {a b : Prop} : ¬(a → b) ↔ a ∧ ¬b :=
  ⟨fun h => ⟨byContradiction fun no => h fun ha => absurd ha no, fun hb => h fun _ => hb⟩, fun h f => h.2 (f h.1)⟩
theorem not_and_iff_not_or_not {a b : Prop} : ¬(a ∧ b) ↔ ¬a ∨ ¬b :=
  ⟨fun h => (em a).elim (fun ha => .inr fun hb => h ⟨ha, hb⟩) .inl, fun h k => h.elim (· k.1) (· k.2)⟩
theorem not_imp_not {a b : Prop} : (¬a → ¬b) ↔ (b → a) :=
  ⟨fun h hb => byContradiction fun no => h no hb, mt⟩
theorem imp_iff_not_or {a b : Prop} : (a → b) ↔ ¬a ∨ b :=
  ⟨fun h => (em a).elim (fun ha => .inr (h ha)) .inl, fun h ha => h.elim (absurd ha) id⟩

/-- Every proposition is decidable, in principle. In scope where `open Classical` stands or the tactic `classical` ran. -/
@[instance_reducible] noncomputable def propDecidable (a : Prop) : Decidable a :=
  choice ((em a).elim (fun h => ⟨isTrue h⟩) (fun h => ⟨isFalse h⟩))
attribute [scoped instance low] propDecidable

end Classical

namespace Decidable
theorem em (p : Prop) [Decidable p] : p ∨ ¬p := Classical.em p
theorem byContradiction {p : Prop} [Decidable p] (h : ¬p → False) : p := Classical.byContradiction h
theorem not_not {p : Prop} [Decidable p] : ¬¬p ↔ p := Classical.not_not
theorem of_not_not {p : Prop} [Decidable p] : ¬¬p → p := Classical.byContradiction
end Decidable
