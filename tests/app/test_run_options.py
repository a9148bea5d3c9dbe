"""Options of ``run`` that choose, hush and stop; on the synthetic prover, which needs no Lean."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.trace import RunFolder

Cellview = Callable[..., Any]
SYNTHETIC = ("--prover", "synthetic", "--budget", "1,1", "--jobs", "1", "--trace-mcts")


def names(folder: Path) -> list[str]:
    return [entry.theorem for entry in RunFolder.read(folder).metadata.results]


def test_only_chosen_theorems_are_run_and_only_they_are_resumed(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "r"
    said = here("run", str(corpus), *SYNTHETIC, "-k", "ADD,commutes", "--tag", "nat,list", "--out", str(out))
    assert said.status == 0, said.err
    assert names(out) == ["add_zero", "append_commutes"]
    copied = tomllib.loads((out / "corpus.toml").read_text(encoding="utf-8"))
    original = tomllib.loads(corpus.read_text(encoding="utf-8"))
    assert copied["theorem"] == original["theorem"][1:]
    assert here("run", "--resume", str(out)).status == 0
    assert names(out) == ["add_zero", "append_commutes"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--id", "and_swop"), "--id: {} has no id 'and_swop' (the nearest is 'and_swap')."),
        (("--tag", "nut"), "--tag: {} has no tag 'nut' (the nearest is 'nat')."),
        (("-k", "zzz"), "No theorem of {} passes --id, --tag and --match together; drop one of them."),
    ],
)
def test_a_choice_of_nothing_is_refused(
    here: Cellview, corpus: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    said = here("run", str(corpus), *SYNTHETIC, *options, "--out", str(tmp_path / "r"))
    assert (said.status, said.out, said.err) == (2, "", f"cellview: {words.format(corpus)}\n")
    assert not (tmp_path / "r").exists()


def test_quiet_says_the_result_alone(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    said = here("run", str(corpus), *SYNTHETIC, "--quiet", "--json", "--out", str(tmp_path / "r"))
    assert (said.status, said.err) == (0, "")
    assert len(json.loads(said.out)["theorems"]) == 3


def test_fail_fast_stops_at_the_first_failure_and_the_rest_can_be_run(
    here: Cellview, corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "r"
    said = here("run", str(corpus), *SYNTHETIC, "--fail-fast", "--out", str(out))
    assert (said.status, said.out) == (1, "")
    last = said.err.splitlines()[-1]
    assert last == (
        "Stopped at the first failure: and_swap (wild_type, seed 0) was not solved (budget). "
        f"Continue with: cellview run --resume {out}"
    )
    assert names(out) == ["and_swap"]
    assert RunFolder.read(out).metadata.status == "interrupted"
    assert here("run", "--resume", str(out)).status == 0
    assert names(out) == ["and_swap", "add_zero", "append_commutes"]
    whole = tmp_path / "whole"
    assert here("run", str(corpus), *SYNTHETIC, "--out", str(whole)).status == 0
    assert RunFolder.read(out).metadata.results == RunFolder.read(whole).metadata.results


def test_a_search_that_a_clock_ended_is_marked(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "r"
    said = here("run", str(corpus), *SYNTHETIC, "--time-budget", "1e-9", "--out", str(out))
    assert said.status == 0
    metadata = RunFolder.read(out).metadata
    assert {entry.stop_reason for entry in metadata.results} == {"aborted"}
    assert not metadata.reproducible
    assert metadata.not_reproducible_because[0] == "and_swap (wild_type): its time budget of 1e-09 s was over"
    unhurried = tmp_path / "unhurried"
    assert here("run", str(corpus), *SYNTHETIC, "--time-budget", "1e9", "--out", str(unhurried)).status == 0
    assert RunFolder.read(unhurried).metadata.reproducible


def test_a_start_that_fails_leaves_no_folder(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    """The server is asked after everything else was found in order, and the folder made."""
    frontier = ("--frontier", "redis://127.0.0.1:1/0")
    said = here("run", str(corpus), "--prover", "synthetic", *frontier, "--out", str(tmp_path / "r"))
    assert said.status == 2
    assert "cannot reach a Redis server" in said.err
    assert not (tmp_path / "r").exists()


def test_a_signal_in_the_first_moment_says_how_to_go_on(cellview: Cellview, corpus: Path, tmp_path: Path) -> None:
    options = ("run", corpus.name, "--automation", "none", "--budget", "25")
    process = subprocess.Popen(
        [sys.executable, "-m", "cellview", *options, "--out", "my run"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "my run").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "Interrupted. Continue with: cellview run --resume 'my run'"
    said = cellview("run", "--resume", "my run")
    assert said.status == 0, said.err


def test_an_arm_without_an_effect_and_the_reasons_are_explained(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    arms = ("--interventions", "wild_type,block_nlinarith", "--seeds", "0,1")
    said = here("run", str(corpus), *SYNTHETIC, *arms, "--out", str(tmp_path / "r"))
    words = " ".join(said.out.split())
    assert "theorem arm seed solved" in words
    assert "wild_type: Proved 0 of 4 searches for theorems (0.0 %) and 0 of 2 non-theorems." in words
    assert "block_nlinarith: Proved 0 of 4 searches for theorems (0.0 %)" in words
    assert "This arm held back 0 attempts." in words
    assert "budget: the budget is spent, and there was more to try" in words
