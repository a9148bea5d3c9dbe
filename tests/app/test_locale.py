"""Lean's text is UTF-8, whatever the locale says: no command ends in an encoding error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOCALES = {
    # Python must be kept from leaving the C locale by itself.
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "streams that are Latin-1": {"PYTHONIOENCODING": "latin-1"},
}
PROOF = """\
theorem t.{u} (α : Type u) (p : Prop) : α → p → p := by
"""


def cellview(locale: str, tmp_path: Path, *argv: str | bytes, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "cellview", *argv]
    environment = {**os.environ, **LOCALES[locale]}
    return subprocess.run(command, cwd=tmp_path, env=environment, input=input, capture_output=True, check=False)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_theorem_typed_and_from_standard_input(locale: str, tmp_path: Path) -> None:
    theorem = "theorem t.{u} (α : Type u) (p : Prop) : α → p → p"
    for argument, given in ((theorem.encode(), b""), ("-", theorem.encode())):
        done = cellview(locale, tmp_path, "prove", argument, input=given)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode().startswith(PROOF)


@pytest.mark.parametrize("locale", LOCALES)
def test_paths_and_what_is_no_text(locale: str, tmp_path: Path) -> None:
    done = cellview(locale, tmp_path, "trace", "check", "∧".encode() + b"\xff.jsonl")
    assert done.returncode == 2
    assert done.stderr == "cellview: ∧".encode() + b"\xff.jsonl cannot be read: there is no such file.\n"
    done = cellview(locale, tmp_path, "prove", b"theorem t : \xff")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"cellview: The statement is not UTF-8 text: write it into a file that is.\n"
    done = cellview(locale, tmp_path, "prove", "-", input=b"theorem t : \xff")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"cellview: Standard input cannot be read: it is not UTF-8 text.\n"
    (tmp_path / "é∧.lean").write_text("theorem t.{u} (α : Type u) (p : Prop) : α → p → p", encoding="utf-8")
    done = cellview(locale, tmp_path, "prove", "é∧.lean".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith(PROOF)
