"""All errors of :mod:`cellview.daemon`. Each is the user's to mend, and its text says how."""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "ConflictError",
    "DaemonError",
    "DamagedError",
    "DataFolderError",
    "DiskFullError",
    "DriverFailedError",
    "NoFileError",
    "NoSuchExperimentError",
    "RefusedError",
    "ServerError",
    "SubmissionError",
    "WorkerFailedError",
]


class DaemonError(Exception):
    """Base of everything that :mod:`cellview.daemon` raises on purpose."""


class ConfigError(DaemonError):
    """Raised when the daemon cannot be started as it is configured. The text names the key."""


class DataFolderError(DaemonError):
    """Raised when the data folder cannot be used: another daemon has it, or a newer version wrote it."""


class DiskFullError(DaemonError):
    """Raised when the data folder's disk has no room for something. Make room; what was queued goes on by itself."""


class SubmissionError(DaemonError):
    """Raised when a submission does not describe an experiment that this daemon may run. Mend it and submit again."""


class ConflictError(DaemonError):
    """Raised when a request does not fit the state of an experiment, or a key was used for another submission."""


class NoSuchExperimentError(DaemonError):
    """Raised when there is no experiment, search or file of that name; it may have been deleted."""


class NoFileError(NoSuchExperimentError):
    """Raised when a search has no such file: it was not begun, has no proof, or keeps no trace."""


class DamagedError(DaemonError):
    """Raised when a file of a run folder is not as it was written; the text says which. Put it back from a copy."""


class WorkerFailedError(DaemonError):
    """Raised when a worker process died, hung, or could not perform a point; the point is tried again."""


class DriverFailedError(WorkerFailedError):
    """Raised when another driver failed for good: what it brought contradicts itself or cannot be believed."""


class ServerError(DaemonError):
    """Raised by the client when no daemon answers, or its answer cannot be understood. Is it running? Which address?"""


class RefusedError(DaemonError):
    """Raised by the client when the daemon refuses a request; `status` is HTTP's, the text is the daemon's sentence."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status
