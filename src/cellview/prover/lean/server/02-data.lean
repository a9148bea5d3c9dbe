/-! # 2. Data of the compiled Lean: arrays, texts, JSON, expressions, goals, messages, pipes -/

structure Array (α : Type u) where
  mk ::
  toList : List α
attribute [extern "native"] Array.toList
namespace Array
@[extern "native"] axiom mkEmpty {α : Type u} (capacity : Nat) : Array α
@[extern "native"] axiom push {α : Type u} (xs : Array α) (x : α) : Array α
@[extern "native"] axiom size {α : Type u} (xs : Array α) : Nat
@[extern "native"] axiom getD {α : Type u} (xs : Array α) (i : Nat) (default : α) : α
@[extern "native"] axiom setIfInBounds {α : Type u} (xs : Array α) (i : Nat) (x : α) : Array α
end Array

namespace Lean

/-! ## Names and JSON -/

@[extern "native"] axiom Name.toString (n : Name) (escape : Bool) : (Name → Bool) → String

axiom JsonNumber : Type
axiom Json.Object : Type
inductive Json where
  | null
  | bool (b : Bool)
  | num (n : JsonNumber)
  | str (s : String)
  | arr (elements : Array Json)
  | obj (pairs : Json.Object)
@[extern "native"] axiom JsonNumber.fromNat (n : Nat) : JsonNumber
namespace Json
@[extern "native"] axiom parse (s : String) : Except String Json
@[extern "native"] axiom compress (j : Json) : String
@[extern "native"] axiom mkObj (o : List (Prod String Json)) : Json
@[extern "native"] axiom getObjVal? (j : Json) (k : String) : Except String Json
@[extern "native"] axiom getStr? (j : Json) : Except String String
@[extern "native"] axiom getNat? (j : Json) : Except String Nat
@[extern "native"] axiom getArr? (j : Json) : Except String (Array Json)
end Json

/-! ## Expressions and goals -/

axiom Syntax : Type
axiom Environment : Type
axiom Options : Type
@[extern "native"] axiom Options.empty : Options
@[extern "native"] axiom Parser.runParserCategory (env : Environment) (category : Name) (input fileName : String) :
  Except String Syntax

structure FVarId where
  name : Name
structure MVarId where
  name : Name

axiom Expr : Type
@[extern "native"] axiom mkMVar (m : MVarId) : Expr
namespace Expr
@[extern "native"] axiom hasSorry (e : Expr) : Bool
@[extern "native"] axiom hasExprMVar (e : Expr) : Bool
/-- The term as the kernel sees it: universes and implicit arguments written out, hypotheses and metavariables by their
ids. Some thirty times faster than Lean's printer with `pp.all`, and as exact. -/
@[extern "native"] axiom dbgToString (e : Expr) : String
end Expr

axiom LocalDecl : Type
namespace LocalDecl
@[extern "native"] axiom fvarId (d : LocalDecl) : FVarId
@[extern "native"] axiom userName (d : LocalDecl) : Name
@[extern "native"] axiom type (d : LocalDecl) : Expr
@[extern "native"] axiom value? (d : LocalDecl) (allowNondep : Bool) : Option Expr
@[extern "native"] axiom isImplementationDetail (d : LocalDecl) : Bool
end LocalDecl

axiom PersistentArray : Type → Type
@[extern "native"] axiom PersistentArray.toList {α : Type} (xs : PersistentArray α) : List α
axiom LocalContext.Index : Type
axiom LocalContext.Aux : Type
structure LocalContext where
  fvarIdToDecl : LocalContext.Index
  decls : PersistentArray (Option LocalDecl)
  auxDeclToFullName : LocalContext.Aux

axiom MetavarDecl.Rest : Type
/-- Only the first three fields are read; none is ever made here. -/
structure MetavarDecl where
  userName : Name
  lctx : LocalContext
  type : Expr
  rest : MetavarDecl.Rest
