"""What can be asked of a frontier, each operation stated once: its arguments, its answer, and what it does.

As the kernel's ``Request[R]``, an operation carries the type of its answer. It is plain data: a memory frontier
performs it, a socket carries it, a Redis frontier turns it into the words of a script.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar, cast, get_args

import msgspec

from cellview.frontier.errors import ExperimentExistsError, ExperimentMissingError
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import (
    Candidate,
    Committed,
    Completed,
    JournalEntry,
    Manifest,
    Outcome,
    Popped,
    Snapshot,
    Stats,
)

__all__ = [
    "AnyOperation",
    "Attach",
    "Clear",
    "Commit",
    "Complete",
    "Completion",
    "Create",
    "Drain",
    "Fail",
    "Heartbeat",
    "Offer",
    "OpenCommitter",
    "Operation",
    "Pop",
    "Prune",
    "Push",
    "ReadJournal",
    "ReadSnapshot",
    "ReadStats",
    "Release",
    "Slot",
    "Start",
    "answer_type",
]

R_co = TypeVar("R_co", covariant=True)


class Slot:
    """Where one experiment's state machine is kept: empty until it is created, and again after it is cleared.

    Args:
        experiment: Name of the experiment.
        make: Makes the state machine; the determinism check plants its faults here.
    """

    def __init__(self, experiment: str, make: Callable[[Manifest], FrontierMachine] = FrontierMachine) -> None:
        self.experiment = experiment
        self._make = make
        self._machine: FrontierMachine | None = None

    @property
    def machine(self) -> FrontierMachine:
        """The state machine.

        Raises:
            ExperimentMissingError: There is none.
        """
        if self._machine is None:
            raise ExperimentMissingError(f"there is no experiment {self.experiment!r} in this process: create it first")
        return self._machine

    def create(self, manifest: Manifest, *, resume: bool) -> bool:
        """Fills the slot, or with `resume` leaves an equal experiment in it."""
        if self._machine is None:
            self._machine = self._make(manifest)
            return True
        manifest.require_same(self._machine.manifest)
        if not resume:
            raise ExperimentExistsError(
                f"experiment {self.experiment!r} exists already: resume it, choose another name, or clear it"
            )
        return False

    def clear(self) -> None:
        """Empties the slot."""
        self._machine = None


class Operation(msgspec.Struct, Generic[R_co], frozen=True, array_like=True, tag=True):
    """Base of the operations; the parameter is the type of the answer."""

    def perform(self, slot: Slot, now_ms: int) -> R_co:
        """Does it, whole or not at all, on the experiment in `slot`; `now_ms` is the shell's clock."""
        raise NotImplementedError


class Create(Operation[bool], frozen=True):
    """Creates the experiment; with `resume`, attaches to it when it exists. Answers whether it is new.

    Raises:
        ExperimentExistsError: It exists, and `resume` was not given.
        ManifestError: It exists with settings that give another outcome.
    """

    manifest: Manifest
    resume: bool

    def perform(self, slot: Slot, now_ms: int) -> bool:
        return slot.create(self.manifest, resume=self.resume)


class Attach(Operation[Manifest], frozen=True):
    """Attaches to an existing experiment.

    Raises:
        ExperimentMissingError: There is none of that name.
    """

    def perform(self, slot: Slot, now_ms: int) -> Manifest:
        return slot.machine.manifest


class Clear(Operation[None], frozen=True):
    """Deletes the experiment."""

    def perform(self, slot: Slot, now_ms: int) -> None:
        slot.clear()


class Push(Operation[list[bool]], frozen=True):
    """Queues candidates; ``False`` marks duplicates. Refused while the experiment runs."""

    candidates: list[Candidate]

    def perform(self, slot: Slot, now_ms: int) -> list[bool]:
        return slot.machine.push(self.candidates)


class Prune(Operation[int], frozen=True):
    """Prunes the queue to its best `width`; answers how many went. Refused while the experiment runs."""

    width: int

    def perform(self, slot: Slot, now_ms: int) -> int:
        return slot.machine.prune(self.width)


class Start(Operation[None], frozen=True):
    """Issues the first tickets; lifts a drain."""

    def perform(self, slot: Slot, now_ms: int) -> None:
        slot.machine.start()


