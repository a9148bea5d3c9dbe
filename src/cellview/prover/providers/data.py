"""Steps that the type of a value calls for: induction, case analysis, and witnesses for ``∃``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.matching import occurs
from cellview.prover.providers.terms import Term, atom, show, subterms
from cellview.prover.providers.view import Entry, GoalView

__all__ = ["branching", "inverting", "splitting_pairs"]

_DEEPEST = 2
"""A value that came out of so many case analyses is not analysed again: its name's number counts them."""


def branching(view: GoalView, *, score: float = 0.55) -> Iterator[Suggestion]:
    """Case analysis on Booleans, induction and case analysis on naturals and lists that the goal speaks of."""
    hypotheses = sum(entry.name.startswith("ih") for entry in view.facts)
    for entry in view.values:
        in_target = occurs(entry.name, view.target)
        if not in_target and not any(occurs(entry.name, fact.type) for fact in view.facts):
            continue
        if entry.type == atom("Bool"):
            yield Suggestion(f"cases {entry.name} with | false => ?_ | true => ?_", score + 0.2)
        kind = _inductive(entry.type)
        if kind is None or _depth(entry.name) >= _DEEPEST:
            continue
        if kind != "Option" and in_target and hypotheses < 2:
            yield _induction(entry, view, kind, score - 0.1 * hypotheses)
        else:
            yield Suggestion(f"cases {entry.name} with {_cases(kind, entry, view)}", score - 0.12)
    yield from _deciding_values(view, score)


def splitting_pairs(view: GoalView) -> str | None:
    """Take a value that is a pair apart; nothing is lost."""
    for entry in view.values:
        if entry.type.is_op("×") and (
            occurs(entry.name, view.target) or any(occurs(entry.name, fact.type) for fact in view.facts)
        ):
            supply = view.names()
            return f"obtain ⟨{supply.fresh('a')}, {supply.fresh('b')}⟩ := {entry.name}"
    return None


def _deciding_values(view: GoalView, score: float) -> Iterator[Suggestion]:
    """Case analysis on ``f a`` of type Bool, if it stands in the target and its value is not known."""
    name = view.names().fresh("h")
    for part in subterms(view.target):
        if part.kind != "app" or any(argument.kind != "atom" for argument in part.args):
            continue
        kind = view.type_of(part.args[0].head)
        for _ in part.args[1:]:
            kind = kind.args[1] if kind is not None and kind.is_op("→") else None
        if kind == atom("Bool") and not any(part in fact.type.args for fact in view.facts):
            yield Suggestion(f"cases {name} : {show(part)} with | false => ?_ | true => ?_", score)


def _inductive(kind: Term) -> str | None:
    if kind == atom("Nat"):
        return "Nat"
    if kind.kind == "app" and kind.args[0] == atom("Option"):
        return "Option"
    return "List" if kind.kind == "app" and kind.args[0] == atom("List") else None


def _depth(name: str) -> int:
    number = re.search(r"\d+$", name)
    return int(number.group()) if number else 0


def _induction(entry: Entry, view: GoalView, kind: str, score: float) -> Suggestion:
    """Induction for all values of what else the target speaks of: the hypothesis is the stronger for it."""
    branches = _cases(kind, entry, view, hypothesis=view.names().fresh("ih"))
    others = [other.name for other in view.values if other.name != entry.name and _varies(other, view)]
    general = f" generalizing {' '.join(others)}" if others else ""
    return Suggestion(f"induction {entry.name}{general} with {branches}", score)


def _varies(other: Entry, view: GoalView) -> bool:
    """Whether a value stands in the target and is of a kind that changes from one step of a recursion to the next."""
    return _inductive(other.type) is not None and occurs(other.name, view.target)


def _cases(kind: str, entry: Entry, view: GoalView, *, hypothesis: str = "") -> str:
    supply = view.names()
    after = f" {hypothesis}" if hypothesis else ""
    # The parts are numbered one higher than the whole, so that names tell how often a value was taken apart.
    stem = re.sub(r"\d+$", "", entry.name)
    part = supply.fresh(f"{stem}{_depth(entry.name) + 1}")
    if kind == "Option":
        return f"| none => ?_ | some {supply.fresh('a')} => ?_"
    if kind == "Nat":
        return f"| zero => ?_ | succ {part}{after} => ?_"
    return f"| nil => ?_ | cons {supply.fresh('a')} {part}{after} => ?_"


def inverting(view: GoalView, *, score: float = 0.5) -> Iterator[Suggestion]:
    """Case analysis and induction on how ``a ∈ l`` or ``m ≤ n`` came about."""
    supply = view.names()
    part, hypothesis = supply.fresh("h"), supply.fresh("ih")
    inductions = sum(entry.name.startswith("ih") for entry in view.facts)
    values = {entry.name for entry in view.values}
    for fact in view.facts:
        if fact.type.is_op("∈"):
            head, rest = supply.fresh("a"), supply.fresh("l")
            over = fact.type.args[1]
            if over.is_op("::"):
                yield Suggestion(f"cases {fact.name} with | head => ?_ | tail {head} {part} => ?_", score)
            elif over.kind == "atom" and over.head in values and inductions < 2:
                branches = f"| head {rest} => ?_ | tail {head} {part} {hypothesis} => ?_"
                yield Suggestion(f"induction {fact.name} with {branches}", score)
        elif fact.type.is_op("≤", "<"):
            limit = fact.type.args[1]
            if limit.kind == "atom" and limit.head in values and inductions < 2:
                yield Suggestion(f"induction {fact.name} with | refl => ?_ | step {part} {hypothesis} => ?_", score)
            elif limit.is_op("+"):
                yield Suggestion(f"cases {fact.name} with | refl => ?_ | step {part} => ?_", score)
