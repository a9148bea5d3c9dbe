prelude
set_option autoImplicit false
set_option linter.all false
universe u v w u₁ u₂ u₃

/-! ### 1. What the elaborator and code generator look up by name -/
unsafe axiom lcErased : Type
unsafe axiom lcAny : Type
unsafe axiom lcVoid : Type
set_option bootstrap.inductiveCheckResultingUniverse false in
inductive PUnit : Sort u where | unit
inductive Eq {α : Sort u} : α → α → Prop where | refl (a : α) : Eq a a
abbrev Eq.ndrec.{u1, u2} {α : Sort u2} {a : α} {motive : α → Sort u1} (m : motive a) {b : α} (h : Eq a b) : motive b := h.rec m
inductive HEq : {α : Sort u} → α → {β : Sort u} → β → Prop where | refl {α : Sort u} (a : α) : HEq a a
inductive Bool : Type where | false | true
export Bool (false true)
@[inline] def id {α : Sort u} (a : α) : α := a
@[inline] def Function.const {α : Sort u} (β : Sort v) (a : α) : β → α := fun _ => a
@[inline] def Function.comp {α : Sort u} {β : Sort v} {δ : Sort w} (f : β → δ) (g : α → β) : α → δ := fun x => f (g x)
set_option checkBinderAnnotations false in
abbrev inferInstance {α : Sort u} [i : α] : α := i
abbrev Unit : Type := PUnit
@[match_pattern] abbrev Unit.unit : Unit := PUnit.unit
unsafe axiom lcProof {α : Prop} : α
unsafe axiom lcCast {α : Sort u} {β : Sort v} (a : α) : β
unsafe axiom lcUnreachable {α : Sort u} : α
inductive True : Prop where | intro
inductive False : Prop
def Not (a : Prop) : Prop := a → False
@[macro_inline] def False.elim {C : Sort u} (h : False) : C := h.rec
@[macro_inline] def absurd {a : Prop} {b : Sort v} (h₁ : a) (h₂ : Not a) : b := (h₂ h₁).rec
@[match_pattern] def rfl {α : Sort u} {a : α} : Eq a a := Eq.refl a
theorem Eq.subst {α : Sort u} {motive : α → Prop} {a b : α} (h₁ : Eq a b) (h₂ : motive a) : motive b := Eq.ndrec h₂ h₁
theorem Eq.symm {α : Sort u} {a b : α} (h : Eq a b) : Eq b a := h.rec rfl
theorem Eq.trans {α : Sort u} {a b c : α} (h₁ : Eq a b) (h₂ : Eq b c) : Eq a c := h₂.rec h₁
@[macro_inline] def cast {α β : Sort u} (h : Eq α β) (a : α) : β := h.rec a
theorem congrArg {α : Sort u} {β : Sort v} {a₁ a₂ : α} (f : α → β) (h : Eq a₁ a₂) : Eq (f a₁) (f a₂) := h.rec rfl
theorem congr {α : Sort u} {β : Sort v} {f₁ f₂ : α → β} {a₁ a₂ : α} (h₁ : Eq f₁ f₂) (h₂ : Eq a₁ a₂) : Eq (f₁ a₁) (f₂ a₂) := h₁.rec (h₂.rec rfl)
theorem congrFun {α : Sort u} {β : α → Sort v} {f g : (x : α) → β x} (h : Eq f g) (a : α) : Eq (f a) (g a) := h.rec rfl
theorem congrFun' {α : Sort u} {β : Sort v} {f g : α → β} (h : Eq f g) (a : α) : Eq (f a) (g a) := h.rec rfl
init_quot
axiom Quot.sound : ∀ {α : Sort u} {r : α → α → Prop} {a b : α}, r a b → Eq (Quot.mk r a) (Quot.mk r b)
unsafe axiom Quot.lcInv {α : Sort u} {r : α → α → Prop} (q : Quot r) : α
theorem funext {α : Sort u} {β : α → Sort v} {f g : (x : α) → β x} (h : ∀ x, Eq (f x) (g x)) : Eq f g :=
  congrArg (β := (x : α) → β x)
    (fun (q : Quot (fun (f g : (x : α) → β x) => ∀ x, Eq (f x) (g x))) (x : α) =>
      Quot.lift (β := β x) (fun (f : (x : α) → β x) => f x) (fun _ _ h => h x) q) (Quot.sound h)
@[match_pattern] protected def HEq.rfl {α : Sort u} {a : α} : HEq a a := HEq.refl a
theorem eq_of_heq {α : Sort u} {a a' : α} (h : HEq a a') : Eq a a' :=
  let key : (α β : Sort u) → (a : α) → (b : β) → HEq a b → (e : Eq α β) → Eq (cast e a) b :=
    fun _ _ _ _ h => h.rec (fun _ => rfl)
  key α α a a' h rfl
theorem heq_of_eq {α : Sort u} {a a' : α} (h : Eq a a') : HEq a a' := h.rec (HEq.refl a)
structure Prod (α : Type u) (β : Type v) where
  mk ::
  fst : α
  snd : β
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
  | inl (h : a) | inr (h : b)
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
@[reducible] def optParam (α : Sort u) (default : α) : Sort u := α
@[reducible] def outParam (α : Sort u) : Sort u := α
@[reducible] def semiOutParam (α : Sort u) : Sort u := α
@[reducible] def namedPattern {α : Sort u} (x a : α) (h : Eq x a) : α := a
@[extern "lean_sorry", never_extract] axiom sorryAx (α : Sort u) (synthetic : Bool) : α
class Inhabited (α : Sort u) where
  default : α
class inductive Nonempty (α : Sort u) : Prop where | intro (val : α)
axiom Classical.choice {α : Sort u} : Nonempty α → α
@[macro_inline] def cond {α : Sort u} (c : Bool) (x y : α) : α := Bool.casesOn c y x
abbrev Bool.Reflects (b : Bool) (p : Prop) : Prop := Bool.casesOn b (Not p) p
class Decidable (p : Prop) where
  intro ::
  decide : Bool
  reflects_decide (p) : decide.Reflects p
attribute [implicit_reducible] Decidable.decide
@[match_pattern] abbrev Decidable.isFalse {p : Prop} (h : Not p) : Decidable p := ⟨false, h⟩
@[match_pattern] abbrev Decidable.isTrue {p : Prop} (h : p) : Decidable p := ⟨true, h⟩
@[cases_eliminator, induction_eliminator, elab_as_elim]
abbrev Decidable.falseTrueCases {p : Prop} {motive : Decidable p → Sort u}
    (isFalse : ∀ h, motive (isFalse h)) (isTrue : ∀ h, motive (isTrue h)) (t : Decidable p) : motive t :=
  t.casesOn fun x => x.casesOn isFalse isTrue
export Decidable (isTrue isFalse decide)
abbrev DecidablePred {α : Sort u} (r : α → Prop) := (a : α) → Decidable (r a)
abbrev DecidableRel {α : Sort u} {β : Sort v} (r : α → β → Prop) := (a : α) → (b : β) → Decidable (r a b)
abbrev DecidableEq (α : Sort u) := (a b : α) → Decidable (Eq a b)
def decEq {α : Sort u} [inst : DecidableEq α] (a b : α) : Decidable (Eq a b) := inst a b
@[macro_inline] def dite {α : Sort u} (c : Prop) [h : Decidable c] (t : c → α) (e : Not c → α) : α := h.decide.casesOn e t h.reflects_decide
@[macro_inline] def ite {α : Sort u} (c : Prop) [h : Decidable c] (t e : α) : α := dite c (fun _ => t) (fun _ => e)
set_option genCtorIdx false in
inductive Nat : Type where | zero | succ (n : Nat)
class OfNat (α : Type u) (_ : Nat) where
  ofNat : α
@[default_instance 100] instance instOfNatNat (n : Nat) : OfNat Nat n where
  ofNat := n
instance instInhabitedNat : Inhabited Nat := ⟨Nat.zero⟩
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
@[extern "lean_nat_sub"] protected def Nat.sub : Nat → Nat → Nat
  | n, .zero => n
  | n, .succ m => Nat.pred (Nat.sub n m)
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
theorem Nat.ne_of_beq_eq_false : {n m : Nat} → Eq (Nat.beq n m) false → Not (Eq n m)
  | .zero, .zero, h, _ => Bool.noConfusion h
  | .zero, .succ _, _, e => Nat.noConfusion e
  | .succ _, .zero, _, e => Nat.noConfusion e
  | .succ n, .succ m, h, e => Nat.noConfusion e (fun e => ne_of_beq_eq_false (n := n) (m := m) h e)
theorem noConfusion_of_Nat {α : Sort u} (f : α → Nat) {a b : α} (h : Eq a b) : (Nat.beq (f a) (f b)).rec False True :=
  h.rec (Nat.rec (motive := fun n => Bool.rec (motive := fun _ => Prop) False True (Nat.beq n n)) True.intro (fun _ ih => ih) (f a))
@[reducible, extern "lean_nat_dec_eq"] protected def Nat.decEq (n m : Nat) : Decidable (Eq n m) where
  decide := Nat.beq n m
  reflects_decide :=
    match h : Nat.beq n m with
    | true => Nat.eq_of_beq_eq_true h
    | false => Nat.ne_of_beq_eq_false h
