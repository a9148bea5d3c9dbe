from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.app.selection import Selection, render_corpus, select
from cellview.experiment.corpus import Corpus, CorpusTheorem, load_corpus, parse_corpus
from cellview.settings import SettingsError

CORPUS = Corpus(
    source="c.toml",
    theorems=(
        CorpusTheorem(id="and_swap", statement="(p q : Prop) : p ∧ q → q ∧ p", tags=("logic", "easy")),
        CorpusTheorem(id="or_swap", statement="(p q : Prop) : p ∨ q → q ∨ p", tags=("logic", "hard")),
        CorpusTheorem(id="Add_zero", statement="(n : Nat) : n + 0 = n", tags=("nat", "easy"), provable=True),
        CorpusTheorem(id="bare", statement=": True"),
    ),
)


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(), ["and_swap", "or_swap", "Add_zero", "bare"]),
        (Selection(ids=("bare", "and_swap")), ["and_swap", "bare"]),
        (Selection(tags=("nat", "hard")), ["or_swap", "Add_zero"]),
        (Selection(match=("SWAP",)), ["and_swap", "or_swap"]),
        (Selection(match=("add", "bare")), ["Add_zero", "bare"]),
        (Selection(tags=("easy",), match=("swap",)), ["and_swap"]),
        (Selection(tags=("easy",), match=("swap",), ids=("and_swap", "bare")), ["and_swap"]),
    ],
)
def test_every_filter_must_pass_and_any_word_of_it_does(selection: Selection, names: list[str]) -> None:
    assert [theorem.id for theorem in select(CORPUS, selection).theorems] == names
    assert bool(selection) is (len(names) < 4)


@pytest.mark.parametrize(
    ("selection", "sentence"),
    [
        (Selection(ids=("and_swop",)), "--id: c.toml has no id 'and_swop' (the nearest is 'and_swap')."),
        (Selection(tags=("eazy",)), "--tag: c.toml has no tag 'eazy' (the nearest is 'easy')."),
        (Selection(tags=("xyz",)), "--tag: c.toml has no tag 'xyz'."),
        (Selection(match=("zzz",)), "No theorem of c.toml passes --id, --tag and --match together; drop one of them."),
    ],
)
def test_a_filter_that_names_nothing_is_refused(selection: Selection, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        select(CORPUS, selection)
    assert str(caught.value) == sentence


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.lists(
        st.tuples(st.lists(texts, max_size=3), st.sampled_from([True, False, None]), texts), min_size=1, max_size=4
    )
)
def test_what_is_written_is_read_as_it_was(drawn: list[tuple[list[str], bool | None, str]]) -> None:
    theorems = tuple(
        CorpusTheorem(id=f"t{i}", statement='(s : String) : s = "a\\\\"', tags=tuple(tags), provable=mark, gloss=gloss)
        for i, (tags, mark, gloss) in enumerate(drawn)
    )
    corpus = Corpus(source="c.toml", theorems=theorems)
    assert parse_corpus(render_corpus(corpus), source="c.toml") == corpus


def test_our_own_corpus_is_written_and_read() -> None:
    micro = load_corpus(Path(__file__).parents[2] / "corpora" / "micro.toml")
    assert parse_corpus(render_corpus(micro), source=micro.source) == micro
