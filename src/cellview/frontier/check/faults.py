"""Six defects that make a distributed frontier depend on timing, to be planted in the real parts and caught.

Each is a mistake that a reader of the blueprint could make in good faith; none is reachable from an experiment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias, TypeVar, cast, get_args

import msgspec

from cellview.frontier.frontier import Frontier
from cellview.frontier.local.journal_file import JournalLine
from cellview.frontier.local.merger import Merger, MergeReport
from cellview.frontier.local.worker import Worker
from cellview.frontier.machine.flights import Flight
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Completed, EntryKind, Lease, Manifest, Outcome
from cellview.frontier.machine.operations import Complete, Operation
from cellview.frontier.machine.prng import Prng
from cellview.frontier.machine.result import pack_body, unpack_body

__all__ = ["FAULTS", "Fault", "Planted", "plant"]

R = TypeVar("R")

Fault: TypeAlias = Literal[
    "worker-seed", "completion-order", "worker-in-sort-key", "window-from-workers", "wall-clock-budget", "no-lease"
]
FAULTS: tuple[Fault, ...] = get_args(Fault)


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a run, one of which may be defective."""

    worker: Callable[..., Worker] = Worker
    machine: Callable[[Manifest], FrontierMachine] = FrontierMachine
    merger: type[Merger] = Merger
    window_from_workers: bool = False
    stop_after_s: float | None = None


def plant(fault: Fault | None) -> Planted:
    """The parts of a run with this defect, or sound ones."""
    match fault:
        case None:
            return Planted()
        case "worker-seed":
            return Planted(worker=WorkerSeeded)
        case "completion-order":
            return Planted(machine=CommitsOnCompletion)
        case "worker-in-sort-key":
            return Planted(worker=WorkerSigns, merger=SortsByWorker)
        case "window-from-workers":
            return Planted(window_from_workers=True)
        case "wall-clock-budget":
            return Planted(stop_after_s=0.15)
        case "no-lease":
            return Planted(machine=NeverExpires)


class WorkerSeeded(Worker):
    """Draws from a stream named after the worker, as partitioned generators do."""

    def _prng(self, manifest: Manifest, lease: Lease) -> Prng:
        return Prng(manifest.master_seed).for_path("worker", lease.assignee, lease.candidate)


class CommitsOnCompletion(FrontierMachine):
    """Commits whatever completed first."""

    def __init__(self, manifest: Manifest) -> None:
        super().__init__(manifest)
        self._arrivals: list[Flight] = []

    def _record(self, flight: Flight, kind: EntryKind, completed: Completed) -> Outcome:
        if flight.result is None:
            self._arrivals.append(flight)
        return super()._record(flight, kind, completed)

    def _next_flight(self) -> Flight | None:
        return self._arrivals.pop(0) if self._arrivals else None


class WorkerSigns(Worker):
    """Writes its name into the notes of a result, which is allowed."""

    def __init__(self, frontier: Frontier, worker_id: str, **configuration: Any) -> None:
        super().__init__(_Signing(frontier, worker_id), worker_id, **configuration)


class _Signing(Frontier):
    def __init__(self, frontier: Frontier, worker_id: str) -> None:
        super().__init__(frontier.experiment)
        self._frontier = frontier
        self._id = worker_id

    async def perform(self, operation: Operation[R]) -> R:
        if isinstance(operation, Complete):
            results = [msgspec.structs.replace(it, completed=self._sign(it.completed)) for it in operation.results]
            return cast("R", await self._frontier.perform(Complete(results)))
        return await self._frontier.perform(operation)

    def _sign(self, done: Completed) -> Completed:
        body = msgspec.structs.replace(unpack_body(done.body), notes=f'"{self._id}"')
        return msgspec.structs.replace(done, body=pack_body(body))


class SortsByWorker(Merger):
    """Sorts by worker first, as the blueprint's canonical order does."""

    def write(self, lines: Iterable[JournalLine]) -> MergeReport:
        return super().write(sorted(lines, key=lambda line: (line.notes, line.ticket)))


class NeverExpires(FrontierMachine):
    """Hands out each ticket once; what a killed worker held is gone."""

    def _expire(self, now_ms: int) -> None:
        return
