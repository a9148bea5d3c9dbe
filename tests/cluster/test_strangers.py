"""Messages of strangers: no bytes in a queue raise anything but our own errors, and with a key none of them counts."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cluster_toys import numbered_claim
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellview.cluster import (
    AgentResult,
    BrokerKeyError,
    Claim,
    ConfigModel,
    DistributedConfig,
    InMemoryBroker,
    MessageError,
    PersistClaim,
    Stop,
    get_message_broker,
    publish_claim,
    start_storage_coordinator,
)
from cellview.cluster.brokers.sealing import Sealer
from cellview.cluster.claims.query import query_claims
from cellview.cluster.claims.storage import setup, teardown
from cellview.cluster.messages import decode, encode

KEY = b"a key that nobody can guess"

MESSAGES = [
    encode(PersistClaim(claim=msgspec.to_builtins(numbered_claim(1)))),
    encode(PersistClaim(claim={"claim_id": "x", "proof": "rfl"}, partial_update=True)),
    encode(AgentResult(run="r", loop=1, agent="a", result={"x": [1, None]}, claims=(numbered_claim(2),))),
    encode(Stop(consumer="storage")),
]

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message with some of its bytes replaced, removed or repeated."""
    message = bytearray(draw(st.sampled_from(MESSAGES)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(message)))
        end = min(len(message), start + draw(st.integers(0, 12)))
        message[start:end] = draw(st.binary(max_size=6) | st.just(bytes(message[start:end]) * 2))
    return bytes(message)


@st.composite
def rewritten(draw: st.DrawFn) -> bytes:
    """A message of which one field holds something else."""
    message = json.loads(draw(st.sampled_from(MESSAGES)))
    place: Any = message
    while True:
        name = draw(st.sampled_from(sorted(place)))
        if not (isinstance(place[name], dict) and place[name] and draw(st.booleans())):
            break
        place = place[name]
    place[name] = draw(_json)
    return json.dumps(message).encode()


PAYLOADS = st.binary(max_size=60) | damaged() | rewritten() | _json.map(lambda data: json.dumps(data).encode())


@settings(max_examples=600, deadline=None)
@given(payload=PAYLOADS)
def test_what_is_decoded_is_a_message_or_a_message_error(payload: bytes) -> None:
    try:
        message = decode(payload)
    except MessageError:
        return
    assert decode(encode(message)) == message


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_is_no_way_to_end_the_interpreter(opening: bytes) -> None:
    with pytest.raises(MessageError):
        decode(b'{"action":"agent_result","run":"r","loop":0,"agent":"a","result":' + opening * 200_000)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payloads=st.lists(PAYLOADS, min_size=1, max_size=12), sealed=st.booleans())
def test_a_queue_of_anything_is_received_to_its_end(payloads: list[bytes], sealed: bool) -> None:
    with InMemoryBroker(key=KEY if sealed else None) as broker:
        for payload in payloads:
            assert broker._live().offer(payload, 5.0)  # pyright: ignore[reportPrivateUsage]  # as a stranger could
        consumer = broker.consumer("c")
        good = 0
        while not broker.empty():
            deliveries = consumer.receive(5, timeout_s=0)
            good += len(deliveries)
            consumer.ack(deliveries)
        assert len(broker.messages_set_aside()) == len(payloads) - good
        assert not (sealed and good)


# What the database holds.


def _claims() -> st.SearchStrategy[dict[str, Any]]:
    fields = {
        "claim_id": st.text(min_size=1, max_size=6),
        "run": st.text(),
        "theorem": st.text(),
        "statement": st.text(),
        "intervention": st.text(),
        "status": st.sampled_from(["solved", "unsolved", "exhausted", "error"]),
    }
    more = {
        "seed": st.integers(),
        "tier": st.integers(),
        "iterations": st.integers(-1, 2**80),
        "proof": st.none() | st.text(),
        "trace_digest": st.none() | st.text(),
        "detail": st.none() | st.text(),
    }
    return st.fixed_dictionaries(fields, optional=more)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=st.lists(_claims(), min_size=1, max_size=6), updates=st.lists(_claims(), max_size=3))
