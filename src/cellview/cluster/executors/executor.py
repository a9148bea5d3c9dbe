"""What every executor does, wherever its workers are: agents over loops, single functions, and an orderly end."""

from __future__ import annotations

import math
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import msgspec

from cellview.cluster.brokers.broker import MessageBroker
from cellview.cluster.claims.aggregator import ResultAggregator, results_broker
from cellview.cluster.claims.coordinator import StorageCoordinator, start_storage_coordinator
from cellview.cluster.config import ConfigModel
from cellview.cluster.errors import (
    AgentFailedError,
    AgentRegistryError,
    BrokerError,
    ClusterConfigError,
    ClusterError,
)
from cellview.cluster.executors.agents import AGENTS, FUNCTIONS, AgentCall, AgentSpec
from cellview.cluster.executors.state import QueryResponse, QueryState
from cellview.cluster.executors.work import AgentTask, FunctionTask, Setup, Task, open_reply
from cellview.cluster.messages import AgentResult
from cellview.cluster.ray_support import RayConnection

__all__ = ["Callbacks", "Executor"]


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """What to tell the caller while a query runs, in the caller's thread."""

    on_cycle_end: Callable[[int, QueryState], None] | None = None
    """Called once after each loop, with its number (from 0) and the state that includes it."""
    on_agent_done: Callable[[str], None] | None = None
    """Called with the label of each agent that is done, in whatever order they end: for progress alone."""


