"""The janitor: quota and retention spare what is pinned or unfinished, and a full disk loses nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import msgspec
import pytest

from cellview.daemon.config import DaemonConfig
from cellview.daemon.disk import bytes_of, was_full
from cellview.daemon.errors import ConflictError
from cellview.daemon.janitor import Upkeep
from cellview.daemon.records import ExperimentStatus, Submission
from cellview.daemon.service import Daemon, running
from cellview.trace import TraceWriteError, write_atomically

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]
SameAsRunHere = Callable[[Path, Submission], Awaitable[None]]

CORPUS_OF_ONE = "[[theorem]]\nid = 't1'\nstatement = ': T1'\n"


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(120):
        while not await holds():  # noqa: ASYNC110  # what is waited for is in other processes
            await anyio.sleep(0.02)


async def finished(daemon: Daemon, submission: Submission) -> ExperimentStatus:
    status, _ = await daemon.submit(submission)

    async def has_ended() -> bool:
        return (await daemon.database.do(lambda store: store.experiment(status.id))).state == "finished"

    await until(has_ended)
    return status


async def listed(daemon: Daemon) -> list[int]:
    page = await daemon.database.do(lambda store: store.experiments())
    return [one.id for one in page.experiments]


def quick(submission: Submit) -> Submission:
    return submission(corpus_text=CORPUS_OF_ONE, arms=("wild_type",))


async def test_retention_spares_what_is_pinned_or_unfinished(config: Configure, submission: Submit) -> None:
    async with running(config()) as daemon:
        old, kept = [await finished(daemon, quick(submission)) for _ in range(2)]
        waiting, _ = await daemon.submit(submission(latency_s=0.5, budget=1000))
        await daemon.take(waiting.id, "pause")
        assert (await daemon.pin(kept.id, pinned=True)).pinned
    async with running(config(upkeep=Upkeep(retain_s=0.001, check_s=0.05))) as daemon:

        async def is_gone() -> bool:
            return old.id not in await listed(daemon)

        await until(is_gone)
        await anyio.sleep(0.3)  # some looks more
        assert await listed(daemon) == [waiting.id, kept.id]
        assert not daemon.run_folder(old).exists() and daemon.run_folder(kept).exists()
        with pytest.raises(ConflictError, match="unpin it"):
            await daemon.delete(kept.id)
        await daemon.pin(kept.id, pinned=False)
        await until(lambda: equals(listed(daemon), [waiting.id]))
        last = (await daemon.database.do(lambda store: store.events(after=0)))[-1]
        assert last.kind == "deleted" and "days ago" in last.data["reason"]


async def equals(asked: Awaitable[list[int]], expected: list[int]) -> bool:
    return await asked == expected


async def test_the_quota_takes_what_ended_first_and_holds_the_queue_when_nothing_may_go(
    config: Configure, submission: Submit
) -> None:
    async with running(config()) as daemon:
        first, second, third = [await finished(daemon, quick(submission)) for _ in range(3)]
        await daemon.pin(first.id, pinned=True)
        each = bytes_of(daemon.run_folder(third))
    async with running(config(upkeep=Upkeep(quota_bytes=2 * each + each // 2, check_s=0.05))) as daemon:
        await until(lambda: equals(listed(daemon), [third.id, first.id]))
        await daemon.pin(third.id, pinned=True)
        assert (await daemon.health()).held is None
    assert second.id not in (first.id, third.id)
    async with running(config(upkeep=Upkeep(quota_bytes=each, check_s=0.05))) as daemon:

        async def is_held() -> bool:
            return "quota" in ((await daemon.health()).held or "")

        await until(is_held)
        status, _ = await daemon.submit(quick(submission))
        await anyio.sleep(0.2)
        assert (await daemon.database.do(lambda store: store.experiment(status.id))).state == "queued"
        await daemon.pin(first.id, pinned=False)  # now there is something that may go
        await daemon.take(status.id, "cancel")
        await until(lambda: equals(listed(daemon), [status.id, third.id]))


async def test_a_disk_that_is_nearly_full_holds_the_queue_and_lets_it_go_by_itself(
    config: Configure, submission: Submit, same_as_run_here: SameAsRunHere
) -> None:
    room = 500
    chosen = submission()
    upkeep = Upkeep(reserve_bytes=1000, check_s=0.05)
    async with running(config(upkeep=upkeep), free=lambda path: room) as daemon:

        async def is_held() -> bool:
            return (await daemon.health()).held is not None

        await until(is_held)
        status, _ = await daemon.submit(chosen)
        for room in (1000, 1099):  # noqa: B007  # the daemon reads it; not enough yet: it would flutter
            await anyio.sleep(0.2)
            assert "make room" in ((await daemon.health()).held or "")
        assert (await daemon.database.do(lambda store: store.experiment(status.id))).state == "queued"
        room = 2000

        async def has_ended() -> bool:
            return (await daemon.database.do(lambda store: store.experiment(status.id))).state == "finished"

        await until(has_ended)
        events = await daemon.database.do(lambda store: store.events(after=0, experiment=0))
        folder = daemon.run_folder(status)
    assert [event.kind for event in events] == ["held", "released"]
    await same_as_run_here(folder, chosen)


async def test_what_killed_processes_left_is_cleared_away(
    config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """
