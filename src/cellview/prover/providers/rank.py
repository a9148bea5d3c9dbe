"""Rankers: another order for the same suggestions, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from cellview.prover.base import Goal, PathProvider, Suggestion, TacticProvider
from cellview.prover.errors import ProviderError
from cellview.prover.providers.static import in_order

__all__ = ["RankedProvider", "Ranker", "reversed_order", "shortest_first"]

Ranker: TypeAlias = Callable[[Goal, Sequence[Suggestion]], Sequence[Suggestion]]
"""Returns the same suggestions in the order in which they should be tried."""


class RankedProvider:
    """Puts the suggestions of `inner` into the order of `ranker`.

    Scores are replaced by evenly falling ones, since the search goes by scores. That the ranker neither drops, adds
    nor changes a suggestion is checked at every goal.
    """

    def __init__(self, inner: TacticProvider, ranker: Ranker, *, name: str) -> None:
        self._inner = inner
        self._ranker = ranker
        self._name = name

    @property
    def provider_id(self) -> str:
        """The inner provider's name and the ranker's: ``heuristic-full+shortest``."""
        return f"{self._inner.provider_id}+{self._name}"

    @property
    def uses_path(self) -> bool:
        """Whether the inner provider wants to know the way to a goal."""
        return isinstance(self._inner, PathProvider) and self._inner.uses_path

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Suggest what the inner provider suggests, in the ranker's order.

        Raises:
            ProviderError: The ranker returned other suggestions than it was given.
        """
        return self._ranked(goal, await self._inner.suggest(goal))

    async def suggest_after(self, goal: Goal, path: Sequence[str]) -> Sequence[Suggestion]:
        """As :meth:`suggest`, for an inner provider that is told the way to the goal."""
        assert isinstance(self._inner, PathProvider), "the inner provider wants to know no way"
        return self._ranked(goal, await self._inner.suggest_after(goal, path))

    def _ranked(self, goal: Goal, suggestions: Sequence[Suggestion]) -> Sequence[Suggestion]:
        given = sorted(suggestions, key=lambda suggestion: -suggestion.score)
        ranked = self._ranker(goal, tuple(given))
        before = Counter((suggestion.tactic, suggestion.score) for suggestion in given)
        after = Counter((suggestion.tactic, suggestion.score) for suggestion in ranked)
        if before != after:
            odd = sorted(tactic for tactic, _ in ((before - after) + (after - before)))
            raise ProviderError(
                f"The ranker {self._name!r} may only reorder, but it added, dropped or changed {odd[0]!r}."
            )
        return in_order([suggestion.tactic for suggestion in ranked])


def shortest_first(goal: Goal, suggestions: Sequence[Suggestion]) -> Sequence[Suggestion]:
    """Short tactics first; equal lengths keep their order."""
    del goal
    return sorted(suggestions, key=lambda suggestion: len(suggestion.tactic))


def reversed_order(goal: Goal, suggestions: Sequence[Suggestion]) -> Sequence[Suggestion]:
    """Worst first: a control arm that shows what the order is worth."""
    del goal
    return list(reversed(suggestions))
