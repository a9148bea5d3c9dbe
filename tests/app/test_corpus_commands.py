from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.app.corpus_pilot import PilotTheorem, choose
from cellview.app.errors import InputFileError
from cellview.experiment.corpus import CorpusTheorem
from cellview.trace import SearchEntry

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


def pilot_run(here: Cellview, corpus: Path, out: Path, *more: str) -> Path:
    options = ("--prover", "synthetic", "--budget", "30", "--quiet", "--out", str(out), *more)
    here("run", str(corpus), *options)
    return out


def searches(record: Path) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in json.loads(record.read_text())["searches"]}


PILOT = """
[[theorem]]
id = 'first'
statement = '(p q : Prop) : p → q → p'
tags = ['propositional']
provable = true

[[theorem]]
id = 'again'
statement = '(a b : Prop) : a → b → a'
provable = true

[[theorem]]
id = 'second'
statement = '(n : Nat) : n = n'
provable = true

[[theorem]]
id = 'false'
statement = '(p : Prop) : p'
provable = false
"""


def test_a_pilot_chooses_what_took_long_or_failed(here: Cellview, tmp_path: Path) -> None:
    corpus, study = tmp_path / "c.toml", tmp_path / "study.toml"
    corpus.write_text(PILOT)
    run = pilot_run(here, corpus, tmp_path / "pilot")
    said = here("corpus", "pilot", str(run), "--at-least", "1", "--out", str(study))
    assert said.status == 0, said
    seen = searches(study.with_suffix(".json"))
    # What says the same as an earlier theorem is left out, and so is what is not provable.
    assert list(seen) == ["first", "second"]
    entries = json.loads((run / "run.json").read_text())["results"]
    for entry in entries:
        if entry["theorem"] in seen:
            assert {name: entry[name] for name in ("solved", "iterations", "digest", "stop_reason")}.items() <= (
                seen[entry["theorem"]].items()
            )
    checked = here("corpus", "check", str(study))
    assert checked.status == 0, checked
    tags = [line for line in study.read_text().splitlines() if line.startswith("tags")]
    assert tags[0].startswith('tags = ["propositional", "pilot_')


def found(name: str, iterations: int, *, solved: bool = True) -> PilotTheorem:
    entry = SearchEntry(
        theorem=name, solved=solved, stop_reason="solved" if solved else "budget", iterations=iterations, attempts=0
    )
    return PilotTheorem(CorpusTheorem(id=name, statement=f": {name}", tags=("t",)), "c.toml", entry)


def test_the_threshold_counts_and_what_was_not_solved_is_always_taken() -> None:
    theorems = [found("a", 11), found("b", 12), found("c", 3, solved=False), found("d", 40), found("e", 50)]
    corpus, record = choose([], theorems, at_least=12, left_out=frozenset({"d"}))
    assert [(t.id, t.tags) for t in corpus.theorems] == [
        ("b", ("t", "pilot_solved")),
        ("c", ("t", "pilot_unsolved")),
        ("e", ("t", "pilot_solved")),
    ]
    assert (record.theorems, record.chosen, record.solved) == (4, 3, 2)
    assert [(s.id, s.chosen) for s in record.searches] == [("a", False), ("b", True), ("c", True), ("e", True)]


def test_a_threshold_that_nothing_reaches_is_refused() -> None:
    with pytest.raises(InputFileError, match="choose a smaller --at-least"):
        choose([], [found("a", 11)], at_least=12)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--mcts-mode", "distributed", "--mcts-agents", "2", "--mcts-inflight", "2"), "no centralized run"),
        (("--seeds", "0,1"), "has 2 seeds"),
    ],
)
def test_what_is_no_pilot_is_refused(here: Cellview, tmp_path: Path, more: tuple[str, ...], words: str) -> None:
    corpus, study = tmp_path / "c.toml", tmp_path / "study.toml"
    corpus.write_text(PILOT)
    run = pilot_run(here, corpus, tmp_path / "pilot", *more)
    said = here("corpus", "pilot", str(run), "--out", str(study))
    assert (said.status, study.exists()) == (2, False)
    assert words in said.err


def test_one_name_for_two_theorems_is_refused(here: Cellview, tmp_path: Path) -> None:
    corpus, study = tmp_path / "c.toml", tmp_path / "study.toml"
    corpus.write_text(PILOT)
    run = pilot_run(here, corpus, tmp_path / "pilot")
    said = here("corpus", "pilot", str(run), str(run), "--out", str(study))
    assert said.status == 2
    assert "two theorems of the pilot are called first" in said.err
