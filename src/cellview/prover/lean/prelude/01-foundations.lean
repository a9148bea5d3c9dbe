prelude
/-!
# 1. Foundations

This is the library of the embedded Lean: what `import Init` is elsewhere, but small enough to be read on one evening.
The files are numbered, joined in that order, and compiled once into a single `Init.olean`.

Lean's elaborator, kernel and tactics are compiled programs that refer to library constants by name. So the *names and
types* below are not ours to choose; they are the ones the compiled Lean asks for. What they mean, and the proofs, are
written here from scratch.

Until file 3 has handed Lean its notation back, there is no `=`, no `∧`, no tactic and no `if`: only the core language.
-/
set_option autoImplicit false
set_option linter.all false
universe u v w u₁ u₂ u₃

/-! ## Placeholders of the code generator

Lean compiles each definition even if nobody runs it. These stand for erased types and proofs. All are `unsafe`, so the
kernel refuses every theorem that mentions one: `theorem oops : False := lcProof` fails. -/

unsafe axiom lcErased : Type
unsafe axiom lcAny : Type
unsafe axiom lcVoid : Type

/-! ## Equality, truth values and functions -/

set_option bootstrap.inductiveCheckResultingUniverse false in
/-- The type with one element, in any universe. -/
inductive PUnit : Sort u where
  | unit

/-- Equality: everything equals itself, and there is no other way to be equal. -/
inductive Eq {α : Sort u} : α → α → Prop where
  | refl (a : α) : Eq a a

/-- To show something about `b`, show it about an equal `a`. -/
abbrev Eq.ndrec.{s, t} {α : Sort t} {a : α} {motive : α → Sort s} (m : motive a) {b : α} (h : Eq a b) : motive b :=
  h.rec m

/-- Equality between elements of types that are not yet known to be equal. -/
inductive HEq : {α : Sort u} → α → {β : Sort u} → β → Prop where
  | refl {α : Sort u} (a : α) : HEq a a

inductive Bool : Type where
  | false
  | true
export Bool (false true)

@[inline] def id {α : Sort u} (a : α) : α := a

@[inline] def Function.const {α : Sort u} (β : Sort v) (a : α) : β → α :=
  fun _ => a

@[inline] def Function.comp {α : Sort u} {β : Sort v} {δ : Sort w} (f : β → δ) (g : α → β) : α → δ :=
  fun x => f (g x)

set_option checkBinderAnnotations false in
/-- The instance that type class search finds. -/
abbrev inferInstance {α : Sort u} [i : α] : α := i

abbrev Unit : Type := PUnit
@[match_pattern] abbrev Unit.unit : Unit := PUnit.unit

unsafe axiom lcProof {α : Prop} : α
unsafe axiom lcCast {α : Sort u} {β : Sort v} (a : α) : β
unsafe axiom lcUnreachable {α : Sort u} : α

inductive True : Prop where
  | intro

inductive False : Prop

def Not (a : Prop) : Prop := a → False

@[macro_inline] def False.elim {C : Sort u} (h : False) : C := h.rec

@[macro_inline] def absurd {a : Prop} {b : Sort v} (yes : a) (no : Not a) : b :=
  False.elim (no yes)

@[match_pattern] def rfl {α : Sort u} {a : α} : Eq a a := Eq.refl a

theorem Eq.subst {α : Sort u} {motive : α → Prop} {a b : α} (h : Eq a b) (m : motive a) : motive b :=
  h.ndrec m

theorem Eq.symm {α : Sort u} {a b : α} (h : Eq a b) : Eq b a :=
  h.subst (motive := fun x => Eq x a) rfl

theorem Eq.trans {α : Sort u} {a b c : α} (h : Eq a b) (k : Eq b c) : Eq a c :=
  k.subst h

@[macro_inline] def cast {α β : Sort u} (h : Eq α β) (a : α) : β := h.rec a

theorem congrArg {α : Sort u} {β : Sort v} {a₁ a₂ : α} (f : α → β) (h : Eq a₁ a₂) : Eq (f a₁) (f a₂) :=
  h.subst (motive := fun x => Eq (f a₁) (f x)) rfl

theorem congrFun {α : Sort u} {β : α → Sort v} {f g : (x : α) → β x} (h : Eq f g) (a : α) : Eq (f a) (g a) :=
  h.subst (motive := fun (k : (x : α) → β x) => Eq (f a) (k a)) rfl

theorem congrFun' {α : Sort u} {β : Sort v} {f g : α → β} (h : Eq f g) (a : α) : Eq (f a) (g a) :=
  congrFun h a

theorem congr {α : Sort u} {β : Sort v} {f₁ f₂ : α → β} {a₁ a₂ : α} (h : Eq f₁ f₂) (k : Eq a₁ a₂) :
    Eq (f₁ a₁) (f₂ a₂) :=
  (congrFun h a₁).trans (congrArg f₂ k)

/-! ## Quotients, and from them function extensionality

`Quot.sound` is the first of the three axioms that a proof may use; `propext` (file 4) and `Classical.choice` (below)
are the others. -/

init_quot
axiom Quot.sound : ∀ {α : Sort u} {r : α → α → Prop} {a b : α}, r a b → Eq (Quot.mk r a) (Quot.mk r b)
unsafe axiom Quot.lcInv {α : Sort u} {r : α → α → Prop} (q : Quot r) : α

/-- The value at `x` of a class of functions that agree everywhere: any member will do. -/
def Function.valueAt {α : Sort u} {β : α → Sort v} (x : α)
    (q : Quot fun f g : (x : α) → β x => ∀ x, Eq (f x) (g x)) : β x :=
  Quot.lift (fun k => k x) (fun _ _ agree => agree x) q

