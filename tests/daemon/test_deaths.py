"""The daemon is killed between every two steps of a submission's life, and the next one goes on as if nothing had been.

The steps are told by the daemon itself to whoever was handed in: before and after each transaction of the store, each
thing that is written into a run folder, each message between dispatcher and runner, each iteration that is heard of.
The test lets a daemon live in a forked process that ends itself by SIGKILL at one of them; another one goes on then.

Searches run in the daemon's own process here, and so die with it, as worker processes do (which is tested elsewhere):
starting a hundred Python interpreters would take minutes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from cellview.base.groups import unwrapped
from cellview.core import Progress, SearchConfig
from cellview.daemon.config import DaemonConfig
from cellview.daemon.errors import ConflictError, WorkerFailedError
from cellview.daemon.folders import Folders
from cellview.daemon.intake import experiment_of
from cellview.daemon.janitor import Upkeep
from cellview.daemon.records import ExperimentStatus, Submission
from cellview.daemon.service import Daemon, running
from cellview.daemon.states import TERMINAL
from cellview.daemon.steps import Steps
from cellview.daemon.store import NewExperiment, Store
from cellview.daemon.wire import Command, Perform, Performed
from cellview.experiment import ExperimentFolder, Files, Session, SyntheticSpec, opener_of, perform, run_here
from cellview.trace import RunStatus, describe_versions

LIFE_S = 30.0


def submission(name: str, theorems: Sequence[str], *, latency_s: float = 0.0, priority: int = 0) -> Submission:
    corpus = "".join(f"[[theorem]]\nid = '{one}'\nstatement = ': {one}'\n" for one in theorems)
    return Submission(
        search=SearchConfig(agents=2, inflight=3, budget=(12,)),
        corpus_text=corpus,
        name=name,
        arms=("wild_type", "random_nonpath_control"),
        prover=SyntheticSpec(seed=5, p_fail=0.6, p_close=0.2, latency_s=latency_s),
        priority=priority,
    )


WHOLE = submission("whole", ["t1", "t2", "fails_once"])
HOPELESS = submission("hopeless", ["t3", "hopeless"], priority=-1)
CANCELLED = submission("cancelled", ["t4"], latency_s=0.5, priority=50)
DELETED = submission("deleted", ["t5"], latency_s=0.5, priority=40)


class Here:
    """A worker that is no process of its own. Two theorems are hard on it: one costs it a try, the other all."""

    def __init__(self, marks: Path) -> None:
        self._marks = marks
        self._task: asyncio.Task[Performed] | None = None
        self.alive = True

    async def perform(
        self,
        command: Command,
        *,
        stall_s: float,
        memory_bytes: int | None = None,
        working: Callable[[int], None] = lambda iteration: None,
        entered: object = None,
    ) -> Performed:
        assert isinstance(command, Perform)
        theorem = command.point.theorem.id
        if theorem == "hopeless":
            raise WorkerFailedError("Nobody can do this.")
        if theorem == "fails_once" and not (self._marks / theorem).exists():
            (self._marks / theorem).touch()
            raise WorkerFailedError("It failed once.")
        self._task = asyncio.create_task(self._perform(command, working))
        try:
            return await self._task
        except asyncio.CancelledError:
            if self.alive:
                raise
            raise WorkerFailedError("The worker was ended.") from None

    async def _perform(self, command: Perform, working: Callable[[int], None]) -> Performed:
        def progress(state: Progress) -> None:
            working(state.iteration)

        opener = await opener_of(command.setup.prover, command.setup.provider)
        async with opener(()) as opened:
            files = Files(Path(command.folder), command.stem, command.trace)
            outcome = await perform(command.point, Session(opened, command.setup), files, progress=progress)
            return Performed(outcome, 0.0)

    async def memory(self) -> int:
        return 0

    async def kill(self) -> None:
        self.alive = False
        if self._task is not None:
            self._task.cancel()
            with suppress(BaseException):
                await self._task

    async def close(self, *, deadline_s: float = 5.0) -> None:
        await self.kill()


async def live(data: Path, steps: Steps) -> None:
    """Everything that can happen to submissions, going on from wherever an earlier daemon was killed."""

    async def start(_: Sequence[str]) -> Here:
        return Here(data)

    upkeep = Upkeep(reserve_bytes=0, check_s=1000)
    config = DaemonConfig(data=data, workers=1, drain_s=0.01, retries=1, upkeep=upkeep)
    with anyio.fail_after(LIFE_S):
        async with running(config, start=start, steps=steps) as daemon:
            await go_on(daemon)


async def go_on(daemon: Daemon) -> None:
    cancelled, _ = await daemon.submit(CANCELLED, key="cancelled")
    whole, _ = await daemon.submit(WHOLE, key="whole")
    hopeless, _ = await daemon.submit(HOPELESS, key="hopeless")
    if cancelled.state not in TERMINAL:
        await until(daemon, cancelled.id, lambda one: one.running > 0 or one.state == "paused")
        await daemon.take(cancelled.id, "pause")
        await daemon.take(cancelled.id, "resume")
        await daemon.take(cancelled.id, "cancel")
    await daemon.pin(whole.id, pinned=True)
    await daemon.database.do(lambda store: store.set_priority(hopeless.id, -7))
    deleted, _ = await daemon.submit(DELETED, key="deleted")
    await daemon.take(deleted.id, "cancel")
    await gone(daemon, deleted.id)
    await until(daemon, whole.id, lambda one: one.state in TERMINAL)
    await until(daemon, hopeless.id, lambda one: one.state in TERMINAL)


async def until(daemon: Daemon, experiment: int, holds: Callable[[ExperimentStatus], bool]) -> None:
    while not holds(await daemon.database.do(lambda store: store.experiment(experiment))):  # noqa: ASYNC110
        await anyio.sleep(0.002)


async def gone(daemon: Daemon, experiment: int) -> None:
    while True:
        try:
            await daemon.delete(experiment)
            return
        except ConflictError:  # its folder is being let go of
            await anyio.sleep(0.002)


# -- a life, and its end -----------------------------------------------------------------------------------------------

Moment = tuple[str, int]
"""A step, and which of its occurrences."""

Contents = Callable[[Path], dict[str, object]]


def forked(work: Callable[[], object]) -> int:
    """Do something in a child; return its status as `os.waitpid` gives it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            traceback.print_exception(unwrapped(error))
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def lived(data: Path, *, until_moment: Moment | None = None, told: Path | None = None) -> bool:
    """Let a daemon live; say whether it was killed at that moment. `told`: where to write the steps that there were."""

    def work() -> None:
        seen: Counter[str] = Counter()

        def steps(step: str) -> None:
            seen[step] += 1
            if (step, seen[step]) == until_moment:
                os.kill(os.getpid(), signal.SIGKILL)

        anyio.run(live, data, steps)
        if told is not None:
            told.write_bytes(msgspec.json.encode(dict(seen)))

    status = forked(work)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        raise Broken(f"a daemon that went on ended with status {os.WEXITSTATUS(status)}")
    return False


