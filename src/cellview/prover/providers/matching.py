"""Matching of a pattern with variables against a term, and substitution."""

from __future__ import annotations

from collections.abc import Mapping

from cellview.prover.providers.terms import Term, canonical, subterms

__all__ = ["Binding", "match", "occurs", "rewrites", "substitute"]

Binding = dict[str, Term]
"""What each pattern variable stands for."""


def match(
    pattern: Term, term: Term, variables: frozenset[str], known: Mapping[str, Term] | None = None
) -> Binding | None:
    """Return the values of `variables` that make `pattern` equal to `term`, extending `known`; ``None`` if none do.

    First order only, except that a pattern ``P x`` with a variable ``P`` matches no other way than part by part.
    """
    binding = dict(known or {})
    return binding if _match(pattern, term, variables, binding) else None


def _match(pattern: Term, term: Term, variables: frozenset[str], binding: Binding) -> bool:
    if pattern.kind == "atom" and pattern.head in variables:
        before = binding.setdefault(pattern.head, term)
        return canonical(before) == canonical(term)
    if pattern.kind == "bind" or term.kind == "bind":
        filled = substitute(pattern, binding)
        return canonical(filled) == canonical(term)
    if (pattern.kind, pattern.head, len(pattern.args)) != (term.kind, term.head, len(term.args)):
        return False
    return all(_match(p, t, variables, binding) for p, t in zip(pattern.args, term.args, strict=True))


def substitute(term: Term, values: Mapping[str, Term]) -> Term:
    """Put `values` for the names in `term`. A bound name shadows a value; capture is not avoided: Lean objects."""
    if not values:
        return term
    if term.kind == "atom":
        return values.get(term.head, term)
    if term.kind == "bind":
        values = {name: value for name, value in values.items() if name != term.name}
    args = tuple(substitute(part, values) for part in term.args)
    if term.kind == "app" and args[0].kind == "app":
        args = (*args[0].args, *args[1:])
    return Term(term.kind, term.head, args, term.name)


def occurs(name: str, term: Term) -> bool:
    """Whether `name` is free in `term`. In a raw term it is, if its text contains the name at all."""
    if term.kind == "atom":
        return term.head == name
    if term.kind == "raw":
        return name in term.head
    if term.kind == "bind" and term.name == name:
        return occurs(name, term.args[0])
    return any(occurs(name, part) for part in term.args)


def rewrites(pattern: Term, variables: frozenset[str], target: Term) -> bool:
    """Whether `pattern` matches `target` or a part of it, so that rewriting with it would change something."""
    if pattern.kind == "atom" and pattern.head in variables:
        return False
    return any(match(pattern, part, variables) is not None for part in subterms(target))
