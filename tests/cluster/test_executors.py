"""Executors: the same query in this process, in a pool and on Ray; loops, failures, lost workers, nothing left."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cluster_toys
import pytest

from cellview.cluster import (
    AgentCall,
    AgentFailedError,
    AgentRegistryError,
    AgentReply,
    AgentSpec,
    BackgroundProcessError,
    Callbacks,
    ClusterError,
    ConfigModel,
    DistributedConfig,
    Executor,
    MessageError,
    ProcessExecutor,
    QueryState,
    SessionError,
    WorkerLostError,
    get_executor,
    register_agent,
)
from cellview.cluster.claims.query import query_claims
from cellview.cluster.executors.agents import AGENTS

BESIDE = str(Path(cluster_toys.__file__).parent.parent)
"""Where the toys stand: what another interpreter needs on its path."""


@pytest.fixture(autouse=True)
def toys() -> None:
    cluster_toys.register_toys()


def _toy(agent: str, label: str = "", **parameters: Any) -> AgentSpec:
    return AgentSpec(agent=agent, label=label or agent, parameters=parameters)


MakeExecutor = Callable[..., Executor]


# An executor on Ray takes seconds to start here (two processes join the cluster as drivers), so the tests ask it only
# what could be different there.
WITH_RAY = pytest.mark.parametrize("name", ["local", "process", "ray"], indirect=True)


@pytest.fixture(params=["local", "process"])
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    if chosen == "ray":
        request.getfixturevalue("ray_cluster")
    return chosen


@pytest.fixture
def config(name: str, tmp_path: Path) -> Callable[..., ConfigModel]:
    def make(**keys: Any) -> ConfigModel:
        return ConfigModel(cluster=DistributedConfig(executor=name, claims_path=str(tmp_path / "c.duckdb"), **keys))  # type: ignore[arg-type]

    return make


def test_every_agent_runs_once_in_every_loop(config: Callable[..., ConfigModel]) -> None:
    """Upstream dispatched after its loop over the agents, so that only the last one ran."""
    agents = [_toy("asserting", label=f"agent-{number}", claims=2) for number in range(5)]
    cycles: list[tuple[int, int]] = []
    done: list[str] = []

    def on_cycle_end(loop: int, state: QueryState) -> None:
        cycles.append((loop, state.loop))

    with get_executor(config(enabled=True)) as executor:
        callbacks = Callbacks(on_cycle_end=on_cycle_end, on_agent_done=done.append)
        response = executor.run_query("q", callbacks, agents=agents, loops=3)
    assert cycles == [(0, 1), (1, 2), (2, 3)]
    assert sorted(done) == sorted([agent.key for agent in agents] * 3)
    assert [list(loop) for loop in response.results] == [[agent.key for agent in agents]] * 3
    assert len(response.claims) == len({claim.claim_id for claim in response.claims}) == 5 * 3 * 2
    stored = query_claims(executor.config.cluster.claims_path, "SELECT claim_id FROM claims").rows
    assert {row[0] for row in stored} == {claim.claim_id for claim in response.claims}


@WITH_RAY
@pytest.mark.parametrize("enabled", [False, True])
def test_every_executor_gives_the_answer_of_one_process(
    config: Callable[..., ConfigModel], tmp_path: Path, enabled: bool
) -> None:
    agents = [_toy("echo"), _toy("asserting", claims=3), _toy("large", size=2_000_000), _toy("echo", label="echo-2")]
    with get_executor(ConfigModel()) as one:
        expected = one.run_query("q", agents=agents, loops=2)
    with get_executor(config(enabled=enabled)) as executor:
        assert executor.run_query("q", agents=agents, loops=2) == expected
        assert executor.run_query("q", agents=agents, loops=2) == expected, "a second query sees nothing of the first"


def test_claims_are_stored_when_the_query_returns(config: Callable[..., ConfigModel]) -> None:
    with get_executor(config(enabled=True)) as executor:
        executor.run_query("q", agents=[_toy("asserting", claims=500)])
        assert executor.storage is not None
        assert executor.storage.broker.empty()
    assert executor.storage.totals.inserted == 500
    assert query_claims(executor.config.cluster.claims_path, "SELECT count(*) FROM claims").rows == ((500,),)


@WITH_RAY
def test_sessions_reach_every_agent(config: Callable[..., ConfigModel]) -> None:
    with get_executor(config(), sessions={"corpus": ["a", "b"], "number": 3}) as executor:
        agents = [_toy("session_reader", label=name, name=name) for name in ("corpus", "number")]
        assert executor.run_query("q", agents=agents).results == ({"corpus": ["a", "b"], "number": 3},)


@WITH_RAY
def test_what_cannot_travel_is_refused_at_once(name: str) -> None:
    if name == "local":
        return  # nothing travels
    config = ConfigModel(cluster=DistributedConfig(executor=name))  # type: ignore[arg-type]
    with pytest.raises(SessionError, match=r"session 'lock' \(lock\) cannot be sent"):
        get_executor(config, sessions={"lock": threading.Lock()})


def test_an_agent_that_raises_fails_the_query_or_is_reported(config: Callable[..., ConfigModel]) -> None:
    agents = [_toy("failing"), _toy("asserting")]
    with get_executor(config(enabled=True)) as executor, pytest.raises(AgentFailedError, match="asked to fail"):
        executor.run_query("q", agents=agents)
    with get_executor(config(enabled=True), tolerate_failures=True) as executor:
        response = executor.run_query("q", agents=agents)
    assert list(response.failures) == ["failing@0"]
    assert "asked to fail" in response.failures["failing@0"]
    assert len(response.claims) == 1


@WITH_RAY
def test_a_lost_worker_is_replaced_and_its_claims_are_stored_once(
    config: Callable[..., ConfigModel], name: str, tmp_path: Path
) -> None:
    if name == "local":
        return  # it would be this very process
    agents = [_toy("die_once", label=f"d{n}", marker=str(tmp_path / f"m{n}"), claims=4) for n in range(2)]
    agents += [_toy("asserting", label=f"a{n}", claims=4) for n in range(4)]
    with get_executor(config(enabled=True)) as executor:
        response = executor.run_query("q", agents=agents)
    with get_executor(ConfigModel()) as one:
        assert one.run_query("q", agents=agents) == response
    assert query_claims(executor.config.cluster.claims_path, "SELECT count(*) FROM claims").rows == ((24,),)


def test_a_worker_lost_for_ever_is_an_error_that_names_its_agent(config: Callable[..., ConfigModel], name: str) -> None:
    if name == "local":
        return
    agents = [_toy("die_once", label="killer", marker="/proc/nowhere/marker"), _toy("echo")]
    # touch() of that marker fails, so that the agent raises: not a lost worker, but an agent that failed
    with get_executor(config(task_retries=1)) as executor, pytest.raises(AgentFailedError, match="killer"):
        executor.run_query("q", agents=agents)
    with get_executor(config(task_retries=1)) as executor, pytest.raises(WorkerLostError, match="killer"):
        executor.run_query("q", agents=[_toy("die_always", label="killer"), _toy("echo")])


def test_labels_and_names_are_checked_before_anything_runs(config: Callable[..., ConfigModel]) -> None:
    with get_executor(config(enabled=True)) as executor:
        with pytest.raises(AgentRegistryError, match="two agents of this query"):
            executor.run_query("q", agents=["echo", "echo"])
        with pytest.raises(AgentRegistryError, match="there is no agent 'nobody'"):
            executor.run_query("q", agents=["nobody"])
        assert executor.storage is None


def test_shutdown_leaves_no_process_and_no_thread(
    config: Callable[..., ConfigModel], children: Callable[[], set[int]]
) -> None:
    threads = threading.active_count()
    executor = get_executor(config(enabled=True))
    executor.run_query("q", agents=[_toy("echo")])
    executor.shutdown()
    executor.shutdown()
    assert children() == set()
    assert threading.active_count() <= threads
    with pytest.raises(ClusterError, match="was shut down"):
        executor.run_query("q", agents=[_toy("echo")])


def test_a_callback_that_raises_leaves_an_executor_that_still_works(config: Callable[..., ConfigModel]) -> None:
    def refuse(label: str) -> None:
        raise RuntimeError(label)

    with get_executor(config(enabled=True)) as executor:
        agents = [_toy("asserting", label=f"a{number}") for number in range(4)]
        with pytest.raises(RuntimeError):
            executor.run_query("first", Callbacks(on_agent_done=refuse), agents=agents)
        response = executor.run_query("second", agents=agents)
    assert {claim.run for claim in response.claims} == {"second"}, "nothing of the query that was given up"


def test_the_pool_lives_as_long_as_the_executor() -> None:
    config = ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=1))
    with get_executor(config) as executor:
        pids = [
            executor.run_query("q", agents=[_toy("sleeping", seconds=0)], loops=2).results[loop]["sleeping"]["pid"]
            for loop in (0, 1)
        ]
    assert len(set(pids)) == 1 and pids[0] != os.getpid()


def test_without_retries_a_lost_worker_ends_the_query(tmp_path: Path) -> None:
    config = ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=1, task_retries=0))
    with get_executor(config) as executor, pytest.raises(WorkerLostError, match="lost 1 times"):
        executor.run_query("q", agents=[_toy("die_once", marker=str(tmp_path / "marker"))])


def test_the_coordinator_failing_is_told_as_the_cause(tmp_path: Path) -> None:
    config = ConfigModel(
        cluster=DistributedConfig(enabled=True, executor="process", claims_path=str(tmp_path / "c.duckdb"))
    )
    executor = get_executor(config)
    try:
        executor.run_query("q", agents=[_toy("echo")])
        assert executor.storage is not None
        executor.storage._process._max_restarts = 0  # pyright: ignore[reportPrivateUsage]
        victim = executor.storage.pid
        assert victim is not None
        os.kill(victim, 9)
        with pytest.raises(BackgroundProcessError, match="storage coordinator was ended by SIGKILL"):
            for number in range(1000):
                executor.run_query(f"q{number}", agents=[_toy("asserting", claims=2)])
    finally:
        with pytest.raises(BackgroundProcessError):
            executor.shutdown()


_DRIVER = """
import sys, time
from cellview.cluster import AgentSpec, Callbacks, get_executor, load_config, register_agent
if __name__ == "__main__":
    register_agent("sleeping", "cluster_toys:sleeping")
    agents = [AgentSpec(agent="sleeping", label=str(n), parameters={"seconds": n}) for n in (0, 600)]
    with get_executor(load_config(sys.argv[1], environ={})) as executor:
        executor.run_query("q", Callbacks(on_agent_done=lambda label: print("under way", flush=True)), agents=agents)
