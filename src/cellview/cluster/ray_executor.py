"""The executor for a cluster: one Ray task for each agent, retried when its node is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from cellview.cluster.broker import MessageBroker
from cellview.cluster.errors import SessionError, WorkerLostError
from cellview.cluster.execution import AgentTask, execute_agent
from cellview.cluster.executors import Executor
from cellview.cluster.messages import AgentResult
from cellview.cluster.ray_support import require_ray

__all__ = ["RayExecutor"]


class RayExecutor(Executor):
    """Runs agents as Ray tasks, on the cluster at ``address`` or on a Ray that is started here.

    An agent should take tens of milliseconds at least: a Ray task costs about one to submit. A Ray that runs already
    is used and left running. Without Ray this raises; it never runs agents one after the other instead.
    """

    _sessions_ref: Any = None

    def _pack_sessions(self, sessions: dict[str, Any]) -> dict[str, Any]:
        ray = require_ray()
        for name, session in sessions.items():
            try:
                ray.cloudpickle.dumps(session)
            except Exception as error:  # whatever an object's own __reduce__ raises
                raise SessionError(
                    f"session {name!r} ({type(session).__name__}) cannot be sent to a Ray worker: {error}; "
                    "pass what it is made from, and let the agent make it"
                ) from error
        return sessions

    def _stop_workers(self) -> None:
        self._sessions_ref = None

    def _needs_ray(self) -> bool:
        return True

    def _run_tasks(self, tasks: list[AgentTask], done: Callable[[str], None]) -> dict[str, AgentResult | None]:
        assert self._ray_connection is not None
        ray = self._ray_connection.ray
        if self._sessions_ref is None:
            self._sessions_ref = ray.put(self._sessions)
        cluster = self.config.distributed_config
        remote = ray.remote(_execute_agent_remote).options(
            num_cpus=cluster.cpus_per_agent,
            resources=cluster.resources_per_agent or None,
            max_retries=cluster.task_retries,
            scheduling_strategy="SPREAD",
        )
        labels: dict[Any, str] = {}
        for task in tasks:
            encoded = msgspec.msgpack.encode(task)
            labels[remote.remote(encoded, self._sessions_ref, self._claims, self._results)] = task.call.label
        found: dict[str, AgentResult | None] = {}
        try:
            while len(found) < len(labels):
                left = [future for future, label in labels.items() if label not in found]
                for future in ray.wait(left, num_returns=1)[0]:
                    label = labels[future]
                    answer = self._get(ray, future, label)
                    found[label] = None if answer is None else msgspec.msgpack.decode(answer, type=AgentResult)
                    done(label)
        except BaseException:
            for future, label in labels.items():
                if label not in found:
                    ray.cancel(future, force=True)
            raise
        return found

    def _get(self, ray: Any, future: Any, label: str) -> Any:
        try:
            return ray.get(future)
        except ray.exceptions.RayTaskError as error:
            raise error.cause or error from error
        except ray.exceptions.RayError as error:
            retries = self.config.distributed_config.task_retries
            raise WorkerLostError(
                f"agent {label!r} was lost with its worker, after {retries} retries: {error}"
            ) from error


def _execute_agent_remote(
    encoded: bytes, sessions: dict[str, Any], claims: MessageBroker | None, results: MessageBroker | None
) -> bytes | None:
    """One agent, in a Ray worker."""
    task = msgspec.msgpack.decode(encoded, type=AgentTask)
    try:
        result = execute_agent(task, sessions=sessions, claims=claims, results=results)
    finally:
        for broker in (claims, results):
            if broker is not None:
                broker.shutdown()  # this copy's connection only
    return None if result is None else msgspec.msgpack.encode(result)
