"""Files that are there whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cellview.base.scratch import make_scratch_file
from cellview.trace.errors import TraceWriteError

__all__ = ["open_atomically", "sync_folder", "write_atomically"]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power failure."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write a file, whole or not at all: see `open_atomically`."""
    with open_atomically(path) as file:
        file.write(data)


@contextmanager
def open_atomically(path: str | Path) -> Generator[BinaryIO]:
    """Open a temporary file beside `path` for writing, which at the end is synced and renamed over it.

    A reader sees the old file or the new one, and so does whoever looks after a crash or an error inside.

    Raises:
        TraceWriteError: The file system refuses. The old file, if there was one, is as it was.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        fd, temporary = make_scratch_file("file", within=path.parent)
        with os.fdopen(fd, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), 0o644)  # mkstemp's 0600 would keep colleagues from reading a run
            os.fsync(file.fileno())
        temporary.replace(path)
        temporary = None
        sync_folder(path.parent)
    except OSError as error:
        raise TraceWriteError(f"Cannot write {path}: {error.strerror}.") from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
