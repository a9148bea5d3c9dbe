"""What `LeanProver` asks of the process that runs its tactics, whichever way it is spoken to.

There are two: the tactic server inside the embedded Lean (`server/`), and Lean's own language server, which any Lean
has (`language_server.py`). A transport starts its process when it is asked something and starts another after
:meth:`kill`; when to give up, and how often to try again, is the prover's business.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

import msgspec

from cellview.prover.base import Goal
from cellview.prover.lean.places import Place

__all__ = ["OUT_OF_HEARTBEATS", "Elaborated", "Lost", "Transport", "TransportName", "require_memory"]

TransportName: TypeAlias = Literal["server", "lsp"]

OUT_OF_HEARTBEATS = "maximum number of heartbeats"
"""Stands in Lean's message when a tactic reached its limit."""

_OUT_OF_MEMORY = ("increase memory consumption threshold", "excessive memory consumption")
"""How the elaborator says it, and how the kernel does. How much memory is in use depends on what ran before."""


class Lost(Exception):
    """Raised when the process cannot answer any more: it ended, or what it says makes no sense.

    Never leaves this package.
    """


class Elaborated(msgspec.Struct, frozen=True):
    """What Lean says about a tactic: what went wrong, or the goals that are left."""

    error: str = ""
    goals: tuple[Goal, ...] = ()
    heartbeats: int = 0
    """Allocations that the tactic took, in units of Lean's own counter (a thousandth of ``maxHeartbeats``); 0 where
    the transport does not count them."""


class Transport(Protocol):
    """A process that runs tactics. One question at a time; after a cancelled one it must be killed."""

    @property
    def name(self) -> TransportName:
        """Which of the transports this is."""
        ...

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        ...

    async def root(self, statement: str) -> Elaborated:
        """Make `statement` the one that is worked on, and return its goal.

        Raises:
            Lost: The process broke down.
        """
        ...

    async def attempt(self, place: Place, tactic: str, *, checkpoint: int) -> Elaborated:
        """Run `tactic` on the goal at `place` of the statement that is worked on.

        Raises:
            Lost: The process broke down.
        """
        ...

    def release(self, place: Place) -> None:
        """Let go of what is kept for `place` and is not needed to go on elsewhere."""
        ...

    def limit_text(self, place: Place) -> str:
        """Say which heartbeat limit holds for a tactic at `place`."""
        ...

    async def kill(self) -> None:
        """End the process, if there is one. Idempotent."""
        ...


def require_memory(message: str) -> None:
    """Tell a process that ran out of memory from a tactic that failed.

    Raises:
        Lost: `message` says that memory ran out.
    """
    if any(text in message for text in _OUT_OF_MEMORY):
        raise Lost("it ran out of memory")
