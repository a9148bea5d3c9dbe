"""How much one tactic may use: reproducible limits (heartbeats) and safety nets (memory, time)."""

from __future__ import annotations

import msgspec

__all__ = ["Limits", "Statistics"]

_DEPTH_PER_SHARE = 64


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a Lean process. Only `heartbeats` may decide about a tactic; the others mean trouble.

    Raises:
        ValueError: A limit is not positive.
    """

    heartbeats: int = 2_000
    """Lean's ``maxHeartbeats``, in thousands of small allocations. Reproducible.
    A tactic that proves something useful takes 10 to 500; a fruitless ``grind`` takes all it gets. 2,000 take 0.2 s in
    ``simp`` and about a second in ``grind``. Mathlib wants more: Lean's own default is 200,000."""
    memory_bytes: int = 4 << 30
    """Memory of the process on top of what Lean reserves. Beyond, the process ends and is started again."""
    timeout_s: float = 120.0
    """Seconds to wait for one answer. Beyond, the process counts as hung, is killed and started again."""
    retries: int = 2
    """Further tries, each with a new process, before a tactic is given up as a failure of the infrastructure."""

    def __post_init__(self) -> None:
        """Refuse limits that forbid everything."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name == "retries" and value < 0:
                raise ValueError(f"retries must be at least 0, not {value}.")
            if name != "retries" and not value > 0:
                raise ValueError(f"{name} must be positive, not {value}.")

    def heartbeats_at(self, depth: int) -> int:
        """Return the limit for a tactic that stands on `depth` others.

        For the language server: there Lean counts for the whole declaration, the tactics before this one included. So
        that long proofs do not starve, each 64 tactics of the path add another share. A limit that grew with every
        step was rejected: it changes the first lines of the document, and Lean would start over each time.
        """
        return self.heartbeats * (1 + depth // _DEPTH_PER_SHARE)


class Statistics(msgspec.Struct):
    """What a prover has done so far. Operational: it depends on timing and crashes and never goes into a trace."""

    previews: int = 0
    edits: int = 0
    """Documents or tactics sent to Lean."""
    goal_queries: int = 0
    """Times that Lean was asked to show goals."""
    starts: int = 0
    """Processes started, the first one included."""
    restarts: int = 0
    """Processes started because one was lost."""
    crashes: int = 0
    """Processes that ended by themselves or by somebody's hand."""
    hangs: int = 0
    """Processes killed because no answer came in time."""
    recounts: int = 0
    """Documents elaborated again from their first line, because a heartbeat limit was hit. Language server only."""
    replayed: int = 0
    """Tactics run again because their state had been lost or had made room for others. Tactic server only."""
