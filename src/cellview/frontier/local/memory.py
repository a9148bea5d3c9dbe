"""The frontier in this process's memory: the default. ``local.socket`` lends it to other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from cellview.frontier.frontier import Frontier
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Manifest
from cellview.frontier.machine.operations import Operation, Slot

__all__ = ["MemoryFrontier"]

R = TypeVar("R")


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class MemoryFrontier(Frontier):
    """The state machine with a clock. Lost with its process; the committer's journal file brings it back.

    Args:
        experiment: Name of the experiment.
        clock_ms: Milliseconds that never go back; tests pass their own.
        machine: Makes the state machine; the determinism check plants its faults here.
    """

    def __init__(
        self,
        experiment: str,
        *,
        clock_ms: Callable[[], int] = _monotonic_ms,
        machine: Callable[[Manifest], FrontierMachine] = FrontierMachine,
    ) -> None:
        super().__init__(experiment)
        self._clock_ms = clock_ms
        self._slot = Slot(experiment, machine)

    async def perform(self, operation: Operation[R]) -> R:
        """Performs an operation at this moment."""
        return operation.perform(self._slot, self._clock_ms())
