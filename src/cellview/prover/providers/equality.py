"""Steps with equations: rewriting by hypotheses, in the target and at other hypotheses, and congruence."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cellview.prover.base import Suggestion
from cellview.prover.providers.definitions import reduce
from cellview.prover.providers.matching import rewrites
from cellview.prover.providers.terms import Term, atom, canonical, show, subterms
from cellview.prover.providers.uses import Use, uses_of
from cellview.prover.providers.view import GoalView

__all__ = ["MOST_TEXT", "Equation", "congruence", "equations", "pointwise", "rewriting", "rewriting_facts", "unfolding"]

MOST_TEXT = 400
"""Goals longer than this (in characters) are not made longer by rewriting."""


class Equation(msgspec.Struct, frozen=True, gc=False):
    """A fact that can be rewritten with: ``rw [name]`` turns `left` into `right`."""

    name: str
    left: Term
    right: Term
    variables: frozenset[str]

    @property
    def grows(self) -> bool:
        """Whether rewriting to the right makes terms larger."""
        return _weight(self.right) > _weight(self.left)

    def turned(self) -> Equation:
        """The same fact from right to left."""
        return Equation(f"← {self.name}", self.right, self.left, self.variables)


def _weight(term: Term) -> int:
    return sum(1 for part in subterms(term) if part.kind == "atom")


def equations(view: GoalView) -> Iterator[Equation]:
    """Equations among the facts, also under ``∀``; an ``↔`` counts as one."""
    for fact in view.facts:
        for use in uses_of(fact.name, fact.type):
            if not use.premises and not use.field and use.conclusion.is_op("=", "↔"):
                yield _equation(use)


def _equation(use: Use) -> Equation:
    return Equation(use.name, use.conclusion.args[0], use.conclusion.args[1], use.variables)


def rewriting(view: GoalView, *, score: float = 0.6) -> Iterator[Suggestion]:
    """``rw [h]`` and ``rw [← h]`` where the pattern occurs in the target."""
    if view.size > MOST_TEXT:
        return
    for equation in equations(view):
        for way in (equation, equation.turned()):
            if rewrites(way.left, way.variables, view.target):
                yield Suggestion(f"rw [{way.name}]", score - (0.15 if way.grows else 0.0))
    yield from _rewriting_to_images(view, score=score - 0.1)


def _rewriting_to_images(view: GoalView, *, score: float) -> Iterator[Suggestion]:
    """From ``h : ∀ x, g (f x) = x`` and a target about ``a``: ``rw [← h a]``."""
    if not view.target.is_op("="):
        return
    values = {entry.name for entry in view.values}
    for equation in equations(view):
        if equation.right.kind != "atom" or equation.variables != frozenset((equation.right.head,)):
            continue
        for side in view.target.args:
            if side.kind == "atom" and side.head in values:
                yield Suggestion(f"rw [← {equation.name} {side.head}]", score)


def rewriting_facts(view: GoalView, *, score: float = 0.4) -> Iterator[Suggestion]:
    """``rw [h] at k``, only where it does not make `k` larger."""
    if view.size > MOST_TEXT:
        return
    for equation in equations(view):
        for way in (equation, equation.turned()):
            if way.grows:
                continue
            for fact in view.facts:
                if fact.name != equation.name and rewrites(way.left, way.variables, fact.type):
                    yield Suggestion(f"rw [{way.name}] at {fact.name}", score)


def congruence(view: GoalView, *, score: float = 0.65) -> Iterator[Suggestion]:
    """The step of an induction: both sides of an equation grew by the same constructor."""
    if not view.target.is_op("="):
        return
    grown = any(part.is_op("+") and part.args[1] == atom("1") for part in subterms(view.target))
    heads = {part.args[0] for part in subterms(view.target) if part.is_op("::")}
    for equation in equations(view):
        proof = f"({equation.name}{' _' * len(equation.variables)})" if equation.variables else equation.name
        if grown:
            yield Suggestion(f"exact congrArg Nat.succ {proof}", score)
        for head in sorted(heads, key=lambda term: term.head):
            if head.kind == "atom":
                yield Suggestion(f"exact congrArg (List.cons {head.head}) {proof}", score)
    left, right = view.target.args
    if left.kind == right.kind == "app" and left.args[0] == right.args[0] and len(left.args) == len(right.args):
        yield Suggestion("congr 1", score - 0.2)


def pointwise(view: GoalView, *, score: float = 0.5) -> Iterator[Suggestion]:
    """From an equation of functions, or of propositions: what it says at a value, or as an ``↔``."""
    propositions = {entry.name for entry in view.entries if entry.sort == "proposition"}
    for equation in equations(view):
        if equation.variables:
            continue
        name = view.names().fresh("h")
        for side in (equation.left, equation.right):
            if side.is_op("¬", "∧", "∨", "→") or (side.kind == "atom" and side.head in propositions):
                yield Suggestion(f"have {name} := iff_of_eq {equation.name}", score)
                break
        if equation.right.is_bind("fun") or equation.left.is_bind("fun"):
            for entry in view.values:
                yield Suggestion(f"have {name} := congrFun {equation.name} {entry.name}", score)


def unfolding(view: GoalView, *, score: float = 0.62) -> Iterator[Suggestion]:
    """``show`` the target as it is after the defining equations of the functions in it, if that is different."""
    simpler = reduce(view.target)
    if canonical(simpler) != canonical(view.target) and simpler.kind == "op":
        yield Suggestion(f"show {show(simpler)}", score)
