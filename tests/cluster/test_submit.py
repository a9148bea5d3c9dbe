"""Functions by the short way: bytes in, bytes out, claims by queue; lost workers, limits, and what stays warm."""

from __future__ import annotations

import math
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cluster_toys import numbered_claim, register_toys

from cellview.cluster import (
    AgentFailedError,
    AgentRegistryError,
    BackgroundProcessError,
    ClusterConfigError,
    ClusterError,
    ConfigModel,
    DistributedConfig,
    SessionError,
    StorageCoordinator,
    WorkerLostError,
    get_executor,
    register_function,
)
from cellview.cluster.claims.query import query_claims

MakeConfig = Callable[..., ConfigModel]

ALL = pytest.mark.parametrize("name", ["local", "process", "ray"], indirect=True)
APART = pytest.mark.parametrize("name", ["process", "ray"], indirect=True)


@pytest.fixture(autouse=True)
def toys() -> None:
    register_toys()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    if chosen == "ray":
        request.getfixturevalue("ray_cluster")
    return chosen


@pytest.fixture
def config(name: str, tmp_path: Path) -> MakeConfig:
    def make(**keys: Any) -> ConfigModel:
        return ConfigModel(cluster=DistributedConfig(executor=name, claims_path=str(tmp_path / "c.duckdb"), **keys))  # type: ignore[arg-type]

    return make


def _stored(executor: Any) -> list[tuple[Any, ...]]:
    return list(query_claims(executor.config.cluster.claims_path, "SELECT seed FROM claims ORDER BY seed").rows)


@ALL
def test_bytes_come_back_as_bytes_and_claims_are_stored(config: MakeConfig) -> None:
    every = bytes(range(256)) * 4000
    with get_executor(config(enabled=True)) as executor:
        futures = [executor.submit("reverse", f"r{number}", bytes([number]) + every) for number in range(6)]
        claimed = executor.submit("claiming", "c", b"3,5")
        assert [future.result(60) for future in futures] == [every[::-1] + bytes([number]) for number in range(6)]
        assert claimed.result(60) == b"3,5"
        executor.wait_for_claims()
        assert executor.storage is not None and executor.storage.broker.empty()
        assert executor.aggregator is None, "nothing to aggregate"
        executor.submit("claiming", "c", b"5,8")  # not waited for: shutdown does
    assert _stored(executor) == [(3,), (5,), (8,)]


@ALL
def test_what_a_function_raises_arrives_as_text_with_its_label(config: MakeConfig) -> None:
    with get_executor(config()) as executor:
        future = executor.submit("refusing", "the point", b"\xff")
        with pytest.raises(AgentFailedError, match=r"(?s)the point failed:.*in refusing.*asked to fail with b'\\xff'"):
            future.result(60)
        assert executor.submit("reverse", "next", b"ab").result(60) == b"ba", "its worker goes on"


@ALL
def test_names_are_checked_before_anything_is_sent(config: MakeConfig) -> None:
    with get_executor(config()) as executor:
        with pytest.raises(AgentRegistryError, match="there is no function 'nobody'"):
            executor.submit("nobody", "n", b"")
        with pytest.raises(AgentRegistryError, match=r"there is no function 'cluster_toys:reverse'"):
            executor.submit("cluster_toys:reverse", "an import string is no name", b"")
        assert executor.submit("reverse", "starts the workers", b"ko").result(60) == b"ok"
        register_function(f"late-{executor.config.cluster.executor}", "cluster_toys:reverse")
        with pytest.raises(AgentRegistryError, match="registered after"):
            executor.submit(f"late-{executor.config.cluster.executor}", "n", b"")


@APART
def test_a_lost_worker_is_replaced_and_the_function_runs_again(config: MakeConfig, tmp_path: Path) -> None:
    with get_executor(config(enabled=True)) as executor:
        futures = [executor.submit("dying_once", f"d{number}", bytes(tmp_path / f"m{number}")) for number in range(3)]
        futures += [executor.submit("reverse", f"r{number}", b"devivrus") for number in range(3)]
        assert {future.result(120) for future in futures} == {b"survived"}
    assert _stored(executor) == [(numbered_claim(7).seed,)]


