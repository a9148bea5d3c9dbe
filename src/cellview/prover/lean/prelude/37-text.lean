/-!
# 37. Characters and texts

A text is the list of its characters, so each fact about texts is one about lists. (The operations are noncomputable: the
compiled Lean keeps texts in another form, and these definitions are for the kernel.)
-/

namespace Char

noncomputable def toNat (c : Char) : Nat := c.val
theorem ext {a b : Char} (h : a.val = b.val) : a = b := by
  cases a
  cases b
  cases h
  rfl
theorem val_inj {a b : Char} : a.val = b.val ↔ a = b := ⟨ext, congrArg _⟩
/-- Characters that Unicode knows keep their number. -/
theorem val_ofNat {n : Nat} (h : isScalar n = true) : (ofNat n).val = n := by
  unfold ofNat
  split
  · rfl
  · next no => exact absurd h (ne_true_of_eq_false no)
@[simp] theorem ofNat_toNat (c : Char) : ofNat c.toNat = c := ext (val_ofNat c.valid)

noncomputable instance _root_.instDecidableEqChar : DecidableEq Char := fun a b =>
  if h : a.val = b.val then isTrue (ext h) else isFalse fun same => h (congrArg _ same)
instance instLT : LT Char := ⟨fun a b => a.val < b.val⟩
instance instLE : LE Char := ⟨fun a b => a.val ≤ b.val⟩
noncomputable instance instDecidableLT (a b : Char) : Decidable (a < b) := Nat.decLt a.val b.val
noncomputable instance instDecidableLE (a b : Char) : Decidable (a ≤ b) := Nat.decLe a.val b.val
noncomputable instance instInhabited : Inhabited Char := ⟨ofNat 65⟩

end Char

namespace String

theorem ext {s t : String} (h : s.toList = t.toList) : s = t := by
  cases s
  cases t
  cases h
  rfl
theorem toList_inj {s t : String} : s.toList = t.toList ↔ s = t := ⟨ext, congrArg _⟩
@[simp] theorem toList_ofList (l : List Char) : (ofList l).toList = l := rfl
@[simp] theorem ofList_toList (s : String) : ofList s.toList = s := rfl
theorem ofList_injective {k l : List Char} (h : ofList k = ofList l) : k = l := congrArg toList h
theorem ofList_inj {k l : List Char} : ofList k = ofList l ↔ k = l := ⟨congrArg toList, congrArg ofList⟩

noncomputable instance _root_.instDecidableEqString : DecidableEq String := fun s t =>
  if h : s.toList = t.toList then isTrue (ext h) else isFalse fun same => h (congrArg _ same)
instance instInhabited : Inhabited String := ⟨""⟩

noncomputable def length (s : String) : Nat := s.toList.length
noncomputable def append (s t : String) : String := ofList (s.toList ++ t.toList)
noncomputable instance instAppend : Append String := ⟨append⟩
noncomputable def push (s : String) (c : Char) : String := ofList (s.toList ++ [c])
noncomputable def singleton (c : Char) : String := ofList [c]
noncomputable def isEmpty (s : String) : Bool := s.toList.isEmpty

@[simp] theorem toList_append (s t : String) : (s ++ t).toList = s.toList ++ t.toList := rfl
@[simp] theorem toList_empty : "".toList = [] := rfl
@[simp] theorem append_empty (s : String) : s ++ "" = s := ext (List.append_nil _)
@[simp] theorem empty_append (s : String) : "" ++ s = s := rfl
theorem append_assoc (s t u : String) : s ++ t ++ u = s ++ (t ++ u) := ext (List.append_assoc _ _ _)
@[simp] theorem length_empty : length "" = 0 := rfl
@[simp] theorem length_append (s t : String) : length (s ++ t) = length s + length t := List.length_append _ _
@[simp] theorem length_push (s : String) (c : Char) : length (push s c) = length s + 1 := List.length_append _ _
@[simp] theorem length_singleton (c : Char) : length (singleton c) = 1 := rfl
@[simp] theorem length_eq_zero_iff {s : String} : length s = 0 ↔ s = "" :=
  List.length_eq_zero_iff.trans (toList_inj (t := ""))
theorem append_left_cancel {s t u : String} (h : s ++ t = s ++ u) : t = u :=
  ext (List.append_cancel_left (congrArg toList h))
@[simp] theorem append_eq_empty_iff {s t : String} : s ++ t = "" ↔ s = "" ∧ t = "" := by
  rw [← toList_inj, ← toList_inj (s := s), ← toList_inj (s := t)]
  exact List.append_eq_nil_iff

end String
