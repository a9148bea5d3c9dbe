"""What happens when an actor fails: stop it, restart it within a budget, or let the failure climb to the parent."""

from collections import deque
from typing import Literal

import msgspec


class Stop(msgspec.Struct, frozen=True):
    """Stop the actor for good; its watchers are told the reason. The default."""


class Escalate(msgspec.Struct, frozen=True):
    """Stop the actor and fail its parent with the same cause; at the top, fail the system."""


class Restart(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the actor by a new one from the same factory, its mailbox kept, at most so often; then stop or escalate.

    The budget is this child's alone: at most `max_restarts` within any `within_s` seconds. The message that was being
    handled is lost, unless `retry` asks for it to be the first of the new incarnation; the handler must then bear to
    see a message again whose work it had half done.
    """

    max_restarts: int = 3
    within_s: float = 5.0
    exhausted: Literal["stop", "escalate"] = "stop"
    retry: bool = False

    def __post_init__(self) -> None:
        """Reject a budget that means nothing."""
        if self.max_restarts < 1:
            raise ValueError(f"max_restarts is {self.max_restarts}; it must be at least 1 (use Stop() for no restart)")
        if not self.within_s > 0:
            raise ValueError(f"within_s is {self.within_s}; it must be a positive number of seconds")


Supervision = Stop | Escalate | Restart


class Budget:
    """Counts one child's restarts and says what its supervision orders for the next failure."""

    __slots__ = ("_recent", "_supervision", "retry")

    def __init__(self, supervision: Supervision) -> None:
        """Start with nothing spent."""
        self._supervision = supervision
        self._recent: deque[float] = deque()
        self.retry = isinstance(supervision, Restart) and supervision.retry

    def decide(self, now: float) -> Literal["stop", "escalate", "restart"]:
        """Spend one restart at `now` (seconds of the system's clock) if the budget has one left."""
        supervision = self._supervision
        if isinstance(supervision, Stop):
            return "stop"
        if isinstance(supervision, Escalate):
            return "escalate"
        while self._recent and now - self._recent[0] >= supervision.within_s:
            self._recent.popleft()
        if len(self._recent) >= supervision.max_restarts:
            return supervision.exhausted
        self._recent.append(now)
        return "restart"