class Executor(ABC):
    """Runs agents and functions until `shutdown`, in workers that live as long as the executor.

    With ``[cluster] enabled`` a storage coordinator stores the claims, and a result aggregator collects what the
    agents of queries answer. `submit` may be called from any thread, `run_query` from one at a time.
    """

    def __init__(
        self, config: ConfigModel, *, sessions: Mapping[str, Any] | None = None, tolerate_failures: bool = False
    ) -> None:
        """Keep the configuration; processes start with the first query or function.

        Args:
            config: The table ``[cluster]``.
            sessions: Objects that every agent sees as ``call.sessions``, sent to each worker once.
            tolerate_failures: Whether agents that raise are reported in the response instead of ending the query.

        Raises:
            SessionError: A session cannot travel to the workers.
        """
        self.config = config
        self.storage: StorageCoordinator | None = None
        self.aggregator: ResultAggregator | None = None
        self._tolerate_failures = tolerate_failures
        self._claims: MessageBroker | None = None
        self._results: MessageBroker | None = None
        self._sessions = self._pack_sessions(dict(sessions or {}))
        self._ray_connection: RayConnection | None = None
        self._setup: Setup | None = None
        self._starting = threading.Lock()
        self._shut_down = False

    def submit(self, function: str, label: str, payload: bytes, *, timeout_s: float | None = None) -> Future[bytes]:
        """Run a registered function on `payload` in a worker; its answer's bytes come back by the future.

        The claims of the answer are published before the future is done; `wait_for_claims` and `shutdown` wait until
        they are stored. A function whose worker is lost runs again, up to `task_retries` times.

        Args:
            function: Name given to `register_function`, or offered by a package under ``cellview.functions``.
            label: What the call is named in error texts.
            payload: What the function is called with.
            timeout_s: Seconds that one try may take before its worker is killed and counts as lost.

        Returns:
            A future of the answer's payload. It raises `AgentFailedError` when the function raised, with the text of
            its traceback; `WorkerLostError` when its workers were lost too often; `BrokerError` when a claim could
            not be published. Cancelling one that has not begun is always possible.

        Raises:
            AgentRegistryError: There is no such function, or it was registered after the workers were started.
            ClusterConfigError: The timeout is not above 0, or this is the local executor, which cannot enforce one.
            ClusterError: The executor was shut down, or its coordinator failed.
        """
        if timeout_s is not None and not 0 < timeout_s < math.inf:
            raise ClusterConfigError(
                f"timeout_s must be above 0 seconds and finite, not {timeout_s:g}; leave it out for no limit"
            )
        FUNCTIONS.load(function)
        setup = self._start()
        _require_known(FUNCTIONS.registered, setup.functions, function)
        if self.storage is not None:
            self.storage.check()
        return self._send(FunctionTask(function=function, label=label, payload=payload, timeout_s=timeout_s))

    def run_query(
        self,
        query: str,
        callbacks: Callbacks | None = None,
        *,
        agents: Sequence[str | AgentSpec],
        loops: int = 1,
    ) -> QueryResponse:
        """Run every agent once in every loop; return when all results are in and all claims are stored.

        Raises:
            AgentRegistryError: An agent is unknown, or two have the same label; nothing was run.
            AgentFailedError: An agent raised, and failures are not tolerated.
            WorkerLostError: A worker was lost more often than `task_retries`.
            AggregationError: Results or stored claims did not arrive within their deadline.
            BackgroundProcessError: The coordinator or the aggregator failed.
            MessageError: The parameters of an agent are not plain data.
        """
        specs = _specs(agents)
        setup = self._start()
        for spec in specs:
            _require_known(AGENTS.registered, setup.agents, spec.agent)
        self._start_aggregator()
        state = QueryState(query)
        try:
            for _ in range(loops):
                self._run_one_loop(state, specs, callbacks or Callbacks())
            self.wait_for_claims()
        except ClusterError:
            self._check_background()  # what went wrong there is the cause, and this error its effect
            raise
        return state.synthesize()

    def wait_for_claims(self) -> None:
        """Wait until every claim that was published is stored. Returns at once when claims are not stored at all.

        Raises:
            AggregationError: None was stored for `result_deadline_s` seconds, and some are left.
            BackgroundProcessError: The coordinator failed.
        """
        if self.storage is not None:
            self.storage.wait_until_stored(patience_s=self.config.distributed_config.result_deadline_s)

    def shutdown(self, *, cancel: bool = False) -> None:
        """Wait for what was submitted, store its claims, then end every process and queue. Idempotent.

        Args:
            cancel: Do not wait: cancel what has not begun, and end the workers of what has. Its futures raise
                `WorkerLostError`. (Only the local executor must wait for what it has begun.)
        """
        if self._shut_down:
            return
        self._shut_down = True
        try:
            self._stop_workers(cancel=cancel)
        finally:
            with ExitStack() as stack:  # the last first, and each whatever the others raise
                if self._ray_connection is not None:
                    stack.callback(self._ray_connection.close)
                if self._results is not None:
                    stack.callback(self._results.shutdown)
                if self.aggregator is not None:
                    stack.callback(self.aggregator.end)
                if self.storage is not None:
                    stack.callback(self.storage.end)

    def __enter__(self) -> Self:
        """Use the executor in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Shut down at the end of the block, without waiting when it ends by an error."""
        self.shutdown(cancel=kind is not None)

    @abstractmethod
    def _send(self, task: Task) -> Future[Any]:
        """Have a worker run `task`; the future holds what `_opened` gives."""

    @abstractmethod
    def _stop_workers(self, *, cancel: bool) -> None:
        """End the workers, after their tasks or at once. Called once."""

    def _pack_sessions(self, sessions: dict[str, Any]) -> Any:
        """Check that sessions can travel, and make them ready for it."""
        return sessions

    def _needs_ray(self) -> bool:
        """Whether workers or queues are on Ray."""
        cluster = self.config.distributed_config
        return cluster.enabled and cluster.broker == "ray"

    def _start(self) -> Setup:
        """Start what all workers need, once; return what they are told."""
        with self._starting:
            if self._shut_down:
                raise ClusterError("this executor was shut down; make a new one")
            if self._setup is not None:
                return self._setup
            cluster = self.config.distributed_config
            if self._needs_ray() and self._ray_connection is None:
                self._ray_connection = RayConnection(
                    cluster.address,
                    namespace=cluster.ray_namespace,
                    num_cpus=cluster.num_cpus,
                    object_store_bytes=cluster.object_store_bytes,
                )
            if cluster.enabled:
                self._results = self._results or results_broker(self.config)
                self.storage, self._claims = start_storage_coordinator(self.config)
            self._setup = Setup(
                agents=AGENTS.registered, functions=FUNCTIONS.registered, claims=self._claims, results=self._results
            )
            return self._setup

    def _start_aggregator(self) -> None:
        """Start the aggregator with the first query: functions answer without it."""
        if self._results is not None and self.aggregator is None:
            aggregator = ResultAggregator(self._results)
            aggregator.start(ready_deadline_s=self.config.distributed_config.ready_deadline_s)
            self.aggregator = aggregator

    def _call(self, state: QueryState, spec: AgentSpec) -> AgentCall:
        return AgentCall(
            query=state.query,
            loop=state.loop,
            label=spec.key,
            parameters=spec.parameters,
            previous=state.previous,
            artifacts_dir=self.config.distributed_config.artifacts_dir,
        )

    def _run_one_loop(self, state: QueryState, specs: Sequence[AgentSpec], callbacks: Callbacks) -> None:
        loop, token = state.loop, uuid.uuid4().hex
        if self.aggregator is not None:
            self.aggregator.begin_loop(token, loop)
        tasks = [AgentTask(token=token, agent=spec.agent, call=self._call(state, spec)) for spec in specs]
        found = self._run_tasks(tasks, callbacks.on_agent_done or (lambda label: None))
        labels = [task.label for task in tasks]
        if self.aggregator is not None:
            waiting = [label for label in labels if label not in found]
            found |= self.aggregator.collect(waiting, deadline_s=self.config.distributed_config.result_deadline_s)
        state.apply([found[label] for label in labels])
        if state.failures and not self._tolerate_failures:
            name, text = next(iter(state.failures.items()))
            raise AgentFailedError(f"{len(state.failures)} agents failed, first {name}:\n{text}")
        if callbacks.on_cycle_end is not None:
            callbacks.on_cycle_end(loop, state)

    def _run_tasks(self, tasks: Sequence[AgentTask], done: Callable[[str], None]) -> dict[str, AgentResult]:
        """Run all tasks, in any order; return the results that did not go to the results queue."""
        found: dict[str, AgentResult] = {}
        futures = {self._send(task): task.label for task in tasks}
        try:
            for future in as_completed(futures):
                answer = future.result()
                label = futures[future]
                if answer is not None:
                    found[label] = msgspec.msgpack.decode(answer, type=AgentResult)
                done(label)
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        return found

    def _opened(self, reply: bytes, label: str) -> bytes | None:
        """The answer in a worker's reply, or the error: of two, the cause and not its effect."""
        try:
            return open_reply(reply, label)
        except BrokerError:
            self._check_background()
            raise

    def _check_background(self) -> None:
        if self.storage is not None:
            self.storage.check()
        if self.aggregator is not None:
            self.aggregator.check()


def _specs(agents: Sequence[str | AgentSpec]) -> list[AgentSpec]:
    """The agents of a query, each known and with a label of its own."""
    specs = [AgentSpec(agent=agent) if isinstance(agent, str) else agent for agent in agents]
    seen: set[str] = set()
    for spec in specs:
        if spec.key in seen:
            raise AgentRegistryError(f"two agents of this query are called {spec.key!r}; give each its own label")
        seen.add(spec.key)
        AGENTS.load(spec.agent)
    return specs


def _require_known(registered: Mapping[str, str], told: Mapping[str, str], name: str) -> None:
    if name in registered and name not in told:
        raise AgentRegistryError(
            f"{name!r} was registered after this executor started its workers, which do not know it; register "
            "before the first query or function"
        )
