"""Files of interventions: what cannot be read is one sentence that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellview.app.interventions import read_interventions
from cellview.schedule import HeadPeg, InterventionError, TacticIntervention

GOOD = b'[[intervention]]\nname = "no-simp"\n[[intervention.peg]]\nkind = "head"\nhead = "simp"\n'


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "arms.toml"
    path.write_bytes(GOOD)
    assert read_interventions(path) == (TacticIntervention("no-simp", (HeadPeg("simp"),)),)


@pytest.mark.parametrize(
    ("content", "text"),
    [(GOOD.replace(b"simp", b"s\xffp"), "is not a TOML file"), (b"[[", "is not a TOML file"), (b"x = 1", "describe")],
)
def test_a_bad_file_is_one_sentence_that_names_it(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "arms.toml"
    path.write_bytes(content)
    with pytest.raises(InterventionError) as caught:
        read_interventions(path)
    assert text in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InterventionError, match=r"^Cannot read interventions from .*: No such file or directory\.$"):
        read_interventions(tmp_path / "none.toml")
