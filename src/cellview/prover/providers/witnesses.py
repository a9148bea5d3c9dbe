"""Witnesses for ``∃``: from facts, from equations that name them, from the context, by trying small numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.arithmetic import solving
from cellview.prover.providers.matching import match, occurs, substitute
from cellview.prover.providers.terms import Term, app, atom, canonical, op, show, subterms
from cellview.prover.providers.view import GoalView

__all__ = ["witnessing"]

_MOST = 6
_NUMBERS = 64
_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "*": lambda a, b: a * b,
    "-": lambda a, b: max(0, a - b),
    "^": lambda a, b: a**b if b < 20 else 0,
}
_RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "=": lambda a, b: a == b,
    "≠": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "≤": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "≥": lambda a, b: a >= b,
}


def witnessing(view: GoalView, *, score: float = 0.7) -> Iterator[Suggestion]:
    """``refine ⟨w, ?_⟩`` for an existential target; the likeliest witness scores highest."""
    if not view.target.is_bind("∃"):
        return
    seen: set[Term] = set()
    name = f"?{view.target.name}"  # a name that no term of the context has
    body = substitute(view.target.args[1], {view.target.name: atom(name)})
    for witness in _candidates(name, body, view):
        if witness not in seen and "?" not in show(witness):
            seen.add(witness)
            yield Suggestion(f"refine ⟨{show(witness)}, ?_⟩", score - 0.03 * len(seen))
        if len(seen) >= _MOST:
            return


def _candidates(name: str, body: Term, view: GoalView) -> Iterator[Term]:
    inner, opened = _open(body)
    yield from _by_matching(name, opened, view, inner)
    yield from solving(view)
    number = _smallest(name, body)
    if number is not None:
        yield atom(str(number))
    kind = _kind_of(name, body, view)
    of_kind = [atom(e.name) for e in view.values if kind is None or canonical(e.type) == canonical(kind)]
    yield from of_kind
    if kind == atom("Nat"):
        yield atom("0")
        yield from (op("+", value, atom("1")) for value in of_kind)
    yield from _images(view, kind, of_kind)


def _open(body: Term) -> tuple[frozenset[str], Term]:
    """Further ``∃`` at the front taken away; their names, made unlike all others, may match anything."""
    names: list[str] = []
    while body.is_bind("∃"):
        name = f"?{body.name}{len(names)}"
        body = substitute(body.args[1], {body.name: atom(name)})
        names.append(name)
    return frozenset(names), body


def _by_matching(name: str, body: Term, view: GoalView, inner: frozenset[str]) -> Iterator[Term]:
    """Values of `name` that make a conjunct of the body a fact, or an equation of two equal sides."""
    variables = inner | {name}
    for part in _conjuncts(body):
        if part.is_op("=") and not occurs(name, part.args[1]):
            yield from _value(match(part.args[0], part.args[1], variables), name)
        if part.is_op("=") and not occurs(name, part.args[0]):
            yield from _value(match(part.args[1], part.args[0], variables), name)
        for fact in view.facts:
            yield from _value(match(part, fact.type, variables), name)


def _value(binding: dict[str, Term] | None, name: str) -> Iterator[Term]:
    if binding is not None and name in binding:
        yield binding[name]


def _conjuncts(term: Term) -> Iterator[Term]:
    """Parts of a body that a witness may settle: through ``∧``, ``∨``, ``↔`` and ``→``."""
    if term.is_op("∧", "∨", "→", "↔"):
        for part in reversed(term.args) if term.head == "→" else term.args:
            yield from _conjuncts(part)
    else:
        yield term


def _smallest(name: str, body: Term) -> int | None:
    """The smallest number for which a statement about numbers alone is true; ``None`` if it is not of that kind."""
    for number in range(_NUMBERS):
        value = _truth(substitute(body, {name: atom(str(number))}))
        if value is None:
            return None
        if value:
            return number
    return None


def _truth(term: Term) -> bool | None:
    if term.is_op("∧", "∨"):
        left, right = _truth(term.args[0]), _truth(term.args[1])
        if left is None or right is None:
            return None
        return (left and right) if term.head == "∧" else (left or right)
    if term.kind != "op" or term.head not in _RELATIONS:
        return None
    a, b = _number(term.args[0]), _number(term.args[1])
    return None if a is None or b is None else _RELATIONS[term.head](a, b)


def _number(term: Term) -> int | None:
    if term.kind == "atom":
        return int(term.head) if term.head.isdigit() else None
    if term.kind != "op" or term.head not in _OPERATIONS or len(term.args) != 2:
        return None
    a, b = _number(term.args[0]), _number(term.args[1])
    return None if a is None or b is None else _OPERATIONS[term.head](a, b)


def _kind_of(name: str, body: Term, view: GoalView) -> Term | None:
    """The type of a bound name, read off a function or predicate of the context that is applied to it."""
    for part in _everywhere(body):
        if part.kind == "app" and part.args[0].kind == "atom":
            kind = view.type_of(part.args[0].head)
            for argument in part.args[1:]:
                if kind is None or not kind.is_op("→"):
                    break
                if argument == atom(name):
                    return kind.args[0]
                kind = kind.args[1]
        elif part.is_op("=", "≠", "<", "≤", "+", "*") and atom(name) in part.args:
            other = part.args[0] if part.args[1] == atom(name) else part.args[1]
            kind = view.type_of(other.head) if other.kind == "atom" else None
            if kind is not None or other.head.isdigit():
                return kind or atom("Nat")
    return None


def _everywhere(term: Term) -> Iterator[Term]:
    for part in subterms(term):
        yield part
        if part.kind == "bind":
            yield from _everywhere(part.args[1])


def _images(view: GoalView, kind: Term | None, values: list[Term]) -> Iterator[Term]:
    """Values of functions of the context at values of the context: ``f a``."""
    for entry in view.entries:
        if entry.sort != "function" or not entry.type.is_op("→") or entry.type.args[1].is_op("→"):
            continue
        domain, result = (canonical(part) for part in entry.type.args)
        if result == atom("Prop") or (kind is not None and result != canonical(kind)):
            continue
        for value in view.values:
            if canonical(value.type) == domain:
                yield app(atom(entry.name), atom(value.name))
