"""Bad input: one clear sentence on standard error, exit status 2, nothing on standard output, no traceback."""

from __future__ import annotations

import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cellview = Callable[..., Any]
DISTRIBUTED = ("--mcts-mode", "distributed", "--mcts-agents", "2", "--mcts-inflight", "2")
BLOCK = ("--mcts-block-fraction", "0.5", "--mcts-block-duration", "3")
DELAY = ("--mcts-delay-prob", "0.5", "--mcts-delay-duration", "3")


def refused(said: Any, *words: str) -> None:
    """Check the form of a refusal, and that its sentence has these words."""
    assert said.status == 2, said
    assert said.out == ""
    lines = said.err.splitlines()
    assert len(lines) == 1, said.err
    assert lines[0].startswith("cellview: ")
    assert lines[0].endswith(".")
    for word in words:
        assert word in lines[0], lines[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mcts-mode", "distributed"), ("--mcts-agents and --mcts-inflight",)),
        (("--mcts-mode", "distributed", "--mcts-agents", "2"), ("--mcts-inflight",)),
        (("--mcts-mode", "both"), ("--mcts-mode", "centralized, distributed")),
        (("--mcts-agents", "2"), ("--mcts-agents", "distributed")),
        (("--mcts-reroute-blocked",), ("--mcts-reroute-blocked", "distributed")),
        (("--budget", "0"), ("--budget",)),
        (("--budget", "ten"), ("--budget", "whole numbers", "ten")),
        (("--seed", "-1"), ("--seed",)),
        (("--jobs", "0"), ("--jobs",)),
        (("--automation", "more"), ("--automation", "none, light, full")),
        (("--interventions", "block"), ("block_<head>",)),
        (("--interventions", "wild_type,wild_type"), ("twice",)),
        (("--interventions", "random_nonpath_control"), ("wild_type",)),
        (("--interventions", "nowhere.toml"), ("nowhere.toml",)),
        (("--mcts-expansion-policy", "some"), ("all-successes, first-success",)),
        ((*DISTRIBUTED, "--mcts-agents", "0"), ("--mcts-agents",)),
        ((*DISTRIBUTED, "--mcts-agents", "1000000"), ("--mcts-agents", "from 1 to 10000", "10 kB")),
        (("--jobs", "100000"), ("--jobs", "from 1 to 256", "150 MB")),
        ((*DISTRIBUTED, "--mcts-inflight", "0"), ("--mcts-inflight",)),
        ((*DISTRIBUTED, "--mcts-commit", "any"), ("ordered, arrival",)),
        ((*DISTRIBUTED, "--mcts-virtual-loss", "-1"), ("--mcts-virtual-loss",)),
        ((*DISTRIBUTED, "--mcts-depth-bias", "nan"), ("--mcts-depth-bias",)),
        ((*DISTRIBUTED, "--mcts-path-bias", "inf"), ("--mcts-path-bias",)),
        ((*DISTRIBUTED, "--mcts-history-cache", "-1"), ("--mcts-history-cache",)),
        ((*DISTRIBUTED, *BLOCK, "--mcts-block-fraction", "1"), ("--mcts-block-fraction",)),
        ((*DISTRIBUTED, *BLOCK, "--mcts-block-duration", "0"), ("--mcts-block-duration",)),
        ((*DISTRIBUTED, *BLOCK, "--mcts-block-seed", "-1"), ("--mcts-block-seed",)),
        ((*DISTRIBUTED, *BLOCK, "--mcts-block-immovable-fraction", "2"), ("--mcts-block-immovable-fraction",)),
        ((*DISTRIBUTED, *BLOCK, "--mcts-unfreeze-after", "0"), ("--mcts-unfreeze-after",)),
        ((*DISTRIBUTED, *BLOCK, "--mcts-unfreeze-prob", "0"), ("--mcts-unfreeze-prob",)),
        ((*DISTRIBUTED, *DELAY, "--mcts-delay-prob", "1"), ("--mcts-delay-prob",)),
        ((*DISTRIBUTED, *DELAY, "--mcts-delay-duration", "0"), ("--mcts-delay-duration",)),
        ((*DISTRIBUTED, *DELAY, "--mcts-delay-seed", "-1"), ("--mcts-delay-seed",)),
        ((*DISTRIBUTED, "--mcts-reroute-blocked", "--mcts-reroute-max", "0"), ("--mcts-reroute-max",)),
        ((*DISTRIBUTED, "--mcts-unfreeze-after", "3"), ("--mcts-unfreeze-after", "--mcts-block-fraction")),
        (("--nonsense",), ("--nonsense",)),
    ],
    ids=lambda value: " ".join(value)[-60:],
)
def test_options(here: Cellview, corpus: Path, options: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused(here("run", str(corpus), *options), *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("holds no theorem",)),
        ("[[theorem]]\nid = 'a'\n", ("statement",)),
        ("not toml", ("not valid TOML",)),
        ("[[theorem]]\nid='a'\nstatement=': True'\ntags=[]\nprovable=true\n" * 2, ("theorems 1 and 2", "'a'")),
        ("[[theorem]]\nid='a'\nstatement=': True'\ntags=[]\nprovable=true\nauthor='me'\n", ("author",)),
        ("[[theorem]]\nid='a/b'\nstatement=': True'\ntags=[]\nprovable=true\n", ("a/b",)),
    ],
    ids=["empty", "no statement", "not TOML", "duplicate id", "unknown field", "id that is no name"],
)
def test_corpora(here: Cellview, tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    refused(here("run", str(path)), *words)


def test_no_corpus(here: Cellview, tmp_path: Path) -> None:
    refused(here("run"), "There is no corpus to run")
    refused(here("run", "--seed", "3"), "There is no corpus to run")
    refused(here("run", str(tmp_path / "nowhere.toml")), "nowhere.toml", "No such file")
    refused(here("run", str(tmp_path)), "directory")


def test_configuration_files(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    refused(here("run", str(corpus), "--config", str(config)), "c.toml cannot be read")
    config.write_text("[run]\nmcts_agents = 3\n")
    refused(here("run", str(corpus), "--config", str(config)), "unknown key 'mcts_agents'", "nearest is 'mcts-agents'")
    config.write_text("[rum]\nseed = 3\n")
    refused(here("run", str(corpus), "--config", str(config)), "unknown table [rum]", "nearest is 'run'")
    config.write_text("seed = 3\n")
    refused(here("run", str(corpus), "--config", str(config)), "unknown key 'seed' outside any table", "[run]")
    config.write_text("[run]\nseed = 'one'\n")
    refused(
        here("run", str(corpus), "--config", str(config)),
        "c.toml: seed: must be a whole number of at least 0, not 'one'",
    )


def test_the_environment(here: Cellview, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLVIEW_RUN_SEED", "one")
    refused(here("run", str(corpus)), "CELLVIEW_RUN_SEED: must be a whole number of at least 0, not 'one'")
    monkeypatch.delenv("CELLVIEW_RUN_SEED")
    monkeypatch.setenv("CELLVIEW_RUN_SEDE", "1")
    refused(here("run", str(corpus)), "CELLVIEW_RUN_SEDE is unknown", "nearest is 'CELLVIEW_RUN_SEED'")
    assert here("run", "--help").status == 0, "help is help, whatever stands in the environment"


def test_a_folder_that_exists(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    refused(here("run", str(corpus), "--out", str(tmp_path / "taken")), "taken exists already")


def test_a_place_where_nothing_can_be_written(here: Cellview, corpus: Path) -> None:
    refused(here("run", str(corpus), "--out", "/proc/cellview/run"), "/proc/cellview/run", "Cannot make the folder")


def test_a_lean_that_is_missing_or_another(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    refused(here("run", str(corpus), "--lean", str(tmp_path / "lean")), str(tmp_path / "lean"))
    refused(here("prove", "theorem t : True", "--lean", str(tmp_path / "lean")), str(tmp_path / "lean"))
    old = tmp_path / "lean"
    old.write_text("#!/bin/sh\necho 'Lean (version 3.51.1, commit cce7990ea86a, Release)'\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    refused(here("prove", "theorem t : True", "--lean", str(old)), "3.51.1")
    old.write_text("#!/bin/sh\necho 'something else'\n")
    refused(here("prove", "theorem t : True", "--lean", str(old)), str(old))
    refused(here("prove", "theorem t : True", "--project", str(tmp_path / "nowhere")), "nowhere")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("theorem t (p : Prop : p", ("bracket", "is not closed")),
        ("theorem t (p : Prop) : p ∧", ("does not accept the statement",)),
        ("theorem t : NoSuchThing 3", ("NoSuchThing",)),
        ("theorem t : 3", ("does not accept the statement",)),
        ("theorem t", ("There is no theorem in the statement",)),
        ("nowhere.lean", ("nowhere.lean cannot be read",)),
        ("theorem t : True\ntheorem u : True", ("There are 2 theorems",)),
    ],
)
def test_statements(here: Cellview, statement: str, words: tuple[str, ...]) -> None:
    refused(here("prove", statement), *words)


def test_a_bad_statement_in_a_corpus_is_named_at_the_end(cellview: Cellview, corpus: Path) -> None:
    text = (
        corpus.read_text(encoding="utf-8")
        .replace("n + 0 = n", "n + = n")
        .replace("(xs ys : List Nat) : xs ++ ys = ys ++ xs", ": Nope")
    )
    corpus.write_text(text, encoding="utf-8")
    said = cellview("run", "small.toml", "--budget", "5", "--out", "r")
    assert said.status == 2
    assert "Traceback" not in said.err
    assert said.err.splitlines()[-1].startswith("cellview: small.toml: Lean does not accept the statement of add_zero")
    assert "and 1 more" in said.err
    assert "and_swap" in said.out, "what could be run was run"


def test_a_full_disk(tmp_path: Path, corpus: Path) -> None:
    """A file-size limit stands in for a full disk: the write fails in the middle of a run."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    arguments = ["run", "small.toml", "--trace-mcts", "--out", "r", "--automation", "none"]
    done = subprocess.run(
        [sys.executable, "-m", "cellview", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
        timeout=200,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Cannot write" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_standard_output_that_cannot_be_written(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cellview", "doctor", "--json"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "cellview: Standard output cannot be used: No space left on device.\n"


def test_traces(here: Cellview, tmp_path: Path) -> None:
    refused(here("trace", "check", str(tmp_path / "no.jsonl")), "no.jsonl cannot be read")
    refused(here("trace", "summary", str(tmp_path)), "holds no trace")
    refused(here("trace", "diff", str(tmp_path), str(tmp_path)), "is a folder")
    other = tmp_path / "other.txt"
    other.write_text("one\n")
    refused(here("trace", "digest", str(other)), "other.txt is no trace: its first line is no record")
    refused(here("trace", "diff", str(other), str(other)), "other.txt is no trace")
    damaged = tmp_path / "a_mcts_trace.jsonl"
    damaged.write_text("{}\n")
    refused(here("trace", "summary", str(damaged)), "a_mcts_trace.jsonl, line 1")


def test_resuming_what_cannot_be(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    refused(here("run", "--resume", str(tmp_path)), "is not the folder of a run")
    refused(here("run", str(corpus), "--resume", str(tmp_path)), "leave out a corpus")
    refused(here("run", "--resume", str(tmp_path), "--seed", "3", "--budget", "4"), "leave out --budget, --seed")
    out = str(tmp_path / "r")
    arrival = ("--mcts-commit", "arrival", "--budget", "1", "--out", out)
    assert here("run", str(corpus), *DISTRIBUTED, *arrival).status == 0
    refused(here("run", "--resume", out), "cannot be resumed", "arrival")


def test_a_run_whose_corpus_was_changed_is_not_resumed(here: Cellview, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "r"
    assert here("run", str(corpus), "--budget", "1", "--out", str(out)).status == 0
    with (out / "corpus.toml").open("a") as file:
        file.write("# a remark\n")
    refused(here("run", "--resume", str(out)), "is not the corpus that this run was started with")


def test_lean_check_of_no_file(here: Cellview, tmp_path: Path) -> None:
    refused(here("lean", "check", str(tmp_path / "no.lean")), "no.lean cannot be read")


def test_unknown_commands(here: Cellview) -> None:
    refused(here("prov"), "No such command 'prov'")
    refused(here("trace", "chek", "x"), "No such command 'chek'")
