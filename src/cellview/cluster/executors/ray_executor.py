"""The executor for a cluster: one Ray task for each agent or function, retried when its node is lost."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
from typing import Any

from cellview.cluster.config import ConfigModel
from cellview.cluster.errors import BrokerError, SessionError, WorkerLostError
from cellview.cluster.executors.executor import Executor
from cellview.cluster.executors.work import Task, Worker, encode_task, refuse
from cellview.cluster.ray_support import require_ray

__all__ = ["RayExecutor"]


class RayExecutor(Executor):
    """Runs agents and functions as Ray tasks, on the cluster at ``address`` or on a Ray that is started here.

    A task should take tens of milliseconds at least: it costs about one to submit. Ray gives a task to a worker
    process that has run one before, as long as no more run at once than the node has CPUs; so what functions keep
    in globals stays warm. (Actors, one for each worker, were rejected: they do not move to nodes that join later.)
    A Ray that runs already is used and left running. Without Ray this raises; it never runs things here instead.
    """

    def __init__(
        self, config: ConfigModel, *, sessions: Mapping[str, Any] | None = None, tolerate_failures: bool = False
    ) -> None:
        """As `Executor`."""
        super().__init__(config, sessions=sessions, tolerate_failures=tolerate_failures)
        self._remote: Any = None
        self._told: Any = None
        self._under_way: dict[Future[Any], Any] = {}
        self._changed = threading.Lock()

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

    def _needs_ray(self) -> bool:
        return True

    def _send(self, task: Task) -> Future[Any]:
        encoded = encode_task(task)
        setup = self._start()
        assert self._ray_connection is not None
        ray = self._ray_connection.ray
        with self._changed:
            if self._remote is None:
                cluster = self.config.distributed_config
                self._remote = ray.remote(_execute_agent_remote).options(
                    num_cpus=cluster.cpus_per_agent,
                    resources=cluster.resources_per_agent or None,
                    max_retries=cluster.task_retries,
                    scheduling_strategy="SPREAD",
                )
                self._told = ray.put((setup, self._sessions))
            # In a list, the reference travels instead of the object: a worker that has it already need not get it.
            reference = self._remote.remote(encoded, [self._told])
            future: Future[Any] = Future()
            self._under_way[future] = reference
        future.add_done_callback(self._forget)
        asked: Future[bytes] = reference.future()
        asked.add_done_callback(lambda done: self._take(task, done, future))
        return future

    def _forget(self, future: Future[Any]) -> None:
        with self._changed:
            reference = self._under_way.pop(future)
        if future.cancelled() and self._ray_connection is not None:
            future.set_running_or_notify_cancel()  # wakes who waits for it
            self._ray_connection.ray.cancel(reference, force=True)

    def _take(self, task: Task, done: Future[bytes], future: Future[Any]) -> None:
        """Hand what Ray says to the caller's future, unless that was cancelled or given up in the meantime."""
        with suppress(InvalidStateError):
            try:
                future.set_result(self._opened(self._reply(task, done), task.label))
            except InvalidStateError:
                raise
            except Exception as error:
                future.set_exception(error)

    def _reply(self, task: Task, done: Future[bytes]) -> bytes:
        ray = require_ray()
        try:
            return done.result()
        except ray.exceptions.RayTaskError as error:
            raise BrokerError(f"a Ray worker could not run {task.label!r}: {error}") from error
        except ray.exceptions.RayError as error:
            retries = self.config.distributed_config.task_retries
            raise WorkerLostError(
                f"{task.label!r} was lost with its worker, after {retries} retries: {error}"
            ) from error

    def _stop_workers(self, *, cancel: bool) -> None:
        with self._changed:
            left = dict(self._under_way)
        if cancel and self._ray_connection is not None:
            for future, reference in left.items():
                with suppress(InvalidStateError):
                    future.set_exception(
                        WorkerLostError("this task was waiting or under way when its executor was shut down")
                    )
                self._ray_connection.ray.cancel(reference, force=True)
        wait(left)
        self._remote = self._told = None


_warm: tuple[str, Worker] | None = None
"""In a Ray worker: the worker of the executor that it served last, under that executor's key."""


def _execute_agent_remote(encoded: bytes, told: list[Any]) -> bytes:
    """One task, in a Ray worker."""
    global _warm
    key = told[0].hex()
    if _warm is None or _warm[0] != key:
        try:
            setup, sessions = require_ray().get(told[0])
        except Exception as error:
            return refuse(SessionError(f"a session could not be unpacked in a Ray worker: {error!r}"))
        if _warm is not None:
            _warm[1].close()
        _warm = (key, Worker(setup, sessions))
    return _warm[1].perform(encoded)
