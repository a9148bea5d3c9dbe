/-!
# 6. Statements: an environment of their own, and the command that begins to serve

The process reads a file of two lines, `import CellviewServer` and `cellview_serve`. The command registers `serve` among
the compiled Lean's own tactics, and imports the prelude once more, into a fresh environment: there, no name of these
files exists. Each statement is elaborated in that environment as a theorem whose proof is the tactic `cellview_server`,
and its requests are answered from inside.

  {"prove": "theorem … := by cellview_server"}   answers as file 5 says; {"ended": error} when the proof is over
  {"run": "set_option …"}                         a command whose effect stays; answers {"ended": error}
-/
namespace Lean
axiom Elab.Command.Context : Type
axiom Elab.Command.Rest : Type
/-- Thirteen fields in Lean 4.35; two are looked at. -/
structure Elab.Command.State where
  env : Environment
  messages : MessageLog
  f2 : Elab.Command.Rest
  f3 : Elab.Command.Rest
  f4 : Elab.Command.Rest
  f5 : Elab.Command.Rest
  f6 : Elab.Command.Rest
  f7 : Elab.Command.Rest
  f8 : Elab.Command.Rest
  f9 : Elab.Command.Rest
  f10 : Elab.Command.Rest
  f11 : Elab.Command.Rest
  f12 : Elab.Command.Rest
def Elab.Command.CommandElabM (α : Type) := Elab.Command.Context → IO.Ref Elab.Command.State → EIO Exception α
abbrev Elab.Command.CommandElab := Syntax → Elab.Command.CommandElabM Unit
@[extern "native"] axiom Elab.Command.elabCommand (stx : Syntax) : Elab.Command.CommandElabM Unit

structure Import where
  module : Name
  importAll : Bool
  isExported : Bool
  isMeta : Bool
/-- The trust level is a `UInt32`, the level an enumeration (2: all data, also private), and the artifacts an empty map
(1). Boxed, all three are the same words as small numbers. -/
@[extern "native"] axiom importModules (imports : Array Import) (opts : Options) (trustLevel : Nat)
  (plugins : Array String) (leakEnv loadExts : Bool) (level artifacts : Nat) : IO Environment
@[extern "native"] axiom enableInitializersExecution : IO Unit
@[extern "native"] axiom Environment.setMainModule (env : Environment) (name : Name) : Environment
axiom KeyedDeclsAttribute : Type → Type
@[extern "native"] axiom Elab.Tactic.tacticElabAttribute : KeyedDeclsAttribute Elab.Tactic.Tactic
@[extern "native"] axiom KeyedDeclsAttribute.addBuiltin {γ : Type} (attr : KeyedDeclsAttribute γ) (key : Name)
  (declName : Name) (value : γ) : IO Unit
end Lean

namespace Cellview
open Lean Lean.Elab Lean.Elab.Tactic Lean.Elab.Command

def freshEnvironment (module : Name) : IO Environment := fun w =>
  match enableInitializersExecution w with
  | .error e w => .error e w
  | .ok _ w =>
    let imports := Array.push (Array.mkEmpty 1) ⟨module, false, true, false⟩
    importModules imports Options.empty 0 (Array.mkEmpty 0) false true 2 1 w

def firstError : List Message → BaseIO (Option String)
  | .nil => fun w => ⟨.none, w⟩
  | .cons m ms => match m.severity with
    | .error => fun w => let said := m.data.toString w; ⟨.some said.val, said.state⟩
    | _ => firstError ms

/-- Elaborate one command in `state`; what went wrong, and the state after it. -/
def elaborated (here : Command.Context) (ref : IO.Ref Command.State) (parseEnv : Environment) (state : Command.State)
    (text : String) : BaseIO (Prod (Option String) Command.State) := fun w =>
  match Parser.runParserCategory parseEnv (name1 "command") text "<statement>" with
  | .error said => ⟨(.some said, state), w⟩
  | .ok stx =>
    let begun := ST.Prim.Ref.set ref state w
    -- Allocations are counted from here, so that the count of a tactic begins where the theorem's does.
    let counted := IO.setNumHeartbeats 0 begun.state
    match elabCommand stx here ref counted.state with
    | .error e w =>
      let said := (Exception.toMessageData e).toString w
      ⟨(.some said.val, state), said.state⟩
    | .ok _ w =>
      let after := ST.Prim.Ref.get ref w
      let said := firstError after.val.messages.toList after.state
      ⟨(said.val, after.val), said.state⟩

def ended (problem : Option String) : Json :=
  object [("ended", .str (match problem with | .some text => text | .none => ""))]

/-- Answer one request for a command; the state in which the next one is elaborated. -/
def command (here : Command.Context) (ref : IO.Ref Command.State) (parseEnv : Environment) (pipes : Pipes)
    (clean : Command.State) : IO (Sum Command.State Unit) := fun w =>
  match pipes.requests.getLine w with
  | .error e w => .error e w
  | .ok line w => match Json.parse line with
    | .error _ => .ok (.inr ()) w
    | .ok request =>
      let text := match request.getObjVal? "run" with | .ok _ => textField request "run" | _ => textField request "prove"
      let r := elaborated here ref parseEnv clean text w
      let (said, after) := r.val
      match pipes.answer (ended said) r.state with
      | .error e w => .error e w
      | .ok _ w => match request.getObjVal? "run", said with
        | .ok _, .none => .ok (.inl after) w
        | _, _ => .ok (.inl clean) w

@[command_parser] def cellviewServe : Lean.ParserDescr :=
  .node (Lean.Name.mkStr1 "cellviewServe") 1024 (.symbol "cellview_serve")
@[tactic_parser] def cellviewServer : Lean.ParserDescr :=
  .node (Lean.Name.mkStr1 "cellviewServer") 1024 (.nonReservedSymbol "cellview_server" false)

def serveStatements (pipes : Pipes) (here : Command.Context) (ref : IO.Ref Command.State) : IO Unit := fun w =>
  match tacticElabAttribute.addBuiltin (name1 "cellviewServer") (name1 "cellviewServer") (serve pipes) w with
  | .error e w => .error e w
  | .ok _ w => match freshEnvironment (name1 "Init") w with
    | .error e w => .error e w
    | .ok env w =>
      let now := ST.Prim.Ref.get ref w
      let clean := { now.val with env := env.setMainModule (name1 "_stdin") }
      match pipes.answer (ended .none) now.state with
      | .error e w => .error e w
      | .ok _ w => IO.iterate clean (command here ref now.val.env pipes) w

/-- The launcher has moved the child's pipes here, out of reach of whatever prints. (Lean also takes standard input away
inside commands.) -/
def openPipes : IO Pipes := fun w =>
  match IO.FS.Handle.mk "/proc/self/fd/60" .read w with
  | .error e w => .error e w
  | .ok requests w => match IO.FS.Handle.mk "/proc/self/fd/61" .write w with
    | .error e w => .error e w
    | .ok answers w => .ok ⟨requests, answers⟩ w

@[command_elab cellviewServe] def serveCommand : Command.CommandElab := fun _ here ref w =>
  match openPipes w with
  | .error _ w => .ok () w
  | .ok pipes w => match serveStatements pipes here ref w with
    | .ok _ w => .ok () w
    | .error _ w => match pipes.answer (ended (.some "the environment of the goals could not be made")) w with
      | .ok _ w => .ok () w
      | .error _ w => .ok () w
end Cellview
