"""What a search tells its caller while it runs, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from cellview.core.tickets import StopReason
from cellview.prover import Verification

__all__ = ["End", "Progress", "ProgressCallback"]


class Progress(msgspec.Struct, frozen=True, gc=False):
    """What a progress callback is told after each commit."""

    iteration: int
    reason: str
    tier: int
    budget: int
    """Iterations of this tier."""
    nodes: int
    expansions: int
    max_depth: int
    inflight: int
    solved: bool


ProgressCallback: TypeAlias = Callable[[Progress], Literal["abort"] | None]
"""Called after each commit; answering ``abort`` ends the search."""


class End(msgspec.Struct, frozen=True):
    """How a search ended, and what the last check of a proof said."""

    stop_reason: StopReason
    verification: Verification | None
