"""The executor for one machine: processes that live as long as the executor."""

from __future__ import annotations

import pickle
from concurrent.futures import Future
from typing import Any

from cellview.cluster.errors import SessionError
from cellview.cluster.executors.executor import Executor
from cellview.cluster.executors.work import Task
from cellview.cluster.executors.worker_processes import WorkerProcesses

__all__ = ["ProcessExecutor"]


class ProcessExecutor(Executor):
    """Runs agents and functions in ``num_cpus`` processes of this machine.

    The processes are spawned, not forked: a fork copies locks that other threads hold. So a script that uses this
    needs ``if __name__ == "__main__":``.
    """

    _workers: WorkerProcesses | None = None

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

    def _send(self, task: Task) -> Future[Any]:
        setup = self._start()
        with self._starting:
            if self._workers is None:
                cluster = self.config.distributed_config
                self._workers = WorkerProcesses(
                    cluster.num_cpus, setup, self._sessions, retries=cluster.task_retries, opened=self._opened
                )
        return self._workers.send(task)

    def _stop_workers(self, *, cancel: bool) -> None:
        if self._workers is not None:
            self._workers.close(cancel=cancel)