import os, sys
from pathlib import Path
from cellview.base.scratch import make_scratch, make_scratch_file
runs = Path(sys.argv[1])
(runs / "000001-x" / "t1").mkdir(parents=True)
make_scratch("removed", within=runs)
make_scratch_file("file", within=runs / "000001-x")
make_scratch_file("file", within=runs / "000001-x" / "t1")
make_scratch("point")
os.kill(os.getpid(), 9)
"""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    runs = tmp_path / "data" / "runs"
    environment = os.environ | {"TMPDIR": str(temporary)}
    await anyio.run_process([sys.executable, "-c", script, str(runs)], env=environment, check=False)
    left = [path for path in [*runs.rglob("*"), *temporary.iterdir()] if "cellview-" in path.name]
    assert len(left) == 4
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    async with running(config(upkeep=Upkeep(check_s=0.05))):

        async def is_clear() -> bool:
            return not any(path.exists() for path in left)

        await until(is_clear)
    assert (runs / "000001-x" / "t1").is_dir()


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of a few megabytes; what can mount none cannot run this test."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system can be mounted by the administrator alone")
    return place


@pytest.fixture(autouse=True)
def unmounted(tmp_path: Path) -> object:
    yield
    if (tmp_path / "small").is_mount():
        subprocess.run(["umount", str(tmp_path / "small")], check=True)


async def test_a_full_disk_loses_nothing(
    config: Configure, submission: Submit, same_as_run_here: SameAsRunHere, small_disk: Path
) -> None:
    """The disk fills while searches run, again and again, wherever they happen to be; then there is room."""
    chosen = submission(budget=400, latency_s=0.0002)
    data = small_disk / "data"
    ballast = small_disk / "ballast"
    upkeep = Upkeep(reserve_bytes=0, check_s=0.2)
    async with running(config(data=data, upkeep=upkeep, retries=0)) as daemon:
        status, _ = await daemon.submit(chosen)
        for _ in range(4):

            async def has_begun() -> bool:
                return bool(list(data.glob("runs/*/*/*.jsonl")))

            await until(has_begun)
            _fill(ballast)

            async def is_held() -> bool:
                now = await daemon.database.do(lambda store: store.experiment(status.id))
                return (await daemon.health()).held is not None or now.state == "finished"

            await until(is_held)
            ballast.unlink()
        await until(lambda: ended(daemon, status.id))
        found = await daemon.database.do(lambda store: store.experiment(status.id))
        events = await daemon.database.do(lambda store: store.events(after=0))
        folder = daemon.run_folder(status)
    assert found.state == "finished" and found.set_aside == 0
    reasons = [event.data["reason"] for event in events if event.kind == "released"]  # "held" may have had no room
    assert reasons and all("No space left" in reason or "is full" in reason for reason in reasons)
    await same_as_run_here(folder, chosen)


async def ended(daemon: Daemon, experiment: int) -> bool:
    return (await daemon.database.do(lambda store: store.experiment(experiment))).state in ("finished", "failed")


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def test_a_full_disk_is_known_behind_the_sentence_that_says_so(small_disk: Path) -> None:
    _fill(small_disk / "ballast")
    with pytest.raises(TraceWriteError) as refused:
        write_atomically(small_disk / "file", b"x" * 100_000)
    assert was_full(refused.value)
    assert not was_full(ValueError())
    assert shutil.disk_usage(small_disk).free == 0
    assert msgspec.json.encode(str(refused.value))
