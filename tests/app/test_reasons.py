from __future__ import annotations

from typing import get_args

from cellview.app.reasons import STOP_REASONS, legend, refused_proof
from cellview.core import StopReason
from cellview.prover import Verification


def test_every_reason_of_a_search_has_its_words() -> None:
    assert set(get_args(StopReason)) <= set(STOP_REASONS)


def test_a_legend_explains_what_occurs_once_each() -> None:
    lines = legend(["budget", "solved", "exhausted", "budget", "unheard_of"])
    assert [line.partition(":")[0] for line in lines] == ["budget", "exhausted"]
    assert all(line.endswith(".") for line in lines)


def test_a_check_that_refused_and_one_that_did_not_run_are_told_apart() -> None:
    assert refused_proof(None) is refused_proof(Verification(ok=True)) is None
    assert refused_proof(Verification(ok=False, message="no axioms")) == (
        "A proof was found, but the check of the whole proof refused it: no axioms."
    )
    assert refused_proof(Verification(ok=False, message="killed.", broken=True)) == (
        "A proof was found, but its check did not run: killed."
    )
