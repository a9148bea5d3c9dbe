"""Whose fault an error is."""

from __future__ import annotations

import pytest

from cellview.actors import ActorError
from cellview.daemon.sentences import sentence_of
from cellview.tree import TreeConfigError


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TreeConfigError("exploration is wrong"), "Exploration is wrong."),
        (ModuleNotFoundError("no numpy", name="numpy"), "This needs numpy, which is not installed"),
        (ModuleNotFoundError("DuckDB: pip install x", name="duckdb"), "DuckDB: pip install x."),
        (ModuleNotFoundError("ours", name="cellview.nothing"), None),
        (ActorError("an actor failed"), None),
        (ValueError("a bug"), None),
    ],
)
def test_what_a_user_can_mend_has_a_sentence(error: Exception, expected: str | None) -> None:
    sentence = sentence_of(error)
    assert sentence == expected or (expected is not None and (sentence or "").startswith(expected))
