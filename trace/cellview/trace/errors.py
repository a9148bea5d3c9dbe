"""Errors of the trace package. All derive from :class:`TraceError`."""

from __future__ import annotations

__all__ = [
    "DamagedLineError",
    "RunFolderError",
    "TornLineWarning",
    "TraceError",
    "TraceOrderError",
    "TraceWriteError",
]


class TraceError(Exception):
    """Raised when a trace or a run's folder cannot be written, read or believed; base of this package's errors."""


class TraceWriteError(TraceError):
    """Raised when the file system refuses: exists already, read-only, full. What was written before is kept.

    Make room or choose another folder; a run that was cut short continues with ``--resume``.
    """


class TraceOrderError(TraceError):
    """Raised when a record's iteration was written already. A defect of the caller, never of the user."""


class DamagedLineError(TraceError):
    """Raised when a line inside a trace is not a record. The text names the file and the line.

    A torn *last* line is no damage: it is what a crash leaves, and readers skip it.
    """


class RunFolderError(TraceError):
    """Raised when a run's folder exists already, is in use, or is not one. The text says what to do."""


class TornLineWarning(UserWarning):
    """Given when the last line of a trace was cut short, as by a crash; it is skipped."""
