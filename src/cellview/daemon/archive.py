"""A run folder as one stream: a tar archive made on the way, through no link, of files that may still grow."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from cellview.daemon.run_files import open_below

__all__ = ["archive_of"]

_PIECE: Final = 256 * 1024
_FIRST: Final = "run.json"
"""A result stands in it after its files are written. So it is read first: what it speaks of is in the archive too."""


def archive_of(runs: Path, folder: str) -> Iterator[bytes]:
    """Yield the archive of a run folder, in which all names begin with the folder's. Blocks.

    Files come as long as they were when their turn came, traces only up to their last whole line. Links, and what is
    neither file nor folder, are left out, and so is what is being written under a hidden name.

    Raises:
        NoFileError: There is no such run folder.
    """
    place = PurePosixPath(folder)
    with open_below(runs, place / _FIRST) as file:  # before anything is sent: it may not be there
        data = file.read()
        yield _head(place / _FIRST, len(data), os.fstat(file.fileno()).st_mtime) + data + _padding(len(data))
    for path in _files(runs, place):
        if path != place / _FIRST:
            with open_below(runs, path) as file:
                yield from _file(path, file)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def _files(runs: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield the files below a folder, by name; folders that are links are not entered."""
    found = sorted(os.scandir(runs / folder), key=lambda entry: entry.name)
    for entry in found:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(runs, folder / entry.name)
        elif entry.is_file(follow_symlinks=False):
            yield folder / entry.name


def _file(path: PurePosixPath, file: BinaryIO) -> Iterator[bytes]:
    about = os.fstat(file.fileno())
    size = _whole_lines(file, about.st_size) if path.suffix == ".jsonl" else about.st_size
    yield _head(path, size, about.st_mtime)
    left = size
    while left > 0:
        data = file.read(min(_PIECE, left))
        if not data:  # it was cut meanwhile; its length is told already
            data = b"\0" * min(_PIECE, left)
        left -= len(data)
        yield data
    yield _padding(size)


def _whole_lines(file: BinaryIO, size: int) -> int:
    """Return the length of a file without the line that is being written."""
    end = size
    while end > 0:
        start = max(0, end - _PIECE)
        file.seek(start)
        cut = file.read(end - start).rfind(b"\n")
        if cut >= 0:
            end = start + cut + 1
            break
        end = start
    file.seek(0)
    return end


def _head(path: PurePosixPath, size: int, changed_at: float) -> bytes:
    info = tarfile.TarInfo(str(path))
    info.size, info.mtime, info.mode = size, int(changed_at), stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % tarfile.BLOCKSIZE)