"""


def test_a_killed_driver_leaves_no_process(redis_url: str, tmp_path: Path) -> None:
    """With Redis, so that no queue ends with the driver and tells its children."""
    (tmp_path / "driver.py").write_text(_DRIVER)
    (tmp_path / "cellview.toml").write_text(
        f"[cluster]\nenabled = true\nexecutor = 'process'\nmessage-broker = 'redis'\nbroker-url = '{redis_url}'\n"
        f"claims-path = '{tmp_path}/claims.duckdb'\n"
    )
    arguments = [sys.executable, "driver.py", "cellview.toml"]
    environment = {**os.environ, "PYTHONPATH": BESIDE}
    with subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "under way\n"
        left = {int(word) for task in Path(f"/proc/{driver.pid}/task").iterdir()
                for word in (task / "children").read_text().split()}  # fmt: skip
        driver.kill()
    assert len(left) >= 4, "two workers, the coordinator and the aggregator"
    end = time.monotonic() + 30
    while alive := {pid for pid in left if Path(f"/proc/{pid}").exists()}:
        assert time.monotonic() < end, f"still there: {alive}"
        time.sleep(0.05)


_OWN_RAY = """
import ray
from cellview.cluster import get_executor, load_config, register_agent
if __name__ == "__main__":
    register_agent("echo", "cluster_toys:echo")
    keys = {"CELLVIEW_CLUSTER_EXECUTOR": "ray", "CELLVIEW_CLUSTER_OBJECT_STORE_BYTES": "80000000"}
    with get_executor(load_config(environ=keys)) as executor:
        response = executor.run_query("q", agents=["echo"])
        print(response.results[0]["echo"]["query"], ray.is_initialized())
    print(ray.is_initialized())
