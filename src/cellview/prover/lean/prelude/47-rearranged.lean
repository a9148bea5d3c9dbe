/-!
# 47. Inverses, dependent pairs, lists side by side, rearranged lists
-/

/-! ## Inverses -/

namespace Function

variable {α : Sort u} {β : Sort v} {γ : Sort w}

def RightInverse (g : β → α) (f : α → β) : Prop := LeftInverse f g
def HasLeftInverse (f : α → β) : Prop := ∃ g : β → α, LeftInverse g f
def HasRightInverse (f : α → β) : Prop := ∃ g : β → α, RightInverse g f

theorem LeftInverse.rightInverse {f : α → β} {g : β → α} (h : LeftInverse g f) : RightInverse f g := h
theorem RightInverse.leftInverse {f : α → β} {g : β → α} (h : RightInverse g f) : LeftInverse f g := h
theorem RightInverse.surjective {g : β → α} {f : α → β} (h : RightInverse g f) : Surjective f := fun b => ⟨g b, h b⟩
theorem LeftInverse.surjective {g : β → α} {f : α → β} (h : LeftInverse g f) : Surjective g := fun a => ⟨f a, h a⟩
theorem RightInverse.injective {g : β → α} {f : α → β} (h : RightInverse g f) : Injective g := LeftInverse.injective h
theorem LeftInverse.comp_eq_id {g : β → α} {f : α → β} (h : LeftInverse g f) : g ∘ f = id := funext h
theorem RightInverse.comp_eq_id {g : β → α} {f : α → β} (h : RightInverse g f) : f ∘ g = id := funext h
theorem HasLeftInverse.injective {f : α → β} (h : HasLeftInverse f) : Injective f := h.elim fun _ hg => hg.injective
theorem HasRightInverse.surjective {f : α → β} (h : HasRightInverse f) : Surjective f := h.elim fun _ hg => hg.surjective
theorem Surjective.hasRightInverse {f : α → β} (h : Surjective f) : HasRightInverse f :=
  ⟨fun b => Classical.choose (h b), fun b => Classical.choose_spec (h b)⟩
theorem Injective.eq_iff {f : α → β} (h : Injective f) {a b : α} : f a = f b ↔ a = b := ⟨fun e => h e, congrArg f⟩
theorem Injective.of_comp {g : β → γ} {f : α → β} (h : Injective (g ∘ f)) : Injective f :=
  fun _ _ e => h (congrArg g e)
theorem Surjective.of_comp {g : β → γ} {f : α → β} (h : Surjective (g ∘ f)) : Surjective g :=
  fun c => (h c).elim fun a e => ⟨f a, e⟩

end Function

/-! ## Dependent pairs -/

structure Sigma {α : Type u} (β : α → Type v) where
  fst : α
  snd : β fst

structure PSigma {α : Sort u} (β : α → Sort v) where
  fst : α
  snd : β fst

theorem Sigma.ext {α : Type u} {β : α → Type v} : {x y : Sigma β} → x.fst = y.fst → HEq x.snd y.snd → x = y
  | ⟨_, _⟩, ⟨_, _⟩, rfl, .refl _ => rfl
theorem PSigma.ext {α : Sort u} {β : α → Sort v} : {x y : PSigma β} → x.fst = y.fst → HEq x.snd y.snd → x = y
  | ⟨_, _⟩, ⟨_, _⟩, rfl, .refl _ => rfl
attribute [ext] Sigma.ext PSigma.ext

/-! ## Lists side by side -/

namespace List

variable {α : Type u} {β : Type v} {γ : Type w}

def zipWith (f : α → β → γ) : List α → List β → List γ
  | a :: k, b :: l => f a b :: zipWith f k l
  | _, _ => []
def zip (k : List α) (l : List β) : List (α × β) := zipWith Prod.mk k l

@[simp] theorem zipWith_nil_left (f : α → β → γ) (l : List β) : zipWith f [] l = [] := rfl
@[simp] theorem zipWith_nil_right (f : α → β → γ) (k : List α) : zipWith f k [] = [] := by cases k <;> rfl
@[simp] theorem zipWith_cons_cons (f : α → β → γ) (a : α) (b : β) (k : List α) (l : List β) :
    zipWith f (a :: k) (b :: l) = f a b :: zipWith f k l := rfl