class Broken(Exception):
    """What must hold does not hold."""


def verdict(data: Path, expected: dict[str, object], contents_of: Contents) -> None:
    """Compare what is there at the end with what must be.

    Raises:
        Broken: Something was lost, done twice, or is not what it must be.
    """
    ticks = iter(range(10**9))
    store = Store(data / "cellview.db", now=lambda: float(next(ticks)))
    try:
        found = {one.name: one for one in store.experiments().experiments}
        states = {name: (one.state, one.done, one.set_aside, one.pinned) for name, one in found.items()}
        if states != {
            "whole": ("finished", 6, 0, True),
            "hopeless": ("finished", 4, 1, False),
            "cancelled": ("cancelled", 0, 0, False),
        }:
            raise Broken(f"states: {states}")
        for name, status in found.items():
            events = store.events(after=0, limit=10_000, experiment=status.id)
            ends = sorted(event.data["search"] for event in events if event.kind == "search_finished")
            if name != "cancelled" and ends != list(range(status.points)):
                raise Broken(f"results of {name}: {ends}")
            if [event.kind for event in events].count("submitted") != 1:
                raise Broken(f"{name} was submitted more than once")
            for search in store.searches(status.id):
                if name != "cancelled" and search.state not in ("done", "set_aside"):
                    raise Broken(f"{name}: search {search.number} is {search.state}")
        runs = data / "runs"
        for name in ("whole", "hopeless"):
            if contents_of(runs / found[name].folder) != expected[name]:
                raise Broken(f"the folder of {name} is not what it must be")
        known = {one.folder for one in found.values()}
        strangers = {path.name for path in runs.iterdir()} - known
        if strangers:
            raise Broken(f"left in the folder of runs: {sorted(strangers)}")
    finally:
        store.close()


