"""What an actor's runtime needs of the system that it lives in.

A protocol, so that the layers below the system can be typed without knowing it. Where one of their own kinds would
stand that is defined above this file, it says `Any`; the system gives it its name.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from structlog.typing import FilteringBoundLogger

from cellview.actors.clock import Clock
from cellview.actors.dispatch import Dispatcher
from cellview.actors.supervision import Supervision


class Home(Protocol):
    """The system, seen from one of its actors."""

    log: FilteringBoundLogger
    loop: asyncio.AbstractEventLoop
    clock: Clock
    dispatcher: Dispatcher[Any] | None
    waits_for_idle: bool

    async def spawn_under(
        self, parent: Any, factory: Callable[[], Any], name: str | None, mailbox: int, supervision: Supervision
    ) -> Any:
        """Start an actor below `parent`; returns its ref."""
        ...

    def forget(self, path: str) -> None:
        """The actor of this path is dead."""
        ...

    def fail(self, path: str, error: Exception) -> None:
        """A failure climbed to the top."""
        ...

    def dead_letter(self, to: str, sender: str | None, message: object, reason: str) -> None:
        """Count, keep and log a message that reached nobody."""
        ...

    def someone_is_idle(self) -> None:
        """An actor has nothing to do; perhaps nobody has."""
        ...
