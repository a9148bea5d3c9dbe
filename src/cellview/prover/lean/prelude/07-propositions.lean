/-!
# 7. Laws of propositions and quantifiers

What is marked `@[simp]` is used by `simp` without being told.
-/

/-! ## Propositional facts

Laws with `True` and `False`, idempotence, negations pushed inward. -/

@[simp] theorem and_true (p : Prop) : (p ∧ True) = p := propext ⟨And.left, fun h => ⟨h, trivial⟩⟩
@[simp] theorem true_and (p : Prop) : (True ∧ p) = p := propext ⟨And.right, fun h => ⟨trivial, h⟩⟩
@[simp] theorem and_false (p : Prop) : (p ∧ False) = False := eq_false And.right
@[simp] theorem false_and (p : Prop) : (False ∧ p) = False := eq_false And.left
@[simp] theorem and_self (p : Prop) : (p ∧ p) = p := propext ⟨And.left, fun h => ⟨h, h⟩⟩
@[simp] theorem and_not_self {p : Prop} : ¬(p ∧ ¬p) := fun h => h.2 h.1
@[simp] theorem not_and_self {p : Prop} : ¬(¬p ∧ p) := fun h => h.1 h.2
@[simp] theorem or_true (p : Prop) : (p ∨ True) = True := eq_true (.inr trivial)
@[simp] theorem true_or (p : Prop) : (True ∨ p) = True := eq_true (.inl trivial)
@[simp] theorem or_false (p : Prop) : (p ∨ False) = p := propext ⟨fun h => h.resolve_right id, .inl⟩
@[simp] theorem false_or (p : Prop) : (False ∨ p) = p := propext ⟨fun h => h.resolve_left id, .inr⟩
@[simp] theorem or_self (p : Prop) : (p ∨ p) = p := propext ⟨fun h => h.elim id id, .inl⟩
@[simp] theorem iff_self (p : Prop) : (p ↔ p) = True := eq_true Iff.rfl
@[simp] theorem iff_true (p : Prop) : (p ↔ True) = p := propext ⟨fun h => h.mpr trivial, fun h => iff_of_true h trivial⟩
@[simp] theorem true_iff (p : Prop) : (True ↔ p) = p := propext ⟨fun h => h.mp trivial, fun h => iff_of_true trivial h⟩
@[simp] theorem iff_false (p : Prop) : (p ↔ False) = ¬p := propext ⟨Iff.mp, fun h => iff_of_false h id⟩
@[simp] theorem false_iff (p : Prop) : (False ↔ p) = ¬p := propext ⟨Iff.mpr, fun h => iff_of_false id h⟩
@[simp] theorem eq_iff_iff {p q : Prop} : (p = q) = (p ↔ q) := propext ⟨Iff.of_eq, propext⟩
@[simp] theorem not_true_eq_false : (¬True) = False := eq_false fun h => h trivial
@[simp] theorem not_false_eq_true : (¬False) = True := eq_true id
@[simp] theorem not_iff_self {p : Prop} : ¬(¬p ↔ p) := fun h =>
  have no : ¬p := fun hp => h.mpr hp hp
  no (h.mp no)
@[simp] theorem iff_not_self {p : Prop} : ¬(p ↔ ¬p) := fun h => not_iff_self h.symm

@[simp] theorem implies_true (α : Sort u) : (α → True) = True := eq_true fun _ => trivial
@[simp] theorem true_implies (p : Prop) : (True → p) = p := propext ⟨fun h => h trivial, fun h _ => h⟩
@[simp] theorem false_implies (p : Prop) : (False → p) = True := eq_true False.elim
@[simp] theorem imp_self {p : Prop} : (p → p) ↔ True := iff_of_true id trivial
@[simp] theorem imp_false {p : Prop} : (p → False) ↔ ¬p := Iff.rfl
@[simp] theorem imp_not_self {p : Prop} : (p → ¬p) ↔ ¬p := ⟨fun h hp => h hp hp, fun h _ => h⟩
@[simp] theorem and_imp {p q r : Prop} : (p ∧ q → r) ↔ (p → q → r) :=
  ⟨fun h hp hq => h ⟨hp, hq⟩, fun h k => h k.1 k.2⟩
