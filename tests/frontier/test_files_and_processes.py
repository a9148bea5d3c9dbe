"""The journal file, the merger, and runs whose coordinator dies or that are resumed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec
import pytest

from cellview.frontier import (
    JOURNAL_NAME,
    Coordinator,
    DeterminismError,
    Json,
    MachineFailedError,
    Manifest,
    MemoryFrontier,
    Merger,
    Prng,
    Result,
    Work,
    Worker,
)
from cellview.frontier.check import demo
from cellview.frontier.check.demo import DEMO_TASKS, seeds
from cellview.frontier.errors import FrontierError, JournalError, TaskError, WorkerFailedError
from cellview.frontier.local.committer import Committer
from cellview.frontier.local.journal_file import JournalLine, read_journal
from cellview.frontier.local.merger import merge_lines
from cellview.frontier.local.socket import LocalFrontier, LocalServer
from cellview.frontier.local.task import Task, TaskSession, task_named
from cellview.frontier.machine.result import completed_of

_SETTINGS = '{"depth":4,"fanout":3,"sleep_ms":1}'


def _manifest(name: str = "files", **fields: object) -> Manifest:
    fields = {
        "task": "demo.grow",
        "window": 6,
        "beam_width": 12,
        "settings": _SETTINGS,
    } | fields
    return Manifest(experiment=name, **fields)  # type: ignore[arg-type]


async def _inline(folder: Path, *, frontier: MemoryFrontier | None = None) -> str:
    """One run in this process; returns the state digest."""
    frontier = frontier or MemoryFrontier("files")
    await frontier.create(_manifest())
    await frontier.push(seeds(6))
    await frontier.start()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(frontier, "w", tasks=DEMO_TASKS).run)
        tasks.start_soon(Committer(frontier, folder).run)
    return (await frontier.snapshot()).digest


async def test_a_journal_brings_a_lost_experiment_back(tmp_path: Path) -> None:
    digest = await _inline(tmp_path)
    path = tmp_path / "journal.jsonl"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert len(lines) > 20
    for kept in (0, 1, 2, 17, len(lines)):
        path.write_bytes(b"".join(lines[:kept]) + (lines[kept][:11] if kept < len(lines) else b""))  # a torn tail
        assert await _inline(tmp_path) == digest
        merged = Merger(tmp_path).write(read_journal(path))
        assert merged.results == len(lines) - 1
        assert [json.loads(line)["ticket"] for line in (tmp_path / "results.jsonl").read_text().splitlines()] == list(
            range(len(lines) - 1)
        )


async def test_a_journal_of_another_experiment_is_refused(tmp_path: Path) -> None:
    await _inline(tmp_path)
    other = MemoryFrontier("files")
    await other.create(_manifest())
    await other.push(seeds(2)[1:])
    await other.start()
    with pytest.raises(JournalError, match="is not the journal of this experiment"):
        await Committer(other, tmp_path).run()


async def test_merging_is_independent_of_who_did_what(tmp_path: Path) -> None:
    await _inline(tmp_path)
    lines = list(read_journal(tmp_path / "journal.jsonl"))
    chance = random.Random(5)
    reports: set[tuple[str, str]] = set()
    for workers in (1, 2, 5):
        buffers: list[list[JournalLine]] = [[] for _ in range(workers)]
        for line in chance.sample(lines, len(lines)) + chance.sample(lines, 7):  # some were done twice
            chance.choice(buffers).append(line)
        report = Merger(tmp_path / str(workers)).write(merge_lines(buffers))
        reports.add((report.results_digest, report.trace_digest))
    assert len(reports) == 1
    with pytest.raises(DeterminismError, match=lines[3].candidate):
        merge_lines([lines, [msgspec.structs.replace(lines[3], digest="x")]])


async def test_the_trace_digest_leaves_timestamps_out_and_nothing_else(tmp_path: Path) -> None:
    def lines(text: str) -> list[JournalLine]:
        return [JournalLine(0, "c", '"x"', "0.0", 0, "committed", "d", "null", [], [text], "null")]

    one = Merger(tmp_path).write(lines('{"a":1,"timestamp_ms":5,"b":2}'))
    two = Merger(tmp_path).write(lines('{"a":1,"timestamp_ms":777,"b":2}'))
    three = Merger(tmp_path).write(lines('{"a":1,"timestamp_ms":5,"b":3}'))
    assert one.trace_digest == two.trace_digest != three.trace_digest


def test_what_a_result_digest_covers() -> None:
    base = Result(payload=1, trace=['{"timestamp_ms":1,"a":2}'], notes="here")
    same = Result(payload=1, trace=['{"timestamp_ms":9,"a":2}'], notes="there")
    assert completed_of(base).digest == completed_of(same).digest
    for other in (
        Result(payload=2, trace=base.trace),
        Result(payload=1),
        Result(payload=1, trace=base.trace, children=seeds(1)),
    ):
        assert completed_of(other).digest != completed_of(base).digest
    with pytest.raises(TaskError, match="line break"):
        completed_of(Result(trace=["a\nb"]))


@pytest.mark.parametrize("path", ["nothing", "no.such.module:x", f"{demo.__name__}:absent", f"{demo.__name__}:__doc__"])
def test_tasks_that_cannot_be_loaded(path: str) -> None:
    with pytest.raises(TaskError, match=path.replace(".", r"\.")):
        task_named("mine", {"mine": path})


async def test_a_worker_runs_only_what_it_was_told_of() -> None:
    frontier = MemoryFrontier("files")
    await frontier.create(_manifest(task="demo.wait"))
    await frontier.push(seeds(1))
    await frontier.start()
    with pytest.raises(
        TaskError, match=r"asks for task 'demo\.wait', which this worker was not told of \(it knows mine\)"
    ):
        await Worker(frontier, "w", tasks={"mine": DEMO_TASKS["demo.wait"]}).run()
    assert (await frontier.stats()).leased == 0


async def test_a_session_gets_the_settings_of_the_manifest_and_the_options_of_its_worker() -> None:
    told: list[object] = []

    @asynccontextmanager
    async def opens(settings: dict[str, Json], options: dict[str, Json]) -> AsyncGenerator[Task]:
        told.append((settings, options))
        yield lambda work, prng: Result()

    frontier = MemoryFrontier("files")
    await frontier.create(_manifest(settings='{"lean":"/their/lean"}'))
    await frontier.push(seeds(1))
    await frontier.start()
    epoch = await frontier.open_committer("me")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            Worker(frontier, "w", tasks={"demo.grow": TaskSession(opens)}, options={"lean": "/my/lean"}).run
        )
        while (await frontier.commit(epoch)).phase != "finished":  # noqa: ASYNC110  # that is how a committer waits
            await anyio.sleep(0.001)
    assert told == [({"lean": "/their/lean"}, {"lean": "/my/lean"})]


async def test_a_task_that_fails_is_set_aside_and_says_why(tmp_path: Path) -> None:
    def fails(work: Work, prng: Prng) -> Result:
        if work.depth == 0 and work.item == {"path": [2]}:
            raise ValueError("this one never works")
        return Result(payload=prng.below(10))

    frontier = MemoryFrontier("files")
    await frontier.create(_manifest(max_failures=2))
    await frontier.push(seeds(4))
    await frontier.start()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(frontier, "w", tasks={"demo.grow": fails}).run)
        tasks.start_soon(Committer(frontier, tmp_path).run)
    stats = await frontier.stats()
    assert (stats.phase, stats.set_aside, stats.failures, stats.committed) == ("finished", 1, 2, 4)
    bad = [line for line in read_journal(tmp_path / "journal.jsonl") if line.kind != "committed"]
    assert [(line.kind, line.item, line.notes) for line in bad] == [
        ("failed", '{"path":[2]}', '{"error":"ValueError: this one never works"}')
    ]


async def test_heartbeats_keep_long_work_even_of_plain_functions() -> None:
    def slow(work: Work, prng: Prng) -> Result:
        time.sleep(0.5)
        return Result()

    frontier = MemoryFrontier("files")
    await frontier.create(_manifest(lease_ms=150))
    await frontier.push(seeds(1))
    await frontier.start()
    workers = [Worker(frontier, name, tasks={"demo.grow": slow}) for name in ("a", "b")]
    async with anyio.create_task_group() as tasks:
        for worker in workers:
            tasks.start_soon(worker.run)
        epoch = await frontier.open_committer("test")
        while (await frontier.commit(epoch)).phase != "finished":  # noqa: ASYNC110  # that is how a committer waits
            await anyio.sleep(0.01)
    assert sorted(worker.report.completed for worker in workers) == [0, 1]
    assert (await frontier.stats()).expiries == 0


async def test_a_cancelled_worker_hands_its_lease_back() -> None:
    started = anyio.Event()

    async def hangs(work: Work, prng: Prng) -> Result:
        started.set()
        await anyio.sleep_forever()
        return Result()

    frontier = MemoryFrontier("files")
    await frontier.create(_manifest())
    await frontier.push(seeds(1))
    await frontier.start()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(frontier, "w", tasks={"demo.grow": hangs}).run)
        await started.wait()
        tasks.cancel_scope.cancel()
    assert (await frontier.stats()).leased == 0
    assert [lease.ticket for lease in (await frontier.pop("v")).leases] == [0]


async def test_a_memory_frontier_over_a_socket_behaves_like_itself(tmp_path: Path) -> None:
    local = LocalFrontier(str(tmp_path / "s"), "files")
    async with LocalServer(MemoryFrontier("files"), str(tmp_path / "s")):
        with pytest.raises(FrontierError, match="there is no experiment 'files'"):
            await local.attach()
        assert await local.create(_manifest(window=2))
        assert await local.push(seeds(3)) == [True, True, True]
        assert await local.prune(2) == 1
        await local.start()
        first, second = (await local.pop("w", count=5)).leases
        await local.heartbeat(first)
        await local.release(second)
        one, two = completed_of(Result(payload=1)), completed_of(Result(payload=2))
        assert await local.complete([(first, one)]) == ["accepted"]
        with pytest.raises(DeterminismError) as told:
            await local.complete([(first, two)])
        assert (told.value.candidate, told.value.first, told.value.second) == (first.candidate, one.digest, two.digest)
        epoch = await local.open_committer("c")
        with pytest.raises(DeterminismError):
            await local.commit(epoch)
        assert (await local.stats()).conflicts == 1
        assert (await local.snapshot()).next_ticket == 2
        await local.close()
    with pytest.raises(FrontierError, match="has gone"):
        await local.stats()


async def test_a_run_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    await _inline(tmp_path)
    with pytest.raises(FrontierError, match="resume it, or choose another folder"):
        await Coordinator(_manifest(), seeds(6), folder=tmp_path, tasks=DEMO_TASKS).run()
    with pytest.raises(WorkerFailedError, match="at least 1"):
        Coordinator(_manifest(), seeds(6), folder=tmp_path, tasks=DEMO_TASKS, workers=0)


async def test_processes_that_keep_dying_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deadly.py").write_text("import os\ndef execute(work, prng):\n    os.kill(os.getpid(), 9)\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(WorkerFailedError, match="keep dying without a commit"):
        await Coordinator(
            _manifest(task="deadly", lease_ms=50), seeds(1), folder=tmp_path, tasks={"deadly": "deadly:execute"}
        ).run()


async def test_a_run_that_ends_before_its_first_commit_has_a_folder_to_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "full.py").write_text(
        "from cellview.frontier import MachineFailedError, Result\n"
        "def execute(work, prng):\n    raise MachineFailedError('The disk is full.')\n"
    )
    (tmp_path / "free.py").write_text(
        "from cellview.frontier import Result\ndef execute(work, prng):\n    return Result(payload=1)\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(MachineFailedError, match="The disk is full"):
        await Coordinator(_manifest(task="t"), seeds(2), folder=tmp_path, tasks={"t": "full:execute"}).run()
    assert (tmp_path / JOURNAL_NAME).exists()
    again = Coordinator(_manifest(task="t"), seeds(2), folder=tmp_path, tasks={"t": "free:execute"}, resume=True)
    report = await again.run()
    assert (report.finished, report.stats.committed, report.stats.set_aside) == (True, 2, 0)


async def test_a_determinism_error_ends_the_run(tmp_path: Path, redis_url: str, experiment: str) -> None:
    from cellview.frontier import RedisFrontier

    frontier = RedisFrontier(redis_url, experiment)
    await frontier.create(_manifest(experiment, window=1))
    await frontier.push(seeds(2))
    await frontier.start()
    lease = (await frontier.pop("elsewhere")).leases[0]
    await frontier.complete([(lease, completed_of(Result(payload=1)))])
    with pytest.raises(DeterminismError):
        await frontier.complete([(lease, completed_of(Result(payload=2)))])
    await frontier.close()
    with pytest.raises(DeterminismError, match=lease.candidate):
        await Coordinator(
            _manifest(experiment, window=1),
            seeds(2),
            folder=tmp_path,
            tasks=DEMO_TASKS,
            url=redis_url,
            workers=1,
            resume=True,
        ).run()


_OWNER = """
import sys, anyio
from pathlib import Path
from cellview.frontier import Coordinator, Manifest
from cellview.frontier.check import demo
from cellview.frontier.check.demo import DEMO_TASKS, seeds
url, name, folder = sys.argv[1:]
manifest = Manifest(experiment=name, task="demo.grow", window=6, beam_width=12,
                    settings='{"depth":4,"fanout":3,"sleep_ms":1}', lease_ms=500)
