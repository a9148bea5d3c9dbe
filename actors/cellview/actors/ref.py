"""The address of an actor: what others hold, and all they can do with it."""

import math
from typing import Any, Generic, NoReturn, TypeVar, final

from cellview.actors.asks import Ask, Envelope, Request
from cellview.actors.errors import AskCycle, DeadlineExceeded
from cellview.actors.inbox import Inbox
from cellview.actors.origin import ORIGIN, Origin, Party, Wait, chain_to, log_context

M_contra = TypeVar("M_contra", contravariant=True)
R = TypeVar("R")


class _MadeByTheKernel(type):
    def __call__(cls, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError(f"{cls.__name__} cannot be made by hand; it comes from `ActorSystem.spawn` or `Context.spawn`")


@final
class Ref(Generic[M_contra], metaclass=_MadeByTheKernel):
    """The address of one actor, good for all of its incarnations and after its death."""

    __slots__ = ("_cell",)
    _cell: Inbox

    @property
    def name(self) -> str:
        """The actor's name among its siblings."""
        return self._cell.name

    @property
    def path(self) -> str:
        """Names from the top, joined by `/`."""
        return self._cell.path

    @property
    def alive(self) -> bool:
        """Whether the actor takes messages (between restarts it does)."""
        return self._cell.open

    def __repr__(self) -> str:
        """Path and state."""
        return f"<Ref {self._cell.path}{'' if self._cell.open else ' (dead)'}>"

    async def tell(self, message: M_contra) -> None:
        """Put a message into the mailbox; waits while the mailbox is full.

        Returns at once, without giving way to other tasks, when there is room. A message to a dead actor becomes a
        dead letter. A wait that would close a cycle of waits is not entered: the message then goes over the bound.
        """
        cell = self._cell
        origin = ORIGIN.get()
        envelope = Envelope(message, None, origin, log_context(origin), cell.now())
        if cell.fast and len(cell.queue) < cell.capacity and not cell.senders:
            cell.queue.append(envelope)
            wake = cell.wake
            if wake is not None:
                cell.wake = None
                if not wake.done():
                    wake.set_result(None)
            return
        await cell.put(envelope)

    async def ask(self, request: Request[R], *, deadline_s: float) -> R:
        """Send a request and wait for its answer, at most `deadline_s` seconds in all.

        Inside a handler the deadline of the ask being handled holds too: the earlier of both counts. When the wait is
        cancelled or too late, the request is taken back if it was not begun.

        Raises:
            DeadlineExceeded: no answer in time.
            ActorFailed: the actor raised while it handled this request or owed its answer.
            ActorStopped: the actor was dead, or stopped before it answered.
            NoReply: the actor's handler returned without an answer.
            AskCycle: the actor waits, through others perhaps, for the actor that asks.
            ValueError: the deadline is not a positive number.
        """
        if not 0 < deadline_s < math.inf:
            raise ValueError(f"deadline_s is {deadline_s}; it must be a positive, finite number of seconds")
        cell = self._cell
        origin = ORIGIN.get()
        now = cell.now()
        deadline = now + deadline_s
        wait: Wait | None = None
        if origin is not None:
            if origin.deadline is not None and origin.deadline < deadline:
                deadline = origin.deadline
                if deadline <= now:
                    raise DeadlineExceeded(f"the deadline had passed before {request!r} could be asked of {cell.path}")
            if origin.blocking:
                wait = _wait_for(cell, origin)
        ask = Ask(cell.loop.create_future(), deadline, wait)
        envelope = Envelope(request, ask, origin, log_context(origin), now)
        timer = cell.call_at(deadline, expire, ask)
        try:
            if cell.fast and len(cell.queue) < cell.capacity and not cell.senders:
                cell.queue.append(envelope)
                wake = cell.wake
                if wake is not None:
                    cell.wake = None
                    if not wake.done():
                        wake.set_result(None)
            else:
                await cell.put(envelope)
            answer: R = await ask.future
        except DeadlineExceeded:
            if not ask.late:
                raise
            cell.take_back(envelope)
            raise DeadlineExceeded(
                f"{cell.path} did not answer {type(request).__name__} within {deadline - now:g} s"
            ) from None
        except BaseException:
            cell.take_back(envelope)
            raise
        finally:
            timer.cancel()
            if wait is not None and origin is not None:
                del origin.waits[wait]
        return answer


def _wait_for(cell: Party, origin: Origin) -> Wait:
    if cell.origin.waits or cell is origin.cell:
        chain = chain_to(cell, origin.cell)
        if chain is not None:
            steps = "".join(f"{waiting.path} waits for {kind} " for waiting, kind in chain)
            cycle = " -> ".join([origin.cell.path, *(waiting.path for waiting, _ in chain), origin.cell.path])
            raise AskCycle(f"a cycle of asks: {cycle}" + (f" ({steps.strip()})" if steps else ""))
    wait = Wait("an answer of", cell)
    origin.waits[wait] = None
    return wait


def expire(ask: Ask) -> None:
    """The callback of an ask's deadline; the test kit knows deadlines from other timers by it."""
    if not ask.future.done():
        ask.late = True
        ask.future.set_exception(DeadlineExceeded())
        if ask.room is not None and not ask.room.done():
            ask.room.set_result(None)


def make_ref(cell: Inbox) -> Ref[Any]:
    """For the kernel: the one ref of an actor."""
    kind: type[Ref[Any]] = Ref
    ref = object.__new__(kind)  # past the metaclass
    ref._cell = cell  # pyright: ignore[reportPrivateUsage]  # this module is the one place that may
    return ref


def inbox_of(ref: Ref[Any]) -> Inbox:
    """For the kernel: what a ref stands for."""
    return ref._cell  # pyright: ignore[reportPrivateUsage]  # as above
