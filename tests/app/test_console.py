"""What anybody may have written is shown on a terminal, and never obeyed by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from cellview.app.console import error_console, output_console, table

EVIL = "a\x1b[31mb\x1b]0;title\x07c\x9b2Jd\x7f"


@pytest.mark.parametrize("terminal", [True, False])
def test_no_text_of_anybody_gives_a_terminal_orders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool
) -> None:
    monkeypatch.setenv("FORCE_COLOR" if terminal else "NO_COLOR", "1")
    rows = table("name", "number", right=("number",))
    rows.add_row(Text(EVIL, "green"), "1")
    for console in (output_console(), error_console()):
        console.print(EVIL, markup=False, soft_wrap=True)
        console.print(rows)
    said = "".join(capsys.readouterr())
    assert said.count("a␛[31mb␛]0;title") == 4
    assert not {"\x07", "\x9b", "\x7f"} & set(said)
    assert "\x1b[31m" not in said and "\x1b]" not in said
    assert ("\x1b[" in said) is terminal, "our own colours stay"


def test_lines_and_tables_are_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    console = output_console()
    console.print("∀ x,\n  p x " + "long " * 30, markup=False, soft_wrap=True)
    rows = table("name", "number", right=("number",))
    rows.add_row("one", "1")
    console.print(rows)
    first, second, head, row = capsys.readouterr().out.splitlines()
    assert first == "∀ x," and second.startswith("  p x long") and len(second) > 100
    assert head.split() == ["name", "number"] and row.split() == ["one", "1"]


def test_complaints_repeat_no_orders(here: Callable[..., Any]) -> None:
    said = here("runs", "no\x1b[31mwhere")
    assert said.status == 2 and "\x1b" not in said.err and "no␛[31mwhere" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("run", "corpus.toml", "--prover", "synthetic", "--name", "n\udcff"),
        ("run", "corpus.toml", "--prover", "synthetic", "--out", "o\udcff"),
        ("run", "corpus.toml", "--id", "a,\udcff"),
        ("run", "c\udcff.toml"),
        ("submit", "corpus.toml", "--name", "n\udcff"),
        ("submit", "corpus.toml", "--key", "k\udcff"),
    ],
    ids=lambda words: ascii(words[-1]),
)
def test_bytes_that_are_no_text_are_refused_before_anything_is_written(
    here: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus.toml").write_text('[[theorem]]\nid = "t"\nstatement = ": T"\n')
    said = here(*words)
    assert said.status == 2 and "not UTF-8" in said.err and len(said.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.toml"]
