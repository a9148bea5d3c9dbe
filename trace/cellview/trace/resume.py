"""Where a trace that was cut short goes on."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cellview.trace.reader import Recovery, TraceReader, recover
from cellview.trace.records import Record

__all__ = ["ResumePoint", "resume_point"]


class ResumePoint(msgspec.Struct, frozen=True):
    """Where a killed run continues."""

    records: tuple[Record, ...]
    """All that it wrote, to be applied first."""
    next_iteration: int
    recovery: Recovery
    """What was found, and what was cut from the end."""


def resume_point(path: str | Path) -> ResumePoint:
    """Cut the unfinished end of a trace and return all that a resumed run needs of it.

    Raises:
        TraceError: The file cannot be read or cut.
        DamagedLineError: A line before the last is not a record; the text names it, and nothing was cut.
    """
    recovery = recover(path)
    records = tuple(TraceReader(path))
    last = recovery.last_iteration
    return ResumePoint(records, 0 if last is None else last + 1, recovery)
