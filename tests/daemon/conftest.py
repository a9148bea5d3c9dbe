"""A small experiment on the synthetic prover, as a submission, and the folder that `cellview run` would make of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.core import SearchConfig
from cellview.daemon.config import DaemonConfig
from cellview.daemon.intake import experiment_of
from cellview.daemon.records import Submission
from cellview.experiment import ExperimentFolder, SyntheticSpec, opener_of, run_here
from cellview.schedule import BlockPolicy, ReroutePolicy
from cellview.trace import RunFolder, describe_versions, digest_file

CORPUS = "".join(f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\n" for number in (1, 2, 3))


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Make a submission; `latency_s` makes its searches last."""

    def make(*, latency_s: float = 0.0, budget: int = 30, **changes: Any) -> Submission:
        search = SearchConfig(
            agents=2, inflight=3, budget=(budget,), block=BlockPolicy(0.2, 3, 0), reroute=ReroutePolicy(2)
        )
        made = Submission(
            search=search,
            corpus_text=CORPUS,
            name="small",
            arms=("wild_type", "block_t1", "random_nonpath_control"),
            prover=SyntheticSpec(seed=5, p_fail=0.6, p_close=0.2, latency_s=latency_s),
        )
        return msgspec.structs.replace(made, **changes)

    return make


@pytest.fixture
def one_search(submission: Callable[..., Submission]) -> Callable[..., Submission]:
    """Make a submission of one search that comes to no proof: it has `budget` iterations."""

    def make(*, latency_s: float = 0.0, budget: int = 30) -> Submission:
        prover = SyntheticSpec(seed=0, p_fail=0.6, p_close=0.0, latency_s=latency_s)
        corpus = CORPUS[: CORPUS.index("[[", 2)]
        return submission(budget=budget, corpus_text=corpus, arms=("wild_type",), prover=prover)

    return make


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., DaemonConfig]:
    """Make the settings of a daemon on a data folder of this test."""

    def make(**changes: Any) -> DaemonConfig:
        options: dict[str, Any] = {"data": tmp_path / "data", "workers": 1, "drain_s": 1.0, "port": 0} | changes
        return DaemonConfig(**options)

    return make


def contents(folder: Path) -> dict[str, object]:
    """What `cellview run` and the daemon must agree in: ``run.json`` without clocks and hosts, and every trace."""
    found: dict[str, object] = {"run.json": RunFolder.read(folder).metadata.repeatable()}
    for path in sorted(folder.glob("*/*")):
        name = str(path.relative_to(folder))
        found[name] = digest_file(path) if name.endswith(".jsonl") else path.read_bytes()
    return found


@pytest.fixture(scope="session")
def contents_of() -> Callable[[Path], dict[str, object]]:
    """Return what two run folders of one experiment must agree in."""
    return contents


@pytest.fixture
def same_as_run_here(tmp_path: Path) -> Callable[[Path, Submission], Any]:
    """Check that a run folder of the daemon is what the driver `here` makes of the same submission."""

    async def check(folder: Path, submission: Submission) -> None:
        experiment = experiment_of(submission)
        setup = experiment.setup
        corpus = (submission.corpus_text or "").encode()
        with ExperimentFolder.create(
            tmp_path / "here", experiment, corpus=corpus, versions=describe_versions(), driver={}
        ) as here:
            here.begin()
            await run_here(here, await opener_of(setup.prover, setup.provider))
            here.save("finished")
        assert contents(folder) == contents(tmp_path / "here")

    return check
