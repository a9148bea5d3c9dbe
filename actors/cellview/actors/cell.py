"""The runtime of one actor: the one task that serves all its incarnations, and what happens when it fails or stops.

States: starting -> running -> (restarting -> running)* -> stopping -> dead.

The mailbox is a deque and the actor's loop waits on one future, because an anyio memory stream costs several
microseconds a hop. Tasks are asyncio's own rather than an anyio task group's, because every actor starts in a clean
context (anyio cannot give one to a task) and dies alone; anyio's scopes and groups work inside handlers as usual.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context as Vars
from typing import Any, Self, cast

from cellview.actors.asks import Ask, Envelope
from cellview.actors.body import Behaviour, Body
from cellview.actors.counters import Counters
from cellview.actors.errors import ActorFailed, ActorStopped, ChildFailed, InterruptedHandler, NoReply, SpawnFailed
from cellview.actors.home import Home
from cellview.actors.inbox import FailOrder, StopOrder
from cellview.actors.origin import ORIGIN, Wait
from cellview.actors.ref import Ref, inbox_of
from cellview.actors.supervision import Budget, Supervision

FAIR_BURST = 64  # messages handled in a row before other tasks get a turn


class Cell(Body):
    """Everything the kernel knows of one actor."""

    def __init__(
        self,
        system: Home,
        parent: Self | None,
        name: str,
        make: "Callable[[Cell], Behaviour]",
        capacity: int,
        supervision: Supervision,
    ) -> None:
        """Prepare; `start` makes the task, and `make` each incarnation."""
        super().__init__(system, parent, name, capacity)
        self.make = make
        self.budget = Budget(supervision)
        self.incarnation = 0
        self.current: Ask | None = None
        self.handling: Envelope | None = None
        self.killed = False
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.received = self.failed = self.restarts = 0
        self.waited_s = self.longest_wait_s = 0.0
        self.task: asyncio.Task[None] | None = None

    # ---- what others may do ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Make the actor's task, in a clean context that only knows who is sending."""
        variables = Vars()
        variables.run(ORIGIN.set, self.origin)
        self.task = self.loop.create_task(self._live(), name=f"actor {self.path}", context=variables)
        # A task that is cancelled before its first step runs no code.
        self.task.add_done_callback(lambda _: self._bury())

    async def be_ready(self) -> Ref[Any]:
        """Wait until the first incarnation has started; end it if the spawner is cancelled meanwhile."""
        origin = ORIGIN.get()
        waits: dict[Wait, None] = {} if origin is None or not origin.blocking else origin.waits
        wait = Wait("the start of", self)
        waits[wait] = None
        try:
            await asyncio.shield(self.ready)
        except asyncio.CancelledError:
            self.kill()
            raise
        except SpawnFailed:
            await self.wait_dead()  # its children too are gone when the spawner hears of it
            raise
        finally:
            del waits[wait]
        return self.ref

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
        under_way = self.handling is not None or self.queue or self.control or self.senders or self.tasks
        return self.state == "running" and not under_way

    # ---- the actor's own task -------------------------------------------------------------------------------------

    async def _live(self) -> None:
        try:
            try:
                await self._begin()
            except (Exception, asyncio.CancelledError) as error:
                self._never_born(error)
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
        self.state = "starting"
        self.actor = self.make(self)
        await self.actor.started()
        self.state = "running"

    def _never_born(self, error: BaseException) -> None:
        self.actor = None
        failure = SpawnFailed(f"{self.path} could not start: {error!r}")
        failure.__cause__ = error
        self.reason = failure
        self._disappoint(failure)

    def _disappoint(self, failure: SpawnFailed) -> None:
        """Tell the spawner that there will be no actor, if it still waits."""
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
                envelope: Envelope = item
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
                    self._no_reply(self.current, envelope)
            self.current = None
            self.handling = None

    def _no_reply(self, ask: Ask, envelope: Envelope) -> None:
        kind = type(envelope.message).__name__
        ask.fail(NoReply(f"{self.path} handled {kind} without reply() or defer_reply(); correct its receive()"))

    # ---- failure --------------------------------------------------------------------------------------------------

    def _as_failure(self, error: BaseException) -> Exception:
        """What to treat as the actor's failure; a cancellation that the kernel ordered goes on instead."""
        if isinstance(error, Exception):
            return error
        if self.killed:
            raise error
        interrupted = InterruptedHandler(f"{self.path} was cancelled inside a handler")
        interrupted.__cause__ = error
        return interrupted

    async def _fail(self, error: Exception, envelope: Envelope | None) -> bool:
        """Follow the supervision's order after a failure; True when a new incarnation serves on."""
        self.failed += 1
        self.state = "restarting"
        self.handling = None
        verdict = self.budget.decide(self.now())
        self._release_asker(error, envelope, retry=verdict == "restart" and self.budget.retry)
        while verdict == "restart":
            self.restarts += 1
            self.system.log.warning(
                "actor restarted", actor=self.path, cause=repr(error), restart=self.restarts, exc_info=error
            )
            await self.end_incarnation(error)
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

    def _release_asker(self, error: Exception, envelope: Envelope | None, *, retry: bool) -> None:
        """Put the message of a failure back if it shall be tried again; otherwise fail whoever asked it."""
        ask = self.current
        self.current = None
        if retry and envelope is not None and ask is envelope.ask:
            self.queue.appendleft(envelope)  # unless it was answered or deferred; a stop on the way refuses it
        elif ask is not None:
            where = "" if envelope is None else f" while it handled {type(envelope.message).__name__}"
            failure = ActorFailed(f"{self.path} failed{where}: {error!r}")
            failure.__cause__ = error
            ask.fail(failure)

    def _escalate(self, error: Exception) -> None:
        if self.parent is None:
            self.system.fail(self.path, error)
            return
        failure = ChildFailed(f"{self.path} failed and its supervision escalates: {error!r}")
        failure.__cause__ = error
        self.parent.order(FailOrder(failure))

    # ---- the end --------------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        self.state = "stopping"
        self.handling = None
        if self.current is not None:
            self.current.fail(ActorStopped(f"{self.path} was interrupted by the stop before it answered"))
            self.current = None
        self.close()
        await self.end_incarnation(self.reason)

    def _bury(self) -> None:
        """The last step, without an await: nobody may be left waiting for a dead actor."""
        if self.state == "dead":
            return
        self.state = "dead"
        self.close()
        self.fail_owed(self.reason)
        for task in self.tasks:
            task.cancel()
        self.tell_watchers()
        self.system.forget(self.path)
        if self.parent is not None:
            self.parent.children.pop(self.name, None)
        self._disappoint(SpawnFailed(f"{self.path} was stopped before it could start"))
        if not self.dead.done():
            self.dead.set_result(None)
        self.system.someone_is_idle()


def cell_of(ref: Ref[Any]) -> Cell:
    """For the kernel and the test kit: the runtime behind a ref."""
    return cast("Cell", inbox_of(ref))  # only a cell makes refs
