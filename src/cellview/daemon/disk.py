"""The disk: whether it was full, how much room there is, and what a folder takes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias, cast

import apsw

__all__ = ["FreeBytes", "bytes_of", "free_bytes", "was_full"]

FreeBytes: TypeAlias = Callable[[Path], int]
"""How many bytes a folder's file system has left for this user."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def free_bytes(path: Path) -> int:
    """Return how many bytes this user can still write to the file system of `path`."""
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def was_full(error: BaseException) -> bool:
    """Say whether an error goes back to a disk, or a user's share of it, that has no room left.

    The errors of other packages say it in words, and keep the operating system's behind them.
    """
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        one = rest.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if _says_full(one):
            return True
        if isinstance(one, BaseExceptionGroup):
            rest.extend(cast("BaseExceptionGroup[BaseException]", one).exceptions)
        rest += [one.__cause__, one.__context__]
    return False


def _says_full(error: BaseException) -> bool:
    if isinstance(error, apsw.IOError):  # the index of SQLite's log is a file too
        # The stubs of apsw leave out what its errors carry.
        return bool(getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE)
    return isinstance(error, apsw.FullError) or (isinstance(error, OSError) and error.errno in _FULL)


def bytes_of(folder: Path) -> int:
    """Return what a folder takes on the disk, in whole blocks; what is gone before it is looked at counts nothing."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                except FileNotFoundError:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    total += bytes_of(Path(entry.path))
    except (FileNotFoundError, NotADirectoryError):
        return total
    return total
