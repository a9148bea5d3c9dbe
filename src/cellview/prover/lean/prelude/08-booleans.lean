/-!
# 8. Booleans

`!b`, `a && b` and `a || b` compute; `¬p`, `p ∧ q` and `p ∨ q` state. Where a Boolean stands as a proposition, `b = true`
is meant. The lemmas below move between the two, and say that the computing ones obey the laws that one expects.
-/

@[inline] def Bool.not (b : Bool) : Bool := match b with
  | true => false
  | false => true

/-- The second argument is looked at only if the first is `true`. -/
@[macro_inline] def Bool.and (a b : Bool) : Bool := match a with
  | true => b
  | false => false

/-- The second argument is looked at only if the first is `false`. -/
@[macro_inline] def Bool.or (a b : Bool) : Bool := match a with
  | true => true
  | false => b

def Bool.xor (a b : Bool) : Bool := match a with
  | true => Bool.not b
  | false => b

export Bool (or and not)

instance instInhabitedBool : Inhabited Bool := ⟨false⟩

instance instDecidableEqBool : DecidableEq Bool
  | true, true => isTrue rfl
  | false, false => isTrue rfl
  | true, false => isFalse fun h => Bool.noConfusion h
  | false, true => isFalse fun h => Bool.noConfusion h

/-! ## `==` -/

instance instBEqOfDecidableEq {α : Type u} [DecidableEq α] : BEq α := ⟨fun a b => decide (a = b)⟩

/-- `a != b` -/
@[reducible] def bne {α : Type u} [BEq α] (a b : α) : Bool := !(a == b)

class ReflBEq (α : Type u) [BEq α] : Prop where
  rfl {a : α} : (a == a) = true

class LawfulBEq (α : Type u) [BEq α] : Prop extends ReflBEq α where
  eq_of_beq {a b : α} : (a == b) = true → a = b

export LawfulBEq (eq_of_beq)

instance instLawfulBEqOfDecidableEq {α : Type u} [DecidableEq α] : LawfulBEq α where
  rfl := decide_eq_true rfl
  eq_of_beq h := of_decide_eq_true h

@[simp] theorem beq_self_eq_true {α : Type u} [BEq α] [ReflBEq α] (a : α) : (a == a) = true := ReflBEq.rfl
@[simp] theorem beq_iff_eq {α : Type u} [BEq α] [LawfulBEq α] {a b : α} : (a == b) = true ↔ a = b :=
  ⟨eq_of_beq, fun same => same ▸ ReflBEq.rfl⟩

/-! ## The two values -/

theorem Bool.eq_false_or_eq_true : (b : Bool) → b = true ∨ b = false
  | true => .inl rfl
  | false => .inr rfl
theorem Bool.eq_false_iff {b : Bool} : b = false ↔ b ≠ true := by cases b <;> decide
theorem Bool.ne_false_iff {b : Bool} : b ≠ false ↔ b = true := by cases b <;> decide
theorem Bool.of_not_eq_true {b : Bool} (h : ¬(b = true)) : b = false := Bool.eq_false_iff.mpr h
theorem Bool.of_not_eq_false {b : Bool} (h : ¬(b = false)) : b = true := Bool.ne_false_iff.mp h
theorem eq_true_of_ne_false {b : Bool} (h : b ≠ false) : b = true := Bool.of_not_eq_false h
theorem eq_false_of_ne_true {b : Bool} (h : b ≠ true) : b = false := Bool.of_not_eq_true h
theorem ne_true_of_eq_false {b : Bool} (h : b = false) : b ≠ true := Bool.eq_false_iff.mp h
theorem ne_false_of_eq_true {b : Bool} (h : b = true) : b ≠ false := Bool.ne_false_iff.mpr h
@[simp] theorem Bool.not_eq_true (b : Bool) : (¬(b = true)) = (b = false) :=
  propext (by cases b <;> decide)
@[simp] theorem Bool.not_eq_false (b : Bool) : (¬(b = false)) = (b = true) :=
  propext (by cases b <;> decide)
