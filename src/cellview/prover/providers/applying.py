"""Backward and forward steps with hypotheses: ``exact h a k``, ``refine h a ?_``, ``have h1 := h a k``."""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.definitions import reduce
from cellview.prover.providers.matching import match
from cellview.prover.providers.terms import Term, atom, canonical, op
from cellview.prover.providers.uses import FALSE, Instance, Use, instances, uses_of, values_of_type
from cellview.prover.providers.view import GoalView

__all__ = ["MOST_FACTS", "backward", "detaching", "finishing", "instantiating"]

MOST_FACTS = 14
"""With so many hypotheses, nothing is derived from them any more: what is needed is there, or it is not coming."""


def _fact_uses(view: GoalView) -> Iterator[Use]:
    for fact in view.facts:
        yield from uses_of(fact.name, fact.type)


def _for_target(view: GoalView, uses: Iterator[Use]) -> Iterator[Instance]:
    """Instances whose conclusion is the target, and which do not ask for the target again."""
    wanted = canonical(view.target)
    simpler = reduce(view.target)
    for use in uses:
        if not use.arguments and not use.field:
            continue
        binding = match(use.conclusion, view.target, use.variables)
        if binding is None and simpler != view.target:
            binding = match(use.conclusion, simpler, use.variables)
        if binding is None:
            continue
        for instance in instances(use, view, binding):
            if all(canonical(premise) != wanted for premise in instance.open):
                yield instance


def finishing(view: GoalView, uses: Iterator[Use] | None = None) -> str | None:
    """An application of a hypothesis to others that is exactly the target."""
    for instance in _for_target(view, uses or _fact_uses(view)):
        if not instance.open:
            return f"exact {instance.text}"
    return None


def backward(view: GoalView, uses: Iterator[Use] | None = None, *, score: float = 0.7) -> Iterator[Suggestion]:
    """Reduce the target to the premises of a hypothesis; fewer open premises score higher."""
    for instance in _for_target(view, uses or _fact_uses(view)):
        if instance.open and len(instance.open) <= 3:
            yield Suggestion(f"refine {instance.text}", score - 0.06 * len(instance.open))


def detaching(view: GoalView) -> str | None:
    """Modus ponens with a hypothesis that has no variables: a fact more, and nothing lost."""
    if sum(1 for _ in view.facts) > MOST_FACTS:
        return None
    for use in _fact_uses(view):
        if use.variables or not use.premises or use.conclusion == FALSE:
            continue
        for instance in instances(use, view, {}):
            if not instance.open and view.fact(instance.conclusion) is None:
                return f"have {view.names().fresh('h')} := {instance.text}"
    return None


def instantiating(view: GoalView, *, score: float = 0.5) -> Iterator[Suggestion]:
    """New facts from hypotheses with variables, premises filled by facts."""
    if sum(1 for _ in view.facts) > MOST_FACTS:
        return
    for use in _fact_uses(view):
        if not use.variables or use.conclusion == FALSE:
            continue
        for instance in _instances_at_hand(use, view):
            if not instance.open and view.fact(instance.conclusion) is None:
                bonus = 0.1 if use.premises else 0.0
                yield Suggestion(f"have {view.names().fresh('h')} := {instance.text}", score + bonus)


def _instances_at_hand(use: Use, view: GoalView) -> Iterator[Instance]:
    """Instances with facts; without premises, of one variable with a value of the context."""
    if use.premises:
        yield from instances(use, view, {}, limit=3)
    elif len(use.variables) == 1 and use.conclusion.is_op("≤", "<"):
        (variable,) = use.arguments[:1]
        # Beyond every value of the context: what holds of all numbers mostly fails there.
        for value in values_of_type(view, variable.type)[:3]:
            yield from instances(use, view, {variable.name: op("+", value, atom("1"))}, limit=1)
    elif len(use.variables) == 1 and _worth_knowing(use.conclusion):
        (variable,) = use.arguments[:1]
        for value in values_of_type(view, variable.type)[:3]:
            yield from instances(use, view, {variable.name: value}, limit=1)


def _worth_knowing(conclusion: Term) -> bool:
    """An instance is a step forward if there is something in it to take apart; equations are for rewriting."""
    return conclusion.is_op("∨", "∧", "↔", "¬") or conclusion.is_bind("∃") or conclusion == atom("False")