axiom MetavarContext : Type
@[extern "native"] axiom MetavarContext.getDecl (mctx : MetavarContext) (m : MVarId) : MetavarDecl
@[extern "native"] axiom instantiateMVarsCore (mctx : MetavarContext) (e : Expr) : Prod Expr MetavarContext

/-! ## Messages -/

axiom MessageData : Type
axiom MessageLog : Type
axiom Exception : Type
axiom Position : Type
inductive MessageSeverity where
  | information | warning | error
structure Message where
  fileName : String
  pos : Position
  endPos : Option Position
  keepFullRange : Bool
  severity : MessageSeverity
  isSilent : Bool
  caption : String
  data : MessageData
@[extern "native"] axiom MessageLog.hasErrors (log : MessageLog) : Bool
@[extern "native"] axiom MessageLog.toList (log : MessageLog) : List Message
@[extern "native"] axiom MessageData.toString (data : MessageData) : BaseIO String
@[extern "native"] axiom Exception.toMessageData (e : Exception) : MessageData
/-- Whether it came from a limit (heartbeats, recursion) and not from the tactic. -/
@[extern "native"] axiom Exception.isRuntime (e : Exception) : Bool

/-! ## Goals as people read them -/

axiom Widget.CodeWithInfos : Type
axiom Widget.Ctx : Type
structure Widget.InteractiveHypothesisBundle where
  names : Array String
  fvarIds : Array FVarId
  type : Widget.CodeWithInfos
  val? : Option Widget.CodeWithInfos
  isInstance? : Option Bool
  isType? : Option Bool
  isInserted? : Option Bool
  isRemoved? : Option Bool
structure Widget.InteractiveGoalCore where
  hyps : Array Widget.InteractiveHypothesisBundle
  type : Widget.CodeWithInfos
  ctx : Widget.Ctx
structure Widget.InteractiveGoal extends Widget.InteractiveGoalCore where
  userName? : Option String
  goalPrefix : String
  mvarId : MVarId
  isInserted? : Option Bool
  isRemoved? : Option Bool
@[extern "native"] axiom Widget.TaggedText.stripTags {α : Type} (text : Widget.CodeWithInfos) : String

/-! The same, term by term: what goals with the same hypothesis have in common is printed once. -/

@[extern "native"] axiom Name.getPrefix (n : Name) : Name
axiom OpenDecl : Type
structure PPContext where
  env : Environment
  mctx : MetavarContext
  lctx : LocalContext
  opts : Options
  currNamespace : Name
  openDecls : List OpenDecl
axiom FormatWithInfos.Infos : Type
end Lean
axiom Std.Format : Type
@[extern "native"] axiom Std.Format.pretty (f : Std.Format) (width indent column : Nat) : String
namespace Lean
structure FormatWithInfos where
  fmt : Std.Format
  infos : FormatWithInfos.Infos
@[extern "native"] axiom ppExprWithInfos (context : PPContext) (e : Expr) : BaseIO FormatWithInfos
/-- The two numbers are empty maps, which are the same words. -/
structure NameSanitizerState where
  options : Options
  nameStem2Idx : Nat
  userName2Sanitized : Nat
/-- The context with the names that people are shown: `h✝` for one that cannot be typed any more. -/
@[extern "native"] axiom LocalContext.sanitizeNames (lctx : LocalContext) (state : NameSanitizerState) :
  Prod LocalContext NameSanitizerState
end Lean

/-! ## Pipes, and the count of allocations -/

axiom IO.FS.Handle : Type
inductive IO.FS.Mode where
  | read | write | writeNew | readWrite | append
namespace IO
@[extern "native"] axiom FS.Handle.mk (path : String) (mode : FS.Mode) : IO FS.Handle
@[extern "native"] axiom FS.Handle.getLine (h : FS.Handle) : IO String
@[extern "native"] axiom FS.Handle.putStr (h : FS.Handle) (s : String) : IO Unit
@[extern "native"] axiom FS.Handle.flush (h : FS.Handle) : IO Unit
@[extern "native"] axiom getNumHeartbeats : BaseIO Nat
@[extern "native"] axiom setNumHeartbeats (count : Nat) : BaseIO Unit
end IO
