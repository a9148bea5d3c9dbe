"""Chimeric collectives from files: arms like any other, on every executor, with labels that the measures use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.measures import load
from cellview.trace import IterationRecord, RunFolder, digest_file, read_trace

Cellview = Callable[..., Any]

HEAD = """
[run]
corpus = 'corpus.toml'
prover = 'synthetic'
quiet = true
trace-mcts = true
mcts-mode = 'distributed'
mcts-agents = 4
mcts-inflight = 4
budget = [10, 30]
interventions = ['wild_type', 'arms.toml']
"""
ARMS = """
[[intervention]]
name = 'chimera'
[intervention.agents.0-1]
label = 'splitters'
families = ['t0', 't1']
[intervention.agents.2]
label = 'closers'
families = ['t2']
exploration = 0.2
[[intervention]]
name = 'two_minds'
[intervention.agents."0,3"]
provider = 'small'
"""
PROVIDERS = "[provider.small]\nkind = 'static'\ntactics = 'few.txt'\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus.toml").write_text(
        "".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\n" for n in (1, 2, 3, 4))
    )
    (tmp_path / "few.txt").write_text("t3\nt1\n")
    (tmp_path / "arms.toml").write_text(ARMS)
    (tmp_path / "experiment.toml").write_text(HEAD + PROVIDERS)
    return tmp_path


def tried_by(folder: Path, arm: str) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for path in folder.glob(f"*/{arm}_mcts_trace.jsonl"):
        for record in read_trace(path):
            if isinstance(record, IterationRecord):
                found.setdefault(record.agent_id, set()).update(attempt.tactic for attempt in record.attempts)
    return found


def test_a_chimera_is_an_arm_on_every_executor(here: Cellview, place: Path) -> None:
    for executor in ("here", "frontier", "process"):
        done = here("run", "experiment.toml", "--executor", executor, "--name", "same", "--out", executor)
        assert done.status == 0, done.err
    kept = {name: RunFolder.read(place / name).metadata for name in ("here", "frontier", "process")}
    assert kept["here"].repeatable() == kept["frontier"].repeatable() == kept["process"].repeatable()
    for path in (place / "here").glob("*/*.jsonl"):
        for other in ("frontier", "process"):
            assert digest_file(path) == digest_file(place / other / path.relative_to(place / "here"))
    may = {0: {"t0", "t1"}, 1: {"t0", "t1"}, 2: {"t2"}, 3: {"t0", "t1", "t2", "t3"}}
    chimera = tried_by(place / "here", "chimera")
    assert all(chimera[agent] <= may[agent] for agent in chimera) and len(chimera) == 4
    two = tried_by(place / "here", "two_minds")
    assert two[0] | two[3] == {"t1", "t3"} and {"t0", "t2"} <= two[1] | two[2]
    chimeric = next(arm for arm in kept["here"].config["arms"] if arm["name"] == "chimera")
    assert [algotype["label"] for algotype in chimeric["algotypes"]] == ["splitters", "closers"]


def test_measures_take_the_labels(here: Cellview, place: Path) -> None:
    assert here("run", "experiment.toml", "--out", "run").status == 0
    cells = load(place / "run", traces=True, permutations=19)
    shown = [cells.figures_of(cell) for cell in cells.of("chimera")]
    figures = [found for found in shown if found is not None]
    assert figures
    for found in figures:
        assert list(found.algotypes) == ["splitters", "closers", "others"]
        assert [shares.agents for shares in found.algotypes.values()] == [0.5, 0.25, 0.25]
        for what in ("tried", "expansions", "credit"):
            parts = [getattr(shares, what) for shares in found.algotypes.values()]
            assert all(part is None for part in parts) or sum(parts) == pytest.approx(1.0)
    assert any(found.algotype_excess is not None for found in figures)
    solved = [cell for cell in cells.of("chimera") if cell.solved]
    for cell in solved:
        credited = cells.figures_of(cell)
        assert credited is not None and credited.algotypes["splitters"].credit is not None
    alike = [cells.figures_of(cell) for cell in cells.of("wild_type")]
    assert all(found is not None and not found.algotypes and found.algotype_excess is None for found in alike)


def test_a_chimera_goes_on_where_it_was_cut(here: Cellview, place: Path) -> None:
    """Cut in the middle of a trace: the resumed run ends with the digests of one that never was."""
    assert here("run", "experiment.toml", "--name", "same", "--out", "whole").status == 0
    assert here("run", "experiment.toml", "--name", "same", "--out", "cut").status == 0
    folder = place / "cut"
    metadata = json.loads((folder / "run.json").read_text())
    metadata["status"] = "running"
    metadata["results"] = [entry for entry in metadata["results"] if entry["arm"] == "wild_type"]
    (folder / "run.json").write_text(json.dumps(metadata))
    for path in [*folder.glob("*/chimera_*"), *folder.glob("*/two_minds_*")]:
        if path.suffix == ".jsonl":
            lines = path.read_bytes().splitlines(keepends=True)
            path.write_bytes(b"".join(lines[: len(lines) // 2]) + lines[-1][:20])
        else:
            path.unlink()
    assert here("run", "--resume", "cut", "--quiet").status == 0
    whole, cut = (RunFolder.read(place / name).metadata for name in ("whole", "cut"))
    assert cut.repeatable() == whole.repeatable()


def test_agents_of_the_whole_run(here: Cellview, place: Path) -> None:
    agents = "[agents.0]\nfamilies = ['t0']\n[agents.\"1-3\"]\nfamilies = ['t1', 't2']\nhistory-cache = 2\n"
    (place / "experiment.toml").write_text(HEAD.replace("['wild_type', 'arms.toml']", "['wild_type']") + agents)
    assert here("run", "experiment.toml", "--out", "run").status == 0
    tried = tried_by(place / "run", "wild_type")
    assert tried[0] <= {"t0"} and tried[1] | tried[2] | tried[3] <= {"t1", "t2"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[agents.0]\nfamily = ['t0']\n", ("[agents.0]", "unknown key 'family'", "nearest is 'families'")),
        ("[agents.0]\nfamilies = ['rewritting']\n", ("no family or tactic 'rewritting'", "nearest is 'rewriting'")),
        ("[agents.0]\nfamilies = 't0'\n", ("[agents.0]", "families")),
        ("[agents]\nfirst = 1\n", ("[agents.", "must be a table")),
        ("[agents.first]\nlabel = 'x'\n", ("'first' names no agents", "0-1")),
        ("[agents.4]\nlabel = 'x'\n", ("agent 4", "0 to 3")),
        ("[agents.0-1]\nlabel = 'x'\n[agents.1]\nlabel = 'y'\n", ("Agent 1 is in", "name it once")),
        ("[agents.0]\nexploration = -1\n", ("exploration", "at least 0")),
        ("[agents.0]\nprovider = 'big'\n", ("'big'", "not there", "small")),
        ("[provider.big]\nkind = 'http'\nmodel = 'm'\nurl = 'http://localhost/v1'\n", ("url holds for all providers",)),
        ("[provider.big]\nkind = 'htp'\n", ("htp", "heuristic, static, http")),
        ("[provider.big]\nautomation = 'much'\n", ("[provider.big]", "none, light, full")),
        ("[provider.big]\nkind = 'static'\nmodle = 'x'\n", ("unknown key 'modle'", "nearest is 'model'")),
    ],
    ids=lambda value: value[:40].replace("\n", " ") if isinstance(value, str) else "",
)
def test_mistakes(here: Cellview, place: Path, text: str, words: tuple[str, ...]) -> None:
    (place / "experiment.toml").write_text(HEAD + PROVIDERS + text)
    done = here("run", "experiment.toml", "--out", "run")
    assert done.status == 2 and done.out == "" and len(done.err.splitlines()) == 1, done
    for word in words:
        assert word in done.err
    assert not (place / "run").exists()


def test_a_sequential_search_has_no_algotypes(here: Cellview, place: Path) -> None:
    (place / "experiment.toml").write_text(
        "[run]\ncorpus = 'corpus.toml'\nprover = 'synthetic'\n[agents.0]\nfamilies = ['t0']\n"
    )
    done = here("run", "experiment.toml", "--out", "run")
    assert done.status == 2 and "centralized mode has no algotypes" in done.err


def test_real_tactics_by_family(here: Cellview, place: Path) -> None:
    """With Lean: those who introduce and take apart, and those who close, prove together what neither can alone."""
    (place / "corpus.toml").write_text("[[theorem]]\nid = 'swap'\nstatement = '(p q : Prop) : p ∧ q → q ∧ p'\n")
    (place / "arms.toml").write_text(
        "[[intervention]]\nname = 'both'\n"
        "[intervention.agents.0-1]\nlabel = 'openers'\nfamilies = ['introduction', 'construction', 'case_analysis']\n"
        "[intervention.agents.2-3]\nlabel = 'closers'\nfamilies = ['closing']\n"
        "[[intervention]]\nname = 'closers_alone'\n[intervention.agents.0-3]\nfamilies = ['closing']\n"
    )
    (place / "experiment.toml").write_text(
        HEAD.replace("prover = 'synthetic'\n", "automation = 'none'\n").replace("'wild_type', ", "")
    )
    done = here("run", "experiment.toml", "--out", "run", "--json")
    rows = {row["intervention"]: row for row in json.loads(done.out)["theorems"]}
    assert rows["both"]["solved"] and not rows["closers_alone"]["solved"], done
