from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
import structlog

Cellview: TypeAlias = Callable[..., "Said"]


class Said(msgspec.Struct):
    """What a command said: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Iterator[Cellview]:
    """Run the command line in this process."""
    from cellview.app.cli import run

    def call(*argv: str) -> Said:
        status = run(list(argv))
        out, err = capsys.readouterr()
        return Said(status, out, err)

    yield call
    structlog.reset_defaults()


@pytest.fixture
def cellview(tmp_path: Path) -> Cellview:
    """Run the command line as a user does, in a folder of its own."""

    def call(*argv: str, input: str | None = None, **environment: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "cellview", *argv],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **environment},
            input=input,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Write a corpus of three: two easy theorems, and a non-theorem that keeps a search busy for as long as it may."""
    path = tmp_path / "small.toml"
    path.write_text(
        """
[[theorem]]
id = 'and_swap'
statement = '(p q : Prop) : p ∧ q → q ∧ p'
tags = ['propositional']
provable = true

[[theorem]]
id = 'add_zero'
statement = '(n : Nat) : n + 0 = n'
tags = ['nat']
provable = true

[[theorem]]
id = 'append_commutes'
statement = '(xs ys : List Nat) : xs ++ ys = ys ++ xs'
tags = ['list']
provable = false
""",
        encoding="utf-8",
    )
    return path
