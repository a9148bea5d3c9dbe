"""A corpus is checked whole before a run, and every mistake is one sentence that says where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellview.core import SearchError
from cellview.experiment.corpus import CorpusTheorem, load_corpus, parse_corpus
from cellview.experiment.errors import CorpusError

GOOD = """
[[theorem]]
id = 'and_swap'
statement = '(p q : Prop) : p ∧ q → q ∧ p'
tags = ['propositional']
provable = true
"""


def table(**fields: str) -> str:
    values = {"id": "'t'", "statement": "'(p : Prop) : p → p'", "tags": "[]", "provable": "true", **fields}
    return "[[theorem]]\n" + "".join(f"{name} = {value}\n" for name, value in values.items() if value)


def test_a_good_corpus_is_read_in_order(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD + table(imports="['Mathlib.Logic.Basic']", provable="false"), encoding="utf-8")
    corpus = load_corpus(file)
    assert corpus.source == str(file)
    assert corpus.theorems == (
        CorpusTheorem(id="and_swap", statement="(p q : Prop) : p ∧ q → q ∧ p", tags=("propositional",), provable=True),
        CorpusTheorem(
            id="t", statement="(p : Prop) : p → p", tags=(), provable=False, imports=("Mathlib.Logic.Basic",)
        ),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no theorem"),
        ("theorem = []", "holds no theorem"),
        ("[[theorem]\n", "not valid TOML"),
        (GOOD + "[extra]\n", "unknown entry 'extra'"),
        ("[theorem]\nid = 'a'\n", "two brackets"),
        ("theorem = [3]\n", "theorem 1: Expected `object`, got `int`"),
        ("[[theorem]]\nid = 't'\n", "theorem 1 (t): Object missing required field `statement`"),
        (table(gloss="3"), "theorem 1 (t): Expected `str`, got `int`"),
        (table(statment="'x'"), "theorem 1 (t): Object contains unknown field `statment`"),
        (table(provable="1"), "theorem 1 (t): Expected `bool | null`, got `int`"),
        (table(tags="'easy'"), "theorem 1 (t): Expected `array`, got `str`"),
        (GOOD + table() + table(id="'T'"), "theorems 2 and 3 share the id 'T'"),
        (table(id="''"), "cannot name a folder"),
        (table(id="'../up'"), "cannot name a folder"),
        (table(id="'.'"), "cannot name a folder"),
        (table(id="'a b'"), "cannot name a folder"),
        (table(id="'a.'"), "cannot name a folder"),
        (table(id=f"'{'a' * 101}'"), "cannot name a folder"),
        (table(imports="['import Mathlib']"), "is not a module name"),
        (table(statement="'p → p'"), "needs a colon"),
        (table(statement="'(p : Prop : p'"), "is not closed"),
        (table(statement="'(p : Prop) : p := trivial'"), "':='"),
        (table(statement='"(p : Prop) : p\\naxiom bad : False"'), "'axiom'"),
        (table(statement="': True := trivial  theorem x : False'"), "(t): Line 1"),
        (table(statement='": True\\n#eval 1"'), "'#eval'"),
        (table(statement="': sorry'"), "'sorry'"),
    ],
)
def test_a_bad_corpus_is_refused_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(CorpusError) as caught:
        parse_corpus(text, source="mine.toml")
    message = str(caught.value)
    assert said in message
    assert message.startswith("mine.toml: ")
    assert "\n" not in message
    assert message.endswith(".")
    assert isinstance(caught.value, SearchError)


def test_a_missing_file_and_a_wrong_encoding_say_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        load_corpus(tmp_path / "none.toml")
    with pytest.raises(CorpusError, match="cannot be read"):
        load_corpus(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes("id = 'é'".encode("latin-1"))
    with pytest.raises(CorpusError, match="byte 6 is not UTF-8"):
        load_corpus(latin)
