"""The daemon without its front: real worker processes, killed, hung, paused, cancelled, and the folders they leave."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest

from cellview.daemon.config import DaemonConfig
from cellview.daemon.errors import ConflictError, DataFolderError, NoSuchExperimentError
from cellview.daemon.records import ExperimentStatus, Submission
from cellview.daemon.service import Daemon, running
from cellview.daemon.states import ExperimentState

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]
SameAsRunHere = Callable[[Path, Submission], Awaitable[None]]

CORPUS_OF_ONE = "[[theorem]]\nid = 't1'\nstatement = ': T1'\n"


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    with anyio.fail_after(120):
        while not await holds():  # noqa: ASYNC110  # what is waited for is in other processes
            await anyio.sleep(0.02)


async def is_busy(daemon: Daemon) -> bool:
    return (await daemon.health()).busy > 0


async def has_lost(daemon: Daemon) -> bool:
    events = await daemon.database.do(lambda store: store.events(after=0))
    return any(event.kind == "search_lost" for event in events)


async def has_ended(daemon: Daemon, worker: int) -> bool:
    return worker not in workers_of(os.getpid()) and not await is_busy(daemon)


async def reached(daemon: Daemon, experiment: int, *states: ExperimentState) -> ExperimentStatus:
    """Wait until an experiment is in one of the states."""

    async def is_there() -> bool:
        return (await daemon.database.do(lambda store: store.experiment(experiment))).state in states

    await until(is_there)
    return await daemon.database.do(lambda store: store.experiment(experiment))


def workers_of(parent: int) -> list[int]:
    """Process ids of living workers of a process, asked of the kernel."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if b"cellview.daemon.worker" in command and int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(entry.name))
    return found


async def test_folders_are_those_of_run(config: Configure, submission: Submit, same_as_run_here: SameAsRunHere) -> None:
    chosen = submission()
    async with running(config(workers=2)) as daemon:
        status, new = await daemon.submit(chosen, key="k")
        assert new and status.points == 9
        assert (await daemon.submit(chosen, key="k"))[0].id == status.id
        ended = await reached(daemon, status.id, "finished")
        assert ended.done == ended.points and 0 < ended.solved < ended.points
        folder = daemon.run_folder(ended)
        kinds = [event.kind for event in await daemon.database.do(lambda store: store.events(after=0))]
    assert kinds[:2] == ["submitted", "started"] and kinds[-1] == "finished"
    assert kinds.count("search_finished") == 9
    assert not workers_of(os.getpid())
    await same_as_run_here(folder, chosen)


async def test_a_killed_worker_and_a_stopped_daemon_lose_and_repeat_nothing(
    config: Configure, submission: Submit, same_as_run_here: SameAsRunHere
) -> None:
    chosen = submission(latency_s=0.004)
    async with running(config(drain_s=0.1)) as daemon:
        status, _ = await daemon.submit(chosen)
        await reached(daemon, status.id, "running")
        await until(lambda: is_busy(daemon))
        (worker,) = workers_of(os.getpid())
        os.kill(worker, signal.SIGKILL)
        await until(lambda: has_lost(daemon))
    async with running(config()) as daemon:
        ended = await reached(daemon, status.id, "finished")
        events = await daemon.database.do(lambda store: store.events(after=0, experiment=status.id))
        folder = daemon.run_folder(ended)
    finished = [event.data["search"] for event in events if event.kind == "search_finished"]
    assert sorted(finished) == list(range(9))
    await same_as_run_here(folder, chosen)


HANGS = """
import sys, time
sys.stdin.buffer.read(4)
time.sleep(1000)
"""
DIES = "import sys; sys.stdin.buffer.read(4); sys.exit(7)"
BABBLES = r"import sys, time; sys.stdout.write('This is no frame of ours.\n'); sys.stdout.flush(); time.sleep(1000)"


@pytest.mark.parametrize(
    ("program", "reason"),
    [(HANGS, "no sign of life"), (DIES, "exit code 7"), (BABBLES, "did not answer as agreed")],
)
async def test_a_hopeless_point_is_set_aside_with_its_reason(
    config: Configure, submission: Submit, program: str, reason: str
) -> None:
    broken = config(worker=(sys.executable, "-c", program), stall_s=1.0, retries=1)
    chosen = submission(corpus_text=CORPUS_OF_ONE, arms=("wild_type", "random_nonpath_control"))
    async with running(broken) as daemon:
        status, _ = await daemon.submit(chosen)
        ended = await reached(daemon, status.id, "failed")  # nothing else is in it, so it has no result at all
        assert ended.set_aside == 1 and "holds no result" in (ended.reason or "")
        first, second = await daemon.database.do(lambda store: store.searches(status.id))
        assert first.state == "set_aside" and reason in (first.reason or "")
        assert (second.state, second.stop_reason) == ("done", "no_wild_type_proof")


async def test_cancel_ends_the_worker_and_pause_begins_nothing(config: Configure, submission: Submit) -> None:
    slow = submission(latency_s=0.5, budget=1000)
    async with running(config()) as daemon:
        first, _ = await daemon.submit(slow)
        second, _ = await daemon.submit(submission())
        assert (await daemon.take(second.id, "pause")).state == "paused"
        await until(lambda: is_busy(daemon))
        (worker,) = workers_of(os.getpid())
        with pytest.raises(ConflictError, match="has not ended yet"):
            await daemon.delete(first.id)
        assert (await daemon.take(first.id, "cancel")).state == "cancelled"
        await until(lambda: has_ended(daemon, worker))
        assert (await daemon.database.do(lambda store: store.experiment(second.id))).done == 0
        folder = daemon.run_folder(first)
        assert folder.exists()
        await daemon.delete(first.id)
        assert not folder.exists()
        await daemon.take(second.id, "resume")
        await reached(daemon, second.id, "finished")


async def test_the_second_daemon_on_a_folder_is_refused(config: Configure) -> None:
    async with running(config()):
        with pytest.raises(DataFolderError, match="Another daemon is running"):
            async with running(config()):
                raise AssertionError("two daemons on one folder")


async def test_what_is_said_after_the_drain_is_nothing_to_fail_at(config: Configure) -> None:
    async with running(config()) as daemon:
        await daemon.drain()
        before = workers_of(os.getpid())
        with pytest.raises(NoSuchExperimentError):
            await daemon.pin(1, pinned=True)
        assert (await daemon.health()).status == "stopping"
        assert workers_of(os.getpid()) == before != []  # a dispatcher that had failed would have begun anew