class Drain(Operation[None], frozen=True):
    """Hands out no more leases until the next start."""

    def perform(self, slot: Slot, now_ms: int) -> None:
        slot.machine.drain()


class Pop(Operation[Popped], frozen=True):
    """Leases up to `count` tickets to a worker."""

    worker: str
    count: int

    def perform(self, slot: Slot, now_ms: int) -> Popped:
        return slot.machine.pop(self.worker, now_ms, self.count)


class Heartbeat(Operation[None], frozen=True):
    """Extends a lease to a whole lease time from now."""

    ticket: int
    token: int

    def perform(self, slot: Slot, now_ms: int) -> None:
        slot.machine.heartbeat(self.ticket, self.token, now_ms)


class Release(Operation[None], frozen=True):
    """Hands a lease back without blame."""

    ticket: int
    token: int

    def perform(self, slot: Slot, now_ms: int) -> None:
        slot.machine.release(self.ticket, self.token)


class Fail(Operation[bool], frozen=True):
    """Reports that the task raised, with a body that says why; answers whether the candidate is set aside now."""

    ticket: int
    token: int
    candidate: str
    score: str
    depth: int
    body: bytes

    def perform(self, slot: Slot, now_ms: int) -> bool:
        return slot.machine.fail(self.ticket, self.token, self.body)


class Completion(msgspec.Struct, frozen=True, array_like=True):
    """One result, and the lease that it was worked out under."""

    ticket: int
    token: int
    candidate: str
    score: str
    depth: int
    completed: Completed


class Complete(Operation[list[Outcome]], frozen=True):
    """Records results, each once. Stops at the first that is refused; those before it stand."""

    results: list[Completion]

    def perform(self, slot: Slot, now_ms: int) -> list[Outcome]:
        complete = slot.machine.complete
        return [complete(it.ticket, it.token, it.candidate, it.completed) for it in self.results]


class OpenCommitter(Operation[str], frozen=True):
    """Takes over as the only committer; answers the epoch to commit under."""

    name: str

    def perform(self, slot: Slot, now_ms: int) -> str:
        return slot.machine.open_committer(self.name)


class Offer(Operation[list[Outcome]], frozen=True):
    """Records results that a journal file still has and this frontier lost. Stops as `Complete` does."""

    epoch: str
    entries: list[JournalEntry]

    def perform(self, slot: Slot, now_ms: int) -> list[Outcome]:
        return [slot.machine.offer(self.epoch, entry) for entry in self.entries]


class Commit(Operation[Committed], frozen=True):
    """Commits up to `limit` results in order of tickets."""

    epoch: str
    limit: int

    def perform(self, slot: Slot, now_ms: int) -> Committed:
        return slot.machine.commit(self.epoch, now_ms, self.limit)


class ReadJournal(Operation[list[JournalEntry]], frozen=True):
    """The commits from ticket `since` on, at most `limit`."""

    since: int
    limit: int

    def perform(self, slot: Slot, now_ms: int) -> list[JournalEntry]:
        return slot.machine.journal(self.since, self.limit)


class ReadStats(Operation[Stats], frozen=True):
    """Counts at this moment."""

    def perform(self, slot: Slot, now_ms: int) -> Stats:
        return slot.machine.stats()


class ReadSnapshot(Operation[Snapshot], frozen=True):
    """The state that must not depend on workers or crashes."""

    def perform(self, slot: Slot, now_ms: int) -> Snapshot:
        return slot.machine.snapshot()


AnyOperation: TypeAlias = (
    Create | Attach | Clear | Push | Prune | Start | Drain | Pop | Heartbeat | Release | Fail | Complete
    | OpenCommitter | Offer | Commit | ReadJournal | ReadStats | ReadSnapshot
)  # fmt: skip
"""Every operation. With ``close``, which is of the connection, these are all that a frontier can do."""


def answer_type(kind: type[Operation[R_co]]) -> type[R_co]:
    """The type of an operation's answer, as the operation states it."""
    (base,) = cast("Any", kind).__orig_bases__
    return cast("type[R_co]", get_args(base)[0])
