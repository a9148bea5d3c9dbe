"""Steps of last resort: choosing a side, ex falso, the excluded middle, proof by contradiction."""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.logic import known
from cellview.prover.providers.matching import occurs
from cellview.prover.providers.terms import Term, atom, canonical, op, show
from cellview.prover.providers.uses import FALSE, uses_of
from cellview.prover.providers.view import GoalView

__all__ = ["choosing", "contradicting", "deciding"]

_MOST_DENIALS = 2
"""With more negations in the context, proof by contradiction adds no further one."""

_MOST_DECIDED = 7
"""With more hypotheses, no further proposition is decided."""


def choosing(view: GoalView, *, score: float = 0.55) -> Iterator[Suggestion]:
    """``left`` or ``right``; a side that the facts already show is the only one suggested."""
    if not view.target.is_op("∨"):
        return
    left, right = view.target.args
    if known(left, view):
        yield Suggestion("left", 0.95)
    elif known(right, view):
        yield Suggestion("right", 0.95)
    else:
        yield Suggestion("left", score)
        yield Suggestion("right", score - 0.01)


def contradicting(view: GoalView, *, score: float = 0.3) -> Iterator[Suggestion]:
    """``exfalso`` where something is denied, and proof by contradiction where the target is not denied already."""
    if view.target == FALSE:
        return
    denials = any(use.conclusion == FALSE for fact in view.facts for use in uses_of(fact.name, fact.type))
    denied = view.fact(op("¬", view.target)) is not None
    if (
        denied
        or sum(fact.type.is_op("¬", "≠") for fact in view.facts) > _MOST_DENIALS
        or view.target.is_op("=", "<", "≤", "∈")
    ):
        # Proof by contradiction would do the same and more, where it has not been done already.
        if denials:
            yield Suggestion("exfalso", score)
    else:
        yield Suggestion(f"refine Classical.byContradiction fun {view.names().fresh('h')} => ?_", score - 0.05)


def deciding(view: GoalView, *, score: float = 0.35) -> Iterator[Suggestion]:
    """``by_cases`` on the propositions that goal and hypotheses are made of, as far as they are open."""
    if sum(1 for _ in view.facts) > _MOST_DECIDED:
        return
    name = view.names().fresh("h")
    seen: set[Term] = set()
    statements = [view.target, *(fact.type for fact in view.facts)]
    for statement in statements:
        for part in _parts(statement, ()):
            shape = canonical(part)
            if (
                shape in seen
                or part in (FALSE, atom("True"), view.target)
                or view.fact(part)
                or view.fact(op("¬", part))
            ):
                continue
            seen.add(shape)
            yield Suggestion(f"by_cases {name} : {show(part)}", score - 0.02 * len(seen))


def _parts(term: Term, bound: tuple[str, ...]) -> Iterator[Term]:
    """The atoms of a statement's propositional structure, and whole quantified parts."""
    if term.is_op("∧", "∨", "→", "↔", "¬"):
        for part in term.args:
            yield from _parts(part, bound)
    elif term.is_bind("∀") or term.is_bind("∃"):
        if not any(occurs(name, term) for name in bound):
            yield term
        yield from _parts(term.args[1], (*bound, term.name))
    elif (term.kind in ("atom", "app") or term.is_op("∈", "<", "≤")) and not any(occurs(name, term) for name in bound):
        yield term
