"""Messages that the kernel itself knows: requests with a typed answer, and the notice of a death."""

from typing import Any, Generic, TypeVar

import msgspec

from cellview.actors.ref import Ref

R_co = TypeVar("R_co", covariant=True)


class Request(msgspec.Struct, Generic[R_co], frozen=True):
    """Base of the messages that are answered; the parameter is the type of the answer.

    Example:
        >>> class HowMany(Request[int], frozen=True):
        ...     colour: str
    """


class Terminated(msgspec.Struct, frozen=True):
    """Delivered, before user messages, to those who watch `ref` once it is dead.

    `reason` is what it died of, or None when it was stopped in good order.
    """

    ref: Ref[Any]
    reason: Exception | None


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that reached nobody: to whom, from whom, and why."""

    to: str
    sender: str | None
    message: object
    reason: str
