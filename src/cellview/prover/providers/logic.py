"""Steps that a goal's or a hypothesis' outermost connective calls for: closing, introducing, taking apart."""

from __future__ import annotations

from cellview.prover.providers.definitions import constructor_of, normal, unfolded
from cellview.prover.providers.matching import occurs
from cellview.prover.providers.terms import Term, atom, op
from cellview.prover.providers.uses import FALSE
from cellview.prover.providers.view import Entry, GoalView

__all__ = ["clashes", "closing", "destructing", "introducing", "known", "splitting"]

_SYMMETRIC = ("=", "≠", "↔")


def closing(view: GoalView) -> str | None:
    """A tactic that ends the goal with what is at hand, if it can be read off."""
    target = view.target
    wanted = normal(target)
    for entry in reversed(view.entries):
        if normal(entry.type) == wanted:
            return f"exact {entry.name}"
    return _trivial(target) or _symmetric(view) or _absurd(view)


def _trivial(target: Term) -> str | None:
    if target == atom("True"):
        return "trivial"
    if target.is_op("=", "↔", "≍") and normal(target.args[0]) == normal(target.args[1]):
        return "rfl"
    if target.is_op("≤", "≥") and target.args[0] == target.args[1]:
        return "rfl"
    return None


def _symmetric(view: GoalView) -> str | None:
    if not view.target.is_op(*_SYMMETRIC):
        return None
    name = view.fact(op(view.target.head, view.target.args[1], view.target.args[0]))
    return f"exact {name}.symm" if name else None


def _absurd(view: GoalView) -> str | None:
    for fact in view.facts:
        if fact.type == FALSE:
            return f"exact {fact.name}.elim"
        if clashes(fact.type):
            return f"cases {fact.name}"
        denied = _denied(fact.type)
        if denied is None:
            continue
        proof = view.fact(denied)
        if proof is None and denied.is_op("=") and normal(denied.args[0]) == normal(denied.args[1]):
            proof = "rfl"
        if proof is not None:
            return f"exact {fact.name} {proof}" if view.target == FALSE else f"exact absurd {proof} {fact.name}"
    return None


def _denied(statement: Term) -> Term | None:
    """What `statement` says is false."""
    if statement.is_op("¬"):
        return statement.args[0]
    if statement.is_op("≠"):
        return op("=", *statement.args)
    if statement.is_op("→") and statement.args[1] == FALSE:
        return statement.args[0]
    return None


def clashes(statement: Term) -> bool:
    """Whether a hypothesis can have no proof because constructors differ: ``true = false``, ``a ∈ []``."""
    if statement.is_op("="):
        left, right = (constructor_of(side) for side in statement.args)
        return left is not None and right is not None and left != right
    if statement.is_op("∈"):
        return statement.args[1] == op("[]")
    if statement.is_op("<"):
        return statement.args[1] == atom("0")
    return statement.is_op("≤") and statement.args[1] == atom("0") and constructor_of(statement.args[0]) == "successor"


def introducing(view: GoalView) -> str | None:
    """``intro`` with a name for everything that the target lets one assume."""
    names, supply, target = list[str](), view.names(), view.target
    while True:
        if target.is_bind("∀"):
            names.append(supply.fresh(target.name))
            target = target.args[1]
        elif target.is_op("→"):
            names.append(supply.fresh("h"))
            target = target.args[1]
        else:
            break
    meaning = unfolded(target)
    while meaning is not None and meaning.is_bind("∀"):
        names.append(supply.fresh(meaning.name))
        meaning = meaning.args[1]
    if target.is_op("¬", "≠") or (meaning is not None and meaning.is_op("→")):
        names.append(supply.fresh("h"))
    return "intro " + " ".join(names) if names else None


def splitting(view: GoalView) -> str | None:
    """The one step that an ``∧``, an ``↔``, or an equation of propositions or functions calls for."""
    target = view.target
    if target.is_op("∧", "↔"):
        return "constructor"
    if not target.is_op("="):
        return None
    if any(_is_statement(side, view) for side in target.args):
        return "apply propext"
    if any(_is_function(side, view) for side in target.args):
        return f"funext {view.names().fresh('x')}"
    return None


def _is_statement(term: Term, view: GoalView) -> bool:
    if term.kind == "atom":
        return any(entry.name == term.head and entry.sort == "proposition" for entry in view.entries)
    return term.is_op("∧", "∨", "¬", "→", "↔") or term.is_bind("∃") or term.is_bind("∀")


def _is_function(term: Term, view: GoalView) -> bool:
    if term.kind == "atom":
        return any(entry.name == term.head and entry.sort == "function" for entry in view.entries)
    return term.is_bind("fun") or term.is_op("∘")


def known(statement: Term, view: GoalView) -> bool:
    """Whether facts of the context show `statement` by ``∧`` and ``∨`` alone."""
    if view.fact(statement) is not None or _trivial(statement) is not None:
        return True
    if statement.is_op("∧"):
        return all(known(part, view) for part in statement.args)
    return statement.is_op("∨") and any(known(part, view) for part in statement.args)


def destructing(view: GoalView) -> str | None:
    """Take apart the first hypothesis that can be without loss: ``∧``, ``∃``, ``↔``, ``∨``, ``x = t``, injections."""
    facts = list(view.facts)
    for step in (_open_pair, _substitute, _inject, _open_choice):
        for fact in facts:
            tactic = step(fact, view)
            if tactic is not None:
                return tactic
    return None


def _open_pair(fact: Entry, view: GoalView) -> str | None:
    supply, statement = view.names(), fact.type
    if statement.is_op("∧", "↔"):
        return f"obtain ⟨{supply.fresh('h')}, {supply.fresh('h')}⟩ := {fact.name}"
    if statement.is_bind("∃"):
        return f"obtain ⟨{supply.fresh(statement.name)}, {supply.fresh('h')}⟩ := {fact.name}"
    return None


def _open_choice(fact: Entry, view: GoalView) -> str | None:
    if fact.type.is_op("∨") and not known(fact.type.args[0], view) and not known(fact.type.args[1], view):
        name = view.names().fresh("h")
        return f"rcases {fact.name} with {name} | {name}"
    return None


def _substitute(fact: Entry, view: GoalView) -> str | None:
    if not fact.type.is_op("="):
        return None
    values = {entry.name for entry in view.values}
    for side, other in (fact.type.args, reversed(fact.type.args)):
        if side.kind == "atom" and side.head in values and not occurs(side.head, other):
            return f"subst {fact.name}"
    return None


def _inject(fact: Entry, view: GoalView) -> str | None:
    if not fact.type.is_op("="):
        return None
    left, right = fact.type.args
    supply = view.names()
    one, two = supply.fresh("h"), supply.fresh("h")
    if constructor_of(left) == constructor_of(right) == "successor":
        return f"injection {fact.name} with {one}"
    pairs = left.is_op("()") and right.is_op("()") and len(left.args) == 2
    if pairs or constructor_of(left) == constructor_of(right) == "::":
        return f"injection {fact.name} with {one} {two}"
    return None
