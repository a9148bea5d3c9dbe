"""A question on its way: the request, the asker's future with its deadline, and the promise of an answer."""

import asyncio
from typing import Any, Generic, TypeVar

import msgspec

from cellview.actors.errors import NothingToAnswer
from cellview.actors.origin import LogContext, Origin, Wait

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Request(msgspec.Struct, Generic[R_co], frozen=True):
    """Base of the messages that are answered; the parameter is the type of the answer.

    Example:
        >>> class HowMany(Request[int], frozen=True):
        ...     colour: str
    """


class Ask:
    """The asker's side of one ask. It is answered at most once; whoever comes later is told so."""

    __slots__ = ("deadline", "future", "late", "room", "wait")

    def __init__(self, future: "asyncio.Future[Any]", deadline: float, wait: Wait | None) -> None:
        """Wait until `deadline` (seconds of the system's clock)."""
        self.future = future
        self.deadline = deadline
        self.wait = wait
        self.late = False
        self.room: asyncio.Future[None] | None = None  # set while the request waits for room in the mailbox

    def answer(self, value: object) -> bool:
        """Give the answer; False when nobody waits for it any more."""
        if self.future.done():
            return False
        self.future.set_result(value)
        return True

    def fail(self, error: BaseException) -> bool:
        """Fail the asker; False when nobody waits any more."""
        if self.future.done():
            return False
        self.future.set_exception(error)
        return True


class Envelope(msgspec.Struct, eq=False, gc=False):
    """A message in a mailbox, and what travels with it; nothing of it refers back to it, hence no `gc`."""

    message: Any
    ask: Ask | None
    origin: Origin | None
    log: LogContext
    sent_at: float

    @property
    def sender(self) -> str | None:
        """The path of the actor that sent it, or None when it came from outside the system."""
        return None if self.origin is None else self.origin.cell.path


class Notice(Envelope, eq=False, gc=False):
    """An envelope of the kernel's own, of which nobody is told when it reaches a dead actor."""


class Reply(Generic[R]):
    """The right to answer one request later, from `Context.defer_reply`. Use it once."""

    __slots__ = ("_ask", "_owed", "_used")

    def __init__(self, ask: Ask, owed: dict[Ask, None]) -> None:
        """Made by the kernel; `owed` are the debts of the actor, of which this is one."""
        self._ask = ask
        self._owed = owed
        self._used = False

    @property
    def wanted(self) -> bool:
        """Whether the asker is still waiting."""
        return not self._ask.future.done()

    @property
    def deadline(self) -> float:
        """When the asker gives up, in seconds of the system's clock."""
        return self._ask.deadline

    def send(self, value: R) -> bool:
        """Answer; False when the asker has gone (deadline or cancellation), which is not an error.

        Raises:
            NothingToAnswer: this reply was used before.
        """
        return self._spend().answer(value)

    def fail(self, error: BaseException) -> bool:
        """Make the asker's `ask` raise `error`; False when the asker has gone.

        Raises:
            NothingToAnswer: this reply was used before.
        """
        return self._spend().fail(error)

    def _spend(self) -> Ask:
        if self._used:
            raise NothingToAnswer("this Reply was used before; a request is answered once")
        self._used = True
        self._owed.pop(self._ask, None)
        return self._ask
