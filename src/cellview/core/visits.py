"""What one visit to a node asks and brings back: one rule each for its order, its end and what is held back.

Shared by the agents, the centralized loop and the replay, so that all mean the same by a visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, cast

import msgspec

from cellview.prover import Failure, Goal, Preview, Suggestion
from cellview.schedule import Peg, TacticIntervention, Verdict, gumbel, unit_draw
from cellview.tree import Node

__all__ = [
    "Attempted",
    "CandidateOrder",
    "ErrorSource",
    "GaveUp",
    "Place",
    "Visit",
    "VisitResult",
    "ends_visit",
    "place_of",
    "suggestions_left",
    "way_to",
]

ErrorSource: TypeAlias = Literal["adapter", "provider"]


class Attempted(msgspec.Struct, frozen=True, gc=False):
    """One tactic of a visit: it worked, it failed, or a tactic intervention held it back."""

    tactic: str
    result: Preview | Failure | Peg
    timestamp_ms: int
    """Milliseconds since the search began, on the search's clock."""


class VisitResult(msgspec.Struct, frozen=True):
    """What a visit brings back: the candidates in attempted order, and the attempts made (a prefix of them)."""

    candidates: Sequence[Suggestion] = ()
    attempts: Sequence[Attempted] = ()
    error: ErrorSource | None = None
    """Set when the infrastructure failed; what was not attempted then stays untried."""
    message: str = ""
    fatal: bool = False
    """Whether the provider will not answer later either."""


class GaveUp(msgspec.Struct, frozen=True):
    """A ticket that ended without a reservation: its last node was blocked or delayed, or there was none for it."""

    verdict: Verdict


class Place(msgspec.Struct, frozen=True):
    """Where a node stands, for tactic interventions: structural key, depth, tactics on the way, hypothesis types."""

    node_key: str
    depth: int
    path: tuple[str, ...]
    goal_type: str
    hypotheses: tuple[str, ...]


class CandidateOrder(msgspec.Struct, frozen=True):
    """In which order a visit tries what its provider suggests.

    Args:
        seed: The run's seed.
        jitter: σ of the noise on the scores; 0: none.
        blind: Whether the order is drawn, whatever the scores say.
    """

    seed: int = 0
    jitter: float = 0.0
    blind: bool = False

    @property
    def draws(self) -> bool:
        """Whether the order is drawn by node, so that :meth:`arrange` must know the node's structural key."""
        return self.blind or self.jitter > 0.0

    def arrange(self, suggestions: Sequence[Suggestion], *, node_key: str) -> Sequence[Suggestion]:
        """Return the candidates best first; equal scores keep the provider's order.

        With jitter their scores are the noisy ones: these are what the search goes by, so these go into its record.
        """
        if self.jitter > 0.0:
            suggestions = [
                Suggestion(given.tactic, given.score + self.jitter * gumbel(self._draw("jitter", node_key, given)))
                for given in suggestions
            ]
        if self.blind:
            return sorted(suggestions, key=lambda given: self._draw("blind-order", node_key, given))
        return sorted(suggestions, key=_descending_score)

    def _draw(self, purpose: str, node_key: str, suggestion: Suggestion) -> float:
        return unit_draw(self.seed, purpose, node_key + suggestion.tactic)


def _descending_score(suggestion: Suggestion) -> float:
    return -suggestion.score


def ends_visit(result: Preview | Failure, *, stop_at_success: bool) -> bool:
    """Whether a visit tries no further tactic after this result.

    A closed goal needs no second proof; what is left over stays untried, should the first be rejected.
    """
    if isinstance(result, Preview):
        return stop_at_success or not result.children
    return result.reason in ("no_goal", "adapter")


class Visit:
    """The candidates of one visit, and which of them an intervention holds back.

    Args:
        candidates: What is to be tried, best first.
        max_tactics: How many of them one visit tries at most.
        intervention: The tactic intervention of the arm.
        place: Where the node stands; needed only when there are pegs.
        seed: The run's seed, for pegs that draw.
    """

    __slots__ = ("asked", "candidates", "pegs")

    def __init__(
        self,
        candidates: Sequence[Suggestion],
        *,
        max_tactics: int,
        intervention: TacticIntervention | None,
        place: Place | None,
        seed: int,
    ) -> None:
        self.candidates = candidates
        within = candidates[:max_tactics]
        self.pegs = _pegs(within, intervention, place, seed)
        self.asked: Sequence[tuple[int, str]] = [
            (number, candidate.tactic) for number, candidate in enumerate(within) if number not in self.pegs
        ]
        """What the prover is asked to try, with the numbers among the candidates."""

    def result(self, tried: Sequence[Attempted], *, error: str | None, stop_at_success: bool) -> VisitResult:
        """Put what was held back between what was tried, up to the attempt that ended the visit."""
        attempts = tried if not self.pegs else self._merged(tried, stop_at_success)
        if error is not None:
            return VisitResult(self.candidates, attempts, "adapter", error)
        return VisitResult(self.candidates, attempts)

    def _merged(self, tried: Sequence[Attempted], stop_at_success: bool) -> list[Attempted]:
        merged: list[Attempted] = []
        left = iter(tried)
        clock = tried[0].timestamp_ms if tried else 0
        for number in range(len(self.asked) + len(self.pegs)):
            peg = self.pegs.get(number)
            if peg is not None:
                merged.append(Attempted(self.candidates[number].tactic, peg, clock))
                continue
            attempt = next(left, None)
            if attempt is None:  # the prover broke down before it
                break
            clock = attempt.timestamp_ms
            merged.append(attempt)
            if ends_visit(cast("Preview | Failure", attempt.result), stop_at_success=stop_at_success):
                break
        return merged


def _pegs(
    candidates: Sequence[Suggestion], intervention: TacticIntervention | None, place: Place | None, seed: int
) -> Mapping[int, Peg]:
    """Say which candidates (by number) an intervention holds back at this place."""
    if intervention is None or not intervention.pegs or place is None:
        return {}
    return intervention.judge(
        [candidate.tactic for candidate in candidates],
        goal_type=place.goal_type,
        depth=place.depth,
        path=place.path,
        node_key=place.node_key,
        seed=seed,
        hypotheses=place.hypotheses,
    )


# -- what a visit needs to know of its node ----------------------------------------------------------------------------


def place_of(node: Node) -> Place:
    """Return where a node stands. A search's nodes hold the prover's goals."""
    goal = cast("Goal", node.goal)
    hypotheses = tuple(hypothesis.type for hypothesis in goal.hypotheses)
    return Place(node.structural_key(), node.depth, tuple(node.tactics()), goal.goal_type, hypotheses)


def way_to(node: Node) -> Preview | None:
    """Return the tactic that led to a node, for a prover that has not committed it yet or has forgotten it."""
    edge = node.parent
    if edge is None:
        return None
    return Preview(edge.parent.goal.mvar_id, edge.tactic, cast("tuple[Goal, ...]", tuple(edge.subgoals())))


def suggestions_left(node: Node) -> Sequence[Suggestion] | None:
    """Return what earlier visits left to try; ``None``: the provider has not been asked yet."""
    return cast("Sequence[Suggestion] | None", node.untried)