"""


def test_a_ray_that_was_started_here_ends_with_the_executor(ray_cluster: Any, tmp_path: Path) -> None:
    """And not with the one that `RAY_ADDRESS` points to: only `address` decides where a sweep runs."""
    (tmp_path / "own.py").write_text(_OWN_RAY)
    environment = {**os.environ, "RAY_ADDRESS": "10.255.255.1:6379", "PYTHONPATH": BESIDE}
    done = subprocess.run(
        [sys.executable, "own.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split() == ["q", "True", "False"], done.stderr


def test_a_ray_that_was_there_before_stays(ray_cluster: Any) -> None:
    ray: Any = importlib.import_module("ray")
    with get_executor(ConfigModel(cluster=DistributedConfig(executor="ray"))) as executor:
        executor.run_query("q", agents=[_toy("echo")])
    assert ray.is_initialized()
    assert sum(node["Alive"] for node in ray.nodes()) >= 1


# Agents by name.


def _importable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    importlib.invalidate_caches()


def _write_module(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "their_agents.py").write_text(
        "from cellview.cluster import AgentReply\n"
        "async def polite(call):\n"
        "    return AgentReply(result=f'hello {call.query}')\n"
        "def rude(call):\n"
        "    return 'not a reply'\n"
    )
    _importable(folder, monkeypatch)


def test_agents_of_other_packages_are_found_by_their_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_module(tmp_path, monkeypatch)
    info = tmp_path / "their_agents-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-agents\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[cellview.agents]\npolite = their_agents:polite\nrude = their_agents:rude\n"
    )
    importlib.metadata.MetadataPathFinder().invalidate_caches()
    with ProcessExecutor(ConfigModel(cluster=DistributedConfig(executor="process", num_cpus=1))) as executor:
        assert executor.run_query("you", agents=["polite"]).results == ({"polite": "hello you"},)
        with pytest.raises(AgentFailedError, match="must return an AgentReply, not str"):
            executor.run_query("you", agents=["rude"])


def test_registered_agents_must_be_importable_elsewhere() -> None:
    def inner(call: AgentCall) -> AgentReply:
        return AgentReply()

    with pytest.raises(AgentRegistryError, match="another process cannot import"):
        register_agent("inner", inner)
    with pytest.raises(AgentRegistryError, match="cannot load agent"):
        register_agent("missing", "cluster_toys:nothing")
    register_agent("test-echo", "cluster_toys:echo")
    register_agent("test-echo", "cluster_toys:echo")
    assert AGENTS.registered["test-echo"] == "cluster_toys:echo"
    with pytest.raises(AgentRegistryError, match="is taken"):
        register_agent("test-echo", "cluster_toys:asserting")


def test_an_answer_that_is_not_plain_data_is_a_failure_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "opaque_agents.py").write_text(
        "from cellview.cluster import AgentReply\ndef opaque(call):\n    return AgentReply(result=object())\n"
    )
    _importable(tmp_path, monkeypatch)
    register_agent("opaque", "opaque_agents:opaque")
    with get_executor(ConfigModel(), tolerate_failures=True) as executor:
        response = executor.run_query("q", agents=["opaque"])
    assert "not plain data" in response.failures["opaque@0"]


def test_parameters_that_cannot_travel_are_an_error_of_ours(config: Callable[..., ConfigModel]) -> None:
    with get_executor(config()) as executor:
        with pytest.raises(MessageError, match="parameters of 'echo' cannot travel"):
            executor.run_query("q", agents=[_toy("echo", opaque=object())])
        assert executor.run_query("q", agents=[_toy("echo")]).loops == 1


def test_errors_survive_the_way_back_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(WorkerLostError("text")))
    assert isinstance(error, WorkerLostError) and str(error) == "text"
