"""The table and the totals of a run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from cellview.app.report import Row, print_report, summed


def test_the_table_fits_eighty_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = Row(
        id="a_rather_long_name_of_a_theorem_about_lists_and_naturals",
        solved=True,
        provable=True,
        iterations=123456,
        attempts=1234567,
        tried=1234567,
        held_back=0,
        seconds=1234.5,
        proof="theorem t : True := by\n  skip\n  trivial\n",
        digest=None,
        stop_reason="solved",
    )
    other = msgspec.structs.replace(row, id="n", solved=False, provable=False, intervention="random_nonpath_control")
    print_report(summed("runs/x", [row, other], seconds=3.0), Console(width=80, highlight=False))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    figures = "246912 iterations, 2469134 tactics, 3.0 s."
    words = " ".join(printed.split())
    assert f"Proved 1 of 1 searches for theorems (100.0 %) and 0 of 1 non-theorems. {figures}" in words
