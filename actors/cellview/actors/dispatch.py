"""The seam between the kernel and the test kit: who may handle its next message, and when.

Without a dispatcher every actor takes its messages as they come. An event loop that carries an attribute
`actor_dispatcher` (the test kit's does) gives it to every system that is started under it, so that code which builds
its own system is controlled without a change.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from cellview.actors.asks import Envelope

C_contra = TypeVar("C_contra", contravariant=True)


class Dispatcher(Protocol[C_contra]):
    """Decides the order of deliveries; the parameter is what it knows an actor's runtime as."""

    async def turn(self, cell: C_contra) -> None:
        """Return when `cell`, which has something to handle, may take its next message."""
        ...

    def sent(self, cell: C_contra, envelope: Envelope | None) -> None:
        """Something was put before `cell`: a message, or a control message (None)."""
        ...

    async def handle(self, cell: C_contra, envelope: Envelope, receive: Callable[[Any], Awaitable[None]]) -> None:
        """Run the handler on the envelope."""
        ...
