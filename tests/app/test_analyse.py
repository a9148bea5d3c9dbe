"""``cellview plan`` and ``cellview analyse``, on runs of the synthetic prover."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KINDS = ("pdf", "png", "svg")

Cellview = Callable[..., Any]

EXPERIMENT = """
[run]
corpus = "{corpus}"
prover = "synthetic"
mcts-mode = "distributed"
mcts-agents = 4
mcts-inflight = 4
budget = [30]
interventions = ["wild_type", "block_t1"]
trace-mcts = true

[experiment]
name = "synthetic"

[design]
seeds = [0]
pilot = "{pilot}"

[[arm]]
name = "wild_type"

[[hypothesis]]
measure = "solve_rate_difference"
arms = ["block_t1", "wild_type"]
sesoi = 0.2
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    corpus = tmp_path / "corpus.toml"
    corpus.write_text(
        "".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\nprovable = true\n" for n in range(8)),
        encoding="utf-8",
    )
    path = tmp_path / "experiment.toml"
    path.write_text(EXPERIMENT.format(corpus=corpus, pilot=tmp_path / "pilot"), encoding="utf-8")
    return path


def test_from_a_pilot_to_the_tables(here: Cellview, experiment: Path, tmp_path: Path) -> None:
    pilot, study, figures = tmp_path / "pilot", tmp_path / "study", tmp_path / "figures"
    assert here("run", str(experiment), "--out", str(pilot), "--seed", "99").status == 0
    planned = here("plan", str(experiment))
    assert planned.status == 0
    assert planned.out.startswith("synthetic: 8 theorems × 2 arms × 1 seed = 16 searches\n")
    assert "Cost, from 16 searches of the pilot" in planned.out
    assert "assumed: the discordant share of the pilot" in planned.out or "nothing can be said" in planned.out
    assert here("run", str(experiment), "--out", str(study)).status == 0
    said = here("analyse", str(study), "--plan", str(experiment), "--figures", str(figures))
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Confirmatory: synthetic (experiment ")
    assert sorted(path.name for path in figures.iterdir()) == [
        f"{name}.{kind}" for name in ("agents", "budget", "contrasts", "inflight", "reasons") for kind in KINDS
    ]
    assert here("analyse", str(study), "--plan", str(experiment)).out == said.out.partition(f"\n{figures}")[0]
    data = json.loads(here("analyse", str(study), "--no-traces", "--json").out)
    assert (data["status"], data["why_exploratory"]) == ("exploratory", ["there is no preregistration"])
    assert data["contrasts"][0]["contrast"]["theorems"] == 8


def test_a_pilot_with_a_seed_of_the_experiment_is_noted(here: Cellview, experiment: Path, tmp_path: Path) -> None:
    assert here("run", str(experiment), "--out", str(tmp_path / "pilot")).status == 0
    report = json.loads(here("plan", str(experiment), "--json").out)
    assert report["notes"] == ["the pilot used the seed 0, which the experiment uses again: give it another"]
    assert report["searches"] == 16


def refused(said: Any, text: str) -> None:
    assert said.status == 2
    assert said.out == ""
    assert text in said.err and said.err.count("\n") == 1 and "Traceback" not in said.err


def test_bad_input_is_one_sentence(here: Cellview, experiment: Path, tmp_path: Path) -> None:
    refused(here("analyse", str(tmp_path)), "has no run.json")
    refused(here("analyse", str(tmp_path), "--plan", str(tmp_path / "none.toml")), "cannot be read")
    refused(here("plan", str(experiment)), "pilot is not the folder of a run")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(experiment.read_text(encoding="utf-8").replace("solve_rate_difference", "luck"), encoding="utf-8")
    refused(here("plan", str(wrong)), "there is no measure 'luck'")
    wrong.write_text("[analysis]\nseed = 1\n", encoding="utf-8")
    refused(here("plan", str(wrong)), "names no corpus")
