"""Numbers: ``omega`` for linear goals, expanding products for the others, witnesses that solve an equation.

Why: a goal such as ``x < y → x + 1 ≤ y`` has one sensible answer, and enumerating lemmas about order misses it. `omega`
decides linear arithmetic on ``Nat``, ``Int`` and ``Fin``. Products are multiplied out first, so that equal monomials
become equal unknowns. An existential statement about numbers mostly says how its witness is computed.

Examples: ``a < b → ¬ b ≤ a``; ``(a + b) * (a + b) = a * a + 2 * a * b + b * b``; ``∃ c, b = a + c`` from ``a ≤ b``.
"""

from __future__ import annotations

from collections.abc import Iterator

from cellview.prover.base import Suggestion
from cellview.prover.providers.matching import occurs
from cellview.prover.providers.terms import Term, atom, op, subterms
from cellview.prover.providers.uses import FALSE
from cellview.prover.providers.view import GoalView

__all__ = ["expanding", "integers", "linear", "numeric", "solving"]

_NUMBERS = (atom("Nat"), atom("Int"))
_RELATIONS = ("=", "≠", "<", "≤", ">", "≥", "∣")
_MOST_UNKNOWNS = 4
_EXPAND = ("mul_add", "add_mul", "mul_assoc")
_EXPAND_INT = ("mul_sub", "sub_mul", "neg_mul", "mul_neg")


def numeric(term: Term, view: GoalView) -> bool:
    """Whether `term` is a relation between numbers, or made of such by connectives."""
    if term.is_op("∧", "∨", "↔", "→", "¬"):
        return any(numeric(part, view) for part in term.args)
    return term.is_op(*_RELATIONS) and any(_is_number(part, view) for side in term.args for part in subterms(side))


def _is_number(term: Term, view: GoalView) -> bool:
    if term.kind == "atom":
        kind = view.type_of(term.head)
        bounded = kind is not None and kind.kind == "app" and kind.args[0] == atom("Fin")
        return term.head.isdigit() or kind in _NUMBERS or bounded
    return term.is_op("+", "-", "*", "/", "%", "^") or term.head in (".val", ".length", ".natAbs", ".toNat")


def linear(view: GoalView, *, score: float = 0.92) -> Iterator[Suggestion]:
    """``omega``, if target or facts are about numbers and the target is none of the quantified kinds."""
    by_facts = view.target == FALSE and any(numeric(fact.type, view) for fact in view.facts)
    by_target = view.target.is_op(*_RELATIONS, "∧", "∨", "↔", "¬") and numeric(view.target, view)
    if by_facts or by_target:
        yield Suggestion("omega", score)


def integers(view: GoalView) -> bool:
    """Whether integers stand in the context."""
    return any(entry.type == atom("Int") for entry in view.values)


def expanding(view: GoalView, *, score: float = 0.86) -> Iterator[Suggestion]:
    """Multiply out, then ``omega``: identities and inequalities of polynomials of low degree.

    Factors are sorted by laws for the very unknowns. The general law of commutativity would carry numerals inwards,
    and ``a * (2 * b)`` is no multiple of anything to `omega`.
    """
    if not view.target.is_op("=", "≤", "<") or not any(part.is_op("*", "^") for part in subterms(view.target)):
        return
    kind = "Int" if integers(view) else "Nat"
    unknowns = [entry.name for entry in view.values if entry.type == atom(kind) and occurs(entry.name, view.target)]
    if len(unknowns) > _MOST_UNKNOWNS:
        return
    laws = _EXPAND if kind == "Nat" else _EXPAND + _EXPAND_INT
    if any(part.is_op("^") for part in subterms(view.target)):
        laws = (*laws, "pow_succ", "pow_zero", "one_mul")
    pairs = [(one, other) for number, one in enumerate(unknowns) for other in unknowns[:number]]
    sorting = [f"{law} {one} {other}" for one, other in pairs for law in ("mul_comm", "mul_left_comm")]
    listed = ", ".join(f"{kind}.{law}" for law in (*laws, *sorting))
    yield Suggestion(f"simp only [{listed}] <;> omega", score)


def solving(view: GoalView) -> Iterator[Term]:
    """Witnesses for ``∃ x`` that solve an equation for ``x``, or lie beyond all bounds on it."""
    if not view.target.is_bind("∃"):
        return
    name, body = view.target.name, view.target.args[1]
    bounds = list[Term]()
    for part in _conjuncts(body):
        if part.is_op("="):
            for one, other in (part.args, part.args[::-1]):
                if occurs(name, one) and not occurs(name, other):
                    yield from _solved(name, one, other, view)
        bounds += _below(name, part)
    if bounds:
        total = bounds[0]
        for bound in bounds[1:]:
            total = op("+", total, bound)
        yield op("+", total, atom("1"))
        yield total
    yield from _above(name, body)


def _conjuncts(term: Term) -> Iterator[Term]:
    if term.is_op("∧"):
        for part in term.args:
            yield from _conjuncts(part)
    else:
        yield term


def _solved(name: str, one: Term, other: Term, view: GoalView) -> Iterator[Term]:
    """Solve ``one = other`` for `name`, which stands on the left only."""
    if one == atom(name):
        yield other
    elif one.is_op("+") and len(one.args) == 2:
        left, right = one.args
        if occurs(name, left) and not occurs(name, right):
            yield from _solved(name, left, op("-", other, right), view)
        elif occurs(name, right) and not occurs(name, left):
            yield from _solved(name, right, op("-", other, left), view)
    elif one.is_op("-") and len(one.args) == 2 and occurs(name, one.args[0]) and not occurs(name, one.args[1]):
        yield from _solved(name, one.args[0], op("+", other, one.args[1]), view)
    elif one.is_op("-") and len(one.args) == 1:
        yield from _solved(name, one.args[0], op("-", other), view)
    elif one.is_op("*"):
        left, right = one.args
        factor, rest = (left, right) if not occurs(name, left) else (right, left)
        if not occurs(name, factor):
            yield from _solved(name, rest, op("/", other, factor), view)


def _below(name: str, part: Term) -> list[Term]:
    """Terms that `name` must exceed."""
    if part.is_op("<", "≤") and part.args[1] == atom(name) and not occurs(name, part.args[0]):
        return [part.args[0]]
    if part.is_op(">", "≥") and part.args[0] == atom(name) and not occurs(name, part.args[1]):
        return [part.args[1]]
    return []


def _above(name: str, body: Term) -> Iterator[Term]:
    for part in _conjuncts(body):
        if part.is_op("<", "≤") and part.args[0] == atom(name) and not occurs(name, part.args[1]):
            yield op("-", part.args[1], atom("1"))
