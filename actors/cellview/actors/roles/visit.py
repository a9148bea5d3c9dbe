"""What one visit to a node brings back, and the small pure decisions around it.

Shared by the agents and by the centralized loop, so that both mean the same by a visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from cellview.prover import Failure, Preview, Suggestion
from cellview.schedule import Peg, TacticIntervention, Verdict

__all__ = ["Attempted", "ErrorSource", "GaveUp", "Outcome", "Place", "order_candidates", "peg_candidates"]

ErrorSource: TypeAlias = Literal["adapter", "provider"]


class Attempted(msgspec.Struct, frozen=True, gc=False):
    """One tactic of a visit: it worked, it failed, or a tactic intervention held it back."""

    tactic: str
    result: Preview | Failure | Peg
    timestamp_ms: int
    """Milliseconds since the search began, on the search's clock."""


class Outcome(msgspec.Struct, frozen=True):
    """What a visit brings back: the candidates in attempted order, and the attempts made (a prefix of them)."""

    candidates: Sequence[Suggestion] = ()
    attempts: Sequence[Attempted] = ()
    error: ErrorSource | None = None
    """Set when the infrastructure failed; what was not attempted then stays untried."""
    message: str = ""


class GaveUp(msgspec.Struct, frozen=True):
    """A ticket that ended without a reservation: its last node was blocked or delayed."""

    verdict: Verdict


class Place(msgspec.Struct, frozen=True):
    """Where a node stands, for tactic interventions: structural key, depth, tactics on the way, hypothesis types."""

    node_key: str
    depth: int
    path: tuple[str, ...]
    goal_type: str
    hypotheses: tuple[str, ...]


def order_candidates(suggestions: Sequence[Suggestion]) -> Sequence[Suggestion]:
    """Sort by descending score; equal scores keep the provider's order."""
    return sorted(suggestions, key=_descending_score)


def _descending_score(suggestion: Suggestion) -> float:
    return -suggestion.score


def peg_candidates(
    candidates: Sequence[Suggestion], intervention: TacticIntervention | None, place: Place | None
) -> dict[int, Peg]:
    """Say which candidates (by number) an intervention holds back at this place."""
    if intervention is None or not intervention.pegs or place is None:
        return {}
    pegs: dict[int, Peg] = {}
    for number, candidate in enumerate(candidates):
        peg = intervention.judge(
            candidate.tactic,
            goal_type=place.goal_type,
            depth=place.depth,
            path=place.path,
            node_key=place.node_key,
            hypotheses=place.hypotheses,
        )
        if peg is not None:
            pegs[number] = peg
    return pegs
