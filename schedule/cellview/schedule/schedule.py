"""The schedule: a pure state machine that says whether a node is clear, blocked or delayed in an iteration.

It lives for a whole theorem, across budget tiers. Whether a node freezes depends on the policy's seed and the node's
structural key alone; only how long it stays frozen depends on the iteration that met it first.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from hashlib import sha256
from typing import TypeAlias

import msgspec

from cellview.schedule.draws import unit_draw
from cellview.schedule.policies import BlockPolicy, DelayPolicy

__all__ = ["Blocked", "Delayed", "Freeze", "Schedule", "ScheduleState", "Verdict", "state_digest"]


class Blocked(msgspec.Struct, frozen=True, gc=False):
    """The node is frozen up to and including iteration `until` (−1: never thaws, and `remaining` is ``None``)."""

    until: int
    remaining: int | None
    duration: int
    immovable: bool


class Delayed(msgspec.Struct, frozen=True, gc=False):
    """The node is delayed up to and including iteration `until`."""

    until: int
    remaining: int
    duration: int


Verdict: TypeAlias = Blocked | Delayed | None
"""``None`` means that the node is clear."""


class Freeze(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """When a node froze, and the iteration from which on it is thawed for good, if a meeting thawed it early."""

    frozen_at: int
    immovable: bool
    thawed_at: int | None = None


class ScheduleState(msgspec.Struct, frozen=True):
    """All that a schedule knows, as plain data: survives an actor's restart, encodes as JSON.

    `freezes` has the nodes that froze; `delays` the first iterations of every delay of a node, ascending.
    """

    block: BlockPolicy | None
    delay: DelayPolicy | None
    freezes: dict[str, Freeze]
    delays: dict[str, tuple[int, ...]]


class Schedule:
    """Judges nodes under a block and a delay policy, either of which may be ``None``.

    Asking again is harmless: the same node and iteration get the same verdict, also after later iterations were
    judged, so that a message may be repeated after a crash. First meetings come in ascending order of iteration
    (the commit order of the search); in arrival mode they may not, and then what a node met first counts.
    """

    __slots__ = ("_block", "_delay", "_delays", "_freezes", "_thaw_after", "_thaw_prob")

    def __init__(self, block: BlockPolicy | None = None, delay: DelayPolicy | None = None) -> None:
        self._block = block
        self._delay = delay
        self._freezes: dict[str, Freeze] = {}
        self._delays: dict[str, list[int]] = {}
        self._thaw_after: int | None = None
        self._thaw_prob = 1.0
        if block is not None and (block.unfreeze_after is not None or block.unfreeze_prob is not None):
            self._thaw_after = 1 if block.unfreeze_after is None else block.unfreeze_after
            self._thaw_prob = 1.0 if block.unfreeze_prob is None else block.unfreeze_prob

    @property
    def idle(self) -> bool:
        """Whether there is no policy at all, so that every verdict is ``None`` and need not be asked for."""
        return self._block is None and self._delay is None

    def judge(self, node_key: str, iteration: int) -> Verdict:
        """Say whether the node with this structural key may be worked on in this global iteration.

        A block goes before a delay: no delay is drawn for a node while it is frozen.
        """
        if self._block is not None:
            blocked = self._judge_block(self._block, node_key, iteration)
            if blocked is not None:
                return blocked
        if self._delay is not None:
            return self._judge_delay(self._delay, node_key, iteration)
        return None

    def _judge_block(self, policy: BlockPolicy, node_key: str, iteration: int) -> Blocked | None:
        freeze = self._freezes.get(node_key)
        if freeze is None:
            # Clear nodes are not remembered: one more hash per meeting is cheaper than an entry per node.
            if unit_draw(policy.seed, "block", node_key) >= policy.fraction:
                return None
            immovable = (
                policy.immovable_fraction is not None
                and unit_draw(policy.seed, "immovable", node_key) < policy.immovable_fraction
            )
            freeze = self._freezes[node_key] = Freeze(iteration, immovable)
        if freeze.immovable or policy.duration < 0:
            return Blocked(-1, None, policy.duration, freeze.immovable)
        until = freeze.frozen_at + policy.duration - 1
        if iteration > until or (freeze.thawed_at is not None and iteration >= freeze.thawed_at):
            return None
        if (
            self._thaw_after is not None
            and iteration >= freeze.frozen_at + self._thaw_after
            and unit_draw(policy.seed, "unfreeze", node_key, iteration=iteration) < self._thaw_prob
        ):
            self._freezes[node_key] = Freeze(freeze.frozen_at, immovable=False, thawed_at=iteration)
            return None
        return Blocked(until, until - iteration, policy.duration, immovable=False)

    def _judge_delay(self, policy: DelayPolicy, node_key: str, iteration: int) -> Delayed | None:
        starts = self._delays.get(node_key)
        if starts:
            # The last delay that began at or before this iteration; earlier ones stay, so that a repeated question
            # about an older iteration gets its old answer.
            index = bisect_right(starts, iteration)
            if index:
                until = starts[index - 1] + policy.duration - 1
                if iteration <= until:
                    return Delayed(until, until - iteration, policy.duration)
        if unit_draw(policy.seed, "delay", node_key, iteration=iteration) >= policy.probability:
            return None
        insort(self._delays.setdefault(node_key, []), iteration)
        until = iteration + policy.duration - 1
        return Delayed(until, policy.duration - 1, policy.duration)

    def to_state(self) -> ScheduleState:
        """Return a copy of all that this schedule knows, policies included."""
        delays = {key: tuple(starts) for key, starts in self._delays.items()}
        return ScheduleState(self._block, self._delay, dict(self._freezes), delays)

    @classmethod
    def from_state(cls, state: ScheduleState) -> Schedule:
        """Return a schedule that answers every question from here on as the one that gave this state would."""
        schedule = cls(state.block, state.delay)
        schedule._freezes = dict(state.freezes)
        schedule._delays = {key: list(starts) for key, starts in state.delays.items()}
        return schedule


def state_digest(state: ScheduleState) -> str:
    """Return the SHA-256 of a state; equal states have equal digests, in whatever order their nodes were met."""
    return sha256(msgspec.json.encode(state, order="deterministic")).hexdigest()
