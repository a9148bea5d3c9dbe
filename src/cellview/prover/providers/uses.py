"""What a hypothesis is good for: its conclusions, what each asks for, and the instances that the context offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from cellview.prover.providers.definitions import unfolded
from cellview.prover.providers.matching import Binding, match, occurs, substitute
from cellview.prover.providers.terms import Term, atom, canonical, op, show
from cellview.prover.providers.view import Entry, GoalView

__all__ = ["FALSE", "Instance", "Use", "instances", "uses_of", "values_of_type"]

FALSE = atom("False")


class Argument(msgspec.Struct, frozen=True, gc=False):
    """One argument of a fact: a variable to choose (`name`), or a premise to show. Only explicit ones are written."""

    type: Term
    name: str = ""
    explicit: bool = True


class Use(msgspec.Struct, frozen=True, gc=False):
    """One way to use a fact: with these arguments it shows `conclusion`.

    `head` and `tail` surround the arguments: ``(h x).mp hx`` has ``h`` and ``.mp``; `split` arguments stand before it.
    """

    name: str
    arguments: tuple[Argument, ...]
    conclusion: Term
    field: str = ""
    split: int = 0

    @property
    def variables(self) -> frozenset[str]:
        """Names of the arguments that are variables."""
        return frozenset(argument.name for argument in self.arguments if argument.name)

    @property
    def premises(self) -> tuple[Term, ...]:
        """Types of the arguments that are premises."""
        return tuple(argument.type for argument in self.arguments if not argument.name)


class Instance(msgspec.Struct, frozen=True, gc=False):
    """A use with its variables chosen: the Lean term, what it shows, and the premises that are left open (``?_``)."""

    text: str
    conclusion: Term
    open: tuple[Term, ...]
    used: tuple[str, ...]
    """Names of the facts that fill premises."""


def uses_of(name: str, statement: Term, *, implicit: frozenset[str] = frozenset()) -> Iterator[Use]:
    """All ways to use a proof `name` of `statement`. The variables `implicit` are never written."""
    yield from _uses(name, (), statement, implicit, "", 0)


def _uses(
    name: str, arguments: tuple[Argument, ...], term: Term, implicit: frozenset[str], field: str, split: int
) -> Iterator[Use]:
    meaning = unfolded(term)
    if meaning is not None:
        hidden = frozenset("ab") if term.args[0] == atom("Function.Injective") else frozenset[str]()
        yield from _uses(name, arguments, meaning, implicit | hidden, field, split)
    elif term.is_bind("∀"):
        # Variables get names that no term of the context has.
        variable = f"?{term.name}{sum(bool(argument.name) for argument in arguments)}"
        argument = Argument(term.args[0], variable, term.name not in implicit)
        body = substitute(term.args[1], {term.name: atom(variable)})
        yield from _uses(name, (*arguments, argument), body, implicit, field, split)
    elif term.is_op("→"):
        yield from _uses(name, (*arguments, Argument(term.args[0])), term.args[1], implicit, field, split)
    elif term.is_op("¬"):
        yield Use(name, (*arguments, Argument(term.args[0])), FALSE, field, split)
        yield Use(name, arguments, term, field, split)
    elif term.is_op("≠"):
        yield Use(name, (*arguments, Argument(op("=", *term.args))), FALSE, field, split)
        yield Use(name, arguments, term, field, split)
    elif term.is_op("↔") and not field:
        left, right = term.args
        yield from _uses(name, (*arguments, Argument(left)), right, implicit, ".mp", len(arguments))
        yield from _uses(name, (*arguments, Argument(right)), left, implicit, ".mpr", len(arguments))
        yield Use(name, arguments, term)
    elif term.is_op("∧") and not field:
        yield from _uses(name, arguments, term.args[0], implicit, ".left", len(arguments))
        yield from _uses(name, arguments, term.args[1], implicit, ".right", len(arguments))
        yield Use(name, arguments, term)
    else:
        yield Use(name, arguments, term, field, split)


def instances(use: Use, view: GoalView, binding: Mapping[str, Term], *, limit: int = 8) -> Iterator[Instance]:
    """Instances of `use` that extend `binding`: premises are matched with facts where that is possible.

    A variable that stays unknown is tried with values of the context, if its type is known. Best first: an instance
    with more premises filled comes before one with fewer.
    """
    best: dict[tuple[Term, ...], Instance] = {}
    for filled, proofs in _fill(use, view, dict(binding), 0, ()):
        for complete in _choose(use, view, filled):
            instance = _instance(use, complete, proofs)
            values = tuple(complete[name] for name in sorted(complete))
            before = best.get(values)
            # Of two instances with the same values, the one that leaves less open can do all that the other can.
            if before is None or len(instance.open) < len(before.open):
                best[values] = instance
        if len(best) >= 4 * limit:
            break
    yield from sorted(best.values(), key=lambda instance: len(instance.open))[:limit]


def _fill(
    use: Use, view: GoalView, binding: Binding, index: int, proofs: tuple[str, ...]
) -> Iterator[tuple[Binding, tuple[str, ...]]]:
    """Match the premises from number `index` on with facts; ``?_`` stands for one that is left open."""
    premises = use.premises
    if index == len(premises):
        yield binding, proofs
        return
    premise = substitute(premises[index], binding)
    matched = False
    for fact in view.facts:
        extended = match(premise, fact.type, use.variables, binding)
        if extended is not None and fact.name != use.name:
            matched = True
            yield from _fill(use, view, extended, index + 1, (*proofs, fact.name))
    if premise.is_op("=") and match(premise.args[0], premise.args[1], use.variables) is not None:
        extended = match(premise.args[0], premise.args[1], use.variables, binding)
        if extended is not None:
            matched = True
            yield from _fill(use, view, extended, index + 1, (*proofs, "rfl"))
    # An open premise is only of interest where no fact fits, or where another choice may fit the others better.
    if not matched or use.variables - binding.keys():
        yield from _fill(use, view, binding, index + 1, (*proofs, "?_"))


def _choose(use: Use, view: GoalView, binding: Binding) -> Iterator[Binding]:
    """Give values to variables that matching left open, if there are few of them."""
    unknown = [argument for argument in use.arguments if argument.name and argument.name not in binding]
    unknown = [argument for argument in unknown if argument.explicit or _needed(use, argument.name)]
    if not unknown:
        yield binding
        return
    if not all(argument.explicit for argument in unknown):
        return  # Lean could not know it either, and the premises would share a metavariable
    first = unknown[0]
    for value in values_of_type(view, substitute(first.type, binding))[:4]:
        yield from _choose(use, view, {**binding, first.name: value})


def _needed(use: Use, name: str) -> bool:
    return occurs(name, use.conclusion) or any(occurs(name, premise) for premise in use.premises)


def _instance(use: Use, binding: Binding, proofs: tuple[str, ...]) -> Instance:
    supply = iter(proofs)
    words: list[str] = []
    open_premises: list[Term] = []
    for argument in use.arguments:
        if argument.name:
            text = _argument(binding[argument.name]) if argument.explicit else ""
        else:
            text = next(supply)
            if text == "?_":
                open_premises.append(substitute(argument.type, binding))
        words.append(text)
    before = " ".join(filter(None, [use.name, *words[: use.split]]))
    if use.field:
        before = (f"({before})" if " " in before else before) + use.field
    text = " ".join(filter(None, [before, *words[use.split :]]))
    used = tuple(proof for proof in proofs if proof not in ("?_", "rfl"))
    return Instance(text, substitute(use.conclusion, binding), tuple(open_premises), used)


def _argument(term: Term) -> str:
    text = show(term)
    return text if term.kind == "atom" or (text[0] in "([⟨" and term.kind == "op") else f"({text})"


def values_of_type(view: GoalView, kind: Term) -> list[Term]:
    """Values of the context that have the type `kind`; none if the type is not known."""
    if kind.kind == "raw":
        return []
    if kind == atom("?any"):
        return [atom(entry.name) for entry in view.values] or [atom("0")]
    wanted = canonical(kind)
    fitting: Iterable[Entry] = (entry for entry in view.entries if entry.sort != "fact")
    return [atom(entry.name) for entry in fitting if canonical(entry.type) == wanted]
