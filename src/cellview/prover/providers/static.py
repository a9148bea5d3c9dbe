"""A fixed list of tactics, the same for every goal: the plainest provider, for tests and as a control arm."""

from __future__ import annotations

from collections.abc import Sequence

from cellview.prover.base import Goal, Suggestion
from cellview.prover.errors import ProviderError

__all__ = ["StaticProvider", "in_order"]


class StaticProvider:
    """Suggests `tactics`, in their order, for every goal.

    Raises:
        ProviderError: The list is empty, or one tactic stands in it twice.
    """

    immediate = True
    """It is a function of the goal, computed here."""

    def __init__(self, tactics: Sequence[str], *, provider_id: str = "static") -> None:
        if not tactics:
            raise ProviderError("A static provider needs at least one tactic; the list is empty.")
        repeated = sorted({tactic for tactic in tactics if tactics.count(tactic) > 1})
        if repeated:
            raise ProviderError(f"The static list holds {repeated[0]!r} more than once; remove the repetition.")
        self._suggestions = in_order(tactics)
        self._provider_id = provider_id

    @property
    def provider_id(self) -> str:
        """The name given at construction."""
        return self._provider_id

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Return the list; `goal` does not matter."""
        return self._suggestions


def in_order(tactics: Sequence[str]) -> tuple[Suggestion, ...]:
    """`tactics` as suggestions with evenly falling scores, from 1 down to more than 0."""
    return tuple(Suggestion(tactic, 1.0 - place / len(tactics)) for place, tactic in enumerate(tactics))
