"""The executor without workers: everything in this process, one after the other."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from cellview.cluster.errors import ClusterConfigError
from cellview.cluster.executors.executor import Executor
from cellview.cluster.executors.work import Task, Worker, encode_task

__all__ = ["LocalExecutor"]


class LocalExecutor(Executor):
    """Runs everything in this process, one after the other: the reference that the others must equal.

    It does so in one thread of its own, so that functions may use an event loop, whatever the caller's thread runs.
    """

    _thread: ThreadPoolExecutor | None = None
    _worker: Worker | None = None

    def submit(self, function: str, label: str, payload: bytes, *, timeout_s: float | None = None) -> Future[bytes]:
        """As `Executor.submit`, but without a timeout: this process cannot end a function that it runs."""
        if timeout_s is not None:
            raise ClusterConfigError(
                "the local executor cannot end a function that takes too long; leave timeout_s out, or use the "
                "executor 'process' or 'ray'"
            )
        return super().submit(function, label, payload)

    def _send(self, task: Task) -> Future[Any]:
        setup = self._start()
        with self._starting:
            if self._thread is None or self._worker is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="cellview-local")
                self._worker = Worker(setup, self._sessions)
        worker = self._worker
        encoded = encode_task(task)
        return self._thread.submit(lambda: self._opened(worker.perform(encoded), task.label))

    def _stop_workers(self, *, cancel: bool) -> None:
        if self._thread is None or self._worker is None:
            return
        self._thread.shutdown(wait=True, cancel_futures=cancel)
        # In a thread: here an event loop may be running, which forbids another.
        closing = threading.Thread(target=self._worker.close)
        closing.start()
        closing.join()
