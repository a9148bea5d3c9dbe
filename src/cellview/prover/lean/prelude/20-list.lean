/-!
# 20. Lists

Functions on lists recurse on the list; laws about them are proved by induction on the same list.
-/

namespace List

variable {α : Type u} {β : Type v} {γ : Type w}

instance instInhabited : Inhabited (List α) := ⟨[]⟩

protected def append : List α → List α → List α
  | [], l => l
  | a :: k, l => a :: List.append k l
instance instAppend : Append (List α) := ⟨List.append⟩

def length : List α → Nat
  | [] => 0
  | _ :: l => length l + 1

def map (f : α → β) : List α → List β
  | [] => []
  | a :: l => f a :: map f l

def reverse : List α → List α
  | [] => []
  | a :: l => reverse l ++ [a]

def filter (p : α → Bool) : List α → List α
  | [] => []
  | a :: l => match p a with
    | true => a :: filter p l
    | false => filter p l

def foldr (f : α → β → β) (init : β) : List α → β
  | [] => init
  | a :: l => f a (foldr f init l)

def foldl (f : β → α → β) : β → List α → β
  | init, [] => init
  | init, a :: l => foldl f (f init a) l

protected def flatten : List (List α) → List α
  | [] => []
  | k :: l => k ++ List.flatten l

def all (l : List α) (p : α → Bool) : Bool := match l with
  | [] => true
  | a :: l => p a && all l p

def any (l : List α) (p : α → Bool) : Bool := match l with
  | [] => false
  | a :: l => p a || any l p

def replicate : Nat → α → List α
  | 0, _ => []
  | n + 1, a => a :: replicate n a

def take : Nat → List α → List α
  | 0, _ => []
  | _ + 1, [] => []
  | n + 1, a :: l => a :: take n l

def drop : Nat → List α → List α
  | 0, l => l
  | _ + 1, [] => []
  | n + 1, _ :: l => drop n l

def tail : List α → List α
  | [] => []
  | _ :: l => l

def isEmpty : List α → Bool
  | [] => true
  | _ :: _ => false

protected def sum : List Nat → Nat
  | [] => 0
  | a :: l => a + List.sum l

/-- `a ∈ l`: it is the head, or it is in the tail. -/
inductive Mem (a : α) : List α → Prop where
  | head (l : List α) : Mem a (a :: l)
  | tail (b : α) {l : List α} : Mem a l → Mem a (b :: l)
instance instMembership : Membership α (List α) := ⟨fun l a => Mem a l⟩

/-! ## Constructors -/

@[simp] theorem cons_ne_nil (a : α) (l : List α) : a :: l ≠ [] := fun h => nomatch h
@[simp] theorem nil_ne_cons (a : α) (l : List α) : [] ≠ a :: l := (cons_ne_nil a l).symm
theorem cons_eq_cons {a b : α} {k l : List α} : a :: k = b :: l ↔ a = b ∧ k = l := by
  constructor
  · intro h
    injection h with h h'
    exact ⟨h, h'⟩
  · rintro ⟨h, h'⟩
    rw [h, h']
theorem cons_inj_right (a : α) {k l : List α} : a :: k = a :: l ↔ k = l :=
  ⟨fun h => (cons_eq_cons.mp h).2, congrArg _⟩
theorem exists_cons_of_ne_nil {l : List α} (h : l ≠ []) : ∃ b k, l = b :: k := by
  cases l with
  | nil => exact absurd rfl h
  | cons b k => exact ⟨b, k, rfl⟩

instance instDecidableEq [DecidableEq α] : DecidableEq (List α)
  | [], [] => isTrue rfl
  | [], b :: l => isFalse (nil_ne_cons b l)
  | a :: k, [] => isFalse (cons_ne_nil a k)
  | a :: k, b :: l =>
    match decEq a b, instDecidableEq k l with
    | .isTrue h, .isTrue h' => isTrue (cons_eq_cons.mpr ⟨h, h'⟩)
    | .isFalse no, _ => isFalse fun h => no (cons_eq_cons.mp h).1
    | _, .isFalse no => isFalse fun h => no (cons_eq_cons.mp h).2

/-! ## Append -/

@[simp] theorem append_eq (k l : List α) : List.append k l = k ++ l := rfl
@[simp] theorem nil_append (l : List α) : [] ++ l = l := rfl
@[simp] theorem cons_append (a : α) (k l : List α) : a :: k ++ l = a :: (k ++ l) := rfl
@[simp] theorem append_nil (l : List α) : l ++ [] = l := by
  induction l with
  | nil => rfl
  | cons a l ih => exact congrArg (a :: ·) ih
@[simp] theorem append_assoc (k l m : List α) : k ++ l ++ m = k ++ (l ++ m) := by
  induction k with
  | nil => rfl
  | cons a k ih => exact congrArg (a :: ·) ih
theorem append_cons (k : List α) (a : α) (l : List α) : k ++ a :: l = k ++ [a] ++ l := (append_assoc k [a] l).symm
theorem singleton_append (a : α) (l : List α) : [a] ++ l = a :: l := rfl
@[simp] theorem append_eq_nil_iff {k l : List α} : k ++ l = [] ↔ k = [] ∧ l = [] := by
  cases k with
  | nil => simp
  | cons a k => simp
