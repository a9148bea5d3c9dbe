from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cellview = Callable[..., Any]

TWICE = """
[[theorem]]
id = 'first'
statement = '(p q : Prop) : p → q → p'

[[theorem]]
id = 'other_names'
statement = '(a  b : Prop) :   a → b → a'

[[theorem]]
id = 'turned'
statement = '(a b : Prop) : b → a → b'

[[theorem]]
id = 'wrong'
statement = '(n : Nat) : n = NoSuchThing'

[[theorem]]
id = 'fine'
statement = '(n : Nat) : n = n'
"""


def test_statements_that_lean_refuses_and_theorems_that_stand_there_twice(here: Cellview, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(TWICE)
    said = here("corpus", "check", str(path))
    assert said.status == 1
    first, second, third = said.out.splitlines()
    assert first == "other_names: says the same as first."
    assert second.startswith("wrong: Lean does not accept the statement")
    assert "NoSuchThing" in second
    assert third == "5 theorems, 2 are not in order."
    answer = json.loads(here("corpus", "check", str(path), "--json").out)
    assert [entry["id"] for entry in answer["theorems"]] == ["first", "other_names", "turned", "wrong", "fine"]
    assert [entry["same_as"] for entry in answer["theorems"]] == [None, "first", None, None, None]


@pytest.mark.parametrize("name", ["micro"])
def test_our_own_corpora_are_in_order(here: Cellview, name: str) -> None:
    said = here("corpus", "check", str(Path(__file__).parents[2] / "corpora" / f"{name}.toml"))
    assert (said.status, said.err) == (0, ""), said
    assert said.out.endswith("theorems, all are in order.\n")


def test_a_corpus_of_bad_form(here: Cellview, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[[theorem]]\nid = 'a'\n")
    said = here("corpus", "check", str(path))
    assert (said.status, said.out) == (2, "")
    assert "missing required field `statement`" in said.err
