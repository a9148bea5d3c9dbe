"""Coordination: simulated agents emit claims and results from several processes; is all of it delivered, in order?"""

from __future__ import annotations

import itertools
import multiprocessing
from collections import Counter
from contextlib import ExitStack
from typing import Literal, TypeAlias

import msgspec

from cellview.cluster.brokers.broker import MessageBroker, QueueLimits, publish_claim
from cellview.cluster.brokers.selection import get_message_broker
from cellview.cluster.claims.aggregator import ResultAggregator
from cellview.cluster.errors import AggregationError, SimulationError
from cellview.cluster.messages import AgentResult, Claim, Message, PersistClaim
from cellview.cluster.ray_support import RayConnection

__all__ = ["CoordinationReport", "Fault", "simulate_coordination"]

Fault: TypeAlias = Literal["duplicate", "reorder", "loss", "crosstalk"]
"""What a producer can be told to do wrong, to show that the check sees it: publish a claim twice, publish two claims
the wrong way round, leave one out, or put a result into the queue of the claims."""

_RUN = "coordination"


class CoordinationReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of the claims queue, and what the aggregator collected."""

    broker: str
    producers: int
    messages: int
    """Claims, and as many results, that each producer should publish."""
    claims_received: int
    results_collected: int
    duplicates: int
    lost: int
    ordering_violations: int
    """Neighbours of one producer that came in descending order."""
    strays: int
    """Messages in the claims queue that are no claims."""
    left_in_queue: int

    @property
    def problems(self) -> list[str]:
        """What must not be, one sentence each; empty when all is well."""
        expected = self.producers * self.messages
        counted = {
            "claims delivered twice": self.duplicates,
            "claims lost": self.lost,
            "claims delivered out of their producer's order": self.ordering_violations,
            "messages in the wrong queue": self.strays,
            "messages left in the claims queue": self.left_in_queue,
            "results not collected": expected - self.results_collected,
        }
        return [f"{count} {what}" for what, count in counted.items() if count]


def simulate_coordination(
    broker: str = "memory",
    url: str | None = None,
    *,
    producers: int = 4,
    messages: int = 250,
    plant: Fault | None = None,
    deadline_s: float = 60.0,
) -> CoordinationReport:
    """Run `producers` processes against both queues, a real aggregator, and a driver that drains the claims.

    Args:
        broker: ``memory``, ``redis`` or ``ray``.
        url: As for `get_message_broker`.
        producers: Processes that publish at once.
        messages: Claims and results that each of them publishes, at least 2.
        plant: A fault that the first producer commits.
        deadline_s: Seconds without any message after which the rest counts as lost.

    Raises:
        SimulationError: Fewer than one producer or two messages.
    """
    if producers < 1 or messages < 2:
        raise SimulationError(f"at least 1 producer and 2 messages are needed, not {producers} and {messages}")
    limits = QueueLimits(capacity=max(64, messages // 2))  # small, so that producers do have to wait
    with ExitStack() as stack:
        if broker == "ray":  # one connection for both queues, ended after them
            stack.callback(RayConnection(url).close)
            url = None
        claims = stack.enter_context(get_message_broker(broker, url, queue="claims", limits=limits))
        results = stack.enter_context(get_message_broker(broker, url, queue="results", limits=limits))
        aggregator = ResultAggregator(results)
        aggregator.start(ready_deadline_s=deadline_s)
        stack.callback(aggregator.kill)
        aggregator.begin_loop(_RUN, 0)
        pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(producers))
        tasks = [(claims, results, number, messages, plant if number == 0 else None) for number in range(producers)]
        publishing = pool.starmap_async(_produce, tasks, chunksize=1)
        received = _drain(claims, publishing.ready, deadline_s)
        publishing.get()
        collected = _collect(aggregator, producers, messages, deadline_s)
        left = claims.depth()
        aggregator.stop(deadline_s=deadline_s)
        pool.close()
        pool.join()
    return _report(broker, producers, messages, received, collected, left)


def _produce(claims: MessageBroker, results: MessageBroker, producer: int, messages: int, plant: Fault | None) -> None:
    """One simulated agent."""
    order = list(range(messages))
    middle = messages // 2
    if plant == "reorder":
        order[middle - 1], order[middle] = order[middle], order[middle - 1]
    for number in order:
        label = f"{producer}:{number}"
        result = AgentResult(run=_RUN, loop=0, agent=label, result=number)
        if not (plant == "loss" and number == middle):
            publish_claim(claims, _claim(producer, number))
        if plant == "duplicate" and number == middle:
            publish_claim(claims, _claim(producer, number))
        if plant == "crosstalk" and number == middle:
            claims.publish(result)
        results.publish(result)
    claims.shutdown()
    results.shutdown()


def _claim(producer: int, number: int) -> Claim:
    return Claim(
        claim_id=f"{producer}:{number}",
        run=_RUN,
        theorem=f"theorem {number}",
        statement="",
        intervention="wild_type",
        seed=producer,
        status="unsolved",
        iterations=number,
    )


def _drain(claims: MessageBroker, published: object, deadline_s: float) -> list[Message]:
    """Receive until every producer is done and the queue is empty."""
    assert callable(published)
    consumer = claims.consumer("driver")
    received: list[Message] = []
    idle_s = 0.0
    while idle_s < deadline_s:
        done = bool(published())  # asked before receiving: what was published by then is in the queue
        deliveries = consumer.receive(100, timeout_s=0.1)
        received += [delivery.message for delivery in deliveries]
        consumer.ack(deliveries)
        if done and not deliveries:
            break
        idle_s = 0.0 if deliveries else idle_s + 0.1
    consumer.close()
    return received


def _collect(aggregator: ResultAggregator, producers: int, messages: int, deadline_s: float) -> int:
    labels = [f"{producer}:{number}" for producer in range(producers) for number in range(messages)]
    try:
        return len(aggregator.collect(labels, deadline_s=deadline_s))
    except AggregationError:
        return len(aggregator.results)


def _report(
    broker: str, producers: int, messages: int, received: list[Message], collected: int, left: int
) -> CoordinationReport:
    claims = [message.claim for message in received if isinstance(message, PersistClaim)]
    times = Counter(str(claim["claim_id"]) for claim in claims)
    violations = 0
    for producer in range(producers):
        numbers = [int(claim["iterations"]) for claim in claims if claim["seed"] == producer]
        violations += sum(earlier > later for earlier, later in itertools.pairwise(numbers))
    return CoordinationReport(
        broker=broker,
        producers=producers,
        messages=messages,
        claims_received=len(claims),
        results_collected=collected,
        duplicates=sum(times.values()) - len(times),
        lost=producers * messages - len(times),
        ordering_violations=violations,
        strays=len(received) - len(claims),
        left_in_queue=left,
    )