@APART
def test_a_function_that_kills_its_worker_every_time_ends_by_itself(config: MakeConfig, name: str) -> None:
    with get_executor(config(task_retries=1)) as executor:
        bad = executor.submit("dying", "killer", b"")
        good = [executor.submit("reverse", f"r{number}", b"ko") for number in range(4)]
        with pytest.raises(WorkerLostError, match="killer"):
            bad.result(120)
        assert [future.result(60) for future in good] == [b"ok"] * 4
    if name == "process":
        assert "lost 2 times; the last one was ended by SIGKILL" in str(bad.exception())


@APART
def test_a_try_that_takes_too_long_counts_as_lost(config: MakeConfig) -> None:
    with get_executor(config(task_retries=1)) as executor:
        assert executor.submit("waiting", "short", b"0", timeout_s=30).result(60)
        with pytest.raises(WorkerLostError, match="endless"):
            executor.submit("waiting", "endless", b"600", timeout_s=0.2).result(120)


def test_limits_that_cannot_hold_are_refused() -> None:
    with get_executor(ConfigModel()) as one, pytest.raises(ClusterConfigError, match="cannot end a function"):
        one.submit("reverse", "r", b"", timeout_s=1)
    config = ConfigModel(cluster=DistributedConfig(executor="process"))
    for limit in (0, math.inf, math.nan):
        with get_executor(config) as pool, pytest.raises(ClusterConfigError, match="above 0"):
            pool.submit("reverse", "r", b"", timeout_s=limit)


@ALL
def test_workers_are_kept_and_so_is_what_functions_keep_in_them(config: MakeConfig, name: str) -> None:
    """Each process counts its calls; the counts of all calls together show that no process was started anew."""
    with get_executor(config(num_cpus=2)) as executor:
        answers = [executor.submit("warm", f"w{n}", b"").result(60).decode().split() for n in range(30)]
    by_process: dict[str, list[int]] = {}
    for pid, calls, loops in answers:
        by_process.setdefault(pid, []).append(int(calls))
        assert loops == "1", "one event loop for all calls"
    assert len(by_process) <= 2
    for calls_seen in by_process.values():
        assert calls_seen == list(range(calls_seen[0], calls_seen[0] + len(calls_seen)))
    if name == "process":
        assert str(os.getpid()) not in by_process and all(calls[0] == 1 for calls in by_process.values())


@APART
def test_a_coordinator_that_was_given_up_is_told_as_the_cause(config: MakeConfig) -> None:
    """The worker finds its queue closed; what closed it is what the caller must know."""
    executor = get_executor(config(enabled=True))
    try:
        assert executor.submit("claiming", "c", b"1").result(60)
        storage = executor.storage
        assert storage is not None and storage.pid is not None
        storage._process._max_restarts = 0  # pyright: ignore[reportPrivateUsage]
        slow = executor.submit("claiming_for_long", "slow", b"2")
        os.kill(storage.pid, signal.SIGKILL)
        with pytest.raises(BackgroundProcessError, match="storage coordinator was ended by SIGKILL"):
            slow.result(60)
            executor.submit("claiming", "c", b"3").result(60)
    finally:
        with pytest.raises(BackgroundProcessError):
            executor.shutdown()


def test_what_functions_print_is_not_among_the_results(capfd: pytest.CaptureFixture[str]) -> None:
    with get_executor(ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=1))) as executor:
        executor.submit("printing", "p", b"words").result(60)
    out, err = capfd.readouterr()
    assert "words" not in out and "words" in err


def test_the_death_of_one_worker_costs_the_others_nothing() -> None:
    """In a `ProcessPoolExecutor` it would end them all, and what they keep."""
    with get_executor(ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=2, task_retries=0))) as one:
        slow = one.submit("waiting", "slow", b"1.5")
        with pytest.raises(WorkerLostError):
            one.submit("dying", "killer", b"").result(60)
        pid = slow.result(60)
        again = {one.submit("waiting", f"w{number}", b"0.2").result(60) for number in range(6)}
        assert pid in again, "the worker that lived is still there"


