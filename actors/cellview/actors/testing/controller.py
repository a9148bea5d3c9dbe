"""The dispatcher of a controlled run: one choice at a time, each when everything else has come to rest.

An actor that has something to take waits for its turn. When no callback is ready, the loop asks `step`, which lets one
actor have its turn or lets the clock jump to the next timer. So deliveries and timers are the only choice points.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any

from cellview.actors.asks import Ask, Envelope
from cellview.actors.cell import Cell
from cellview.actors.ref import expire
from cellview.actors.system import give_up
from cellview.actors.testing.errors import Deadlock, InjectedCrash, Livelock, Uncontrolled
from cellview.actors.testing.interventions import (
    Cancel,
    Crash,
    Delay,
    DropReply,
    Duplicate,
    Hold,
    Intervention,
)
from cellview.actors.testing.loop import ControlledLoop
from cellview.actors.testing.record import Delivery
from cellview.actors.testing.schedulers import CLOCK, Fifo, Scheduler
from cellview.actors.testing.waits import wait_for_graph


class _Plan:
    """What is to be done to one actor, and how far it has come."""

    __slots__ = ("asks", "at_ask", "at_await", "at_delivery", "awaits", "deliveries")

    def __init__(self) -> None:
        self.at_delivery: dict[int, list[Intervention]] = {}
        self.at_ask: dict[int, Intervention] = {}
        self.at_await: dict[int, Intervention] = {}
        self.deliveries = self.asks = self.awaits = 0


class Controller:
    """Controls all systems that are started on one `ControlledLoop`."""

    def __init__(
        self,
        loop: ControlledLoop,
        *,
        scheduler: Scheduler,
        interventions: Sequence[Intervention],
        early_timers: bool,
        early_deadlines: bool,
        deadlines_fire: bool,
        max_deliveries: int,
        footprints: bool,
    ) -> None:
        """See `run_controlled` for the settings."""
        self.loop = loop
        self.choices: list[str] = []
        self.deliveries: list[Delivery] = []
        self.used: dict[Intervention, None] = {}
        self.violation: Uncontrolled | None = None
        self.free = False  # set while the ruins of a failed run are cleared away
        self._scheduler = None if type(scheduler) is Fifo else scheduler
        self._early_timers = early_timers
        self._early_deadlines = early_deadlines
        self._deadlines_fire = deadlines_fire
        self._max_deliveries = max_deliveries
        self._waiting: dict[Cell, asyncio.Future[None]] = {}
        self._held: dict[Cell, int] = {}  # until so many deliveries were made in all
        self._delayed: dict[Cell, None] = {}
        self._plans: dict[str, _Plan] = {}
        self._due: dict[Cell, list[Intervention]] = {}
        self._made = 0
        self._record = footprints
        self._here = -1  # the delivery whose consequences are running; -1 before the first and after a timer
        self._sent_in: dict[Envelope, int] = {}
        self._cells: dict[Cell, None] = {}
        self._arrange(interventions)

    def _arrange(self, interventions: Sequence[Intervention]) -> None:
        for what in interventions:
            plan = self._plans.setdefault(what.actor, _Plan())
            match what:
                case DropReply():
                    plan.at_ask[what.at] = what
                case Cancel():
                    plan.at_await[what.at] = what
                case _:
                    plan.at_delivery.setdefault(what.at, []).append(what)

    # ---- called by the kernel -------------------------------------------------------------------------------------

    async def turn(self, cell: Cell) -> None:
        """Wait until the scheduler lets this actor take its next message."""
        if self.free:
            return
        turn: asyncio.Future[None] = self.loop.create_future()
        self._waiting[cell] = turn
        self._cells[cell] = None
        if self._plans:
            plan = self._plans.get(cell.path)
            if plan is not None and self._next(cell) is not None:
                self._impede(cell, plan)
        try:
            await turn
        finally:
            self._waiting.pop(cell, None)
            self._held.pop(cell, None)
            self._delayed.pop(cell, None)

    def sent(self, cell: Cell, envelope: Envelope | None) -> None:
        """Remember, for the reduction of commuting deliveries, in which step a message was sent and to whom."""
        if not self._record:
            return
        here = self._here
        if here >= 0:
            self.deliveries[here].touched[cell.path] = None
        if envelope is not None:
            self._sent_in[envelope] = here
            if envelope.ask is not None:
                asker = "<main>" if envelope.origin is None else envelope.origin.cell.path
                envelope.ask.future.add_done_callback(lambda _: self._touch(asker))

    def _touch(self, name: str) -> None:
        if self._here >= 0:
            self.deliveries[self._here].touched[name] = None

    async def handle(self, cell: Cell, envelope: Envelope, receive: Callable[[Any], Awaitable[None]]) -> None:
        """Run the handler, with what was planned for it."""
        plan = self._plans.get(cell.path)
        if plan is None:
            await receive(envelope.message)
            return
        for what in self._due.pop(cell, ()):
            self.used[what] = None
            if isinstance(what, Crash):
                raise InjectedCrash(f"crash injected in place of delivery {what.at} to {what.actor}")
            if isinstance(what, Duplicate):
                cell.queue.appendleft(_copy(envelope))
        if envelope.ask is not None:
            drop = plan.at_ask.get(plan.asks)
            plan.asks += 1
            if drop is not None:
                self.used[drop] = None
                self._deadlines_fire = True  # someone will now wait in vain, and only a deadline can help
                cell.current = _detached(envelope.ask)
        if plan.at_await:
            await _Interrupter(self, cell, plan, receive(envelope.message))
        else:
            await receive(envelope.message)

    def violated(self, error: Uncontrolled) -> None:
        """Something uncontrolled happened; the run fails even if the actor survives the exception."""
        if self.violation is None:
            self.violation = error

    # ---- called by the loop ---------------------------------------------------------------------------------------

    def step(self, timer: asyncio.TimerHandle | None) -> bool:
        """Make one choice; True when it is to let the clock jump to `timer`."""
        if self.violation is not None and not self.free:
            raise self.violation
        waiting = self._waiting
        if self.free:
            return self._let_go(timer)
        if self._held or self._delayed:
            ready = [cell for cell in waiting if cell not in self._delayed and self._held.get(cell, 0) <= self._made]
            if not ready:
                ready = [cell for cell in waiting if cell not in self._delayed][:1]
        elif self._scheduler is None and waiting:
            self._deliver(next(iter(waiting)))
            return False
        else:
            ready = list(waiting)
        if not ready:
            self._require_progress(timer)
            return self._jump()
        if self._scheduler is None:
            self._deliver(ready[0])
            return False
        names = [cell.path for cell in ready]
        if timer is not None and self._may_fire_early(timer):
            names.append(CLOCK)
        place = self._scheduler.choose(names)
        if place == len(ready):
            return self._jump()
        self._deliver(ready[place])
        return False

    def _jump(self) -> bool:
        self.choices.append(CLOCK)
        self._here = -1
        return True

    def _may_fire_early(self, timer: asyncio.TimerHandle) -> bool:
        return self._early_deadlines if _is_deadline(timer) else self._early_timers

    def _require_progress(self, timer: asyncio.TimerHandle | None) -> None:
        scheduler = self._scheduler
        if timer is not None and (
            self._deadlines_fire or any(not _is_deadline(pending) for pending in self.loop.pending_timers())
        ):
            if scheduler is not None:
                scheduler.choose([CLOCK])
            return
        why = "nothing can happen any more" if timer is None else "only deadlines are left to happen"
        raise Deadlock(f"deadlock after {self._made} deliveries: {why}\n{wait_for_graph(self.loop, self._cells)}")

    def _let_go(self, timer: asyncio.TimerHandle | None) -> bool:
        for turn in list(self._waiting.values()):
            if not turn.done():
                turn.set_result(None)
                return False
        if timer is None:
            raise Deadlock("nothing more can be cleared away")
        return True

    def _deliver(self, cell: Cell) -> None:
        self._made += 1
        if self._made > self._max_deliveries:
            raise Livelock(f"more than {self._max_deliveries} deliveries, the last ones to {self._recent()}")
        self.choices.append(cell.path)
        envelope = self._next(cell)
        message: object = None
        sender: str | None = None
        if envelope is not None:
            message, sender = envelope.message, envelope.sender
            plan = self._plans.get(cell.path)
            if plan is not None:
                due = plan.at_delivery.get(plan.deliveries)
                if due is not None:
                    self._due[cell] = due
                plan.deliveries += 1
        delivery = Delivery(cell.path, sender, message)
        if self._record:
            delivery.touched = {cell.path: None}
            if envelope is not None:
                delivery.caused_by = self._sent_in.get(envelope, -1)
        self._here = len(self.deliveries)
        self.deliveries.append(delivery)
        turn = self._waiting.pop(cell)
        if not turn.done():
            turn.set_result(None)

    def _recent(self) -> str:
        return ", ".join(dict.fromkeys(delivery.actor for delivery in self.deliveries[-50:]))

    def _impede(self, cell: Cell, plan: _Plan) -> None:
        for what in plan.at_delivery.get(plan.deliveries, ()):
            if isinstance(what, Hold):
                self._held[cell] = self._made + what.deliveries
                self.used[what] = None
            elif isinstance(what, Delay):
                self._delayed[cell] = None
                self.loop.call_later(what.seconds, self._delayed.pop, cell, None)
                self.used[what] = None

    def _next(self, cell: Cell) -> Envelope | None:
        """What the actor will take; None for an order of the kernel, which interventions leave alone."""
        if cell.control:
            item = cell.control[0]
            return item if isinstance(item, Envelope) else None
        return cell.queue[0] if cell.queue else None

    def strike(self, plan: _Plan) -> Cancel | None:
        """The cancellation that is due at this await, if any."""
        what = plan.at_await.get(plan.awaits)
        plan.awaits += 1
        if not isinstance(what, Cancel):
            return None
        self.used[what] = None
        return what


class _Interrupter:
    """Awaits a handler and cancels it at a chosen await."""

    def __init__(self, controller: Controller, cell: Cell, plan: _Plan, handler: Awaitable[None]) -> None:
        self._controller = controller
        self._cell = cell
        self._plan = plan
        self._handler = handler

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._handler.__await__()
        try:
            awaited = next(steps)
            while True:
                what = self._controller.strike(self._plan)
                if what is not None:
                    awaited = steps.throw(asyncio.CancelledError(f"await {what.at} of {what.actor} was cancelled"))
                    continue
                try:
                    sent = yield awaited
                except BaseException as error:  # cancellation, handed to the handler as a task would do
                    awaited = steps.throw(error)
                else:
                    awaited = steps.send(sent)
        except StopIteration:
            return


def _is_deadline(timer: asyncio.TimerHandle) -> bool:
    return getattr(timer, "_callback", None) in (expire, give_up)


def _detached(ask: Ask) -> Ask:
    """An ask whose answer nobody hears."""
    future: asyncio.Future[Any] = ask.future.get_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return Ask(future, ask.deadline, None)


def _copy(envelope: Envelope) -> Envelope:
    ask = None if envelope.ask is None else _detached(envelope.ask)
    return type(envelope)(envelope.message, ask, envelope.origin, envelope.log, envelope.sent_at)
