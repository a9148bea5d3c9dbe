from __future__ import annotations

import io
from pathlib import Path

import pytest

from cellview.app.errors import InputFileError, OptionError
from cellview.app.statement import NamedStatement, parse_theorem, read_theorem


@pytest.mark.parametrize(
    ("text", "name", "statement"),
    [
        ("theorem t (p q : Prop) : p ∧ q → q ∧ p", "t", "(p q : Prop) : p ∧ q → q ∧ p"),
        ("theorem t : True := by trivial", "t", ": True"),
        ("lemma Nat.foo' (n : Nat) : n = n := rfl", "Nat.foo'", "(n : Nat) : n = n"),
        ("example (p : Prop) : p → p := fun h => h", "goal", "(p : Prop) : p → p"),
        ("(p : Prop) : p → p", "goal", "(p : Prop) : p → p"),
        ("∀ p : Prop, p → p", "goal", ": ∀ p : Prop, p → p"),
        ("theorem t (n : Nat := 3) : n = n := rfl", "t", "(n : Nat := 3) : n = n"),
        ("-- a theorem\n/- theorem x /- nested -/ : True -/ theorem t :\n  True", "t", ": True"),
        ("theorem t(p:Prop):p→p", "t", "(p:Prop):p→p"),
        ("theorem t {α : Type} : ∀ x : α, x = x", "t", "{α : Type} : ∀ x : α, x = x"),
        ("theorem my_theorem_2 : True", "my_theorem_2", ": True"),
        ("theorem t.{u} (α : Type u) (x : α) : x = x", "t", ".{u} (α : Type u) (x : α) : x = x"),
        ("theorem A.t.{u, v}(α : Type u) : True := trivial", "A.t", ".{u, v} (α : Type u) : True"),
        (".{u} (α : Type u) : True", "goal", ".{u} (α : Type u) : True"),
        ("theorem «a b».c (p : Prop) : p → p", "«a b».c", "(p : Prop) : p → p"),
        ("theorem «x (p : Prop) : False := y» : True", "«x (p : Prop) : False := y»", ": True"),
        ("theorem «t := theorem u» : True", "«t := theorem u»", ": True"),
        ("theorem t («-- p» : Prop) : «-- p» → «-- p»", "t", "(«-- p» : Prop) : «-- p» → «-- p»"),
        ("theorem t («/- p» : Prop) : True", "t", "(«/- p» : Prop) : True"),
        ('theorem t : "theorem := --" = "a\\"b" := rfl', "t", ': "theorem := --" = "a\\"b"'),
        ("example «theorem» : True", "goal", "«theorem» : True"),
    ],
)
def test_forms(text: str, name: str, statement: str) -> None:
    assert parse_theorem(text, where="the statement") == NamedStatement(name, statement)


def test_imports_of_a_file() -> None:
    parsed = parse_theorem("import Mathlib.Tactic\nimport Foo\n\ntheorem t : True", where="a.lean")
    assert parsed.imports == ("Mathlib.Tactic", "Foo")


def test_from_file_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.lean"
    file.write_text("theorem t : True := by\n  sorry\n")
    assert read_theorem(str(file)) == NamedStatement("t", ": True")
    monkeypatch.setattr("sys.stdin", io.StringIO("theorem u : True"))
    assert read_theorem("-") == NamedStatement("u", ": True")


def test_a_long_statement_is_not_taken_for_a_path() -> None:
    assert read_theorem("theorem t : " + "True ∧ " * 2000 + "True").name == "t"


@pytest.mark.parametrize("text", ["", "   ", "-- only a comment", "theorem t", "theorem t := by trivial"])
def test_no_theorem(text: str) -> None:
    with pytest.raises(OptionError, match="There is no theorem in"):
        parse_theorem(text, where="the statement")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("theorem «t : True", "a quoted name"),
        ("theorem t /- : True", "a comment"),
        ('theorem t : "a', "a string"),
    ],
)
def test_what_is_not_closed(text: str, what: str) -> None:
    with pytest.raises(OptionError, match=f"The statement cannot be read: {what}.* is not closed"):
        parse_theorem(text, where="the statement")


def test_input_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"theorem \xff"), encoding="utf-8"))
    with pytest.raises(InputFileError, match="Standard input cannot be read: it is not UTF-8 text"):
        read_theorem("-")


def test_two_theorems() -> None:
    with pytest.raises(OptionError, match="There are 2 theorems in the statement"):
        parse_theorem("theorem a : True := trivial\ntheorem b : True := trivial", where="the statement")


def test_missing_file() -> None:
    with pytest.raises(InputFileError, match=r"nowhere\.lean cannot be read: No such file"):
        read_theorem("nowhere.lean")