class Undisturbed:
    """What must be at the end, and the steps that lead there."""

    def __init__(self, folders: dict[str, object], steps: dict[str, int]) -> None:
        self.folders = folders
        self.steps = steps


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, contents_of: Contents) -> Undisturbed:
    """A life without a death. What it makes of one experiment is compared with what the driver of `run` makes of it."""
    place = tmp_path_factory.mktemp("undisturbed")

    async def here() -> None:
        experiment = experiment_of(WHOLE)
        text = WHOLE.corpus_text
        assert text is not None
        folder = ExperimentFolder.create(
            place / "here", experiment, corpus=text.encode(), versions=describe_versions(), driver={}
        )
        with folder:
            folder.begin()
            await run_here(folder, await opener_of(experiment.setup.prover, experiment.setup.provider))
            folder.save("finished")

    assert not lived(place / "data", told=place / "steps")
    assert os.waitstatus_to_exitcode(forked(lambda: anyio.run(here))) == 0
    runs = place / "data" / "runs"
    found: dict[str, object] = {
        path.name.split("-")[1]: contents_of(path) for path in runs.iterdir() if "cancelled" not in path.name
    }
    assert found["whole"] == contents_of(place / "here")
    verdict(place / "data", found, contents_of)
    return Undisturbed(found, msgspec.json.decode((place / "steps").read_bytes(), type=dict[str, int]))


def moments(steps: dict[str, int]) -> Iterator[Moment]:
    """Every step: the first time it is taken, and the last but one, when much has been done already."""
    for step, count in sorted(steps.items()):
        yield step, 1
        if count > 2:
            yield step, count - 1


def survive(place: Path, chosen: Iterable[Moment], expected: dict[str, object], contents_of: Contents) -> set[str]:
    """Let daemons die at these moments, and others go on; return the steps at which one did die.

    Raises:
        Broken: Something does not hold then.
    """
    deaths: set[str] = set()
    for number, moment in enumerate(chosen):
        data = place / f"data-{number}"
        try:
            # A later occurrence can be missed, since no two daemons take their steps in quite the same order.
            if lived(data, until_moment=moment):
                deaths.add(moment[0])
                lived(data)
            verdict(data, expected, contents_of)
        except Broken as broken:
            raise Broken(f"killed at {moment}: {broken}") from broken
    return deaths


def test_a_death_at_every_step_leaves_what_the_next_daemon_goes_on_from(
    tmp_path: Path, undisturbed: Undisturbed, contents_of: Contents
) -> None:
    deaths = survive(tmp_path, moments(undisturbed.steps), undisturbed.folders, contents_of)
    assert deaths == set(undisturbed.steps)
    assert len(deaths) >= 50


# -- the power of that test --------------------------------------------------------------------------------------------


def result_is_not_written_at_once(patch: pytest.MonkeyPatch) -> None:
    """The database says that a search is done before its folder does."""

    def save(self: ExperimentFolder, status: RunStatus | None = None, *, error: str | None = None) -> None:
        if status is not None:
            whole(self, status, error=error)

    whole = ExperimentFolder.save
    patch.setattr(ExperimentFolder, "save", save)


def nothing_is_put_back(patch: pytest.MonkeyPatch) -> None:
    """What was running stays running."""

    def recover(self: Store) -> list[int]:
        return []

    patch.setattr(Store, "recover", recover)


