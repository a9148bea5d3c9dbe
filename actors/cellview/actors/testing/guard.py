"""While a controlled run lasts, the ways out of it are closed: wall clocks, threads, processes, sockets, entropy.

The functions are replaced in their modules and put back afterwards. What was imported by name before (`from time
import time`) escapes; so do C extensions. The standard library's logging and the test tools may go on reading clocks.
"""

import multiprocessing.process
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from cellview.actors.testing.errors import Uncontrolled

CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "sleep")
TRUSTED = ("logging", "structlog", "hypothesis", "_pytest", "pytest", "coverage", "cellview.actors.testing")

_PLACES: list[tuple[Any, str, str]] = [
    *((time, name, "clock") for name in CLOCKS if hasattr(time, name)),
    (threading.Thread, "start", "thread"),
    (subprocess.Popen, "__init__", "process"),
    (multiprocessing.process.BaseProcess, "start", "process"),
    *((os, name, "process") for name in ("fork", "posix_spawn", "system") if hasattr(os, name)),
    (socket.socket, "__init__", "socket"),
    (os, "urandom", "entropy"),
]


@contextmanager
def guarded(violated: Callable[[Uncontrolled], None], allow: frozenset[str]) -> Generator[None, None, None]:
    """Close the ways out, except those in `allow`: any of `clock`, `thread`, `process`, `socket`, `entropy`."""
    here = threading.get_ident()
    replaced: list[tuple[Any, str, Any]] = []
    try:
        for owner, name, kind in _PLACES:
            if kind in allow:
                continue
            original = getattr(owner, name)
            replaced.append((owner, name, original))
            setattr(owner, name, _closed(owner, name, original, violated, here))
        yield
    finally:
        for owner, name, original in reversed(replaced):
            setattr(owner, name, original)


def _closed(
    owner: Any, name: str, original: Callable[..., Any], violated: Callable[[Uncontrolled], None], here: int
) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        caller = str(sys._getframe(1).f_globals.get("__name__", ""))  # pyright: ignore[reportPrivateUsage]  # no public way that costs as little
        if threading.get_ident() != here or caller.partition(".")[0] in TRUSTED or caller.startswith(TRUSTED[-1]):
            return original(*args, **kwargs)
        error = Uncontrolled(
            f"{getattr(owner, '__name__', owner)}.{name} called by {caller} inside a controlled run; use the actor "
            "context's clock, replace the actor that needs it, or allow it for this run"
        )
        violated(error)
        raise error

    return call
