"""``run --extend``: what a user types, what is refused, and the folder that comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.trace import RunFolder, digest_file

Cellview = Callable[..., Any]

THEOREMS = [
    f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\ntags = ['{'odd' if n % 2 else 'even'}']\n" for n in range(6)
]
FIXED = ("--prover", "synthetic", "--budget", "4,9", "--trace-mcts", "--name", "x", "--quiet")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("few.toml").write_text("".join(THEOREMS[:3]))
    Path("all.toml").write_text("".join(THEOREMS))


def contents(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = {"run.json": RunFolder.read(folder).metadata.repeatable()}
    for path in sorted(Path(folder).glob("*/*")):
        name = str(path.relative_to(folder))
        found[name] = digest_file(path) if path.suffix == ".jsonl" else path.read_text()
    return found | {"corpus.toml": Path(folder, "corpus.toml").read_text()}


@pytest.mark.parametrize(
    ("first", "more", "whole"),
    [
        (("few.toml",), ("--seeds", "1-2"), ("few.toml", "--seeds", "0-2")),
        (("few.toml", "--seeds", "4,2"), ("--seeds", "2,9"), ("few.toml", "--seeds", "4,2,9")),
        (
            ("few.toml", "--interventions", "wild_type,block_t1"),
            ("--interventions", "block_t2,random_nonpath_control"),
            ("few.toml", "--interventions", "wild_type,block_t1,block_t2,random_nonpath_control"),
        ),
        (("few.toml", "--interventions", "block_t1"), ("--interventions", "wild_type"),
         ("few.toml", "--interventions", "wild_type,block_t1")),
        (("few.toml",), ("all.toml",), ("all.toml",)),
        (("all.toml", "--id", "t4"), ("all.toml", "--tag", "odd"), ("all.toml", "--id", "t4,t1,t3,t5")),
        (("few.toml",), ("all.toml", "--seeds", "1", "--interventions", "block_t1"),
         ("all.toml", "--seeds", "0,1", "--interventions", "wild_type,block_t1")),
    ],
    ids=lambda value: " ".join(value),
)  # fmt: skip
def test_more_of_everything(
    here: Cellview, first: tuple[str, ...], more: tuple[str, ...], whole: tuple[str, ...]
) -> None:
    assert here("run", *first, *FIXED, "--out", "r").status == 0
    said = here("run", *more, "--extend", "r", "--json", "--quiet")
    assert said.status == 0, said.err
    told = here("run", *whole, *FIXED, "--out", "w", "--json")
    assert contents("r") == contents("w")
    assert here("verify", "r").status == 0
    assert here("trace", "replay", "r").status == 0
    report, other = json.loads(said.out), json.loads(told.out)
    assert [row["digest"] for row in report["theorems"]] == [row["digest"] for row in other["theorems"]]
    then = RunFolder.read("w").metadata.options
    assert then is not None and "random_nonpath" not in str(then.get("id"))
    now = RunFolder.read("r").metadata.options
    if "--id" not in whole:
        assert now is not None
        for options in (now, then):  # the wild type comes first anyway, wherever it was named
            options["interventions"] = sorted(options.get("interventions", ["wild_type"]))
        assert now == then, "what it was asked for is what a run with all of it is asked for"


def test_what_was_added_is_run_and_nothing_else(here: Cellview) -> None:
    here("run", "few.toml", *FIXED, "--out", "r")
    before = {path.name: path.stat().st_mtime_ns for path in Path("r").glob("*/*")}
    here("run", "--extend", "r", "--seeds", "5", "--quiet")
    after = {path.name: path.stat().st_mtime_ns for path in Path("r").glob("*/*")}
    assert all(after[name.replace("wild_type", "wild_type@0")] == time for name, time in before.items())


def test_a_run_that_is_being_extended_is_resumed(here: Cellview) -> None:
    here("run", "few.toml", *FIXED, "--out", "r")
    here("run", "few.toml", *FIXED, "--seeds", "0-1", "--out", "w")
    assert here("run", "--extend", "r", "--seeds", "1", "--quiet").status == 0
    folder = RunFolder.resume("r")
    folder.update(status="interrupted", results=folder.metadata.results[:3])
    folder.close()
    refused = here("run", "--extend", "r", "--seeds", "2")
    assert refused.err == (
        "cellview: r cannot be extended: it is not finished (interrupted). Go on with it first: "
        "cellview run --resume r.\n"
    )
    assert here("run", "--resume", "r", "--quiet").status == 0
    assert contents("r") == contents("w")


def test_a_forged_result_is_not_built_upon(here: Cellview) -> None:
    here("run", "few.toml", *FIXED, "--out", "r")
    before = Path("r", "run.json").read_bytes()
    trace = next(Path("r").glob("*/*_mcts_trace.jsonl"))
    trace.write_bytes(trace.read_bytes().replace(b'"agent_id":0', b'"agent_id":1', 1))
    said = here("run", "--extend", "r", "--seeds", "1")
    assert said.status == 2 and "does not stand" in said.err
    assert Path("r", "run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--extend", "r"), "There is nothing to add"),
        (("--extend", "r", "--seeds", "0"), "There is nothing to add"),
        (("few.toml", "--extend", "r"), "There is nothing to add"),
        (("--extend", "r", "--budget", "9", "--seed", "3"), "leave out --budget, --seed."),
        (("--extend", "r", "--tag", "odd"), "choose from a corpus: name it"),
        (("other.toml", "--extend", "r"), "t2 of other.toml is another theorem than the one that was run: ': Other'"),
        (("fewer.toml", "--extend", "r"), "fewer.toml lacks the theorem t2, which was run"),
        (("--extend", "r", "--interventions", "mine.toml"), "block_t1 is another arm"),
        (("--extend", "r", "--interventions", "block_simpp"), "'simpp', which is unknown"),
        (("--extend", "r", "--resume", "r"), "leave one of them out"),
        (("--extend", "nowhere", "--seeds", "1"), "nowhere is not the folder of a run"),
        (("nowhere.toml", "--extend", "r"), "nowhere.toml"),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_refusals_change_nothing(here: Cellview, argv: tuple[str, ...], words: str) -> None:
    here("run", "few.toml", *FIXED, "--interventions", "wild_type,block_t1", "--out", "r")
    Path("other.toml").write_text("".join(THEOREMS[:3]).replace(": T2", ": Other"))
    Path("fewer.toml").write_text("".join(THEOREMS[:2]))
    Path("mine.toml").write_text(
        "[[intervention]]\nname = 'block_t1'\n[[intervention.peg]]\nkind = 'head'\nhead = 't3'\n"
    )
    before = {path: path.read_bytes() for path in Path("r").rglob("*") if path.is_file()}
    said = here("run", *argv)
    assert (said.status, said.out) == (2, ""), said
    assert words in said.err and len(said.err.splitlines()) == 1, said.err
    assert {path: path.read_bytes() for path in Path("r").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("option", ["--resume", "--extend"])
def test_what_the_environment_and_a_file_say_is_not_ignored(
    here: Cellview, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    here("run", "few.toml", *FIXED, "--out", "r")
    more = ("--seeds", "1") if option == "--extend" else ()
    monkeypatch.setenv("CELLVIEW_RUN_BUDGET", "50")
    assert here("run", option, "r", *more).err == (
        "cellview: CELLVIEW_RUN_BUDGET says 50, and the run in r was started with 4,9: leave it out, or start a new "
        "run.\n"
    )
    monkeypatch.setenv("CELLVIEW_RUN_BUDGET", "4,9")
    Path("c.toml").write_text("[run]\ntrace-mcts = false\n")
    said = here("run", option, "r", *more, "--config", "c.toml")
    assert said.err.startswith("cellview: c.toml: trace-mcts says false, and the run in r was started with true:")
    Path("c.toml").write_text("[run]\ntrace-mcts = true\njobs = 1\nprover = 'synthetic'\n")
    assert here("run", option, "r", *more, "--config", "c.toml", "--quiet").status == 0
    run = Path("r", "run.json")
    run.write_text(json.dumps(json.loads(run.read_text()) | {"options": None}))
    more = ("--seeds", "2") if option == "--extend" else ()
    assert "does not say what it was started with" in here("run", option, "r", *more).err
    monkeypatch.delenv("CELLVIEW_RUN_BUDGET")
    assert here("run", option, "r", *more, "--quiet").status == 0


@pytest.mark.parametrize("option", ["--resume", "--extend"])
def test_tables_of_agents_are_not_ignored(here: Cellview, option: str) -> None:
    several = "mcts-mode = 'distributed'\nmcts-agents = 2\nmcts-inflight = 2\nbudget = [4, 9]\n"
    fixed = "prover = 'synthetic'\ncorpus = 'few.toml'\n"
    run, agents = f"[run]\n{fixed}{several}", '[agents."1"]\nexploration = 0.5\n'
    Path("c.toml").write_text(run + agents)
    assert here("run", "c.toml", "--quiet", "--out", "r").status == 0
    more = ("--seeds", "1") if option == "--extend" else ()
    Path("d.toml").write_text(run + agents.replace("0.5", "0.7"))
    said = here("run", option, "r", *more, "--config", "d.toml")
    assert said.err == (
        "cellview: d.toml: [agents] is not what the run in r was started with: leave it out, or start a new run.\n"
    )
    assert here("run", option, "r", *more, "--config", "c.toml", "--quiet").status == 0


STUDY = """
[run]
corpus = "few.toml"
prover = "synthetic"
budget = [9]
interventions = ["wild_type", "block_t1"]
seeds = "0-1"
[experiment]
name = "study"
[[hypothesis]]
measure = "solve_rate_difference"
arms = ["block_t1", "wild_type"]
"""


def test_a_preregistration_that_is_carried_out_in_parts_stays_one(here: Cellview) -> None:
    Path("study.toml").write_text(STUDY)
    assert here("run", "study.toml", "--seeds", "0", "--quiet", "--out", "r").status == 0
    said = here("run", "study.toml", "--extend", "r", "--quiet")
    assert said.status == 0, said.err
    assert said.err == ""
    assert here("analyse", "r", "--plan", "study.toml").out.startswith("Confirmatory: study ")
    beyond = here("run", "--extend", "r", "--seeds", "2", "--quiet")
    assert beyond.err == "The run was preregistered, and this extension was not: tables with it are exploratory.\n"
    text = here("analyse", "r", "--plan", "study.toml").out
    assert text.startswith("Exploratory: study ")
    assert "r was given more than its preregistration when results were known" in " ".join(text.split())
