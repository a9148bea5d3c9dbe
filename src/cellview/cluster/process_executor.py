"""The executor for one machine: a pool of spawned processes that lives as long as the executor."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import msgspec
import structlog

from cellview.cluster.background import end_with_parent
from cellview.cluster.broker import MessageBroker
from cellview.cluster.errors import SessionError, WorkerLostError
from cellview.cluster.execution import AgentTask, execute_agent
from cellview.cluster.executors import Executor
from cellview.cluster.messages import AgentResult

__all__ = ["ProcessExecutor"]

_log = structlog.get_logger(__name__)


class ProcessExecutor(Executor):
    """Runs agents in ``num_cpus`` processes of this machine.

    The processes are spawned, not forked: a fork copies locks that other threads hold. So a script that uses this
    needs ``if __name__ == "__main__":``. `multiprocessing.Pool` was rejected: it waits for ever for a killed worker.
    """

    _pool: ProcessPoolExecutor | None = None

    def _pack_sessions(self, sessions: dict[str, Any]) -> bytes:
        for name, session in sessions.items():
            try:
                pickle.dumps(session)
            except Exception as error:  # whatever an object's own __reduce__ raises
                raise SessionError(
                    f"session {name!r} ({type(session).__name__}) cannot be sent to another process: {error}; "
                    "pass what it is made from, and let the agent make it"
                ) from error
        return pickle.dumps(sessions)

    def _run_tasks(self, tasks: list[AgentTask], done: Callable[[str], None]) -> dict[str, AgentResult | None]:
        found: dict[str, AgentResult | None] = {}
        retries = self.config.distributed_config.task_retries
        left = tasks
        for _ in range(max(retries, 1)):
            left = self._round(left, found, done)
            if not left:
                return found
        # A lost worker takes the tasks of the whole pool with it. The last try runs them one by one, so that only
        # the task that kills its worker is lost.
        for task in left:
            if retries == 0 or self._round([task], found, done):
                raise WorkerLostError(
                    f"the worker that ran agent {task.call.label!r}, or one beside it, was lost {retries + 1} times; "
                    "it may have run out of memory, or the script that started it lacks: if __name__ == '__main__':"
                )
        return found

    def _round(
        self, tasks: list[AgentTask], found: dict[str, AgentResult | None], done: Callable[[str], None]
    ) -> list[AgentTask]:
        """Run `tasks` once, put results into `found`, and return the tasks whose worker was lost."""
        pool = self._pool or self._new_pool()
        lost: list[AgentTask] = []
        futures: dict[Future[bytes | None], AgentTask] = {}
        try:
            for task in tasks:
                try:
                    futures[pool.submit(_execute_agent_process, msgspec.msgpack.encode(task))] = task
                except BrokenProcessPool:
                    lost.append(task)
            for future in as_completed(futures):
                task = futures[future]
                try:
                    answer = future.result()
                except BrokenProcessPool:
                    lost.append(task)
                    continue
                found[task.call.label] = None if answer is None else msgspec.msgpack.decode(answer, type=AgentResult)
                done(task.call.label)
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        if lost:
            _log.warning("workers_lost", agents=len(lost))
            pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        order = {task.call.label: position for position, task in enumerate(tasks)}
        return sorted(lost, key=lambda task: order[task.call.label])

    def _new_pool(self) -> ProcessPoolExecutor:
        self._pool = ProcessPoolExecutor(
            max_workers=self.config.distributed_config.num_cpus,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(self._sessions, self._claims, self._results),
        )
        return self._pool

    def _stop_workers(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class _Worker:
    """What a worker process keeps between agents. There is one in each, set by the pool's initializer."""

    def __init__(self, sessions: bytes, claims: MessageBroker | None, results: MessageBroker | None) -> None:
        self.claims = claims
        self.results = results
        self.sessions: dict[str, Any] = {}
        self.error: SessionError | None = None
        try:
            self.sessions = pickle.loads(sessions)
        except Exception as error:  # an initializer that raises breaks the pool and loses its reason; the task tells it
            self.error = SessionError(f"a session could not be unpacked in a worker: {error!r}")


_worker: _Worker | None = None


def _start_worker(sessions: bytes, claims: MessageBroker | None, results: MessageBroker | None) -> None:
    global _worker
    end_with_parent()
    _worker = _Worker(sessions, claims, results)


def _execute_agent_process(encoded: bytes) -> bytes | None:
    """One agent, in a worker of the pool."""
    assert _worker is not None
    if _worker.error is not None:
        raise _worker.error
    task = msgspec.msgpack.decode(encoded, type=AgentTask)
    result = execute_agent(task, sessions=_worker.sessions, claims=_worker.claims, results=_worker.results)
    return None if result is None else msgspec.msgpack.encode(result)
