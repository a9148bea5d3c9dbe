"""What all child processes of this package have in common: how they are started, and what their end says."""

from __future__ import annotations

import multiprocessing
import signal
import threading

__all__ = ["ending", "spawn", "starting"]

spawn = multiprocessing.get_context("spawn")
"""A fork would copy locks that other threads hold."""

starting = threading.Lock()
"""multiprocessing keeps lists of its children, which several threads must not change at once."""


def ending(code: int | None) -> str:
    """What a process's exit code says: the signal that killed it, or the code."""
    return signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
