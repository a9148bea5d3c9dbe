"""The lock of a run's folder: one process writes into it, and others can ask whether one does."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from cellview.trace.errors import RunFolderError

__all__ = ["is_being_written", "take_lock"]

_QUESTIONS = 5
_QUESTION_S = 0.02
"""A lock that is held may be the question of :func:`is_being_written`, which lasts for microseconds."""


def is_being_written(path: str | Path) -> bool:
    """Say whether a process on this machine holds a run's folder, that is: whether the run is really under way.

    Raises:
        RunFolderError: The folder cannot be opened.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise RunFolderError(f"Cannot open {path}: {error.strerror}.") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without locks: nobody holds one
    finally:
        os.close(fd)
    return False


def take_lock(path: Path) -> int:
    """Lock a run's folder for writing, until the number that is returned is closed, or the process ends.

    Raises:
        RunFolderError: Another process holds it.
    """
    # On the folder itself: no lock file that a crash leaves behind, and the kernel lets go when the process dies.
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for attempt in range(_QUESTIONS):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            if attempt + 1 < _QUESTIONS:
                time.sleep(_QUESTION_S)
        except OSError as error:
            os.close(fd)
            raise RunFolderError(f"Cannot lock {path}: {error.strerror}.") from None
    os.close(fd)
    raise RunFolderError(f"Another process is writing into {path}; wait for it to end, or stop it.")
