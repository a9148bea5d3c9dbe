"""Who is sending: found through one context variable, so that refs need no sender argument.

An origin is an actor's own task, or one of its background tasks. It also remembers which log context it was given, so
that a send costs one comparison of context roots (constant time) instead of a scan of context variables.
"""

from collections.abc import Mapping
from contextvars import Context, ContextVar, copy_context
from typing import Any

from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

LogContext = Mapping[str, Any] | None


class Party:
    """One who can send, wait and be waited for: as much of an actor's runtime as this layer knows."""

    name: str
    path: str
    origin: "Origin"


class Wait:
    """One thing that a handler is waiting for: an answer, room in a mailbox, or a child's readiness."""

    __slots__ = ("cell", "kind", "live")

    def __init__(self, kind: str, cell: Party) -> None:
        """Wait for `cell`; `live` turns false once that actor's handler no longer stands in the way."""
        self.kind = kind
        self.cell = cell
        self.live = True


class Origin:
    """A task that sends on an actor's behalf."""

    __slots__ = ("blocking", "cell", "context", "deadline", "log", "waits")

    def __init__(self, cell: Party, *, blocking: bool) -> None:
        """Start with no log context, no deadline and nothing awaited; `blocking` says that the actor waits with it."""
        self.cell = cell
        self.blocking = blocking
        self.context: Context | None = None
        self.log: LogContext = None
        self.deadline: float | None = None
        self.waits: dict[Wait, None] = {}

    def adopt(self, log: LogContext) -> None:
        """Make the running task's log context equal to what came with a message."""
        current = copy_context()
        if current == self.context:
            if log is self.log or log == self.log:
                return
        elif not log and not get_contextvars():
            self.context, self.log = current, None
            return
        clear_contextvars()
        if log:
            bind_contextvars(**log)
        self.log = log
        self.context = copy_context()


ORIGIN: ContextVar[Origin | None] = ContextVar("cellview_actor_origin", default=None)


def log_context(origin: Origin | None) -> LogContext:
    """The structlog context variables of the running task, or None when there are none."""
    if origin is not None and origin.context == copy_context():
        return origin.log
    return get_contextvars() or None


def chain_to(start: Party, goal: Party) -> list[tuple[Party, str]] | None:
    """The chain of waits that leads from `start` to `goal`: pairs of an actor and what it waits for; or None."""
    stack: list[tuple[Party, list[tuple[Party, str]]]] = [(start, [])]
    seen: set[int] = set()
    while stack:
        cell, path = stack.pop()
        if cell is goal:
            return path
        if id(cell) in seen:
            continue
        seen.add(id(cell))
        for wait in cell.origin.waits:
            if wait.live:
                stack.append((wait.cell, [*path, (cell, wait.kind)]))
    return None