@[simp] theorem Bool.true_eq_false : (true = false) = False := eq_false Bool.noConfusion
@[simp] theorem Bool.false_eq_true : (false = true) = False := eq_false Bool.noConfusion

/-! ## Laws

Each is checked by looking at all cases. -/

namespace Bool

variable (a b c : Bool)

@[simp] theorem not_true : (!true) = false := rfl
@[simp] theorem not_false : (!false) = true := rfl
@[simp] theorem not_not : (!!b) = b := by cases b <;> rfl
@[simp] theorem true_and : (true && b) = b := rfl
@[simp] theorem false_and : (false && b) = false := rfl
@[simp] theorem and_true : (b && true) = b := by cases b <;> rfl
@[simp] theorem and_false : (b && false) = false := by cases b <;> rfl
@[simp] theorem and_self : (b && b) = b := by cases b <;> rfl
@[simp] theorem and_not_self : (b && !b) = false := by cases b <;> rfl
@[simp] theorem not_and_self : (!b && b) = false := by cases b <;> rfl
@[simp] theorem true_or : (true || b) = true := rfl
@[simp] theorem false_or : (false || b) = b := rfl
@[simp] theorem or_true : (b || true) = true := by cases b <;> rfl
@[simp] theorem or_false : (b || false) = b := by cases b <;> rfl
@[simp] theorem or_self : (b || b) = b := by cases b <;> rfl
@[simp] theorem or_not_self : (b || !b) = true := by cases b <;> rfl
@[simp] theorem not_or_self : (!b || b) = true := by cases b <;> rfl
@[simp] theorem beq_true : (b == true) = b := by cases b <;> rfl
@[simp] theorem true_beq : (true == b) = b := by cases b <;> rfl
@[simp] theorem beq_false : (b == false) = !b := by cases b <;> rfl
@[simp] theorem false_beq : (false == b) = !b := by cases b <;> rfl
@[simp] theorem not_and : (!(a && b)) = (!a || !b) := by cases a <;> rfl
@[simp] theorem not_or : (!(a || b)) = (!a && !b) := by cases a <;> rfl
theorem and_comm : (a && b) = (b && a) := by cases a <;> cases b <;> rfl
theorem or_comm : (a || b) = (b || a) := by cases a <;> cases b <;> rfl
theorem and_assoc : (a && b && c) = (a && (b && c)) := by cases a <;> rfl
theorem or_assoc : (a || b || c) = (a || (b || c)) := by cases a <;> rfl
theorem and_left_comm : (a && (b && c)) = (b && (a && c)) := by cases a <;> cases b <;> rfl
theorem or_left_comm : (a || (b || c)) = (b || (a || c)) := by cases a <;> cases b <;> rfl
theorem and_or_distrib_left : (a && (b || c)) = (a && b || a && c) := by cases a <;> rfl
theorem and_or_distrib_right : ((a || b) && c) = (a && c || b && c) := by cases a <;> cases b <;> cases c <;> rfl
theorem or_and_distrib_left : (a || b && c) = ((a || b) && (a || c)) := by cases a <;> rfl
theorem or_and_distrib_right : (a && b || c) = ((a || c) && (b || c)) := by cases a <;> cases b <;> cases c <;> rfl
theorem and_self_left : (a && (a && b)) = (a && b) := by cases a <;> rfl
theorem or_self_left : (a || (a || b)) = (a || b) := by cases a <;> rfl
theorem xor_comm : xor a b = xor b a := by cases a <;> cases b <;> rfl
theorem xor_assoc : xor (xor a b) c = xor a (xor b c) := by cases a <;> cases b <;> cases c <;> rfl
@[simp] theorem xor_self : xor b b = false := by cases b <;> rfl
@[simp] theorem xor_false : xor b false = b := by cases b <;> rfl
@[simp] theorem false_xor : xor false b = b := rfl
@[simp] theorem xor_true : xor b true = !b := by cases b <;> rfl
@[simp] theorem true_xor : xor true b = !b := rfl

variable {a b c}

