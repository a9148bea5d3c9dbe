"""A run that is given more ends in the folder of a run that had all of it from the start, on every driver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from cellview.cluster import ConfigModel
from cellview.experiment import (
    Experiment,
    ExperimentFolder,
    ExtensionError,
    ResumeError,
    SilentObserver,
    enlarged,
    extend_folder,
    opener_of,
    parse_corpus,
    require_standing,
    run_here,
)
from cellview.experiment.on_cluster import run_on_cluster
from cellview.experiment.on_frontier import manifest_of, run_on_frontier
from cellview.schedule import parse_intervention
from cellview.trace import RunFolder, RunFolderError, SearchEntry, describe_versions, write_atomically
from cellview.trace import extension as change_over
from cellview.trace.extension import PENDING_NAME

Folders = Callable[[str, Experiment], ExperimentFolder]
Contents = Callable[[Path], dict[str, str]]
Driver = Callable[[ExperimentFolder], Awaitable[None]]
VERSIONS = describe_versions()


async def here(folder: ExperimentFolder) -> None:
    await run_here(folder, await opener_of(folder.experiment.setup.prover, folder.experiment.setup.provider), jobs=2)


async def frontier(folder: ExperimentFolder) -> None:
    opener = await opener_of(folder.experiment.setup.prover, folder.experiment.setup.provider)
    assert await run_on_frontier(folder, manifest_of(folder.experiment, window=6), opener, workers=2)


async def cluster(folder: ExperimentFolder) -> None:
    opener = await opener_of(folder.experiment.setup.prover, folder.experiment.setup.provider)
    await run_on_cluster(folder, ConfigModel(), opener)


async def finish(folder: ExperimentFolder, driver: Driver = here) -> Path:
    with folder:
        folder.begin()
        await driver(folder)
        folder.save("finished")
        return folder.path


def some(whole: Experiment, *, theorems: int = 5, arms: int = 3, seeds: int = 2) -> tuple[Experiment, str]:
    """Return a part of an experiment, and its corpus."""
    kept = whole.corpus.theorems[:theorems]
    text = "".join(
        f"[[theorem]]\nid = '{t.id}'\nstatement = '{t.statement}'\ntags = []\nprovable = true\n" for t in kept
    )
    corpus = parse_corpus(text)
    return msgspec.structs.replace(whole, corpus=corpus, arms=whole.arms[:arms], seeds=whole.seeds[:seeds]), text


def extend(path: Path, whole: Experiment, text: str, *, plan: str | None = None) -> ExperimentFolder:
    folder = ExperimentFolder.reopen(path, versions=VERSIONS)
    larger = enlarged(folder.experiment, corpus=whole.corpus, arms=whole.arms, seeds=whole.seeds)
    try:
        return extend_folder(folder, larger, corpus=text.encode(), driver={"name": "x"}, options=None, plan_digest=plan)
    except BaseException:
        folder.close()  # as the death of the process would
        raise


def create(path: Path, experiment: Experiment, text: str, *, plan: str | None = None) -> ExperimentFolder:
    return ExperimentFolder.create(
        path, experiment, corpus=text.encode(), versions=VERSIONS, driver={"name": "x"}, plan_digest=plan
    )


PARTS: list[dict[str, int]] = [
    {"seeds": 1},
    {"arms": 1},
    {"arms": 2},
    {"theorems": 3},
    {"theorems": 2, "arms": 1, "seeds": 1},
]


@pytest.mark.parametrize("driver", [here, frontier, cluster])
@pytest.mark.parametrize("part", PARTS, ids=str)
async def test_the_folder_is_that_of_one_run_with_all_from_the_start(
    part: dict[str, int],
    driver: Driver,
    tmp_path: Path,
    small_experiment: Callable[..., Experiment],
    contents: Contents,
) -> None:
    whole, text = some(small_experiment())
    wanted = contents(await finish(create(tmp_path / "whole", whole, text)))
    smaller, small_text = some(whole, **part)
    path = await finish(create(tmp_path / "part", smaller, small_text), driver)
    before = files(path)
    folder = extend(path, whole, text)
    await require_standing(folder, await opener_of(whole.setup.prover, whole.setup.provider))
    kept = files(path)
    assert len(kept) == len(before) and set(before.values()) == set(kept.values()), "every result stays, to the byte"
    await finish(folder, driver)
    assert contents(path) == wanted
    metadata = RunFolder.read(path).metadata
    (smaller_run,) = metadata.extended
    assert smaller_run.experiment_digest == smaller.digest
    assert smaller_run.seeds == smaller.seeds
    assert not (path / PENDING_NAME).exists()


def files(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.glob("t*/*")}


async def test_extended_twice(tmp_path: Path, small_experiment: Callable[..., Experiment], contents: Contents) -> None:
    whole, text = some(small_experiment())
    wanted = contents(await finish(create(tmp_path / "whole", whole, text)))
    smallest, small_text = some(whole, theorems=2, arms=1, seeds=1)
    path = await finish(create(tmp_path / "part", smallest, small_text), frontier)
    middle, middle_text = some(whole, theorems=4, arms=2, seeds=1)
    await finish(extend(path, middle, middle_text), frontier)
    await finish(extend(path, whole, text), frontier)
    assert contents(path) == wanted
    assert [len(run.theorems) for run in RunFolder.read(path).metadata.extended] == [2, 4]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("at", range(1, 9))
async def test_a_crash_in_the_change_costs_nothing(
    at: int,
    tmp_path: Path,
    small_experiment: Callable[..., Experiment],
    contents: Contents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Die at the so-manieth step of the change; whoever resumes ends with the folder of a run that never was."""
    whole, text = some(small_experiment(), theorems=2)
    wanted = contents(await finish(create(tmp_path / "whole", whole, text)))
    smaller, small_text = some(whole, theorems=1, seeds=1)
    path = await finish(create(tmp_path / "part", smaller, small_text))
    steps = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == at:
                raise Killed
            return function(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(change_over, "write_atomically", counted(write_atomically))
        patched.setattr(Path, "rename", counted(Path.rename))
        patched.setattr(Path, "unlink", counted(Path.unlink))
        try:
            extend(path, whole, text).close()
            assert steps < at, "a crash was swallowed"
        except Killed:
            pass
    assert steps >= at, "the change has fewer steps than this test believes"
    begun = (path / PENDING_NAME).exists()
    if begun:
        with pytest.raises(RunFolderError, match=r"being extended, or that was cut short.*--resume"):
            RunFolder.read(path)
    else:
        assert at == 1, "before the first step nothing has changed"
        assert RunFolder.read(path).metadata.seeds == (0,)
        extend(path, whole, text).close()
    await finish(ExperimentFolder.resume(path, versions=VERSIONS))
    assert contents(path) == wanted


class Stopping(SilentObserver):
    """Stops a driver when it has done so much."""

    def __init__(self, scope: anyio.CancelScope, after: int) -> None:
        self.scope = scope
        self.left = after

    def finished(self, entry: SearchEntry, *, seconds: float) -> None:
        self.left -= 1
        if not self.left:
            self.scope.cancel()

    def counted(self, *, done: int, known: int, active: int) -> None:
        if done >= 5:
            self.scope.cancel()


@pytest.mark.parametrize("on", ["here", "frontier"])
async def test_an_extension_that_was_cut_short_is_resumed(
    on: str, tmp_path: Path, small_experiment: Callable[..., Experiment], contents: Contents
) -> None:
    whole, text = some(small_experiment())
    wanted = contents(await finish(create(tmp_path / "whole", whole, text)))
    smaller, small_text = some(whole, theorems=2, arms=1)
    path = await finish(create(tmp_path / "part", smaller, small_text))
    opener = await opener_of(whole.setup.prover, whole.setup.provider)
    manifest = manifest_of(whole, window=6)
    with extend(path, whole, text) as folder:
        folder.begin()
        with anyio.CancelScope() as scope:
            # the first four that are told of have their result from before
            watching = Stopping(scope, 9)
            if on == "here":
                await run_here(folder, opener, observer=watching)
            else:
                await run_on_frontier(folder, manifest, opener, workers=2, observer=watching)
        assert scope.cancelled_caught
        folder.save("interrupted")
        assert smaller.searches <= len(folder.entries()) < whole.searches
    with pytest.raises(ResumeError, match=r"cannot be extended: it is not finished \(interrupted\)"):
        ExperimentFolder.reopen(path, versions=VERSIONS)

    async def again(folder: ExperimentFolder) -> None:
        if on == "here":
            await run_here(folder, opener)
        else:
            assert await run_on_frontier(folder, manifest, opener, workers=2, resume=True)

    await finish(ExperimentFolder.resume(path, versions=VERSIONS), again)
    assert contents(path) == wanted


async def test_a_preregistration_stays_only_with_its_own_file(
    tmp_path: Path, small_experiment: Callable[..., Experiment]
) -> None:
    whole, text = some(small_experiment(), theorems=1)
    smaller, _ = some(whole, theorems=1, seeds=1)
    for name, plan, digest in (("same", "p", "p"), ("other", "q", None), ("none", None, None)):
        path = await finish(create(tmp_path / name, smaller, text, plan="p"))
        await finish(extend(path, whole, text, plan=plan))
        metadata = RunFolder.read(path).metadata
        assert metadata.experiment.plan_digest == digest
        assert metadata.extended[0].plan_digest == "p"
    path = await finish(create(tmp_path / "later", smaller, text))
    await finish(extend(path, whole, text, plan="p"))
    assert RunFolder.read(path).metadata.experiment.plan_digest is None, "nothing is registered beforehand afterwards"


def test_what_was_run_may_not_change(small_experiment: Callable[..., Experiment]) -> None:
    whole, _ = some(small_experiment())
    with pytest.raises(ExtensionError, match="nothing to add"):
        enlarged(whole, corpus=whole.corpus, arms=whole.arms, seeds=whole.seeds)
    with pytest.raises(ExtensionError, match="lacks the theorem t6"):
        enlarged(whole, corpus=some(whole, theorems=4)[0].corpus)
    theorems = whole.corpus.theorems
    other = msgspec.structs.replace(theorems[0], statement=": Other")
    changed = msgspec.structs.replace(whole.corpus, theorems=(other, *theorems[1:]))
    with pytest.raises(ExtensionError, match=r"t1 of .* is another theorem than the one that was run"):
        enlarged(whole, corpus=changed, seeds=(9,))
    arm = msgspec.structs.replace(parse_intervention("block_t2"), name="block_t1")
    with pytest.raises(ExtensionError, match="block_t1 is another arm"):
        enlarged(whole, arms=[arm])
    larger = enlarged(whole, seeds=(7, 0, 7, 3))
    assert larger.seeds == (0, 1, 7, 3)