@[simp] theorem zip_nil_left (l : List β) : zip ([] : List α) l = [] := rfl
@[simp] theorem zip_nil_right (k : List α) : zip k ([] : List β) = [] := by cases k <;> rfl
@[simp] theorem zip_cons_cons (a : α) (b : β) (k : List α) (l : List β) :
    zip (a :: k) (b :: l) = (a, b) :: zip k l := rfl
theorem length_zipWith (f : α → β → γ) (k : List α) (l : List β) :
    (zipWith f k l).length = min k.length l.length := by
  induction k generalizing l with
  | nil => simp
  | cons a k ih =>
    cases l with
    | nil => simp
    | cons b l => simp only [zipWith_cons_cons, length_cons, ih]; omega
theorem length_zip (k : List α) (l : List β) : (zip k l).length = min k.length l.length := length_zipWith _ k l

/-! ## Rearranged lists -/

/-- One list is the other in another order. -/
inductive Perm : List α → List α → Prop where
  | nil : Perm [] []
  | cons (a : α) {k l : List α} : Perm k l → Perm (a :: k) (a :: l)
  | swap (a b : α) (l : List α) : Perm (b :: a :: l) (a :: b :: l)
  | trans {k l m : List α} : Perm k l → Perm l m → Perm k m

@[simp] protected theorem Perm.refl (l : List α) : Perm l l := by
  induction l with
  | nil => exact .nil
  | cons a l ih => exact .cons a ih
protected theorem Perm.symm {k l : List α} (h : Perm k l) : Perm l k := by
  induction h with
  | nil => exact .nil
  | cons a _ ih => exact .cons a ih
  | swap a b l => exact .swap b a l
  | trans _ _ one other => exact .trans other one
theorem Perm.length_eq {k l : List α} (h : Perm k l) : k.length = l.length := by
  induction h with
  | nil => rfl
  | cons a _ ih => exact congrArg Nat.succ ih
  | swap a b l => rfl
  | trans _ _ one other => exact one.trans other
theorem Perm.mem {a : α} {k l : List α} (h : Perm k l) (m : a ∈ k) : a ∈ l := by
  induction h with
  | nil => exact m
  | cons b _ ih => exact (mem_cons.mp m).elim (fun e => mem_cons.mpr (.inl e)) fun m => mem_cons.mpr (.inr (ih m))
  | swap b c l =>
    simp only [mem_cons] at m ⊢
    exact m.elim (fun e => .inr (.inl e)) fun m => m.elim .inl fun m => .inr (.inr m)
  | trans _ _ one other => exact other (one m)
theorem Perm.mem_iff {a : α} {k l : List α} (h : Perm k l) : a ∈ k ↔ a ∈ l := ⟨h.mem, h.symm.mem⟩
theorem perm_middle (a : α) (k l : List α) : Perm (k ++ a :: l) (a :: (k ++ l)) := by
  induction k with
  | nil => exact .refl _
  | cons b k ih => exact .trans (.cons b ih) (.swap a b _)
theorem Perm.append_right {k l : List α} (m : List α) (h : Perm k l) : Perm (k ++ m) (l ++ m) := by
  induction h with
  | nil => exact .refl _
  | cons a _ ih => exact .cons a ih
  | swap a b l => exact .swap a b _
  | trans _ _ one other => exact .trans one other
theorem Perm.append_left {k l : List α} (m : List α) (h : Perm k l) : Perm (m ++ k) (m ++ l) := by
  induction m with
  | nil => exact h
  | cons a m ih => exact .cons a ih
theorem perm_append_comm (k l : List α) : Perm (k ++ l) (l ++ k) := by
  induction k with
  | nil => rw [nil_append, append_nil]; exact .refl _
  | cons a k ih => exact .trans (.cons a ih) (perm_middle a l k).symm
theorem reverse_perm (l : List α) : Perm l.reverse l := by
  induction l with
  | nil => exact .refl _
  | cons a l ih => rw [reverse_cons]; exact .trans (perm_append_comm _ _) (.cons a ih)
theorem Perm.map {k l : List α} (f : α → β) (h : Perm k l) : Perm (k.map f) (l.map f) := by
  induction h with
  | nil => exact .nil
  | cons a _ ih => exact .cons _ ih
  | swap a b l => exact .swap _ _ _
  | trans _ _ one other => exact .trans one other

end List