def submission_takes_two_transactions(patch: pytest.MonkeyPatch) -> None:
    """An experiment is there before its points are."""

    def submit(self: Store, new: NewExperiment) -> tuple[ExperimentStatus, bool]:
        status, is_new = whole(self, msgspec.structs.replace(new, points=[]))
        if is_new:
            connection: Any = self._connection  # pyright: ignore[reportPrivateUsage]
            with connection:
                connection.executemany(
                    "INSERT INTO points (experiment, number, theorem, arm, seed, state) VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        (status.id, number, theorem, arm, seed, "waiting" if waits else "ready")
                        for number, (theorem, arm, seed, waits) in enumerate(new.points)
                    ],
                )
        return status, is_new

    whole = Store.submit
    patch.setattr(Store, "submit", submit)


def rows_go_before_folders(patch: pytest.MonkeyPatch) -> None:
    """An experiment is forgotten before its folder is put out of sight."""

    async def remove(self: Folders, experiment: int, *, why: str | None = None) -> None:
        database, runs = self._database, self._runs  # pyright: ignore[reportPrivateUsage]
        status = await database.do(lambda store: store.experiment(experiment))
        if experiment in self:
            raise ConflictError("later")
        await database.do(lambda store: store.delete(experiment, why=why))
        shutil.rmtree(runs / status.folder, ignore_errors=True)

    patch.setattr(Folders, "remove", remove)


def folders_are_always_made(patch: pytest.MonkeyPatch) -> None:
    """A folder that is there already is taken for another's."""

    def exists(self: Path) -> bool:
        return "runs" not in self.parts and os.path.exists(self)  # noqa: PTH110  # what is replaced cannot be asked

    patch.setattr(Path, "exists", exists)


@pytest.mark.parametrize(
    ("plant", "at"),
    [
        (result_is_not_written_at_once, ["end:after"]),
        (nothing_is_put_back, ["begin:after"]),
        (submission_takes_two_transactions, ["submit:after"]),
        (rows_go_before_folders, ["delete:after"]),
        (folders_are_always_made, ["folder:made", "folder:begun", "start:before"]),
    ],
)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    at: list[str],
    tmp_path: Path,
    undisturbed: Undisturbed,
    contents_of: Contents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "LIFE_S", 5.0)  # one that waits for ever is broken too
    plant(monkeypatch)
    chosen = [(step, number) for step in at for number in range(1, undisturbed.steps[step] + 1)]
    with pytest.raises(Broken, match="killed at"):
        survive(tmp_path, chosen, undisturbed.folders, contents_of)


# -- workers -----------------------------------------------------------------------------------------------------------

MORTAL = """
import os, signal, sys
from pathlib import Path

marks = Path(sys.argv.pop(1))
module = __import__("cellview.daemon.worker", fromlist=["main"])
performing = sys.modules["cellview.experiment.perform"]
write = performing.write_atomically

def steps(step):
    if not (marks / step).exists():
        (marks / step).touch()
        os.kill(os.getpid(), signal.SIGKILL)

def write_atomically(path, data):
    kind = Path(path).name.split("_")[-1]
    steps("before " + kind)
    write(path, data)
    steps("after " + kind)

performing.write_atomically = write_atomically
module.main(steps=steps)
"""
"""A worker that dies at each of its steps once."""


async def test_a_worker_that_dies_at_every_step_of_its_own_costs_nothing_but_time(
    tmp_path: Path, config: Callable[..., DaemonConfig], same_as_run_here: Callable[[Path, Submission], Awaitable[None]]
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    worker = (sys.executable, "-c", MORTAL, str(marks))
    async with running(config(worker=worker, retries=20)) as daemon:
        status, _ = await daemon.submit(WHOLE)
        with anyio.fail_after(200):
            await until(daemon, status.id, lambda one: one.state in TERMINAL)
        events = await daemon.database.do(lambda store: store.events(after=0, experiment=status.id))
        folder = daemon.run_folder(status)
    assert {path.name for path in marks.iterdir()} == {
        "command", "opened", "iteration", "before tree.json", "after tree.json", "before proof.lean",
        "after proof.lean", "performed", "answered",
    }  # fmt: skip
    # After its answer it has no point that it could cost.
    assert [event.kind for event in events].count("search_lost") == 8
    await same_as_run_here(folder, WHOLE)
