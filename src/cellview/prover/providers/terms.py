"""Read Lean's pretty-printed terms well enough to see their shape, and print them back.

This is no Lean parser. It knows the usual operators with their precedences, binders, application, projections, lists
and pairs. What it does not know becomes a *raw* term: one opaque piece of text, which equals only itself. Rules that
look for a connective then find none and stay silent; nothing is ever guessed from half a term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, TypeAlias

import msgspec

__all__ = ["Kind", "Term", "app", "atom", "canonical", "op", "parse_term", "show", "subterms"]

Kind: TypeAlias = Literal["atom", "app", "op", "bind", "raw"]


class Term(msgspec.Struct, frozen=True, gc=False):
    """A term by its shape.

    ``atom``: `head` is an identifier or literal. ``app``: the first of `args` is applied to the others; a projection
    ``t.f`` is the atom ``.f`` applied to ``t``. ``op``: `head` is an operator (``∧``, ``=``, prefix ``¬``), and ``[]``,
    ``()`` and ``⟨⟩`` for lists, pairs and anonymous constructors. ``bind``: `head` is ``∀``, ``∃`` or ``fun``, `name`
    the one bound name, and `args` its type (raw ``_`` if not shown) and the body. ``raw``: `head` is the text.
    """

    kind: Kind
    head: str
    args: tuple[Term, ...] = ()
    name: str = ""

    def is_op(self, *symbols: str) -> bool:
        """Whether this is one of the operators `symbols`."""
        return self.kind == "op" and self.head in symbols

    def is_bind(self, quantifier: str) -> bool:
        """Whether this is a binder of this kind (``∀``, ``∃`` or ``fun``)."""
        return self.kind == "bind" and self.head == quantifier


def atom(text: str) -> Term:
    """An identifier or a literal."""
    return Term("atom", text)


def op(symbol: str, *args: Term) -> Term:
    """An operator applied."""
    return Term("op", symbol, args)


def app(head: Term, *args: Term) -> Term:
    """`head` applied to `args`."""
    if not args:
        return head
    return Term("app", "", (*head.args, *args) if head.kind == "app" else (head, *args))


_UNKNOWN = Term("raw", "_")

# Left and right binding power. A right operand with a power of one less than the left makes it associate to the right.
_INFIX: dict[str, tuple[int, int]] = {
    "↔": (21, 22),
    "→": (26, 25),
    "∨": (31, 30),
    "||": (30, 31),
    "∧": (36, 35),
    "&&": (35, 36),
    "×": (36, 35),
    **dict.fromkeys(("=", "≠", "<", "≤", ">", "≥", "∈", "∉", "==", "!=", "≍", "∣", "⊆"), (51, 52)),
    "+": (65, 66),
    "-": (65, 66),
    "++": (65, 66),
    "::": (68, 67),
    "*": (70, 71),
    "/": (70, 71),
    "%": (70, 71),
    "^": (76, 75),
    "∘": (91, 90),
}
_PREFIX = {"¬": 40, "!": 40, "-": 75, "↑": 1024}
_CLOSING = {"(": ")", "[": "]", "⟨": "⟩"}
_TOKEN = re.compile(
    r"\s*(?:(?P<word>\??(?:[^\W\d]|_)[\w✝'!?]*(?:\.[\w'!?]+)*|@[\w.']+|\d+)"
    r"|(?P<field>\.[\w'!?]+)"
    r"|(?P<symbol>=>|\|\||&&|\+\+|::|==|!=|:=|[^\w\s]))"
)


class _UnreadableError(Exception):
    """Raised when a text has a form that this parser does not know."""


@lru_cache(maxsize=8192)
def parse_term(text: str, local_names: frozenset[str] = frozenset()) -> Term:
    """Read `text`. `local_names` are names of the context: ``l.length`` is a projection only if ``l`` is one.

    Never raises: what cannot be read is a raw term.
    """
    try:
        parser = _Parser(text, local_names)
        term = parser.expression(0)
        parser.expect_end()
    except (_UnreadableError, RecursionError):
        return Term("raw", " ".join(text.split()))
    return term


class _Parser:
    """Precedence climbing over a list of tokens."""

    def __init__(self, text: str, local_names: frozenset[str]) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._locals = {*local_names, "true", "false"}

    def expect_end(self) -> None:
        if self._at != len(self._tokens):
            raise _UnreadableError

    def expression(self, power: int) -> Term:
        left = self._prefix()
        while (token := self._peek()) in _INFIX:
            binds_left, binds_right = _INFIX[token]
            if binds_left < power:
                break
            self._at += 1
            left = op(token, left, self.expression(binds_right))
        return left

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            raise _UnreadableError
        self._at += 1
        return token

    def _prefix(self) -> Term:
        token = self._peek()
        if token in ("∀", "∃"):
            return self._quantifier(self._take())
        if token in ("fun", "λ"):
            self._at += 1
            return self._lambda()
        if token == "if":
            return self._conditional()
        if token in _PREFIX:
            self._at += 1
            return op(token, self.expression(_PREFIX[token]))
        head = self._operand()
        args: list[Term] = []
        while self._starts_operand(self._peek()):
            args.append(self._operand())
        if self._peek() in ("fun", "λ"):  # a function as the last argument needs no brackets
            self._at += 1
            args.append(self._lambda())
        return app(head, *args)

    def _starts_operand(self, token: str) -> bool:
        if token in ("then", "else", "fun", "λ", "if", "with", "at", "do", "let", "have", "match"):
            return False
        return token in _CLOSING or token == "↑" or (token[:1].isalnum() or token[:1] in "_@?") if token else False

    def _operand(self) -> Term:
        token = self._take()
        if token == "↑":
            return op("↑", self._operand())
        if token in _CLOSING:
            inner = self._bracketed(token)
        elif token[0].isdigit() or token[0].isalpha() or token[0] in "_@?":
            if token in ("then", "else", "let", "have", "match", "show", "do", "by"):
                raise _UnreadableError
            inner = self._identifier(token)
        else:
            raise _UnreadableError
        while self._peek().startswith(".") and len(self._peek()) > 1:
            inner = app(atom(self._take()), inner)
        return inner

    def _identifier(self, token: str) -> Term:
        first, *fields = token.split(".")
        if not fields or first not in self._locals:
            return atom(token)
        term = atom(first)
        for field in fields:
            term = app(atom("." + field), term)
        return term

    def _bracketed(self, opening: str) -> Term:
        closing = _CLOSING[opening]
        items: list[Term] = []
        while self._peek() != closing:
            items.append(self.expression(0))
            if self._peek() == ":" and opening == "(":
                self._at += 1
                self.expression(0)  # an ascription: its type says nothing about the shape
            if self._peek() != closing:
                self._take(",")
        self._take(closing)
        if opening == "(" and len(items) == 1:
            return items[0]
        return op(opening + closing, *items)

    def _quantifier(self, quantifier: str) -> Term:
        binders: list[tuple[str, Term]] = []
        while self._peek() != ",":
            if self._peek() in ("(", "{", "["):
                closing = {"(": ")", "{": "}", "[": "]"}[self._take()]
                binders += self._typed_names(closing)
                self._take(closing)
            else:
                binders += self._typed_names(",")
        self._take(",")
        return self._close(quantifier, binders)

    def _typed_names(self, closing: str) -> list[tuple[str, Term]]:
        names: list[str] = []
        while self._peek() not in (":", closing):
            if closing == "," and self._peek() == "(":
                return [(name, _UNKNOWN) for name in names]
            name = self._take()
            if not (name[0].isalpha() or name[0] == "_"):
                raise _UnreadableError  # a bounded quantifier, such as `∃ x > 0, …`
            names.append(name)
        kind = _UNKNOWN
        if self._peek() == ":":
            self._at += 1
            kind = self.expression(0)
        return [(name, kind) for name in names]

    def _lambda(self) -> Term:
        binders: list[tuple[str, Term]] = []
        while self._peek() != "=>":
            if self._peek() == "(":
                self._at += 1
                binders += self._typed_names(")")
                self._take(")")
            else:
                binders.append((self._take(), _UNKNOWN))
        self._take("=>")
        return self._close("fun", binders)

    def _close(self, head: str, binders: list[tuple[str, Term]]) -> Term:
        if not binders:
            raise _UnreadableError
        self._locals |= {name for name, _ in binders}
        body = self.expression(0)
        for name, kind in reversed(binders):
            body = Term("bind", head, (kind, body), name)
        return body

    def _conditional(self) -> Term:
        self._take("if")
        if self._tokens[self._at + 1 : self._at + 2] == [":"]:
            raise _UnreadableError  # `if h : p then …` binds a name
        condition = self.expression(0)
        self._take("then")
        yes = self.expression(0)
        self._take("else")
        return op("if", condition, yes, self.expression(0))


def _tokens(text: str) -> Iterator[str]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _UnreadableError
        yield match.group().strip()
        position = match.end()


def show(term: Term) -> str:
    """Print `term` so that Lean reads it back; every operator inside another term stands in brackets."""
    if term.kind in ("atom", "raw"):
        return term.head
    if term.kind == "app":
        first, *rest = term.args
        if first.kind == "atom" and first.head.startswith("."):
            receiver, *rest = rest
            text = _tight(receiver) + first.head
        else:
            text = _tight(first)
        return " ".join([text, *map(_tight, rest)])
    if term.kind == "bind":
        arrow = " =>" if term.head == "fun" else ","
        kind = "" if term.args[0] == _UNKNOWN else f" : {show(term.args[0])}"
        named = f"({term.name}{kind})" if kind else term.name
        return f"{term.head} {named}{arrow} {show(term.args[1])}"
    if term.head in ("[]", "()", "⟨⟩"):
        return term.head[0] + ", ".join(map(show, term.args)) + term.head[1]
    if term.head == "if":
        return "if {} then {} else {}".format(*map(_tight, term.args))
    if len(term.args) == 1:
        return term.head + _tight(term.args[0])
    return f"{_tight(term.args[0])} {term.head} {_tight(term.args[1])}"


def _tight(term: Term) -> str:
    closed = term.kind == "atom" or (term.kind == "op" and term.head in ("[]", "()", "⟨⟩"))
    projected = term.kind == "app" and len(term.args) == 2 and term.args[0].head.startswith(".")
    return show(term) if closed or projected else f"({show(term)})"


@lru_cache(maxsize=16384)
def canonical(term: Term) -> Term:
    """`term` with bound names numbered and types of binders dropped, so that renamings of it are equal."""
    return _canonical(term, {}, 0)


def _canonical(term: Term, names: dict[str, str], depth: int) -> Term:
    if term.kind == "atom":
        return atom(names[term.head]) if term.head in names else term
    if term.kind == "bind":
        inner = {**names, term.name: f"#{depth}"}
        return Term("bind", term.head, (_UNKNOWN, _canonical(term.args[1], inner, depth + 1)), f"#{depth}")
    if term.is_op("≠"):  # `a ≠ b` is printed for `¬a = b`, but not always
        return op("¬", op("=", *(_canonical(part, names, depth) for part in term.args)))
    return Term(term.kind, term.head, tuple(_canonical(part, names, depth) for part in term.args))


def subterms(term: Term) -> Iterator[Term]:
    """`term` and what it is made of, outermost first, without going under binders."""
    yield term
    if term.kind != "bind":
        for part in term.args:
            yield from subterms(part)
