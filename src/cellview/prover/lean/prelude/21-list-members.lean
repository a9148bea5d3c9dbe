/-!
# 21. Lists: membership, filters, folds
-/

namespace List

variable {α : Type u} {β : Type v} {γ : Type w}

/-! ## Membership -/

@[simp] theorem not_mem_nil {a : α} : ¬(a ∈ ([] : List α)) := fun h => nomatch h
theorem mem_cons_self {a : α} {l : List α} : a ∈ a :: l := .head l
theorem mem_cons_of_mem (b : α) {a : α} {l : List α} (h : a ∈ l) : a ∈ b :: l := .tail b h
@[simp] theorem mem_cons {a b : α} {l : List α} : a ∈ b :: l ↔ a = b ∨ a ∈ l := by
  constructor
  · intro h
    cases h with
    | head => exact .inl rfl
    | tail _ h => exact .inr h
  · rintro (same | h)
    · exact same ▸ .head l
    · exact .tail b h
theorem mem_singleton {a b : α} : a ∈ [b] ↔ a = b := by simp
@[simp] theorem mem_append {a : α} {k l : List α} : a ∈ k ++ l ↔ a ∈ k ∨ a ∈ l := by
  induction k with
  | nil => simp
  | cons b k ih => rw [cons_append, mem_cons, ih, mem_cons, or_assoc]
theorem mem_append_left {a : α} {k : List α} (l : List α) (h : a ∈ k) : a ∈ k ++ l := mem_append.mpr (.inl h)
theorem mem_append_right {a : α} (k : List α) {l : List α} (h : a ∈ l) : a ∈ k ++ l := mem_append.mpr (.inr h)
@[simp] theorem mem_map {f : α → β} {b : β} {l : List α} : b ∈ map f l ↔ ∃ a, a ∈ l ∧ f a = b := by
  induction l with
  | nil => simp
  | cons c l ih =>
    rw [map_cons, mem_cons, ih]
    constructor
    · rintro (h | ⟨a, h, e⟩)
      · exact ⟨c, .head l, h.symm⟩
      · exact ⟨a, .tail c h, e⟩
    · rintro ⟨a, h, e⟩
      rcases mem_cons.mp h with same | h
      · exact .inl (same ▸ e.symm)
      · exact .inr ⟨a, h, e⟩
theorem mem_map_of_mem {f : α → β} {a : α} {l : List α} (h : a ∈ l) : f a ∈ map f l := mem_map.mpr ⟨a, h, rfl⟩
@[simp] theorem mem_reverse {a : α} {l : List α} : a ∈ reverse l ↔ a ∈ l := by
  induction l with
  | nil => simp
  | cons b l ih => rw [reverse_cons, mem_append, ih, mem_singleton, mem_cons, or_comm]
theorem mem_of_mem_tail {a : α} {l : List α} (h : a ∈ tail l) : a ∈ l := by
  cases l with
  | nil => exact h
  | cons b l => exact .tail b h
theorem eq_nil_iff_forall_not_mem {l : List α} : l = [] ↔ ∀ a, ¬(a ∈ l) := by
  cases l with
  | nil => simp
  | cons b l => exact ⟨fun h => absurd h (cons_ne_nil b l), fun h => absurd (.head l) (h b)⟩

instance instDecidableMem [DecidableEq α] (a : α) : (l : List α) → Decidable (a ∈ l)
  | [] => isFalse not_mem_nil
  | b :: l =>
    match decEq a b, instDecidableMem a l with
    | .isTrue same, _ => isTrue (mem_cons.mpr (.inl same))
    | _, .isTrue h => isTrue (mem_cons.mpr (.inr h))
    | .isFalse no, .isFalse no' => isFalse fun h => (mem_cons.mp h).elim no no'

/-! ## Filter, folds, quantifiers -/

@[simp] theorem filter_nil (p : α → Bool) : filter p [] = [] := rfl
theorem filter_cons {p : α → Bool} {a : α} {l : List α} :
    filter p (a :: l) = if p a = true then a :: filter p l else filter p l := by
  cases h : p a <;> simp [filter, h]
@[simp] theorem filter_cons_of_pos {p : α → Bool} {a : α} {l : List α} (h : p a = true) :
    filter p (a :: l) = a :: filter p l := by rw [filter_cons, ite_eq_left h]
