"""A Redis server and a Ray cluster for the tests of this folder, on the loopback, ended with the session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import cluster_toys
import pytest

from cellview.cluster import MessageBroker, QueueLimits, get_message_broker
from cellview.frontier.errors import ServerUnfitError
from cellview.frontier.redis.server import RedisServer

KINDS = ("memory", "redis", "ray")

MakeBroker = Callable[..., MessageBroker]


def _missing(what: str) -> None:
    """A developer without a server may skip its tests; CI may not."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[tuple[str, int]]:
    """A real Redis server: its url and its process id."""
    try:
        server = RedisServer(tcp=True)
    except ServerUnfitError as error:
        _missing(str(error))
        raise
    with server:
        yield server.url, server.pid


@pytest.fixture
def redis_url(redis_server: tuple[str, int]) -> str:
    return redis_server[0]


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Any]:
    """A Ray cluster of one node, to which tests add nodes; this process is connected to it."""
    try:
        import ray
        from ray.cluster_utils import Cluster
    except ModuleNotFoundError:
        _missing("Ray (pip install 'cellview[ray]')")
        raise
    # Ray's workers do not inherit this process's path, only its environment.
    os.environ["PYTHONPATH"] = str(Path(cluster_toys.__file__).parent.parent)
    cluster: Any = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False},
    )
    ray_untyped: Any = ray
    ray_untyped.init(address=cluster.address, log_to_driver=False, configure_logging=False)
    yield cluster
    ray_untyped.shutdown()
    cluster.shutdown()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each broker in turn, with its server running."""
    name: str = request.param
    if name == "redis":
        request.getfixturevalue("redis_url")
    if name == "ray":
        request.getfixturevalue("ray_cluster")
    return name


@pytest.fixture
def make_broker(kind: str, request: pytest.FixtureRequest) -> Iterator[MakeBroker]:
    """Makes brokers of this kind and shuts them down after the test."""
    made: list[MessageBroker] = []

    def make(*, queue: str = "messages", **limits: Any) -> MessageBroker:
        url = request.getfixturevalue("redis_url") if kind == "redis" else None
        broker = get_message_broker(kind, url, queue=queue, limits=QueueLimits(**limits))
        made.append(broker)
        return broker

    yield make
    for broker in reversed(made):
        broker.shutdown()


@pytest.fixture
def children() -> Callable[[], set[int]]:
    """Ids of this process's present child processes, without Ray's and Python's own resource tracker."""

    def find() -> set[int]:
        found: set[int] = set()
        for task in Path("/proc/self/task").iterdir():
            with suppress(FileNotFoundError):  # a thread or a child that ended while we looked
                for text in (task / "children").read_text().split():
                    command = Path(f"/proc/{text}/cmdline").read_bytes().replace(b"\0", b" ")
                    if not any(word in command for word in (b"resource_tracker", b"ray", b"redis-server")):
                        found.add(int(text))
        return found

    return find
