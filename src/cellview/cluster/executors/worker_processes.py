"""Worker processes that live long: each takes one task after the other, and its death costs only the task it had.

`concurrent.futures.ProcessPoolExecutor` was rejected: when one worker dies it ends all of them, with what they were
doing and what they kept warm, and does not say whose fault it was. `multiprocessing.Pool` waits for ever.
"""

from __future__ import annotations

import atexit
import os
import pickle
import queue
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

import msgspec

from cellview.base.log import get_logger
from cellview.base.parent import die_with_parent
from cellview.cluster.children import ending, spawn, starting
from cellview.cluster.errors import ClusterError, SessionError, WorkerLostError
from cellview.cluster.executors.work import Setup, Task, Worker, encode_task, refuse

__all__ = ["WorkerProcesses"]

_log = get_logger(__name__)

_POLL_S = 1.0
_END_DEADLINE_S = 10.0


class _Job(msgspec.Struct, frozen=True):
    """A task that waits for a worker, or has one."""

    label: str
    encoded: bytes
    future: Future[Any]


_Opened: TypeAlias = Callable[[bytes, str], bytes | None]
"""Makes an answer, or an error, of a worker's reply and the task's label."""

_Jobs = queue.SimpleQueue[_Job | None]


class WorkerProcesses:
    """`count` workers, each started with its first task and replaced when it dies.

    A worker has a thread here that hands it tasks; a task whose worker dies is tried again by the same thread, with a
    new worker, at most `retries` times.
    """

    def __init__(self, count: int, setup: Setup, sessions: bytes, *, retries: int, opened: _Opened) -> None:
        """Start the threads; processes are started when there is work."""
        self._jobs: _Jobs = queue.SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._slots = [_Slot(number, self._jobs, (setup, sessions), retries, opened) for number in range(count)]
        atexit.register(self.close, cancel=True)  # or Python would wait for the workers of a forgotten executor

    def send(self, task: Task) -> Future[Any]:
        """Have the next free worker run `task`; the future holds what `opened` makes of its reply."""
        job = _Job(task.label, encode_task(task), Future())
        with self._closing:
            if self._closed:  # while this task was on its way here
                raise ClusterError("this executor was shut down; make a new one")
            self._jobs.put(job)
        return job.future

    def close(self, *, cancel: bool) -> None:
        """End the workers: after everything that was sent, or (`cancel`) at once. Idempotent."""
        atexit.unregister(self.close)
        with self._closing:
            self._closed = True
        if cancel:
            with suppress(queue.Empty):
                while True:
                    job = self._jobs.get_nowait()
                    if job is not None and job.future.cancel():
                        job.future.set_running_or_notify_cancel()  # wakes who waits for it
            for slot in self._slots:
                slot.kill()
        for _ in self._slots:
            self._jobs.put(None)
        for slot in self._slots:
            slot.thread.join()


class _Slot:
    """One worker and the thread that hands it tasks."""

    def __init__(self, number: int, jobs: _Jobs, arguments: tuple[Setup, bytes], retries: int, opened: _Opened) -> None:
        self._jobs = jobs
        self._arguments = arguments
        self._retries = retries
        self._opened = opened
        self._name = f"cellview-worker-{number}"
        self._killed = False
        self._process: Any = None
        self._pipe: Connection[Any, Any] | None = None
        self.thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
        self.thread.start()

    def kill(self) -> None:
        """Take no more tasks, and end the process at once; the thread notices."""
        self._killed = True
        with suppress(AttributeError, ValueError):  # there is none, or the thread has closed it already
            self._process.kill()

    def _serve(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                if job.future.set_running_or_notify_cancel():
                    self._run(job)
        finally:
            self._end()

    def _run(self, job: _Job) -> None:
        causes: list[str] = []
        while len(causes) <= self._retries and not self._killed:
            try:
                reply = self._ask(job.encoded)
            except (OSError, EOFError):
                causes.append(self._bury())
                _log.warning("worker_lost", task=job.label, cause=causes[-1], tries=len(causes))
                continue
            except Exception as error:  # such as a session that cannot be pickled after all
                job.future.set_exception(error)
                return
            try:
                job.future.set_result(self._opened(reply, job.label))
            except Exception as error:
                job.future.set_exception(error)
            return
        job.future.set_exception(WorkerLostError(_lost(job.label, causes, killed=self._killed)))

    def _ask(self, encoded: bytes) -> bytes:
        """Send a task to a live worker and wait for its reply. `OSError` and `EOFError` say that it is dead."""
        if self._process is None or not self._process.is_alive():
            self._bury()
            self._launch()
        pipe, process = self._pipe, self._process
        assert pipe is not None and process is not None
        pipe.send_bytes(encoded)
        # A process that the worker forked holds the pipe open after the worker's death, so its end alone says little.
        while not pipe.poll(_POLL_S):
            if not process.is_alive() and not pipe.poll():
                raise EOFError
        return pipe.recv_bytes()

    def _launch(self) -> None:
        mine, its = spawn.Pipe()
        with starting:
            process = spawn.Process(
                target=_execute_agent_process, args=(os.getpid(), its, *self._arguments), name=self._name
            )
            process.start()
        its.close()
        self._pipe, self._process = mine, process
        if self._killed:  # while it was being started
            process.kill()

    def _bury(self) -> str:
        """Clear away a dead worker; say what ended it."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if process is None or pipe is None:
            return "was not started"
        pipe.close()
        with starting:
            process.kill()  # what broke its pipe may have left it alive
            process.join()
            code = process.exitcode
            process.close()
        return "took longer than timeout_s" if code == -signal.SIGALRM else f"was ended by {ending(code)}"

    def _end(self) -> None:
        """Let the worker close what it holds, and end it."""
        if self._process is not None and self._pipe is not None:
            self._pipe.close()
            self._process.join(0 if self._killed else _END_DEADLINE_S)
        self._bury()


def _lost(label: str, causes: list[str], *, killed: bool) -> str:
    if killed:
        return f"{label!r} was under way when its executor was shut down"
    return (
        f"the worker that ran {label!r} was lost {len(causes)} times; the last one {causes[-1]}. It may have run "
        "out of memory, or the script that started it lacks: if __name__ == '__main__':"
    )


def _execute_agent_process(parent: int, pipe: Connection[Any, Any], setup: Setup, sessions: bytes) -> None:
    """The main function of a worker: tasks until the pipe is closed."""
    os.dup2(2, 1)  # standard output belongs to results: what a function prints goes to standard error
    os.setsid()  # Ctrl-C reaches the foreground group; the process that started this one decides what it means
    die_with_parent(parent)
    perform: Callable[[bytes], bytes]
    with ExitStack() as stack, suppress(EOFError):
        try:
            perform = stack.enter_context(Worker(setup, pickle.loads(sessions))).perform
        except Exception as error:  # to die of it would lose the reason; so every task is told
            refusal = refuse(SessionError(f"a session could not be unpacked in a worker: {error!r}"))
            perform = lambda task: refusal  # noqa: E731
        while True:
            pipe.send_bytes(perform(pipe.recv_bytes()))
