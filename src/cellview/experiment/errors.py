"""All errors of :mod:`cellview.experiment`. Each is the user's to mend, and its text says how."""

from __future__ import annotations

from cellview.core import SearchError

__all__ = [
    "CorpusError",
    "DamagedRunError",
    "ExperimentError",
    "ExtensionError",
    "ProverFailedError",
    "ProviderFailedError",
    "ResumeError",
    "WorkerMachineError",
]


class ExperimentError(SearchError):
    """Raised when an experiment cannot be run as it is described: arms, seeds or options that do not go together."""


class CorpusError(ExperimentError):
    """Raised when a corpus file cannot be used: unreadable, empty, a duplicate id, an unknown or missing field."""


class ResumeError(ExperimentError):
    """Raised when a run cannot go on: another corpus, version, Lean or schedule than it was started with.

    The text names what differs. Put it back, or start a new run.
    """


class ExtensionError(ExperimentError):
    """Raised when a run cannot be given more: something that was run would change, or there is nothing to add."""


class DamagedRunError(ExperimentError):
    """Raised when a run's folder does not hold what it says: a file is missing, altered, or was never verified."""


class ProverFailedError(ExperimentError):
    """Raised at the end of a run in which the prover broke down in every search: it has no result at all."""


class ProviderFailedError(ExperimentError):
    """Raised when the provider of tactics is dead: what a run leaves behind from there on is no result.

    Mend it (server, key, address), then continue with ``--resume``; searches that it spoilt begin anew.
    """


class WorkerMachineError(ExperimentError):
    """Raised when a worker's machine, and not a search, is at fault: a full disk, no more descriptors.

    What was finished is kept. Make room there, and resume.
    """
