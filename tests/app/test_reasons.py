from __future__ import annotations

from typing import get_args

from cellview.app.reasons import STOP_REASONS, legend, refusal
from cellview.core import StopReason


def test_every_reason_of_a_search_has_its_words() -> None:
    assert set(get_args(StopReason)) <= set(STOP_REASONS)


def test_a_legend_explains_what_occurs_once_each() -> None:
    lines = legend(["budget", "solved", "exhausted", "budget", "unheard_of"])
    assert [line.partition(":")[0] for line in lines] == ["budget", "exhausted"]
    assert all(line.endswith(".") for line in lines)


def test_a_refusal_is_a_sentence() -> None:
    assert refusal("no axioms") == refusal("no axioms.")
    assert refusal("no axioms").endswith("refused it: no axioms.")
