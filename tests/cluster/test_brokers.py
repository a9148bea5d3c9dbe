"""One conformance suite over the three brokers: memory, a real Redis and a real Ray."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cluster_toys import numbered_claim, publish_numbered

from cellview.cluster import (
    AgentResult,
    BrokerClosedError,
    BrokerFullError,
    MessageBroker,
    MessageError,
    PersistClaim,
    Stop,
    publish_claim,
)

MakeBroker = Callable[..., MessageBroker]


def _result(number: int, producer: str = "p") -> AgentResult:
    return AgentResult(run=producer, loop=number, agent=producer)


def _drain(broker: MessageBroker, expected: int, *, name: str = "c", limit: int = 64) -> list[AgentResult]:
    consumer = broker.consumer(name)
    found: list[AgentResult] = []
    while len(found) < expected:
        deliveries = consumer.receive(limit, timeout_s=20)
        assert deliveries, f"{len(found)} of {expected} messages arrived"
        for delivery in deliveries:
            assert isinstance(delivery.message, AgentResult)
            found.append(delivery.message)
        consumer.ack(deliveries)
    consumer.close()
    return found


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_what_is_published_is_received_in_order_and_whole(make_broker: MakeBroker) -> None:
    broker = make_broker()
    messages = [_result(0), AgentResult(run="r", loop=1, agent="ü", result={"a": [1, None, 0.5]}), _result(2)]
    for message in messages:
        broker.publish(message)
    assert _drain(broker, 3) == messages
    assert broker.empty()


def test_order_is_kept_for_each_of_many_producers(make_broker: MakeBroker) -> None:
    broker = make_broker()
    producers = [
        threading.Thread(target=publish_numbered, args=(broker, f"producer-{number}", 100)) for number in range(4)
    ]
    for producer in producers:
        producer.start()
    found = _drain(broker, 400)
    for producer in producers:
        producer.join()
    for number in range(4):
        assert [m.loop for m in found if m.run == f"producer-{number}"] == list(range(100))


def test_a_broker_may_be_passed_as_an_argument_to_a_pool(make_broker: MakeBroker) -> None:
    """A `multiprocessing.Queue` raises here: it may only be inherited."""
    broker = make_broker()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(publish_numbered, [(broker, "one", 20), (broker, "two", 20)])
        pool.close()
        pool.join()
    found = _drain(broker, 40)
    for producer in ("one", "two"):
        assert [m.loop for m in found if m.run == producer] == list(range(20))


def test_empty_is_exact_from_publish_to_acknowledgement(make_broker: MakeBroker) -> None:
    broker = make_broker()
    assert broker.empty()
    for number in range(50):
        broker.publish(_result(number))
        assert broker.depth() == number + 1  # at once: no feeder thread in between
    consumer = broker.consumer("c")
    taken = consumer.receive(50, timeout_s=5)
    while len(taken) < 50:
        taken += consumer.receive(50, timeout_s=5)
    assert not broker.empty(), "received is not processed"
    consumer.ack(taken[:49])
    assert broker.depth() == 1
    assert not broker.wait_empty(deadline_s=0.01)
    consumer.ack(taken)  # the first 49 a second time: they do not count twice
    assert broker.empty()
    assert broker.wait_empty(deadline_s=0)
    assert broker.counts().acknowledged == 50


@pytest.mark.parametrize(
    "message",
    [
        {"action": "launch"},
        {"claim": {}},
        {"action": "persist_claim", "claim": {"claim_id": "x"}},
        {"action": "persist_claim", "claim": {"claim_id": "x", "colour": "red"}, "partial_update": True},
        {"action": "agent_result", "run": "r", "loop": "first", "agent": "a"},
        {"action": "stop"},
        {"action": "stop", "consumer": "everybody"},
        AgentResult(run="r", loop=0, agent="a", result=object()),
    ],
)
def test_what_is_no_message_is_refused_at_publish(make_broker: MakeBroker, message: Any) -> None:
    broker = make_broker()
    with pytest.raises(MessageError, match="not a message"):
        broker.publish(message)
    assert broker.empty()
    assert broker.counts().published == 0


def test_the_three_kinds_pass_as_structs_and_as_mappings(make_broker: MakeBroker) -> None:
    broker = make_broker()
    broker.publish({"action": "agent_result", "run": "p", "loop": 1, "agent": "p"})
    publish_claim(broker, numbered_claim(1))
    broker.publish(Stop(consumer="storage"))
    consumer = broker.consumer("c")
    found: list[Any] = []
    while len(found) < 3:
        deliveries = consumer.receive(3, timeout_s=5)
        found += [delivery.message for delivery in deliveries]
        consumer.ack(deliveries)
    assert found[0] == _result(1)
    assert isinstance(found[1], PersistClaim)
    assert found[2] == Stop(consumer="storage")


def test_a_full_queue_makes_producers_wait_and_then_says_so(make_broker: MakeBroker) -> None:
    broker = make_broker(capacity=2)
    broker.publish(_result(0))
    broker.publish(_result(1))
    with pytest.raises(BrokerFullError, match="held 2 unprocessed messages"):
        broker.publish(_result(99), deadline_s=0.05)
    waiting = threading.Thread(target=broker.publish, args=(_result(2),), kwargs={"deadline_s": 20})
    waiting.start()
    assert [m.loop for m in _drain(broker, 3, limit=1)] == [0, 1, 2]
    waiting.join()
    assert broker.counts().published == 3


def test_a_message_larger_than_any_pipe_arrives(make_broker: MakeBroker) -> None:
    broker = make_broker()
    text = "x" * 3_000_000
    broker.publish(AgentResult(run="r", loop=0, agent="a", result=text))
    assert _drain(broker, 1)[0].result == text


def test_use_after_shutdown_is_an_error_for_owner_and_copies(make_broker: MakeBroker) -> None:
    broker = make_broker()
    copy: MessageBroker = pickle.loads(pickle.dumps(broker))
    late: MessageBroker = pickle.loads(pickle.dumps(broker))
    copy.publish(_result(0))
    copy_of_closed = pickle.loads(pickle.dumps(copy))
    broker.shutdown()
    broker.shutdown()
    for one in (broker, copy, late, copy_of_closed):
        with pytest.raises(BrokerClosedError):
            one.publish(_result(1))
    with pytest.raises(BrokerClosedError):
        broker.consumer("c")
    copy.shutdown()
    late.shutdown()


def test_the_shutdown_of_a_copy_ends_nothing(make_broker: MakeBroker) -> None:
    broker = make_broker()
    copy: MessageBroker = pickle.loads(pickle.dumps(broker))
    copy.publish(_result(0))
    copy.shutdown()
    with pytest.raises(BrokerClosedError):
        copy.publish(_result(1))
    broker.publish(_result(1))
    assert [m.loop for m in _drain(broker, 2)] == [0, 1]


def test_a_waiting_consumer_learns_of_the_shutdown(make_broker: MakeBroker) -> None:
    broker = make_broker()
    consumer = broker.consumer("c")
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            while True:
                consumer.receive(timeout_s=0.2)
        except BrokerClosedError as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    broker.shutdown()
    thread.join(20)
    assert len(caught) == 1


def test_what_a_dead_consumer_held_comes_first_and_in_order(make_broker: MakeBroker) -> None:
    broker = make_broker()
    for number in range(6):
        broker.publish(_result(number))
    first = broker.consumer("c")
    held = first.receive(4, timeout_s=5)
    assert [d.message.loop for d in held if isinstance(d.message, AgentResult)] == [0, 1, 2, 3]
    first.ack(held[:1])
    # `first` is forgotten without a word, as when its process is killed
    assert [m.loop for m in _drain(broker, 5)] == [1, 2, 3, 4, 5]
    assert broker.counts().redelivered == 3


def test_what_another_consumer_abandoned_is_handed_on_after_its_lease(make_broker: MakeBroker) -> None:
    broker = make_broker(lease_s=0.2)
    broker.publish(_result(7))
    assert broker.consumer("one").receive(timeout_s=5)
    two = broker.consumer("two")
    end = time.monotonic() + 20
    found = two.receive(timeout_s=0.1)
    while not found and time.monotonic() < end:
        found = two.receive(timeout_s=0.1)
    assert [d.message for d in found] == [_result(7)]
    assert found[0].deliveries == 2
    two.ack(found)
    assert broker.empty()


def test_a_poisoned_message_goes_aside_and_is_counted(make_broker: MakeBroker) -> None:
    broker = make_broker()
    broker.publish(_result(0))
    assert broker._live().offer(b'{"action": "launch"}', 5.0)  # pyright: ignore[reportPrivateUsage]  # as a stranger could
    broker.publish(_result(1))
    assert [m.loop for m in _drain(broker, 2)] == [0, 1]
    assert broker.empty()
    aside = broker.messages_set_aside()
    assert [entry.payload for entry in aside] == [b'{"action": "launch"}']
    assert "not a message" in aside[0].reason
    counts = broker.counts()
    assert (counts.published, counts.acknowledged, counts.set_aside) == (3, 2, 1)


def test_a_message_that_kills_its_consumers_goes_aside_without_its_neighbours(make_broker: MakeBroker) -> None:
    broker = make_broker(max_deliveries=4)
    for number in range(3):
        broker.publish(_result(number))
    survived: list[int] = []
    for _ in range(20):  # each round is one incarnation; message 1 kills it before anything is acknowledged
        consumer = broker.consumer("c")
        while deliveries := consumer.receive(10, timeout_s=0.2):
            loops = [d.message.loop for d in deliveries if isinstance(d.message, AgentResult)]
            if 1 in loops:
                break
            survived += loops
            consumer.ack(deliveries)
        if broker.empty():
            break
    assert sorted(survived) == [0, 2]
    assert [b'"loop":1' in entry.payload for entry in broker.messages_set_aside()] == [True]


def test_brokers_of_one_kind_share_nothing(make_broker: MakeBroker) -> None:
    claims, results = make_broker(queue="claims"), make_broker(queue="results")
    claims.publish(Stop(consumer="storage"))
    results.publish(_result(1))
    assert _drain(results, 1) == [_result(1)]
    assert claims.depth() == 1


def test_shutdown_leaves_no_descriptor_and_no_thread(kind: str, make_broker: MakeBroker) -> None:
    def use() -> None:
        broker = make_broker()
        copy: MessageBroker = pickle.loads(pickle.dumps(broker))
        copy.publish(_result(0))
        assert len(_drain(copy, 1)) == 1
        consumer = broker.consumer("d")
        assert consumer.receive(timeout_s=0.01) == []
        copy.shutdown()
        consumer.close()
        broker.shutdown()

    use()  # what is opened once for the process (a name service, Ray's connection) is not a leak
    threads, descriptors = threading.active_count(), _descriptors()
    for _ in range(3):
        use()
    end = time.monotonic() + 30  # Ray hangs up on the ended actor a moment after its end
    while _descriptors() > descriptors and time.monotonic() < end:
        time.sleep(0.05)
    assert threading.active_count() <= threads
    assert _descriptors() <= descriptors


_KILLED_OWNER = """
import os, pickle, signal, sys
from cellview.cluster import InMemoryBroker
broker = InMemoryBroker()
pickle.loads(pickle.dumps(broker)).depth()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the socket is a file")
def test_a_killed_owner_of_a_memory_queue_leaves_nothing_on_disk(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED_OWNER], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []
