"""The frontier in this process's memory: the default. Other processes reach it through ``cellview.frontier.local.socket``."""

from __future__ import annotations

import time
from collections.abc import Callable

from cellview.frontier.errors import ExperimentExistsError, ExperimentMissingError
from cellview.frontier.machine.machine import FrontierMachine
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

__all__ = ["MemoryFrontier"]


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class MemoryFrontier:
    """The state machine with a clock. Lost with its process; the committer's journal file brings it back.

    Args:
        experiment: Name of the experiment.
        clock_ms: Milliseconds that never go back; tests pass their own.
        machine: Makes the state machine; the determinism check plants its faults here.
    """

    def __init__(
        self,
        experiment: str,
        *,
        clock_ms: Callable[[], int] = _monotonic_ms,
        machine: Callable[[Manifest], FrontierMachine] = FrontierMachine,
    ) -> None:
        self.experiment = experiment
        self._clock_ms = clock_ms
        self._make = machine
        self._made: FrontierMachine | None = None

    @property
    def _machine(self) -> FrontierMachine:
        if self._made is None:
            raise ExperimentMissingError(f"there is no experiment {self.experiment!r} in this process: create it first")
        return self._made

    async def create(self, manifest: Manifest, *, resume: bool = False) -> bool:
        """Creates the experiment, or attaches to it with `resume`."""
        if self._made is None:
            self._made = self._make(manifest)
            return True
        manifest.require_same(self._made.manifest)
        if not resume:
            raise ExperimentExistsError(
                f"experiment {self.experiment!r} exists already: resume it, choose another name, or clear it"
            )
        return False

    async def attach(self) -> Manifest:
        """Returns the manifest."""
        return self._machine.manifest

    async def push(self, candidates: list[Candidate]) -> list[bool]:
        """Queues candidates."""
        return self._machine.push(candidates)

    async def prune(self, width: int) -> int:
        """Prunes the queue."""
        return self._machine.prune(width)

    async def start(self) -> None:
        """Issues the first tickets; lifts a drain."""
        self._machine.start()

    async def drain(self) -> None:
        """Hands out no more leases."""
        self._machine.drain()

    async def pop(self, worker: str, *, count: int = 1) -> Popped:
        """Leases tickets."""
        return self._machine.pop(worker, self._clock_ms(), count)

    async def heartbeat(self, lease: Lease) -> None:
        """Extends a lease."""
        self._machine.heartbeat(lease.ticket, lease.token, self._clock_ms())

    async def release(self, lease: Lease) -> None:
        """Hands a lease back."""
        self._machine.release(lease.ticket, lease.token)

    async def fail(self, lease: Lease, body: bytes = b"") -> bool:
        """Reports a failure."""
        return self._machine.fail(lease.ticket, lease.token, body)

    async def complete(self, results: list[tuple[Lease, Completed]]) -> list[Outcome]:
        """Records results."""
        machine = self._machine
        return [machine.complete(lease.ticket, lease.token, lease.candidate, done) for lease, done in results]

    async def open_committer(self, name: str) -> str:
        """Takes over as committer."""
        return self._machine.open_committer(name)

    async def offer(self, epoch: str, entries: list[JournalEntry]) -> list[Outcome]:
        """Records results from a journal file."""
        return [self._machine.offer(epoch, entry) for entry in entries]

    async def commit(self, epoch: str, *, limit: int = 256) -> Committed:
        """Commits results."""
        return self._machine.commit(epoch, self._clock_ms(), limit)

    async def journal(self, since: int, *, limit: int = 256) -> list[JournalEntry]:
        """Reads commits."""
        return self._machine.journal(since, limit)

    async def stats(self) -> Stats:
        """Counts."""
        return self._machine.stats()

    async def snapshot(self) -> Snapshot:
        """The state to compare."""
        return self._machine.snapshot()

    async def clear(self) -> None:
        """Deletes the experiment."""
        self._made = None

    async def close(self) -> None:
        """Nothing to close."""
