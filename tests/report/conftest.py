"""Run folders of the synthetic prover, made once: with arms and seeds, and with frozen nodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from cellview.core import SearchConfig
from cellview.experiment import (
    Experiment,
    ExperimentFolder,
    Setup,
    SyntheticSpec,
    opener_of,
    parse_corpus,
    run_here,
)
from cellview.schedule import BlockPolicy, parse_intervention
from cellview.trace import describe_versions

MakeRun = Callable[..., Path]

CORPUS = "".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\nprovable = true\n" for n in range(9))


async def _run(path: Path, *, arms: tuple[str, ...], seeds: tuple[int, ...], trace: bool, search: Any) -> None:
    config: dict[str, Any] = {"agents": 3, "inflight": 3, "budget": (40,), **search}
    experiment = Experiment(
        corpus=parse_corpus(CORPUS),
        setup=Setup(search=SearchConfig(**config), prover=SyntheticSpec(seed=3, p_fail=0.5, p_close=0.06)),
        arms=tuple(parse_intervention(arm) for arm in arms),
        seeds=seeds,
        name="synthetic <b>&amp;",
        trace=trace,
    )
    versions = describe_versions()
    with ExperimentFolder.create(path, experiment, corpus=CORPUS.encode(), versions=versions, driver={}) as folder:
        opener = await opener_of(experiment.setup.prover, experiment.setup.provider, None)
        await run_here(folder, opener)
        folder.save("finished")


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    def make(name: str, *, arms: Any = ("wild_type",), seeds: Any = (0,), trace: bool = True, **search: Any) -> Path:
        path = tmp_path_factory.mktemp("runs") / name
        anyio.run(lambda: _run(path, arms=arms, seeds=seeds, trace=trace, search=search))
        return path

    return make


@pytest.fixture(scope="session")
def study(make_run: MakeRun) -> Path:
    """Return a run of three arms and two seeds."""
    return make_run("study", arms=("wild_type", "block_t1", "block_t2"), seeds=(0, 1))


@pytest.fixture(scope="session")
def frozen(make_run: MakeRun) -> list[Path]:
    """Return runs that differ in the fraction of frozen nodes alone."""
    return [make_run("free"), *(make_run(f"frozen-{f}", block=BlockPolicy(f, -1, 0)) for f in (0.1, 0.3))]
