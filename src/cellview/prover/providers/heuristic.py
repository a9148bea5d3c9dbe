"""The default tactic provider: what a patient student would try by reflex, from the shape of the goal alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from cellview.prover.base import Goal, Suggestion
from cellview.prover.providers.alternatives import asking
from cellview.prover.providers.applying import backward, detaching, finishing, instantiating
from cellview.prover.providers.arithmetic import expanding, linear
from cellview.prover.providers.classical import choosing, contradicting, deciding
from cellview.prover.providers.constructors import building, reached
from cellview.prover.providers.data import branching, inverting, splitting_pairs
from cellview.prover.providers.diagonal import diagonalising
from cellview.prover.providers.equality import congruence, pointwise, rewriting, rewriting_facts, unfolding
from cellview.prover.providers.library import (
    applying_lemmas,
    closers,
    finishing_lemma,
    rewriting_lemmas,
    simplifying,
)
from cellview.prover.providers.logic import closing, destructing, introducing, splitting
from cellview.prover.providers.mirrored import mirroring
from cellview.prover.providers.recursion import complete, doubled
from cellview.prover.providers.terms import subterms
from cellview.prover.providers.view import GoalView, view_of
from cellview.prover.providers.witnesses import witnessing

__all__ = ["Automation", "HeuristicProvider"]

Automation: TypeAlias = Literal["none", "light", "full"]
"""How much of Lean's automation is offered; see :class:`HeuristicProvider`."""

_MOST = 24


class HeuristicProvider:
    """Suggests tactics by the shapes of target and hypotheses. A pure function of the goal.

    Where a step loses nothing (introduce, split a conjunction, take a hypothesis apart, apply one to others that are
    at hand), it is the only suggestion, so that a search does not branch there. Otherwise all sensible choices come,
    likeliest first.

    Args:
        automation: ``none``: single logical steps, rewriting by hypotheses, induction. ``light``: also named lemmas
            of the core library, and ``simp only`` with them. ``full``: also ``grind``, ``omega``, ``simp``,
            ``simp_all`` and ``decide``.
    """

    immediate = True
    """It is a function of the goal, computed here."""

    def __init__(self, *, automation: Automation = "full") -> None:
        self._automation: Automation = automation

    @property
    def provider_id(self) -> str:
        """``heuristic-none``, ``heuristic-light`` or ``heuristic-full``."""
        return f"heuristic-{self._automation}"

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Suggest at most 24 different tactics, best first."""
        return self.suggest_now(goal)

    def suggest_now(self, goal: Goal) -> list[Suggestion]:
        """The same without a coroutine, for tests and notebooks."""
        view = view_of(goal)
        decisive = self._decisive(view)
        if decisive is not None:
            return [Suggestion(decisive, 1.0)]
        return _best(self._choices(view))

    def _decisive(self, view: GoalView) -> str | None:
        """A step that ends the goal, or loses nothing and needs no help of automation."""
        tactic = closing(view) or introducing(view) or finishing(view) or reached(view)
        if tactic is None and self._automation != "none":
            tactic = finishing_lemma(view)
        return tactic or _renaming(view)

    def _choices(self, view: GoalView) -> Iterator[Suggestion]:
        full, light = self._automation == "full", self._automation != "none"
        lossless = splitting(view) or destructing(view) or splitting_pairs(view) or detaching(view)
        if lossless is not None:
            if full:
                yield Suggestion("grind", 1.0)
            if full:
                yield from linear(view, score=0.95)
            yield Suggestion(lossless, 0.9)
            return
        if full:
            yield from linear(view)
            yield from expanding(view)
            yield from closers(view)
        yield from choosing(view)
        yield from witnessing(view)
        yield from backward(view)
        if view.target.is_op("=") and not (full and any(view.facts)):  # the closers see as much, given facts
            yield Suggestion("rfl", 0.8)
            yield from congruence(view)
        yield from building(view)
        yield from mirroring(view)
        yield from unfolding(view)
        yield from rewriting(view)
        if light:
            yield from applying_lemmas(view)
            yield from simplifying(view)
        if light and not full:  # the closers know these lemmas, and single steps with them lead far
            yield from rewriting_lemmas(view)
        if any(part.is_op("if") for part in subterms(view.target)):
            yield Suggestion("split", 0.85)
        yield from branching(view)
        yield from inverting(view)
        yield from instantiating(view)
        yield from complete(view)
        yield from doubled(view)
        yield from diagonalising(view)
        yield from asking(view)
        yield from pointwise(view)
        yield from rewriting_facts(view)
        yield from contradicting(view)
        yield from deciding(view)


def _renaming(view: GoalView) -> str | None:
    """Names for what Lean left without one, if it is of any use."""
    if not any(entry.sort in ("fact", "value") for entry in view.hidden):
        return None
    supply = view.names()
    names = (
        supply.fresh("h" if entry.sort == "fact" else entry.name) if entry.sort != "instance" else "_"
        for entry in view.hidden
    )
    return "rename_i " + " ".join(names)


def _best(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Best first, each tactic once with its highest score; equal scores keep the order in which they were made."""
    best: dict[str, Suggestion] = {}
    for suggestion in sorted(suggestions, key=lambda s: -s.score):
        best.setdefault(suggestion.tactic, suggestion)
    return list(best.values())[:_MOST]