@pytest.mark.timeout(200)
def test_a_storm_of_kills_loses_and_repeats_nothing(
    redis_url: str, tmp_path: Path, children: Callable[[], set[int]], record_property: Callable[[str, object], None]
) -> None:
    """300 functions in three workers, of which 40 are killed at any moment, and the coordinator five times."""
    cluster = DistributedConfig(
        enabled=True,
        executor="process",
        num_cpus=3,
        message_broker="redis",
        broker_url=redis_url,
        claims_path=str(tmp_path / "c.duckdb"),
        task_retries=1000,  # chance may kill one function's worker again and again
    )
    draw = random.Random(5)
    kills = {"workers": 0, "coordinator": 0}
    with get_executor(ConfigModel(cluster=cluster)) as executor:
        futures = [executor.submit("claiming_slowly", f"f{n}", f"{n}".encode()) for n in range(300)]
        storage = executor.storage
        assert storage is not None
        while not all(future.done() for future in futures):
            coordinator = storage.pid
            workers = sorted(children() - {coordinator})
            if kills["coordinator"] < 5 and coordinator is not None and draw.random() < 0.1:
                before = storage.restarts
                os.kill(coordinator, signal.SIGKILL)
                kills["coordinator"] += 1
                _wait_for_restart(storage, before)
            elif kills["workers"] < 40 and workers:
                with suppress(ProcessLookupError):
                    os.kill(draw.choice(workers), signal.SIGKILL)
                    kills["workers"] += 1
            time.sleep(draw.random() * 0.2)
        assert [future.result() for future in futures] == [f"{n}".encode() for n in range(300)]
    record_property("kills", kills)
    assert kills["workers"] >= 20 and storage.restarts == kills["coordinator"], kills
    assert _stored(executor) == [(n,) for n in range(300)]
    assert query_claims(tmp_path / "c.duckdb", "SELECT count(*) FROM claim_conflicts").rows == ((0,),)
    assert children() == set()


def _wait_for_restart(storage: StorageCoordinator, before: int) -> None:
    end = time.monotonic() + 60
    while storage.restarts == before:
        assert time.monotonic() < end, "the coordinator was not started again"
        time.sleep(0.005)


def test_an_idle_worker_that_dies_costs_no_try() -> None:
    config = ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=1, task_retries=0))
    with get_executor(config) as executor:
        for _ in range(3):
            pid = int(executor.submit("waiting", "w", b"0").result(60))
            os.kill(pid, signal.SIGKILL)
            _wait_for_the_end(pid)


def _wait_for_the_end(pid: int) -> None:
    """Until a killed child is dead for its parent too: it is a zombie, and its last thread has gone."""
    tasks = Path(f"/proc/{pid}/task")
    with suppress(FileNotFoundError):
        while len(list(tasks.iterdir())) > 1 or " Z " not in Path(f"/proc/{pid}/stat").read_text():
            time.sleep(0.005)


@APART
def test_shutdown_with_cancel_does_not_wait(config: MakeConfig, children: Callable[[], set[int]]) -> None:
    executor = get_executor(config(num_cpus=1, enabled=True))
    begun = executor.submit("reverse", "first", b"ko")
    assert begun.result(60) == b"ok"
    hanging = [executor.submit("waiting", f"h{number}", b"600") for number in range(4)]
    time.sleep(0.3)
    begin = time.monotonic()
    executor.shutdown(cancel=True)
    executor.shutdown()
    assert time.monotonic() - begin < 60, "or it waited for the functions"
    for future in hanging:
        with pytest.raises((WorkerLostError, CancelledError)):
            future.result(60)
    with pytest.raises(ClusterError, match="was shut down"):
        executor.submit("reverse", "late", b"")
    assert children() == set()


