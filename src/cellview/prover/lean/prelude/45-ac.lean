/-!
# 45. Sorting sums and products: `ac_rfl`

Both sides of an equation are read as trees over one operation. The test flattens each to the list of its leaves,
removes neutral elements, sorts the list if the operation is commutative, and drops repetitions if it is idempotent. If
both lists are then the same, the sides are equal.
-/

namespace Lean.Data.AC

inductive Expr where
  | var (i : Nat)
  | op (a b : Expr)

/-- A leaf, with a proof that it is neutral if it is. -/
structure Variable {α : Sort u} (op : α → α → α) : Type u where
  value : α
  neutral : Option (PLift (Std.LawfulIdentity op value))

structure Context (α : Sort u) where
  op : α → α → α
  assoc : Std.Associative op
  comm : Option (PLift (Std.Commutative op))
  idem : Option (PLift (Std.IdempotentOp op))
  vars : List (Variable op)
  arbitrary : α

variable {α : Sort u} (ctx : Context α)

def nth : List (Variable ctx.op) → Nat → α
  | [], _ => ctx.arbitrary
  | v :: _, 0 => v.value
  | _ :: l, i + 1 => nth l i

def isNeutral : List (Variable ctx.op) → Nat → Bool
  | [], _ => false
  | v :: _, 0 => v.neutral.isSome
  | _ :: l, i + 1 => isNeutral l i

def evalIn : Expr → α
  | .var i => nth ctx ctx.vars i
  | .op a b => ctx.op (evalIn a) (evalIn b)

def leaves : Expr → List Nat
  | .var i => [i]
  | .op a b => leaves a ++ leaves b

/-- The value of a list of leaves. The empty list does not come up; a single leaf stands for itself. -/
def evalList : List Nat → α
  | [] => ctx.arbitrary
  | [i] => nth ctx ctx.vars i
  | i :: j :: l => ctx.op (nth ctx ctx.vars i) (evalList (j :: l))

def insert (i : Nat) : List Nat → List Nat
  | [] => [i]
  | j :: l => cond (Nat.ble i j) (i :: j :: l) (j :: insert i l)
def sort : List Nat → List Nat
  | [] => []
  | i :: l => insert i (sort l)

/-- Put `i` in front, unless it is there. -/
def push (i : Nat) : List Nat → List Nat
  | [] => [i]
  | j :: l => cond (Nat.beq i j) (j :: l) (i :: j :: l)
def dedup : List Nat → List Nat
  | [] => []
  | i :: l => push i (dedup l)

/-- Put `i` in front, unless it is neutral; a neutral element that is alone stays. -/
def pushUnit (i : Nat) : List Nat → List Nat
  | [] => [i]
  | j :: l => cond (isNeutral ctx ctx.vars i) (j :: l) (cond (isNeutral ctx ctx.vars j && l.isEmpty) [i] (i :: j :: l))
def dropUnits : List Nat → List Nat
  | [] => []
  | i :: l => pushUnit ctx i (dropUnits l)

def norm (e : Expr) : List Nat :=
  let plain := dropUnits ctx (leaves e)
  let sorted := cond ctx.comm.isSome (sort plain) plain
  cond ctx.idem.isSome (dedup sorted) sorted

/-! ## Each step keeps the value -/

theorem evalList_cons (i : Nat) {l : List Nat} (h : l ≠ []) :
    evalList ctx (i :: l) = ctx.op (nth ctx ctx.vars i) (evalList ctx l) := by
  cases l with
  | nil => exact absurd rfl h
  | cons j l => rfl

theorem evalList_append {k l : List Nat} (hk : k ≠ []) (hl : l ≠ []) :
    evalList ctx (k ++ l) = ctx.op (evalList ctx k) (evalList ctx l) := by
  induction k with
  | nil => exact absurd rfl hk
  | cons i k ih =>
    cases k with
    | nil => exact evalList_cons ctx i hl
    | cons j k =>
      rw [List.cons_append, evalList_cons ctx i (by simp), ih (List.cons_ne_nil j k),
        evalList_cons ctx i (List.cons_ne_nil j k), ctx.assoc.assoc]

