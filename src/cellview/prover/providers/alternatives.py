"""Choosing a witness classically: look first whether anything has, or lacks, a property of the goal.

Why: "there is somebody such that if he drinks, all drink" has no witness to compute. Whether somebody does not drink
decides it: if so, he is the witness; if not, anybody is. So before a witness is named, the case is made.

Examples: ``∃ y, ∀ x, f y → f x``; ``(∃ x, p x → r) ↔ (∀ x, p x) → r``.
"""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.matching import occurs
from cellview.prover.providers.terms import Term, atom, canonical, op, show
from cellview.prover.providers.view import GoalView

__all__ = ["asking"]

_MOST_FACTS = 5
_MOST = 3


def asking(view: GoalView, *, score: float = 0.52) -> Iterator[Suggestion]:
    """``by_cases h : ∃ x, ¬p x`` for predicates ``p`` of an existential target with a premise or a choice inside."""
    if not view.target.is_bind("∃") or sum(1 for _ in view.facts) > _MOST_FACTS:
        return
    name, seen = view.names().fresh("h"), set[Term]()
    for part, bound in _atoms(view.target, ()):
        statement = part
        for variable in reversed(bound):
            if occurs(variable, statement):
                statement = Term("bind", "∃", (atom("_"), statement), variable)
        for question in (_denied(statement), statement):
            shape = canonical(question)
            if shape not in seen and shape != canonical(view.target) and not _answered(question, view):
                seen.add(shape)
                if len(seen) <= _MOST:
                    yield Suggestion(f"by_cases {name} : {_shown(question)}", score - 0.02 * len(seen))


def _denied(statement: Term) -> Term:
    if statement.is_bind("∃"):
        return Term("bind", "∃", (statement.args[0], _denied(statement.args[1])), statement.name)
    return op("¬", statement)


def _shown(term: Term) -> str:
    return f"∃ {term.name}, {_shown(term.args[1])}" if term.is_bind("∃") else show(term)


def _answered(question: Term, view: GoalView) -> bool:
    return view.fact(question) is not None or view.fact(op("¬", question)) is not None


def _atoms(term: Term, bound: tuple[str, ...]) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """Applied predicates inside a target that has a premise or a choice."""
    if term.kind == "bind":
        yield from _atoms(term.args[1], (*bound, term.name))
    elif term.is_op("→", "∨", "↔", "¬", "∧"):
        for part in term.args:
            yield from _atoms(part, bound)
    elif term.kind == "app" and any(occurs(name, term) for name in bound):
        yield term, bound