theorem or_imp {p q r : Prop} : (p ∨ q → r) ↔ (p → r) ∧ (q → r) :=
  ⟨fun h => ⟨fun hp => h (.inl hp), fun hq => h (.inr hq)⟩, fun h k => k.elim h.1 h.2⟩

@[simp] theorem not_not {p : Prop} : ¬¬p ↔ p := Classical.not_not
@[simp] theorem not_or {p q : Prop} : ¬(p ∨ q) ↔ ¬p ∧ ¬q :=
  ⟨fun h => ⟨fun hp => h (.inl hp), fun hq => h (.inr hq)⟩, fun h k => k.elim h.1 h.2⟩
@[simp] theorem not_and {p q : Prop} : ¬(p ∧ q) ↔ (p → ¬q) := and_imp
theorem not_and' {p q : Prop} : ¬(p ∧ q) ↔ (q → ¬p) := ⟨fun h hq hp => h ⟨hp, hq⟩, fun h k => h k.2 k.1⟩
theorem not_and_of_not_left {p : Prop} (q : Prop) (h : ¬p) : ¬(p ∧ q) := fun k => h k.1
theorem not_and_of_not_right (p : Prop) {q : Prop} (h : ¬q) : ¬(p ∧ q) := fun k => h k.2
@[simp] theorem not_imp {p q : Prop} : ¬(p → q) ↔ p ∧ ¬q := Classical.not_imp
@[simp] theorem not_exists {α : Sort u} {p : α → Prop} : (¬∃ x, p x) ↔ ∀ x, ¬p x :=
  ⟨fun h x hx => h ⟨x, hx⟩, fun h ⟨x, hx⟩ => h x hx⟩
@[simp] theorem not_forall {α : Sort u} {p : α → Prop} : (¬∀ x, p x) ↔ ∃ x, ¬p x := Classical.not_forall
attribute [simp] Classical.not_not

/-! ## Laws to rewrite with, too symmetric for `simp` -/

theorem eq_comm {α : Sort u} {a b : α} : a = b ↔ b = a := ⟨Eq.symm, Eq.symm⟩
theorem ne_comm {α : Sort u} {a b : α} : a ≠ b ↔ b ≠ a := ⟨Ne.symm, Ne.symm⟩
theorem iff_comm {p q : Prop} : (p ↔ q) ↔ (q ↔ p) := ⟨Iff.symm, Iff.symm⟩
theorem iff_def {p q : Prop} : (p ↔ q) ↔ (p → q) ∧ (q → p) := ⟨fun h => ⟨h.mp, h.mpr⟩, fun h => ⟨h.1, h.2⟩⟩
theorem iff_iff_implies_and_implies {p q : Prop} : (p ↔ q) ↔ (p → q) ∧ (q → p) := iff_def
theorem and_comm {p q : Prop} : p ∧ q ↔ q ∧ p := ⟨And.symm, And.symm⟩
theorem or_comm {p q : Prop} : p ∨ q ↔ q ∨ p := ⟨Or.symm, Or.symm⟩
theorem And.comm {p q : Prop} : p ∧ q ↔ q ∧ p := and_comm
theorem Or.comm {p q : Prop} : p ∨ q ↔ q ∨ p := or_comm
theorem and_assoc {p q r : Prop} : (p ∧ q) ∧ r ↔ p ∧ q ∧ r :=
  ⟨fun ⟨⟨hp, hq⟩, hr⟩ => ⟨hp, hq, hr⟩, fun ⟨hp, hq, hr⟩ => ⟨⟨hp, hq⟩, hr⟩⟩
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
theorem and_left_comm {p q r : Prop} : p ∧ q ∧ r ↔ q ∧ p ∧ r := by
  constructor <;> exact fun ⟨h, k, l⟩ => ⟨k, h, l⟩
theorem and_right_comm {p q r : Prop} : (p ∧ q) ∧ r ↔ (p ∧ r) ∧ q := by
  constructor <;> exact fun ⟨⟨h, k⟩, l⟩ => ⟨⟨h, l⟩, k⟩
theorem or_left_comm {p q r : Prop} : p ∨ q ∨ r ↔ q ∨ p ∨ r := by
  constructor <;> rintro (h | h | h) <;> simp only [h, true_or, or_true]
