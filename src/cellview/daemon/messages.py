"""What dispatcher and runners say to each other, and what the front asks of the dispatcher."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cellview.actors import Request, Terminated
from cellview.daemon.records import ExperimentStatus
from cellview.daemon.states import ExperimentStep
from cellview.daemon.wire import Perform, Performed

__all__ = [
    "Assign",
    "CountWorkers",
    "Counts",
    "Delete",
    "DispatcherMessage",
    "Drain",
    "Ended",
    "Interrupt",
    "Job",
    "Ready",
    "RunnerMessage",
    "Take",
    "TimeIsUp",
    "Wake",
    "Worked",
]


class Job(msgspec.Struct, frozen=True):
    """A point in a runner's hands."""

    experiment: int
    number: int
    failures: int


class Assign(msgspec.Struct, frozen=True):
    """To a runner: run this."""

    job: Job
    command: Perform


class Interrupt(msgspec.Struct, frozen=True):
    """To a runner: end the worker that has this job, if it still has it."""

    job: Job


class Worked(msgspec.Struct, frozen=True):
    """A runner's own work came to this."""

    job: Job
    result: Performed | Exception


RunnerMessage: TypeAlias = Assign | Interrupt | Worked


class Ready(msgspec.Struct, frozen=True):
    """From a runner: a worker is there. What an earlier incarnation had in hands is lost."""

    runner: str


class Ended(msgspec.Struct, frozen=True):
    """From a runner: a job came to its end, or to nothing."""

    runner: str
    job: Job
    result: Performed | Exception


class Wake(msgspec.Struct, frozen=True):
    """To the dispatcher: there may be something to begin."""


class TimeIsUp(msgspec.Struct, frozen=True):
    """To the dispatcher: what still runs has had its time."""


class Take(Request[ExperimentStatus], frozen=True):
    """Pause, resume or cancel an experiment."""

    experiment: int
    step: ExperimentStep


class Delete(Request[None], frozen=True):
    """Remove an experiment that has ended, its folder first."""

    experiment: int


class Drain(Request[None], frozen=True):
    """Begin nothing more; answered when nothing runs, and every folder is closed."""

    deadline_s: float


class Counts(msgspec.Struct, frozen=True):
    """Runners, and those that have a job."""

    workers: int
    busy: int


class CountWorkers(Request[Counts], frozen=True):
    """How many runners have a live worker, and how many are busy."""


DispatcherMessage: TypeAlias = Ready | Ended | Wake | TimeIsUp | Take | Delete | Drain | CountWorkers | Terminated