@APART
def test_a_block_that_ends_by_an_error_does_not_wait(config: MakeConfig) -> None:
    executor = get_executor(config(num_cpus=1))
    future = executor.submit("waiting", "h", b"600")
    with pytest.raises(ZeroDivisionError), executor:
        raise ZeroDivisionError
    with pytest.raises((WorkerLostError, CancelledError)):
        future.result(60)


class _OpensNowhere:
    def __reduce__(self) -> tuple[Any, ...]:
        return (int, ("no number",))


@APART
def test_a_session_that_cannot_be_unpacked_is_told_to_every_task(config: MakeConfig) -> None:
    with get_executor(config(), sessions={"it": _OpensNowhere()}) as executor:
        with pytest.raises(SessionError, match="could not be unpacked"):
            executor.submit("reverse", "r", b"").result(60)
        with pytest.raises(SessionError, match="could not be unpacked"):
            executor.submit("reverse", "r", b"").result(60)


@ALL
def test_what_has_not_begun_can_be_cancelled(config: MakeConfig) -> None:
    with get_executor(config(num_cpus=1)) as executor:
        first = executor.submit("waiting", "first", b"0.5")
        others = [executor.submit("dying", f"o{number}", b"") for number in range(3)]
        assert all(other.cancel() for other in others)
        assert first.result(60)


@ALL
def test_many_threads_may_submit_at_once(config: MakeConfig) -> None:
    found: list[bytes] = []
    with get_executor(config(enabled=True)) as executor:
        threads = [
            threading.Thread(target=lambda: found.append(executor.submit("reverse", "r", b"ko").result(200)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [b"ok"] * 8


@pytest.mark.timeout(250)
def test_nodes_of_a_ray_cluster_die_at_work(
    ray_cluster: Any, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """40 functions on three nodes, of which two are killed while they run one: each answers, each claim counts once."""
    node = {"num_cpus": 1, "object_store_memory": 80_000_000}
    added = [ray_cluster.add_node(**node), ray_cluster.add_node(**node)]
    ray_cluster.wait_for_nodes()
    kills = 0
    config = DistributedConfig(
        enabled=True, executor="ray", claims_path=str(tmp_path / "c.duckdb"), task_retries=10, ready_deadline_s=120
    )
    try:
        with get_executor(ConfigModel(cluster=config)) as executor:
            futures = [executor.submit("claiming_for_long", f"f{n}", f"{n}".encode()) for n in range(40)]
            while added and not all(future.done() for future in futures):
                if any(future.done() for future in futures):
                    kills += _kill_one_at_work(ray_cluster, added)
            assert [future.result(200) for future in futures] == [f"{n}".encode() for n in range(40)]
    finally:
        for left in added:
            ray_cluster.remove_node(left)
    record_property("kills", kills)
    assert kills == 2, "a node that had no work was not killed at work"
    assert _stored(executor) == [(n,) for n in range(40)]


def _kill_one_at_work(cluster: Any, nodes: list[Any]) -> bool:
    """Kill one of `nodes` while it runs a function, and take it from the list; say whether one did so at this moment.

    Ray's own view of free CPUs lags behind by more than a function takes, so the worker's title is read instead; and
    the worker is halted before its title is read again, so that its function cannot end between the look and the kill.
    """
    for node in nodes:
        for worker in _at_work(node):
            os.kill(worker, signal.SIGSTOP)
            if worker not in _at_work(node):
                os.kill(worker, signal.SIGCONT)
                continue
            cluster.remove_node(node, allow_graceful=False)
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)  # a halted process does not notice that its node is gone
            nodes.remove(node)
            return True
    time.sleep(0.005)
    return False


def _at_work(node: Any) -> list[int]:
    """Process ids of the node's workers that run a function at this moment."""
    raylet = node.all_processes["raylet"][0].process.pid
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # a worker that ended while we looked
        for task in Path(f"/proc/{raylet}/task").iterdir():
            for text in (task / "children").read_text().split():
                if Path(f"/proc/{text}/cmdline").read_bytes().startswith(b"ray::_execute_agent_remote"):
                    found.append(int(text))
    return found