theorem or_right_comm {p q r : Prop} : (p ∨ q) ∨ r ↔ (p ∨ r) ∨ q := by
  constructor <;> rintro ((h | h) | h) <;> simp only [h, true_or, or_true]
theorem and_or_left {p q r : Prop} : p ∧ (q ∨ r) ↔ (p ∧ q) ∨ (p ∧ r) :=
  ⟨fun ⟨hp, h⟩ => h.imp (⟨hp, ·⟩) (⟨hp, ·⟩), fun h => h.elim (fun k => ⟨k.1, .inl k.2⟩) (fun k => ⟨k.1, .inr k.2⟩)⟩
theorem or_and_right {p q r : Prop} : (p ∨ q) ∧ r ↔ (p ∧ r) ∨ (q ∧ r) := by
  rw [and_comm, and_or_left, @and_comm r p, @and_comm r q]
theorem or_and_left {p q r : Prop} : p ∨ (q ∧ r) ↔ (p ∨ q) ∧ (p ∨ r) := by
  constructor
  · rintro (h | ⟨hq, hr⟩)
    · exact ⟨.inl h, .inl h⟩
    · exact ⟨.inr hq, .inr hr⟩
  · rintro ⟨h | hq, k | hr⟩
    · exact .inl h
    · exact .inl h
    · exact .inl k
    · exact .inr ⟨hq, hr⟩
theorem and_or_right {p q r : Prop} : (p ∧ q) ∨ r ↔ (p ∨ r) ∧ (q ∨ r) := by
  rw [or_comm, or_and_left, @or_comm r p, @or_comm r q]
theorem imp_and {α : Sort u} {p q : Prop} : (α → p ∧ q) ↔ (α → p) ∧ (α → q) :=
  ⟨fun h => ⟨fun a => (h a).1, fun a => (h a).2⟩, fun h a => ⟨h.1 a, h.2 a⟩⟩
theorem imp.swap {p q r : Prop} : (p → q → r) ↔ (q → p → r) := ⟨fun h hq hp => h hp hq, fun h hp hq => h hq hp⟩
theorem imp_iff_not_or {p q : Prop} : (p → q) ↔ ¬p ∨ q := Classical.imp_iff_not_or
theorem not_imp_not {p q : Prop} : (¬p → ¬q) ↔ (q → p) := Classical.not_imp_not
theorem not_and_or {p q : Prop} : ¬(p ∧ q) ↔ ¬p ∨ ¬q := Classical.not_and_iff_not_or_not
theorem or_iff_not_imp_left {p q : Prop} : p ∨ q ↔ (¬p → q) := Classical.or_iff_not_imp_left
theorem or_iff_not_imp_right {p q : Prop} : p ∨ q ↔ (¬q → p) := Classical.or_iff_not_imp_right
theorem not_iff_not {p q : Prop} : (¬p ↔ ¬q) ↔ (p ↔ q) :=
  ⟨fun h => ⟨not_imp_not.mp h.mpr, not_imp_not.mp h.mp⟩, Iff.not⟩
theorem not_not_of_not_imp {p q : Prop} (h : ¬(p → q)) : ¬¬p := fun no => h fun hp => absurd hp no
theorem and_iff_left {p q : Prop} (hq : q) : p ∧ q ↔ p := ⟨And.left, fun hp => ⟨hp, hq⟩⟩
theorem and_iff_right {p q : Prop} (hp : p) : p ∧ q ↔ q := ⟨And.right, fun hq => ⟨hp, hq⟩⟩
theorem and_congr {p q r s : Prop} (h : p ↔ r) (k : q ↔ s) : p ∧ q ↔ r ∧ s := by rw [h, k]
theorem or_congr {p q r s : Prop} (h : p ↔ r) (k : q ↔ s) : p ∨ q ↔ r ∨ s := by rw [h, k]
theorem not_congr {p q : Prop} (h : p ↔ q) : ¬p ↔ ¬q := h.not
theorem iff_congr {p q r s : Prop} (h : p ↔ r) (k : q ↔ s) : (p ↔ q) ↔ (r ↔ s) := by rw [h, k]
theorem imp_congr {p q r s : Prop} (h : p ↔ r) (k : q ↔ s) : (p → q) ↔ (r → s) := by rw [h, k]
theorem forall_comm {α : Sort u} {β : Sort v} {p : α → β → Prop} : (∀ a b, p a b) ↔ ∀ b a, p a b :=
  ⟨fun h b a => h a b, fun h a b => h b a⟩
