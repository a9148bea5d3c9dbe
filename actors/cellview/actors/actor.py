"""What one writes an actor with: the base class, and the context through which it acts."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar, TypeVarTuple, Unpack, final, overload

from structlog.typing import FilteringBoundLogger

from cellview.actors.asks import Ask, Reply, Request
from cellview.actors.cell import Cell, cell_of
from cellview.actors.clock import Clock, TimerHandle
from cellview.actors.errors import NothingToAnswer
from cellview.actors.inbox import StopOrder
from cellview.actors.origin import Origin
from cellview.actors.ref import Ref
from cellview.actors.supervision import Stop, Supervision

M = TypeVar("M")
N = TypeVar("N")
R = TypeVar("R")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Actor(Generic[M]):
    """An actor: state that only its own handler touches, and one message at a time.

    Subclass it with the type of its messages and write `receive`. `self.context` is there from `started` on, not yet
    in the constructor.

    Example:
        >>> import msgspec
        >>> class Add(msgspec.Struct, frozen=True):
        ...     amount: int
        >>> class Sum(Actor[Add]):
        ...     def __init__(self) -> None:
        ...         self.total = 0
        ...
        ...     async def receive(self, message: Add) -> None:
        ...         self.total += message.amount
    """

    context: "Context[M]"

    async def started(self) -> None:
        """Called before the first message of every incarnation; `context.incarnation` counts them from 0."""

    async def receive(self, message: M) -> None:
        """Handle one message; the next one waits until this returns."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it does with a message: write receive()")

    async def stopped(self) -> None:
        """Called at the end of every incarnation that had started, also of one that failed: release what it held."""


@final
class Timer:
    """A message to come, from `Context.call_later`."""

    __slots__ = ("_cell", "_handle")

    def __init__(self, cell: Cell, handle: TimerHandle) -> None:
        """Made by the kernel."""
        self._cell = cell
        self._handle = handle

    def cancel(self) -> None:
        """Call the message off; harmless when it was sent."""
        self._handle.cancel()
        self._cell.timers.pop(self._handle, None)


@final
class BackgroundTask:
    """Work that runs beside the handler, from `Context.run_task`."""

    __slots__ = ("_cancel",)

    def __init__(self, cancel: Callable[[], object]) -> None:
        """Made by the kernel."""
        self._cancel = cancel

    def cancel(self) -> None:
        """Cancel the work; no message comes of it then, unless it was sent already."""
        self._cancel()


@final
class Context(Generic[M]):
    """What an actor may ask of the kernel. Made by the kernel, one for each incarnation."""

    __slots__ = ("_cell", "log")

    def __init__(self, cell: Cell) -> None:
        """Made by the kernel."""
        self._cell = cell
        self.log: FilteringBoundLogger = cell.system.log.bind(actor=cell.path)

    @property
    def self(self) -> Ref[M]:
        """The actor's own ref."""
        return self._cell.ref

    @property
    def name(self) -> str:
        """The actor's name among its siblings."""
        return self._cell.name

    @property
    def path(self) -> str:
        """Names from the top, joined by `/`."""
        return self._cell.path

    @property
    def clock(self) -> Clock:
        """The system's clock; virtual in a controlled test."""
        return self._cell.system.clock

    @property
    def incarnation(self) -> int:
        """How often the actor was started anew; 0 at first."""
        return self._cell.incarnation

    @property
    def children(self) -> list[Ref[Any]]:
        """Living children, oldest first."""
        return [child.ref for child in self._cell.children.values()]

    async def spawn(
        self,
        factory: Callable[[], Actor[N]],
        *,
        name: str | None = None,
        mailbox: int = 64,
        supervision: Supervision = Stop(),  # noqa: B008  # frozen
    ) -> Ref[N]:
        """Start a child, which is stopped with this actor. As `ActorSystem.spawn`."""
        ref: Ref[N] = await self._cell.system.spawn_under(self._cell, factory, name, mailbox, supervision)
        return ref

    def watch(self, ref: Ref[Any]) -> None:
        """Have `Terminated` delivered here once `ref` is dead; at once if it is already."""
        self._cell.watch(cell_of(ref))

    def unwatch(self, ref: Ref[Any]) -> None:
        """Take a watch back."""
        self._cell.unwatch(cell_of(ref))

    def stop(self, ref: Ref[Any] | None = None) -> None:
        """Order an actor (this one if none is named) to stop after the message that it is handling. Does not wait."""
        (self._cell if ref is None else cell_of(ref)).order(StopOrder())

    def reply(self, value: object) -> bool:
        """Answer the ask being handled; False when the asker has gone, which is not an error.

        Raises:
            NothingToAnswer: the message being handled is no ask, or was answered or deferred before.
        """
        return self._take_ask().answer(value)

    @overload
    def defer_reply(self) -> Reply[Any]: ...
    @overload
    def defer_reply(self, request: Request[R]) -> Reply[R]: ...
    def defer_reply(self, request: Request[R] | None = None) -> Reply[Any]:
        """Take the right to answer the ask being handled later; naming the request types the reply.

        The asker is failed if this incarnation ends with the reply unused.

        Raises:
            NothingToAnswer: the message being handled is no ask, or was answered or deferred before.
        """
        ask = self._take_ask()
        if ask.wait is not None:
            ask.wait.live = False  # the handler no longer stands between the asker and its answer
        self._cell.owed[ask] = None
        return Reply(ask, self._cell.owed)

    def _take_ask(self) -> Ask:
        ask = self._cell.current
        if ask is None:
            raise NothingToAnswer(f"{self._cell.path}: there is no ask to answer here, or it was answered before")
        self._cell.current = None
        return ask

    def run_task(
        self,
        work: Callable[[Unpack[Ts]], Awaitable[T]],
        *args: *Ts,
        then: Callable[[T | Exception], M],
    ) -> BackgroundTask:
        """Run `work(*args)` beside the handler; its result, or its exception, becomes a message to this actor.

        The message made by `then` is put even into a full mailbox. The work is cancelled, and nothing is sent, when
        this incarnation ends. An exception out of `then` is a failure of the actor. What the work asks of others does
        not inherit the deadline of the message being handled.
        """
        cell = self._cell
        origin = Origin(cell, blocking=False)

        async def run() -> None:
            try:
                outcome: T | Exception = await work(*args)
            except Exception as error:
                outcome = error
            cell.append_own(then(outcome), origin)

        task = cell.add_task(origin, run)
        return BackgroundTask(task.cancel)

    def call_later(self, seconds: float, message: M) -> Timer:
        """Send `message` to this actor after `seconds`, unless it is cancelled or the incarnation ends."""
        if not seconds >= 0:
            raise ValueError(f"seconds is {seconds}; a message can only be sent in the future")
        cell = self._cell

        def fire() -> None:
            cell.timers.pop(handle, None)
            cell.append_own(message, None)

        handle = cell.call_at(cell.now() + seconds, fire)
        cell.timers[handle] = None
        return Timer(cell, handle)


def incarnations(factory: Callable[[], Actor[M]]) -> Callable[[Cell], Actor[M]]:
    """For the kernel: how a cell makes each incarnation, with the context through which it acts."""

    def make(cell: Cell) -> Actor[M]:
        actor = factory()
        actor.context = Context(cell)
        return actor

    return make