theorem not_inj : (!a) = (!b) → a = b := by cases a <;> cases b <;> decide
@[simp] theorem not_inj_iff : (!a) = (!b) ↔ a = b := ⟨not_inj, congrArg _⟩
theorem and_eq_true_iff : (a && b) = true ↔ a = true ∧ b = true := by cases a <;> cases b <;> decide
theorem or_eq_true_iff : (a || b) = true ↔ a = true ∨ b = true := by cases a <;> cases b <;> decide
theorem not_eq_true_eq_eq_false : ((!b) = true) = (b = false) := propext (by cases b <;> decide)
theorem and_eq_false_iff : (a && b) = false ↔ a = false ∨ b = false := by cases a <;> cases b <;> decide
@[simp] theorem or_eq_false_iff : (a || b) = false ↔ a = false ∧ b = false := by cases a <;> cases b <;> decide
theorem eq_iff_iff : a = b ↔ (a = true ↔ b = true) := by cases a <;> cases b <;> decide
@[simp] theorem not_eq_eq_eq_not : (!a) = b ↔ a = !b := by cases a <;> cases b <;> decide
theorem not_eq : (¬(a = b)) = (a = !b) := propext (by cases a <;> cases b <;> decide)

end Bool

@[simp] theorem Bool.and_eq_true (a b : Bool) : ((a && b) = true) = (a = true ∧ b = true) := propext Bool.and_eq_true_iff
@[simp] theorem Bool.or_eq_true (a b : Bool) : ((a || b) = true) = (a = true ∨ b = true) := propext Bool.or_eq_true_iff
@[simp] theorem Bool.and_eq_false_imp {a b : Bool} : (a && b) = false ↔ (a = true → b = false) := by
  cases a <;> cases b <;> decide
@[simp] theorem bne_iff_ne {α : Type u} [BEq α] [LawfulBEq α] {a b : α} : (a != b) = true ↔ a ≠ b := by
  unfold bne
  rw [Bool.not_eq_true_eq_eq_false, Bool.eq_false_iff, Ne, beq_iff_eq]

@[simp] theorem cond_true {α : Sort u} (a b : α) : cond true a b = a := rfl
@[simp] theorem cond_false {α : Sort u} (a b : α) : cond false a b = b := rfl

@[simp] theorem decide_not {p : Prop} [Decidable p] : decide (¬p) = !decide p := by
  by_cases h : p <;> simp [h, decide_eq_true, decide_eq_false]
@[simp] theorem Bool.decide_eq_true {b : Bool} [Decidable (b = true)] : decide (b = true) = b := by
  cases b
  · exact decide_eq_false Bool.noConfusion
  · exact _root_.decide_eq_true rfl
@[simp] theorem Bool.decide_and (p q : Prop) [Decidable p] [Decidable q] : decide (p ∧ q) = (decide p && decide q) := by
  by_cases hp : p <;> by_cases hq : q <;> simp [hp, hq, _root_.decide_eq_true, _root_.decide_eq_false]
@[simp] theorem Bool.decide_or (p q : Prop) [Decidable p] [Decidable q] : decide (p ∨ q) = (decide p || decide q) := by
  by_cases hp : p <;> by_cases hq : q <;> simp [hp, hq, _root_.decide_eq_true, _root_.decide_eq_false]

/-! A Boolean function of finitely many Booleans, and a statement about all Booleans, can be decided by trying. -/

instance Bool.instDecidableForall (p : Bool → Prop) [DecidablePred p] : Decidable (∀ b, p b) :=
  if h : p true ∧ p false then isTrue fun b => match b with
    | true => h.1
    | false => h.2
  else isFalse fun all => h ⟨all true, all false⟩
instance Bool.instDecidableExists (p : Bool → Prop) [DecidablePred p] : Decidable (∃ b, p b) :=
  if h : p true ∨ p false then isTrue (h.elim (⟨true, ·⟩) (⟨false, ·⟩))
  else isFalse fun ⟨b, hb⟩ => match b with
    | true => h (.inl hb)
    | false => h (.inr hb)
