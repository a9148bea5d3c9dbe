/-!
# 3. Getting the notation back

Every parser and every macro of Lean's own library is inside the compiled Lean as an object with a name. What is missing
is a declaration of that name, with the attribute that puts it into the parser's tables. The table that follows this
file (`04-notation.tsv`) lists them; each row becomes one line such as

  `@[tactic_parser, extern "native"] axiom Lean.Parser.Tactic.exact : Lean.ParserDescr`

`extern` says that there is compiled code and no Lean definition; Lean then finds the code by the declaration's name
(the string is not used). These axioms are about parsers only. None has a type that could help a proof, and a proof that
mentioned one would show it in `#print axioms`.

The types of these objects are named below as far as something looks into them.
-/

axiom Lean.Name : Type
axiom Lean.Name.anonymous : Lean.Name
axiom Lean.Name.str : Lean.Name → String → Lean.Name
axiom Lean.Name.num : Lean.Name → Nat → Lean.Name
@[extern "native"] axiom Lean.Name.mkStr1 : String → Lean.Name
@[extern "native"] axiom Lean.Name.mkStr2 : String → String → Lean.Name
@[extern "native"] axiom Lean.Name.mkStr3 : String → String → String → Lean.Name
@[extern "native"] axiom Lean.Name.mkStr4 : String → String → String → String → Lean.Name

/-- The shape of a parser. `declare_syntax_cat` builds such values, so the constructors must be the real ones, in the
real order. -/
inductive Lean.ParserDescr where
  | const (name : Name)
  | unary (name : Name) (p : ParserDescr)
  | binary (name : Name) (p₁ p₂ : ParserDescr)
  | node (kind : Name) (prec : Nat) (p : ParserDescr)
  | trailingNode (kind : Name) (prec lhsPrec : Nat) (p : ParserDescr)
  | symbol (val : String)
  | nonReservedSymbol (val : String) (includeIdent : Bool)
  | cat (catName : Name) (rbp : Nat)
  | parser (declName : Name)
  | nodeWithAntiquot (name : String) (kind : Name) (p : ParserDescr)
  | sepBy (p : ParserDescr) (sep : String) (psep : ParserDescr) (allowTrailingSep : Bool)
  | sepBy1 (p : ParserDescr) (sep : String) (psep : ParserDescr) (allowTrailingSep : Bool)
  | unicodeSymbol (val asciiVal : String) (preserveForPP : Bool)

abbrev Lean.TrailingParserDescr := Lean.ParserDescr
structure Lean.Parser.Category

/-- A macro is a compiled function of three arguments. The interpreter calls it by counting arrows, so the three arrows
must be visible; what is at their ends does not matter. -/
axiom Lean.Opaque : Type
abbrev Lean.Macro : Type := Opaque → Opaque → Opaque → Opaque
abbrev Lean.PrettyPrinter.Unexpander : Type := Opaque → Opaque → Opaque → Opaque

/-! Syntax categories that Lean's library adds to the built-in ones. -/

declare_syntax_cat rcasesPat
declare_syntax_cat rintroPat
declare_syntax_cat conv (behavior := both)
declare_syntax_cat binderPred
declare_syntax_cat grind_mod (behavior := both)
declare_syntax_cat grind (behavior := both)
declare_syntax_cat grind_filter
