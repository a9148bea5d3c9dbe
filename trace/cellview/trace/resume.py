"""Where a trace that was cut short goes on."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cellview.trace.digest import encode_line
from cellview.trace.errors import DamagedLineError
from cellview.trace.reader import Recovery, TraceReader, decode_line, recover
from cellview.trace.records import Record

__all__ = ["ResumePoint", "resume_point"]


class ResumePoint(msgspec.Struct, frozen=True):
    """Where a killed run continues."""

    records: tuple[Record, ...]
    """All that it wrote, to be applied first."""
    next_iteration: int
    recovery: Recovery
    """What was found, and what was cut from the end."""


def _as_written(line: bytes, reader: TraceReader) -> Record:
    where = f"{reader.path}, line {reader.line}"
    record = decode_line(line, where=where)
    if encode_line(record) != line:  # the digest of what follows would not be that of the run
        raise DamagedLineError(f"{where} is not as it was written: its line end, spaces or numbers were changed since.")
    return record


def resume_point(path: str | Path) -> ResumePoint:
    """Cut the unfinished end of a trace and return all that a resumed run needs of it.

    Raises:
        TraceError: The file cannot be read or cut.
        DamagedLineError: A line before the last is not a record, or not as this version writes it (another program has
            saved it since); the text names it.
    """
    recovery = recover(path)
    reader = TraceReader(path)
    records = tuple(_as_written(line, reader) for line in reader.lines())
    last = recovery.last_iteration
    return ResumePoint(records, 0 if last is None else last + 1, recovery)