def test_a_claim_that_is_accepted_is_stored_as_it_is(
    claims: list[dict[str, Any]], updates: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A claim that only the database refused would end the coordinator, again and again."""
    batch: list[PersistClaim] = []
    for fields, partial in [*((claim, False) for claim in claims), *((update, True) for update in updates)]:
        try:
            message = decode(encode({"action": "persist_claim", "claim": fields, "partial_update": partial}))
        except MessageError:
            continue
        assert isinstance(message, PersistClaim)
        batch.append(message)
    path = tmp_path_factory.mktemp("claims") / "claims.duckdb"
    store = setup(path)
    counts = store.persist(batch)
    teardown(store)
    whole = [message for message in batch if not message.partial_update]
    assert counts.inserted == len({message.claim["claim_id"] for message in whole})
    assert counts.inserted + counts.duplicates + counts.conflicts + counts.updated + len(counts.rejected) >= len(whole)
    if len(batch) == len(whole):
        names = ", ".join(Claim.__struct_fields__)
        rows = query_claims(path, f"SELECT {names} FROM claims").rows
        stored = {Claim(**dict(zip(Claim.__struct_fields__, row, strict=True))) for row in rows}
        assert stored <= {msgspec.convert(message.claim, Claim) for message in whole}


# With a key.


@settings(max_examples=300, deadline=None)
@given(payload=st.binary(max_size=80), flip=st.integers(min_value=0), other=st.binary(max_size=80))
def test_a_seal_holds_for_its_message_its_queue_and_its_key_alone(payload: bytes, flip: int, other: bytes) -> None:
    sealer = Sealer(KEY, "claims")
    sealed = sealer.close(payload)
    assert sealer.open(sealed) == payload
    altered = bytearray(sealed)
    altered[flip % len(sealed)] ^= 1 << flip % 8
    for forged in (bytes(altered), payload, other, sealed[:-1], sealed + b"x", Sealer(KEY, "results").close(payload)):
        if forged != sealed:
            with pytest.raises(MessageError):
                sealer.open(forged)
    with pytest.raises(MessageError, match="CELLVIEW_FRONTIER_KEY"):
        Sealer(b"another key", "claims").open(sealed)
    with pytest.raises(MessageError, match="is sealed: set CELLVIEW_FRONTIER_KEY"):
        Sealer(None, "claims").open(sealed)


def test_a_claim_of_a_stranger_is_not_stored(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reaches the server can write to the stream; without the key it goes aside, and ours is stored."""
    cluster = DistributedConfig(
        enabled=True,
        message_broker="redis",
        broker_url=redis_url,
        claims_namespace=tmp_path.name,
        claims_path=str(tmp_path / "c.duckdb"),
    )
    monkeypatch.setenv("CELLVIEW_FRONTIER_KEY", KEY.decode())
    coordinator, broker = start_storage_coordinator(ConfigModel(cluster=cluster))
    publish_claim(pickle.loads(pickle.dumps(broker)), numbered_claim(1))
    monkeypatch.delenv("CELLVIEW_FRONTIER_KEY")
    stranger = get_message_broker("redis", redis_url, queue="claims", namespace=tmp_path.name)
    publish_claim(stranger, numbered_claim(2))
    assert broker.wait_empty(deadline_s=60)
    [aside] = broker.messages_set_aside()
    assert "not published by a holder of CELLVIEW_FRONTIER_KEY" in aside.reason
    coordinator.end()
    rows = query_claims(tmp_path / "c.duckdb", "SELECT seed FROM claims").rows
    assert rows == ((1,),)


def test_a_key_that_could_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLVIEW_FRONTIER_KEY", "secret")
    with pytest.raises(BrokerKeyError, match="has 6 bytes: give at least 16") as caught:
        get_message_broker("memory")
    assert "secret'" not in str(caught.value)


def test_what_somebody_else_wrote_beside_a_queue_is_an_error_of_ours(redis_url: str) -> None:
    import redis

    from cellview.cluster import BrokerError

    broker = get_message_broker("redis", redis_url, namespace="beside")
    client: Any = redis.Redis.from_url(redis_url)  # pyright: ignore[reportUnknownMemberType]
    key = "cellview:{beside}:messages"
    client.xadd(f"{key}:aside", {"colour": b"\xff"})
    client.xadd(f"{key}:aside", {"payload": b"x", "reason": b"\xff"})
    assert [entry.payload for entry in broker.messages_set_aside()] == [b"", b"x"]
    client.xadd(key, {"colour": b"\xff"})
    assert broker.consumer("c").receive(timeout_s=5) == []
    client.hset(f"{key}:counts", "published", "many")
    with pytest.raises(BrokerError, match="somebody else wrote"):
        broker.counts()
    client.set(f"{key}:aside", "no stream")
    with pytest.raises(BrokerError):
        broker.messages_set_aside()
    client.close()
    broker.shutdown()