theorem leaves_ne_nil (e : Expr) : leaves e ≠ [] := by
  induction e with
  | var i => exact List.cons_ne_nil i []
  | op a b iha _ => exact fun h => iha (List.append_eq_nil_iff.mp h).1

theorem evalList_leaves (e : Expr) : evalList ctx (leaves e) = evalIn ctx e := by
  induction e with
  | var i => rfl
  | op a b iha ihb =>
    show evalList ctx (leaves a ++ leaves b) = ctx.op (evalIn ctx a) (evalIn ctx b)
    rw [evalList_append ctx (leaves_ne_nil a) (leaves_ne_nil b), iha, ihb]

theorem insert_ne_nil (i : Nat) (l : List Nat) : insert i l ≠ [] := by
  cases l with
  | nil => exact List.cons_ne_nil i []
  | cons j l => unfold insert; cases Nat.ble i j <;> simp
theorem sort_ne_nil {l : List Nat} (h : l ≠ []) : sort l ≠ [] := by
  cases l with
  | nil => exact absurd rfl h
  | cons i l => exact insert_ne_nil i _

theorem evalList_insert (comm : Std.Commutative ctx.op) (i : Nat) (l : List Nat) :
    evalList ctx (insert i l) = evalList ctx (i :: l) := by
  induction l with
  | nil => rfl
  | cons j l ih =>
    unfold insert
    cases Nat.ble i j with
    | true => rfl
    | false =>
      show evalList ctx (j :: insert i l) = _
      rw [evalList_cons ctx j (insert_ne_nil i l), ih]
      cases l with
      | nil => exact comm.comm _ _
      | cons m l =>
        show ctx.op _ (ctx.op _ _) = ctx.op _ (ctx.op _ _)
        rw [← ctx.assoc.assoc, ← ctx.assoc.assoc, comm.comm (nth ctx ctx.vars j)]
theorem evalList_sort (comm : Std.Commutative ctx.op) (l : List Nat) : evalList ctx (sort l) = evalList ctx l := by
  induction l with
  | nil => rfl
  | cons i l ih =>
    rw [sort, evalList_insert ctx comm]
    cases l with
    | nil => rfl
    | cons j l => rw [evalList_cons ctx i (sort_ne_nil (List.cons_ne_nil j l)), ih]; rfl

theorem push_cons (i j : Nat) (l : List Nat) : push i (j :: l) = cond (Nat.beq i j) (j :: l) (i :: j :: l) := rfl
theorem push_ne_nil (i : Nat) (l : List Nat) : push i l ≠ [] := by
  cases l with
  | nil => exact List.cons_ne_nil i []
  | cons j l => rw [push_cons]; cases Nat.beq i j <;> exact List.cons_ne_nil _ _
theorem evalList_push (idem : Std.IdempotentOp ctx.op) (i : Nat) (l : List Nat) :
    evalList ctx (push i l) = evalList ctx (i :: l) := by
  cases l with
  | nil => rfl
  | cons j l =>
    rw [push_cons]
    cases h : Nat.beq i j with
    | false => rfl
    | true =>
      have same := Nat.eq_of_beq_eq_true h
      subst same
      show evalList ctx (i :: l) = evalList ctx (i :: i :: l)
      cases l with
      | nil => exact (idem.idempotent _).symm
      | cons j l =>
        show ctx.op _ _ = ctx.op _ (ctx.op _ _)
        rw [← ctx.assoc.assoc, idem.idempotent]
theorem dedup_ne_nil {l : List Nat} (h : l ≠ []) : dedup l ≠ [] := by
  cases l with
  | nil => exact absurd rfl h
  | cons i l => exact push_ne_nil i _