@[inline] instance instDecidableEqNat : DecidableEq Nat := Nat.decEq
attribute [gen_constructor_elims] Bool
attribute [gen_constructor_elims] Nat

/-! ### 2. Hooks to the compiled parsers: opaque stand-ins for their types, and one
bodyless `extern` declaration per object. The interpreter fetches the native symbol. -/
axiom String : Type
axiom Lean.Name : Type
axiom Lean.Name.anonymous : Lean.Name
axiom Lean.Name.str : Lean.Name → String → Lean.Name
axiom Lean.Name.num : Lean.Name → Nat → Lean.Name
@[extern "x"] axiom Lean.Name.mkStr1 : String → Lean.Name
@[extern "x"] axiom Lean.Name.mkStr2 : String → String → Lean.Name
@[extern "x"] axiom Lean.Name.mkStr3 : String → String → String → Lean.Name
@[extern "x"] axiom Lean.Name.mkStr4 : String → String → String → String → Lean.Name
inductive Lean.ParserDescr where
  | const (name : Name)
  | unary (name : Name) (p : ParserDescr)
  | binary (name : Name) (p₁ p₂ : ParserDescr)
  | node (kind : Name) (prec : Nat) (p : ParserDescr)
  | trailingNode (kind : Name) (prec lhsPrec : Nat) (p : ParserDescr)
  | symbol (val : String)
  | nonReservedSymbol (val : String) (includeIdent : Bool)
  | cat (catName : Name) (rbp : Nat)
  | parser (declName : Name)
  | nodeWithAntiquot (name : String) (kind : Name) (p : ParserDescr)
  | sepBy (p : ParserDescr) (sep : String) (psep : ParserDescr) (allowTrailingSep : Bool)
  | sepBy1 (p : ParserDescr) (sep : String) (psep : ParserDescr) (allowTrailingSep : Bool)
  | unicodeSymbol (val asciiVal : String) (preserveForPP : Bool)
