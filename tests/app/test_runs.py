"""``runs``, ``results``, ``note`` and ``tag``: what a folder of runs says of itself, and what people write on it."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.trace import RunFolder

Cellview = Callable[..., Any]


@pytest.fixture
def runs(here: Cellview, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make two runs of the synthetic prover in a folder, one of them with two arms; and work there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name, options in (("one", ()), ("two", ("--interventions", "wild_type,block_t1", "--seeds", "0-1"))):
        out = ("--prover", "synthetic", "--budget", "9", "--quiet", "--out", f"runs/{name}")
        assert here("run", str(corpus), *options, *out).status == 0
    return tmp_path / "runs"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_runs_are_listed_with_their_arms(here: Cellview, runs: Path) -> None:
    said = here("runs")
    assert (said.status, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    words = [line.split() for line in said.out.splitlines()]
    assert words[0] == ["run", "state", "date", "arm", "solved"]
    assert [line[0] for line in words[1:]] == ["runs/one", "runs/two", "block_t1"]
    assert here("runs", "runs/one", "runs", "runs/one/").out == said.out, "each run once, wherever it was found"
    assert "arm" not in here("runs", "runs/one").out, "the wild type alone needs no column"


def test_what_is_listed_agrees_with_the_runs_themselves(here: Cellview, runs: Path) -> None:
    listed = json.loads(here("runs", "--json").out)["runs"]
    for line in listed:
        metadata = RunFolder.read(line["run"]).metadata
        assert line["searches"] == line["done"] == len(metadata.results)
        assert line["seeds"] == list(metadata.seeds)
        assert line["digest"] == metadata.experiment.digest
        for arm in line["arms"]:
            # append_commutes is no theorem: it is in neither number
            found = [e for e in metadata.results if e.arm == arm["arm"] and e.theorem != "append_commutes"]
            assert (arm["searches"], arm["solved"]) == (len(found), sum(entry.solved for entry in found))
    assert [(row["run"], row["arm"]) for row in rows_of(here("runs", "--format", "csv").out)] == [
        ("runs/one", "wild_type"), ("runs/two", "wild_type"), ("runs/two", "block_t1"),
    ]  # fmt: skip
    assert "runs/two & small" in here("runs", "--format", "latex").out


def test_a_run_whose_process_is_gone_is_cut_short(here: Cellview, runs: Path) -> None:
    folder = RunFolder.resume(runs / "one")
    folder.update(status="running", results=folder.metadata.results[:1])
    assert "running 1/3" in here("runs", "runs/one").out
    folder.close()
    assert "cut short 1/3" in here("runs", "runs/one").out
    run = runs / "one" / "run.json"
    elsewhere = json.loads(run.read_text()) | {"host": {"name": "other", "system": "", "machine": "", "cpus": 1}}
    run.write_text(json.dumps(elsewhere))
    assert "running 1/3" in here("runs", "runs/one").out, "of another machine's processes nothing is known"


def test_a_damaged_run_says_so_and_hides_no_other(here: Cellview, runs: Path) -> None:
    (runs / "one" / "run.json").write_text("{")
    (runs / "two" / "notes.json").write_text("[]")
    said = here("runs")
    assert said.status == 0
    assert said.out.count("damaged") == 2
    assert "runs/one: runs/one/run.json does not describe a run" in said.out
    assert "notes.json does not hold the notes of a run" in said.out


def test_where_there_is_no_run(here: Cellview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert here("runs").err == "cellview: There is no folder runs here: name the folders that hold your runs.\n"
    assert here("runs", "nowhere").err.startswith("cellview: nowhere does not exist:")
    (tmp_path / "file").touch()
    assert here("runs", "file").err.startswith("cellview: file is no folder:")
    assert here("runs", ".").out == "No run.\n"


def test_tags_and_notes(here: Cellview, runs: Path) -> None:
    before = (runs / "one" / "run.json").read_bytes()
    assert here("tag", "runs/one", "pilot", "b,[red]a").out == "runs/one: [red]a, b, pilot\n"
    assert here("tag", "runs/one", "--remove", "b").out == "runs/one: [red]a, pilot\n"
    assert here("note", "runs/one", "Budget [bold]too small[/bold].").status == 0
    assert here("note", "runs/one", "Second.").out.splitlines()[2].endswith("Z  Second.")
    assert "[red]a pilot" in here("runs").out
    listed = here("runs", "--tag", "pilot,unknown", "--notes").out
    assert "runs/one" in listed and "runs/two" not in listed
    assert ": Budget [bold]too small[/bold]." in listed
    assert len(here("note", "runs/one", "--remove", "1").out.splitlines()) == 2
    assert [n["text"] for n in json.loads(here("note", "runs/one", "--json").out)["notes"]] == ["Second."]
    assert (runs / "one" / "run.json").read_bytes() == before
    assert here("verify", "runs/one").status == 0, "what people write on a run is none of its claims"


def test_a_run_under_way_can_be_tagged(here: Cellview, runs: Path) -> None:
    with RunFolder.resume(runs / "one"):
        assert here("tag", "runs/one", "watch").status == 0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("note", "nowhere", "x"), "nowhere is not the folder of a run"),
        (("note", "runs", "x"), "runs is not the folder of a run"),
        (("note", "runs/one", " "), "The note is empty"),
        (("note", "runs/one", "\x1b[31mred"), "control characters"),
        (("note", "runs/one", "\udcff"), "not UTF-8"),
        (("note", "runs/one", "x", "--remove", "1"), "leave the text out"),
        (("note", "runs/one", "--remove", "1"), "runs/one has no note 1, but no notes"),
        (("tag", "runs/one", "two words"), "'two words' is no tag"),
        (("tag", "runs/one", "a,,b"), "'' is no tag"),
        (("tag", "runs/one", "--remove", "a"), "runs/one has no tag a, but none"),
        (("tag", "runs/one", "a", "--remove", "a"), "a is to be given and to be taken away"),
        (("results", "runs"), "runs is not the folder of a run"),
        (("results", "runs/one", "--format", "xml"), "--format: must be one of text, csv, latex, json"),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_refusals(here: Cellview, runs: Path, argv: tuple[str, ...], words: str) -> None:
    said = here(*argv)
    assert (said.status, said.out) == (2, "")
    assert words in said.err and len(said.err.splitlines()) == 1
    assert not (runs / "one" / "notes.json").exists()


def test_notes_where_nothing_can_be_written(here: Cellview, runs: Path, tmp_path: Path) -> None:
    (runs / "one" / "notes.json").mkdir()
    said = here("tag", "runs/one", "x")
    assert said.status == 2 and "notes.json" in said.err and len(said.err.splitlines()) == 1


def test_results_are_the_run_s_own(here: Cellview, runs: Path, corpus: Path) -> None:
    done = here("run", str(corpus), "--prover", "synthetic", "--budget", "9", "--quiet", "--json", "--out", "runs/x")
    told = json.loads(done.out)
    (again,) = json.loads(here("results", "runs/x", "--json").out)["runs"]
    for report in (told, again):
        del report["totals"]["seconds"]
    assert again == told
    rows = rows_of(here("results", "runs/x", "runs/two", "--format", "csv").out)
    assert len(rows) == 3 + 12
    entries = [entry for name in ("x", "two") for entry in RunFolder.read(runs / name).metadata.results]
    for row, entry in zip(rows, entries, strict=True):
        known = msgspec.to_builtins(entry)
        for name in ("theorem", "arm", "stop_reason", "digest"):
            assert row[name] == known[name]
        for name in ("seed", "iterations", "visits", "given_up", "tried", "held_back", "nodes", "discarded"):
            assert int(row[name]) == known[name]
        assert row["solved"] == str(known["solved"]).lower()
        assert row["provable"] == {True: "true", False: "false", None: ""}[known["provable"]]
    arms = rows_of(here("results", "runs/two", "--format", "csv", "--table", "arms").out)
    assert [row["arm"] for row in arms] == ["wild_type", "block_t1"]
    for row in arms:
        assert float(row["rate"]) == pytest.approx(int(row["solved"]) / int(row["provable"]))


def test_results_without_a_proof_s_file(here: Cellview, runs: Path) -> None:
    solved = next(entry for entry in RunFolder.read(runs / "two").metadata.results if entry.solved)
    shutil.rmtree(runs / "two" / solved.theorem)
    said = here("results", "runs/two")
    assert (said.status, said.out) == (2, "")
    assert "_proof.lean cannot be read" in said.err


def test_latex_compiles_in_the_mind(here: Cellview, runs: Path) -> None:
    """Every special character is escaped, and every row has as many cells as there are columns."""
    here("tag", "runs/two", "50%_&#$~^\\{}")
    text = here("runs", "--format", "latex").out
    head = text.splitlines()[1]
    columns = head.removeprefix("\\begin{tabular}{").removesuffix("}")
    rows = [line for line in text.splitlines() if line.endswith("\\\\")]
    assert len(rows) == 4
    for row in rows:
        assert len(row.replace("\\&", "").split(" & ")) == len(columns)
    assert "50\\%\\_\\&\\#\\$\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\{\\}" in text


def test_colours_only_on_a_terminal(runs: Path) -> None:
    argv = [sys.executable, "-m", "cellview", "runs"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    piped = subprocess.run(argv, cwd=runs.parent, env=environment, capture_output=True, check=True)
    assert b"\x1b" not in piped.stdout


def test_what_agents_did_beside_each_other(here: Cellview, corpus: Path, runs: Path) -> None:
    several = ("--mcts-mode", "distributed", "--mcts-agents", "3", "--mcts-inflight", "3", "--seeds", "0-1")
    fixed = ("--prover", "synthetic", "--budget", "30", "--quiet", "--json")
    said = here("run", str(corpus), *fixed, *several, "--trace-mcts", "--out", "runs/many")
    (arm,) = json.loads(said.out)["totals"]["arms"]
    traces = json.loads(here("trace", "summary", "runs/many", "--json").out)["traces"]
    theorems = [trace["collective"] for trace in traces if "append_commutes" not in trace["file"]]
    assert arm["collective"]["searches"] == len(theorems) == 4
    for name in ("nodes", "shared_nodes", "tried", "concurrent", "repeat", "cross_agent"):
        assert arm["collective"][name] == sum(search[name] for search in theorems)
    solved = [search["credit"] for search in theorems if search["credit"]]
    assert solved, "a proof's credit is among what is shown"
    for agent, edges in arm["collective"]["credit"].items():
        assert edges == sum(credit[agent] for credit in solved)
    text = here("trace", "summary", "runs/many").out
    assert max(len(line) for line in text.splitlines() if line.startswith("  ")) <= 80
    for word in ("again", "overlap", "labour", "proof"):
        assert f"\n  {word} " in text
    again = json.loads(here("results", "runs/many", "--json").out)["runs"][0]["totals"]["arms"]
    assert again == [arm]
    alone = json.loads(here("run", str(corpus), *fixed, "--out", "runs/alone").out)["totals"]["arms"][0]
    assert alone["collective"] is None, "there is no trace to see it in"


def test_a_trace_by_itself_still_has_a_summary(here: Cellview, corpus: Path, runs: Path, tmp_path: Path) -> None:
    fixed = ("--prover", "synthetic", "--budget", "9", "--quiet", "--trace-mcts")
    here("run", str(corpus), *fixed, "--out", "runs/t")
    trace = next((runs / "t").glob("*/*_mcts_trace.jsonl"))
    shutil.copy(trace, tmp_path / "a_mcts_trace.jsonl")
    (found,) = json.loads(here("trace", "summary", str(tmp_path / "a_mcts_trace.jsonl"), "--json").out)["traces"]
    assert found["collective"] is None and found["summary"]["iterations"]
    trace.with_name(trace.name.replace("_mcts_trace.jsonl", "_mcts_tree.json")).write_text("{}")
    said = here("trace", "summary", str(trace))
    assert (said.status, said.out) == (2, "")
    assert "is not the tree of the search beside it" in said.err
