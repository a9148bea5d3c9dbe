"""Lemmas that an induction needs before it goes through: the defining equations of ``+``, read from the other side.

Why: ``a + (b + 1)`` becomes ``(a + b) + 1`` by definition, ``(a + 1) + b`` does not. Where a sum of the goal has its
successor, or its zero, on the side that the definition does not look at, no rewriting by hypotheses helps. The mirrored
equations are then stated and shown first. The same holds of ``k ++ []`` and of ``(k ++ l) ++ m``.

Examples: ``a + b = b + a``; ``2 * n = n + n``; ``(k ++ l) ++ m = k ++ (l ++ m)`` under a longer goal.
"""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.definitions import constructor_of, reduce
from cellview.prover.providers.terms import Term, atom, op, parse_term, show, subterms
from cellview.prover.providers.view import GoalView

__all__ = ["mirroring"]

_MOST_FACTS = 6
_SUCCESSOR = "∀ (x y : Nat), x + 1 + y = x + y + 1"
_ZERO = "∀ (x : Nat), 0 + x = x"


def mirroring(view: GoalView, *, score: float = 0.57) -> Iterator[Suggestion]:
    """``have h : ∀ x y, x + 1 + y = x + y + 1 := ?_`` and its kin, where the target has such a sum."""
    if sum(1 for _ in view.facts) > _MOST_FACTS or not view.target.is_op("=", "≤", "<"):
        return
    sums = [part for part in subterms(reduce(view.target)) if part.is_op("+") and not _literal(part.args[1])]
    wanted = list[str]()
    if any(part.args[0] == atom("0") for part in sums):
        wanted.append(_ZERO)
    if any(constructor_of(part.args[0]) == "successor" for part in sums):
        wanted.append(_SUCCESSOR)
    wanted += _about_lists(view)
    for statement in wanted:
        if view.fact(parse_term(statement)) is None:
            yield Suggestion(f"have {view.names().fresh('h')} : {statement} := ?_", score)


def _literal(term: Term) -> bool:
    return term.kind == "atom" and term.head.isdigit()


def _about_lists(view: GoalView) -> Iterator[str]:
    """Of ``++``, for the type of a list of the context: the definition looks at its left side."""
    kind = next((show(e.type) for e in view.values if e.type.kind == "app" and e.type.args[0] == atom("List")), None)
    if kind is None:
        return
    joins = [part for part in subterms(view.target) if part.is_op("++")]
    if any(part.args[1] == op("[]") for part in joins):
        yield f"∀ (x : {kind}), x ++ [] = x"
    if any(part.args[0].is_op("++") for part in joins):
        yield f"∀ (x y z : {kind}), x ++ y ++ z = x ++ (y ++ z)"
