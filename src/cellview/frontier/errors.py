"""Every error of the frontier. A user's mistake carries one sentence: what is wrong, where, what to do."""

from __future__ import annotations

__all__ = [
    "BadLineError",
    "DeterminismError",
    "ExperimentExistsError",
    "ExperimentMissingError",
    "FencedError",
    "FrontierError",
    "FrontierKeyError",
    "FrontierUrlError",
    "JournalError",
    "LeaseLostError",
    "MachineFailedError",
    "ManifestError",
    "PushRefusedError",
    "ServerFullError",
    "ServerGoneError",
    "ServerUnfitError",
    "SetAsideError",
    "TaskError",
    "TicketError",
    "UnencodableError",
    "UntrustedError",
    "WorkerFailedError",
]


class FrontierError(Exception):
    """Base of all errors of this package."""


class UnencodableError(FrontierError):
    """Raised when an item, a payload or a priority has no canonical encoding (NaN, infinity, non-string keys).

    Use JSON values only: null, booleans, integers, finite floats, strings, lists, and objects with string keys.
    """


class ManifestError(FrontierError):
    """Raised when a manifest has a value out of range, or differs from the one that the experiment was created with."""


class TaskError(FrontierError):
    """Raised when a task function cannot be loaded, or returns something other than a ``Result``."""


class MachineFailedError(FrontierError):
    """Raised by a task when this machine, and not the candidate, is at fault: a full disk, no more descriptors.

    The worker ends and its lease goes back; the candidate is not counted as failed. Make room, and resume.
    """


class PushRefusedError(FrontierError):
    """Raised when something is pushed or pruned from outside while the experiment runs.

    Such a change would land before or after a commit depending on timing. Push before the start or after the end, or
    return the candidate as a child of a result.
    """


class TicketError(FrontierError):
    """Raised when a ticket is unknown, or does not belong to the candidate or token that were given with it.

    A worker meets it after the server lost its last moments in a crash: it drops the result and takes new work.
    """


class SetAsideError(TicketError):
    """Raised when a result comes for a candidate that was set aside before, or the other way round.

    Setting a candidate aside is a decision like any other, so it stands, and the experiment goes on: a worker drops its
    late result. Run the experiment again under another name to have the candidate tried anew.
    """

    def __init__(self, ticket: int, candidate: str, first: str, second: str) -> None:
        text = f"candidate {candidate} of ticket {ticket} is {first} already: what came later ({second}) is dropped"
        super().__init__(text)
        self.ticket = ticket
        self.candidate = candidate
        self.first = first
        self.second = second

    def __reduce__(self) -> tuple[type[SetAsideError], tuple[int, str, str, str]]:
        """Pickles by its parts, since the text is made from them."""
        return (SetAsideError, (self.ticket, self.candidate, self.first, self.second))


class LeaseLostError(FrontierError):
    """Raised when a heartbeat, a release or a failure report comes with a fencing token that is no longer current."""


class FencedError(FrontierError):
    """Raised when a committer acts after a newer one took over. Stop this one; the newer one continues the journal."""


class DeterminismError(FrontierError):
    """Raised when one candidate completed with two different results. Names the candidate and both digests.

    Look for a clock, a shared random generator, a worker's name or unordered sets in the task. Nothing more is
    committed until the experiment is cleared.
    """

    def __init__(self, candidate: str, first: str, second: str) -> None:
        super().__init__(
            f"candidate {candidate} completed with two different results, digests {first} and {second}: its task "
            "depends on something other than the candidate and its random stream; mend the task, clear the experiment "
            "and run it again"
        )
        self.candidate = candidate
        self.first = first
        self.second = second

    def __reduce__(self) -> tuple[type[DeterminismError], tuple[str, str, str]]:
        """Pickles by its three parts, since the text is made from them."""
        return (DeterminismError, (self.candidate, self.first, self.second))


class ExperimentExistsError(FrontierError):
    """Raised when an experiment of that name exists already. Resume it, choose another name, or clear it."""


class ExperimentMissingError(FrontierError):
    """Raised when there is no experiment of that name, or it was cleared or replaced while in use."""


class FrontierUrlError(FrontierError):
    """Raised when a frontier's URL cannot be understood. The text never repeats the URL's password."""


class FrontierKeyError(FrontierError):
    """Raised when the key in ``CELLVIEW_FRONTIER_KEY`` cannot be used. The text never repeats it."""


class ServerGoneError(FrontierError):
    """Raised when the server cannot be reached, or did not come back within the reconnection time.

    Nothing committed is lost: start the server and resume.
    """


class UntrustedError(FrontierError):
    """Raised when something on a server was not written by a holder of the key, or the key is missing here.

    Set ``CELLVIEW_FRONTIER_KEY`` to the key that the experiment was created with. If it is set, somebody without the
    key can write to the server.
    """


class ServerUnfitError(FrontierError):
    """Raised when a server may evict keys, is of another version, or refuses the login."""


class ServerFullError(FrontierError):
    """Raised when the server has no memory left. The refused operation changed nothing; give it memory and resume."""


class JournalError(FrontierError):
    """Raised when a journal file is not what was written, or belongs to another experiment. Names the line.

    Restore the file, or cut it before that line and resume.
    """


class BadLineError(FrontierError):
    """Raised when a line of a journal is not what was written there; ``JournalError`` adds the file and the line."""


class WorkerFailedError(FrontierError):
    """Raised when worker or committer processes keep dying, so that a run cannot go on."""
