"""The filter: what may not be sent to Lean is refused with one sentence, and ordinary proofs pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cellview.prover.errors import StatementError
from cellview.prover.lean.soundness import (
    require_sound_statement,
    statement_problem,
    tactic_problem,
)
from cellview.prover.lean.tokens import LexError, tokens

REFUSED = {
    # proofs left open
    "sorry": "sorry",
    "sorry inside": "constructor\n· sorry\n· exact h",
    "sorry quoted": "exact «sorryAx» _ true",
    "sorry qualified": "exact _root_.sorryAx _ true",
    "sorry glued to a number": "exact f 3sorry",
    "sorry glued to a notation": "exact αᵒᵖsorry",
    "sorry behind an operator that looks like a comment": "rw [<--sorry]",
    "sorry behind what looks like a block comment": "exact x⁻/-¹ sorry -/",
    "admit": "admit",
    "stop": "stop",
    # the ways round the kernel, NOTES of the embedded Lean: hole 2
    "skipKernelTC": "set_option debug.skipKernelTC true in decide +kernel",
    "skipKernelTC quoted": "set_option debug.«skipKernelTC» true in decide +kernel",
    "set_option": "set_option maxRecDepth 10 in simp",
    "set_option in a comment": "simp -- set_option",
    "open": "open Classical in exact em p",
    "attribute": "attribute [simp] foo",
    "attribute on let rec": "let rec @[implemented_by g] f : Nat → Nat := fun n => n\nexact f",
    "attribute brackets": "exact (@[simp] foo)",
    "axiom": "exact h\naxiom h : False",
    "axiom on the same line": "exact h axiom h : False",
    "unsafe": "exact unsafe foo",
    "unsafeCast": "exact unsafeCast h",
    "lcProof": "exact lcProof",
    "lcProof quoted": "exact «lcProof»",
    "native_decide": "native_decide",
    "decide +native": "decide +native",
    "decide native config": "decide (config := { native := true })",
    "ofReduceBool": "exact Lean.ofReduceBool _ _ rfl",
    "extern": "extern foo",
    "implemented_by": "implemented_by foo",
    # programs
    "run_tac": "run_tac pure ()",
    "run_tac in a string": 'trace "run_tac"',
    "run_conv": "conv => run_conv pure ()",
    "by_elab": "exact by_elab pure default",
    "IO": "simp (config := IO.FS.readFile x)",
    "unsafeIO": "exact Lean.unsafeIO x",
    "include_str": 'exact include_str "/etc/passwd"',
    "dbg_trace": "dbg_trace h; simp",
    "sleep": "sleep 100000",
    "initialize": "initialize foo : Nat",
    "quotation": "exact `(foo)",
    "interpolated": 'trace s!"{sorry}"',
    "raw string": 'trace r"\\"',
    # commands
    "theorem": "trivial\ntheorem t : False := h",
    "def": "trivial def x := 1",
    "instance": "instance : Inhabited False := ⟨h⟩",
    "notation": 'notation "⊢" => False',
    "infixl": 'infixl:65 " + " => f',
    "local": "local instance foo := bar",
    "macro": 'macro "foo" : tactic => `(tactic| trivial)',
    "syntax": 'syntax "foo" : tactic',
    "elab": "elab foo : tactic => bar",
    "namespace": "namespace Foo",
    "end": "end Foo",
    "section": "section",
    "variable": "variable (h : False)",
    "universe": "universe u",
    "import": "import Lean",
    "where": "exact f where f : False := f",
    "exit": "#exit",
    "eval": "#eval 1",
    "print": "#print axioms foo",
    "mutual": "mutual",
    "deriving": "deriving instance Foo for Bar",
    "deriving at a line's end": "trivial\nderiving",
    "the tactic server": "cellview_server",
    "the tactic server in a term": "exact (by cellview_server)",
    # structure
    "closing what was not opened": "exact h)\n#exit",
    "closes the parenthesis of the check": "trivial )\n\nexact foo (",
    "wrong closing": "exact (h]",
    "unclosed": "exact (h",
    "unclosed comment": "trivial /- and then",
    "unclosed string": 'trace "and then',
    "unclosed name": "exact «foo",
    "doc comment": "/-- doc -/ trivial",
    # characters
    "empty": " \n ",
    "null": "trivial\0",
    "tab": "\ttrivial",
    "carriage return": "trivial\rtheorem t : False := h",
    "line separator": "trivial\u2028theorem",
    "vertical tab": "trivial\x0bsimp",
    "right-to-left override": "exact \u202eh",
    "zero width space": "so\u200brry",
    "no-break space": "exact\u00a0h",
    "byte order mark": "\ufefftrivial",
    "odd apostrophe": "exact (x 'y)",
    # found by random pieces: these derail Lean's own recovery after an error
    "quote in a quoted name": 'exact «a" » -- "',
    "unusual escape": 'trace " \\ /--"',
    "character literal that hides a quote": "exact f '\"' -- \" sorry",
}

PASSED = [
    "intro h",
    "exact ⟨h.2, h.1⟩",
    "exact h'.symm",
    "rw [← Nat.add_assoc, ih]",
    "simp only [List.length_append, Nat.add_comm] at h ⊢",
    "induction n with\n| zero => rfl\n| succ n ih => rw [ih]",
    "cases h with\n| inl h => exact Or.inr h\n| inr h => exact Or.inl h",
    "rcases h with ⟨hp, hq | hr⟩\n· exact Or.inl ⟨hp, hq⟩\n· exact Or.inr ⟨hp, hr⟩",
    "calc a = b := h\n  _ = c := k",
    "decide +kernel",
    "exact absurd h k -- a comment: no theorem, no sorry, not even a def",
    "/- a block comment\n /- in a block comment: sorry -/ #exit -/\ntrivial",
    'trace "a string: theorem, sorry, def"\ntrivial',
    "exact List.IsPrefix.trans h.prefix k.suffix",
    "obtain ⟨x₁, hx⟩ := h",
    "exact f 'a'",
    "exact Set.mem_image_of_mem f h -- f '' s",
    "show f '' s = t",
    "rw [show f ⁻¹' s = t from h]",
    "let rec f : Nat → Nat := fun n => n\nexact f",
    "exact @id.{1} Nat n",
    "exact #[1, 2]",
    "simp [*] <;> grind",
    "by_cases h : p <;> simp [h]",
    "exact (fun x => x) $ h",
    "exact inferInstance",
    "haveI := foo; exact x.1.2",
    "generalize h : f x = y at *",
]


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_refused(text: str) -> None:
    problem = tactic_problem(text)
    assert problem is not None
    assert problem.endswith(".") and "\n" not in problem and 20 < len(problem) < 200


@pytest.mark.parametrize("text", PASSED)
def test_passed(text: str) -> None:
    assert tactic_problem(text) is None


def test_every_tactic_block_of_the_acceptance_tables_passes() -> None:
    seen = 0
    for name in ("tactic_cases.jsonl", "more_cases.jsonl"):
        for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines():
            source = json.loads(line)["source"]
            before, by, script = source.partition(":= by")
            if by and before.count("\n") == 0 and "\nexample" not in script and "run_tac" not in script:
                seen += 1
                assert tactic_problem(script) is None, source
    assert seen > 120


def test_message_names_the_line_and_the_word() -> None:
    assert tactic_problem("intro h\n\nsorry") == (
        "Line 3 uses 'sorry', which a proof may not contain: it leaves the proof open."
    )


STATEMENTS_REFUSED = {
    "the tactic server": "(h : (by cellview_server : Prop)) : True",
    "no colon": "p → p",
    "proof included": ": True := trivial",
    "second theorem": ": True := trivial\ntheorem x : False",
    "command": ": True\naxiom x : False\nexample : True",
    "sorry": "(x : sorry) : True",
    "sorry by": "(h : (by sorry : Prop)) : h",
    "option": "(h : True) : set_option debug.skipKernelTC true in True",
    "unbalanced": ": True) (h : False",
    "attribute": "@[simp] : True",
    "eval": ": True #eval 1",
    "empty": "",
}
STATEMENTS_PASSED = [
    "(p q : Prop) : p ∧ q → q ∧ p",
    ": 1 + 1 = 2",
    ".{u} (α : Sort u) (a b : α) (h : a = b) : b = a",
    "{α : Type} [DecidableEq α] (a : α) : a = a",
    "(n : Nat := 3) : n = n",
    "(f : Nat → Nat) (h : ∀ x, f x = x) : f = fun x => x",
    "(p : Prop)\n    (h : p) : p",
    "(a b : Bool) : (!(a && b)) = (!a || !b)",
    "(h : let x := 3; x = 3) : True",
]


@pytest.mark.parametrize("text", STATEMENTS_REFUSED.values(), ids=STATEMENTS_REFUSED.keys())
def test_statement_refused(text: str) -> None:
    problem = statement_problem(text)
    assert problem is not None and problem.endswith(".") and "\n" not in problem
    with pytest.raises(StatementError):
        require_sound_statement(text)


@pytest.mark.parametrize("text", STATEMENTS_PASSED)
def test_statement_passed(text: str) -> None:
    assert statement_problem(text) is None
    require_sound_statement(text)


@given(st.text(max_size=60))
@example("«")
@example("'")
@example("/--/")
@example("--")
@example('"\\')
def test_the_reader_never_crashes_and_reads_everything(text: str) -> None:
    try:
        listed = list(tokens(text))
    except LexError as error:
        assert str(error)
    else:
        assert all(token.text for token in listed)
        assert all(1 <= token.line <= text.count("\n") + 1 for token in listed)


PIECES = st.sampled_from(
    ["exact h", "(simp)", "-- c\n", "/- c -/ ", '"s"', " ", "\n", "⟨a, b⟩", "x'", "«odd name»", "3 "]
)


@given(st.lists(PIECES, max_size=8), st.lists(PIECES, max_size=8), st.sampled_from(["sorry", "theorem", "lcProof"]))
def test_a_forbidden_word_in_the_open_is_always_found(before: list[str], after: list[str], word: str) -> None:
    text = " ".join(before) + f"\n{word}\n" + " ".join(after)
    assert tactic_problem(text) is not None
