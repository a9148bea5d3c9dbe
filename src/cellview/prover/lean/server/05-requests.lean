/-!
# 5. Requests about the proof of one statement

One line of JSON each way, strictly alternating; the first key says what is wanted. States are numbered by the client,
which also decides which of them are worth their memory: the server keeps them in an array and puts each new one where it
is told.

  {"try": tactic, "state": n, "goals": [i, …], "into": m, "explain": k}
      runs the tactic on some goals of state n, keeps the new state as m if it has goals, and answers
      {"goals": […], "waits": […], "heartbeats": k} or {"errors": […], "heartbeats": k}; `waits` are the metavariables
      on which the proof still waits: if one of them is no goal, nobody will ever choose it
  {"show": [i, …], "state": n}     answers {"shown": […]}
  {"print": [k, …], "goal": i, "state": n}
                                   answers {"printed": [text, …]}: the types of these hypotheses of one goal, counted
                                   from the oldest; behind the last stands the target
  {"free": [n, …]}                 answers {"freed": count}
  {"stop": true}                   ends the proof; file 6 answers

A tactic that failed before it had taken as many allocations as `explain` names is only said to have failed: printing its
message, with the whole goal in it, costs ten times what most tactics do, and `grind` prints all that it knows. Where Lean
itself says that a limit was reached, the message is always printed, because the client looks into it.

`heartbeats` counts the allocations of the tactic, in Lean's own small units. The count begins anew with each tactic, so
that the limit does not depend on the path or on what ran before.
-/
namespace Cellview
open Lean Lean.Elab Lean.Elab.Tactic

/-! ## Reading requests, writing answers -/

def field (j : Json) (key : String) : Json := match j.getObjVal? key with
  | .ok v => v
  | .error _ => .null
def textField (j : Json) (key : String) : String := match (field j key).getStr? with
  | .ok v => v
  | .error _ => ""
def natField (j : Json) (key : String) : Nat := match (field j key).getNat? with
  | .ok v => v
  | .error _ => 0
def arrayField (j : Json) (key : String) : List Json := match (field j key).getArr? with
  | .ok v => v.toList
  | .error _ => .nil

def object (pairs : List (Prod String Json)) : Json := Json.mkObj pairs
def failed (texts : List Json) (heartbeats : Nat) : Json :=
  object [("errors", array texts), ("heartbeats", number heartbeats)]
def broken (text : String) : Json := failed [.str text] 0

/-- Where requests come from and answers go. -/
structure Pipes where
  requests : IO.FS.Handle
  answers : IO.FS.Handle

def Pipes.answer (pipes : Pipes) (j : Json) : IO Unit := fun w =>
  -- In two pieces: the prelude has a `String.append` of its own, for proofs.
  match pipes.answers.putStr j.compress w with
  | .error e w => .error e w
  | .ok _ w => match pipes.answers.putStr "\n" w with
    | .error e w => .error e w
    | .ok _ w => pipes.answers.flush w

/-! ## One tactic -/

abbrev Store := Array (Option Snapshot)

def Store.get (store : Store) (n : Nat) : Option Snapshot := Array.getD store n .none
/-- Put a state in its place, or behind the last one: the client does not leave gaps. -/
def Store.put (store : Store) (n : Nat) (saved : Option Snapshot) : Store :=
  match Nat.ble (Array.size store) n with
  | true => Array.push store saved
  | false => Array.setIfInBounds store n saved

def nth : List MVarId → Nat → List MVarId
  | .nil, _ => .nil
  | .cons g _, 0 => [g]
  | .cons _ gs, n + 1 => nth gs n

/-- The goals with these numbers, in this order. -/
def select (goals : List MVarId) : List Json → List MVarId
  | .nil => .nil
  | .cons j js => match j.getNat? with
    | .ok n => append (nth goals n) (select goals js)
    | .error _ => select goals js
where append : List MVarId → List MVarId → List MVarId
  | .nil, gs => gs
  | .cons h hs, gs => .cons h (append hs gs)

def loggedErrors : List Message → TacticM (List Json)
  | .nil => pure .nil
  | .cons m ms => do
    let rest ← loggedErrors ms
    match m.severity with
    | .error => do
      let said ← base m.data.toString
      pure (.cons (.str said) rest)
    | _ => pure rest

def joined : List Json → List Json → List Json
  | .nil, ys => ys
  | .cons x xs, ys => .cons x (joined xs ys)

