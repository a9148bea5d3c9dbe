"""The system: where actors live, and what ends them all."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import msgspec
from structlog.typing import FilteringBoundLogger

from cellview.actors.actor import Actor, incarnations
from cellview.actors.cell import Cell, cell_of
from cellview.actors.clock import Clock, LoopClock
from cellview.actors.counters import Counters
from cellview.actors.describe import draw
from cellview.actors.dispatch import Dispatcher
from cellview.actors.errors import NameTaken, NotRunning, SystemFailed
from cellview.actors.inbox import StopOrder
from cellview.actors.messages import DeadLetter
from cellview.actors.ref import Ref
from cellview.actors.supervision import Stop, Supervision
from cellview.base.log import get_logger

M = TypeVar("M")
DEAD_LETTERS_KEPT = 100
LAST_WORDS_S = 1.0  # for a stop that was interrupted; one that swallows its cancellation is left alone then


class DrainReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a drain ended.

    Attributes:
        complete: everything was handled before the deadline.
        undelivered: messages that were left, by actor; they became dead letters.
        interrupted: actors whose handler, background work or stop was cut short.
    """

    complete: bool
    undelivered: dict[str, int]
    interrupted: list[str]


class ActorSystem:
    """A tree of actors with one life: `async with ActorSystem(name="search") as system: ...`.

    At the end of the block all actors are stopped, the youngest first; when the block is left by an exception their
    handlers are interrupted. Either way no task is left. The system belongs to one event loop and one thread.
    """

    def __init__(
        self,
        *,
        name: str = "actors",
        clock: Clock | None = None,
        dispatcher: Dispatcher[Any] | None = None,
        stop_deadline_s: float = 10.0,
    ) -> None:
        """Describe a system; it runs inside `async with`.

        Args:
            name: for logs and `describe`.
            clock: source of time; the event loop's if none is given.
            dispatcher: decides the order of deliveries; the test kit's event loop brings its own.
            stop_deadline_s: seconds that actors have to stop in good order at the end of the block.
        """
        if not 0 < stop_deadline_s < math.inf:
            raise ValueError(f"stop_deadline_s is {stop_deadline_s}; it must be a positive, finite number of seconds")
        self.name = name
        self.log: FilteringBoundLogger = get_logger("cellview.actors").bind(system=name)
        self.dead_letters: deque[DeadLetter] = deque(maxlen=DEAD_LETTERS_KEPT)
        self.dead_letter_count = 0
        self.dispatcher = dispatcher
        self.waits_for_idle = False
        self._given_clock = clock
        self._stop_deadline_s = stop_deadline_s
        self._cells: dict[str, Cell] = {}  # by path, oldest first
        self._state = "new"
        self._idle: asyncio.Future[None] | None = None
        self._failure: SystemFailed | None = None
        self._unnamed = 0
        self._ending = False

    async def __aenter__(self) -> Self:
        """Start the system in the running event loop."""
        if self._state != "new":
            raise NotRunning(f"system {self.name} was started before; make a new ActorSystem for a new run")
        self.loop = asyncio.get_running_loop()
        self.clock: Clock = LoopClock() if self._given_clock is None else self._given_clock
        if self.dispatcher is None:
            self.dispatcher = getattr(self.loop, "actor_dispatcher", None)
        self._scope = anyio.CancelScope()
        self._scope.__enter__()
        self._state = "running"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Stop all actors; raise what was escalated to the top, if anything was."""
        self._ending = True
        try:
            with anyio.CancelScope(shield=True):
                if error is None and self._failure is None:
                    await self._stop_all()
                self._state = "stopping"
                await self._kill_all(self.clock.now() + self._stop_deadline_s)
        finally:
            self._state = "stopped"
            swallowed = self._scope.__exit__(kind, error, trace)
        if self._failure is not None and (error is None or swallowed):
            raise self._failure
        return swallowed

    # ---- public ---------------------------------------------------------------------------------------------------

    async def spawn(
        self,
        factory: Callable[[], Actor[M]],
        *,
        name: str | None = None,
        mailbox: int = 64,
        supervision: Supervision = Stop(),  # noqa: B008  # frozen
    ) -> Ref[M]:
        """Start an actor at the top; when this returns, its `started` is done.

        Args:
            factory: makes each incarnation; nothing else may hold on to what it returns.
            name: among its siblings; made up from the factory if none is given.
            mailbox: messages that may wait before senders have to.
            supervision: what a failure does: `Stop()`, `Restart(...)` or `Escalate()`.

        Raises:
            SpawnFailed: the factory or `started` raised; nothing is left of the actor.
            NameTaken: a living sibling has that name.
            NotRunning: the system is not inside its `async with`, or the parent is stopping.
        """
        return await self.spawn_under(None, factory, name, mailbox, supervision)

    async def stop(self, ref: Ref[Any]) -> None:
        """Stop one actor and its children in good order, and wait until it is dead. Not from its own handler."""
        cell = cell_of(ref)
        cell.order(StopOrder())
        await cell.wait_dead()

    async def wait_stopped(self, ref: Ref[Any]) -> Exception | None:
        """Wait until an actor is dead; return what it died of, None if it was stopped in good order."""
        cell = cell_of(ref)
        await cell.wait_dead()
        return cell.reason

    async def drain(self, *, deadline_s: float) -> DrainReport:
        """Let the actors handle all that there is, then stop them in reverse order; one deadline for everything.

        Messages go on being taken until the system is quiet: no message waits, no handler and no background task
        runs. Pending timers are not waited for. What is left shortly before the deadline is interrupted and reported:
        the last quarter of the time, but no more than `stop_deadline_s`, is for actors to release what they hold.
        """
        if not 0 < deadline_s < math.inf:
            raise ValueError(f"deadline_s is {deadline_s}; it must be a positive, finite number of seconds")
        end = self.clock.now() + deadline_s
        last_call = end - min(self._stop_deadline_s, deadline_s / 4)
        await self._until(last_call, self._quiet())
        left = {path: len(cell.queue) for path, cell in self._cells.items() if cell.queue}
        await self._until(last_call, self._stop_all_orders())
        interrupted = list(self._cells)
        self._state = "stopping"
        await self._kill_all(end)
        return DrainReport(complete=not left and not interrupted, undelivered=left, interrupted=interrupted)

    def counters(self) -> dict[str, Counters]:
        """A reading of every living actor's counters, by path."""
        return {path: cell.counters() for path, cell in self._cells.items()}

    def describe(self) -> str:
        """The running system as a tree, one line an actor."""
        top = [cell for cell in self._cells.values() if cell.parent is None]
        return draw(f"system {self.name} ({self._state}, {len(self._cells)} actors)", top)

    # ---- for the kernel -------------------------------------------------------------------------------------------

    async def spawn_under(
        self,
        parent: Cell | None,
        factory: Callable[[], Actor[M]],
        name: str | None,
        mailbox: int,
        supervision: Supervision,
    ) -> Ref[M]:
        """Start an actor below `parent`."""
        if mailbox < 1:
            raise ValueError(f"mailbox is {mailbox}; it must have room for at least one message")
        if self._state != "running" or (parent is not None and parent.state in ("stopping", "dead")):
            raise NotRunning(f"system {self.name} is {self._state}; actors are spawned inside its `async with`")
        if name is None:
            self._unnamed += 1
            name = f"actor-{self._unnamed}"
        if not name or "/" in name:
            raise ValueError(f"an actor's name is {name!r}; it must not be empty and has no '/'")
        cell = Cell(self, parent, name, incarnations(factory), mailbox, supervision)
        if cell.path in self._cells:
            raise NameTaken(f"there is a living actor {cell.path} already; choose another name or stop it first")
        self._cells[cell.path] = cell
        if parent is not None:
            parent.children[name] = cell
        cell.start()
        return await cell.be_ready()

    def forget(self, path: str) -> None:
        """The actor of this path is dead."""
        self._cells.pop(path, None)

    def dead_letter(self, to: str, sender: str | None, message: object, reason: str) -> None:
        """Count, keep and log a message that reached nobody."""
        self.dead_letter_count += 1
        self.dead_letters.append(DeadLetter(to, sender, message, reason))
        # While the system ends, messages to those that ended first are expected; otherwise somebody ought to know.
        log = self.log.debug if self._ending else self.log.warning
        log("dead letter", to=to, sender=sender, message=type(message).__name__, reason=reason)

    def fail(self, path: str, error: Exception) -> None:
        """A failure climbed to the top: leave the block."""
        if self._failure is None:
            self._failure = SystemFailed(f"system {self.name} failed because {path} failed and escalated: {error!r}")
            self._failure.__cause__ = error
        self._scope.cancel()

    def someone_is_idle(self) -> None:
        """A cell has nothing to do; perhaps nobody has."""
        if self._idle is not None and not self._idle.done() and self._is_quiet():
            self._idle.set_result(None)

    # ---- stopping -------------------------------------------------------------------------------------------------

    def _is_quiet(self) -> bool:
        return all(cell.idle for cell in self._cells.values())

    async def _quiet(self) -> None:
        self.waits_for_idle = True
        try:
            while not self._is_quiet():
                self._idle = self.loop.create_future()
                await self._idle
        finally:
            self.waits_for_idle = False
            self._idle = None

    async def _stop_all_orders(self) -> None:
        for cell in reversed([cell for cell in self._cells.values() if cell.parent is None]):
            cell.order(StopOrder())
            await cell.wait_dead()

    async def _stop_all(self) -> None:
        await self._until(self.clock.now() + self._stop_deadline_s, self._stop_all_orders())

    async def _kill_all(self, end: float) -> None:
        """Interrupt everyone, the youngest first; who has not ended at `end` is interrupted in its stopping, too."""
        for until in (end, end + LAST_WORDS_S):
            if not self._cells:
                return
            for cell in reversed(list(self._cells.values())):
                cell.kill()
            await self._until(until, self._all_dead())
        if self._cells:
            self.log.error("actors swallow their cancellation and do not stop", actors=list(self._cells))

    async def _all_dead(self) -> None:
        for cell in list(self._cells.values()):
            await cell.wait_dead()

    async def _until(self, end: float, work: Awaitable[None]) -> bool:
        """Do `work`, but not beyond `end` on the system's clock; True when it was done."""
        task = asyncio.ensure_future(work)
        timer = self.clock.call_at(end, give_up, task)
        try:
            await asyncio.wait([task])
        finally:
            timer.cancel()
            task.cancel()
        if task.cancelled():
            return False
        task.result()
        return True


def give_up(task: "asyncio.Future[None]") -> None:
    """The callback of the deadline of a stop or drain; the test kit knows deadlines from other timers by it."""
    task.cancel()
