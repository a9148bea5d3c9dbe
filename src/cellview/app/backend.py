"""What a search runs on: an open prover, and the provider of its tactics."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import msgspec

from cellview.prover import Prover, TacticProvider

__all__ = ["Backend", "OpenBackend"]


class Backend(msgspec.Struct, frozen=True):
    """An open prover and the provider that goes with it."""

    prover: Prover
    provider: TacticProvider


OpenBackend: TypeAlias = Callable[[tuple[str, ...]], AbstractAsyncContextManager[Backend]]
"""Opens a backend for theorems that need these imports; it is closed at the end of the block."""