/-- Whether a term that now stands for one of these goals rests on `sorry`. -/
def hasGap (mctx : MetavarContext) : List MVarId → Bool
  | .nil => false
  | .cons g gs => match (instantiated mctx (mkMVar g)).hasSorry with
    | true => true
    | false => hasGap mctx gs

/-- The metavariables on which the terms that now stand for these goals still wait. -/
def waitedFor (mctx : MetavarContext) : List MVarId → TacticM (List Json)
  | .nil => pure .nil
  | .cons g gs => do
    let proof := instantiated mctx (mkMVar g)
    let rest ← waitedFor mctx gs
    match proof.hasExprMVar with
    | false => pure rest
    | true => do
      let found ← liftMeta (Meta.getMVarsNoDelayed proof)
      pure (joined (map (fun m => nameText m.name) found.toList) rest)

/-- Whether to print why a tactic failed: if it took as many allocations as the client names. -/
def wantsText (request : Json) (heartbeats : Nat) : Bool :=
  match (field request "explain").getNat? with
  | .ok least => Nat.ble least heartbeats
  | .error _ => false

def failedEarly (heartbeats : Nat) : Json := failed [.str "the tactic failed"] heartbeats

/-- The state and the goals after a tactic that threw nothing, unless an error was logged or a gap is left. -/
def outcome (request : Json) (chosen : List MVarId) (goals : List MVarId) (heartbeats : Nat) :
    TacticM (Prod Json (Option Snapshot)) := do
  let log ← core Core.getMessageLog
  match log.hasErrors, wantsText request heartbeats with
  | true, false => pure (failedEarly heartbeats, .none)
  | true, true => do
    let said ← loggedErrors log.toList
    pure (failed said heartbeats, .none)
  | false, _ => do
    core Core.resetMessageLog
    let after ← capture
    match hasGap after.mctx chosen with
    | true => pure (failed [.str "the tactic leaves a gap (sorry)"] heartbeats, .none)
    | false => do
      -- Printing is not the tactic's work, and must not end at the tactic's limit.
      base (IO.setNumHeartbeats 0)
      let waits ← waitedFor after.mctx chosen
      match ← attempt (mapM (described after.mctx) goals) with
      | .error e => do
        let said ← base (Exception.toMessageData e).toString
        pure (failed [.str said] heartbeats, .none)
      | .ok data =>
        -- Nobody comes back to a state without goals.
        let kept := match goals with | .nil => Option.none | _ => .some { after with goals := goals }
        pure (object [("goals", array data), ("waits", array waits), ("heartbeats", number heartbeats)], kept)

def tryTactic (saved : Snapshot) (request : Json) : TacticM (Prod Json (Option Snapshot)) :=
  match Parser.runParserCategory saved.core.env (name1 "tactic") (textField request "try") "<tactic>" with
  | .error said => pure (broken said, .none)
  | .ok stx => do
    let chosen := select saved.goals (arrayField request "goals")
    restore saved chosen
    base (IO.setNumHeartbeats 0)
    match ← attempt (bind (strictly stx) fun _ => getUnsolvedGoals) with
    | .ok goals => do
      let heartbeats ← base IO.getNumHeartbeats
      outcome request chosen goals heartbeats
    | .error e => do
      let heartbeats ← base IO.getNumHeartbeats
      match e.isRuntime, wantsText request heartbeats with
      | false, false => pure (failedEarly heartbeats, .none)
      | _, _ => do
      let log ← core Core.getMessageLog
      let logged ← loggedErrors log.toList
      -- What was logged comes first: some exceptions say nothing themselves, because it has been said before.
      let said ← base (Exception.toMessageData e).toString
      pure (failed (joined logged [.str said]) heartbeats, .none)

def showGoals (saved : Snapshot) (request : Json) : TacticM Json := do
  restore saved saved.goals
  base (IO.setNumHeartbeats 0)
  match ← attempt (mapM shown (select saved.goals (arrayField request "show"))) with
  | .ok texts => pure (object [("shown", array texts)])
  | .error e => do
    let said ← base (Exception.toMessageData e).toString
    pure (broken said)

/-- The printers with these numbers, run. -/
def printed (all : List (BaseIO String)) : List Json → TacticM (List Json)
  | .nil => pure .nil
  | .cons j js => do
    let rest ← printed all js
    match j.getNat? with
    | .error _ => pure rest
    | .ok n => match nthOf all n with
      | .none => pure rest
      | .some print => do
        let text ← base print
        pure (.cons (.str text) rest)
where nthOf : List (BaseIO String) → Nat → Option (BaseIO String)
  | .nil, _ => .none
  | .cons p _, 0 => .some p
  | .cons _ ps, n + 1 => nthOf ps n

