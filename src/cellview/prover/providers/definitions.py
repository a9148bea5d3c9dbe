"""What a term becomes by the defining equations of core functions: ``n + 0``, ``(a :: k) ++ l``, ``true && b``.

Lean's kernel takes such steps by itself, so that ``exact h`` works for a target that equals `h` only after them. Here
they serve to see that, and to suggest ``show`` with the simpler form, which other tactics then can see too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from cellview.prover.providers.matching import substitute
from cellview.prover.providers.terms import Term, app, atom, canonical, op

__all__ = ["constructor_of", "normal", "reduce", "unfolded"]

_ZERO, _ONE, _NIL = atom("0"), atom("1"), op("[]")
_TRUE, _FALSE = atom("true"), atom("false")


@lru_cache(maxsize=16384)
def normal(term: Term) -> Term:
    """A form that is equal for terms that differ only by defining equations and names of bound variables."""
    return canonical(reduce(term))


@lru_cache(maxsize=16384)
def reduce(term: Term) -> Term:
    """Apply defining equations from the inside out; terms under binders too."""
    if not term.args:
        return term
    args = tuple(reduce(part) for part in term.args)
    if term.kind == "app" and args[0].kind == "app":
        args = (*args[0].args, *args[1:])
    term = Term(term.kind, term.head, args, term.name)
    step = _STEPS.get(term.head) if term.kind == "op" else _apply if term.kind == "app" else None
    simpler = step(*args) if step is not None and (term.kind == "app" or len(args) == _ARITY[term.head]) else None
    return term if simpler is None else reduce(simpler)


def _offset(term: Term) -> tuple[Term | None, int]:
    """`term` as a base and a number of successors around it; a literal has no base."""
    if term.kind == "atom" and term.head.isdigit():
        return None, int(term.head)
    if term.is_op("+") and term.args[1].kind == "atom" and term.args[1].head.isdigit():
        base, around = _offset(term.args[0])
        return base, around + int(term.args[1].head)
    return term, 0


def _raised(base: Term | None, around: int) -> Term:
    if base is None:
        return atom(str(around))
    return op("+", base, atom(str(around))) if around else base


def _plus(left: Term, right: Term) -> Term | None:
    base, around = _offset(right)
    if right == _ZERO:
        return left
    if base is not None:
        return op("+", op("+", left, base), atom(str(around))) if around else None
    below, inner = _offset(left)
    return _raised(below, inner + around) if below is None or inner else None


def _times(left: Term, right: Term) -> Term | None:
    if right == _ZERO:
        return _ZERO
    base, around = _offset(right)
    if base is None:
        return atom(str(int(left.head) * around)) if left.kind == "atom" and left.head.isdigit() else None
    return op("+", op("*", left, _raised(base, around - 1)), left) if around else None


def _append(left: Term, right: Term) -> Term | None:
    if left == _NIL:
        return right
    parts = _cons(left)
    return None if parts is None else op("::", parts[0], op("++", parts[1], right))


def _cons(term: Term) -> tuple[Term, Term] | None:
    if term.is_op("::"):
        return term.args[0], term.args[1]
    return (term.args[0], op("[]", *term.args[1:])) if term.is_op("[]") and term.args else None


def _prepend(head: Term, tail: Term) -> Term | None:
    """``a :: [b]`` is printed ``[a, b]``."""
    return op("[]", head, *tail.args) if tail.is_op("[]") else None


def _and(left: Term, right: Term) -> Term | None:
    return right if left == _TRUE else _FALSE if left == _FALSE else None


def _or(left: Term, right: Term) -> Term | None:
    return _TRUE if left == _TRUE else right if left == _FALSE else None


def _not(term: Term) -> Term | None:
    return _FALSE if term == _TRUE else _TRUE if term == _FALSE else None


_STEPS: dict[str, Callable[..., Term | None]] = {
    "+": _plus,
    "*": _times,
    "++": _append,
    "::": _prepend,
    "&&": _and,
    "||": _or,
    "!": _not,
}
# How these operators are printed where Lean has no notation for them.
_BOOLEAN = {
    **{atom(name): "!" for name in (".not", "Bool.not", "not")},
    **{atom(name): "&&" for name in (".and", "Bool.and", "and")},
    **{atom(name): "||" for name in (".or", "Bool.or", "or")},
}
_ARITY = {"+": 2, "*": 2, "++": 2, "::": 2, "&&": 2, "||": 2, "!": 1}


def _apply(head: Term, *args: Term) -> Term | None:
    if head.is_bind("fun"):
        return app(substitute(head.args[1], {head.name: args[0]}), *args[1:])
    if head.is_op("∘"):
        return app(head.args[0], app(head.args[1], args[0]), *args[1:])
    if head == atom("id"):
        return app(args[0], *args[1:])
    if head in (atom(".succ"), atom("Nat.succ")) and len(args) == 1:
        return op("+", args[0], _ONE)
    if head in _BOOLEAN and len(args) == _ARITY[_BOOLEAN[head]]:
        return op(_BOOLEAN[head], *args)
    if head in (atom(".length"), atom("List.length")) and len(args) == 1:
        parts = _cons(args[0])
        return _ZERO if args[0] == _NIL else None if parts is None else op("+", app(head, parts[1]), _ONE)
    if head == atom("List.map") and len(args) == 2:
        parts = _cons(args[1])
        if parts is not None:
            return op("::", app(args[0], parts[0]), app(head, args[0], parts[1]))
        return _NIL if args[1] == _NIL else None
    return None


def constructor_of(term: Term) -> str | None:
    """Which constructor `term` is made with, after its defining equations; ``None`` if that is open."""
    term = reduce(term)
    if term in (_TRUE, _FALSE, _ZERO):
        return term.head
    if _offset(term)[1]:
        return "successor"
    if term == _NIL:
        return "[]"
    return "::" if _cons(term) is not None else None


def unfolded(term: Term) -> Term | None:
    """What a named property of a function says: injective, surjective, an inverse; ``None`` for all else."""
    if term.kind != "app" or term.args[0].kind != "atom":
        return None
    name, arguments = term.args[0].head, term.args[1:]
    if name == "Function.Injective" and len(arguments) == 1:
        a, b = atom("a"), atom("b")
        same = op("=", app(arguments[0], a), app(arguments[0], b))
        return _all(("a", "b"), op("→", reduce(same), op("=", a, b)))
    if name == "Function.Surjective" and len(arguments) == 1:
        a, b = atom("a"), atom("b")
        body = op("=", reduce(app(arguments[0], a)), b)
        return _all(("b",), Term("bind", "∃", (_UNTYPED, body), "a"))
    if name in ("Function.LeftInverse", "Function.RightInverse") and len(arguments) == 2:
        x = atom("x")
        outer, inner = arguments if name == "Function.LeftInverse" else arguments[::-1]
        return _all(("x",), op("=", app(outer, app(inner, x)), x))
    return None


_UNTYPED = atom("?any")  # the domain of a function is not shown in its name


def _all(names: tuple[str, ...], body: Term) -> Term:
    for name in reversed(names):
        body = Term("bind", "∀", (_UNTYPED, body), name)
    return body
