/-!
# 3. The tactic monad, and its whole state as a value

A tactic is a function of four contexts and four references to states, two for each layer: `Core`, `Meta`, `Term`,
`Tactic`. The contexts stay the same for a whole theorem. The contents of the four references are all that changes, so
reading them saves a proof state and writing them restores it, with the generator of names and the caches: what runs next
does not depend on what ran in between. (Lean's own `SavedState.restore` keeps some of that.)
-/
namespace Lean

axiom Core.Context : Type
axiom Meta.Context : Type
axiom Elab.Term.Context : Type
axiom Elab.Tactic.Context : Type
axiom Elab.Term.State : Type
axiom NameGenerator : Type
axiom DeclNameGenerator : Type
axiom TraceState : Type
axiom Core.Cache : Type
axiom Elab.InfoState.Lazy : Type
axiom Elab.InfoState.Assignment : Type
axiom Elab.InfoState.Trees : Type
axiom Language.Tasks : Type
structure Elab.InfoState where
  enabled : Bool
  lazyAssignment : Elab.InfoState.Lazy
  assignment : Elab.InfoState.Assignment
  trees : Elab.InfoState.Trees
structure Core.State where
  env : Environment
  nextMacroScope : Nat
  ngen : NameGenerator
  auxDeclNGen : DeclNameGenerator
  traceState : TraceState
  cache : Core.Cache
  messages : MessageLog
  infoState : Elab.InfoState
  snapshotTasks : Language.Tasks
axiom Meta.Rest : Type
/-- Only the first field is read; none is ever made here. -/
structure Meta.State where
  mctx : MetavarContext
  rest : Meta.Rest

abbrev CoreM (α : Type) := Core.Context → IO.Ref Core.State → EIO Exception α
abbrev MetaM (α : Type) := Meta.Context → IO.Ref Meta.State → CoreM α
abbrev Elab.TermElabM (α : Type) := Elab.Term.Context → IO.Ref Elab.Term.State → MetaM α
/-- In Lean a structure with this list as its one field; such a structure is its field. -/
abbrev Elab.Tactic.State := List MVarId
def Elab.Tactic.TacticM (α : Type) := Elab.Tactic.Context → IO.Ref Elab.Tactic.State → Elab.TermElabM α
abbrev Elab.Tactic.Tactic := Syntax → Elab.Tactic.TacticM Unit

@[extern "native"] axiom Core.getMessageLog : CoreM MessageLog
@[extern "native"] axiom Core.resetMessageLog : CoreM Unit
@[extern "native"] axiom Meta.isProp (e : Expr) : MetaM Bool
/-- The metavariables of a term, also those that stand behind a delayed assignment. -/
@[extern "native"] axiom Meta.getMVars (e : Expr) : MetaM (Array MVarId)
/-- Those of them that nothing stands for yet, not even a delayed assignment. -/
@[extern "native"] axiom Meta.getMVarsNoDelayed (e : Expr) : MetaM (Array MVarId)
/-- The same goal without the theorem's own name, which Lean keeps in the context for recursion. -/
@[extern "native"] axiom MVarId.clearImplDetails (m : MVarId) : MetaM MVarId
@[extern "native"] axiom Widget.goalToInteractive (m : MVarId) : MetaM Widget.InteractiveGoal
@[extern "native"] axiom Elab.Term.withoutErrToSorryImp {α : Type} (x : Elab.TermElabM α) : Elab.TermElabM α
namespace Elab.Tactic
@[extern "native"] axiom evalTactic (stx : Syntax) : TacticM Unit
@[extern "native"] axiom withoutRecover {α : Type} (x : TacticM α) : TacticM α
@[extern "native"] axiom getUnsolvedGoals : TacticM (List MVarId)
end Elab.Tactic
end Lean

namespace Cellview
open Lean Lean.Elab Lean.Elab.Tactic

@[always_inline, inline] def TacticM.pure {α : Type} (a : α) : TacticM α :=
  fun _ _ _ _ _ _ _ _ w => .ok a w
@[always_inline, inline] def TacticM.bind {α β : Type} (x : TacticM α) (f : α → TacticM β) : TacticM β :=
  fun c s tc ts mc ms cc cs w => match x c s tc ts mc ms cc cs w with
    | .ok a w => f a c s tc ts mc ms cc cs w
    | .error e w => .error e w
instance : Monad TacticM where
  pure := TacticM.pure
  bind := TacticM.bind

@[inline] def base {α : Type} (x : BaseIO α) : TacticM α :=
  fun _ _ _ _ _ _ _ _ w => let r := x w; .ok r.val r.state
@[inline] def core {α : Type} (x : CoreM α) : TacticM α :=
  fun _ _ _ _ _ _ cc cs w => x cc cs w
@[inline] def liftMeta {α : Type} (x : MetaM α) : TacticM α :=
  fun _ _ _ _ mc ms cc cs w => x mc ms cc cs w

/-- Run `x` and make a value of what it throws. The state is not put back; the caller knows which one it wants. -/
@[noinline] def attempt {α : Type} (x : TacticM α) : TacticM (Except Exception α) :=
  fun c s tc ts mc ms cc cs w => match x c s tc ts mc ms cc cs w with
    | .ok a w => .ok (.ok a) w
    | .error e w => .ok (.error e) w

/-- Run a tactic without Lean's recovery from errors: what fails must fail, and not log a message and go on with a
`sorry` in place of the term. -/
def strictly (stx : Syntax) : TacticM Unit :=
  withoutRecover fun c s tc ts mc ms cc cs w =>
    Term.withoutErrToSorryImp (evalTactic stx c s) tc ts mc ms cc cs w

/-- A proof state, whole. -/
structure Snapshot where
  goals : List MVarId
  term : Term.State
  metaState : Meta.State
  core : Core.State

def Snapshot.mctx (s : Snapshot) : MetavarContext := s.metaState.mctx

def capture : TacticM Snapshot := fun _ s _ ts _ ms _ cs w =>
  let goals := ST.Prim.Ref.get s w
  let term := ST.Prim.Ref.get ts goals.state
  let metaState := ST.Prim.Ref.get ms term.state
  let core := ST.Prim.Ref.get cs metaState.state
  .ok ⟨goals.val, term.val, metaState.val, core.val⟩ core.state

/-- Go to a saved state, with only some of its goals to prove. -/
def restore (saved : Snapshot) (goals : List MVarId) : TacticM Unit := fun _ s _ ts _ ms _ cs w =>
  let a := ST.Prim.Ref.set s goals w
  let b := ST.Prim.Ref.set ts saved.term a.state
  let c := ST.Prim.Ref.set ms saved.metaState b.state
  let d := ST.Prim.Ref.set cs saved.core c.state
  .ok () d.state

/-- The same state, in which Lean no longer collects what an editor shows about the parts of a text: nobody will ask,
and every saved state would carry it. -/
def Snapshot.withoutInfo (saved : Snapshot) : Snapshot :=
  let core := saved.core
  { saved with core := { core with infoState := { core.infoState with enabled := false } } }
end Cellview
