/-!
# 26. Pairs, options, sums
-/

/-! ## Pairs -/

namespace Prod

variable {α : Type u} {β : Type v}

@[simp] theorem mk.eta : (p : α × β) → (p.1, p.2) = p
  | (_, _) => rfl
protected theorem ext : {p q : α × β} → p.1 = q.1 → p.2 = q.2 → p = q
  | (_, _), (_, _), rfl, rfl => rfl
attribute [ext] Prod.ext
def swap (p : α × β) : β × α := (p.2, p.1)
@[simp] theorem swap_swap (p : α × β) : p.swap.swap = p := rfl

end Prod

@[simp] theorem Prod.forall {α : Type u} {β : Type v} {p : α × β → Prop} : (∀ x, p x) ↔ ∀ a b, p (a, b) :=
  ⟨fun h a b => h (a, b), fun h x => h x.1 x.2⟩
@[simp] theorem Prod.exists {α : Type u} {β : Type v} {p : α × β → Prop} : (∃ x, p x) ↔ ∃ a b, p (a, b) :=
  ⟨fun ⟨x, h⟩ => ⟨x.1, x.2, h⟩, fun ⟨a, b, h⟩ => ⟨(a, b), h⟩⟩

theorem Subtype.eq {α : Type u} {p : α → Prop} : {a b : { x : α // p x }} → a.val = b.val → a = b
  | ⟨_, _⟩, ⟨_, _⟩, rfl => rfl

/-! ## Perhaps a value -/

inductive Option (α : Type u) where
  | none
  | some (val : α)
export Option (none some)

namespace Option

variable {α : Type u} {β : Type v} {γ : Type w}

instance instInhabited : Inhabited (Option α) := ⟨none⟩

def map (f : α → β) : Option α → Option β
  | none => none
  | some a => some (f a)
protected def bind : Option α → (α → Option β) → Option β
  | none, _ => none
  | some a, f => f a
def getD : Option α → α → α
  | none, d => d
  | some a, _ => a
def isSome : Option α → Bool
  | none => false
  | some _ => true
def isNone : Option α → Bool
  | none => true
  | some _ => false

@[simp] theorem some_ne_none (a : α) : some a ≠ none := fun h => nomatch h
@[simp] theorem some_inj {a b : α} : some a = some b ↔ a = b := ⟨fun h => by injection h, congrArg some⟩
@[simp] theorem map_none (f : α → β) : map f none = none := rfl
@[simp] theorem map_some (f : α → β) (a : α) : map f (some a) = some (f a) := rfl
@[simp] theorem map_id (x : Option α) : map id x = x := by cases x <;> rfl
@[simp] theorem map_map (g : β → γ) (f : α → β) (x : Option α) : map g (map f x) = map (g ∘ f) x := by cases x <;> rfl
@[simp] theorem bind_none (f : α → Option β) : Option.bind none f = none := rfl
@[simp] theorem bind_some (f : α → Option β) (a : α) : Option.bind (some a) f = f a := rfl
@[simp] theorem getD_none (d : α) : getD none d = d := rfl
@[simp] theorem getD_some (a d : α) : getD (some a) d = a := rfl
@[simp] theorem isSome_none : isSome (none : Option α) = false := rfl
@[simp] theorem isSome_some (a : α) : isSome (some a) = true := rfl
@[simp] theorem isNone_none : isNone (none : Option α) = true := rfl
@[simp] theorem isNone_some (a : α) : isNone (some a) = false := rfl
theorem eq_none_or_eq_some (x : Option α) : x = none ∨ ∃ a, x = some a := by
  cases x with
  | none => exact .inl rfl
  | some a => exact .inr ⟨a, rfl⟩
theorem ne_none_iff_exists {x : Option α} : x ≠ none ↔ ∃ a, some a = x := by
  cases x with
  | none => exact ⟨fun h => absurd rfl h, fun ⟨_, h⟩ => absurd h (some_ne_none _)⟩
  | some a => exact ⟨fun _ => ⟨a, rfl⟩, fun _ => some_ne_none a⟩

end Option

/-- The first element, if there is one. -/
def List.head? {α : Type u} : List α → Option α
  | [] => none
  | a :: _ => some a
@[simp] theorem List.head?_nil {α : Type u} : List.head? ([] : List α) = none := rfl
@[simp] theorem List.head?_cons {α : Type u} (a : α) (l : List α) : List.head? (a :: l) = some a := rfl

/-! ## One or the other -/

inductive Sum (α : Type u) (β : Type v) where
  | inl (val : α)
  | inr (val : β)

/-- A type without elements. -/
inductive Empty : Type

def Empty.elim {C : Sort u} (e : Empty) : C := Empty.rec (motive := fun _ => C) e
def Not.elim {a : Prop} {α : Sort u} (no : ¬a) (yes : a) : α := absurd yes no
theorem Nonempty.elim {α : Sort u} {p : Prop} (h : Nonempty α) (f : α → p) : p := match h with | ⟨a⟩ => f a
instance instNonemptyOfInhabited {α : Sort u} [Inhabited α] : Nonempty α := ⟨Inhabited.default⟩
theorem PUnit.eq_punit (a : PUnit.{u}) : a = PUnit.unit := rfl
instance instSubsingletonPUnit : Subsingleton PUnit.{u} := ⟨fun _ _ => rfl⟩
@[ext] theorem PUnit.ext (a b : PUnit.{u}) : a = b := rfl
