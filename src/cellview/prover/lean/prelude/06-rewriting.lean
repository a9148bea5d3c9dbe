/-!
# 6. Rewriting and simplification

`rw`, `simp`, `split` and `decide` do their work in compiled code, and justify each step by a lemma that they look up by
name. Here are those lemmas.
-/

/-! ## Steps of the simplifier -/

theorem of_eq_true {p : Prop} (h : p = True) : p := h.mpr trivial
theorem eq_true {p : Prop} (h : p) : p = True := propext ⟨fun _ => trivial, fun _ => h⟩
theorem of_eq_false {p : Prop} (h : p = False) : ¬p := h.mp
theorem eq_false {p : Prop} (h : ¬p) : p = False := propext ⟨h, False.elim⟩
theorem eq_false' {p : Prop} (h : p → False) : p = False := eq_false h

theorem implies_congr {p₁ p₂ : Sort u} {q₁ q₂ : Sort v} (hp : p₁ = p₂) (hq : q₁ = q₂) : (p₁ → q₁) = (p₂ → q₂) := by
  rw [hp, hq]
theorem implies_dep_congr_ctx {p₁ p₂ q₁ : Prop} (hp : p₁ = p₂) {q₂ : p₂ → Prop} (hq : (h : p₂) → q₁ = q₂ h) :
    (p₁ → q₁) = ((h : p₂) → q₂ h) := by
  subst hp
  apply propext
  constructor
  · intro f h
    exact (hq h).mp (f h)
  · intro f h
    exact (hq h).mpr (f h)
theorem implies_congr_ctx {p₁ p₂ q₁ q₂ : Prop} (hp : p₁ = p₂) (hq : p₂ → q₁ = q₂) : (p₁ → q₁) = (p₂ → q₂) :=
  implies_dep_congr_ctx hp hq
theorem forall_congr {α : Sort u} {p q : α → Prop} (h : ∀ a, p a = q a) : (∀ a, p a) = (∀ a, q a) := by
  have same : p = q := funext h
  rw [same]
theorem forall_prop_domain_congr {p₁ p₂ : Prop} {q : p₁ → Prop} (h : p₁ = p₂) :
    (∀ a : p₁, q a) = (∀ a : p₂, q (h.mpr a)) := by
  subst h
  exact rfl
theorem forall_prop_congr_dom {p₁ p₂ : Prop} (h : p₁ = p₂) (q : p₁ → Prop) :
    (∀ a : p₁, q a) = (∀ a : p₂, q (h.mpr a)) :=
  forall_prop_domain_congr h
theorem pi_congr {α : Sort u} {β β' : α → Sort v} (h : ∀ a, β a = β' a) : (∀ a, β a) = ∀ a, β' a := by
  have same : β = β' := funext h
  rw [same]
theorem let_congr {α : Sort u} {β : Sort v} {a a' : α} {b b' : α → β} (ha : a = a') (hb : ∀ x, b x = b' x) :
    (let x := a; b x) = (let x := a'; b' x) := by
  subst ha
  exact hb a