async def main():
    run = Coordinator(manifest, seeds(6), folder=Path(folder), tasks=DEMO_TASKS, url=url, workers=2, resume=True,
                      progress=lambda stats: print(stats.committed, *(c.pid for c in run.children), flush=True))
    report = await run.run()
    print("done", report.state_digest, report.merged.trace_digest, flush=True)
anyio.run(main)
"""


def _own(url: str, name: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _OWNER, url, name, str(folder)], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("backend", ["memory", "redis"])
def test_a_killed_coordinator_leaves_no_process_and_its_run_is_resumed(
    backend: str, tmp_path: Path, redis_url: str, experiment: str
) -> None:
    url = "memory:" if backend == "memory" else redis_url
    ends: set[str] = set()
    for name, kill_at in (("whole", 10_000), ("cut", 8)):
        while True:
            owner = _own(url, experiment, tmp_path / name)
            assert owner.stdout is not None
            pids: list[int] = []
            for line in owner.stdout:
                first, *rest = line.split()
                if first == "done":
                    ends.add(line)
                    break
                pids = [int(pid) for pid in rest]
                if int(first) >= kill_at:
                    owner.send_signal(signal.SIGKILL)
                    break
            owner.stdout.close()
            owner.wait()
            if owner.returncode == 0:
                break
            kill_at = 10_000
            for pid in pids:
                _wait_for_end(pid)
        if backend == "redis":
            anyio.run(_clear, redis_url, experiment)
    assert len(ends) == 1


async def _clear(url: str, experiment: str) -> None:
    from cellview.frontier import RedisFrontier

    frontier = RedisFrontier(url, experiment)
    await frontier.clear()
    await frontier.close()


def _wait_for_end(pid: int) -> None:
    for _ in range(1000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z":
            return
        time.sleep(0.01)
    pytest.fail(f"process {pid} outlived its coordinator")