/-- Functions that agree everywhere are equal. Their classes are one and the same, and each function is found again as
the values of its class. -/
theorem funext {α : Sort u} {β : α → Sort v} {f g : (x : α) → β x} (h : ∀ x, Eq (f x) (g x)) : Eq f g :=
  congrArg (β := (x : α) → β x) (fun q x => Function.valueAt x q) (Quot.sound h)

@[match_pattern] protected def HEq.rfl {α : Sort u} {a : α} : HEq a a := HEq.refl a

theorem eq_of_heq {α : Sort u} {a b : α} (h : HEq a b) : Eq a b :=
  let along : (α β : Sort u) → (a : α) → (b : β) → HEq a b → (e : Eq α β) → Eq (cast e a) b :=
    fun _ _ _ _ h => HEq.rec (fun _ => rfl) h
  along α α a b h rfl

theorem heq_of_eq {α : Sort u} {a b : α} (h : Eq a b) : HEq a b :=
  h.subst (motive := fun x => HEq a x) (HEq.refl a)

/-! Lean takes equal structures apart with these, field by field. -/

abbrev Eq.ndrec_symm.{s, t} {α : Sort t} {a : α} {motive : α → Sort s} (m : motive a) {b : α} (h : Eq b a) : motive b :=
  h.symm.ndrec m
abbrev HEq.homo_ndrec.{s, t} {α : Sort t} {a : α} {motive : α → Sort s} (m : motive a) {b : α} (h : HEq a b) :
    motive b := (eq_of_heq h).ndrec m
abbrev HEq.homo_ndrec_symm.{s, t} {α : Sort t} {a : α} {motive : α → Sort s} (m : motive a) {b : α} (h : HEq b a) :
    motive b := (eq_of_heq h).symm.ndrec m

/-! ## Pairs, connectives and wrappers -/

structure Prod (α : Type u) (β : Type v) where
  mk ::
  fst : α
  snd : β

/-- Pairs of anything, propositions included; structural recursion is compiled with them. -/
structure PProd (α : Sort u) (β : Sort v) where
  fst : α
  snd : β

structure MProd (α β : Type u) where
  fst : α
  snd : β

structure And (a b : Prop) : Prop where
  intro ::
  left : a
  right : b

inductive Or (a b : Prop) : Prop where
  | inl (h : a)
  | inr (h : b)

structure Subtype {α : Sort u} (p : α → Prop) where
  val : α
  property : p val

structure PLift (α : Sort u) : Type u where
  up ::
  down : α

structure ULift.{r, s} (α : Type s) : Type (max s r) where
  up ::
  down : α

structure PULift.{r, s} (α : Sort s) : Sort (max s r 1) where
  up ::
  down : α

/-! ## Marks that the elaborator reads in types -/

@[reducible] def optParam (α : Sort u) (default : α) : Sort u := α
@[reducible] def outParam (α : Sort u) : Sort u := α
@[reducible] def semiOutParam (α : Sort u) : Sort u := α
@[reducible] def namedPattern {α : Sort u} (x a : α) (h : Eq x a) : α := a

/-- What an unfinished proof rests on. It is an axiom, so it shows in `#print axioms`, and no proof with it counts. -/
@[extern "lean_sorry", never_extract] axiom sorryAx (α : Sort u) (synthetic : Bool) : α

class Inhabited (α : Sort u) where
  default : α

class inductive Nonempty (α : Sort u) : Prop where
  | intro (val : α)

axiom Classical.choice {α : Sort u} : Nonempty α → α

/-! ## Decidable propositions -/

@[macro_inline] def cond {α : Sort u} (c : Bool) (x y : α) : α := Bool.casesOn c y x

/-- A Boolean that tells the truth about `p`. -/
abbrev Bool.Reflects (b : Bool) (p : Prop) : Prop := Bool.casesOn b (Not p) p

class Decidable (p : Prop) where
  intro ::
  decide : Bool
  reflects_decide (p) : decide.Reflects p

attribute [implicit_reducible] Decidable.decide
@[match_pattern] abbrev Decidable.isFalse {p : Prop} (h : Not p) : Decidable p := ⟨false, h⟩
@[match_pattern] abbrev Decidable.isTrue {p : Prop} (h : p) : Decidable p := ⟨true, h⟩

/-- Case analysis on a decision shows `isTrue h` and `isFalse h`, not the Boolean underneath. -/
@[cases_eliminator, induction_eliminator, elab_as_elim]
abbrev Decidable.falseTrueCases {p : Prop} {motive : Decidable p → Sort u}
    (isFalse : ∀ h, motive (isFalse h)) (isTrue : ∀ h, motive (isTrue h)) (t : Decidable p) : motive t :=
  t.casesOn fun answer => answer.casesOn isFalse isTrue

export Decidable (isTrue isFalse decide)
abbrev DecidablePred {α : Sort u} (r : α → Prop) := (a : α) → Decidable (r a)
abbrev DecidableRel {α : Sort u} {β : Sort v} (r : α → β → Prop) := (a : α) → (b : β) → Decidable (r a b)
abbrev DecidableEq (α : Sort u) := (a b : α) → Decidable (Eq a b)
def decEq {α : Sort u} [same : DecidableEq α] (a b : α) : Decidable (Eq a b) := same a b

@[macro_inline] def dite {α : Sort u} (c : Prop) [h : Decidable c] (t : c → α) (e : Not c → α) : α :=
  h.decide.casesOn e t h.reflects_decide

@[macro_inline] def ite {α : Sort u} (c : Prop) [h : Decidable c] (t e : α) : α :=
  dite c (fun _ => t) (fun _ => e)
