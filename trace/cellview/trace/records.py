"""The records of a ``*_mcts_trace.jsonl`` file, field for field as in ``docs/reference/trace.md``.

Field order here is byte order in the file. Optional fields are left out when unset; nothing else is ever left out.
Extensions beyond the dictionary are optional fields, listed on the same page.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

__all__ = [
    "AbortRecord",
    "AttemptOutcome",
    "BlockInfo",
    "DelayInfo",
    "IterationReason",
    "IterationRecord",
    "NodeSnapshot",
    "Record",
    "RerouteEntry",
    "TacticAttempt",
    "TacticCandidate",
    "TreeSnapshot",
]

IterationReason: TypeAlias = Literal[
    "expanded",
    "no_expansion",
    "blocked",
    "delayed",
    "terminal_node",
    "dead_node",
    "no_goal",
    "abort",
    "adapter_error",
    "provider_error",
    "idle",
]
"""Outcome of an iteration. The last two are Cellview's own: contained failures of prover and provider."""

AttemptOutcome: TypeAlias = Literal["success", "failure", "blocked"]


class BlockInfo(msgspec.Struct, frozen=True, gc=False):
    """A frozen node: blocked up to and including iteration `until` (−1: never thaws, and `remaining` is null)."""

    until: int
    remaining: int | None
    duration: int
    immovable: bool


class DelayInfo(msgspec.Struct, frozen=True, gc=False):
    """A delayed node: skipped up to and including iteration `until`."""

    until: int
    remaining: int
    duration: int


class RerouteEntry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One node that was skipped before the final decision of the iteration."""

    mvar_id: str
    reason: Literal["blocked", "delayed"]
    block: BlockInfo | UnsetType = UNSET
    delay: DelayInfo | UnsetType = UNSET


class NodeSnapshot(msgspec.Struct, frozen=True, gc=False):
    """The selected node after the iteration was handled."""

    mvar_id: str
    goal_type: str
    goal_sig: str
    goal_sig_strict: str
    visit_count: int
    success_count: int
    is_terminal: bool
    is_dead: bool
    depth: int


class TreeSnapshot(msgspec.Struct, frozen=True, gc=False):
    """The whole tree after the iteration was handled. `inflight` counts reservations still held by other tickets."""

    nodes: int
    expansions: int
    max_depth: int
    solved: bool
    aborted: bool
    inflight: int


class TacticCandidate(msgspec.Struct, frozen=True, gc=False):
    """A tactic that the provider suggested, in attempted order."""

    tactic: str
    score: float


class TacticAttempt(msgspec.Struct, frozen=True):
    """One tactic that was tried, or blocked by a tactic intervention (the ``peg_*`` and `block_reason` fields)."""

    tactic: str
    outcome: AttemptOutcome
    child_mvar_ids: list[str]
    timestamp_ms: int
    tactic_norm: str
    goal_sig: str
    goal_sig_strict: str
    goal_type: str
    peg_id: str | None
    peg_kind: str | None
    block_reason: str | None
    provider_id: str | None
    child_sigs_strict: list[str] | UnsetType = UNSET
    """Extension: strict signatures of the children, parallel to `child_mvar_ids`; what a replay rebuilds from."""
    detail: str | UnsetType = UNSET
    """Extension: why a failure failed (``tactic``, ``heartbeats``, ``filtered``, ``cycle``, ``unverified``, …)."""


class IterationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one global iteration."""

    event: Literal["iteration"]
    iteration: int
    reason: IterationReason
    agent_id: int
    tier: int | UnsetType = UNSET
    budget: int | UnsetType = UNSET
    selected_path: list[str]
    node: NodeSnapshot
    tactics: list[TacticCandidate]
    attempts: list[TacticAttempt]
    expanded: bool | None
    terminal_reached: bool
    backprop_success: bool
    tree: TreeSnapshot
    block: BlockInfo | UnsetType = UNSET
    delay: DelayInfo | UnsetType = UNSET
    reroute: list[RerouteEntry] | UnsetType = UNSET
    error: str | UnsetType = UNSET
    """Extension: text of a contained adapter or provider error."""


class AbortRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Marker written when the progress callback aborts the search; the agent's iteration record follows it."""

    event: Literal["abort"]
    iteration: int
    tier: int | UnsetType = UNSET
    budget: int | UnsetType = UNSET
    tree: TreeSnapshot


Record: TypeAlias = IterationRecord | AbortRecord
