"""A child process that is watched: it says when it is ready, its failures reach the parent, its death is repaired."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

from cellview.base.log import get_logger
from cellview.base.parent import die_with_parent
from cellview.cluster.children import ending, spawn, starting
from cellview.cluster.errors import BackgroundProcessError

__all__ = ["BackgroundProcess", "Report"]

_log = get_logger(__name__)

Report: TypeAlias = Callable[[bytes], None]
"""Sends one frame to the parent; returns once the parent's side of the pipe holds it."""

_READY, _FAILED, _FRAME = b"R", b"E", b"F"


class BackgroundProcess:
    """Runs `target(report_ready, report, *arguments)` in a daemon process and restarts it when it dies unasked.

    States: new → starting → ready ⇄ restarting → stopped, or failed for good. A target that returns is done; one that
    raises or is killed is started again, at most `max_restarts` times, because what it consumes is delivered again.

    Args:
        name: Stands in error texts and in the process's name.
        target: A module-level function.
        arguments: Pickled to the child.
        on_frame: Called in the watching thread for each frame that the child reports.
        on_failed: Called once in the watching thread when it is given up.
        max_restarts: Deaths that are repaired.
    """

    def __init__(
        self,
        name: str,
        target: Callable[..., None],
        arguments: tuple[Any, ...],
        *,
        on_frame: Callable[[bytes], None] | None = None,
        on_failed: Callable[[], None] | None = None,
        max_restarts: int = 10,
    ) -> None:
        """Keep what to run; nothing is started."""
        self.name = name
        self._target = target
        self._arguments = arguments
        self._on_frame = on_frame
        self._on_failed = on_failed
        self._max_restarts = max_restarts
        self._changed = threading.Condition()
        self._ready = False
        self._finished = False
        self._stopping = False
        self._failure: str | None = None
        self._restarts = 0
        self._process: Any = None
        self._watcher: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the present incarnation."""
        return None if self._process is None else self._process.pid

    @property
    def restarts(self) -> int:
        """Deaths that were repaired so far."""
        return self._restarts

    def start(self, *, ready_deadline_s: float) -> None:
        """Start, and wait until the child says that it is ready.

        Raises:
            BackgroundProcessError: It failed (the text is the child's), or was not ready in time; it is ended then.
        """
        if self._watcher is not None:
            raise BackgroundProcessError(f"{self.name} was started before; make a new one")
        self._watcher = threading.Thread(target=self._watch, name=f"watch-{self.name}", daemon=True)
        self._watcher.start()
        with self._changed:
            done = self._changed.wait_for(lambda: self._ready or self._finished, ready_deadline_s)
        if self._failure is None and done:
            return
        failure = self._failure or f"was not ready within {ready_deadline_s:g} s"
        self.kill()
        raise BackgroundProcessError(f"{self.name} {failure}")

    def check(self) -> None:
        """Raise if it was given up.

        Raises:
            BackgroundProcessError: It died more often than `max_restarts`; the text holds the last cause.
        """
        if self._failure is not None:
            raise BackgroundProcessError(f"{self.name} {self._failure}")

    def join(self, *, deadline_s: float) -> None:
        """Wait until it has done its work, which whoever feeds it must have told it to end.

        Raises:
            BackgroundProcessError: It did not end in time (it is killed then), or it had failed.
        """
        if self._watcher is not None:
            self._watcher.join(deadline_s)
            if self._watcher.is_alive():
                self.kill()
                raise BackgroundProcessError(f"{self.name} did not end within {deadline_s:g} s and was killed")
        self.check()

    def kill(self) -> None:
        """End it at once, without restart. Idempotent."""
        with self._changed:
            self._stopping = True
            if self._process is not None and self._process.is_alive():
                self._process.kill()
        if self._watcher is not None:
            self._watcher.join()

    def _watch(self) -> None:
        """Start the child, and read its reports until it ends; start it again, or record how it ended.

        It is started in this thread, since it dies with the thread that started it.
        """
        while (pipe := self._launch()) is not None:
            raised = self._read_until_end(pipe)
            pipe.close()
            self._process.join()
            code = self._process.exitcode
            with self._changed:
                if code == 0 or self._stopping:
                    break
                cause = raised or f"was ended by {ending(code)}"
                # SIGTERM is a request to end, as Python itself sends to what is left when it exits.
                asked = code == -signal.SIGTERM
                if not self._ready or asked or self._restarts >= self._max_restarts:
                    self._failure = f"{cause} (restarted {self._restarts} times before)" if self._ready else cause
                    break
                _log.warning("background_process_lost", name=self.name, cause=cause, restarts=self._restarts)
        with self._changed:
            if self._process is not None:
                self._process.close()
            self._process = None
            self._finished = True
            self._changed.notify_all()
        if self._failure is not None and self._on_failed is not None:
            self._on_failed()

    def _launch(self) -> Connection[Any, Any] | None:
        """Start the child; None when it is to stop already, or cannot be started."""
        with self._changed:
            if self._stopping:
                return None
            receiving, sending = spawn.Pipe(duplex=False)
            process = spawn.Process(
                target=_child_main,
                args=(os.getpid(), self._target, sending, self._arguments),
                name=self.name,
                daemon=True,
            )
            try:
                with starting:
                    process.start()
            except Exception as error:  # no memory or no process left, or arguments that cannot be pickled
                receiving.close()
                self._failure = f"could not be started: {error}"
                return None
            finally:
                sending.close()  # or the end of the child would not close the pipe
            before, self._process = self._process, process
            if before is not None:
                before.close()
                self._restarts += 1  # only now, with the new process in its place: who counts it may ask for its id
            return receiving

    def _read_until_end(self, pipe: Connection[Any, Any]) -> str | None:
        raised: str | None = None
        with suppress(EOFError, OSError):  # a child killed in the middle of a frame: the frame is delivered again
            while True:
                frame = pipe.recv_bytes()
                kind, body = frame[:1], frame[1:]
                if kind == _READY:
                    with self._changed:
                        self._ready = True
                        self._changed.notify_all()
                elif kind == _FAILED:
                    raised = body.decode()
                elif self._on_frame is not None:
                    self._on_frame(body)
        return raised


def _child_main(
    parent: int, target: Callable[..., None], pipe: Connection[Any, Any], arguments: tuple[Any, ...]
) -> None:
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us in order

    def ready() -> None:
        pipe.send_bytes(_READY)

    def report(body: bytes) -> None:
        pipe.send_bytes(_FRAME + body)

    try:
        target(ready, report, *arguments)
    except Exception as error:
        with suppress(OSError):
            text = f"failed: {error} [{type(error).__name__} in {_where(error)}]"
            pipe.send_bytes(_FAILED + text.encode())
        raise SystemExit(1) from None


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
