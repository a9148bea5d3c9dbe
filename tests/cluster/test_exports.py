"""The public face: what the package offers, and the names that its specification asks for."""

from __future__ import annotations

import cellview.cluster
from cellview.cluster.brokers import counting, memory, ray_broker, redis_broker
from cellview.cluster.claims import query, storage
from cellview.cluster.executors import agents, ray_executor, selection, worker_processes

_ASKED_FOR = {
    "ConfigModel",
    "InMemoryBroker",
    "ProcessExecutor",
    "QueryState",
    "RayExecutor",
    "ResultAggregator",
    "StorageCoordinator",
    "get_message_broker",
    "publish_claim",
    "start_result_aggregator",
    "start_storage_coordinator",
}


def test_the_face_is_whole() -> None:
    exported = cellview.cluster.__all__
    assert set(exported) >= _ASKED_FOR
    assert sorted(exported) == sorted(set(exported))
    for name in exported:
        assert hasattr(cellview.cluster, name)


def test_the_named_parts_behind_it_exist() -> None:
    for module, names in (
        (counting, ["_CountingQueue"]),
        (memory, ["InMemoryBroker"]),
        (redis_broker, ["RedisBroker"]),
        (ray_broker, ["RayBroker"]),
        (ray_executor, ["_execute_agent_remote"]),
        (worker_processes, ["_execute_agent_process"]),
        (storage, ["setup", "teardown"]),
        (query, ["query_claims", "export_claims"]),
        (selection, ["get_executor"]),
        (agents, ["AGENTS", "FUNCTIONS"]),
    ):
        for name in names:
            assert hasattr(module, name), f"{module.__name__}.{name}"
