"""What every backend of the frontier can do. The meaning of each operation is that of ``FrontierMachine``."""

from __future__ import annotations

from typing import Protocol

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

__all__ = ["Frontier"]


class Frontier(Protocol):
    """One experiment's frontier, as seen by one client. Every operation happens whole or not at all."""

    @property
    def experiment(self) -> str:
        """Name of the experiment."""
        ...

    async def create(self, manifest: Manifest, *, resume: bool = False) -> bool:
        """Creates the experiment; with `resume`, attaches to it when it exists. Returns whether it is new.

        Raises:
            ExperimentExistsError: It exists, and `resume` was not given.
            ManifestError: It exists with settings that give another outcome.
        """
        ...

    async def attach(self) -> Manifest:
        """Attaches to an existing experiment and returns its manifest.

        Raises:
            ExperimentMissingError: There is none of that name.
        """
        ...

    async def push(self, candidates: list[Candidate]) -> list[bool]:
        """Queues candidates in one operation; ``False`` marks duplicates. Refused while the experiment runs."""
        ...

    async def prune(self, width: int) -> int:
        """Prunes the queue to its best `width`; returns how many went. Refused while the experiment runs."""
        ...

    async def start(self) -> None:
        """Issues the first tickets; lifts a drain."""
        ...

    async def drain(self) -> None:
        """Hands out no more leases until the next start."""
        ...

    async def pop(self, worker: str, *, count: int = 1) -> Popped:
        """Leases up to `count` tickets to a worker."""
        ...

    async def heartbeat(self, lease: Lease) -> None:
        """Extends a lease."""
        ...

    async def release(self, lease: Lease) -> None:
        """Hands a lease back without blame."""
        ...

    async def fail(self, lease: Lease, body: bytes = b"") -> bool:
        """Reports that the task raised, with a body that says why; ``True`` when the candidate is set aside now."""
        ...

    async def complete(self, results: list[tuple[Lease, Completed]]) -> list[Outcome]:
        """Records results, each once."""
        ...

    async def open_committer(self, name: str) -> str:
        """Takes over as the only committer; returns the epoch to commit under."""
        ...

    async def offer(self, epoch: str, entries: list[JournalEntry]) -> list[Outcome]:
        """Records results that a journal file still has and this frontier lost."""
        ...

    async def commit(self, epoch: str, *, limit: int = 256) -> Committed:
        """Commits results in order of tickets."""
        ...

    async def journal(self, since: int, *, limit: int = 256) -> list[JournalEntry]:
        """The commits from ticket `since` on."""
        ...

    async def stats(self) -> Stats:
        """Counts at this moment."""
        ...

    async def snapshot(self) -> Snapshot:
        """The state that must not depend on workers or crashes."""
        ...

    async def clear(self) -> None:
        """Deletes the experiment."""
        ...

    async def close(self) -> None:
        """Closes the connection, not the experiment."""
        ...
