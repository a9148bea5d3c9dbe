"""Other drivers under the daemon's eyes: the same states, events and folders, also when they are killed or paused."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from cellview.cluster import ConfigModel, DistributedConfig
from cellview.daemon import Daemon, DaemonConfig, Drivers, ExperimentStatus, Submission, SubmissionError, running
from cellview.daemon.errors import ConfigError
from cellview.frontier.redis.server import RedisServer

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]
SameAsRunHere = Callable[[Path, Submission], Awaitable[None]]

FRONTIER = Drivers(allowed=("frontier",), workers=1)
PROCESS = Drivers(
    allowed=("process",), cluster=ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=1, enabled=True))
)


@pytest.fixture
async def redis() -> AsyncGenerator[str]:
    with RedisServer() as server:
        yield server.url


async def reached(daemon: Daemon, experiment: int, *states: str) -> ExperimentStatus:
    with anyio.fail_after(200):
        while True:
            status = await daemon.database.do(lambda store: store.experiment(experiment))
            if status.state in states:
                return status
            await anyio.sleep(0.02)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(200):
        while not await holds():  # noqa: ASYNC110  # what is waited for is in other processes
            await anyio.sleep(0.02)


async def kinds(daemon: Daemon, experiment: int) -> list[str]:
    events = await daemon.database.do(lambda store: store.events(after=0, experiment=experiment))
    return [event.kind for event in events]


@pytest.mark.parametrize("executor", ["frontier", "process"])
async def test_folders_are_those_of_run(
    executor: Any, config: Configure, submission: Submit, same_as_run_here: SameAsRunHere
) -> None:
    chosen = submission(executor=executor)
    drivers = FRONTIER if executor == "frontier" else PROCESS
    async with running(config(drivers=drivers)) as daemon:
        status, _ = await daemon.submit(chosen)
        ended = await reached(daemon, status.id, "finished", "failed", "paused")
        assert (ended.state, ended.done, ended.reason) == ("finished", 9, None)
        seen = await kinds(daemon, status.id)
        folder = daemon.run_folder(ended)
    assert seen.count("search_finished") == 9 and seen[:2] == ["submitted", "started"] and seen[-1] == "finished"
    await same_as_run_here(folder, chosen)


async def test_a_driver_that_is_killed_paused_or_stopped_goes_on(
    config: Configure, submission: Submit, same_as_run_here: SameAsRunHere, redis: str
) -> None:
    """On a Redis server of its own. Killed with its workers; paused; then the daemon ends, and another one goes on."""
    chosen = submission(executor="frontier", latency_s=0.002)
    options: dict[str, Any] = {
        "drivers": Drivers(allowed=("frontier",), workers=1, frontier=redis), "drain_s": 0.1, "retries": 1
    }  # fmt: skip
    async with running(config(**options)) as daemon:
        status, _ = await daemon.submit(chosen)

        async def has_begun() -> bool:
            return bool(list(daemon.run_folder(status).glob("journal*")))

        async def has_failed() -> bool:
            return "driver_failed" in await kinds(daemon, status.id)

        async def is_idle() -> bool:
            return not (await daemon.health()).busy

        await until(has_begun)
        (worker,) = [one for one in psutil.Process().children() if "cellview.daemon.worker" in one.cmdline()]
        below = worker.children(recursive=True)
        os.kill(worker.pid, signal.SIGKILL)
        await until(has_failed)
        assert below and not any(one.is_running() for one in below)
        await daemon.take(status.id, "pause")
        await until(is_idle)
        assert (await reached(daemon, status.id, "paused", "finished")).reason is None
        await daemon.take(status.id, "resume")
        await reached(daemon, status.id, "running", "finished")
    async with running(config(**options)) as daemon:
        ended = await reached(daemon, status.id, "finished", "failed", "paused")
        assert (ended.state, ended.reason) == ("finished", None)
        assert (await kinds(daemon, status.id)).count("search_finished") == 9
        folder = daemon.run_folder(ended)
    await same_as_run_here(folder, chosen)


async def test_a_frontier_that_cannot_be_reached_pauses_its_experiment_and_no_other(
    config: Configure, submission: Submit
) -> None:
    drivers = Drivers(allowed=("frontier",), workers=1, frontier="redis://:secret-word@127.0.0.1:1/0")
    async with running(config(drivers=drivers, retries=1)) as daemon:
        lost, _ = await daemon.submit(submission(executor="frontier"))
        other, _ = await daemon.submit(submission())
        paused = await reached(daemon, lost.id, "paused", "failed", "finished")
        assert paused.state == "paused" and paused.failures == 2
        assert paused.reason and "secret-word" not in paused.reason and "127.0.0.1:1" in paused.reason
        await reached(daemon, other.id, "finished")
        resumed = await daemon.take(lost.id, "resume")
        assert resumed.failures == 0
        await daemon.take(lost.id, "cancel")


async def test_only_what_is_configured_may_be_named(config: Configure, submission: Submit) -> None:
    async with running(config(drivers=FRONTIER)) as daemon:
        with pytest.raises(SubmissionError, match="its executors are: here, frontier"):
            await daemon.submit(submission(executor="ray"))
        assert not (await daemon.database.do(lambda store: store.experiments())).experiments
    with pytest.raises(ConfigError, match="at least 1 worker"):
        Drivers(allowed=("frontier",), workers=0)
    with pytest.raises(ConfigError):
        Drivers(allowed=("frontier",), frontier="http://no.frontier")
