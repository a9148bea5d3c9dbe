"""A worker and everything that it has started: what memory they take, and their end, whatever session they are in.

Lean runs in sessions of its own, so the process group of a worker is not all of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

import psutil

__all__ = ["end_all", "end_orphans", "family_of", "memory_of", "session_of"]


def family_of(pid: int) -> set[psutil.Process]:
    """Return a process and its descendants. Each is known by number and time of birth, so none is ever mistaken."""
    try:
        first = psutil.Process(pid)
        return {first, *first.children(recursive=True)}
    except psutil.Error:
        return set()


def session_of(pid: int) -> set[psutil.Process]:
    """Return what is left of a session whose leader was waited for: what lost its parent can be found no other way.

    The kernel gives a number out again only when no session has it. So either these are the leader's own, or there is a
    process of that number, which is a stranger (or the leader, still alive), and nothing is returned.
    """
    found: set[psutil.Process] = set()
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == pid:
                found.add(process)
    return set() if any(process.pid == pid for process in found) else found


def memory_of(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes of memory that processes take, what they share with others counted by their share of it."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):  # it has ended meanwhile
            total += process.memory_full_info().pss
    return total


def end_all(processes: Iterable[psutil.Process], *, wait_s: float) -> list[int]:
    """Kill processes at once, wait until they are gone, and return the numbers of those that are not.

    A zombie counts as gone: it is its parent's to wait for, and does nothing.
    """
    for process in (left := list(processes)):
        with suppress(psutil.Error):  # gone, or its number is another's now
            process.kill()
    psutil.wait_procs(left, timeout=wait_s)
    return [process.pid for process in left if _runs(process)]


def end_orphans() -> int:
    """Kill workers whose daemon is gone; return how many.

    A worker dies with its daemon by the kernel's hand, but asks for that only once it runs: one that is stopped before,
    and whose daemon is killed then, would stay for ever. The daemon's number stands in its command line.
    """
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()[-3:]
            ours = words[:2] == ["-m", "cellview.daemon.worker"] and process.uids().real == os.getuid()
            if ours and words[2] != str(process.ppid()):
                found.append(process)
    end_all(found, wait_s=1.0)
    return len(found)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
