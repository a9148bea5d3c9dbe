"""Claims in DuckDB: each id once, whatever is repeated, killed or wrong."""

from __future__ import annotations

import csv
import importlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cluster_toys import numbered_claim, publish_claims

from cellview.cluster import (
    AgentResult,
    BackgroundProcessError,
    BrokerClosedError,
    Claim,
    ClaimStoreError,
    ConfigModel,
    DistributedConfig,
    InMemoryBroker,
    MessageBroker,
    PersistClaim,
    Stop,
    StorageCoordinator,
    publish_claim,
    start_storage_coordinator,
)
from cellview.cluster.claims.query import QueryBounds, export_claims, query_claims
from cellview.cluster.claims.storage import ClaimStore, setup, teardown

MakeBroker = Callable[..., MessageBroker]


def _persist(claim: Claim) -> PersistClaim:
    return PersistClaim(claim=msgspec.to_builtins(claim))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "claims.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[ClaimStore]:
    opened = setup(path)
    yield opened
    teardown(opened)


def _rows(path: Path, sql: str = "SELECT count(*) FROM claims") -> list[tuple[object, ...]]:
    return list(query_claims(path, sql).rows)


def test_a_batch_is_stored_once_however_often_it_comes(store: ClaimStore, path: Path) -> None:
    batch = [_persist(numbered_claim(number)) for number in (0, 1, 2, 1)]
    first, second = store.persist(batch), store.persist(batch)
    assert (first.inserted, first.duplicates, first.conflicts) == (3, 1, 0)
    assert (second.inserted, second.duplicates, second.conflicts) == (0, 4, 0)
    teardown(store)
    assert _rows(path, "SELECT seed, proof FROM claims ORDER BY seed") == [(0, "rfl"), (1, "rfl"), (2, "rfl")]


def test_two_contents_under_one_id_are_a_conflict_that_is_kept(store: ClaimStore, path: Path) -> None:
    claim = numbered_claim(1)
    other = msgspec.structs.replace(claim, status="unsolved", proof=None)
    counts = [store.persist([_persist(claim)]), store.persist([_persist(other)]), store.persist([_persist(other)])]
    assert [c.conflicts for c in counts] == [0, 1, 1]
    within_a_batch = numbered_claim(2), msgspec.structs.replace(numbered_claim(2), proof="simp")
    counts.append(store.persist([_persist(one) for one in within_a_batch]))
    assert (counts[-1].inserted, counts[-1].conflicts) == (1, 1)
    teardown(store)
    assert _rows(path, "SELECT status, proof FROM claims ORDER BY seed") == [("solved", "rfl"), ("solved", "rfl")]
    kept = _rows(path, "SELECT claim_id, other FROM claim_conflicts")
    assert {row[0] for row in kept} == {claim.claim_id, numbered_claim(2).claim_id}
    assert any('"unsolved"' in str(row[1]) for row in kept)


def test_a_partial_update_replaces_its_fields_once(store: ClaimStore, path: Path) -> None:
    claim = numbered_claim(1)
    update = PersistClaim(claim={"claim_id": claim.claim_id, "proof": "decide", "iterations": 9}, partial_update=True)
    stray = PersistClaim(claim={"claim_id": "nobody", "proof": "decide"}, partial_update=True)
    counts = store.persist([_persist(claim), update, stray])
    assert (counts.inserted, counts.updated) == (1, 1)
    assert [position for position, _ in counts.rejected] == [2]
    assert "never stored" in counts.rejected[0][1]
    again = store.persist([_persist(claim), update])  # the whole batch once more, as after a crash
    assert (again.inserted, again.updated, again.duplicates, again.conflicts) == (0, 0, 2, 0)
    teardown(store)
    assert _rows(path, "SELECT proof, iterations, status FROM claims") == [("decide", 9, "solved")]


def test_a_batch_that_the_database_refuses_leaves_nothing_behind(store: ClaimStore, path: Path) -> None:
    store.persist([_persist(numbered_claim(1))])
    bad = PersistClaim(claim={"claim_id": numbered_claim(1).claim_id, "iterations": 2}, partial_update=True)
    bad.claim["iterations"] = 2**70  # behind the back of the checks, which would refuse it
    with pytest.raises(ClaimStoreError, match="could not write"):
        store.persist([_persist(numbered_claim(2)), bad])
    teardown(store)
    assert _rows(path) == [(1,)]


