"""The drivers beside the daemon's own workers that its configuration allows: a frontier, processes, a Ray cluster."""

from __future__ import annotations

import msgspec

from cellview.cluster import ConfigModel
from cellview.daemon.errors import ConfigError, SubmissionError
from cellview.daemon.records import Executor, Submission
from cellview.frontier import FrontierError, connect

__all__ = ["Drivers"]


class Drivers(msgspec.Struct, frozen=True, kw_only=True):
    """What a submission may name as its executor, and where that is.

    Args:
        allowed: The executors that may be named beside ``here``.
        frontier: ``memory:``, or a Redis server that workers elsewhere share; may hold a password.
        workers: Worker processes that a frontier gets on this machine; 0 when all are elsewhere.
        window: Tiers of a frontier that may be uncommitted at once.
        cluster: The table ``[cluster]``, for ``process`` and ``ray``.

    Raises:
        ConfigError: They do not go together.
    """

    allowed: tuple[Executor, ...] = ()
    frontier: str = "memory:"
    workers: int = 2
    window: int = 64
    cluster: ConfigModel = ConfigModel()

    def __post_init__(self) -> None:
        """Check what belongs together."""
        if "frontier" not in self.allowed:
            return
        try:
            connect(self.frontier, "name")  # refuses what is no frontier; it does not reach out for it
        except FrontierError as error:
            raise ConfigError(str(error)) from None
        if self.workers < 1 and self.frontier == "memory:":
            raise ConfigError("A frontier in memory needs at least 1 worker on this machine, or nobody does the work.")

    def require(self, submission: Submission) -> None:
        """Refuse a submission that names what is not there for it.

        Raises:
            SubmissionError: It does.
        """
        executor = submission.executor
        if executor == "here":
            return
        if executor not in self.allowed:
            allowed = ", ".join(("here", *self.allowed))
            raise SubmissionError(f"This daemon carries no experiment by {executor}; its executors are: {allowed}.")
        if not submission.search.reproducible:
            raise SubmissionError(f"Searches with commit arrival cannot be gone on with, so {executor} takes none.")
