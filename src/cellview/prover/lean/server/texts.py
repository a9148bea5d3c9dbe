"""What people read of goals: texts that were printed before are not printed again.

Lean's printer costs ten times what most tactics do, and most of a goal is what its parent was. The text of a type is a
function of the term and of the names that its hypotheses are shown under; so it is remembered under exactly these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cellview.prover.base import Hypothesis
from cellview.prover.lean.server.goals import Group, Texts
from cellview.prover.lean.server.process import RawHypothesis
from cellview.prover.lean.transport import Lost

__all__ = ["PartKey", "TextMemory", "shown_names"]

PartKey = tuple[str, tuple[str, ...]]
"""A term, with its hypotheses by position, and the names under which those are shown."""

_MOST = 50_000
_POSITION = re.compile(r"#(\d+)")
_BINDER = re.compile(r"\(([^\s()]+) : ")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class TextMemory:
    """Texts of types, by what they are a function of."""

    def __init__(self, most: int = _MOST) -> None:
        self._known: dict[PartKey, str] = {}
        self._most = most

    def parts(self, group: Group) -> list[PartKey | None] | None:
        """Return the parts of a group: its hypotheses' types, then the target; None if it must be shown whole.

        A part is None if its text could depend on more than its key: where a bound variable has the name of a
        hypothesis in the same term, Lean renames one of them.
        """
        (goal, *others) = group.members
        if others or goal.mentioned or any(hypothesis.value is not None for hypothesis in goal.hypotheses):
            return None  # metavariables have names of their own; whether a value is shown depends on its size
        names = shown_names(goal.hypotheses)
        terms = [line.partition(" : ")[2] for line in group.lines[:-1]]
        return [_key(term, names) for term in (*terms, group.lines[-1].removeprefix("⊢ "))]

    def get(self, key: PartKey | None) -> str | None:
        """Return the text of a part, if it was printed before."""
        return None if key is None else self._known.get(key)

    def remember(self, key: PartKey | None, text: str) -> None:
        """Keep the text of a part."""
        if key is not None:
            if len(self._known) >= self._most:
                self._known.clear()  # simpler than to know which are old, and soon full again of what is in use
            self._known[key] = text


def shown_names(hypotheses: Sequence[RawHypothesis]) -> list[str]:
    """Return the names under which Lean shows hypotheses: ``h✝`` for what cannot be typed, ``h✝¹`` for an older one.

    The rule is that of Lean's ``LocalContext.sanitizeNames``: from the newest to the oldest, a name is shown as it is
    unless it was made by a macro or is used already.
    """
    used = set[str]()
    numbers: dict[str, int] = {}
    shown: list[str] = []
    for hypothesis in reversed(hypotheses):
        stem, scope, _ = hypothesis.name.partition("._@")
        if scope or stem in used:
            number = numbers.get(stem, 0)
            numbers[stem] = number + 1
            shown.append(f"{stem}✝{str(number).translate(_SUPERSCRIPTS) if number else ''}")
        else:
            used.add(stem)
            shown.append(stem)
    return shown[::-1]


def texts_of_parts(group: Group, texts: Sequence[str]) -> Texts:
    """Return what people read of a single goal, given the texts of its parts."""
    hypotheses = group.members[0].hypotheses
    named = zip(shown_names(hypotheses), texts, strict=False)
    return texts[-1], tuple(Hypothesis(name, text) for name, text in named)


def _key(term: str, names: Sequence[str]) -> PartKey | None:
    positions = [int(position) for position in _POSITION.findall(term)]
    if any(position >= len(names) for position in positions):
        raise Lost("Lean sent a goal that mentions a hypothesis of another")
    mentioned = tuple(names[position] for position in positions)
    if "✝" in term:
        return None
    bound = _BINDER.findall(term)
    if bound and not {name.partition("✝")[0] for name in mentioned}.isdisjoint(bound):
        return None
    return term, mentioned
