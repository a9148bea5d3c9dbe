"""The aggregator: results of the current loop only, complete, however large, whatever dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from cluster_toys import numbered_claim, publish_claims

from cellview.cluster import (
    AgentResult,
    AggregationError,
    BackgroundProcessError,
    ConfigModel,
    DistributedConfig,
    InMemoryBroker,
    ResultAggregator,
    Stop,
    get_message_broker,
    start_result_aggregator,
)


@pytest.fixture
def aggregator() -> Iterator[ResultAggregator]:
    with InMemoryBroker() as broker:
        made = ResultAggregator(broker)
        made.start()
        yield made
        made.kill()


def _publish(aggregator: ResultAggregator, agent: str, *, run: str = "r", loop: int = 0, result: object = None) -> None:
    aggregator.broker.publish(AgentResult(run=run, loop=loop, agent=agent, result=result))


def test_results_are_those_of_the_current_loop(aggregator: ResultAggregator) -> None:
    aggregator.begin_loop("r", 0)
    _publish(aggregator, "a", result="first")
    assert aggregator.collect(["a"], deadline_s=20)["a"].result == "first"
    aggregator.begin_loop("r", 1)
    assert aggregator.results == []
    _publish(aggregator, "b", loop=0, result="late")  # a worker that was slow, or ran twice
    _publish(aggregator, "a", run="another run", loop=1)
    _publish(aggregator, "a", loop=1, result="second")
    assert {k: v.result for k, v in aggregator.collect(["a"], deadline_s=20).items()} == {"a": "second"}
    assert [result.agent for result in aggregator.results] == ["a"]
    assert aggregator.stale == 2


def test_an_agent_that_answers_twice_counts_once(aggregator: ResultAggregator) -> None:
    aggregator.begin_loop("r", 0)
    for text in ("one", "two"):
        _publish(aggregator, "a", result=text)
    _publish(aggregator, "z")
    found = aggregator.collect(["a", "z"], deadline_s=20)
    assert found["a"].result == "one"
    assert len(aggregator.results) == 2


def test_results_far_larger_than_a_pipe_s_buffer_do_not_block(aggregator: ResultAggregator) -> None:
    """Nobody reads while they are published: a child that waits for its pipe and a parent that joins it would hang."""
    aggregator.begin_loop("r", 0)
    texts = {f"a{number}": str(number) * 2_000_000 for number in range(8)}
    for agent, text in texts.items():
        _publish(aggregator, agent, result=text)
    aggregator.stop()
    assert {result.agent: result.result for result in aggregator.results} == texts


def test_a_killed_aggregator_loses_nothing(aggregator: ResultAggregator) -> None:
    aggregator.begin_loop("r", 0)
    agents = [f"a{number}" for number in range(300)]
    for number, agent in enumerate(agents):
        _publish(aggregator, agent, result="x" * 20_000)
        if number in (50, 150, 250):
            _kill(aggregator)
    found = aggregator.collect(agents, deadline_s=60)
    assert sorted(found) == sorted(agents)
    assert len(aggregator.results) == 300
    assert aggregator.restarts == 3


def _kill(aggregator: ResultAggregator) -> None:
    victim, before = aggregator.pid, aggregator.restarts
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    end = time.monotonic() + 30
    while aggregator.restarts == before:
        assert time.monotonic() < end
        time.sleep(0.005)


def test_results_that_do_not_come_are_named(aggregator: ResultAggregator) -> None:
    aggregator.begin_loop("r", 0)
    _publish(aggregator, "a")
    with pytest.raises(AggregationError, match="1 of 2 results did not arrive: b"):
        aggregator.collect(["a", "b"], deadline_s=0.3)


def test_stops_and_claims_that_are_for_others_go_aside(aggregator: ResultAggregator) -> None:
    aggregator.begin_loop("r", 0)
    aggregator.broker.publish(Stop(consumer="storage"))
    publish_claims(aggregator.broker, [1])
    _publish(aggregator, "a")
    assert aggregator.collect(["a"], deadline_s=20)
    assert aggregator.broker.wait_empty(deadline_s=20)
    aside = [entry.reason for entry in aggregator.broker.messages_set_aside()]
    assert len(aside) == 2 and all("claims and results have one each" in reason for reason in aside)
    aggregator.stop()


def test_messages_of_an_earlier_run_are_not_seen(redis_url: str) -> None:
    """Upstream left its list in Redis, and the next run read it."""
    old = get_message_broker("redis", redis_url, queue="results")
    old.publish(AgentResult(run="old", loop=0, agent="a", result="old"))
    config = ConfigModel(cluster=DistributedConfig(enabled=True, message_broker="redis", broker_url=redis_url))
    aggregator, broker = start_result_aggregator(config)
    aggregator.begin_loop("new", 0)
    broker.publish(AgentResult(run="new", loop=0, agent="a", result="new"))
    assert aggregator.collect(["a"], deadline_s=20)["a"].result == "new"
    assert aggregator.stale == 0
    aggregator.stop()
    broker.shutdown()
    assert old.depth() == 1
    old.shutdown()


def test_an_aggregator_that_fails_says_why(children: Callable[[], set[int]]) -> None:
    broker = InMemoryBroker()
    aggregator = ResultAggregator(broker, max_restarts=0)
    aggregator.start()
    aggregator.begin_loop("r", 0)
    assert aggregator.pid is not None
    os.kill(aggregator.pid, signal.SIGKILL)
    with pytest.raises(BackgroundProcessError, match="result aggregator was ended by SIGKILL"):
        aggregator.collect(["a"], deadline_s=20)
    assert children() == set()
    broker.shutdown()


def test_claims_and_results_do_not_share_a_queue(redis_url: str) -> None:
    """Upstream gave both brokers the same list, so that each consumer ate half of the other's messages."""
    claims = get_message_broker("redis", redis_url, queue="claims", namespace="traps")
    results = get_message_broker("redis", redis_url, queue="results", namespace="traps")
    try:
        publish_claims(claims, [1])
        assert (claims.depth(), results.depth()) == (1, 0)
        assert results.consumer("results").receive(timeout_s=0.05) == []
        [delivery] = claims.consumer("storage").receive(timeout_s=5)
        assert numbered_claim(1).claim_id in str(delivery.message)
        claims.consumer("storage").ack([delivery])
    finally:
        claims.shutdown()
        results.shutdown()
