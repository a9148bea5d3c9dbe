"""What a controlled run did: its deliveries, their digest, and where two runs part."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from cellview.actors.ref import Ref
from cellview.actors.testing.interventions import Intervention

T = TypeVar("T")


class Delivery:
    """One message taken by one actor; `message` is None for an order of the kernel (a stop, an escalated failure)."""

    __slots__ = ("actor", "caused_by", "message", "sender", "touched")

    def __init__(self, actor: str, sender: str | None, message: object) -> None:
        """Say who took what from whom."""
        self.actor = actor
        self.sender = sender
        self.message = message
        self.touched: dict[str, None] = {}
        self.caused_by = -1

    def line(self) -> str:
        """One line, the same in every process."""
        what = "(kernel)" if self.message is None else f"{type(self.message).__qualname__}{_plain(self.message)}"
        return f"{what} from {self.sender or 'outside'} to {self.actor}"


def _plain(message: object) -> str:
    try:
        return msgspec.json.encode(message, enc_hook=_hook, order="deterministic").decode()
    except (TypeError, ValueError, msgspec.MsgspecError):
        return "{…}"


def _hook(value: Any) -> object:
    if isinstance(value, Ref):
        return f"ref {value.path}"
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    return type(value).__qualname__  # never repr: it may have an address


class Run(Generic[T]):
    """A controlled run that passed."""

    def __init__(
        self,
        result: T,
        deliveries: list[Delivery],
        choices: list[str],
        unused: list[Intervention],
        seconds: float,
        logs: Sequence[Mapping[str, Any]],
    ) -> None:
        """Made by `run_controlled`."""
        self.result = result
        self.deliveries = deliveries
        self.choices = choices
        self.unused = unused
        self.virtual_seconds = seconds
        self.logs = logs

    @property
    def digest(self) -> str:
        """SHA-256 of the lines of all deliveries: equal when the same messages were taken in the same order."""
        return digest(self.deliveries)


def digest(deliveries: Sequence[Delivery]) -> str:
    """SHA-256 of the lines."""
    return hashlib.sha256("\n".join(delivery.line() for delivery in deliveries).encode()).hexdigest()


def first_parting(passed: Sequence[Delivery], failed: Sequence[Delivery]) -> str:
    """One sentence on the first delivery in which two runs differ."""
    for place, (there, here) in enumerate(zip(passed, failed, strict=False)):
        if there.line() != here.line():
            return f"delivery {place}: there {there.line()}; here {here.line()}"
    if len(passed) == len(failed):
        return "none: all deliveries are the same"
    longer, which = (passed, "there") if len(passed) > len(failed) else (failed, "here")
    place = min(len(passed), len(failed))
    return f"delivery {place}: only {which} {longer[place].line()}"
