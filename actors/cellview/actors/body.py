"""What an actor has besides its mailbox: children, watches, timers, background work and debts, and how all that ends.

Most of it belongs to one incarnation and ends with it. `cell.py` adds the task that lives it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, Literal, Protocol, Self

from cellview.actors.asks import Envelope, Notice
from cellview.actors.clock import TimerHandle
from cellview.actors.errors import ActorFailed, ActorStopped, AskError
from cellview.actors.home import Home
from cellview.actors.inbox import FailOrder, Inbox, StopOrder
from cellview.actors.messages import Terminated
from cellview.actors.origin import ORIGIN, Origin, log_context
from cellview.actors.ref import make_ref

State = Literal["starting", "running", "restarting", "stopping", "dead"]


class Behaviour(Protocol):
    """What the runtime calls of an actor."""

    async def started(self) -> None:
        """Before the first message of an incarnation."""
        ...

    async def receive(self, message: Any) -> None:
        """For each message."""
        ...

    async def stopped(self) -> None:
        """At the end of an incarnation."""
        ...


class Body(Inbox):
    """An inbox with a family, a place in the tree, and work of its own."""

    def __init__(self, system: Home, parent: Self | None, name: str, capacity: int) -> None:
        """Nothing is under way yet."""
        super().__init__(system, name if parent is None else f"{parent.path}/{name}", capacity)
        self.parent = parent
        self.name = name
        self.ref = make_ref(self)
        self.origin = Origin(self, blocking=True)
        self.state: State = "starting"
        self.actor: Behaviour | None = None
        self.children: dict[str, Self] = {}
        self.watchers: dict[Body, None] = {}
        self.watched: dict[Body, None] = {}
        self.tasks: dict[asyncio.Task[None], None] = {}
        self.timers: dict[TimerHandle, None] = {}
        self.dead: asyncio.Future[None] = self.loop.create_future()

    def watch(self, other: "Body") -> None:
        """Have `Terminated` delivered here when `other` is dead, also if it is already."""
        if other.state == "dead":
            self._hear_of(other)
            return
        other.watchers[self] = None
        self.watched[other] = None

    def unwatch(self, other: "Body") -> None:
        """Take the watch back."""
        other.watchers.pop(self, None)
        self.watched.pop(other, None)

    def tell_watchers(self) -> None:
        """This one is dead: say so to all who watch it."""
        for watcher in self.watchers:
            watcher.watched.pop(self, None)
            watcher._hear_of(self)
        self.watchers.clear()

    def _hear_of(self, other: "Body") -> None:
        self.order(Notice(Terminated(other.ref, other.reason), None, None, None, self.now()))

    async def wait_dead(self) -> None:
        """Return when the actor is dead."""
        if not self.dead.done():
            await asyncio.shield(self.dead)

    def append_own(self, message: object, origin: Origin | None) -> None:
        """Put a message of the actor's own making: a timer's, or a background task's result."""
        log = None if origin is None else log_context(origin)
        self.append(Envelope(message, None, self.origin if origin is None else origin, log, self.now()))

    def add_task(self, origin: Origin, make: Callable[[], Coroutine[Any, Any, None]]) -> "asyncio.Task[None]":
        """Start a background task that sends as this actor and is cancelled with it."""
        variables = copy_context()
        variables.run(ORIGIN.set, origin)
        origin.context = variables.copy()
        origin.log = log_context(ORIGIN.get())
        task = self.loop.create_task(make(), name=f"task of {self.path}", context=variables)
        self.tasks[task] = None
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: "asyncio.Task[None]") -> None:
        known = task in self.tasks
        self.tasks.pop(task, None)
        error = None if task.cancelled() else task.exception()
        if known and isinstance(error, Exception):
            self.order(FailOrder(error))
        self.system.someone_is_idle()

    async def end_incarnation(self, cause: Exception | None) -> None:
        """End its timers, watches, background tasks, children, the instance itself, and the answers that it owed."""
        if cause is not None:  # a failure is told at once; one who stops in good order may still answer in `stopped`
            self.fail_owed(cause)
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        for other in list(self.watched):
            self.unwatch(other)
        tasks = list(self.tasks)
        self.tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for child in reversed(list(self.children.values())):
            child.order(StopOrder())
            await child.wait_dead()
        actor = self.actor
        self.actor = None
        if actor is not None:
            try:
                await actor.stopped()
            except Exception as error:
                self.system.log.error("stopped() raised", actor=self.path, cause=repr(error), exc_info=error)
        self.fail_owed(cause)

    def fail_owed(self, cause: Exception | None) -> None:
        """Fail the askers who were promised an answer."""
        for ask in list(self.owed):
            failure: AskError = ActorFailed(f"{self.path} failed before it gave the answer it owed: {cause!r}")
            if cause is None:
                failure = ActorStopped(f"{self.path} was stopped before it gave the answer it owed")
            failure.__cause__ = cause
            ask.fail(failure)
        self.owed.clear()
