"""What may be sent to Lean as a tactic and as a statement, and what may not.

This filter is the first of three walls. It refuses words that end the proof's block (any command), that change how Lean
checks (options, attributes), that run programs (IO, evaluation) or that leave a proof open (`sorry`). The second wall
is the form of the file in which a finished proof is checked, and the third is what Lean then says about the theorem's
axioms; both are in `check.py`. A word that is missing from the lists below costs time, not soundness.
"""

from __future__ import annotations

from collections.abc import Iterable

from cellview.prover.errors import StatementError
from cellview.prover.lean.tokens import LexError, Token, tokens

__all__ = ["require_sound_statement", "statement_problem", "tactic_problem"]

_LONGEST = 1_000_000

_GAPS = frozenset({"sorry", "admit", "stop", "sorryAx", "Lean.Elab.Tactic.admitGoal"})
_OPTIONS = frozenset({"set_option", "skipKernelTC", "debug.skipKernelTC", "attribute", "open"})
_TRUST = frozenset(
    {
        "axiom",
        "csimp",
        "extern",
        "implemented_by",
        "lcProof",
        "lcUnreachable",
        "lcCast",
        "native",
        "native_decide",
        "ofReduceBool",
        "ofReduceNat",
        "reduceBool",
        "reduceNat",
        "trustCompiler",
        "unsafe",
        "unsafeCast",
    }
)
_PROGRAMS = frozenset(
    {
        "IO",
        "builtin_initialize",
        "by_elab",
        "dbg_sleep",
        "dbg_stack_trace",
        "dbg_stop_at",
        "dbg_trace",
        "elab_stx",
        "include_str",
        "initialize",
        "polyrith",
        "run_cmd",
        "run_conv",
        "run_elab",
        "run_meta",
        "run_tac",
        "sleep",
        "unsafeBaseIO",
        "unsafeEIO",
        "unsafeIO",
    }
)
_COMMANDS = frozenset(
    {
        "abbrev",
        "add_aesop_rules",
        "add_decl_doc",
        "alias",
        "binder_predicate",
        "builtin_dsimproc",
        "builtin_simproc",
        "class",
        "coinductive",
        "constant",
        "declare_config_elab",
        "declare_simp_like_tactic",
        "declare_syntax_cat",
        "def",
        "deriving",
        "dsimproc",
        "elab",
        "elab_rules",
        "end",
        "example",
        "export",
        "gen_injective_theorems",
        "grind_pattern",
        "import",
        "include",
        "inductive",
        "infix",
        "infixl",
        "infixr",
        "init_grind_norm",
        "init_quot",
        "instance",
        "lemma",
        "library_note",
        "local",
        "macro",
        "macro_rules",
        "meta",
        "module",
        "mutual",
        "namespace",
        "noncomputable",
        "notation",
        "notation3",
        "omit",
        "opaque",
        "partial",
        "postfix",
        "prefix",
        "prelude",
        "private",
        "proof_wanted",
        "protected",
        "public",
        "recommended_spelling",
        "register_builtin_option",
        "register_label_attr",
        "register_option",
        "register_simp_attr",
        "register_tactic_tag",
        "scoped",
        "seal",
        "section",
        "set_premise_selector",
        "show_panel_widgets",
        "simproc",
        "structure",
        "suppress_compilation",
        "syntax",
        "tactic_extension",
        "theorem",
        "unif_hint",
        "universe",
        "unseal",
        "unsuppress_compilation",
        "variable",
        "where",
    }
)
_OWN = frozenset({"cellview_server", "cellview_serve"})
"""What the tactic server puts in the place of a proof. In a statement Lean would read it, and run it there."""
# Here the filter is the only wall (with `skipKernelTC` Lean accepts `1 = 2` and names no axiom; the others run any
# program inside Lean), so these are refused wherever they stand, in comments and strings too.
_NOWHERE = ("set_option", "skipKernelTC", "run_tac", "run_cmd", "run_conv", "run_elab", "run_meta", "by_elab")
# Also refused as one part of a longer name: `Lean.sorryAx`, `Foo.unsafeCast`, `IO.println`.
_ANYWHERE = (_TRUST | _PROGRAMS | {"sorryAx", "skipKernelTC"}) - {"native", "sleep"}


def tactic_problem(text: str) -> str | None:
    """Say in one sentence why `text` may not be sent to Lean as a tactic or script; None if it may."""
    if not text.strip():
        return "A tactic is needed, and this text is empty."
    return _problem(text, "a proof")


def statement_problem(text: str) -> str | None:
    """Say in one sentence why `text` may not be sent as a statement; None if it may.

    A statement is what stands between a theorem's name and ``:=``, such as ``(p q : Prop) : p ∧ q → q ∧ p``.
    """
    problem = _problem(text, "a statement")
    if problem is not None:
        return problem
    depth = 0
    colon = False
    previous = ""
    for token in tokens(text):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0 and token.kind == "symbol":
            colon = colon or token.text == ":"
            if previous == ":" and token.text == "=":
                return f"Line {token.line} of the statement goes on with ':=': a statement ends before its proof."
        previous = token.text if token.kind == "symbol" else ""
    return None if colon else "A statement needs a colon before what is to be proved, as in '(p : Prop) : p → p'."


def require_sound_statement(text: str) -> None:
    """Refuse a statement that :func:`statement_problem` objects to.

    Raises:
        StatementError: With the sentence.
    """
    if (problem := statement_problem(text)) is not None:
        raise StatementError(problem)


def _problem(text: str, where: str) -> str | None:
    if len(text) > _LONGEST:
        return f"A text of {len(text)} characters is too long for {where} (at most {_LONGEST})."
    for word in _NOWHERE:
        if word in text:
            return f"Line {text[: text.index(word)].count(chr(10)) + 1} holds '{word}', which {where} may not contain."
    try:
        listed = list(tokens(text))
    except LexError as error:
        return f"This cannot be read safely: {error}."
    return _unbalanced(listed) or _forbidden(listed, where)


def _unbalanced(listed: Iterable[Token]) -> str | None:
    """Every bracket must be closed by its like, and none may close what was not opened in this text."""
    expected: list[Token] = []
    for token in listed:
        if token.kind == "open":
            expected.append(token)
        elif token.kind == "close" and (not expected or expected.pop().text != token.text):
            return f"Line {token.line} closes a bracket with '{token.text}' that was not opened so."
    if expected:
        return f"The bracket that line {expected[-1].line} opens is not closed (it wants '{expected[-1].text}')."
    return None


def _forbidden(listed: Iterable[Token], where: str) -> str | None:
    before = ""
    for token in listed:
        if token.kind == "word" and (reason := _reason(token.text)) is not None:
            return f"Line {token.line} uses '{token.text}', which {where} may not contain: {reason}."
        if before == "@" and token.kind == "open" and token.text == "]":
            return f"Line {token.line} sets an attribute (@[…]), which {where} may not do."
        if before == "#" and token.kind == "word":
            return f"Line {token.line} uses the command '#{token.text}': {where} may not contain commands."
        before = token.text
    return None


def _reason(word: str) -> str | None:
    if word in _GAPS:
        return "it leaves the proof open"
    if word in _OPTIONS:
        return "it changes how Lean reads or checks"
    if word in _TRUST:
        return "it asks for trust instead of a proof"
    if word in _PROGRAMS:
        return "it runs or reads something else than a proof"
    if word in _OWN:
        return "it is a name of Cellview's own"
    if word in _COMMANDS:
        return "it begins or belongs to a command"
    for part in word.split("."):
        if part in _ANYWHERE:
            return "it goes round the kernel"
    return None
