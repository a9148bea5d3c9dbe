"""The long-running service: experiments are submitted to it, run search by search in worker processes, never lost.

``Client`` talks to a daemon; ``serve`` is one, and ``running`` one without its front.
"""

from cellview.daemon.client import Client
from cellview.daemon.config import DaemonConfig, read_token
from cellview.daemon.errors import (
    ConfigError,
    ConflictError,
    DaemonError,
    DataFolderError,
    DiskFullError,
    NoSuchExperimentError,
    RefusedError,
    ServerError,
    SubmissionError,
    WorkerFailedError,
)
from cellview.daemon.http.server import ADDRESS_FILE, serve
from cellview.daemon.janitor import Upkeep
from cellview.daemon.records import (
    Event,
    ExperimentPage,
    ExperimentStatus,
    Health,
    Searches,
    SearchStatus,
    Submission,
)
from cellview.daemon.service import Daemon, running
from cellview.daemon.supervisor import Supervisor

__all__ = [
    "ADDRESS_FILE",
    "Client",
    "ConfigError",
    "ConflictError",
    "Daemon",
    "DaemonConfig",
    "DaemonError",
    "DataFolderError",
    "DiskFullError",
    "Event",
    "ExperimentPage",
    "ExperimentStatus",
    "Health",
    "NoSuchExperimentError",
    "RefusedError",
    "SearchStatus",
    "Searches",
    "ServerError",
    "Submission",
    "SubmissionError",
    "Supervisor",
    "Upkeep",
    "WorkerFailedError",
    "read_token",
    "running",
    "serve",
]
