"""``cellview report``: the file and the figures, or one sentence and nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cellview = Callable[..., Any]


@pytest.fixture
def run(here: Cellview, tmp_path: Path) -> Path:
    corpus = tmp_path / "corpus.toml"
    corpus.write_text(
        "".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\nprovable = true\n" for n in range(3)),
        encoding="utf-8",
    )
    options = ("--prover", "synthetic", "--budget", "12", "--trace-mcts", "--quiet", "--mcts-mode", "distributed")
    agents = ("--mcts-agents", "2", "--mcts-inflight", "2")
    said = here("run", str(corpus), *options, *agents, "--out", str(tmp_path / "run"))
    assert said.status == 0, said.err
    return tmp_path / "run"


def refused(said: Any, text: str) -> None:
    assert said.status == 2
    assert said.out == ""
    assert text in said.err and said.err.count("\n") == 1 and "Traceback" not in said.err


def test_a_report_and_its_figures(here: Cellview, run: Path, tmp_path: Path) -> None:
    out, figures = tmp_path / "study.html", tmp_path / "figures"
    said = here("report", str(run), "--out", str(out), "--figures", str(figures))
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[0].startswith(f"{out}: 0.")
    assert out.read_bytes().startswith(b"<!doctype html>")
    assert {path.suffix for path in figures.iterdir()} == {".svg", ".pdf", ".png"}
    first = out.read_bytes()
    assert here("report", str(run), "--out", str(out)).status == 0
    assert out.read_bytes() == first


def test_bad_input_is_one_sentence_and_writes_nothing(
    here: Cellview, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, figures = tmp_path / "report.html", tmp_path / "figures"
    wanted = ("--out", str(out), "--figures", str(figures))
    refused(here("report", str(tmp_path / "none"), *wanted), "has no run.json")
    refused(here("report", str(run), "--embed-mib", "-1", *wanted), "--embed-mib is -1")
    refused(here("report", str(run), "--out", str(tmp_path)), "is no place for a file")
    refused(here("report", str(run), "--out", str(tmp_path / "no" / "report.html")), "is no place for a file")
    refused(here("report", str(run), "--plan", str(tmp_path / "none.toml"), *wanted), "cannot be read")
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "run.json").write_text('{"format": 3}', encoding="utf-8")
    refused(here("report", str(newer), *wanted), "has format 3, of a newer Cellview")
    for name in ("numpy", "scipy", "matplotlib"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, name, None)
            remedy = f"A report needs {name}: run pip install 'cellview[measures]'"
            refused(here("report", str(run), *wanted), remedy)
    trace = run / "t1" / "wild_type_mcts_trace.jsonl"
    trace.write_text("nonsense\n" + trace.read_text(encoding="utf-8"), encoding="utf-8")
    refused(here("report", str(run), *wanted), "line 1 is not a trace record")
    assert not out.exists() and not figures.exists()