def printParts (saved : Snapshot) (request : Json) : TacticM Json := do
  base (IO.setNumHeartbeats 0)
  match nth saved.goals (natField request "goal") with
  | .cons goal _ => do
    let texts ← printed (printers saved goal) (arrayField request "print")
    pure (object [("printed", array texts)])
  | .nil => pure (broken "there is no such goal")

def free (store : Store) : List Json → Store
  | .nil => store
  | .cons j js => match j.getNat? with
    | .ok n => free (store.put n .none) js
    | .error _ => free store js

/-! ## The loop -/

/-- What comes of a request: the store as it is then, and the answer. Without a store the proof is over. -/
abbrev Step := Prod (Option Store) Json

def onState (store : Store) (request : Json) (f : Snapshot → TacticM Step) : TacticM Step :=
  match store.get (natField request "state") with
  | .some saved => f saved
  | .none => pure (.some store, broken "there is no such state")

def step (store : Store) (line : String) : TacticM Step := do
  match Json.parse line with
  | .error _ => pure (.none, .null)
  | .ok request =>
    match request.getObjVal? "try", request.getObjVal? "print", request.getObjVal? "show", request.getObjVal? "free" with
    | .ok _, _, _, _ => onState store request fun saved => do
      let (said, after) ← tryTactic saved request
      match after with
      | .none => pure (.some store, said)
      | .some _ => pure (.some (store.put (natField request "into") after), said)
    | _, .ok _, _, _ => onState store request fun saved => do
      let said ← printParts saved request
      pure (.some store, said)
    | _, _, .ok _, _ => onState store request fun saved => do
      let said ← showGoals saved request
      pure (.some store, said)
    | _, _, _, .ok _ =>
      let states := arrayField request "free"
      pure (.some (free store states), object [("freed", number states.length)])
    | _, _, _, _ => pure (.none, .null)

/-- Answer requests until there are no more. The loop is the compiled Lean's, so that the interpreter's stack does not
grow with the number of requests. -/
def loop (pipes : Pipes) (start : Store) : TacticM Unit :=
  fun c s tc ts mc ms cc cs w =>
    let one (store : Store) : IO (Sum Store Unit) := fun w =>
      match pipes.requests.getLine w with
      | .error e w => .error e w
      | .ok line w => match step store line c s tc ts mc ms cc cs w with
        | .error _ w => .ok (.inr ()) w
        | .ok (.none, _) w => .ok (.inr ()) w
        | .ok (.some store, said) w => match pipes.answer said w with
          | .error e w => .error e w
          | .ok _ w => .ok (.inl store) w
    -- A broken pipe ends the loop: nobody is left to be told.
    match IO.iterate start one w with
    | .ok _ w => .ok () w
    | .error _ w => .ok () w

/-- End a proof that nobody wants to see: what is left of it would only be reported as unsolved, at some expense. -/
def giveUp (env : Environment) : TacticM Unit :=
  match Parser.runParserCategory env (name1 "tactic") "sorry" "<statement>" with
  | .ok stx => evalTactic stx
  | .error _ => pure ()

/-- The tactic that stands for the proof of a statement. It is in the compiled Lean's table of tactics only: no name of
it or of anything above is in the environment of the goals. -/
def serve (pipes : Pipes) : Tactic := fun _ => do
  let log ← core Core.getMessageLog
  match log.hasErrors with
  | true => pure ()
  | false => do
    let begun ← getUnsolvedGoals
    match begun with
    | .cons goal .nil => do
      let begun ← capture
      match ← liftMeta (Meta.isProp (instantiated begun.mctx (begun.mctx.getDecl goal).type)) with
      -- Lean says so itself at the end of the theorem, if its body is not in the way.
      | false => giveUp begun.core.env
      | true => do
        let bare ← liftMeta (MVarId.clearImplDetails goal)
        let now ← capture
        let start := { now.withoutInfo with goals := [bare] }
        let data ← described start.mctx bare
        let said := object [("goals", array [data]), ("heartbeats", number 0)]
        let store := Store.put (Array.mkEmpty 64) 0 (.some start)
        match ← attempt (fun _ _ _ _ _ _ _ _ w => match pipes.answer said w with
          | .ok _ w => .ok true w
          | .error _ w => .ok false w) with
        | .ok true => do
          loop pipes store
          restore start [bare]
          base (IO.setNumHeartbeats 0)
          giveUp start.core.env
        | _ => pure ()
    | _ => pure ()
end Cellview