theorem let_val_congr {α : Sort u} {β : Sort v} {a a' : α} (b : α → β) (h : a = a') :
    (let x := a; b x) = (let x := a'; b x) := congrArg b h
theorem let_body_congr {α : Sort u} {β : α → Sort v} {b b' : (a : α) → β a} (a : α) (h : ∀ x, b x = b' x) :
    (let x := a; b x) = (let x := a; b' x) := h a

@[simp] theorem eq_self {α : Sort u} (a : α) : (a = a) = True := eq_true rfl
@[simp] theorem ne_eq {α : Sort u} (a b : α) : (a ≠ b) = ¬(a = b) := rfl
@[simp] theorem id_eq {α : Sort u} (a : α) : id a = a := rfl
@[simp] theorem heq_eq_eq {α : Sort u} (a b : α) : HEq a b = (a = b) := propext ⟨eq_of_heq, heq_of_eq⟩
@[simp] theorem eq_mp_eq_cast {α β : Sort u} (h : α = β) : Eq.mp h = cast h := rfl
@[simp] theorem eq_mpr_eq_cast {α β : Sort u} (h : α = β) : Eq.mpr h = cast h.symm := rfl

/-- A hint to the kernel to evaluate `a` at once. -/
def eagerReduce {α : Sort u} (a : α) : α := a

/-! ## Decisions -/

theorem of_decide_eq_true {p : Prop} [inst : Decidable p] (h : decide p = true) : p := by
  have told := inst.reflects_decide
  rw [h] at told
  exact told
theorem of_decide_eq_false {p : Prop} [inst : Decidable p] (h : decide p = false) : ¬p := by
  have told := inst.reflects_decide
  rw [h] at told
  exact told
theorem decide_eq_true {p : Prop} [inst : Decidable p] (h : p) : decide p = true := by
  cases answer : decide p with
  | true => exact rfl
  | false => exact absurd h (of_decide_eq_false answer)
theorem decide_eq_false {p : Prop} [inst : Decidable p] (h : ¬p) : decide p = false := by
  cases answer : decide p with
  | true => exact absurd (of_decide_eq_true answer) h
  | false => exact rfl
theorem eq_true_of_decide {p : Prop} [Decidable p] (h : decide p = true) : p = True := eq_true (of_decide_eq_true h)
theorem eq_false_of_decide {p : Prop} [Decidable p] (h : decide p = false) : p = False :=
  eq_false (of_decide_eq_false h)
theorem decide_eq_true_eq {p : Prop} [Decidable p] : (decide p = true) = p :=
  propext ⟨of_decide_eq_true, decide_eq_true⟩
theorem decide_eq_false_iff_not {p : Prop} [Decidable p] : decide p = false ↔ ¬p :=
  ⟨of_decide_eq_false, decide_eq_false⟩
attribute [simp] decide_eq_true_eq decide_eq_false_iff_not
@[simp] theorem decide_true (h : Decidable True) : @decide True h = true := decide_eq_true trivial
@[simp] theorem decide_false (h : Decidable False) : @decide False h = false := decide_eq_false id

/-- At most one element. `simp` and `split` need to know that two decisions of one proposition do not differ. -/
class Subsingleton (α : Sort u) : Prop where
  intro ::
  allEq : (a b : α) → a = b

protected theorem Subsingleton.elim {α : Sort u} [only : Subsingleton α] (a b : α) : a = b := only.allEq a b
protected theorem Subsingleton.helim {α β : Sort u} [only : Subsingleton α] (same : α = β) (a : α) (b : β) :
    HEq a b := by
  subst same
  exact heq_of_eq (only.allEq a b)

instance instSubsingletonOfProp (p : Prop) : Subsingleton p := ⟨fun _ _ => rfl⟩
instance instSubsingletonDecidable (p : Prop) : Subsingleton (Decidable p) where
  allEq
    | .isTrue _, .isTrue _ => rfl
    | .isFalse _, .isFalse _ => rfl
    | .isTrue yes, .isFalse no => absurd yes no
    | .isFalse no, .isTrue yes => absurd yes no

/-! ## `if` -/

instance instDecidableTrue : Decidable True := isTrue trivial
instance instDecidableFalse : Decidable False := isFalse id

theorem dite_eq_left {c : Prop} {h : Decidable c} (hc : c) {α : Sort u} {t : c → α} {e : ¬c → α} :
    dite c t e = t hc :=
  match h with
  | .isTrue _ => rfl
  | .isFalse no => absurd hc no
theorem dite_eq_right {c : Prop} {h : Decidable c} (hc : ¬c) {α : Sort u} {t : c → α} {e : ¬c → α} :
    dite c t e = e hc :=
  match h with
  | .isTrue yes => absurd yes hc
  | .isFalse _ => rfl
theorem ite_eq_left {c : Prop} {h : Decidable c} (hc : c) {α : Sort u} {t e : α} : ite c t e = t := dite_eq_left hc
theorem ite_eq_right {c : Prop} {h : Decidable c} (hc : ¬c) {α : Sort u} {t e : α} : ite c t e = e := dite_eq_right hc
theorem if_pos {c : Prop} {h : Decidable c} (hc : c) {α : Sort u} {t e : α} : ite c t e = t := ite_eq_left hc
theorem if_neg {c : Prop} {h : Decidable c} (hc : ¬c) {α : Sort u} {t e : α} : ite c t e = e := ite_eq_right hc
theorem dif_pos {c : Prop} {h : Decidable c} (hc : c) {α : Sort u} {t : c → α} {e : ¬c → α} : dite c t e = t hc :=
  dite_eq_left hc
theorem dif_neg {c : Prop} {h : Decidable c} (hc : ¬c) {α : Sort u} {t : c → α} {e : ¬c → α} : dite c t e = e hc :=
  dite_eq_right hc
theorem ite_eq_left_of_eq_true {α : Sort u} {c : Prop} {x : Decidable c} (a b : α) (h : c = True) : ite c a b = a :=
  ite_eq_left (of_eq_true h)
theorem ite_eq_right_of_eq_false {α : Sort u} {c : Prop} {x : Decidable c} (a b : α) (h : c = False) : ite c a b = b :=
  ite_eq_right (of_eq_false h)
theorem dite_eq_left_of_eq_true {α : Sort u} {c : Prop} {x : Decidable c} {t : c → α} {e : ¬c → α} (h : c = True) :
    dite c t e = t (of_eq_true h) := dite_eq_left _
theorem dite_eq_right_of_eq_false {α : Sort u} {c : Prop} {x : Decidable c} {t : c → α} {e : ¬c → α} (h : c = False) :
    dite c t e = e (of_eq_false h) := dite_eq_right _
theorem ite_congr {α : Sort u} {b c : Prop} {x y u v : α} {s : Decidable b} [t : Decidable c]
    (hc : b = c) (yes : c → x = u) (no : ¬c → y = v) : ite b x y = ite c u v := by
  cases Classical.em c with
  | inl h => rw [ite_eq_left h, ite_eq_left (hc.mpr h)]; exact yes h
  | inr h => rw [ite_eq_right h, ite_eq_right (fun k => h (hc.mp k))]; exact no h
@[simp] theorem dite_eq_ite {α : Sort u} {p : Prop} [Decidable p] {a b : α} :
    (dite p (fun _ => a) fun _ => b) = ite p a b := rfl
@[simp] theorem ite_true {α : Sort u} (a b : α) : (if True then a else b) = a := ite_eq_left trivial
@[simp] theorem ite_false {α : Sort u} (a b : α) : (if False then a else b) = b := ite_eq_right id
@[simp] theorem ite_self {α : Sort u} {c : Prop} {d : Decidable c} (a : α) : ite c a a = a :=
  (Classical.em c).elim (fun h => ite_eq_left h) (fun h => ite_eq_right h)
