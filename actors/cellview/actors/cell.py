"""The runtime of one actor: its mailbox, its task, its children, and what happens when it fails or stops.

States: starting -> running -> (restarting -> running)* -> stopping -> dead. One task serves all incarnations.

The mailbox is a deque and the actor's loop waits on one future, because an anyio memory stream costs several
microseconds a hop. Tasks are asyncio's own rather than an anyio task group's, because every actor starts in a clean
context (anyio cannot give one to a task) and dies alone; anyio's scopes and groups work inside handlers as usual.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context as Vars
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from cellview.actors.asks import Ask, Envelope
from cellview.actors.counters import Counters
from cellview.actors.errors import (
    ActorError,
    ActorFailed,
    ActorStopped,
    AskError,
    ChildFailed,
    InterruptedHandler,
    NoReply,
    SpawnFailed,
)
from cellview.actors.messages import Terminated
from cellview.actors.origin import ORIGIN, Origin, Wait, chain_to, log_context
from cellview.actors.ref import Ref, make_ref
from cellview.actors.supervision import Budget, Supervision

if TYPE_CHECKING:
    from cellview.actors.actor import Actor
    from cellview.actors.system import ActorSystem

FAIR_BURST = 64  # messages handled in a row before other tasks get a turn


class StopOrder:
    """Control message: stop in good order."""


class FailOrder:
    """Control message: fail with this error, as if the handler had raised it."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        """Carry the failure."""
        self.error = error


class Cell:
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
        self.system = system
        self.parent = parent
        self.name = name
        self.path: str = name if parent is None else f"{parent.path}/{name}"
        self.factory = factory
        self.capacity = capacity
        self.budget = Budget(supervision)
        self.loop = system.loop
        self.now = system.clock.now
        self.call_at = system.clock.call_at
        self.dispatcher = system.dispatcher
        self.ref = make_ref(self)
        self.origin = Origin(self, blocking=True)
        self.queue: deque[Envelope] = deque()
        self.control: deque[StopOrder | FailOrder | Envelope] = deque()
        self.senders: deque[tuple[Envelope, asyncio.Future[None]]] = deque()
        self.wake: asyncio.Future[None] | None = None
        self.open = True
        self.fast = self.dispatcher is None  # whether a ref may put into the queue itself
        self.state = "starting"
        self.actor: Actor[Any] | None = None
        self.incarnation = 0
        self.current: Ask | None = None
        self.owed: dict[Ask, None] = {}
        self.children: dict[str, Cell] = {}
        self.watchers: dict[Cell, None] = {}
        self.watched: dict[Cell, None] = {}
        self.tasks: dict[asyncio.Task[None], None] = {}
        self.timers: dict[Any, None] = {}
        self.reason: Exception | None = None
        self.killed = False
        self.handling: Envelope | None = None
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.dead: asyncio.Future[None] = self.loop.create_future()
        self.received = self.failed = self.restarts = self.expired = self.over_capacity = 0
        self.waited_s = self.longest_wait_s = 0.0
        self.task: asyncio.Task[None] | None = None

    # ---- what others may do ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Make the actor's task, in a clean context that only knows who is sending."""
        variables = Vars()
        variables.run(ORIGIN.set, self.origin)
        self.task = self.loop.create_task(self._live(), name=f"actor {self.path}", context=variables)

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

    async def put(self, envelope: Envelope) -> None:
        """The long way into the mailbox: a dead actor, a full mailbox, or a dispatcher that wants to know."""
        if not self.open:
            self.refuse(envelope)
            return
        if len(self.queue) < self.capacity and not self.senders:
            self.append(envelope)
            return
        origin = envelope.origin
        blocking = origin is not None and origin.blocking
        if blocking and origin is not None and chain_to(self, origin.cell) is not None:
            # Waiting would be a deadlock, dropping would be a loss, raising would crash a sender that did no wrong.
            self.over_capacity += 1
            self.system.log.warning("mailbox over its bound to break a cycle of waits", actor=self.path)
            self.append(envelope)
            return
        await self._wait_for_room(envelope, origin if blocking else None)

    async def _wait_for_room(self, envelope: Envelope, origin: Origin | None) -> None:
        room: asyncio.Future[None] = self.loop.create_future()
        entry = (envelope, room)
        self.senders.append(entry)
        wait = Wait("room in the mailbox of", self)
        if origin is not None:
            origin.waits[wait] = None
        if envelope.ask is not None:
            envelope.ask.room = room
        try:
            await room
        finally:
            if origin is not None:
                del origin.waits[wait]
            if entry in self.senders:  # cancelled, or too late: the message was not sent
                self.senders.remove(entry)
            if envelope.ask is not None:
                envelope.ask.room = None

    def append(self, envelope: Envelope) -> None:
        """Put into the mailbox, beyond its bound if need be; used for what must not be lost or wait."""
        if not self.open:
            self.refuse(envelope)
            return
        self.queue.append(envelope)
        self.notify()
        if self.dispatcher is not None:
            self.dispatcher.sent(self, envelope)

    def append_own(self, message: object, origin: Origin | None) -> None:
        """Put a message of the actor's own making: a timer's, or a background task's result."""
        log = None if origin is None else log_context(origin)
        self.append(Envelope(message, None, self.origin if origin is None else origin, log, self.now()))

    def order(self, item: StopOrder | FailOrder | Envelope) -> None:
        """Put a control message, which comes before all user messages."""
        if not self.open:
            if isinstance(item, Envelope):
                self.refuse(item)
            return
        self.control.append(item)
        self.notify()
        if self.dispatcher is not None:
            self.dispatcher.sent(self, item if isinstance(item, Envelope) else None)

    def notify(self) -> None:
        """Wake the loop if it sleeps."""
        wake = self.wake
        if wake is not None:
            self.wake = None
            if not wake.done():
                wake.set_result(None)

    def refuse(self, envelope: Envelope) -> None:
        """What a dead actor does with a message."""
        why = "the actor is dead" if self.reason is None else f"the actor died of {self.reason!r}"
        if envelope.ask is None:
            self.system.dead_letter(self.path, envelope.sender, envelope.message, why)
            return
        error = ActorStopped(f"{self.path} did not answer {type(envelope.message).__name__}: {why}")
        error.__cause__ = self.reason
        envelope.ask.fail(error)

    def take_back(self, envelope: Envelope) -> None:
        """Remove a request whose asker has gone, if its handling was not begun."""
        ask = envelope.ask
        if ask is not None:
            if not ask.future.cancel() and not ask.future.cancelled():
                ask.future.exception()  # marks it as seen: the asker left while the answer was on its way
            self.owed.pop(ask, None)
        for place, waiting in enumerate(self.queue):
            if waiting is envelope:
                del self.queue[place]
                self.expired += 1
                self._admit()
                self.system.someone_is_idle()
                return

    def settle(self, ask: Ask) -> None:
        """An owed answer is being given."""
        self.owed.pop(ask, None)

    def watch(self, other: "Cell") -> None:
        """Have `Terminated` delivered here when `other` is dead, also if it is already."""
        if not other.open and other.state == "dead":
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
        except ActorError as fatal:
            self.reason = fatal
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
                    self._admit()
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
                if isinstance(error, asyncio.CancelledError):
                    if self.killed:
                        raise
                    interrupted = InterruptedHandler(f"{self.path} was cancelled inside a handler")
                    interrupted.__cause__ = error
                    error = interrupted
                if not await self._fail(error, envelope):
                    return
            else:
                if self.current is not None:
                    self._no_reply(envelope)
            self.current = None
            self.handling = None

    def _admit(self) -> None:
        """Let those who wait for room in, in their order."""
        while self.senders and len(self.queue) < self.capacity:
            envelope, room = self.senders.popleft()
            if room.done():
                continue  # cancelled or too late, and about to say so
            room.set_result(None)
            self.append(envelope)

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
            except Exception as again:
                self.failed += 1
                self.actor = None
                error = again
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
        await self._discard(self.reason)

    def _bury(self) -> None:
        """The last step, without an await: nobody may be left waiting for a dead actor."""
        self.open = False
        self.fast = False
        self.state = "dead"
        for task in self.tasks:
            task.cancel()
        if self.current is not None:
            self.current.fail(ActorStopped(f"{self.path} was interrupted by the stop before it answered"))
            self.current = None
        letters = [item for item in self.control if isinstance(item, Envelope)] + list(self.queue)
        self.control.clear()
        self.queue.clear()
        for envelope, room in self.senders:
            letters.append(envelope)
            if not room.done():
                room.set_result(None)
        self.senders.clear()
        for envelope in letters:
            if not isinstance(envelope.message, Terminated):
                self.refuse(envelope)
        for watcher in self.watchers:
            watcher.watched.pop(self, None)
            watcher.order(watcher._notice(Terminated(self.ref, self.reason)))
        self.watchers.clear()
        self.system.forget(self)
        if not self.ready.done():
            self.ready.cancel()
        if not self.dead.done():
            self.dead.set_result(None)
        self.system.someone_is_idle()

    def _notice(self, message: Terminated) -> Envelope:
        return Envelope(message, None, None, None, self.now())

    # ---- what the context asks for --------------------------------------------------------------------------------

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