theorem evalList_dedup (idem : Std.IdempotentOp ctx.op) (l : List Nat) : evalList ctx (dedup l) = evalList ctx l := by
  induction l with
  | nil => rfl
  | cons i l ih =>
    rw [dedup, evalList_push ctx idem]
    cases l with
    | nil => rfl
    | cons j l => rw [evalList_cons ctx i (dedup_ne_nil (List.cons_ne_nil j l)), ih]; rfl

theorem neutral_of_isNeutral {l : List (Variable ctx.op)} {i : Nat} (h : isNeutral ctx l i = true) :
    Std.LawfulIdentity ctx.op (nth ctx l i) := by
  induction l generalizing i with
  | nil => exact nomatch h
  | cons v l ih =>
    cases i with
    | succ i => exact ih h
    | zero =>
      show Std.LawfulIdentity ctx.op v.value
      obtain ⟨value, neutral⟩ := v
      cases neutral with
      | none => exact nomatch h
      | some p => exact p.down
theorem pushUnit_cons (i j : Nat) (l : List Nat) : pushUnit ctx i (j :: l) =
    cond (isNeutral ctx ctx.vars i) (j :: l) (cond (isNeutral ctx ctx.vars j && l.isEmpty) [i] (i :: j :: l)) := rfl
theorem evalList_pushUnit (i : Nat) (l : List Nat) : evalList ctx (pushUnit ctx i l) = evalList ctx (i :: l) := by
  cases l with
  | nil => rfl
  | cons j l =>
    rw [pushUnit_cons]
    cases h : isNeutral ctx ctx.vars i with
    | true => exact ((neutral_of_isNeutral ctx h).left_id _).symm
    | false =>
      cases h' : isNeutral ctx ctx.vars j && l.isEmpty with
      | false => rfl
      | true =>
        rw [Bool.and_eq_true] at h'
        cases l with
        | cons _ _ => exact nomatch h'.2
        | nil => exact ((neutral_of_isNeutral ctx h'.1).right_id _).symm
theorem dropUnits_ne_nil {l : List Nat} (h : l ≠ []) : dropUnits ctx l ≠ [] := by
  cases l with
  | nil => exact absurd rfl h
  | cons i l =>
    show pushUnit ctx i (dropUnits ctx l) ≠ []
    generalize dropUnits ctx l = k
    cases k with
    | nil => exact List.cons_ne_nil i []
    | cons j k =>
      rw [pushUnit_cons]
      cases isNeutral ctx ctx.vars i with
      | true => exact List.cons_ne_nil j k
      | false => cases isNeutral ctx ctx.vars j && k.isEmpty <;> exact List.cons_ne_nil _ _
theorem evalList_dropUnits (l : List Nat) : evalList ctx (dropUnits ctx l) = evalList ctx l := by
  induction l with
  | nil => rfl
  | cons i l ih =>
    rw [dropUnits, evalList_pushUnit]
    cases l with
    | nil => rfl
    | cons j l => rw [evalList_cons ctx i (dropUnits_ne_nil ctx (List.cons_ne_nil j l)), ih]; rfl

theorem evalList_norm (e : Expr) : evalList ctx (norm ctx e) = evalIn ctx e := by
  have sorted : evalList ctx (cond ctx.comm.isSome (sort (dropUnits ctx (leaves e))) (dropUnits ctx (leaves e))) =
      evalIn ctx e := by
    rw [← evalList_leaves, ← evalList_dropUnits ctx (leaves e)]
    cases h : ctx.comm with
    | none => rfl
    | some p => exact evalList_sort ctx p.down _
  rw [← sorted]
  unfold norm
  cases h : ctx.idem with
  | none => rfl
  | some p => exact evalList_dedup ctx p.down _

theorem Context.eq_of_norm (a b : Expr) (h : decide (norm ctx a = norm ctx b) = true) :
    evalIn ctx a = evalIn ctx b := by
  rw [← evalList_norm ctx a, ← evalList_norm ctx b, of_decide_eq_true h]

end Lean.Data.AC