theorem exists_comm {α : Sort u} {β : Sort v} {p : α → β → Prop} : (∃ a b, p a b) ↔ ∃ b a, p a b :=
  ⟨fun ⟨a, b, h⟩ => ⟨b, a, h⟩, fun ⟨b, a, h⟩ => ⟨a, b, h⟩⟩

/-! ## Quantifiers -/

@[simp] theorem forall_const {α : Sort u} (p : Prop) [some : Nonempty α] : (α → p) ↔ p :=
  ⟨fun h => match some with | ⟨a⟩ => h a, fun h _ => h⟩
@[simp] theorem exists_const {α : Sort u} (p : Prop) [some : Nonempty α] : (∃ _ : α, p) ↔ p :=
  ⟨fun ⟨_, h⟩ => h, fun h => match some with | ⟨a⟩ => ⟨a, h⟩⟩
@[simp] theorem exists_eq {α : Sort u} {a : α} : ∃ x, x = a := ⟨a, rfl⟩
@[simp] theorem exists_eq' {α : Sort u} {a : α} : ∃ x, a = x := ⟨a, rfl⟩
@[simp] theorem exists_eq_left {α : Sort u} {a : α} {p : α → Prop} : (∃ x, x = a ∧ p x) ↔ p a :=
  ⟨fun ⟨_, same, h⟩ => same ▸ h, fun h => ⟨a, rfl, h⟩⟩
@[simp] theorem exists_eq_right {α : Sort u} {a : α} {p : α → Prop} : (∃ x, p x ∧ x = a) ↔ p a :=
  ⟨fun ⟨_, h, same⟩ => same ▸ h, fun h => ⟨a, h, rfl⟩⟩
@[simp] theorem exists_eq_left' {α : Sort u} {a : α} {p : α → Prop} : (∃ x, a = x ∧ p x) ↔ p a :=
  ⟨fun ⟨_, same, h⟩ => same ▸ h, fun h => ⟨a, rfl, h⟩⟩
@[simp] theorem forall_eq {α : Sort u} {a : α} {p : α → Prop} : (∀ x, x = a → p x) ↔ p a :=
  ⟨fun h => h a rfl, fun h _ same => same ▸ h⟩
@[simp] theorem forall_eq' {α : Sort u} {a : α} {p : α → Prop} : (∀ x, a = x → p x) ↔ p a :=
  ⟨fun h => h a rfl, fun h _ same => same ▸ h⟩
@[simp] theorem exists_prop {p q : Prop} : (∃ _ : p, q) ↔ p ∧ q := ⟨fun ⟨h, k⟩ => ⟨h, k⟩, fun h => ⟨h.1, h.2⟩⟩
@[simp] theorem exists_false {α : Sort u} : ¬∃ _ : α, False := fun ⟨_, h⟩ => h
@[simp] theorem exists_and_left {α : Sort u} {p : Prop} {q : α → Prop} : (∃ x, p ∧ q x) ↔ p ∧ ∃ x, q x :=
  ⟨fun ⟨x, h, k⟩ => ⟨h, x, k⟩, fun ⟨h, x, k⟩ => ⟨x, h, k⟩⟩
@[simp] theorem exists_and_right {α : Sort u} {p : α → Prop} {q : Prop} : (∃ x, p x ∧ q) ↔ (∃ x, p x) ∧ q :=
  ⟨fun ⟨x, h, k⟩ => ⟨⟨x, h⟩, k⟩, fun ⟨⟨x, h⟩, k⟩ => ⟨x, h, k⟩⟩
theorem exists_or {α : Sort u} {p q : α → Prop} : (∃ x, p x ∨ q x) ↔ (∃ x, p x) ∨ ∃ x, q x :=
  ⟨fun ⟨x, h⟩ => h.imp (⟨x, ·⟩) (⟨x, ·⟩), fun h => h.elim (fun ⟨x, k⟩ => ⟨x, .inl k⟩) (fun ⟨x, k⟩ => ⟨x, .inr k⟩)⟩
theorem forall_and {α : Sort u} {p q : α → Prop} : (∀ x, p x ∧ q x) ↔ (∀ x, p x) ∧ ∀ x, q x :=
  ⟨fun h => ⟨fun x => (h x).1, fun x => (h x).2⟩, fun h x => ⟨h.1 x, h.2 x⟩⟩
