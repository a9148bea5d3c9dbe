"""The long-running service: experiments are submitted to it, run search by search in worker processes, never lost.

``Client`` talks to a daemon; ``serve`` is one, and ``running`` one without its front.
"""

from cellview.daemon.client import Client
from cellview.daemon.config import DaemonConfig, read_token
from cellview.daemon.drivers import Drivers
from cellview.daemon.errors import (
    ConfigError,
    ConflictError,
    DaemonError,
    DamagedError,
    DataFolderError,
    DiskFullError,
    NoFileError,
    NoSuchExperimentError,
    RefusedError,
    ServerError,
    SubmissionError,
    WorkerFailedError,
)
from cellview.daemon.http.server import ADDRESS_FILE, serve
from cellview.daemon.janitor import Upkeep
from cellview.daemon.records import (
    Change,
    Claims,
    Event,
    ExperimentPage,
    ExperimentStatus,
    FigureInfo,
    Figures,
    Health,
    Searches,
    SearchReport,
    SearchStatus,
    Session,
    Submission,
)
from cellview.daemon.service import Daemon, running
from cellview.daemon.states import ExperimentState, PointState
from cellview.daemon.supervisor import Supervisor

__all__ = [
    "ADDRESS_FILE",
    "Change",
    "Claims",
    "Client",
    "ConfigError",
    "ConflictError",
    "Daemon",
    "DaemonConfig",
    "DaemonError",
    "DamagedError",
    "DataFolderError",
    "DiskFullError",
    "Drivers",
    "Event",
    "ExperimentPage",
    "ExperimentState",
    "ExperimentStatus",
    "FigureInfo",
    "Figures",
    "Health",
    "NoFileError",
    "NoSuchExperimentError",
    "PointState",
    "RefusedError",
    "SearchReport",
    "SearchStatus",
    "Searches",
    "ServerError",
    "Session",
    "Submission",
    "SubmissionError",
    "Supervisor",
    "Upkeep",
    "WorkerFailedError",
    "read_token",
    "running",
    "serve",
]
