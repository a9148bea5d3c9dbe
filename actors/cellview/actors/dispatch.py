"""The seam between the kernel and the test kit: who may handle its next message, and when.

Without a dispatcher every actor takes its messages as they come. An event loop that carries an attribute
`actor_dispatcher` (the test kit's does) gives it to every system that is started under it, so that code which builds
its own system is controlled without a change.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from cellview.actors.asks import Envelope
    from cellview.actors.cell import Cell


class Dispatcher(Protocol):
    """Decides the order of deliveries."""

    async def turn(self, cell: "Cell") -> None:
        """Return when `cell`, which has something to handle, may take its next message."""
        ...

    def sent(self, cell: "Cell", envelope: "Envelope | None") -> None:
        """Something was put before `cell`: a message, or a control message (None)."""
        ...

    async def handle(self, cell: "Cell", envelope: "Envelope", receive: Callable[[Any], Awaitable[None]]) -> None:
        """Run the handler on the envelope."""
        ...
