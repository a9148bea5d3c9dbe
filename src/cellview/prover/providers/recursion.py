"""Induction beyond the next number: from all smaller ones, and in steps of two.

Why: plain induction has too weak a hypothesis where a fact speaks of ``m < n`` or of ``n + 2``. Complete induction
hands over all smaller numbers; showing a statement for ``n`` and ``n + 1`` together makes steps of two of steps of one.

Examples: ``(∀ n, (∀ m, m < n → p m) → p n) → ∀ n, p n``; ``p 0 → p 1 → (∀ n, p n → p (n + 2)) → ∀ n, p n``.
"""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.matching import occurs, substitute
from cellview.prover.providers.terms import Term, atom, op, show
from cellview.prover.providers.view import GoalView

__all__ = ["complete", "doubled"]


def complete(view: GoalView, *, score: float = 0.6) -> Iterator[Suggestion]:
    """``Nat.strongRecOn``, where a fact is about smaller numbers; facts about the number come along."""
    if not any(_descends(fact.type) for fact in view.facts):
        return
    for entry in view.values:
        about = [fact.name for fact in view.facts if occurs(entry.name, fact.type)]
        if entry.type == atom("Nat") and (occurs(entry.name, view.target) or about):
            revert = f"revert {' '.join(about)}; " if about else ""
            yield Suggestion(f"{revert}refine Nat.strongRecOn {entry.name} ?_", score)


def _descends(term: Term) -> bool:
    """Whether ``m < n`` stands under a quantifier over ``n``, or ``∃ m, m < n``."""
    if term.is_bind("∀"):
        return _compares(term.args[1], term.name) or _descends(term.args[1])
    return term.is_op("→") and any(_descends(part) for part in term.args)


def _compares(term: Term, name: str) -> bool:
    if term.is_op("<") and term.args[1] == atom(name):
        return True
    return any(_compares(part, name) for part in term.args)


def doubled(view: GoalView, *, score: float = 0.58) -> Iterator[Suggestion]:
    """Show the target for ``n`` and ``n + 1`` at once, if a fact goes from ``n`` to ``n + 2``."""
    if view.target.is_op("∧") or not any(_skips(fact.type) for fact in view.facts):
        return
    for entry in view.values:
        if entry.type == atom("Nat") and occurs(entry.name, view.target):
            next_one = substitute(view.target, {entry.name: op("+", atom(entry.name), atom("1"))})
            both = f"({show(view.target)}) ∧ ({show(next_one)})"
            supply = view.names()
            part, hypothesis = supply.fresh(entry.name), supply.fresh("ih")
            branches = f"| zero => ?_ | succ {part} {hypothesis} => ?_"
            yield Suggestion(f"refine (?_ : {both}).left; induction {entry.name} with {branches}", score)


def _skips(term: Term) -> bool:
    if term.is_op("+") and term.args[1] == atom("2"):
        return True
    return any(_skips(part) for part in term.args)
