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
        message=None,
    )
    other = msgspec.structs.replace(row, id="n", solved=False, provable=False, intervention="random_nonpath_control")
    print_report(summed("runs/x", [row, other], seconds=3.0), Console(width=80, highlight=False))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    words = " ".join(printed.split())
    assert "wild_type: Proved 1 of 1 theorems (100.0 %)." in words
    assert (
        "random_nonpath_control: Proved 0 of 0 theorems and 0 of 1 non-theorems. This arm held back 0 attempts."
        in words
    )
    assert words.endswith("246912 iterations, 2469134 tactics, 3.0 s. Run folder: runs/x")


def test_arms_are_not_added_up_and_what_was_not_run_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    solved = Row(
        id="a", solved=True, provable=True, iterations=5, attempts=9, tried=7, held_back=2, seconds=1.0, proof=None,
        digest=None, stop_reason="solved", message=None,
    )  # fmt: skip
    replace = msgspec.structs.replace
    lost = replace(solved, id="b", solved=False, stop_reason="budget")
    control = [
        replace(solved, intervention="control"),
        replace(lost, intervention="control", stop_reason="no_wild_type_proof"),
        replace(lost, id="c", intervention="control", stop_reason="statement_error"),
    ]
    report = summed("runs/x", [solved, lost, *control], seconds=1.0)
    print_report(report, Console(width=80, highlight=False))
    words = " ".join(capsys.readouterr().out.split())
    assert "wild_type: Proved 1 of 2 theorems (50.0 %)." in words
    assert "control: Proved 1 of 1 theorems (100.0 %); 2 attempts held back; 2 not searched." in words
    assert "budget: the budget is spent, and there was more to try;" in words
    assert "25 iterations, 35 tactics" in words  # tried: what was held back is no work
    totals = report.totals
    assert (totals.searches, totals.not_searched, totals.provable, totals.provable_solved) == (5, 2, 3, 2)


def test_a_corpus_without_marks_has_theorems(capsys: pytest.CaptureFixture[str]) -> None:
    row = Row(
        id="a", solved=False, provable=None, iterations=5, attempts=9, tried=9, held_back=0, seconds=1.0, proof=None,
        digest=None, stop_reason="budget", message=None,
    )  # fmt: skip
    print_report(summed("runs/x", [row], seconds=1.0), Console(width=80, highlight=False))
    printed = capsys.readouterr().out
    assert "Proved 0 of 1 theorems (0.0 %)." in printed
    assert "no theorem" not in printed
