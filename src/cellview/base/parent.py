"""To die with one's parent, even when it is killed by SIGKILL and can tell nobody: the kernel does it (Linux).

A Python child calls `die_with_parent` first of all. A program of someone else is started through this file, which needs
nothing installed: `launched(command)` gives the command line.

The kernel looks at the *thread* that started the child: one that was started from a thread of a pool dies when the pool
lets that thread go. Start what shall live long from a thread that lives as long.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

__all__ = ["die_with_parent", "launched"]

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Asks the kernel to kill this process when process `parent` ends; ends it now when that has happened already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it may have ended before the call; then nobody would ever send the signal
        os._exit(1)


def launched(command: Sequence[str]) -> list[str]:
    """The command line that runs `command` as a child of this process, to die with it.

    A fresh interpreter asks the kernel and becomes the program, so that nothing runs between fork and exec in a process
    that may have threads.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