@[simp] theorem filter_cons_of_neg {p : α → Bool} {a : α} {l : List α} (h : ¬(p a = true)) :
    filter p (a :: l) = filter p l := by rw [filter_cons, ite_eq_right h]
@[simp] theorem filter_append (p : α → Bool) (k l : List α) : filter p (k ++ l) = filter p k ++ filter p l := by
  induction k with
  | nil => rfl
  | cons a k ih => cases h : p a <;> simp [filter_cons, h, ih]
theorem length_filter_le (p : α → Bool) (l : List α) : length (filter p l) ≤ length l := by
  induction l with
  | nil => exact .refl
  | cons a l ih =>
    cases h : p a
    · simp only [filter_cons, h, Bool.false_eq_true, ite_false]
      exact .step ih
    · simp only [filter_cons, h, ite_true]
      exact Nat.succ_le_succ ih
@[simp] theorem foldr_nil (f : α → β → β) (b : β) : foldr f b [] = b := rfl
@[simp] theorem foldr_cons (f : α → β → β) (b : β) (a : α) (l : List α) : foldr f b (a :: l) = f a (foldr f b l) := rfl
@[simp] theorem foldr_append (f : α → β → β) (b : β) (k l : List α) :
    foldr f b (k ++ l) = foldr f (foldr f b l) k := by
  induction k with
  | nil => rfl
  | cons a k ih => exact congrArg (f a) ih
@[simp] theorem foldl_nil (f : β → α → β) (b : β) : foldl f b [] = b := rfl
@[simp] theorem foldl_cons (f : β → α → β) (b : β) (a : α) (l : List α) : foldl f b (a :: l) = foldl f (f b a) l := rfl
@[simp] theorem foldl_append (f : β → α → β) (b : β) (k l : List α) :
    foldl f b (k ++ l) = foldl f (foldl f b k) l := by
  induction k generalizing b with
  | nil => rfl
  | cons a k ih => exact ih (f b a)
@[simp] theorem flatten_nil : List.flatten ([] : List (List α)) = [] := rfl
@[simp] theorem flatten_cons (k : List α) (l : List (List α)) : List.flatten (k :: l) = k ++ List.flatten l := rfl
@[simp] theorem all_nil (p : α → Bool) : all [] p = true := rfl
@[simp] theorem all_cons (p : α → Bool) (a : α) (l : List α) : all (a :: l) p = (p a && all l p) := rfl
@[simp] theorem any_nil (p : α → Bool) : any [] p = false := rfl
@[simp] theorem any_cons (p : α → Bool) (a : α) (l : List α) : any (a :: l) p = (p a || any l p) := rfl
@[simp] theorem sum_nil : List.sum [] = 0 := rfl
@[simp] theorem sum_cons (a : Nat) (l : List Nat) : List.sum (a :: l) = a + List.sum l := rfl
@[simp] theorem sum_append (k l : List Nat) : List.sum (k ++ l) = List.sum k + List.sum l := by
  induction k with
  | nil => exact (Nat.zero_add _).symm
  | cons a k ih => rw [cons_append, sum_cons, ih, sum_cons, Nat.add_assoc]

/-! ## Beginning and rest -/

@[simp] theorem take_zero (l : List α) : take 0 l = [] := rfl
@[simp] theorem take_nil (n : Nat) : take n ([] : List α) = [] := by cases n <;> rfl
@[simp] theorem take_succ_cons (n : Nat) (a : α) (l : List α) : take (n + 1) (a :: l) = a :: take n l := rfl
@[simp] theorem drop_zero (l : List α) : drop 0 l = l := rfl
@[simp] theorem drop_nil (n : Nat) : drop n ([] : List α) = [] := by cases n <;> rfl
@[simp] theorem drop_succ_cons (n : Nat) (a : α) (l : List α) : drop (n + 1) (a :: l) = drop n l := rfl
@[simp] theorem take_append_drop (n : Nat) (l : List α) : take n l ++ drop n l = l := by
  induction n generalizing l with
  | zero => rfl
  | succ n ih =>
    cases l with
    | nil => rfl
    | cons a l => exact congrArg (a :: ·) (ih l)
@[simp] theorem tail_nil : tail ([] : List α) = [] := rfl
@[simp] theorem tail_cons (a : α) (l : List α) : tail (a :: l) = l := rfl
@[simp] theorem isEmpty_nil : isEmpty ([] : List α) = true := rfl
@[simp] theorem isEmpty_cons (a : α) (l : List α) : isEmpty (a :: l) = false := rfl

end List
