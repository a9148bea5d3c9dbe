"""Messages that the kernel itself makes: the notice of a death, and the record of a message that reached nobody."""

from typing import Any

import msgspec

from cellview.actors.ref import Ref


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
