/-!
# 9. Coercions

Where an element of `α` stands and one of `β` is expected, Lean looks for `CoeT α a β`. A user declares a `Coe`.
-/


class CoeT (α : Sort u) (a : α) (β : Sort v) where coe : β
class Coe (α : semiOutParam (Sort u)) (β : Sort v) where coe : α → β
/-- For an argument's own type and value, as in `decide`. -/
class CoeDep (α : Sort u) (a : α) (β : Sort v) where coe : β
/-- Towards `α`: the target may be open, the source is known. -/
class CoeOut (α : Sort u) (β : semiOutParam (Sort v)) where coe : α → β
class CoeTail (α : semiOutParam (Sort u)) (β : Sort v) where coe : α → β
class CoeHead (α : Sort u) (β : semiOutParam (Sort v)) where coe : α → β
class CoeHTCT (α : Sort u) (β : Sort v) where coe : α → β
class CoeFun (α : Sort u) (γ : outParam (α → Sort v)) where coe : (f : α) → γ f
class CoeSort (α : Sort u) (β : outParam (Sort v)) where coe : α → β
attribute [coe_decl] CoeT.coe Coe.coe CoeDep.coe CoeOut.coe CoeTail.coe CoeHead.coe CoeHTCT.coe CoeFun.coe CoeSort.coe

@[coe_decl] instance instCoeTOfCoe {α : Sort u} {β : Sort v} {a : α} [Coe α β] : CoeT α a β := ⟨Coe.coe a⟩
@[coe_decl] instance instCoeTOfCoeOut {α : Sort u} {β : Sort v} {a : α} [CoeOut α β] : CoeT α a β := ⟨CoeOut.coe a⟩
@[coe_decl] instance instCoeTOfCoeHead {α : Sort u} {β : Sort v} {a : α} [CoeHead α β] : CoeT α a β := ⟨CoeHead.coe a⟩
@[coe_decl] instance instCoeTOfCoeTail {α : Sort u} {β : Sort v} {a : α} [CoeTail α β] : CoeT α a β := ⟨CoeTail.coe a⟩
@[coe_decl] instance instCoeTOfCoeHTCT {α : Sort u} {β : Sort v} {a : α} [CoeHTCT α β] : CoeT α a β := ⟨CoeHTCT.coe a⟩
@[coe_decl] instance instCoeTOfCoeDep {α : Sort u} {β : Sort v} {a : α} [CoeDep α a β] : CoeT α a β := ⟨CoeDep.coe a⟩

instance boolToProp : Coe Bool Prop := ⟨fun b => b = true⟩
instance subtypeCoe {α : Sort u} {p : α → Prop} : CoeOut (Subtype p) α := ⟨Subtype.val⟩
instance boolToSort : CoeSort Bool Prop := ⟨fun b => b = true⟩