theorem forall_congr' {α : Sort u} {p q : α → Prop} (h : ∀ a, p a ↔ q a) : (∀ a, p a) ↔ ∀ a, q a :=
  ⟨fun k a => (h a).mp (k a), fun k a => (h a).mpr (k a)⟩
theorem exists_congr {α : Sort u} {p q : α → Prop} (h : ∀ a, p a ↔ q a) : (∃ a, p a) ↔ ∃ a, q a :=
  ⟨Exists.imp fun a => (h a).mp, Exists.imp fun a => (h a).mpr⟩
@[simp] theorem exists_imp {α : Sort u} {p : α → Prop} {q : Prop} : ((∃ x, p x) → q) ↔ ∀ x, p x → q :=
  ⟨fun h x hx => h ⟨x, hx⟩, fun h ⟨x, hx⟩ => h x hx⟩
theorem not_exists_not {α : Sort u} {p : α → Prop} : (¬∃ x, ¬p x) ↔ ∀ x, p x := by
  simp only [not_exists, not_not]
theorem not_forall_not {α : Sort u} {p : α → Prop} : (¬∀ x, ¬p x) ↔ ∃ x, p x := by
  simp only [not_forall, not_not]

/-! ## Deciding compound propositions -/

instance instDecidableAnd {p q : Prop} [Decidable p] [Decidable q] : Decidable (p ∧ q) :=
  if hp : p then
    if hq : q then isTrue ⟨hp, hq⟩ else isFalse fun h => hq h.2
  else isFalse fun h => hp h.1
instance instDecidableOr {p q : Prop} [Decidable p] [Decidable q] : Decidable (p ∨ q) :=
  if hp : p then isTrue (.inl hp)
  else if hq : q then isTrue (.inr hq)
  else isFalse fun h => h.elim hp hq
instance instDecidableNot {p : Prop} [Decidable p] : Decidable (¬p) :=
  if hp : p then isFalse fun no => no hp else isTrue hp
instance instDecidableImp {p q : Prop} [Decidable p] [Decidable q] : Decidable (p → q) :=
  if hp : p then
    if hq : q then isTrue fun _ => hq else isFalse fun h => hq (h hp)
  else isTrue fun h => absurd h hp
instance instDecidableIff {p q : Prop} [Decidable p] [Decidable q] : Decidable (p ↔ q) :=
  if h : (p → q) ∧ (q → p) then isTrue ⟨h.1, h.2⟩ else isFalse fun k => h ⟨k.mp, k.mpr⟩

/-! ## `calc` and the shapes that other tactics know -/

class Trans {α : Sort u₁} {β : Sort u₂} {γ : Sort u₃} (r : α → β → Sort u) (s : β → γ → Sort v)
    (t : outParam (α → γ → Sort w)) where
  trans {a : α} {b : β} {c : γ} : r a b → s b c → t a c

instance instTransEq {α : Sort u₁} {γ : Sort u₂} (r : α → γ → Sort u) : Trans Eq r r := ⟨fun same h => same ▸ h⟩
instance instTransEq_1 {α : Sort u₁} {β : Sort u₂} (r : α → β → Sort u) : Trans r Eq r := ⟨fun h same => same ▸ h⟩
instance instTransIff : Trans Iff Iff Iff := ⟨Iff.trans⟩

/-! ## Laws of an operation, as classes -/

class Std.Associative {α : Sort u} (op : α → α → α) : Prop where
  assoc : (a b c : α) → op (op a b) c = op a (op b c)
class Std.Commutative {α : Sort u} (op : α → α → α) : Prop where
  comm : (a b : α) → op a b = op b a
class Std.IdempotentOp {α : Sort u} (op : α → α → α) : Prop where
  idempotent : (x : α) → op x x = x
class Std.LawfulIdentity {α : Sort u} (op : α → α → α) (e : outParam α) : Prop where
  left_id (a : α) : op e a = a
  right_id (a : α) : op a e = a

gen_injective_theorems% Prod
gen_injective_theorems% PProd
gen_injective_theorems% Nat
gen_injective_theorems% List
gen_injective_theorems% Char
gen_injective_theorems% String
