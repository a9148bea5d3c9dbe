"""A small experiment on the synthetic prover that has everything in it: arms, seeds, tiers, obstacles, refusals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.core import SearchConfig
from cellview.experiment import Experiment, ExperimentFolder, Setup, SyntheticSpec, parse_corpus
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, parse_intervention
from cellview.trace import describe_versions, digest_file

CORPUS = "".join(
    f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\ntags = []\nprovable = true\n"
    for number in (1, 2, 3, 5, 6)
)


@pytest.fixture
def small_experiment() -> Callable[..., Experiment]:
    """Make the experiment; options change its search or itself."""

    def make(*, search: dict[str, Any] | None = None, **changes: Any) -> Experiment:
        config: dict[str, Any] = {
            "agents": 3,
            "inflight": 3,
            "budget": (4, 9, 30),
            "block": BlockPolicy(0.2, 3, 0),
            "delay": DelayPolicy(0.1, 2, 0),
            "reroute": ReroutePolicy(2),
        } | (search or {})
        setup = Setup(search=SearchConfig(**config), prover=SyntheticSpec(seed=5, p_fail=0.6, p_close=0.08))
        arms = tuple(parse_intervention(name) for name in ("wild_type", "block_t1", "random_nonpath_control"))
        experiment = Experiment(corpus=parse_corpus(CORPUS), setup=setup, arms=arms, seeds=(0, 1), name="small")
        return msgspec.structs.replace(experiment, **changes)

    return make


@pytest.fixture
def new_folder(tmp_path: Path) -> Callable[[str, Experiment], ExperimentFolder]:
    """Make the run folder of an experiment."""

    def make(name: str, experiment: Experiment) -> ExperimentFolder:
        return ExperimentFolder.create(
            tmp_path / name, experiment, corpus=CORPUS.encode(), versions=describe_versions(), driver={"name": name}
        )

    return make


@pytest.fixture
def contents() -> Callable[[Path], dict[str, str]]:
    """Digest of each file of a run folder, without what never repeats: clocks, host, driver and its own journal."""

    def read(folder: Path) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if path.name == "run.json":
                found[name] = _repeatable(path)
            elif path.name.endswith("_mcts_trace.jsonl"):
                found[name] = digest_file(path)
            elif path.is_file() and path.parent.name.startswith("t"):
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            elif path.name == "corpus.toml":
                found[name] = path.read_text()
        return found

    return read


def _repeatable(path: Path) -> str:
    from cellview.trace import RunFolder

    return msgspec.json.encode(RunFolder.read(path.parent).metadata.repeatable(), order="deterministic").decode()
