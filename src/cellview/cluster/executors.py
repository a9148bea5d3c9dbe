"""Executors: run a query over loops × agents, in this process, in a pool of processes, or on Ray."""

from __future__ import annotations

import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import structlog

from cellview.cluster.agents import AgentCall, AgentSpec, resolve_agent
from cellview.cluster.aggregator import ResultAggregator, start_result_aggregator
from cellview.cluster.broker import MessageBroker
from cellview.cluster.config import ConfigModel
from cellview.cluster.coordinator import StorageCoordinator, start_storage_coordinator
from cellview.cluster.errors import AgentFailedError, AgentRegistryError, AggregationError, ClusterError
from cellview.cluster.execution import AgentTask, execute_agent
from cellview.cluster.messages import AgentResult
from cellview.cluster.ray_support import RayConnection
from cellview.cluster.state import QueryResponse, QueryState

__all__ = ["Callbacks", "Executor", "LocalExecutor"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """What to tell the caller while a query runs, in the caller's thread."""

    on_cycle_end: Callable[[int, QueryState], None] | None = None
    """Called once after each loop, with its number (from 0) and the state that includes it."""
    on_agent_done: Callable[[str], None] | None = None
    """Called with the label of each agent that is done, in whatever order they end: for progress alone."""


class Executor(ABC):
    """Runs queries until `shutdown`. Not for use from several threads at once.

    With ``[cluster] enabled``, a storage coordinator stores the claims and a result aggregator collects the results;
    both live as long as the executor.
    """

    def __init__(
        self, config: ConfigModel, *, sessions: Mapping[str, Any] | None = None, tolerate_failures: bool = False
    ) -> None:
        """Keep the configuration; processes start with the first query.

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
        self._started = False
        self._shut_down = False

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
        """
        references = _references(agents)
        self._start()
        state = QueryState(query)
        try:
            for _ in range(loops):
                self._run_one_loop(state, references, callbacks or Callbacks())
            self._wait_for_claims()
        except ClusterError:
            self._check_background()  # what went wrong there is the cause, and this error its effect
            raise
        return state.synthesize()

    def shutdown(self) -> None:
        """Store what was published, then end every process and queue that this executor started. Idempotent."""
        if self._shut_down:
            return
        self._shut_down = True
        try:
            self._stop_workers()
        finally:
            try:
                _end(self.storage, self._claims)
            finally:
                try:
                    _end(self.aggregator, self._results)
                finally:
                    if self._ray_connection is not None:
                        self._ray_connection.close()

    def __enter__(self) -> Self:
        """Use the executor in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Shut down at the end of the block."""
        self.shutdown()

    @abstractmethod
    def _run_tasks(self, tasks: list[AgentTask], done: Callable[[str], None]) -> dict[str, AgentResult | None]:
        """Run all tasks, in any order; None stands for a result that went to the results queue."""

    def _pack_sessions(self, sessions: dict[str, Any]) -> Any:
        """Check that sessions can travel, and make them ready for it."""
        return sessions

    def _needs_ray(self) -> bool:
        """Whether workers or queues are on Ray."""
        cluster = self.config.distributed_config
        return cluster.enabled and cluster.broker == "ray"

    @abstractmethod
    def _stop_workers(self) -> None:
        """End the workers. Idempotent."""

    def _start(self) -> None:
        if self._shut_down:
            raise ClusterError("this executor was shut down; make a new one")
        if self._started:
            return
        cluster = self.config.distributed_config
        if self._needs_ray():
            self._ray_connection = RayConnection(
                cluster.address,
                namespace=cluster.ray_namespace,
                num_cpus=cluster.num_cpus,
                object_store_bytes=cluster.object_store_bytes,
            )
        if cluster.enabled:
            self.storage, self._claims = start_storage_coordinator(self.config)
            self.aggregator, self._results = start_result_aggregator(self.config)
        self._started = True

    def _call(self, state: QueryState, spec: AgentSpec) -> AgentCall:
        return AgentCall(
            query=state.query,
            loop=state.loop,
            label=spec.key,
            parameters=spec.parameters,
            previous=state.previous,
            artifacts_dir=self.config.distributed_config.artifacts_dir,
        )

    def _run_one_loop(
        self, state: QueryState, references: Sequence[tuple[AgentSpec, str]], callbacks: Callbacks
    ) -> None:
        loop, token = state.loop, uuid.uuid4().hex
        tasks = [
            AgentTask(token=token, reference=reference, call=self._call(state, spec)) for spec, reference in references
        ]
        if self.aggregator is not None:
            self.aggregator.begin_loop(token, loop)
        direct = self._run_tasks(tasks, callbacks.on_agent_done or (lambda label: None))
        labels = [task.call.label for task in tasks]
        waiting = [label for label in labels if direct[label] is None]
        found = {label: result for label, result in direct.items() if result is not None}
        if waiting:
            assert self.aggregator is not None
            found |= self.aggregator.collect(waiting, deadline_s=self.config.distributed_config.result_deadline_s)
        state.apply([found[label] for label in labels])
        self._raise_failures(state)
        if callbacks.on_cycle_end is not None:
            callbacks.on_cycle_end(loop, state)

    def _raise_failures(self, state: QueryState) -> None:
        if state.failures and not self._tolerate_failures:
            name, text = next(iter(state.failures.items()))
            raise AgentFailedError(f"{len(state.failures)} agents failed, first {name}:\n{text}")

    def _check_background(self) -> None:
        if self.storage is not None:
            self.storage.check()
        if self.aggregator is not None:
            self.aggregator.check()

    def _wait_for_claims(self) -> None:
        """Wait until the claims queue is empty: claims are acknowledged after the transaction that holds them."""
        if self.storage is None or self._claims is None:
            return
        patience_s = self.config.distributed_config.result_deadline_s
        last, since_s = -1, time.monotonic()
        while not self._claims.wait_empty(deadline_s=1.0):
            self.storage.check()
            depth = self._claims.depth()
            if depth != last:
                last, since_s = depth, time.monotonic()
            elif time.monotonic() - since_s > patience_s:
                raise AggregationError(f"{depth} claims were not stored and none was for {patience_s:g} s")
        if self.storage.totals.conflicts:
            _log.error("claims_conflict", conflicts=self.storage.totals.conflicts, table="claim_conflicts")
        if aside := self._claims.counts().set_aside:
            _log.error("claims_set_aside", messages=aside)


class LocalExecutor(Executor):
    """Runs the agents in this process, one after the other: the reference that the others must equal."""

    def _stop_workers(self) -> None:
        return  # this process is the only one

    def _run_tasks(self, tasks: list[AgentTask], done: Callable[[str], None]) -> dict[str, AgentResult | None]:
        found: dict[str, AgentResult | None] = {}
        for task in tasks:
            label = task.call.label
            found[label] = execute_agent(task, sessions=self._sessions, claims=self._claims, results=self._results)
            done(label)
        return found


def _references(agents: Sequence[str | AgentSpec]) -> list[tuple[AgentSpec, str]]:
    specs = [AgentSpec(agent=agent) if isinstance(agent, str) else agent for agent in agents]
    seen: set[str] = set()
    for spec in specs:
        if spec.key in seen:
            raise AgentRegistryError(f"two agents of this query are called {spec.key!r}; give each its own label")
        seen.add(spec.key)
    names = {spec.agent: resolve_agent(spec.agent) for spec in specs}
    return [(spec, names[spec.agent]) for spec in specs]


def _end(process: StorageCoordinator | ResultAggregator | None, broker: MessageBroker | None) -> None:
    """Stop a background process in order, or at once if that fails; then its queue."""
    if process is None or broker is None:
        return
    try:
        process.stop()
    except BaseException:
        process.kill()
        raise
    finally:
        broker.shutdown()
