"""All drivers of one experiment end in equal folders: results, ``run.json``, traces, trees and proofs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.cluster import ConfigModel, DistributedConfig
from cellview.experiment import Experiment, ExperimentFolder, ResumeError, opener_of, run_here
from cellview.experiment.on_cluster import run_on_cluster
from cellview.experiment.on_frontier import manifest_of, run_on_frontier
from cellview.prover import Goal, SyntheticProver
from cellview.prover.errors import StatementError
from cellview.schedule import SCHEDULE_VERSION
from cellview.trace import RunFolder, describe_versions

Driver = Callable[[ExperimentFolder], Awaitable[None]]


async def _opener(folder: ExperimentFolder) -> Any:
    return await opener_of(folder.experiment.setup.prover, folder.experiment.setup.provider)


async def here(folder: ExperimentFolder) -> None:
    await run_here(folder, await _opener(folder), jobs=2)


async def here_alone(folder: ExperimentFolder) -> None:
    await run_here(folder, await _opener(folder), jobs=1)


async def frontier(folder: ExperimentFolder) -> None:
    manifest = manifest_of(folder.experiment, window=6)
    assert await run_on_frontier(folder, manifest, await _opener(folder), workers=2)


async def cluster_local(folder: ExperimentFolder) -> None:
    await run_on_cluster(folder, ConfigModel(), await _opener(folder))


async def cluster_process(folder: ExperimentFolder) -> None:
    config = ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=2))
    await run_on_cluster(folder, config, await _opener(folder))


DRIVERS: list[Driver] = [here_alone, frontier, cluster_local, cluster_process]


async def _run(driver: Driver, folder: ExperimentFolder) -> Path:
    with folder:
        folder.begin()
        await driver(folder)
        folder.save("finished")
        return folder.path


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"trace": False},
        {"seeds": (3,), "search": {"agents": None, "inflight": None, "mode": "centralized", "block": None,
                                   "delay": None, "reroute": None}},
    ],
    ids=["traces", "no-traces", "centralized"],
)  # fmt: skip
async def test_equal_folders(
    driver: Driver,
    changes: dict[str, Any],
    small_experiment: Callable[..., Experiment],
    new_folder: Callable[[str, Experiment], ExperimentFolder],
    contents: Callable[[Path], dict[str, str]],
) -> None:
    experiment = small_experiment(**changes)
    one = contents(await _run(here, new_folder("one", experiment)))
    other = contents(await _run(driver, new_folder("other", experiment)))
    assert one == other
    results = RunFolder.read((new_folder("x", experiment).path).parent / "one").metadata.results
    assert len(results) == experiment.searches
    if not changes:  # the comparison says little unless everything has happened
        assert {"solved", "budget", "exhausted", "no_wild_type_proof"} <= {entry.stop_reason for entry in results}
        assert any(entry.iterations > 13 for entry in results), "some came back at the third tier"
        assert any(entry.held_back for entry in results) and any(entry.given_up for entry in results)
        assert any(entry.discarded for entry in results)
        assert any(entry.arm == "random_nonpath_control" and entry.visits for entry in results)


@pytest.mark.parametrize("driver", [here_alone, cluster_local])  # a patched prover does not reach other processes
async def test_a_refused_statement_is_a_result_everywhere(
    driver: Driver,
    small_experiment: Callable[..., Experiment],
    new_folder: Callable[[str, Experiment], ExperimentFolder],
    contents: Callable[[Path], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = SyntheticProver.start

    async def refusing(self: SyntheticProver, statement: str) -> Goal:
        if statement == ": T3":
            raise StatementError("Lean does not accept the statement ': T3'.")
        return await start(self, statement)

    monkeypatch.setattr(SyntheticProver, "start", refusing)
    experiment = small_experiment()
    one = await _run(here, new_folder("one", experiment))
    other = await _run(driver, new_folder("other", experiment))
    assert contents(one) == contents(other)
    metadata = RunFolder.read(one).metadata
    refused = [entry for entry in metadata.results if entry.theorem == "t3"]
    assert [entry.stop_reason for entry in refused] == ["statement_error"] * 6
    assert all(entry.message and entry.files == "" and entry.reproducible for entry in refused)
    assert metadata.reproducible
    assert not metadata.not_reproducible_because
    assert not (one / "t3").exists() or not list((one / "t3").iterdir())


@pytest.mark.parametrize("driver", [here_alone, frontier, cluster_process])
async def test_arrival_mode_is_finished_on_every_driver_and_marked(
    driver: Driver,
    small_experiment: Callable[..., Experiment],
    new_folder: Callable[[str, Experiment], ExperimentFolder],
) -> None:
    experiment = small_experiment(search={"commit": "arrival"}, seeds=(0,))
    path = await _run(driver, new_folder("one", experiment))
    metadata = RunFolder.read(path).metadata
    assert len(metadata.results) == experiment.searches
    assert "set_aside" not in {entry.stop_reason for entry in metadata.results}
    assert not metadata.reproducible
    assert metadata.not_reproducible_because == ("outcomes are committed in order of arrival",)


@pytest.mark.parametrize("driver", [here, frontier, cluster_local])
async def test_a_folder_that_was_cut_short_goes_on_with_any_driver(
    driver: Driver,
    tmp_path: Path,
    small_experiment: Callable[..., Experiment],
    new_folder: Callable[[str, Experiment], ExperimentFolder],
    contents: Callable[[Path], dict[str, str]],
) -> None:
    experiment = small_experiment()
    whole = contents(await _run(here, new_folder("whole", experiment)))
    cut = new_folder("cut", experiment)
    calls = 0

    class Stop(Exception):
        pass

    with cut:
        keep = cut.keep

        def stopping(outcome: Any, *, seconds: float, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > 7:
                raise Stop
            return keep(outcome, seconds=seconds, **more)

        cut.keep = stopping  # type: ignore[method-assign]
        with pytest.raises(BaseExceptionGroup):
            await here_alone(cut)
        cut.save("interrupted")
    resumed = ExperimentFolder.resume(tmp_path / "cut", versions=describe_versions())
    assert len(resumed.entries()) == 7
    found = contents(await _run(driver, resumed))
    assert found == whole


async def test_resume_refuses_what_would_not_fit(
    tmp_path: Path,
    small_experiment: Callable[..., Experiment],
    new_folder: Callable[[str, Experiment], ExperimentFolder],
) -> None:
    new_folder("one", small_experiment()).close()
    versions = describe_versions()
    with pytest.raises(ResumeError, match="which are now"):
        ExperimentFolder.resume(tmp_path / "one", versions=msgspec.structs.replace(versions, lean="another"))
    new_folder("arrival", small_experiment(search={"commit": "arrival"})).close()
    with pytest.raises(ResumeError, match="arrival cannot be replayed"):
        ExperimentFolder.resume(tmp_path / "arrival", versions=versions)
    with RunFolder.resume(tmp_path / "one") as folder:
        folder.update(schedule_version=99)
    with pytest.raises(ResumeError, match="version 99 of the schedule"):
        ExperimentFolder.resume(tmp_path / "one", versions=versions)
    with RunFolder.resume(tmp_path / "one") as folder:
        folder.update(schedule_version=SCHEDULE_VERSION)
    (tmp_path / "one" / "corpus.toml").write_text("changed")
    with pytest.raises(ResumeError, match="not the corpus"):
        ExperimentFolder.resume(tmp_path / "one", versions=versions)
