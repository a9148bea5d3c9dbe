"""Become Lean: run as a child process, ``python -I -S launcher.py embedded LIBRARY ARG…`` or ``… exec PROGRAM ARG…``.

Never imported by the package; `forking.py`, its neighbour, loads it by its path. It stands on the standard library and
``cellview.base`` alone, because the interpreter is started with ``-I -S``: nothing of the caller's site-packages can
change what runs here.

Before Lean starts, the process ties its life to its parent's (PR_SET_PDEATHSIG) and takes on the limits that the
environment asks for:

- ``CELLVIEW_PARENT``: the process that must be the parent; if it is gone already, nothing is started.
- ``CELLVIEW_DATA_BYTES``: most private writable memory, reserved or used (RLIMIT_DATA).
- ``CELLVIEW_CPU_SECONDS``: most processor time (RLIMIT_CPU), a last resort when nobody is left to watch the clock.
- ``CELLVIEW_PIPES``: any value moves standard input and output to the descriptors 60 and 61, where the tactic server
  looks for them, and puts the null device in their place, so that nothing that Lean prints can mix with answers.

RLIMIT_DATA and not RLIMIT_AS: the library and compiled files are mapped from disk and cost little memory, but count
as address space (with Mathlib, gigabytes).
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

sys.path.append(os.path.dirname(__file__).rpartition(os.sep + "cellview" + os.sep)[0])  # noqa: PTH120  # starts faster
from cellview.base.parent import die_with_parent

sys.path.pop()

_REQUESTS, _ANSWERS = 60, 61
"""Far above what Python and Lean open by themselves. `server/06-statements.lean` names the same numbers."""


def follow_parent() -> None:
    """Ask the kernel for SIGKILL when the parent ends, and leave at once if it ended before we could ask."""
    die_with_parent(int(os.environ.pop("CELLVIEW_PARENT", "") or os.getppid()))


def limit(kind: int, text: str) -> None:
    """Lower a resource limit to the number in `text`, if there is one."""
    if text:
        _, hard = resource.getrlimit(kind)
        wanted = int(text)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))


def _move_pipes() -> None:
    """Give requests and answers descriptors of their own, if the environment asks for it."""
    if os.environ.pop("CELLVIEW_PIPES", ""):
        os.dup2(0, _REQUESTS)
        os.dup2(1, _ANSWERS)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        os.close(null)


def load(library: str) -> ctypes.CDLL:
    """Load the embedded Lean into this process."""
    return ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)


def run_main(lean: ctypes.CDLL, arguments: list[str]) -> int:
    """Run the `main` of a Lean that was loaded. It may also end the process by itself."""
    argv = [b"lean", *map(os.fsencode, arguments)]
    lean.lean_main.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
    lean.lean_main.restype = ctypes.c_int
    status = int(lean.lean_main(len(argv), (ctypes.c_char_p * (len(argv) + 1))(*argv, None)))
    ctypes.CDLL(None).fflush(None)  # os._exit does not: without this, a short output to a pipe is lost
    return status


def main() -> None:
    """Read what to become from the command line and become it."""
    how, what, *arguments = sys.argv[1:]
    follow_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a Lean that panics should not leave a core file behind
    limit(resource.RLIMIT_DATA, os.environ.pop("CELLVIEW_DATA_BYTES", ""))
    limit(resource.RLIMIT_CPU, os.environ.pop("CELLVIEW_CPU_SECONDS", ""))
    _move_pipes()
    if how == "embedded":
        os._exit(run_main(load(what), arguments))
    os.execv(what, [what, *arguments])


if __name__ == "__main__":
    main()