def test_queries_are_read_only_and_confined(store: ClaimStore, path: Path, tmp_path: Path) -> None:
    store.persist([_persist(numbered_claim(1))])
    with pytest.raises(ClaimStoreError):  # this process writes to it: DuckDB says so
        query_claims(path, "SELECT 1")
    teardown(store)
    for sql in (
        "DELETE FROM claims",
        f"COPY claims TO '{tmp_path}/stolen.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT colour FROM claims",
    ):
        with pytest.raises(ClaimStoreError):
            query_claims(path, sql)
    assert _rows(path) == [(1,)]
    with pytest.raises(ClaimStoreError, match="no claims database"):
        query_claims(tmp_path / "none.duckdb", "SELECT 1")


@pytest.mark.parametrize(
    ("sql", "bounds", "said"),
    [
        (
            "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE (a.range * b.range) % 7 = 3",
            QueryBounds(deadline_s=0.3),
            "took longer than 0.3 s",
        ),
        ("SELECT list(range) FROM range(100000000)", QueryBounds(memory_mb=32), "needs more than 32 MB"),
        ("SELECT * FROM range(100000)", QueryBounds(rows=50_000), "more than 50,000 rows"),
        (
            "SELECT repeat('x', 200) FROM range(100000000) ORDER BY 1",
            QueryBounds(memory_mb=32),
            "needs more than 32 MB",
        ),
    ],
    ids=["time", "memory", "rows", "no spilling to disk"],
)
def test_a_query_stays_within_its_bounds(
    store: ClaimStore, path: Path, sql: str, bounds: QueryBounds, said: str, tmp_path: Path
) -> None:
    teardown(store)
    with pytest.raises(ClaimStoreError, match=said):
        query_claims(path, sql, bounds=bounds)
    with pytest.raises(ClaimStoreError):
        query_claims(path, "SET memory_limit = '100GB'", bounds=bounds)
    assert query_claims(path, "SELECT count(*) FROM claims").rows == ((0,),), "the database is as it was"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_bounds_that_allow_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="a deadline above 0 s"):
        QueryBounds(deadline_s=0)


