"""The commands as a user runs them, on the embedded Lean."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.trace import RunFolder, check_trace

Cellview = Callable[..., Any]
DISTRIBUTED = ("--mcts-mode", "distributed", "--mcts-agents", "4", "--mcts-inflight", "4")
THEOREM = "theorem t (p q : Prop) : p ∧ q → q ∧ p"


def test_prove_prints_a_proof_that_lean_accepts(here: Cellview, tmp_path: Path) -> None:
    said = here("prove", THEOREM)
    assert said.status == 0
    assert said.err == ""
    assert said.out.startswith(f"{THEOREM} := by\n")
    file = tmp_path / "proof.lean"
    file.write_text(said.out)
    assert here("lean", "check", str(file)).status == 0


def test_prove_from_a_file_and_from_standard_input(cellview: Cellview, tmp_path: Path) -> None:
    (tmp_path / "a.lean").write_text(f"-- to be shown\n{THEOREM} := by\n  sorry\n")
    from_file = cellview("prove", "a.lean")
    from_input = cellview("prove", "-", input=THEOREM)
    assert from_file.out == from_input.out != ""
    assert "sorry" not in from_file.out


def test_prove_says_when_the_name_is_taken(here: Cellview) -> None:
    said = here("prove", "theorem And.intro (p : Prop) : p → p")
    assert said.status == 0
    assert said.out.startswith("theorem proved (p : Prop) : p → p := by\n")
    assert said.err.startswith("The proof below bears another name, since Lean does not take it as And.intro: ")
    assert "already been declared" in said.err
    assert said.err.count("\n") == 1


def test_prove_without_a_proof(here: Cellview) -> None:
    said = here("prove", "theorem t (xs ys : List Nat) : xs ++ ys = ys ++ xs", "--budget", "3")
    assert said.status == 1
    assert said.out == ""
    assert said.err == (
        "No proof found in 3 iterations: the budget is spent, and there was more to try; a larger --budget goes on "
        "searching.\n"
    )


def test_prove_says_why_a_proof_was_refused(here: Cellview) -> None:
    """The type is there only as an axiom of the prelude, so Lean proves this, and it is no proof."""
    theorem = "(n : Lean.Name) : n = n"
    said = here("prove", theorem)
    assert (said.status, said.out) == (1, "")
    first, second = said.err.splitlines()
    assert re.match(r"No proof found in \d+ iterations?: nothing is left to try: every tactic", first)
    assert re.fullmatch(
        r"A proof was found, but the check of the whole proof refused it: the proof uses Lean\.Name, which is not "
        r"accepted\.",
        second,
    )
    answer = json.loads(here("prove", theorem, "--json").out)
    assert answer["stop_reason"] == "exhausted"
    assert answer["refused"] == "the proof uses Lean.Name, which is not accepted"
    assert json.loads(here("prove", THEOREM, "--json").out)["refused"] is None


def test_a_tactic_gets_no_more_heartbeats_than_it_was_given(here: Cellview) -> None:
    theorem = "theorem t (p q r : Prop) : (p → q) → (q → r) → p → r"
    few = here("prove", theorem, "--heartbeats", "6", "--budget", "2")
    assert (few.status, few.out) == (1, "")
    assert here("prove", theorem, "--budget", "2").status == 0


def test_both_ways_to_speak_to_lean_find_the_same_proof(here: Cellview) -> None:
    said = [here("prove", THEOREM, "--lean-transport", transport) for transport in ("server", "lsp")]
    assert said[0].status == 0
    assert said[0].out == said[1].out


def test_too_few_heartbeats_are_no_refusal_of_the_statement(here: Cellview) -> None:
    said = here("prove", "theorem t (p q : Prop) : p ∧ q → q ∧ p", "--heartbeats", "1")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "cellview: 1 thousand heartbeats are too few for Lean to read the statement '(p q : Prop) : p ∧ q → q ∧ p': "
        "allow more (--heartbeats).\n"
    )


def test_prove_json(here: Cellview) -> None:
    said = here("prove", THEOREM, "--json", *DISTRIBUTED)
    answer = json.loads(said.out)
    assert answer["solved"] is True
    assert answer["name"] == "t"
    assert answer["proof"].startswith(THEOREM)


def test_run_json_is_one_object_and_nothing_else(cellview: Cellview, corpus: Path, tmp_path: Path) -> None:
    said = cellview("run", corpus.name, *DISTRIBUTED, "--budget", "2,3", "--json", "--trace-mcts", "--out", "r")
    assert said.status == 0, said.err
    report = json.loads(said.out)
    assert list(report) == ["run", "theorems", "totals"]
    assert report["run"] == "r"
    keys = ["id", "solved", "provable", "iterations", "attempts", "tried", "held_back"]
    keys += ["seconds", "proof", "digest", "stop_reason", "message"]
    assert [list(row) for row in report["theorems"]] == [keys] * 3
    assert [(row["id"], row["solved"]) for row in report["theorems"]] == [
        ("and_swap", True),
        ("add_zero", True),
        ("append_commutes", False),
    ]
    assert report["totals"]["unprovable_solved"] == 0
    assert report["totals"]["iterations"] == sum(row["iterations"] for row in report["theorems"])
    # Progress went to standard error, one plain line for each search.
    assert len(re.findall(r"^\[\d/3\] ", said.err, flags=re.MULTILINE)) == 3
    assert "\x1b" not in said.err
    for row in report["theorems"]:
        assert check_trace(tmp_path / "r" / row["id"] / "wild_type_mcts_trace.jsonl") == []


def test_run_from_a_file_is_the_same_run(cellview: Cellview, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "conf.toml").write_text(
        f"[run]\ncorpus = '{corpus.name}'\nmcts-mode = 'distributed'\nmcts-agents = 4\nmcts-inflight = 4\n"
        "budget = [2, 3]\njson = true\nout = 'a'\n"
    )
    from_file = cellview("run", "--config", "conf.toml")
    typed = cellview("run", corpus.name, *DISTRIBUTED, "--budget", "2,3", "--json", "--out", "b", "--jobs", "1")
    one, other = json.loads(from_file.out), json.loads(typed.out)
    assert [row["digest"] for row in one["theorems"]] == [row["digest"] for row in other["theorems"]]
    metadata = [RunFolder.read(tmp_path / name).metadata for name in "ab"]
    assert metadata[0].repeatable() == metadata[1].repeatable()
    assert metadata[0].versions.lean is not None and "4.35.0" in metadata[0].versions.lean
    assert [data.status for data in metadata] == ["finished", "finished"]
    assert (tmp_path / "a" / "corpus.toml").read_bytes() == corpus.read_bytes()


def test_the_table_is_plain_off_a_terminal(cellview: Cellview, corpus: Path) -> None:
    said = cellview("run", corpus.name, "--budget", "3", "--interventions", "wild_type,control_null", "--out", "r")
    assert said.status == 0, said.err
    assert "\x1b" not in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert re.search(r"^theorem +arm +solved +iterations +tactics +lines +seconds", said.out)
    assert re.search(r"^and_swap +control_null +yes", said.out, flags=re.MULTILINE)
    assert "wild_type: Proved 2 of 2 theorems (100.0 %) and 0 of 1 non-theorems." in said.out
    assert "control_null: Proved 2 of 2 theorems (100.0 %) and 0 of 1 non-theorems." in said.out
    assert said.out.endswith("Run folder: r\n")


def descendants(parent: int) -> set[int]:
    """Return the numbers of all processes below `parent`, now."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    found, grown = {parent}, True
    while grown:
        more = {pid for pid, above in pairs if above in found} - found
        found |= more
        grown = bool(more)
    return found - {parent}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_runs_are_whole(corpus: Path, tmp_path: Path, number: signal.Signals) -> None:
    arguments = ["run", corpus.name, *DISTRIBUTED, "--budget", "100000", "--trace-mcts", "--out", "r"]
    # The non-theorem keeps the search busy; nothing below asserts how long anything takes.
    process = subprocess.Popen(
        [sys.executable, "-m", "cellview", *arguments, "--automation", "none"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    trace = tmp_path / "r" / "append_commutes" / "wild_type_mcts_trace.jsonl"
    deadline = time.monotonic() + 100
    while not (trace.exists() and trace.read_bytes().count(b"\n") > 3):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the run did not get under way"
        time.sleep(0.05)
    children = descendants(process.pid)
    assert children, "there is a Lean to be ended"
    process.send_signal(number)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 128 + number
    assert out == ""
    assert err.splitlines()[-1] == "Interrupted. Continue with: cellview run --resume r"
    assert "Traceback" not in err
    assert RunFolder.read(tmp_path / "r").metadata.status == "interrupted"
    for path in (tmp_path / "r").rglob("*.jsonl"):
        assert check_trace(path) == [], path
    assert not [pid for pid in children if alive(pid)]


def test_a_killed_run_is_resumed(cellview: Cellview, corpus: Path, tmp_path: Path) -> None:
    options = (corpus.name, *DISTRIBUTED, "--budget", "25", "--trace-mcts", "--automation", "none")
    whole = json.loads(cellview("run", *options, "--json", "--out", "whole").out)
    process = subprocess.Popen(
        [sys.executable, "-m", "cellview", "run", *options, "--out", "killed"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    trace = tmp_path / "killed" / "append_commutes" / "wild_type_mcts_trace.jsonl"
    deadline = time.monotonic() + 100
    while not (trace.exists() and trace.read_bytes().count(b"\n") > 3):
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "the run did not get under way"
        time.sleep(0.01)
    process.kill()
    process.wait()
    with trace.open("ab") as file:
        file.write(b'{"event":"iter')  # a torn last line, as a crash in the middle of a write leaves
    said = cellview("run", "--resume", "killed", "--json")
    assert said.status == 0, said.err
    assert "is torn: 14 bytes" in said.err
    resumed = json.loads(said.out)
    figures = ("id", "solved", "iterations", "attempts", "proof", "digest", "stop_reason")
    assert [[row[name] for name in figures] for row in resumed["theorems"]] == [
        [row[name] for name in figures] for row in whole["theorems"]
    ]
    metadata = RunFolder.read(tmp_path / "killed").metadata
    assert (metadata.status, metadata.resumed) == ("finished", 1)
    replayed = cellview("trace", "replay", "killed")
    assert replayed.status == 0
    done = f"{whole['theorems'][2]['iterations']} iterations replayed, every snapshot rebuilt"
    assert f"{trace.relative_to(tmp_path)}: {done}" in replayed.out
    trace.write_bytes(trace.read_bytes().replace(b'"depth":1', b'"depth":2', 1))
    edited = cellview("trace", "replay", str(trace))
    assert edited.status == 1
    assert "replays as" in edited.out


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that has ended and was not waited for is no process any more.
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_trace_commands(cellview: Cellview, corpus: Path) -> None:
    for name in "ab":
        ran = cellview("run", corpus.name, *DISTRIBUTED, "--budget", "4", "--trace-mcts", "--out", name)
        assert ran.status == 0, ran.err
    trace = "append_commutes/wild_type_mcts_trace.jsonl"
    checked = cellview("trace", "check", "a", f"b/{trace}")
    assert checked.status == 0
    assert len(checked.out.splitlines()) == 4
    assert "keeps the contract" in checked.out
    digests = cellview("trace", "digest", f"a/{trace}", f"b/{trace}").out.splitlines()
    assert len({line.split()[0] for line in digests}) == 1
    assert cellview("trace", "diff", f"a/{trace}", f"b/{trace}").status == 0
    differs = cellview("trace", "diff", f"a/{trace}", "a/add_zero/wild_type_mcts_trace.jsonl")
    assert differs.status == 1
    summary = json.loads(cellview("trace", "summary", f"a/{trace}", "--json").out)
    assert summary["traces"][0]["summary"]["iterations"] == 4
    assert "4 iterations (0 to 3)" in cellview("trace", "summary", f"a/{trace}").out


def test_lean_check(here: Cellview, tmp_path: Path) -> None:
    file = tmp_path / "a.lean"
    file.write_text("theorem t : 1 = 1 := rfl\nexample : 1 = 2 := rfl\n")
    said = here("lean", "check", str(file))
    assert said.status == 1
    assert said.out.startswith(f"{file}:2:")
    assert "error: " in said.out
    answer = json.loads(here("lean", "check", str(file), "--json").out)
    assert answer["exit_status"] == 1
    assert [message["line"] for message in answer["messages"] if message["severity"] == "error"] == [2]


def test_doctor(here: Cellview) -> None:
    answer = json.loads(here("doctor", "--json").out)
    assert answer["ready"] is True
    assert {"redis (Python)", "redis-server", "ray (Python)", "duckdb (Python)"} <= {
        finding["name"] for finding in answer["findings"]
    }
    assert all(finding["found"] or finding["remedy"] for finding in answer["findings"])
    said = here("doctor")
    assert said.status == 0
    assert "Lean (embedded)" in said.out
    assert "4.35.0" in said.out


def test_doctor_without_a_lean(here: Cellview, tmp_path: Path) -> None:
    said = here("doctor", "--lean", str(tmp_path / "lean"))
    assert said.status == 1
    assert "Not ready" in said.out
    assert str(tmp_path / "lean") in said.out.replace("\n", "")


@pytest.mark.parametrize("command", [(), ("prove",), ("trace",)])
def test_a_command_without_arguments_shows_its_help(here: Cellview, command: tuple[str, ...]) -> None:
    said = here(*command)
    assert said.status == 2
    assert said.out == ""
    assert said.err.startswith(f"Usage: {' '.join(('cellview', *command))} ")
    assert max(map(len, said.err.splitlines())) <= 80


def test_version(here: Cellview) -> None:
    assert re.fullmatch(r"cellview \d+\.\d+\.\d+\n", here("--version").out)


def test_a_closed_pipe_is_no_error(corpus: Path) -> None:
    command = f"'{sys.executable}' -m cellview run --help | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""
