"""The runtime of one actor: its mailbox, its task, its children, and what happens when it fails or stops.

States: starting -> running -> (restarting -> running)* -> stopping -> dead. One task serves all incarnations.

The mailbox is a deque and the actor's loop waits on one future, because an anyio memory stream costs several
microseconds a hop. Tasks are asyncio's own rather than an anyio task group's, because every actor starts in a clean
context (anyio cannot give one to a task) and dies alone; anyio's scopes and groups work inside handlers as usual.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context as Vars
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from cellview.actors.asks import Ask, Envelope
from cellview.actors.counters import Counters
from cellview.actors.errors import (
    ActorFailed,
    ActorStopped,
    AskError,
    ChildFailed,
    InterruptedHandler,
    NoReply,
    SpawnFailed,
)
from cellview.actors.inbox import FailOrder, Inbox, StopOrder
from cellview.actors.messages import Terminated
from cellview.actors.origin import ORIGIN, Origin, Wait, log_context
from cellview.actors.ref import Ref, make_ref
from cellview.actors.supervision import Budget, Supervision

if TYPE_CHECKING:
    from cellview.actors.actor import Actor
    from cellview.actors.system import ActorSystem

FAIR_BURST = 64  # messages handled in a row before other tasks get a turn


class Cell(Inbox):
    """Everything the kernel knows of one actor."""

    def __init__(
        self,
        system: "ActorSystem",
        parent: "Cell | None",
        name: str,
        factory: "Callable[[], Actor[Any]]",
        capacity: int,
        supervision: Supervision,
    ) -> None:
        """Prepare; `start` makes the task."""
        super().__init__(system, name if parent is None else f"{parent.path}/{name}", capacity)
        self.parent = parent
        self.name = name
        self.factory = factory
        self.budget = Budget(supervision)
        self.ref = make_ref(self)
        self.origin = Origin(self, blocking=True)
        self.state = "starting"
        self.actor: Actor[Any] | None = None
        self.incarnation = 0
        self.current: Ask | None = None
        self.children: dict[str, Cell] = {}
        self.watchers: dict[Cell, None] = {}
        self.watched: dict[Cell, None] = {}
        self.tasks: dict[asyncio.Task[None], None] = {}
        self.timers: dict[Any, None] = {}
        self.killed = False
        self.handling: Envelope | None = None
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.dead: asyncio.Future[None] = self.loop.create_future()
        self.received = self.failed = self.restarts = 0
        self.waited_s = self.longest_wait_s = 0.0
        self.task: asyncio.Task[None] | None = None

    # ---- what others may do ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Make the actor's task, in a clean context that only knows who is sending."""
        variables = Vars()
        variables.run(ORIGIN.set, self.origin)
        self.task = self.loop.create_task(self._live(), name=f"actor {self.path}", context=variables)
        self.task.add_done_callback(
            lambda _: self._bury()
        )  # a task that is cancelled before its first step runs no code

    async def be_ready(self) -> "Ref[Any]":
        """Wait until the first incarnation has started; end it if the spawner is cancelled meanwhile."""
        origin = ORIGIN.get()
        wait = Wait("the start of", self)
        blocking = origin is not None and origin.blocking
        if blocking and origin is not None:
            origin.waits[wait] = None
        try:
            await asyncio.shield(self.ready)
        except asyncio.CancelledError:
            self.kill()
            raise
        except SpawnFailed:
            await self.wait_dead()  # its children too are gone when the spawner hears of it
            raise
        finally:
            if blocking and origin is not None:
                del origin.waits[wait]
        return self.ref

    def watch(self, other: "Cell") -> None:
        """Have `Terminated` delivered here when `other` is dead, also if it is already."""
        if other.state == "dead":
            self.order(self._notice(Terminated(other.ref, other.reason)))
            return
        other.watchers[self] = None
        self.watched[other] = None

    def unwatch(self, other: "Cell") -> None:
        """Take the watch back."""
        other.watchers.pop(self, None)
        self.watched.pop(other, None)

    def kill(self) -> None:
        """Interrupt the handler and stop; a second time, interrupt the stopping too."""
        self.killed = True
        if self.task is not None and not self.task.done():
            self.task.cancel()

    def counters(self) -> Counters:
        """A reading of the counters."""
        return Counters(
            received=self.received,
            failed=self.failed,
            restarts=self.restarts,
            expired=self.expired,
            over_capacity=self.over_capacity,
            mailbox_depth=len(self.queue),
            mailbox_capacity=self.capacity,
            time_in_mailbox_s=self.waited_s,
            longest_in_mailbox_s=self.longest_wait_s,
        )

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do and nothing under way (timers do not count)."""
        if self.state == "dead":
            return True
        return (
            self.state == "running"
            and self.handling is None
            and not self.queue
            and not self.control
            and not self.senders
            and not self.tasks
        )

    # ---- the actor's own task -------------------------------------------------------------------------------------

    async def _live(self) -> None:
        try:
            try:
                await self._begin()
            except (Exception, asyncio.CancelledError) as error:
                await self._never_born(error)
                return
            self.ready.set_result(None)
            await self._serve()
        except asyncio.CancelledError:
            if not self.killed:
                raise
        except Exception as defect:  # of the kernel: what actors raise is dealt with in `_serve`
            self.reason = defect
            self.system.log.error("the kernel failed", actor=self.path, cause=repr(defect), exc_info=defect)
        finally:
            try:
                await self._end()
            finally:
                self._bury()

    async def _begin(self) -> None:
        """Construct this incarnation and let it start."""
        from cellview.actors.actor import Context  # the public module stands on this one

        self.state = "starting"
        self.actor = self.factory()
        self.actor.context = Context(self)
        await self.actor.started()
        self.state = "running"

    async def _never_born(self, error: BaseException) -> None:
        self.actor = None
        failure = SpawnFailed(f"{self.path} could not start: {error!r}")
        failure.__cause__ = error
        self.reason = failure
        if not self.ready.done():
            self.ready.set_exception(failure)
            self.ready.exception()  # the spawner may have gone

    async def _serve(self) -> None:
        # One long function on purpose: every call that it does not make is a twentieth of a message's whole cost.
        queue, control, dispatcher = self.queue, self.control, self.dispatcher
        burst = 0
        while True:
            if not queue and not control:
                burst = 0
                self.wake = self.loop.create_future()
                if self.system.waits_for_idle:
                    self.system.someone_is_idle()
                await self.wake
                continue
            if burst >= FAIR_BURST:
                burst = 0
                await asyncio.sleep(0)
            burst += 1
            if dispatcher is not None:
                await dispatcher.turn(self)
            if control:
                item = control.popleft()
                if isinstance(item, StopOrder):
                    return
                if isinstance(item, FailOrder):
                    if not await self._fail(item.error, None):
                        return
                    continue
                envelope = item
            elif queue:
                envelope = queue.popleft()
                if self.senders:
                    self.admit()
            else:  # taken back while the dispatcher thought
                continue
            now = self.now()
            waited = now - envelope.sent_at
            self.waited_s += waited
            if waited > self.longest_wait_s:
                self.longest_wait_s = waited
            ask = envelope.ask
            if ask is not None and (ask.future.done() or ask.deadline <= now):
                self.expired += 1
                continue
            self.received += 1
            origin = self.origin
            origin.deadline = None if ask is None else ask.deadline
            origin.adopt(envelope.log)
            self.current = ask
            self.handling = envelope
            try:
                if dispatcher is None:
                    await self.actor.receive(envelope.message)  # type: ignore[union-attr]  # it is running
                else:
                    await dispatcher.handle(self, envelope, self.actor.receive)  # type: ignore[union-attr]
            except (Exception, asyncio.CancelledError) as error:
                if not await self._fail(self._as_failure(error), envelope):
                    return
            else:
                if self.current is not None:
                    self._no_reply(envelope)
            self.current = None
            self.handling = None

    def _as_failure(self, error: BaseException) -> Exception:
        """What to treat as the actor's failure; a cancellation that the kernel ordered goes on instead."""
        if isinstance(error, Exception):
            return error
        if self.killed:
            raise error
        interrupted = InterruptedHandler(f"{self.path} was cancelled inside a handler")
        interrupted.__cause__ = error
        return interrupted

    def _no_reply(self, envelope: Envelope) -> None:
        if self.current is not None:
            kind = type(envelope.message).__name__
            self.current.fail(
                NoReply(f"{self.path} handled {kind} without reply() or defer_reply(); correct its receive()")
            )

    async def _fail(self, error: Exception, envelope: Envelope | None) -> bool:
        """Follow the supervision's order after a failure; True when a new incarnation serves on."""
        self.failed += 1
        self.state = "restarting"
        self.handling = None
        where = "" if envelope is None else f" while it handled {type(envelope.message).__name__}"
        verdict = self.budget.decide(self.now())
        if verdict == "restart" and self.budget.retry and envelope is not None and self.current is envelope.ask:
            self.queue.appendleft(envelope)  # unless it was answered or deferred; a stop on the way refuses it
            self.current = None
        elif self.current is not None:
            failure = ActorFailed(f"{self.path} failed{where}: {error!r}")
            failure.__cause__ = error
            self.current.fail(failure)
            self.current = None
        while verdict == "restart":
            self.restarts += 1
            self.system.log.warning(
                "actor restarted", actor=self.path, cause=repr(error), restart=self.restarts, exc_info=error
            )
            await self._discard(error)
            self.incarnation += 1
            try:
                await self._begin()
            except (Exception, asyncio.CancelledError) as again:
                self.failed += 1
                self.actor = None
                error = self._as_failure(again)
                verdict = self.budget.decide(self.now())
                continue
            return True
        self.reason = error
        self.system.log.error("actor failed", actor=self.path, cause=repr(error), supervision=verdict, exc_info=error)
        if verdict == "escalate":
            self._escalate(error)
        return False

    def _escalate(self, error: Exception) -> None:
        if self.parent is None:
            self.system.fail(self.path, error)
            return
        failure = ChildFailed(f"{self.path} failed and its supervision escalates: {error!r}")
        failure.__cause__ = error
        self.parent.order(FailOrder(failure))

    async def _discard(self, cause: Exception | None) -> None:
        """End an incarnation: its timers, background tasks, children, itself, and the answers that it owed."""
        if cause is not None:  # a failure is told at once; one who stops in good order may still answer in `stopped`
            self._default(cause)
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
        self._default(cause)

    def _default(self, cause: Exception | None) -> None:
        """Fail the askers who were promised an answer."""
        for ask in list(self.owed):
            failure: AskError = ActorFailed(f"{self.path} failed before it gave the answer it owed: {cause!r}")
            if cause is None:
                failure = ActorStopped(f"{self.path} was stopped before it gave the answer it owed")
            failure.__cause__ = cause
            ask.fail(failure)
        self.owed.clear()

    async def wait_dead(self) -> None:
        """Return when the actor is dead."""
        if not self.dead.done():
            await asyncio.shield(self.dead)

    async def _end(self) -> None:
        self.state = "stopping"
        self.handling = None
        if self.current is not None:
            self.current.fail(ActorStopped(f"{self.path} was interrupted by the stop before it answered"))
            self.current = None
        self.close()
        await self._discard(self.reason)

    def _bury(self) -> None:
        """The last step, without an await: nobody may be left waiting for a dead actor."""
        if self.state == "dead":
            return
        self.state = "dead"
        self.close()
        self._default(self.reason)
        for task in self.tasks:
            task.cancel()
        for watcher in self.watchers:
            watcher.watched.pop(self, None)
            watcher.order(watcher._notice(Terminated(self.ref, self.reason)))
        self.watchers.clear()
        self.system.forget(self)
        if not self.ready.done():
            self.ready.set_exception(SpawnFailed(f"{self.path} was stopped before it could start"))
            self.ready.exception()  # the spawner may have gone
        if not self.dead.done():
            self.dead.set_result(None)
        self.system.someone_is_idle()

    def _notice(self, message: Terminated) -> Envelope:
        return Envelope(message, None, None, None, self.now())

    # ---- what the context asks for --------------------------------------------------------------------------------

    def append_own(self, message: object, origin: Origin | None) -> None:
        """Put a message of the actor's own making: a timer's, or a background task's result."""
        log = None if origin is None else log_context(origin)
        self.append(Envelope(message, None, self.origin if origin is None else origin, log, self.now()))

    def settle(self, ask: Ask) -> None:
        """An owed answer is being given."""
        self.owed.pop(ask, None)

    def add_task(self, origin: Origin, make: "Callable[[], Any]") -> "asyncio.Task[None]":
        """Start a background task that sends as this actor and is cancelled with it."""
        variables = copy_context()
        variables.run(ORIGIN.set, origin)
        origin.context = variables.copy()
        origin.log = log_context(ORIGIN.get())
        task: asyncio.Task[None] = self.loop.create_task(make(), name=f"task of {self.path}", context=variables)
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
