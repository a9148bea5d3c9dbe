"""How ``m ≤ n`` and ``a ∈ l`` are shown: by their constructors, and by taking one successor from both sides.

Why: both are inductive predicates. A fact of such a kind is taken apart by `cases` and `induction`; what an induction
leaves to show is mostly one constructor away from its hypothesis, and no hypothesis of the context says so.

Examples: ``n ≤ n + m``; ``a ≤ b → a ≤ b + 1``; ``a ∈ k → a ∈ k ++ l``.
"""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.arithmetic import integers
from cellview.prover.providers.definitions import normal, reduce
from cellview.prover.providers.terms import Term, atom, op, show, subterms
from cellview.prover.providers.view import GoalView

__all__ = ["building", "reached"]

_ONE = atom("1")


def reached(view: GoalView) -> str | None:
    """A constructor that is exactly the target: ``0 ≤ n``, ``a ∈ a :: l``, ``n ≤ n + 0``."""
    target = view.target
    if target.is_op("≤") and _natural(target, view):
        below, above = target.args
        if normal(below) == normal(above):
            return "exact Nat.le_refl _"
        return "exact Nat.zero_le _" if below == atom("0") else None
    if target.is_op("∈"):
        head = _head(reduce(target.args[1]))
        if head is not None and normal(head) == normal(target.args[0]):
            return "exact List.Mem.head _"
    return None


def building(view: GoalView, *, score: float = 0.6) -> Iterator[Suggestion]:
    """Reduce ``m ≤ n + 1`` to ``m ≤ n`` or ``m + 1 ≤ n + 1`` to ``m ≤ n``, and ``a ∈ b :: l`` to ``a ∈ l``."""
    target = view.target
    if target.is_op("<") and _natural(target, view):
        yield Suggestion(f"show {show(op('≤', op('+', target.args[0], _ONE), target.args[1]))}", score)
    elif target.is_op("≤") and _natural(target, view):
        below, above = (_less(reduce(side)) for side in target.args)
        if above is None:
            return
        if below is not None:
            yield Suggestion("refine Nat.succ_le_succ ?_", score)
        yield Suggestion("refine Nat.le_succ_of_le ?_", score - 0.05)
    elif target.is_op("∈") and _head(reduce(target.args[1])) is not None:
        yield Suggestion("refine List.mem_cons_of_mem _ ?_", score)


def _natural(target: Term, view: GoalView) -> bool:
    """Whether the target compares naturals: something in it is one, and nothing of the context is an integer.

    A constructor that is exactly the target is the only suggestion, so a guess that is wrong would end the search.
    """
    heads = {part.head for part in subterms(target) if part.kind == "atom"}
    typed = any(_result(entry.type) == atom("Nat") for entry in view.entries if entry.name in heads)
    return (typed or ".length" in heads) and not integers(view)


def _result(kind: Term) -> Term:
    while kind.is_op("→"):
        kind = kind.args[1]
    return kind


def _less(term: Term) -> Term | None:
    """The number before `term`, if `term` is made as a successor."""
    if not term.is_op("+") or term.args[1].kind != "atom" or not term.args[1].head.isdigit():
        return None
    number = int(term.args[1].head)
    return term.args[0] if number == 1 else op("+", term.args[0], atom(str(number - 1))) if number else None


def _head(term: Term) -> Term | None:
    if term.is_op("::"):
        return term.args[0]
    return term.args[0] if term.is_op("[]") and term.args else None
