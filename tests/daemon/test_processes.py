"""A worker process and what it starts: limits are kept, and no end of it leaves anything behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from cellview.core import SearchConfig
from cellview.daemon.errors import WorkerFailedError
from cellview.daemon.process import WorkerProcess
from cellview.daemon.processes import end_orphans
from cellview.daemon.wire import Perform
from cellview.experiment import CorpusTheorem, Point, Setup, SyntheticSpec
from cellview.schedule import WILD_TYPE

STARTS_OTHERS = """
import os, subprocess, sys, time
sys.stdin.buffer.read(4)
sleeper = [sys.executable, "-S", "-c", "import time; time.sleep(1000)"]
same = subprocess.Popen(sleeper)
other = subprocess.Popen(sleeper, start_new_session=True, **OTHER)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{same.pid} {other.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
"""
HOLDS_THE_PIPE = "OTHER = {}" + STARTS_OTHERS
APART = "import subprocess; OTHER = {'stdout': subprocess.DEVNULL}" + STARTS_OTHERS
HANGS = "time.sleep(1000)\n"
DIES = "os._exit(7)\n"
EATS = """
import sys, time
sys.stdin.buffer.read(4)
eaten = bytearray(b"x" * 300_000_000)
time.sleep(1000)
"""


def a_command() -> Perform:
    setup = Setup(search=SearchConfig(mode="centralized", budget=(1,)), prover=SyntheticSpec())
    point = Point(theorem=CorpusTheorem(id="t", statement=": T"), arm=WILD_TYPE, seed=0)
    return Perform(setup, point, "/nowhere", "stem", True)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def appeared(path: Path) -> list[int]:
    with anyio.fail_after(60):
        while not path.exists():  # noqa: ASYNC110, ASYNC240  # another process makes it
            await anyio.sleep(0.01)
    return [int(word) for word in path.read_text().split()]  # noqa: ASYNC240


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], tuple[Any, ...]]:
    """A worker's program that writes the numbers of what it has started into a file."""

    def make(text: str) -> tuple[Any, ...]:
        return (sys.executable, "-c", text, str(tmp_path / "started"))

    return make


async def test_a_kill_reaches_what_is_in_other_sessions_too(program: Callable[[str], Any], tmp_path: Path) -> None:
    worker = await WorkerProcess.start(program(HOLDS_THE_PIPE + HANGS))
    started: list[int] = []
    async with anyio.create_task_group() as tasks:

        async def perform() -> None:
            with pytest.raises(WorkerFailedError, match="SIGKILL"):
                await worker.perform(a_command(), stall_s=100)

        tasks.start_soon(perform)
        started += await appeared(tmp_path / "started")
        assert all(map(lives, started))
        await worker.kill()
    assert not worker.alive and not any(map(lives, started))


async def test_what_a_dead_worker_leaves_behind_is_ended(program: Callable[[str], Any], tmp_path: Path) -> None:
    """Its children have lost their parent: those of its session are found by that, since nothing else is known."""
    worker = await WorkerProcess.start(program(APART + DIES))
    ending = ""
    try:
        await worker.perform(a_command(), stall_s=100)
    except WorkerFailedError as error:
        ending = str(error)
    same, other = await appeared(tmp_path / "started")
    same_lives = lives(same)
    if lives(other):  # it was born and orphaned between two looks; Lean would have died with its parent
        os.kill(other, signal.SIGKILL)
    assert not same_lives and "exit code 7" in ending


async def test_a_worker_that_takes_too_much_memory_is_ended() -> None:
    worker = await WorkerProcess.start((sys.executable, "-c", EATS))
    with anyio.fail_after(60), pytest.raises(WorkerFailedError, match=r"took 0\.\d GB of memory, .* more than 0\.2 GB"):
        await worker.perform(a_command(), stall_s=100, memory_bytes=200_000_000)
    assert not worker.alive


async def test_a_hung_worker_is_ended() -> None:
    worker = await WorkerProcess.start((sys.executable, "-c", f"import time; {HANGS}"))
    with pytest.raises(WorkerFailedError, match="no sign of life for"):
        await worker.perform(a_command(), stall_s=0.2)
    assert not worker.alive


def test_a_worker_that_was_stopped_before_it_could_ask_to_die_with_its_daemon_is_ended() -> None:
    with subprocess.Popen([sys.executable, "-m", "cellview.daemon.worker", "1"]) as orphan:
        orphan.send_signal(signal.SIGSTOP)
        assert end_orphans() >= 1
        assert not lives(orphan.pid)
    with subprocess.Popen(
        [sys.executable, "-m", "cellview.daemon.worker", str(os.getpid())], stdin=subprocess.PIPE
    ) as ours:
        assert end_orphans() == 0 and ours.poll() is None