abbrev Lean.TrailingParserDescr := Lean.ParserDescr
structure Lean.Parser.Category
/-- Only the number of arrows matters here: it is the arity of the native function. -/
axiom Lean.Opaque : Type
abbrev Lean.Macro : Type := Opaque → Opaque → Opaque → Opaque
abbrev Lean.PrettyPrinter.Unexpander : Type := Opaque → Opaque → Opaque → Opaque
declare_syntax_cat rcasesPat
declare_syntax_cat rintroPat
declare_syntax_cat conv (behavior := both)
declare_syntax_cat binderPred
@[prio_parser, extern "x"] axiom prioDefault : Lean.ParserDescr
@[prio_parser, extern "x"] axiom prioHigh : Lean.ParserDescr
@[prio_parser, extern "x"] axiom prioLow : Lean.ParserDescr
@[prio_parser, extern "x"] axiom prioMid : Lean.ParserDescr
@[prio_parser, extern "x"] axiom «prio(_)» : Lean.ParserDescr
@[prec_parser, extern "x"] axiom precArg : Lean.ParserDescr
@[prec_parser, extern "x"] axiom precLead : Lean.ParserDescr
@[prec_parser, extern "x"] axiom precMax : Lean.ParserDescr
@[prec_parser, extern "x"] axiom precMin : Lean.ParserDescr
@[prec_parser, extern "x"] axiom precMin1 : Lean.ParserDescr
@[prec_parser, extern "x"] axiom «prec(_)» : Lean.ParserDescr
@[attr_parser, extern "x"] axiom Lean.Parser.Attr.ext : Lean.ParserDescr
@[attr_parser, extern "x"] axiom Lean.Parser.Attr.simp : Lean.ParserDescr
@[term_parser, extern "x"] axiom Lean.calc : Lean.ParserDescr
@[term_parser, extern "x"] axiom Lean.«termSatisfies_binder_pred%__» : Lean.ParserDescr
@[term_parser, extern "x"] axiom Lean.«term∀__,_» : Lean.ParserDescr
@[term_parser, extern "x"] axiom Lean.«term∃__,_» : Lean.ParserDescr
@[term_parser, extern "x"] axiom term!_ : Lean.ParserDescr
@[term_parser, extern "x"] axiom termDepIfThenElse : Lean.ParserDescr
@[term_parser, extern "x"] axiom termIfThenElse : Lean.ParserDescr
@[term_parser, extern "x"] axiom «termExists_,_» : Lean.ParserDescr
@[term_parser, extern "x"] axiom «term[_]» : Lean.ParserDescr
@[term_parser, extern "x"] axiom «term_$__» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_%_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_&&_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_*_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_++_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_+_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_-_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_/_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_::_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_<->_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_<=_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_<_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_<|_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_==_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_=_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_>=_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_>_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_^_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_|>_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_||_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_×_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_↔_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_∈_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_∉_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_∘_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_∣_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_∧_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_∨_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_≍_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_≠_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_≤_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term_≥_» : Lean.TrailingParserDescr
@[term_parser, extern "x"] axiom «term{_:_//_}» : Lean.ParserDescr
@[term_parser, extern "x"] axiom «term¬_» : Lean.ParserDescr
@[term_parser, extern "x"] axiom «term‹_›» : Lean.ParserDescr
@[term_parser, extern "x"] axiom «term∃_,_» : Lean.ParserDescr
@[rcasesPat_parser, extern "x"] axiom Lean.Parser.Tactic.rcasesPat.clear : Lean.ParserDescr
@[rcasesPat_parser, extern "x"] axiom Lean.Parser.Tactic.rcasesPat.explicit : Lean.ParserDescr
@[rcasesPat_parser, extern "x"] axiom Lean.Parser.Tactic.rcasesPat.ignore : Lean.ParserDescr
@[rcasesPat_parser, extern "x"] axiom Lean.Parser.Tactic.rcasesPat.one : Lean.ParserDescr
@[rcasesPat_parser, extern "x"] axiom Lean.Parser.Tactic.rcasesPat.paren : Lean.ParserDescr
@[rcasesPat_parser, extern "x"] axiom Lean.Parser.Tactic.rcasesPat.tuple : Lean.ParserDescr
@[rintroPat_parser, extern "x"] axiom Lean.Parser.Tactic.rintroPat.binder : Lean.ParserDescr
@[rintroPat_parser, extern "x"] axiom Lean.Parser.Tactic.rintroPat.one : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred<_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred>_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred∈_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred∉_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred≠_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred≤_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred≥_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred⊂_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred⊃_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred⊆_» : Lean.ParserDescr
@[binderPred_parser, extern "x"] axiom Lean.«binderPred⊇_» : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Elab.Tactic.Ext.applyExtTheorem : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Elab.Tactic.Ext.ext : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.conv : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.allGoals : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.anyGoals : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.apply : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.apply? : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.applyAssumption : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.applyRfl : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.applyRules : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.assumption : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.case : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.case' : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.cases : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.change : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.classical : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.clear : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.congr : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.constructor : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.contradiction : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.decide : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.delta : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.done : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.dsimp : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.eqRefl : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.exact : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.exact? : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.exposeNames : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.fail : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.failIfSuccess : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.first : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.focus : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.funInduction : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.generalize : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.induction : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.injection : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.injections : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.intro : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.intros : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.left : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.obtain : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.paren : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rcases : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.refine : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.refine' : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rename : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.renameI : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.repeat' : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.replace : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.revert : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rewriteSeq : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.right : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rintro : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rotateLeft : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rotateRight : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.runTac : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rwSeq : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.rwa : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.show : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.simp : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.simpAll : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.simpAllTrace : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.simpTrace : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.simpa : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.skip : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.sleep : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.solveByElim : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.specialize : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.split : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.subst : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.substEqs : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.substVars : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.symm : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacDepIfThenElse : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacIfThenElse : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticAnd_intros : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticExfalso : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticHave__ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticInfer_instance : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticIterate____ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticLet__ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticNofun : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticRefine_lift'_ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticRefine_lift_ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticRepeat_ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticRfl : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticRfl' : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticSorry : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticSuffices_ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticTrivial : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.tacticTry_ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.traceState : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.unfold : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.withReducible : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.«tacticExists_,,» : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.«tacticNext_=>_» : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.«tacticNomatch_,,» : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.Parser.Tactic.«tactic_<;>_» : Lean.TrailingParserDescr
@[tactic_parser, extern "x"] axiom Lean.calcTactic : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.cdot : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom Lean.solveTactic : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom tacticFunext___ : Lean.ParserDescr
@[tactic_parser, extern "x"] axiom «tacticBy_cases_:_» : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.arg : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.change : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.congr : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.convDone : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.convRfl : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.convRw__ : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.convTactic : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.convTry_ : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.delta : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.enter : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.ext : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.first : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.fun : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.lhs : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.nestedTactic : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.nestedTacticCore : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.paren : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.pattern : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.rewrite : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.rhs : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.simp : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.skip : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.unfold : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.whnf : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.«convNext__=>_» : Lean.ParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.«conv_<;>_» : Lean.TrailingParserDescr
@[conv_parser, extern "x"] axiom Lean.Parser.Tactic.Conv.«conv·_» : Lean.ParserDescr
@[macro Lean.Parser.Tactic.Conv.convDone, extern "x"] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convDone_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.«convNext__=>_», extern "x"] axiom Lean.Parser.Tactic.Conv.«_aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convNext__=>__1» : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convRfl, extern "x"] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convRfl_1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convRw__, extern "x"] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convRw___1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.convTry_, extern "x"] axiom Lean.Parser.Tactic.Conv._aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_convTry__1 : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.«conv_<;>_», extern "x"] axiom Lean.Parser.Tactic.Conv.«_aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_conv_<;>__1» : Lean.Macro
@[macro Lean.Parser.Tactic.Conv.«conv·_», extern "x"] axiom Lean.Parser.Tactic.Conv.«_aux_Init_Conv___macroRules_Lean_Parser_Tactic_Conv_conv·__1» : Lean.Macro
@[macro Lean.Parser.Tactic.tacDepIfThenElse, extern "x"] axiom Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacDepIfThenElse_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacIfThenElse, extern "x"] axiom Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacIfThenElse_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticIterate____, extern "x"] axiom Lean.Parser.Tactic._aux_Init_TacticsExtra___macroRules_Lean_Parser_Tactic_tacticIterate_____1 : Lean.Macro
@[macro Lean.Parser.Tactic.rwSeq, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_rwSeq_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticAnd_intros, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticAnd_intros_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticExfalso, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticExfalso_1 : Lean.Macro
@[macro Lean.Parser.Tactic.«tacticExists_,,», extern "x"] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticExists_,,_1» : Lean.Macro
@[macro Lean.Parser.Tactic.tacticHave__, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticHave___1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticInfer_instance, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticInfer_instance_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticLet__, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticLet___1 : Lean.Macro
@[macro Lean.Parser.Tactic.«tacticNext_=>_», extern "x"] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticNext_=>__1» : Lean.Macro
@[macro Lean.Parser.Tactic.tacticNofun, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticNofun_1 : Lean.Macro
@[macro Lean.Parser.Tactic.«tacticNomatch_,,», extern "x"] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticNomatch_,,_1» : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRefine_lift_, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRefine_lift__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRefine_lift'_, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRefine_lift'__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl_2 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl_3 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl', extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticRfl'_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticSorry, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticSorry_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticSuffices_, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticSuffices__1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_1 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_2 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_3 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_4 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_5 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTrivial, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTrivial_6 : Lean.Macro
@[macro Lean.Parser.Tactic.tacticTry_, extern "x"] axiom Lean.Parser.Tactic._aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tacticTry__1 : Lean.Macro
@[macro Lean.Parser.Tactic.«tactic_<;>_», extern "x"] axiom Lean.Parser.Tactic.«_aux_Init_Tactics___macroRules_Lean_Parser_Tactic_tactic_<;>__1» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___1» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___10» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___11» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___2» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___3» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___4» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___5» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___6» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___7» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___8» : Lean.Macro
@[macro Lean.«termSatisfies_binder_pred%__», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_termSatisfies_binder_pred%___9» : Lean.Macro
@[macro Lean.«term∀__,_», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_term∀__,__1» : Lean.Macro
@[macro Lean.«term∃__,_», extern "x"] axiom Lean.«_aux_Init_BinderPredicates___macroRules_Lean_term∃__,__1» : Lean.Macro
@[macro «term[_]», extern "x"] axiom Lean.«_aux_Init_Data_List_Notation___macroRules_term[_]_1» : Lean.Macro
@[macro Lean.solveTactic, extern "x"] axiom Lean._aux_Init_NotationExtra___macroRules_Lean_solveTactic_1 : Lean.Macro
@[macro «tacticBy_cases_:_», extern "x"] axiom «_aux_Init_ByCases___macroRules_tacticBy_cases_:__1» : Lean.Macro
@[macro «tacticBy_cases_:_», extern "x"] axiom «_aux_Init_ByCases___macroRules_tacticBy_cases_:__2» : Lean.Macro
@[macro Lean.Parser.Tactic.tacticRfl, extern "x"] axiom _aux_Init_Core___macroRules_Lean_Parser_Tactic_tacticRfl_1 : Lean.Macro
@[macro «term_↔_», extern "x"] axiom «_aux_Init_Core___macroRules_term_↔__1» : Lean.Macro
@[macro «term_≠_», extern "x"] axiom «_aux_Init_Core___macroRules_term_≠__1» : Lean.Macro
@[macro «term_≠_», extern "x"] axiom «_aux_Init_Core___macroRules_term_≠__2» : Lean.Macro
@[macro «term_<->_», extern "x"] axiom «_aux_Init_Core___macroRules_term_<->__1» : Lean.Macro
@[macro tacticFunext___, extern "x"] axiom _aux_Init_NotationExtra___macroRules_tacticFunext____1 : Lean.Macro
@[macro «termExists_,_», extern "x"] axiom «_aux_Init_NotationExtra___macroRules_termExists_,__1» : Lean.Macro
@[macro «term∃_,_», extern "x"] axiom «_aux_Init_NotationExtra___macroRules_term∃_,__1» : Lean.Macro
@[macro precArg, extern "x"] axiom _aux_Init_Notation___macroRules_precArg_1 : Lean.Macro
@[macro precLead, extern "x"] axiom _aux_Init_Notation___macroRules_precLead_1 : Lean.Macro
@[macro precMax, extern "x"] axiom _aux_Init_Notation___macroRules_precMax_1 : Lean.Macro
@[macro precMin1, extern "x"] axiom _aux_Init_Notation___macroRules_precMin1_1 : Lean.Macro
@[macro precMin, extern "x"] axiom _aux_Init_Notation___macroRules_precMin_1 : Lean.Macro
@[macro «prec(_)», extern "x"] axiom «_aux_Init_Notation___macroRules_prec(_)_1» : Lean.Macro
@[macro prioDefault, extern "x"] axiom _aux_Init_Notation___macroRules_prioDefault_1 : Lean.Macro
@[macro prioHigh, extern "x"] axiom _aux_Init_Notation___macroRules_prioHigh_1 : Lean.Macro
@[macro prioLow, extern "x"] axiom _aux_Init_Notation___macroRules_prioLow_1 : Lean.Macro
@[macro prioMid, extern "x"] axiom _aux_Init_Notation___macroRules_prioMid_1 : Lean.Macro
@[macro «prio(_)», extern "x"] axiom «_aux_Init_Notation___macroRules_prio(_)_1» : Lean.Macro
@[macro termDepIfThenElse, extern "x"] axiom _aux_Init_Notation___macroRules_termDepIfThenElse_1 : Lean.Macro
@[macro termIfThenElse, extern "x"] axiom _aux_Init_Notation___macroRules_termIfThenElse_1 : Lean.Macro
@[macro «term_∈_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_∈__1» : Lean.Macro
@[macro «term_∉_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_∉__1» : Lean.Macro
@[macro «term_∘_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_∘__1» : Lean.Macro
@[macro «term_∣_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_∣__1» : Lean.Macro
@[macro «term_∧_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_∧__1» : Lean.Macro
@[macro «term_∨_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_∨__1» : Lean.Macro
@[macro «term_≍_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_≍__1» : Lean.Macro
@[macro «term_≤_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_≤__1» : Lean.Macro
@[macro «term_≤_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_≤__2» : Lean.Macro
@[macro «term_≥_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_≥__1» : Lean.Macro
@[macro «term_≥_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_≥__2» : Lean.Macro
@[macro «term_$__», extern "x"] axiom «_aux_Init_Notation___macroRules_term_$___1» : Lean.Macro
@[macro «term_%_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_%__1» : Lean.Macro
@[macro «term_%_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_%__2» : Lean.Macro
@[macro «term_&&_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_&&__1» : Lean.Macro
@[macro «term_*_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_*__1» : Lean.Macro
@[macro «term_*_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_*__2» : Lean.Macro
@[macro «term_+_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_+__1» : Lean.Macro
@[macro «term_+_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_+__2» : Lean.Macro
@[macro «term_++_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_++__1» : Lean.Macro
@[macro «term_++_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_++__2» : Lean.Macro
@[macro «term_-_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_-__1» : Lean.Macro
@[macro «term_-_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_-__2» : Lean.Macro
@[macro «term_/_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_/__1» : Lean.Macro
@[macro «term_/_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_/__2» : Lean.Macro
@[macro «term_::_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_::__1» : Lean.Macro
@[macro «term_<_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_<__1» : Lean.Macro
@[macro «term_<_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_<__2» : Lean.Macro
@[macro «term_<=_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_<=__1» : Lean.Macro
@[macro «term_<=_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_<=__2» : Lean.Macro
@[macro «term_<|_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_<|__1» : Lean.Macro
@[macro «term_=_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_=__1» : Lean.Macro
@[macro «term_=_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_=__2» : Lean.Macro
@[macro «term_==_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_==__1» : Lean.Macro
@[macro «term_==_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_==__2» : Lean.Macro
@[macro «term_>_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_>__1» : Lean.Macro
@[macro «term_>_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_>__2» : Lean.Macro
@[macro «term_>=_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_>=__1» : Lean.Macro
@[macro «term_>=_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_>=__2» : Lean.Macro
@[macro «term_^_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_^__1» : Lean.Macro
@[macro «term_^_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_^__2» : Lean.Macro
@[macro «term_|>_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_|>__1» : Lean.Macro
@[macro «term_||_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_||__1» : Lean.Macro
@[macro «term_×_», extern "x"] axiom «_aux_Init_Notation___macroRules_term_×__1» : Lean.Macro
@[macro term!_, extern "x"] axiom _aux_Init_Notation___macroRules_term!__1 : Lean.Macro
@[macro «term{_:_//_}», extern "x"] axiom «_aux_Init_Notation___macroRules_term{_:_//_}_1» : Lean.Macro
@[macro «term¬_», extern "x"] axiom «_aux_Init_Notation___macroRules_term¬__1» : Lean.Macro
@[macro «term‹_›», extern "x"] axiom «_aux_Init_Tactics___macroRules_term‹_›_1» : Lean.Macro

/-! ### 3. Logic and equality -/
class Add (α : Type u) where add : α → α → α
class Mul (α : Type u) where mul : α → α → α
class Sub (α : Type u) where sub : α → α → α
class Div (α : Type u) where div : α → α → α
class Mod (α : Type u) where mod : α → α → α
class Neg (α : Type u) where neg : α → α
class HDiv (α : Type u) (β : Type v) (γ : outParam (Type w)) where hDiv : α → β → γ
class HMod (α : Type u) (β : Type v) (γ : outParam (Type w)) where hMod : α → β → γ
class NatPow (α : Type u) where pow : α → Nat → α
class Pow (α : Type u) (β : Type v) where pow : α → β → α
class Append (α : Type u) where append : α → α → α
class LE (α : Type u) where le : α → α → Prop
class LT (α : Type u) where lt : α → α → Prop
class BEq (α : Type u) where beq : α → α → Bool
class HAdd (α : Type u) (β : Type v) (γ : outParam (Type w)) where hAdd : α → β → γ
class HMul (α : Type u) (β : Type v) (γ : outParam (Type w)) where hMul : α → β → γ
class HSub (α : Type u) (β : Type v) (γ : outParam (Type w)) where hSub : α → β → γ
class HPow (α : Type u) (β : Type v) (γ : outParam (Type w)) where hPow : α → β → γ
class HAppend (α : Type u) (β : Type v) (γ : outParam (Type w)) where hAppend : α → β → γ
class Membership (α : outParam (Type u)) (γ : Type v) where mem : γ → α → Prop
attribute [implicit_reducible] Membership.mem
@[default_instance] instance instHAdd {α : Type u} [Add α] : HAdd α α α := ⟨Add.add⟩
@[default_instance] instance instHMul {α : Type u} [Mul α] : HMul α α α := ⟨Mul.mul⟩
@[default_instance] instance instHSub {α : Type u} [Sub α] : HSub α α α := ⟨Sub.sub⟩
@[default_instance] instance instHDiv {α : Type u} [Div α] : HDiv α α α := ⟨Div.div⟩
@[default_instance] instance instHMod {α : Type u} [Mod α] : HMod α α α := ⟨Mod.mod⟩
@[default_instance] instance instHPow {α : Type u} {β : Type v} [Pow α β] : HPow α β α := ⟨Pow.pow⟩
@[default_instance] instance instPowNat {α : Type u} [NatPow α] : Pow α Nat := ⟨NatPow.pow⟩
@[default_instance] instance instHAppendOfAppend {α : Type u} [Append α] : HAppend α α α := ⟨Append.append⟩
@[reducible] def GE.ge {α : Type u} [LE α] (a b : α) : Prop := LE.le b a
@[reducible] def GT.gt {α : Type u} [LT α] (a b : α) : Prop := LT.lt b a
instance instAddNat : Add Nat := ⟨Nat.add⟩
instance instMulNat : Mul Nat := ⟨Nat.mul⟩
instance instSubNat : Sub Nat := ⟨Nat.sub⟩
instance instNatPowNat : NatPow Nat := ⟨Nat.pow⟩
attribute [match_pattern] Nat.add Add.add HAdd.hAdd Mul.mul HMul.hMul

@[reducible] def Ne {α : Sort u} (a b : α) : Prop := ¬(a = b)
structure Iff (a b : Prop) : Prop where
  intro ::
  mp : a → b
  mpr : b → a
inductive Exists {α : Sort u} (p : α → Prop) : Prop where
  | intro (w : α) (h : p w)
axiom propext {a b : Prop} : (a ↔ b) → a = b
theorem trivial : True := ⟨⟩
theorem Ne.intro {α : Sort u} {a b : α} (h : a = b → False) : a ≠ b := h
theorem Ne.symm {α : Sort u} {a b : α} (h : a ≠ b) : b ≠ a := fun e => h e.symm
theorem Ne.elim {α : Sort u} {a b : α} (h : a ≠ b) : a = b → False := h
theorem ne_of_eq_of_ne {α : Sort u} {a b c : α} (h₁ : a = b) (h₂ : b ≠ c) : a ≠ c := h₁.symm.rec h₂
@[macro_inline] def Eq.mp {α β : Sort u} (h : α = β) (a : α) : β := h.rec a
@[macro_inline] def Eq.mpr {α β : Sort u} (h : α = β) (b : β) : α := h.symm.rec b
theorem HEq.symm {α β : Sort u} {a : α} {b : β} (h : HEq a b) : HEq b a := h.rec (HEq.refl a)
theorem HEq.trans {α β φ : Sort u} {a : α} {b : β} {c : φ} (h₁ : HEq a b) (h₂ : HEq b c) : HEq a c := h₂.rec h₁
theorem cast_eq {α : Sort u} (h : α = α) (a : α) : cast h a = a := rfl
theorem Or.elim {a b c : Prop} (h : a ∨ b) (f : a → c) (g : b → c) : c := h.rec f g
theorem Or.symm {a b : Prop} (h : a ∨ b) : b ∨ a := h.rec .inr .inl
theorem And.symm {a b : Prop} (h : a ∧ b) : b ∧ a := ⟨h.2, h.1⟩
theorem Exists.elim {α : Sort u} {p : α → Prop} {b : Prop} (h : ∃ x, p x) (k : ∀ a, p a → b) : b := h.rec k
@[refl] theorem Iff.refl (a : Prop) : a ↔ a := ⟨id, id⟩
theorem Iff.rfl {a : Prop} : a ↔ a := Iff.refl a
@[symm] theorem Iff.symm {a b : Prop} (h : a ↔ b) : b ↔ a := ⟨h.2, h.1⟩
theorem Iff.trans {a b c : Prop} (h : a ↔ b) (k : b ↔ c) : a ↔ c := ⟨fun x => k.1 (h.1 x), fun x => h.2 (k.2 x)⟩
theorem Iff.of_eq {a b : Prop} (h : a = b) : a ↔ b := h.rec Iff.rfl
theorem Eq.to_iff {a b : Prop} (h : a = b) : a ↔ b := .of_eq h
theorem iff_of_eq {a b : Prop} (h : a = b) : a ↔ b := .of_eq h
attribute [symm] Eq.symm HEq.symm Ne.symm And.symm Or.symm
theorem mt {a b : Prop} (f : a → b) (h : ¬b) : ¬a := fun x => h (f x)
theorem not_not_intro {p : Prop} (h : p) : ¬¬p := fun k => k h

theorem Classical.em (p : Prop) : p ∨ ¬p :=
  have e₁ : ∃ x : Prop, x = True ∨ p := ⟨True, .inl rfl⟩
  have e₂ : ∃ x : Prop, x = False ∨ p := ⟨False, .inl rfl⟩
  let pick (q : Prop → Prop) (h : ∃ x, q x) : Subtype q := Classical.choice (h.rec fun w k => ⟨⟨w, k⟩⟩)
  (pick _ e₁).property.elim (fun ha => (pick _ e₂).property.elim
      (fun hb => .inr fun hp =>
        have same : (fun x : Prop => x = True ∨ p) = (fun x => x = False ∨ p) :=
          funext fun _ => propext ⟨fun _ => .inr hp, fun _ => .inr hp⟩
        have all (q : Prop → Prop) (h : (fun x : Prop => x = True ∨ p) = q) (k : ∃ x, q x) :
            (pick _ e₁).val = (pick q k).val := by subst h; exact rfl
        have tf : True = False := ha.symm.trans ((all _ same e₂).trans hb)
        tf.mp trivial) .inl) .inl
@[instance_reducible] noncomputable def Classical.propDecidable (a : Prop) : Decidable a :=
  Classical.choice ((Classical.em a).rec (fun h => ⟨isTrue h⟩) (fun h => ⟨isFalse h⟩))
namespace Classical
attribute [scoped instance low] propDecidable
end Classical
theorem Classical.byContradiction {p : Prop} (h : ¬p → False) : p := (em p).elim id (fun k => (h k).elim)
theorem Classical.byCases {p q : Prop} (f : p → q) (g : ¬p → q) : q := (em p).elim f g
theorem Classical.not_not {a : Prop} : ¬¬a ↔ a := ⟨byContradiction, not_not_intro⟩
theorem Decidable.em (p : Prop) [Decidable p] : p ∨ ¬p := Classical.em p
theorem Decidable.byContradiction {p : Prop} [Decidable p] (h : ¬p → False) : p := Classical.byContradiction h
theorem Decidable.not_not {p : Prop} [Decidable p] : ¬¬p ↔ p := Classical.not_not
theorem Decidable.of_not_not {p : Prop} [Decidable p] : ¬¬p → p := byContradiction

/-! ### 4. What `simp`, `decide`, `split`, `rw` use -/
theorem of_eq_true {p : Prop} (h : p = True) : p := h.symm.mp trivial
theorem eq_true {p : Prop} (h : p) : p = True := propext ⟨fun _ => trivial, fun _ => h⟩
theorem of_eq_false {p : Prop} (h : p = False) : ¬p := fun x => h.mp x
theorem eq_false {p : Prop} (h : ¬p) : p = False := propext ⟨h, False.elim⟩
theorem eq_false' {p : Prop} (h : p → False) : p = False := eq_false h
theorem eq_true_of_decide {p : Prop} [Decidable p] (h : decide p = true) : p = True :=
  eq_true (by have := ‹Decidable p›.reflects_decide; unfold Bool.Reflects at this; rw [h] at this; exact this)
theorem of_decide_eq_true {p : Prop} [inst : Decidable p] (h : decide p = true) : p := of_eq_true (eq_true_of_decide h)
theorem of_decide_eq_false {p : Prop} [inst : Decidable p] (h : decide p = false) : ¬p := by
  have := inst.reflects_decide; unfold Bool.Reflects at this; rw [h] at this; exact this
theorem eq_false_of_decide {p : Prop} [Decidable p] (h : decide p = false) : p = False := eq_false (of_decide_eq_false h)
theorem decide_eq_true {p : Prop} [inst : Decidable p] (h : p) : decide p = true := by
  cases e : decide p with
  | false => exact absurd h (of_decide_eq_false e)
  | true => exact rfl
theorem decide_eq_false {p : Prop} [inst : Decidable p] (h : ¬p) : decide p = false := by
  cases e : decide p with
  | false => exact rfl
  | true => exact absurd (of_decide_eq_true e) h
@[simp] theorem eq_self {α : Sort u} (a : α) : (a = a) = True := eq_true rfl
@[simp] theorem ne_eq {α : Sort u} (a b : α) : (a ≠ b) = ¬(a = b) := rfl
@[simp] theorem id_eq {α : Sort u} (a : α) : id a = a := rfl
@[simp] theorem eq_mpr_eq_cast {α β : Sort u} (h : α = β) : Eq.mpr h = cast h.symm := by subst h; exact rfl
@[simp] theorem eq_mp_eq_cast {α β : Sort u} (h : α = β) : Eq.mp h = cast h := by subst h; exact rfl
theorem implies_congr {p₁ p₂ : Sort u} {q₁ q₂ : Sort v} (h₁ : p₁ = p₂) (h₂ : q₁ = q₂) : (p₁ → q₁) = (p₂ → q₂) := by subst h₁ h₂; exact rfl
theorem implies_dep_congr_ctx {p₁ p₂ q₁ : Prop} (h₁ : p₁ = p₂) {q₂ : p₂ → Prop} (h₂ : (h : p₂) → q₁ = q₂ h) : (p₁ → q₁) = ((h : p₂) → q₂ h) :=
  propext ⟨fun f h => (h₂ h).mp (f (h₁.mpr h)), fun f h => (h₂ (h₁.mp h)).mpr (f (h₁.mp h))⟩
theorem implies_congr_ctx {p₁ p₂ q₁ q₂ : Prop} (h₁ : p₁ = p₂) (h₂ : p₂ → q₁ = q₂) : (p₁ → q₁) = (p₂ → q₂) := implies_dep_congr_ctx h₁ h₂
theorem forall_congr {α : Sort u} {p q : α → Prop} (h : ∀ a, p a = q a) : (∀ a, p a) = (∀ a, q a) := by rw [funext h]
theorem forall_prop_domain_congr {p₁ p₂ : Prop} {q : p₁ → Prop} (h₁ : p₁ = p₂) : (∀ a : p₁, q a) = (∀ a : p₂, q (h₁.mpr a)) := by subst h₁; exact rfl
theorem forall_prop_congr_dom {p₁ p₂ : Prop} (h : p₁ = p₂) (q : p₁ → Prop) : (∀ a : p₁, q a) = (∀ a : p₂, q (h.mpr a)) := by subst h; exact rfl
theorem pi_congr {α : Sort u} {β β' : α → Sort v} (h : ∀ a, β a = β' a) : (∀ a, β a) = ∀ a, β' a := by rw [funext h]
theorem let_congr {α : Sort u} {β : Sort v} {a a' : α} {b b' : α → β} (h₁ : a = a') (h₂ : ∀ x, b x = b' x) : (let x := a; b x) = (let x := a'; b' x) := by subst h₁; exact h₂ a
theorem let_val_congr {α : Sort u} {β : Sort v} {a a' : α} (b : α → β) (h : a = a') : (let x := a; b x) = (let x := a'; b x) := by subst h; exact rfl
theorem let_body_congr {α : Sort u} {β : α → Sort v} {b b' : (a : α) → β a} (a : α) (h : ∀ x, b x = b' x) : (let x := a; b x) = (let x := a; b' x) := h a
class Subsingleton (α : Sort u) : Prop where
  intro ::
  allEq : (a b : α) → a = b
protected theorem Subsingleton.elim {α : Sort u} [h : Subsingleton α] (a b : α) : a = b := h.allEq a b
protected theorem Subsingleton.helim {α β : Sort u} [h : Subsingleton α] (e : α = β) (a : α) (b : β) : HEq a b := by
  subst e; exact heq_of_eq (h.allEq a b)
instance instSubsingletonOfProp (p : Prop) : Subsingleton p := ⟨fun _ _ => rfl⟩
instance instSubsingletonDecidable (p : Prop) : Subsingleton (Decidable p) := ⟨fun a b => by
  cases a with
  | isTrue h => cases b with
    | isTrue _ => exact rfl
    | isFalse k => exact absurd h k
  | isFalse h => cases b with
    | isTrue k => exact absurd k h
    | isFalse _ => exact rfl⟩
theorem ite_congr {α : Sort u} {b c : Prop} {x y u v : α} {s : Decidable b} [Decidable c]
    (h₁ : b = c) (h₂ : c → x = u) (h₃ : ¬c → y = v) : ite b x y = ite c u v := by
  subst h₁; cases s with
  | isTrue h => rw [h₂ h]; cases ‹Decidable b› with
    | isTrue k => exact rfl
    | isFalse k => exact absurd h k
  | isFalse h => rw [h₃ h]; cases ‹Decidable b› with
    | isTrue k => exact absurd k h
    | isFalse k => exact rfl
theorem ite_eq_left {c : Prop} {h : Decidable c} (hc : c) {α : Sort u} {t e : α} : ite c t e = t := by
  cases h with
  | isTrue _ => exact rfl
  | isFalse k => exact absurd hc k
theorem ite_eq_right {c : Prop} {h : Decidable c} (hc : ¬c) {α : Sort u} {t e : α} : ite c t e = e := by
  cases h with
  | isTrue k => exact absurd k hc
  | isFalse _ => exact rfl
theorem dite_eq_left {c : Prop} {h : Decidable c} (hc : c) {α : Sort u} {t : c → α} {e : ¬c → α} : dite c t e = t hc := by
  cases h with
  | isTrue _ => exact rfl
  | isFalse k => exact absurd hc k
theorem dite_eq_right {c : Prop} {h : Decidable c} (hc : ¬c) {α : Sort u} {t : c → α} {e : ¬c → α} : dite c t e = e hc := by
  cases h with
  | isTrue k => exact absurd k hc
  | isFalse _ => exact rfl
theorem ite_eq_left_of_eq_true {α : Sort u} {c : Prop} {x : Decidable c} (a b : α) (h : c = True) : ite c a b = a := ite_eq_left (of_eq_true h)
theorem ite_eq_right_of_eq_false {α : Sort u} {c : Prop} {x : Decidable c} (a b : α) (h : c = False) : ite c a b = b := ite_eq_right (of_eq_false h)
theorem dite_eq_left_of_eq_true {α : Sort u} {c : Prop} {x : Decidable c} {t : c → α} {e : ¬c → α} (h : c = True) : dite c t e = t (of_eq_true h) := dite_eq_left _
theorem dite_eq_right_of_eq_false {α : Sort u} {c : Prop} {x : Decidable c} {t : c → α} {e : ¬c → α} (h : c = False) : dite c t e = e (of_eq_false h) := dite_eq_right _
@[simp] theorem and_true (p : Prop) : (p ∧ True) = p := propext ⟨And.left, fun h => ⟨h, trivial⟩⟩
@[simp] theorem true_and (p : Prop) : (True ∧ p) = p := propext ⟨And.right, fun h => ⟨trivial, h⟩⟩
@[simp] theorem and_false (p : Prop) : (p ∧ False) = False := eq_false And.right
@[simp] theorem false_and (p : Prop) : (False ∧ p) = False := eq_false And.left
@[simp] theorem and_self (p : Prop) : (p ∧ p) = p := propext ⟨And.left, fun h => ⟨h, h⟩⟩
@[simp] theorem or_true (p : Prop) : (p ∨ True) = True := eq_true (.inr trivial)
@[simp] theorem true_or (p : Prop) : (True ∨ p) = True := eq_true (.inl trivial)
@[simp] theorem or_false (p : Prop) : (p ∨ False) = p := propext ⟨fun h => h.elim id False.elim, .inl⟩
@[simp] theorem false_or (p : Prop) : (False ∨ p) = p := propext ⟨fun h => h.elim False.elim id, .inr⟩
@[simp] theorem or_self (p : Prop) : (p ∨ p) = p := propext ⟨fun h => h.elim id id, .inl⟩
@[simp] theorem iff_self (p : Prop) : (p ↔ p) = True := eq_true .rfl
@[simp] theorem iff_true (p : Prop) : (p ↔ True) = p := propext ⟨fun h => h.2 trivial, fun h => ⟨fun _ => trivial, fun _ => h⟩⟩
@[simp] theorem true_iff (p : Prop) : (True ↔ p) = p := propext ⟨fun h => h.1 trivial, fun h => ⟨fun _ => h, fun _ => trivial⟩⟩
@[simp] theorem iff_false (p : Prop) : (p ↔ False) = ¬p := propext ⟨Iff.mp, fun h => ⟨h, False.elim⟩⟩
@[simp] theorem false_iff (p : Prop) : (False ↔ p) = ¬p := propext ⟨Iff.mpr, fun h => ⟨False.elim, h⟩⟩
@[simp] theorem not_true_eq_false : (¬True) = False := eq_false fun h => h trivial
@[simp] theorem not_false_eq_true : (¬False) = True := eq_true id
theorem not_false : ¬False := id
@[simp] theorem implies_true (α : Sort u) : (α → True) = True := eq_true fun _ => trivial
@[simp] theorem true_implies (p : Prop) : (True → p) = p := propext ⟨fun h => h trivial, fun h _ => h⟩
@[simp] theorem false_implies (p : Prop) : (False → p) = True := eq_true False.elim
@[simp] theorem forall_const {α : Sort u} (p : Prop) [i : Nonempty α] : (α → p) = p := propext ⟨fun h => i.rec h, fun h _ => h⟩
@[simp] theorem exists_const {α : Sort u} (p : Prop) [i : Nonempty α] : (∃ _x : α, p) = p := propext ⟨fun ⟨_, h⟩ => h, fun h => i.rec fun a => ⟨a, h⟩⟩
@[simp] theorem not_not {p : Prop} : (¬¬p) = p := propext Classical.not_not
@[simp] theorem not_or {p q : Prop} : (¬(p ∨ q)) = (¬p ∧ ¬q) := propext ⟨fun h => ⟨fun x => h (.inl x), fun x => h (.inr x)⟩, fun h k => k.elim h.1 h.2⟩
theorem not_and {p q : Prop} : (¬(p ∧ q)) = (p → ¬q) := propext ⟨fun h x y => h ⟨x, y⟩, fun h k => h k.1 k.2⟩
@[simp] theorem not_exists {α : Sort u} {p : α → Prop} : (¬∃ x, p x) = ∀ x, ¬p x := propext ⟨fun h x k => h ⟨x, k⟩, fun h ⟨x, k⟩ => h x k⟩
@[simp] theorem not_forall {α : Sort u} {p : α → Prop} : (¬∀ x, p x) = ∃ x, ¬p x :=
  propext ⟨fun h => Classical.byContradiction fun k => h fun x => Classical.byContradiction fun l => k ⟨x, l⟩, fun ⟨x, k⟩ h => k (h x)⟩
@[simp] theorem exists_eq {α : Sort u} {a : α} : (∃ x, x = a) = True := eq_true ⟨a, rfl⟩
@[simp] theorem exists_eq' {α : Sort u} {a : α} : (∃ x, a = x) = True := eq_true ⟨a, rfl⟩
@[simp] theorem exists_eq_left {α : Sort u} {a : α} {p : α → Prop} : (∃ x, x = a ∧ p x) = p a := propext ⟨fun ⟨_, e, h⟩ => e ▸ h, fun h => ⟨a, rfl, h⟩⟩
@[simp] theorem forall_eq {α : Sort u} {p : α → Prop} {a : α} : (∀ x, x = a → p x) = p a := propext ⟨fun h => h a rfl, fun h _ e => e ▸ h⟩
theorem exists_congr {α : Sort u} {p q : α → Prop} (h : ∀ a, p a ↔ q a) : (∃ a, p a) ↔ ∃ a, q a := ⟨fun ⟨a, k⟩ => ⟨a, (h a).1 k⟩, fun ⟨a, k⟩ => ⟨a, (h a).2 k⟩⟩
theorem eq_comm {α : Sort u} {a b : α} : a = b ↔ b = a := ⟨.symm, .symm⟩
theorem and_comm {p q : Prop} : p ∧ q ↔ q ∧ p := ⟨.symm, .symm⟩
theorem or_comm {p q : Prop} : p ∨ q ↔ q ∨ p := ⟨.symm, .symm⟩
theorem and_assoc {p q r : Prop} : (p ∧ q) ∧ r ↔ p ∧ q ∧ r := ⟨fun ⟨⟨a, b⟩, c⟩ => ⟨a, b, c⟩, fun ⟨a, b, c⟩ => ⟨⟨a, b⟩, c⟩⟩
theorem or_assoc {p q r : Prop} : (p ∨ q) ∨ r ↔ p ∨ q ∨ r := by
  constructor
  · rintro ((h | h) | h)
    · exact .inl h
    · exact .inr (.inl h)
    · exact .inr (.inr h)
  · rintro (h | h | h)
    · exact .inl (.inl h)
    · exact .inl (.inr h)
    · exact .inr h
@[simp] theorem decide_true (h : Decidable True) : @decide True h = true := decide_eq_true trivial
@[simp] theorem decide_false (h : Decidable False) : @decide False h = false := decide_eq_false id
theorem decide_eq_true_eq {p : Prop} [Decidable p] : (decide p = true) = p := propext ⟨of_decide_eq_true, decide_eq_true⟩
theorem Bool.of_not_eq_true {b : Bool} (h : ¬(b = true)) : b = false := by cases b; exact rfl; exact absurd rfl h
theorem Bool.of_not_eq_false {b : Bool} (h : ¬(b = false)) : b = true := by cases b; exact absurd rfl h; exact rfl
instance instDecidableTrue : Decidable True := isTrue trivial
instance instDecidableFalse : Decidable False := isFalse id
instance instDecidableAnd {p q : Prop} [dp : Decidable p] [dq : Decidable q] : Decidable (p ∧ q) :=
  if hp : p then (if hq : q then isTrue ⟨hp, hq⟩ else isFalse fun h => hq h.2) else isFalse fun h => hp h.1
instance instDecidableOr {p q : Prop} [dp : Decidable p] [dq : Decidable q] : Decidable (p ∨ q) :=
  if hp : p then isTrue (.inl hp) else if hq : q then isTrue (.inr hq) else isFalse fun h => h.elim hp hq
instance instDecidableNot {p : Prop} [dp : Decidable p] : Decidable (¬p) := if hp : p then isFalse fun h => h hp else isTrue hp
instance instDecidableImp {p q : Prop} [dp : Decidable p] [dq : Decidable q] : Decidable (p → q) :=
  if hp : p then (if hq : q then isTrue fun _ => hq else isFalse fun h => hq (h hp)) else isTrue fun h => absurd h hp
instance instDecidableIff {p q : Prop} [Decidable p] [Decidable q] : Decidable (p ↔ q) :=
  if h : (p → q) ∧ (q → p) then isTrue ⟨h.1, h.2⟩ else isFalse fun k => h ⟨k.1, k.2⟩
instance instDecidableEqBool : DecidableEq Bool
  | true, true => isTrue rfl
  | false, false => isTrue rfl
  | true, false => isFalse Bool.noConfusion
  | false, true => isFalse Bool.noConfusion
gen_injective_theorems% Prod
gen_injective_theorems% Nat
@[simp] theorem dite_eq_ite {α : Sort u} {p : Prop} [Decidable p] {a b : α} : (dite p (fun _ => a) fun _ => b) = ite p a b := rfl
class Std.Associative {α : Sort u} (op : α → α → α) : Prop where
  assoc : (a b c : α) → op (op a b) c = op a (op b c)
class Std.Commutative {α : Sort u} (op : α → α → α) : Prop where
  comm : (a b : α) → op a b = op b a
class Std.IdempotentOp {α : Sort u} (op : α → α → α) : Prop where
  idempotent : (x : α) → op x x = x
class Trans {α : Sort u₁} {β : Sort u₂} {γ : Sort u₃} (r : α → β → Sort u) (s : β → γ → Sort v) (t : outParam (α → γ → Sort w)) where
  trans {a : α} {b : β} {c : γ} : r a b → s b c → t a c
instance instTransEq {α : Sort u₁} {γ : Sort u₂} (r : α → γ → Sort u) : Trans Eq r r := ⟨fun e h => e ▸ h⟩
instance instTransEq_1 {α : Sort u₁} {β : Sort u₂} (r : α → β → Sort u) : Trans r Eq r := ⟨fun h e => e ▸ h⟩
instance instTransIff : Trans Iff Iff Iff := ⟨Iff.trans⟩
@[simp] theorem eq_iff_iff {p q : Prop} : (p = q) = (p ↔ q) := propext ⟨Iff.of_eq, propext⟩
@[simp] theorem imp_self {p : Prop} : (p → p) = True := eq_true id
@[simp] theorem imp_false {p : Prop} : (p → False) = ¬p := rfl
@[simp] theorem and_imp {p q r : Prop} : (p ∧ q → r) = (p → q → r) := propext ⟨fun h x y => h ⟨x, y⟩, fun h k => h k.1 k.2⟩
@[simp] theorem not_imp {p q : Prop} : (¬(p → q)) = (p ∧ ¬q) :=
  propext ⟨fun h => ⟨Classical.byContradiction fun k => h fun x => absurd x k, fun y => h fun _ => y⟩, fun h k => h.2 (k h.1)⟩
@[simp] theorem and_not_self {p : Prop} : (p ∧ ¬p) = False := eq_false fun h => h.2 h.1
@[simp] theorem not_and_self {p : Prop} : (¬p ∧ p) = False := eq_false fun h => h.1 h.2
@[simp] theorem exists_prop {p q : Prop} : (∃ _h : p, q) = (p ∧ q) := propext ⟨fun ⟨x, y⟩ => ⟨x, y⟩, fun h => ⟨h.1, h.2⟩⟩

/-! Every function that the kernel evaluates with big-number arithmetic must have its true
meaning here; left free, a user file could give it another one and prove `False`. -/
namespace Nat
def divGo : Nat → Nat → Nat → Nat
  | 0, _, _ => 0
  | fuel + 1, x, y => cond (ble y x) (divGo fuel (x - y) y + 1) 0
protected def div (x y : Nat) : Nat := cond (beq y 0) 0 (divGo x x y)
protected def mod (x y : Nat) : Nat := x - y * Nat.div x y
def gcdGo : Nat → Nat → Nat → Nat
  | 0, _, n => n
  | fuel + 1, m, n => cond (beq m 0) n (gcdGo fuel (Nat.mod n m) m)
def gcd (m n : Nat) : Nat := gcdGo m m n
def log2Go : Nat → Nat → Nat
  | 0, _ => 0
  | fuel + 1, n => cond (ble 2 n) (log2Go fuel (Nat.div n 2) + 1) 0
def log2 (n : Nat) : Nat := log2Go n n
def bitGo (f : Bool → Bool → Bool) : Nat → Nat → Nat → Nat
  | 0, _, _ => 0
  | fuel + 1, x, y => 2 * bitGo f fuel (Nat.div x 2) (Nat.div y 2) + cond (f (beq (Nat.mod x 2) 1) (beq (Nat.mod y 2) 1)) 1 0
def land (x y : Nat) : Nat := bitGo (fun a b => cond a b false) (x + y) x y
def lor (x y : Nat) : Nat := bitGo (fun a b => cond a true b) (x + y) x y
def xor (x y : Nat) : Nat := bitGo (fun a b => cond a (cond b false true) b) (x + y) x y
def shiftLeft (x n : Nat) : Nat := x * Nat.pow 2 n
def shiftRight (x n : Nat) : Nat := Nat.div x (Nat.pow 2 n)
end Nat

/-! ### 5. Natural numbers and lists -/
protected inductive Nat.le (n : Nat) : Nat → Prop where
  | refl : Nat.le n n
  | step {m : Nat} : Nat.le n m → Nat.le n (.succ m)
instance instLENat : LE Nat := ⟨Nat.le⟩
@[implicit_reducible] protected def Nat.lt (n m : Nat) : Prop := Nat.le (.succ n) m
instance instLTNat : LT Nat := ⟨Nat.lt⟩
protected theorem Nat.rec_add_one {motive : Nat → Sort u} (zero : motive 0) (succ : ∀ n, motive n → motive (n + 1)) (t : Nat) :
    Nat.rec (motive := motive) zero succ (t + 1) = succ t (Nat.rec zero succ t) := rfl
@[induction_eliminator] protected noncomputable abbrev Nat.recAux {motive : Nat → Sort u} (zero : motive 0) (succ : ∀ n, motive n → motive (n + 1)) (t : Nat) : motive t :=
  Nat.rec zero succ t
@[cases_eliminator] protected abbrev Nat.casesAuxOn {motive : Nat → Sort u} (t : Nat) (zero : motive 0) (succ : ∀ n, motive (n + 1)) : motive t :=
  Nat.casesOn t zero succ
@[simp] theorem Nat.succ_eq_add_one (n : Nat) : Nat.succ n = n + 1 := rfl
@[simp] theorem Nat.add_eq (a b : Nat) : Nat.add a b = a + b := rfl
@[simp] theorem Nat.mul_eq (a b : Nat) : Nat.mul a b = a * b := rfl
@[simp] theorem Nat.le_eq (a b : Nat) : Nat.le a b = (a ≤ b) := rfl
@[simp] theorem Nat.lt_eq (a b : Nat) : Nat.lt a b = (a < b) := rfl
@[simp] protected theorem Nat.add_zero (n : Nat) : n + 0 = n := rfl
theorem Nat.add_succ (n m : Nat) : n + .succ m = .succ (n + m) := rfl
theorem Nat.add_one (n : Nat) : n + 1 = .succ n := rfl
@[simp] protected theorem Nat.zero_add (n : Nat) : 0 + n = n := by
  induction n with
  | zero => rfl
  | succ n ih => exact congrArg Nat.succ ih
theorem Nat.succ_add (n m : Nat) : (.succ n) + m = .succ (n + m) := by
  induction m with
  | zero => rfl
  | succ m ih => exact congrArg Nat.succ ih
protected theorem Nat.add_comm (n m : Nat) : n + m = m + n := by
  induction m with
  | zero => rw [Nat.add_zero, Nat.zero_add]
  | succ m ih => rw [Nat.add_one, Nat.add_succ, ih, Nat.succ_add]
protected theorem Nat.add_assoc (n m k : Nat) : n + m + k = n + (m + k) := by
  induction k with
  | zero => rfl
  | succ k ih => exact congrArg Nat.succ ih
protected theorem Nat.add_left_comm (n m k : Nat) : n + (m + k) = m + (n + k) := by rw [← Nat.add_assoc, Nat.add_comm n, Nat.add_assoc]
protected theorem Nat.add_right_comm (n m k : Nat) : n + m + k = n + k + m := by rw [Nat.add_assoc, Nat.add_comm m, Nat.add_assoc]
@[simp] protected theorem Nat.mul_zero (n : Nat) : n * 0 = 0 := rfl
theorem Nat.mul_succ (n m : Nat) : n * .succ m = n * m + n := rfl
@[simp] protected theorem Nat.zero_mul (n : Nat) : 0 * n = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => exact ih
theorem Nat.succ_mul (n m : Nat) : (.succ n) * m = n * m + m := by
  induction m with
  | zero => rfl
  | succ m ih => rw [← Nat.succ_eq_add_one, Nat.mul_succ, ih, Nat.mul_succ, Nat.add_succ, Nat.add_succ, Nat.add_assoc, Nat.add_assoc, Nat.add_comm m n]
@[simp] protected theorem Nat.mul_one (n : Nat) : n * 1 = n := Nat.zero_add n
@[simp] protected theorem Nat.one_mul (n : Nat) : 1 * n = n := by rw [show (1 : Nat) = .succ 0 from rfl, Nat.succ_mul, Nat.zero_mul, Nat.zero_add]
protected theorem Nat.mul_comm (n m : Nat) : n * m = m * n := by
  induction m with
  | zero => rw [Nat.mul_zero, Nat.zero_mul]
  | succ m ih => rw [← Nat.succ_eq_add_one, Nat.mul_succ, ih, Nat.succ_mul]
protected theorem Nat.left_distrib (n m k : Nat) : n * (m + k) = n * m + n * k := by
  induction k with
  | zero => rfl
  | succ k ih => rw [Nat.add_one, Nat.add_succ, Nat.mul_succ, ih, Nat.mul_succ, Nat.add_assoc]
protected theorem Nat.mul_add (n m k : Nat) : n * (m + k) = n * m + n * k := Nat.left_distrib n m k
protected theorem Nat.right_distrib (n m k : Nat) : (n + m) * k = n * k + m * k := by rw [Nat.mul_comm, Nat.left_distrib, Nat.mul_comm k, Nat.mul_comm k]
protected theorem Nat.add_mul (n m k : Nat) : (n + m) * k = n * k + m * k := Nat.right_distrib n m k
protected theorem Nat.mul_assoc (n m k : Nat) : n * m * k = n * (m * k) := by
  induction k with
  | zero => rfl
  | succ k ih => rw [← Nat.succ_eq_add_one, Nat.mul_succ, ih, Nat.mul_succ, Nat.left_distrib]
instance Nat.instAssociativeHAdd : Std.Associative (α := Nat) (· + ·) := ⟨Nat.add_assoc⟩
instance Nat.instCommutativeHAdd : Std.Commutative (α := Nat) (· + ·) := ⟨Nat.add_comm⟩
instance Nat.instAssociativeHMul : Std.Associative (α := Nat) (· * ·) := ⟨Nat.mul_assoc⟩
instance Nat.instCommutativeHMul : Std.Commutative (α := Nat) (· * ·) := ⟨Nat.mul_comm⟩
theorem Nat.zero_le (n : Nat) : 0 ≤ n := by
  induction n with
  | zero => exact .refl
  | succ n ih => exact .step ih
@[simp] protected theorem Nat.le_refl (n : Nat) : n ≤ n := .refl
theorem Nat.le_succ (n : Nat) : n ≤ .succ n := .step .refl
protected theorem Nat.le_trans {n m k : Nat} (h : n ≤ m) (g : m ≤ k) : n ≤ k := by
  induction g with
  | refl => exact h
  | step _ ih => exact .step ih
theorem Nat.succ_le_succ {n m : Nat} (h : n ≤ m) : Nat.succ n ≤ .succ m := by
  induction h with
  | refl => exact .refl
  | step _ ih => exact .step ih
theorem Nat.not_succ_le_zero (n : Nat) : ¬(Nat.succ n ≤ 0) := fun h => nomatch h
theorem Nat.pred_le_pred {n m : Nat} (h : n ≤ m) : n.pred ≤ m.pred := by
  cases h with
  | refl => exact .refl
  | step h => cases n with
    | zero => exact Nat.zero_le _
    | succ n => exact Nat.le_trans (Nat.le_succ n) h
theorem Nat.le_of_succ_le_succ {n m : Nat} (h : Nat.succ n ≤ .succ m) : n ≤ m := Nat.pred_le_pred h
theorem Nat.not_succ_le_self (n : Nat) : ¬(Nat.succ n ≤ n) := by
  induction n with
  | zero => exact Nat.not_succ_le_zero 0
  | succ n ih => exact fun h => ih (Nat.le_of_succ_le_succ h)
protected theorem Nat.lt_irrefl (n : Nat) : ¬(n < n) := Nat.not_succ_le_self n
protected theorem Nat.lt_or_ge (n m : Nat) : n < m ∨ n ≥ m := by
  induction m with
  | zero => exact .inr (Nat.zero_le n)
  | succ m ih =>
    rcases ih with h | h
    · exact .inl (.step h)
    · cases h with
      | refl => exact .inl .refl
      | step h => exact .inr (Nat.succ_le_succ h)
protected theorem Nat.le_antisymm {n m : Nat} (h : n ≤ m) (g : m ≤ n) : n = m := by
  cases h with
  | refl => rfl
  | step h => exact absurd (Nat.le_trans (Nat.succ_le_succ h) g) (Nat.not_succ_le_self n)
theorem Nat.le_add_right (n k : Nat) : n ≤ n + k := by
  induction k with
  | zero => exact .refl
  | succ k ih => exact .step ih
instance Nat.instTransLE : Trans (α := Nat) (β := Nat) (γ := Nat) LE.le LE.le LE.le := ⟨Nat.le_trans⟩
protected theorem Nat.le_total (n m : Nat) : n ≤ m ∨ m ≤ n := (Nat.lt_or_ge n m).elim (fun h => .inl (Nat.le_trans (Nat.le_succ n) h)) .inr
theorem Nat.le_of_ble_eq_true {n m : Nat} (h : Nat.ble n m = true) : n ≤ m := by
  induction n generalizing m with
  | zero => exact Nat.zero_le m
  | succ n ih => cases m with
    | zero => exact nomatch h
    | succ m => exact Nat.succ_le_succ (ih h)
theorem Nat.ble_eq_true_of_le {n m : Nat} (h : n ≤ m) : Nat.ble n m = true := by
  induction n generalizing m with
  | zero => rfl
  | succ n ih => cases m with
    | zero => exact absurd h (Nat.not_succ_le_zero n)
    | succ m => exact ih (Nat.le_of_succ_le_succ h)
@[extern "lean_nat_dec_le"] instance Nat.decLe (n m : @& Nat) : Decidable (n ≤ m) :=
  if h : Nat.ble n m = true then isTrue (Nat.le_of_ble_eq_true h) else isFalse fun k => h (Nat.ble_eq_true_of_le k)
@[extern "lean_nat_dec_lt"] instance Nat.decLt (n m : @& Nat) : Decidable (n < m) := Nat.decLe (.succ n) m

instance instDivNat : Div Nat := ⟨Nat.div⟩
instance instModNat : Mod Nat := ⟨Nat.mod⟩
inductive List (α : Type u) where
  | nil
  | cons (head : α) (tail : List α)
namespace List
variable {α : Type u} {β : Type v}
protected def append : List α → List α → List α
  | nil, l => l
  | cons a k, l => cons a (List.append k l)
instance instAppend : Append (List α) := ⟨List.append⟩
def length : List α → Nat
  | nil => 0
  | cons _ l => length l + 1
def map (f : α → β) : List α → List β
  | nil => nil
  | cons a l => cons (f a) (map f l)
def reverse : List α → List α
  | nil => nil
  | cons a l => reverse l ++ cons a nil
inductive Mem (a : α) : List α → Prop where
  | head (l : List α) : Mem a (cons a l)
  | tail (b : α) {l : List α} : Mem a l → Mem a (cons b l)
instance instMembership : Membership α (List α) := ⟨fun l a => Mem a l⟩
@[simp] theorem nil_append (l : List α) : nil ++ l = l := rfl
@[simp] theorem cons_append (a : α) (k l : List α) : cons a k ++ l = cons a (k ++ l) := rfl
@[simp] theorem append_nil (l : List α) : l ++ nil = l := by
  induction l with
  | nil => rfl
  | cons a l ih => rw [cons_append, ih]
@[simp] theorem append_assoc (k l m : List α) : k ++ l ++ m = k ++ (l ++ m) := by
  induction k with
  | nil => rfl
  | cons a k ih => rw [cons_append, cons_append, ih, cons_append]
@[simp] theorem length_nil : length (nil : List α) = 0 := rfl
@[simp] theorem length_cons (a : α) (l : List α) : length (cons a l) = length l + 1 := rfl
@[simp] theorem map_nil (f : α → β) : map f nil = nil := rfl
@[simp] theorem map_cons (f : α → β) (a : α) (l : List α) : map f (cons a l) = cons (f a) (map f l) := rfl
end List
@[app_unexpander Iff, extern "x"] axiom _aux_Init_Core___unexpand_Iff_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Iff, extern "x"] axiom _aux_Init_Core___unexpand_Iff_2 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Ne, extern "x"] axiom _aux_Init_Core___unexpand_Ne_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander And, extern "x"] axiom _aux_Init_Notation___unexpand_And_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander BEq.beq, extern "x"] axiom _aux_Init_Notation___unexpand_BEq_beq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Eq, extern "x"] axiom _aux_Init_Notation___unexpand_Eq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander GE.ge, extern "x"] axiom _aux_Init_Notation___unexpand_GE_ge_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander GE.ge, extern "x"] axiom _aux_Init_Notation___unexpand_GE_ge_2 : Lean.PrettyPrinter.Unexpander
@[app_unexpander GT.gt, extern "x"] axiom _aux_Init_Notation___unexpand_GT_gt_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HAdd.hAdd, extern "x"] axiom _aux_Init_Notation___unexpand_HAdd_hAdd_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HAppend.hAppend, extern "x"] axiom _aux_Init_Notation___unexpand_HAppend_hAppend_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HEq, extern "x"] axiom _aux_Init_Notation___unexpand_HEq_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HMul.hMul, extern "x"] axiom _aux_Init_Notation___unexpand_HMul_hMul_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HPow.hPow, extern "x"] axiom _aux_Init_Notation___unexpand_HPow_hPow_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander HSub.hSub, extern "x"] axiom _aux_Init_Notation___unexpand_HSub_hSub_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander LE.le, extern "x"] axiom _aux_Init_Notation___unexpand_LE_le_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander LE.le, extern "x"] axiom _aux_Init_Notation___unexpand_LE_le_2 : Lean.PrettyPrinter.Unexpander
@[app_unexpander LT.lt, extern "x"] axiom _aux_Init_Notation___unexpand_LT_lt_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.cons, extern "x"] axiom _aux_Init_Notation___unexpand_List_cons_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Membership.mem, extern "x"] axiom _aux_Init_Notation___unexpand_Membership_mem_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Not, extern "x"] axiom _aux_Init_Notation___unexpand_Not_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Or, extern "x"] axiom _aux_Init_Notation___unexpand_Or_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Prod, extern "x"] axiom _aux_Init_Notation___unexpand_Prod_1 : Lean.PrettyPrinter.Unexpander
@[app_unexpander Exists, extern "x"] axiom unexpandExists : Lean.PrettyPrinter.Unexpander
@[app_unexpander Subtype, extern "x"] axiom unexpandSubtype : Lean.PrettyPrinter.Unexpander
@[app_unexpander ite, extern "x"] axiom unexpandIte : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.nil, extern "x"] axiom unexpandListNil : Lean.PrettyPrinter.Unexpander
@[app_unexpander List.cons, extern "x"] axiom unexpandListCons : Lean.PrettyPrinter.Unexpander
@[app_unexpander Prod.mk, extern "x"] axiom unexpandProdMk : Lean.PrettyPrinter.Unexpander
@[app_unexpander Unit.unit, extern "x"] axiom unexpandUnit : Lean.PrettyPrinter.Unexpander
@[app_unexpander Eq.ndrec, extern "x"] axiom unexpandEqNDRec : Lean.PrettyPrinter.Unexpander
@[app_unexpander Eq.rec, extern "x"] axiom unexpandEqRec : Lean.PrettyPrinter.Unexpander
