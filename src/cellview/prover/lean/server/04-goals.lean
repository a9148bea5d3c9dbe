/-!
# 4. Goals as data

What a client gets of a goal, as arrays:

  goal        [id, name, hypotheses, target, metavariables]
  hypothesis  [id, name, type, value or null]

Types, values and targets are raw terms (`Expr.dbgToString`), from which the client makes signatures. `metavariables` are
those that a term can only reach through a delayed assignment; the others stand in the terms. Texts for people are made
apart, by `shown`, since they cost ten times as much.
-/
namespace Cellview
open Lean Lean.Elab.Tactic

def name1 (a : String) : Name := Name.mkStr1 a
def nameText (n : Name) : Json := .str (n.toString false fun _ => false)
def number (n : Nat) : Json := .num (JsonNumber.fromNat n)

def array (xs : List Json) : Json := .arr (collect xs (Array.mkEmpty 8))
where collect : List Json → Array Json → Array Json
  | .nil, done => done
  | .cons x xs, done => collect xs (done.push x)

def map {α β : Type} (f : α → β) : List α → List β
  | .nil => .nil
  | .cons x xs => .cons (f x) (map f xs)

def mapM {α β : Type} (f : α → TacticM β) : List α → TacticM (List β)
  | .nil => pure .nil
  | .cons x xs => do
    let y ← f x
    let ys ← mapM f xs
    pure (.cons y ys)

def instantiated (mctx : MetavarContext) (e : Expr) : Expr := (instantiateMVarsCore mctx e).1
def raw (mctx : MetavarContext) (e : Expr) : Json := .str (instantiated mctx e).dbgToString

/-- The hypotheses that a tactic can see, oldest first. -/
def visible : List (Option LocalDecl) → List LocalDecl
  | .nil => .nil
  | .cons .none ds => visible ds
  | .cons (.some d) ds => match d.isImplementationDetail with
    | true => visible ds
    | false => .cons d (visible ds)

def hypothesis (mctx : MetavarContext) (d : LocalDecl) : Json :=
  array [nameText d.fvarId.name, nameText d.userName, raw mctx d.type,
    match d.value? false with | .some v => raw mctx v | .none => .null]

/-- The metavariables that the types of a goal mention, also through delayed assignments. Almost always none, and then
nothing is walked through but the marks that Lean keeps in each term. -/
def mentioned (mctx : MetavarContext) : List Expr → TacticM (List Json)
  | .nil => pure .nil
  | .cons e es => do
    let e := instantiated mctx e
    match e.hasExprMVar with
    | false => mentioned mctx es
    | true => do
      let found ← liftMeta (Meta.getMVars e)
      let more ← mentioned mctx es
      pure (join found.toList more)
where join : List MVarId → List Json → List Json
  | .nil, js => js
  | .cons m ms, js => .cons (nameText m.name) (join ms js)

def described (mctx : MetavarContext) (goal : MVarId) : TacticM Json := do
  let decl := mctx.getDecl goal
  let hypotheses := visible decl.lctx.decls.toList
  let found ← mentioned mctx (.cons decl.type (map LocalDecl.type hypotheses))
  pure (array [nameText goal.name, nameText decl.userName, array (map (hypothesis mctx) hypotheses),
    raw mctx decl.type, array found])

/-! ## Goals as people read them: `[[[names, type, value or null], …], target]` -/

def plain (text : Widget.CodeWithInfos) : Json := .str (Widget.TaggedText.stripTags (α := Nat) text)

def bundle (b : Widget.InteractiveHypothesisBundle) : Json :=
  array [array (map Json.str b.names.toList), plain b.type,
    match b.val? with | .some v => plain v | .none => .null]

/-- Printers of the types of a goal's hypotheses, oldest first, and of its target, last. Their names are not printed: the
client knows the rule. -/
def printers (saved : Snapshot) (goal : MVarId) : List (BaseIO String) :=
  let mctx := saved.mctx
  let decl := mctx.getDecl goal
  let lctx := (decl.lctx.sanitizeNames ⟨Options.empty, 1, 1⟩).1
  let nowhere := (name1 "a").getPrefix
  let context : PPContext := ⟨saved.core.env, mctx, lctx, Options.empty, nowhere, .nil⟩
  let print (e : Expr) : BaseIO String := fun w =>
    let text := ppExprWithInfos context (instantiated mctx e) w
    ⟨text.val.fmt.pretty 120 0 0, text.state⟩
  ended (map (fun d => print d.type) (visible decl.lctx.decls.toList)) (print decl.type)
where ended : List (BaseIO String) → BaseIO String → List (BaseIO String)
  | .nil, last => [last]
  | .cons p ps, last => .cons p (ended ps last)

def shown (goal : MVarId) : TacticM Json := do
  let text ← liftMeta (Widget.goalToInteractive goal)
  pure (array [array (map bundle text.hyps.toList), plain text.type])
end Cellview
