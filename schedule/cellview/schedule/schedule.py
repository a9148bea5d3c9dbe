"""The schedule: a pure state machine that says whether a node is clear, blocked or delayed in an iteration.

It lives for a whole theorem, across budget tiers. Whether a node freezes depends on the policy's seed and the node's
structural key alone; only how long it stays frozen depends on the iteration that met it first. Delays and early thaws
are drawn by the node's k-th meeting with an agent, so that two arms in which it is met at other times draw alike.
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

    `freezes` has the nodes that froze; `delays` the first iterations of every delay of a node, ascending; `meetings`
    the iterations in which a node was met, in order of the meetings, for nodes that draw something by meeting.
    """

    block: BlockPolicy | None
    delay: DelayPolicy | None
    freezes: dict[str, Freeze]
    delays: dict[str, tuple[int, ...]]
    meetings: dict[str, tuple[int, ...]]


class Schedule:
    """Judges nodes under a block and a delay policy, either of which may be ``None``.

    Asking again is harmless: the same node and iteration get the same verdict, also after later iterations were
    judged, so that a message may be repeated after a crash. First meetings come in ascending order of iteration
    (the commit order of the search); in arrival mode they may not, and then what a node met first counts.
    """

    __slots__ = ("_block", "_delay", "_delays", "_freezes", "_meetings", "_thaw_after", "_thaw_prob")

    def __init__(self, block: BlockPolicy | None = None, delay: DelayPolicy | None = None) -> None:
        self._block = block
        self._delay = delay
        self._freezes: dict[str, Freeze] = {}
        self._delays: dict[str, list[int]] = {}
        self._meetings: dict[str, list[int]] = {}
        self._thaw_after: int | None = None
        self._thaw_prob = 1.0
        if block is not None and (block.unfreeze_after is not None or block.unfreeze_prob is not None):
            self._thaw_after = 1 if block.unfreeze_after is None else block.unfreeze_after
            self._thaw_prob = 1.0 if block.unfreeze_prob is None else block.unfreeze_prob

    @property
    def idle(self) -> bool:
        """Whether there is no policy at all, so that every verdict is ``None`` and need not be asked for."""
        return self._block is None and self._delay is None

    def judge(self, node_key: str, iteration: int, *, root: bool = False) -> Verdict:
        """Say whether the node with this structural key may be worked on in this global iteration.

        Each iteration that asks about a node is one meeting with it. A block goes before a delay: no delay is drawn for
        a node while it is frozen. `root` says that the node is the root, which a policy may spare.
        """
        # Counted before anything is decided: a node's k-th meeting is its k-th, whatever the policies made of it.
        meeting = self._meeting(node_key, iteration) if self._delay is not None else 0
        if self._block is not None and not (root and self._block.spare_root):
            blocked = self._judge_block(self._block, node_key, iteration, meeting)
            if blocked is not None:
                return blocked
        if self._delay is not None:
            return self._judge_delay(self._delay, node_key, iteration, meeting)
        return None

    def _meeting(self, node_key: str, iteration: int) -> int:
        """Return the number, from 1, of the node's meeting in this iteration; a repeated question is no new one."""
        met = self._meetings.setdefault(node_key, [])
        if met and met[-1] >= iteration and iteration in met:
            return met.index(iteration) + 1
        met.append(iteration)
        return len(met)

    def _judge_block(self, policy: BlockPolicy, node_key: str, iteration: int, meeting: int) -> Blocked | None:
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
        if self._thaw_after is not None and not meeting:
            # Without a delay policy only nodes that may thaw are counted. They freeze at their first meeting, so that
            # none has been missed, and a delay policy beside this one changes no thaw.
            meeting = self._meeting(node_key, iteration)
        if (
            self._thaw_after is not None
            and iteration >= freeze.frozen_at + self._thaw_after
            and unit_draw(policy.seed, "unfreeze", node_key, meeting=meeting) < self._thaw_prob
        ):
            self._freezes[node_key] = Freeze(freeze.frozen_at, immovable=False, thawed_at=iteration)
            return None
        return Blocked(until, until - iteration, policy.duration, immovable=False)

    def _judge_delay(self, policy: DelayPolicy, node_key: str, iteration: int, meeting: int) -> Delayed | None:
        starts = self._delays.get(node_key)
        if starts:
            # The last delay that began at or before this iteration; earlier ones stay, so that a repeated question
            # about an older iteration gets its old answer.
            index = bisect_right(starts, iteration)
            if index:
                until = starts[index - 1] + policy.duration - 1
                if iteration <= until:
                    return Delayed(until, until - iteration, policy.duration)
        if unit_draw(policy.seed, "delay", node_key, meeting=meeting) >= policy.probability:
            return None
        insort(self._delays.setdefault(node_key, []), iteration)
        until = iteration + policy.duration - 1
        return Delayed(until, policy.duration - 1, policy.duration)

    def to_state(self) -> ScheduleState:
        """Return a copy of all that this schedule knows, policies included."""
        delays = {key: tuple(starts) for key, starts in self._delays.items()}
        meetings = {key: tuple(met) for key, met in self._meetings.items()}
        return ScheduleState(self._block, self._delay, dict(self._freezes), delays, meetings)

    @classmethod
    def from_state(cls, state: ScheduleState) -> Schedule:
        """Return a schedule that answers every question from here on as the one that gave this state would."""
        schedule = cls(state.block, state.delay)
        schedule._freezes = dict(state.freezes)
        schedule._delays = {key: list(starts) for key, starts in state.delays.items()}
        schedule._meetings = {key: list(met) for key, met in state.meetings.items()}
        return schedule


def state_digest(state: ScheduleState) -> str:
    """Return the SHA-256 of a state; equal states have equal digests, in whatever order their nodes were met."""
    return sha256(msgspec.json.encode(state, order="deterministic")).hexdigest()
