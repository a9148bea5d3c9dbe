"""Ranges of a trace, while it grows: the trace on the disk is the log of a search's events, so replay is a seek."""

from __future__ import annotations

import os
from typing import BinaryIO, Final

import msgspec

from cellview.daemon.errors import DamagedError

__all__ = ["Chunk", "Frame", "frames_of", "last_line", "read_chunk", "seek_iteration"]

_NEAR: Final = 64 * 1024
"""Bytes that are rather read through than halved once more."""


class _Line(msgspec.Struct, gc=False):
    iteration: int
    event: str


_head = msgspec.json.Decoder(_Line).decode


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Whole lines of a trace, from an offset of the file to another."""

    lines: tuple[bytes, ...]
    start: int
    end: int


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One line, its iteration, and whether it is an abort's marker, which has the number of the record after it."""

    line: bytes
    iteration: int
    marker: bool


def frames_of(chunk: Chunk) -> list[Frame]:
    """Return the lines of a chunk with their numbers.

    Raises:
        DamagedError: A line is no record.
    """
    frames: list[Frame] = []
    for line in chunk.lines:
        head = _read(line, chunk.start)
        frames.append(Frame(line, head.iteration, head.event == "abort"))
    return frames


def seek_iteration(file: BinaryIO, iteration: int) -> int:
    """Return the offset of the first line of this iteration or a later one; without one, of the end of the whole lines.

    Lines ascend in their iterations, so the file is halved until what is left is near.

    Raises:
        DamagedError: A line is no record.
    """
    if iteration <= 0:
        return 0
    low, high = 0, file.seek(0, os.SEEK_END)  # what begins before `low` is too early, what begins from `high` on is not
    while high - low > _NEAR:
        middle = (low + high) // 2
        file.seek(middle)
        start = middle + len(file.readline())
        line = file.readline()
        if start >= high or not line.endswith(b"\n") or _read(line, start).iteration >= iteration:
            high = middle  # no line begins between `middle` and `start`
        else:
            low = start + len(line)
    file.seek(low)
    while (line := file.readline()).endswith(b"\n") and _read(line, low).iteration < iteration:
        low += len(line)
    return low


def last_line(file: BinaryIO) -> bytes:
    """Return the last whole line of a trace; nothing where there is none."""
    end = file.seek(0, os.SEEK_END)
    data = b""
    while end > 0 and data.count(b"\n") < 2:
        start = max(0, end - _NEAR)
        file.seek(start)
        data, end = file.read(end - start) + data, start
    return data[: data.rfind(b"\n") + 1].rstrip(b"\n").rpartition(b"\n")[2]


def read_chunk(file: BinaryIO, offset: int, *, most_bytes: int = 256 * 1024) -> Chunk:
    """Return whole lines from an offset on: about `most_bytes` of them, at least one if there is one.

    A line that is being written is left for the next time, and so is the marker of an abort whose record is not there
    yet: a resumed search would take it back.
    """
    file.seek(offset)
    data = file.read(most_bytes)
    if b"\n" not in data:
        data += file.readline()
    data = data[: data.rfind(b"\n") + 1]
    lines = data.splitlines(keepends=True)
    end = offset + len(data)
    if lines and _read(lines[-1], offset).event == "abort":
        file.seek(end)
        record = file.readline()
        if record.endswith(b"\n"):
            lines.append(record)
            end += len(record)
        else:
            end -= len(lines.pop())
    return Chunk(tuple(lines), offset, end)


def _read(line: bytes, offset: int) -> _Line:
    try:
        return _head(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedError(
            f"The trace is damaged at byte {offset} or soon after ({error}); cellview trace check says more."
        ) from error
