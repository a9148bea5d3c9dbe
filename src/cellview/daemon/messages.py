"""What dispatcher and runners say to each other, and what the front asks of the dispatcher."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cellview.actors import Request, Terminated
from cellview.daemon.records import ExperimentStatus
from cellview.daemon.states import ExperimentStep
from cellview.daemon.wire import Command, Driven, Performed
from cellview.trace import SearchEntry

__all__ = [
    "Assign",
    "CountWorkers",
    "Counts",
    "Delete",
    "DispatcherMessage",
    "Drain",
    "Ended",
    "Found",
    "Hold",
    "Interrupt",
    "Job",
    "Limits",
    "Pin",
    "Ready",
    "RunnerMessage",
    "Take",
    "TimeIsUp",
    "Wake",
    "Worked",
]


class Job(msgspec.Struct, frozen=True):
    """A point in a runner's hands, or (without a number) a whole experiment in another driver's."""

    experiment: int
    number: int | None
    failures: int


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker may do.

    Args:
        stall_s: Without a sign of life for so long, it counts as hung.
        memory_bytes: What it may take, with all that it has started; ``None``: as much as there is.
    """

    stall_s: float
    memory_bytes: int | None


class Assign(msgspec.Struct, frozen=True):
    """To a runner: run this."""

    job: Job
    command: Command


class Interrupt(msgspec.Struct, frozen=True):
    """To a runner: end the worker that has this job, if it still has it."""

    job: Job


class Worked(msgspec.Struct, frozen=True):
    """A runner's own work came to this."""

    job: Job
    result: Performed | Driven | Exception


RunnerMessage: TypeAlias = Assign | Interrupt | Worked


class Ready(msgspec.Struct, frozen=True):
    """From a runner: a worker is there. What an earlier incarnation had in hands is lost."""

    runner: str


class Ended(msgspec.Struct, frozen=True):
    """From a runner: a job came to its end, or to nothing."""

    runner: str
    job: Job
    result: Performed | Driven | Exception


class Found(msgspec.Struct, frozen=True):
    """From a runner: another driver has brought a result."""

    job: Job
    entry: SearchEntry


class Wake(msgspec.Struct, frozen=True):
    """To the dispatcher: there may be something to begin."""


class TimeIsUp(msgspec.Struct, frozen=True):
    """To the dispatcher: what still runs has had its time."""


class Take(Request[ExperimentStatus], frozen=True):
    """Pause, resume or cancel an experiment."""

    experiment: int
    step: ExperimentStep


class Pin(Request[ExperimentStatus], frozen=True):
    """Say whether an experiment may be removed."""

    experiment: int
    pinned: bool


class Delete(Request[None], frozen=True):
    """Remove an experiment that has ended, its folder first; `why` stands in the event when nobody asked for it."""

    experiment: int
    why: str | None = None


class Hold(msgspec.Struct, frozen=True):
    """To the dispatcher: begin nothing as long as this reason stands; ``None``: it stands no longer."""

    reason: str | None


class Drain(Request[None], frozen=True):
    """Begin nothing more; answered when nothing runs, and every folder is closed."""

    deadline_s: float


class Counts(msgspec.Struct, frozen=True):
    """Runners, those that have a job, and why none is given another."""

    workers: int
    busy: int
    held: str | None


class CountWorkers(Request[Counts], frozen=True):
    """How many runners have a live worker, and how many are busy."""


DispatcherMessage: TypeAlias = (
    Ready | Ended | Found | Wake | TimeIsUp | Take | Pin | Delete | Hold | Drain | CountWorkers | Terminated
)
