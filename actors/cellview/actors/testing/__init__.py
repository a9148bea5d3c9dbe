"""Tests of actors under a scheduler of the test's choice: every run repeatable, every failure one readable line."""

from cellview.actors.testing.errors import (
    ControlledRunError,
    Deadlock,
    InjectedCrash,
    InsideALoop,
    LeftBehind,
    Livelock,
    NotAReplay,
    ReplayDiverged,
    Uncontrolled,
)
from cellview.actors.testing.explore import Exploration, explore
from cellview.actors.testing.interventions import (
    ALL_KINDS,
    SCHEDULE_ONLY,
    Cancel,
    Crash,
    Delay,
    DropReply,
    Duplicate,
    Hold,
    Intervention,
    draw,
    interventions,
)
from cellview.actors.testing.record import Delivery, Run
from cellview.actors.testing.run import ReplayFile, forget_passing_runs, replay, run_controlled
from cellview.actors.testing.schedulers import CLOCK, PCT, Fifo, Replay, Scheduler, SeededRandom

__all__ = [
    "ALL_KINDS",
    "CLOCK",
    "PCT",
    "SCHEDULE_ONLY",
    "Cancel",
    "ControlledRunError",
    "Crash",
    "Deadlock",
    "Delay",
    "Delivery",
    "DropReply",
    "Duplicate",
    "Exploration",
    "Fifo",
    "Hold",
    "InjectedCrash",
    "InsideALoop",
    "Intervention",
    "LeftBehind",
    "Livelock",
    "NotAReplay",
    "Replay",
    "ReplayDiverged",
    "ReplayFile",
    "Run",
    "Scheduler",
    "SeededRandom",
    "Uncontrolled",
    "draw",
    "explore",
    "forget_passing_runs",
    "interventions",
    "replay",
    "run_controlled",
]
