"""Diagonal arguments: what a binary relation says of an element and itself, denied.

Why: Russell's and Cantor's proofs turn on one term that no matching finds, since it stands nowhere in the goal. With a
relation or function ``f`` of two arguments of one type, it is ``fun x => ¬f x x``, or another value than ``f x x``.

Examples: ``¬∀ p : α → Prop, ∃ a, f a = p``; ``∃ g : Nat → Nat, ∀ n, f n ≠ g``.
"""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.terms import Term, canonical
from cellview.prover.providers.view import GoalView

__all__ = ["diagonalising"]

_OTHER = {"Prop": "¬{0}", "Bool": "!({0})", "Nat": "{0} + 1", "Int": "{0} + 1"}


def diagonalising(view: GoalView, *, score: float = 0.62) -> Iterator[Suggestion]:
    """Instantiate a fact about all predicates with the diagonal, or give the diagonal as witness."""
    for entry in view.entries:
        shape = _square(entry.type) if entry.sort == "function" else None
        if shape is None:
            continue
        domain, result = shape
        value = _OTHER[result.head].format(f"{entry.name} x x")
        diagonal = f"(fun x => {value})"
        kind = canonical(Term("op", "→", (domain, result)))
        # Lean mostly leaves the type of a bound name out.
        if view.target.is_bind("∃") and (view.target.args[0].kind == "raw" or canonical(view.target.args[0]) == kind):
            yield Suggestion(f"refine ⟨{diagonal[1:-1]}, ?_⟩", score)
        for fact in view.facts:
            if fact.type.is_bind("∀") and canonical(fact.type.args[0]) == kind:
                yield Suggestion(f"have {view.names().fresh('h')} := {fact.name} {diagonal}", score)


def _square(kind: Term) -> tuple[Term, Term] | None:
    """Domain and result of ``α → α → β`` with a ``β`` that has two values at least."""
    if not kind.is_op("→") or not kind.args[1].is_op("→"):
        return None
    first, (second, result) = kind.args[0], kind.args[1].args
    return (first, result) if canonical(first) == canonical(second) and result.head in _OTHER else None
