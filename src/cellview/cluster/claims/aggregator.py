"""The result aggregator: collects what agents answered, and holds the results of the current loop only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from cellview.cluster.brokers.broker import Consumer, Delivery, MessageBroker
from cellview.cluster.brokers.selection import get_message_broker
from cellview.cluster.claims.background import BackgroundProcess, Report
from cellview.cluster.claims.consumer import QueueConsumer, drain
from cellview.cluster.config import ConfigModel
from cellview.cluster.errors import AggregationError
from cellview.cluster.messages import AgentResult

__all__ = ["ResultAggregator", "results_broker", "start_result_aggregator"]

_BATCH = 64


class ResultAggregator(QueueConsumer):
    """Drains the results queue in a process of its own and hands the results to this process.

    They come over a pipe that a thread reads all the time, so a result may be larger than the pipe's buffer. A
    `multiprocessing.Manager` list was rejected: it is one more process, which outlives a killed parent.
    """

    role = "results"

    def __init__(self, broker: MessageBroker, *, max_restarts: int = 10) -> None:
        """Keep what to consume; `start` starts it."""
        self.stale = 0
        """Results of other runs or earlier loops that arrived and were dropped."""
        self._changed = threading.Condition()
        self._loop: tuple[str, int] | None = None
        self._results: dict[str, AgentResult] = {}
        process = BackgroundProcess(
            "result aggregator",
            _run,
            (broker,),
            on_frame=self._on_frame,
            on_failed=self._on_failed,
            max_restarts=max_restarts,
        )
        super().__init__(broker, process)

    @property
    def results(self) -> list[AgentResult]:
        """The results of the current loop that arrived so far, one for each agent, in the order of arrival."""
        with self._changed:
            return list(self._results.values())

    def begin_loop(self, run: str, loop: int) -> None:
        """Forget the results of the loop before; from now on only results of this run and loop count."""
        with self._changed:
            self._loop = (run, loop)
            self._results = {}

    def collect(self, agents: Iterable[str], *, deadline_s: float) -> dict[str, AgentResult]:
        """Wait until the results of all `agents` are there, and return them.

        Raises:
            AggregationError: Some did not arrive within `deadline_s` seconds; the text names them.
            BackgroundProcessError: The aggregator was given up.
        """
        wanted = list(agents)
        end = time.monotonic() + deadline_s
        with self._changed:
            while missing := [agent for agent in wanted if agent not in self._results]:
                self._process.check()
                left_s = end - time.monotonic()
                if left_s <= 0:
                    names = ", ".join(missing[:5])
                    raise AggregationError(f"{len(missing)} of {len(wanted)} results did not arrive: {names}")
                self._changed.wait(min(left_s, 1.0))
            return {agent: self._results[agent] for agent in wanted}

    def _on_frame(self, frame: bytes) -> None:
        result = msgspec.msgpack.decode(frame, type=AgentResult)
        with self._changed:
            if (result.run, result.loop) != self._loop:
                self.stale += 1
                return
            # A worker that was lost after it published makes its agent run again. The first answer counts.
            self._results.setdefault(result.agent, result)
            self._changed.notify_all()

    def _on_failed(self) -> None:
        self.broker.shutdown()
        with self._changed:
            self._changed.notify_all()


def results_broker(config: ConfigModel) -> MessageBroker:
    """Make a queue for results alone, as `config` asks for."""
    cluster = config.distributed_config
    return get_message_broker(cluster.broker, cluster.broker_url_or_address, queue="results", limits=cluster.limits)


def start_result_aggregator(
    config: ConfigModel, *, ready_deadline_s: float | None = None
) -> tuple[ResultAggregator, MessageBroker]:
    """Make a queue for results alone, and start the aggregator that drains it.

    Raises:
        BackgroundProcessError: It failed or was not ready in time; nothing is left running.
        ModuleNotFoundError: An extra is missing; the text names it.
    """
    broker = results_broker(config)
    try:
        aggregator = ResultAggregator(broker)
        aggregator.start(ready_deadline_s=ready_deadline_s or config.distributed_config.ready_deadline_s)
    except BaseException:
        broker.shutdown()
        raise
    return aggregator, broker


def _run(ready: Callable[[], None], report: Report, broker: MessageBroker) -> None:
    """The aggregator's process: hand over results until the stop."""
    drain(broker, "results", AgentResult, partial(_hand_over, report), ready=ready, batch=_BATCH)


def _hand_over(report: Report, consumer: Consumer, deliveries: list[Delivery], strays: int) -> None:
    for delivery in deliveries:
        report(msgspec.msgpack.encode(delivery.message))
        consumer.ack([delivery])
