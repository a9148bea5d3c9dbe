"""A real run on the embedded Lean, killed at twenty random moments, ends with the digests of one never killed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cellview.trace import TraceReader

KILLS = 20
CORPUS = """\
[[theorem]]
id = "distribute"
statement = "(p q r : Prop) : p ∧ (q ∨ r) → (p ∧ q) ∨ (p ∧ r)"
tags = ["propositional"]
provable = true

[[theorem]]
id = "not_a_theorem"
statement = "(p q r : Prop) : (p → q ∨ r) → (q → p) → (p → q)"
tags = ["propositional"]
provable = false

[[theorem]]
id = "exchange"
statement = "(α : Type) (p q : α → Prop) : (∃ x, p x ∨ q x) → (∃ x, p x) ∨ (∃ x, q x)"
tags = ["predicate"]
provable = true
"""
OPTIONS = (
    "corpus.toml",
    *("--mcts-mode", "distributed", "--mcts-agents", "3", "--mcts-inflight", "5", "--budget", "30", "--jobs", "1"),
    *("--automation", "none", "--mcts-expansion-policy", "first-success", "--trace-mcts", "--json"),
    *("--mcts-delay-prob", "0.2", "--mcts-delay-duration", "2", "--mcts-delay-seed", "1", "--mcts-reroute-blocked"),
)


def command(*argv: str) -> list[str]:
    return [sys.executable, "-m", "cellview", *argv]


def outcome(said: str) -> list[dict[str, Any]]:
    names = ("id", "solved", "iterations", "attempts", "proof", "digest", "stop_reason")
    return [{name: row[name] for name in names} for row in json.loads(said)["theorems"]]


@pytest.fixture
def whole(tmp_path: Path) -> list[dict[str, Any]]:
    """The outcome of a run that nobody disturbed."""
    (tmp_path / "corpus.toml").write_text(CORPUS)
    done = subprocess.run(command("run", *OPTIONS, "--out", "whole"), cwd=tmp_path, capture_output=True, check=True)
    return outcome(done.stdout.decode())


def lean_children(pid: int) -> list[int]:
    """Processes that a process has started and not yet waited for."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@pytest.mark.timeout(600)
def test_twenty_kills_change_nothing(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    moments = random.Random(20)
    kills = lean_kills = runs = 0
    while kills < KILLS or runs == 0:
        runs += 1
        folder = tmp_path / f"killed{runs}"
        argv = command("run", *OPTIONS, "--out", folder.name)
        while True:
            process = subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                out, err = process.communicate(timeout=moments.uniform(0.2, 2.5))
            except subprocess.TimeoutExpired:
                victim = process.pid
                children = lean_children(process.pid) if any(folder.glob("*/*.jsonl")) else []
                if children and moments.random() < 0.3:
                    victim = children[0]  # the run itself goes on with a new Lean
                    lean_kills += 1
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                kills += 1
                if victim == process.pid:
                    process.communicate()
                    if (folder / "run.json").exists():
                        argv = command("run", "--resume", folder.name, "--json")
                    continue
                out, err = process.communicate()
            assert process.returncode == 0, err.decode()
            break
        assert outcome(out.decode()) == whole, f"run {runs}, after {kills} kills"
    assert lean_kills > 0


def limit_file_size() -> None:
    """Make every write beyond so many bytes of a file fail, as a full disk does."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))


def test_a_full_disk_stops_the_run_with_a_sentence_and_resume_goes_on(
    whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    full = subprocess.run(
        command("run", *OPTIONS, "--out", "full"),
        cwd=tmp_path,
        capture_output=True,
        preexec_fn=limit_file_size,
        check=False,
    )
    said = full.stderr.decode()
    assert full.returncode not in (0, None) and "Traceback" not in said
    assert "File too large" in said, said
    for trace in (tmp_path / "full").glob("*/*_mcts_trace.jsonl"):
        iterations = [record.iteration for record in TraceReader(trace)]  # it may end in a torn line
        assert iterations == list(range(len(iterations)))
    resumed = subprocess.run(
        command("run", "--resume", "full", "--json"), cwd=tmp_path, capture_output=True, check=False
    )
    assert resumed.returncode == 0, resumed.stderr.decode()
    assert outcome(resumed.stdout.decode()) == whole


def test_killing_lean_alone_costs_nothing(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("run", *OPTIONS, "--out", "leanless"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    killed = 0
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        trace = tmp_path / "leanless" / "not_a_theorem" / "wild_type_mcts_trace.jsonl"
        if killed < 3 and trace.exists() and trace.read_bytes().count(b"\n") > 5 * killed:
            for child in lean_children(process.pid)[:1]:
                os.kill(child, signal.SIGKILL)
                killed += 1
        time.sleep(0.02)
    out, _ = process.communicate(timeout=120)
    assert killed > 0
    assert outcome(out.decode()) == whole
