"""The face of a frontier: one method for each operation, whoever performs it and wherever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

from cellview.frontier.machine.model import (
    Candidate,
    Committed,
    Completed,
    JournalEntry,
    Lease,
    Manifest,
    Outcome,
    Popped,
    Snapshot,
    Stats,
)
from cellview.frontier.machine.operations import (
    Attach,
    Clear,
    Commit,
    Complete,
    Completion,
    Create,
    Drain,
    Fail,
    Heartbeat,
    Offer,
    OpenCommitter,
    Operation,
    Pop,
    Prune,
    Push,
    ReadJournal,
    ReadSnapshot,
    ReadStats,
    Release,
    Start,
)

__all__ = ["Frontier"]

R = TypeVar("R")


class Frontier(ABC):
    """One experiment's frontier, as seen by one client. Every operation happens whole or not at all.

    What each does, and what it raises, stands with the operation in ``cellview.frontier.machine.operations``; the rules
    behind it are those of ``FrontierMachine``. A backend writes `perform` and, if it holds anything, `close`.

    Args:
        experiment: Name of the experiment.
    """

    def __init__(self, experiment: str) -> None:
        self.experiment = experiment

    @abstractmethod
    async def perform(self, operation: Operation[R]) -> R:
        """Performs an operation and returns its answer."""

    async def close(self) -> None:
        """Closes the connection, not the experiment."""
        return

    # The experiment

    async def create(self, manifest: Manifest, *, resume: bool = False) -> bool:
        """Creates the experiment, or attaches to it with `resume`; returns whether it is new."""
        return await self.perform(Create(manifest, resume))

    async def attach(self) -> Manifest:
        """Attaches to an existing experiment and returns its manifest."""
        return await self.perform(Attach())

    async def clear(self) -> None:
        """Deletes the experiment."""
        await self.perform(Clear())

    async def push(self, candidates: list[Candidate]) -> list[bool]:
        """Queues candidates; ``False`` marks duplicates."""
        return await self.perform(Push(candidates))

    async def prune(self, width: int) -> int:
        """Prunes the queue to its best `width`; returns how many went."""
        return await self.perform(Prune(width))

    async def start(self) -> None:
        """Issues the first tickets; lifts a drain."""
        await self.perform(Start())

    async def drain(self) -> None:
        """Hands out no more leases until the next start."""
        await self.perform(Drain())

    async def stats(self) -> Stats:
        """Counts at this moment."""
        return await self.perform(ReadStats())

    async def snapshot(self) -> Snapshot:
        """The state that must not depend on workers or crashes."""
        return await self.perform(ReadSnapshot())

    # Workers

    async def pop(self, worker: str, *, count: int = 1) -> Popped:
        """Leases up to `count` tickets to a worker."""
        return await self.perform(Pop(worker, count))

    async def heartbeat(self, lease: Lease) -> None:
        """Extends a lease."""
        await self.perform(Heartbeat(lease.ticket, lease.token))

    async def release(self, lease: Lease) -> None:
        """Hands a lease back without blame."""
        await self.perform(Release(lease.ticket, lease.token))

    async def fail(self, lease: Lease, body: bytes = b"") -> bool:
        """Reports that the task raised; returns whether the candidate is set aside now."""
        return await self.perform(Fail(lease.ticket, lease.token, lease.candidate, lease.score, lease.depth, body))

    async def complete(self, results: list[tuple[Lease, Completed]]) -> list[Outcome]:
        """Records results, each once."""
        return await self.perform(
            Complete([Completion(it.ticket, it.token, it.candidate, it.score, it.depth, done) for it, done in results])
        )

    # The committer

    async def open_committer(self, name: str) -> str:
        """Takes over as the only committer; returns the epoch to commit under."""
        return await self.perform(OpenCommitter(name))

    async def offer(self, epoch: str, entries: list[JournalEntry]) -> list[Outcome]:
        """Records results that a journal file still has and this frontier lost."""
        return await self.perform(Offer(epoch, entries))

    async def commit(self, epoch: str, *, limit: int = 256) -> Committed:
        """Commits results in order of tickets."""
        return await self.perform(Commit(epoch, limit))

    async def journal(self, since: int, *, limit: int = 256) -> list[JournalEntry]:
        """The commits from ticket `since` on."""
        return await self.perform(ReadJournal(since, limit))