def test_exports_hold_the_same_rows(store: ClaimStore, path: Path, tmp_path: Path) -> None:
    store.persist([_persist(numbered_claim(number)) for number in range(20)])
    teardown(store)
    assert export_claims(path, tmp_path / "c.csv", format="csv") == 20
    assert export_claims(path, tmp_path / "c.parquet", format="parquet") == 20
    with (tmp_path / "c.csv").open(newline="") as file:
        from_csv = [row["claim_id"] for row in csv.DictReader(file)]
    parquet: Any = importlib.import_module("pyarrow.parquet")  # by name: PyArrow ships no types
    table = parquet.read_table(tmp_path / "c.parquet")
    assert table.column("claim_id").to_pylist() == from_csv == sorted(numbered_claim(n).claim_id for n in range(20))
    with pytest.raises(ClaimStoreError):
        export_claims(path, tmp_path / "no" / "folder.csv", format="csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "c.parquet", "claims.duckdb"]


@pytest.mark.timeout(120)
def test_claims_published_twice_by_four_producers_over_five_kills_are_stored_once(
    make_broker: MakeBroker, kind: str, path: Path
) -> None:
    """10,000 claims, each published by two of the four producers, the coordinator killed five times."""
    claims = 10_000 if kind != "ray" else 1_000  # an actor call is slow, and the machine is small
    broker = make_broker(capacity=2_000)
    coordinator = StorageCoordinator(broker, path)
    coordinator.start()
    shares = [[n for n in range(claims) if n % 4 in (share, (share + 1) % 4)] for share in range(4)]
    with ThreadPoolExecutor(4) as pool:
        producers = [pool.submit(publish_claims, broker, share) for share in shares]
        for number in range(1, 6):
            _kill_after(coordinator, broker, acknowledged=2 * claims * number // 7)
        for producer in producers:
            producer.result()
    assert broker.wait_empty(deadline_s=60)
    counts = broker.counts()
    assert (counts.published, counts.acknowledged, counts.set_aside) == (2 * claims, 2 * claims, 0)
    assert coordinator.restarts == 5, "every kill hit a coordinator that lived"
    coordinator.stop()
    assert _rows(path) == [(claims,)]
    assert _rows(path, "SELECT count(DISTINCT seed), min(seed), max(seed) FROM claims") == [(claims, 0, claims - 1)]
    assert _rows(path, "SELECT count(*) FROM claim_conflicts") == [(0,)]


def _kill_after(coordinator: StorageCoordinator, broker: MessageBroker, *, acknowledged: int) -> None:
    _wait_until(lambda: broker.counts().acknowledged >= acknowledged)
    victim, before = coordinator.pid, coordinator.restarts
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    _wait_until(lambda: coordinator.restarts == before + 1)


def _wait_until(condition: Callable[[], bool], *, deadline_s: float = 60.0) -> None:
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.005)


def test_stop_is_a_barrier(path: Path) -> None:
    with InMemoryBroker() as broker:
        coordinator = StorageCoordinator(broker, path)
        coordinator.start()
        publish_claims(broker, list(range(3000)))
        coordinator.stop()
        publish_claims(broker, [5000])
        assert broker.depth() == 1, "what comes after the stop stays in the queue"
        assert _rows(path) == [(3000,)]
        successor = StorageCoordinator(broker, path)
        successor.start()
        successor.stop()
    assert _rows(path) == [(3001,)]
    assert coordinator.totals.inserted == 3000


def test_a_stop_for_the_aggregator_and_a_result_do_not_reach_the_coordinator(path: Path) -> None:
    with InMemoryBroker() as broker:
        coordinator = StorageCoordinator(broker, path)
        coordinator.start()
        broker.publish(Stop(consumer="results"))
        broker.publish(AgentResult(run="r", loop=0, agent="a"))
        publish_claims(broker, [1])
        assert broker.wait_empty(deadline_s=30)
        assert coordinator.pid is not None, "it still runs"
        assert len(broker.messages_set_aside()) == 2
        coordinator.stop()
        assert coordinator.totals.set_aside == 2
    assert _rows(path) == [(1,)]


def test_a_coordinator_that_cannot_open_its_database_says_why(tmp_path: Path) -> None:
    config = ConfigModel(cluster=DistributedConfig(enabled=True, claims_path=str(tmp_path / "no" / "claims.duckdb")))
    with pytest.raises(BackgroundProcessError, match=r"storage coordinator failed: cannot open .*no/claims\.duckdb"):
        start_storage_coordinator(config)


def test_a_coordinator_that_never_becomes_ready_is_given_up_at_its_deadline(
    redis_server: tuple[str, int], path: Path, children: Callable[[], set[int]]
) -> None:
    """The server hangs, as a machine that swaps does; the caller must not."""
    url, pid = redis_server
    config = ConfigModel(
        cluster=DistributedConfig(enabled=True, message_broker="redis", broker_url=url, claims_path=str(path))
    )
    coordinator, broker = start_storage_coordinator(config)
    coordinator.stop()
    os.kill(pid, signal.SIGSTOP)
    try:
        late = StorageCoordinator(broker, path)
        with pytest.raises(BackgroundProcessError, match=r"was not ready within 1 s"):
            late.start(ready_deadline_s=1.0)
        assert late.pid is None
    finally:
        os.kill(pid, signal.SIGCONT)
    assert children() == set()
    broker.shutdown()


def test_a_second_coordinator_on_one_database_is_refused(path: Path) -> None:
    with InMemoryBroker() as one, InMemoryBroker() as two:
        first = StorageCoordinator(one, path)
        first.start()
        with pytest.raises(BackgroundProcessError, match=r"(?s)cannot open .* for writing.*lock"):
            StorageCoordinator(two, path).start()
        first.stop()


def test_a_coordinator_that_dies_too_often_is_given_up_and_producers_learn_it(path: Path) -> None:
    broker = InMemoryBroker()
    coordinator = StorageCoordinator(broker, path, max_restarts=1)
    coordinator.start()
    for number in (1, 2):
        victim = coordinator.pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        if number == 1:
            _wait_until(lambda: coordinator.restarts == 1)
    with pytest.raises(BrokerClosedError):
        while True:
            publish_claim(broker, numbered_claim(1))
            time.sleep(0.01)
    with pytest.raises(BackgroundProcessError, match="SIGKILL"):
        coordinator.check()
    with pytest.raises(BackgroundProcessError, match="SIGKILL"):
        coordinator.stop()


def test_a_stopped_coordinator_leaves_nothing(path: Path, children: Callable[[], set[int]]) -> None:
    with InMemoryBroker() as broker:
        coordinator = StorageCoordinator(broker, path)
        coordinator.start()
        assert len(children()) == 1
        coordinator.stop()
        assert children() == set()


def test_durable_claims_wait_in_redis_for_the_next_run(redis_url: str, path: Path) -> None:
    cluster = DistributedConfig(
        enabled=True, message_broker="redis", broker_url=redis_url, claims_namespace=path.parent.name,
        claims_path=str(path),
    )  # fmt: skip
    coordinator, broker = start_storage_coordinator(ConfigModel(cluster=cluster))
    coordinator.stop()
    publish_claims(broker, [1, 2, 3])
    broker.shutdown()
    coordinator, broker = start_storage_coordinator(ConfigModel(cluster=cluster))
    coordinator.stop()
    broker.shutdown()
    assert _rows(path) == [(3,)]
