"""Become a Lean that is ready to be forked: ``python -I -S forking.py LIBRARY``, with a socket as standard input.

Two thirds of a fresh check are spent before Lean looks at the text: loading the library, initialising its modules. This
process does that once and then forks a child for each check. It never reads a text of a user: what it is told are the
arguments of a command line, and the child it forks is in the state in which it was itself before the first request.

A request is one packet of JSON with three descriptors (SCM_RIGHTS): where the child writes what it prints and what goes
wrong, and where this process writes that the child has been forked, and its exit status when it has ended.

  {"id": n, "arguments": [...], "cwd": folder, "data_bytes": text, "cpu_seconds": text}
  {"kill": n}

The child is a session of its own and dies with this process; this process dies with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

_PACKET_BYTES = 1 << 16


def _launcher() -> ModuleType:
    """Load the neighbour: with ``-I -S`` its folder is not on the path, and nothing else should be."""
    spec = importlib.util.spec_from_file_location("launcher", Path(__file__).with_name("launcher.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Forker:
    """The loop: requests in, children out, statuses back."""

    def __init__(self, lean: ctypes.CDLL, launcher: ModuleType, requests: socket.socket) -> None:
        self._lean = lean
        self._launcher = launcher
        self._requests = requests
        self._children: dict[int, tuple[int, int]] = {}
        """Process -> the request's number, and where its status is written."""
        # A byte arrives here when a child has ended; without it the wait for requests would not see that.
        self._ended, self._wake = os.pipe()
        os.set_blocking(self._ended, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _notice)

    def run(self) -> None:
        """Serve until the other end of the socket is closed."""
        while True:
            ready, _, _ = select.select([self._requests.fileno(), self._ended], [], [])
            if self._ended in ready:
                os.read(self._ended, 4096)
                self._reap()
            if self._requests.fileno() in ready:
                packet, descriptors, _, _ = socket.recv_fds(self._requests, _PACKET_BYTES, 3)
                if not packet:
                    return
                self._answer(json.loads(packet), descriptors)

    def _answer(self, request: dict[str, Any], descriptors: list[int]) -> None:
        if "kill" in request:
            for process, (number, _) in self._children.items():
                if number == request["kill"]:
                    # Not reaped yet, so the number is still its own; its session may not be made yet.
                    os.kill(process, signal.SIGKILL)
                    _kill_session(process)
            return
        output, errors, status = descriptors
        process = os.fork()
        if process == 0:
            self._become_lean(request, descriptors)
        os.close(output)
        os.close(errors)
        self._children[process] = (request["id"], status)
        _write(status, "forked ")

    def _become_lean(self, request: dict[str, Any], descriptors: list[int]) -> None:
        """In the child: take on limits and descriptors, let go of everything else, run Lean."""
        status = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(descriptors[0], 1)
            os.dup2(descriptors[1], 2)
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)  # it was the socket
            # Lean's own descriptors stay: it has made them, and may use them.
            others = [status for _, status in self._children.values()]
            for descriptor in (*descriptors, *others, null, self._ended, self._wake):
                os.close(descriptor)
            os.environ["CELLVIEW_PARENT"] = str(os.getppid())
            self._launcher.follow_parent()
            os.chdir(request["cwd"])
            self._launcher.limit(resource.RLIMIT_DATA, request["data_bytes"])
            self._launcher.limit(resource.RLIMIT_CPU, request["cpu_seconds"])
            status = self._launcher.run_main(self._lean, request["arguments"])
        finally:
            os._exit(status)

    def _reap(self) -> None:
        while self._children:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            _, where = self._children.pop(process)
            _kill_session(process)  # what the child may have started ends with it
            _write(where, str(os.waitstatus_to_exitcode(status)))
            os.close(where)


def _notice(_number: int, _frame: object) -> None:
    """Do nothing: a handler there must be, or no byte arrives."""


def _write(descriptor: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
        os.write(descriptor, text.encode())


def _kill_session(process: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def main() -> None:
    """Load and initialise Lean, then serve."""
    (library,) = sys.argv[1:]
    launcher = _launcher()
    launcher.follow_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    # Python warns of forks beside threads. Lean has two idle ones here, which hold no lock; the tests stress it.
    warnings.simplefilter("ignore", DeprecationWarning)
    lean = launcher.load(library)
    lean.lean_initialize.restype = None
    lean.lean_initialize()
    with socket.socket(fileno=0) as requests:
        Forker(lean, launcher, requests).run()


if __name__ == "__main__":
    main()