theorem append_cancel_left {k l m : List α} (h : k ++ l = k ++ m) : l = m := by
  induction k with
  | nil => exact h
  | cons a k ih => exact ih (cons_eq_cons.mp h).2
@[simp] theorem append_cancel_left_iff {k l m : List α} : k ++ l = k ++ m ↔ l = m :=
  ⟨append_cancel_left, congrArg (k ++ ·)⟩

/-! ## Length -/

@[simp] theorem length_nil : length ([] : List α) = 0 := rfl
@[simp] theorem length_cons (a : α) (l : List α) : length (a :: l) = length l + 1 := rfl
theorem length_singleton (a : α) : length [a] = 1 := rfl
@[simp] theorem length_append (k l : List α) : length (k ++ l) = length k + length l := by
  induction k with
  | nil => rw [nil_append, length_nil, Nat.zero_add]
  | cons a k ih => rw [cons_append, length_cons, ih, length_cons, Nat.add_right_comm]
@[simp] theorem length_eq_zero_iff {l : List α} : length l = 0 ↔ l = [] := by
  cases l with
  | nil => simp
  | cons a l => simp
theorem eq_nil_of_length_eq_zero {l : List α} (h : length l = 0) : l = [] := length_eq_zero_iff.mp h
theorem length_pos_iff {l : List α} : 0 < length l ↔ l ≠ [] := by
  cases l with
  | nil => simp
  | cons a l => simp
@[simp] theorem length_replicate (n : Nat) (a : α) : length (replicate n a) = n := by
  induction n with
  | zero => rfl
  | succ n ih => exact congrArg (· + 1) ih

/-! ## Map -/

@[simp] theorem map_nil (f : α → β) : map f [] = [] := rfl
@[simp] theorem map_cons (f : α → β) (a : α) (l : List α) : map f (a :: l) = f a :: map f l := rfl
@[simp] theorem map_append (f : α → β) (k l : List α) : map f (k ++ l) = map f k ++ map f l := by
  induction k with
  | nil => rfl
  | cons a k ih => exact congrArg (f a :: ·) ih
@[simp] theorem length_map (f : α → β) (l : List α) : length (map f l) = length l := by
  induction l with
  | nil => rfl
  | cons a l ih => exact congrArg (· + 1) ih
@[simp] theorem map_map (g : β → γ) (f : α → β) (l : List α) : map g (map f l) = map (g ∘ f) l := by
  induction l with
  | nil => rfl
  | cons a l ih => exact congrArg (g (f a) :: ·) ih
@[simp] theorem map_id_fun (l : List α) : map id l = l := by
  induction l with
  | nil => rfl
  | cons a l ih => exact congrArg (a :: ·) ih
theorem map_id (l : List α) : map id l = l := map_id_fun l
@[simp] theorem map_id_fun' (l : List α) : map (fun a => a) l = l := map_id_fun l
theorem map_id' (l : List α) : map (fun a => a) l = l := map_id_fun l
theorem map_congr_left {f g : α → β} {l : List α} (h : ∀ a, f a = g a) : map f l = map g l := by rw [funext h]
theorem map_singleton (f : α → β) (a : α) : map f [a] = [f a] := rfl
@[simp] theorem map_eq_nil_iff {f : α → β} {l : List α} : map f l = [] ↔ l = [] := by
  cases l with
  | nil => simp
  | cons a l => simp

/-! ## Reverse -/

@[simp] theorem reverse_nil : reverse ([] : List α) = [] := rfl
@[simp] theorem reverse_cons (a : α) (l : List α) : reverse (a :: l) = reverse l ++ [a] := rfl
theorem reverse_singleton (a : α) : reverse [a] = [a] := rfl
@[simp] theorem reverse_append (k l : List α) : reverse (k ++ l) = reverse l ++ reverse k := by
  induction k with
  | nil => exact (append_nil _).symm
  | cons a k ih => rw [cons_append, reverse_cons, ih, reverse_cons, append_assoc]
@[simp] theorem reverse_reverse (l : List α) : reverse (reverse l) = l := by
  induction l with
  | nil => rfl
  | cons a l ih => rw [reverse_cons, reverse_append, ih]; rfl
@[simp] theorem length_reverse (l : List α) : length (reverse l) = length l := by
  induction l with
  | nil => rfl
  | cons a l ih => rw [reverse_cons, length_append, ih]; rfl
@[simp] theorem map_reverse (f : α → β) (l : List α) : map f (reverse l) = reverse (map f l) := by
  induction l with
  | nil => rfl
  | cons a l ih => rw [reverse_cons, map_append, ih]; rfl
theorem reverse_inj {k l : List α} : reverse k = reverse l ↔ k = l :=
  ⟨fun h => by rw [← reverse_reverse k, h, reverse_reverse], congrArg reverse⟩
@[simp] theorem reverse_eq_nil_iff {l : List α} : reverse l = [] ↔ l = [] := by
  cases l with
  | nil => simp
  | cons a l => simp


end List
