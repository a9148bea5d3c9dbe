"""A small typed actor kernel: bounded mailboxes, asks with deadlines, supervision, death-watch, and an orderly end.

It runs on asyncio alone: the hot path stands on asyncio's futures. anyio's scopes and task groups work inside handlers.
`cellview.actors.testing` runs the same actors under a scheduler of the test's choice.

The layers, from the bottom: `origin` (who sends and waits), `asks`, `inbox`, `ref`, `body` (family, timers, debts),
`cell` (the task that lives an actor), `actor`, `system`. None imports from above, not even for its types.
"""

from cellview.actors.actor import Actor, BackgroundTask, Context, Timer
from cellview.actors.asks import Reply, Request
from cellview.actors.clock import Clock, LoopClock, TimerHandle
from cellview.actors.counters import Counters
from cellview.actors.dispatch import Dispatcher
from cellview.actors.errors import (
    ActorError,
    ActorFailed,
    ActorStopped,
    AskCycle,
    AskError,
    ChildFailed,
    DeadlineExceeded,
    InterruptedHandler,
    NameTaken,
    NoReply,
    NothingToAnswer,
    NotRunning,
    SpawnFailed,
    SystemFailed,
)
from cellview.actors.messages import DeadLetter, Terminated
from cellview.actors.ref import Ref
from cellview.actors.supervision import Escalate, Restart, Stop, Supervision
from cellview.actors.system import ActorSystem, DrainReport
from cellview.base.groups import unwrapped

__all__ = [
    "Actor",
    "ActorError",
    "ActorFailed",
    "ActorStopped",
    "ActorSystem",
    "AskCycle",
    "AskError",
    "BackgroundTask",
    "ChildFailed",
    "Clock",
    "Context",
    "Counters",
    "DeadLetter",
    "DeadlineExceeded",
    "Dispatcher",
    "DrainReport",
    "Escalate",
    "InterruptedHandler",
    "LoopClock",
    "NameTaken",
    "NoReply",
    "NotRunning",
    "NothingToAnswer",
    "Ref",
    "Reply",
    "Request",
    "Restart",
    "SpawnFailed",
    "Stop",
    "Supervision",
    "SystemFailed",
    "Terminated",
    "Timer",
    "TimerHandle",
    "unwrapped",
]
