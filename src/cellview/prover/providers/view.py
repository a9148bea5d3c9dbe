"""A goal as the rules see it: parsed, with the context sorted into facts, values and types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from cellview.prover.base import Goal
from cellview.prover.providers.definitions import normal
from cellview.prover.providers.terms import Term, atom, parse_term

__all__ = ["Entry", "GoalView", "Names", "Sort", "view_of"]

Sort: TypeAlias = Literal["fact", "value", "function", "proposition", "type", "instance"]
"""What a name of the context is: a proof of something, a value, a function (predicates too), a proposition, …"""

_TYPES = frozenset({"Type", "Sort", "Prop"})
_TRUTHS = frozenset({"True", "False"})
_PROPERTIES = frozenset({"Function.Injective", "Function.Surjective", "Function.LeftInverse", "Function.RightInverse"})
_CONNECTIVES = ("∧", "∨", "↔", "¬", "=", "≠", "<", "≤", ">", "≥", "∈", "∉", "≍", "∣", "⊆")


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One usable name of the context with its parsed type."""

    name: str
    type: Term
    sort: Sort


class GoalView(msgspec.Struct, frozen=True):
    """A parsed goal. Only accessible names are entries; `hidden` are the others, in context order."""

    target: Term
    entries: tuple[Entry, ...]
    hidden: tuple[Entry, ...]
    size: int
    """Length of the goal as text: a cheap measure against runaway rewriting."""

    @property
    def facts(self) -> Iterator[Entry]:
        """The hypotheses proper: names of proofs."""
        return (entry for entry in self.entries if entry.sort == "fact")

    @property
    def values(self) -> Iterator[Entry]:
        """Names of elements: neither proofs, functions, propositions nor types."""
        return (entry for entry in self.entries if entry.sort == "value")

    def fact(self, statement: Term) -> str | None:
        """The name of a hypothesis that says `statement`, up to bound names and defining equations."""
        wanted = normal(statement)
        return next((entry.name for entry in self.facts if normal(entry.type) == wanted), None)

    def type_of(self, name: str) -> Term | None:
        """The declared type of a name of the context."""
        return next((entry.type for entry in self.entries if entry.name == name), None)

    def names(self) -> Names:
        """A fresh supply of names that collide with nothing in the context."""
        return Names({entry.name for entry in (*self.entries, *self.hidden)})


class Names:
    """Gives out readable names that are not taken."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = set(taken)

    def fresh(self, wanted: str) -> str:
        """`wanted` itself if it is free, otherwise with the smallest number that makes it so."""
        stem = re.sub(r"[✝\d]+$", "", wanted) or "x"
        name, number = (wanted if re.fullmatch(r"[^\W\d][\w']*", wanted) else stem), 0
        while name in self._taken or name == "_":
            number += 1
            name = f"{stem}{number}"
        self._taken.add(name)
        return name


def view_of(goal: Goal) -> GoalView:
    """Parse `goal`. Of a joint goal, only the first target counts, as for tactics."""
    first_target = goal.goal_type.split("⊢")[0]
    local_names = frozenset(hypothesis.name for hypothesis in goal.hypotheses)
    sorts: dict[str, Sort] = {}
    shown: list[Entry] = []
    hidden: list[Entry] = []
    for hypothesis in goal.hypotheses:
        kind = parse_term(hypothesis.type, local_names)
        instance = hypothesis.name.startswith("inst")
        sort: Sort = "instance" if instance else _sort(kind, sorts)
        sorts[hypothesis.name] = sort
        entry = Entry(hypothesis.name, kind, sort)
        (hidden if "✝" in hypothesis.name else shown).append(entry)
        if sort == "function" and _result(kind) == atom("Prop"):
            sorts[hypothesis.name + " "] = "proposition"
    size = len(first_target) + sum(len(hypothesis.type) for hypothesis in goal.hypotheses)
    return GoalView(parse_term(first_target, local_names), tuple(shown), tuple(hidden), size)


def _result(kind: Term) -> Term:
    """What a function type ends in."""
    while kind.is_op("→") or kind.is_bind("∀"):
        kind = kind.args[-1]
    return kind


def _sort(kind: Term, sorts: dict[str, Sort]) -> Sort:
    if _is_proposition(kind, sorts):
        return "fact"
    if kind == atom("Prop"):
        return "proposition"
    head = kind.args[0] if kind.kind == "app" else kind
    if head.kind == "atom" and head.head in _TYPES:
        return "type"
    return "function" if kind.is_op("→") or kind.is_bind("∀") else "value"


def _is_proposition(kind: Term, sorts: dict[str, Sort]) -> bool:
    """Whether a term that stands as a type is a proposition, judged by its shape and the names' own types."""
    if kind.is_op("→") or kind.is_bind("∀"):
        return _is_proposition(kind.args[-1], sorts)
    if kind.is_op(*_CONNECTIVES) or kind.is_bind("∃"):
        return True
    if kind.kind == "atom":
        return kind.head in _TRUTHS or sorts.get(kind.head) == "proposition"
    if kind.kind == "app" and kind.args[0].kind == "atom":
        return kind.args[0].head in _PROPERTIES or sorts.get(kind.args[0].head + " ") == "proposition"
    # Of a raw type we know nothing; most that are not understood are long propositions, not types of values.
    return kind.kind == "raw"
