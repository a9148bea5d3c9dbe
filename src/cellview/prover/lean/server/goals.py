"""From data to `Goal`: which goals hang together, and signatures from canonical raw terms.

A raw term shows what the kernel sees: universes and implicit arguments, hypotheses and metavariables by their ids.
The ids say only when something was made, so they are replaced: a hypothesis by its position in the context (in
`goal_sig_strict`) or by the order of appearance (in `goal_sig`), a metavariable of the goals at hand by which of them
it is, any other by the order of appearance. Annotations that leave no trace in the term (`mdata`) are taken out.

What stays are names: of hypotheses in `goal_sig_strict`, of bound variables in both. A tactic can ask for either
(`exact h`, `case x`, `intro` without a name), so that goals which differ there do not have the same proofs by the same
text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cellview.prover.base import Goal, Hypothesis
from cellview.prover.lean.goals import JOINT_SEPARATOR, digest
from cellview.prover.lean.places import JOINT_MARK
from cellview.prover.lean.server.process import RawGoal, RawHypothesis, ShownGoal
from cellview.prover.lean.transport import Lost

__all__ = ["Group", "Texts", "groups_of", "read_group", "texts_of"]

# `_uniq.4.17` is a hypothesis, `?_uniq.4.17` a metavariable; `x._@._internal._hyg.0` a name that nobody can type.
_ID = re.compile(r"\??_uniq(?:\.\d+)+|\._@[^\s(){}\[\],:]*")
_SCOPE = "._@"
_MDATA = re.compile(r"\[mdata (?:[^\s:]+:\S* )+")
_WHOLE = re.compile(rf"(?:^|, | : | := |{_MDATA.pattern})$")


class Group:
    """One goal of a search: a single Lean goal, or several that share metavariables."""

    __slots__ = ("indices", "joint", "lines", "members", "rotate")

    def __init__(self, members: Sequence[RawGoal], indices: Sequence[int], *, rotate: int, joint: bool) -> None:
        self.members = members
        self.indices = indices
        self.rotate = rotate
        self.joint = joint
        self.lines = _strict_lines(members)
        """Contexts and targets, with every id replaced by what it stands for; members are set apart by empty lines."""


Texts = tuple[str, tuple[Hypothesis, ...]]
"""What people read of a goal: the target, or targets, and the hypotheses of the first."""


def groups_of(goals: Sequence[RawGoal]) -> list[Group]:
    """Return the goals that a search sees: the single ones first, in Lean's order, the joint one last."""
    joint = _entangled(goals)
    waiting = list(range(len(goals)))
    found: list[Group] = []
    for index in [i for i in waiting if i not in joint]:
        place = waiting.index(index)
        waiting = waiting[place + 1 :] + waiting[:place]
        found.append(Group([goals[index]], [index], rotate=place, joint=False))
    if joint:
        # Rotations keep the cyclic order of the joint goals: only the start may have moved.
        together = sorted(joint)
        rotate = waiting.index(together[0])
        found.append(Group([goals[i] for i in together], together, rotate=rotate, joint=True))
    return found


def read_group(group: Group, texts: Texts, *, checkpoint: int, alone: bool) -> Goal:
    """Return the `Goal` of a group. With `alone`, its signature equals nothing but that of its own ids."""
    name = JOINT_MARK.join(member.id for member in group.members)
    salt = f"\n{name}" if alone else ""
    target, hypotheses = texts
    strict = "\n".join(group.lines)
    return Goal(
        mvar_id=f"cp{checkpoint}:{name}",
        goal_type=target,
        goal_sig=f"sig_{digest(_loose_text(group.members) + salt)}",
        goal_sig_strict=f"strict_{digest(strict + salt)}",
        hypotheses=hypotheses,
        rotate=group.rotate,
        joint=group.joint,
    )


def texts_of(shown: Sequence[ShownGoal]) -> Texts:
    """Return what people read of the members of one group."""
    hypotheses = tuple(
        Hypothesis(name, bundle.type, bundle.value) for bundle in shown[0].hypotheses for name in bundle.names
    )
    return JOINT_SEPARATOR.join(goal.target for goal in shown), hypotheses


def _entangled(goals: Sequence[RawGoal]) -> set[int]:
    """Return the goals that must stay together, by index.

    All that mention a metavariable, and all that such a metavariable is. (Goals that mention different ones could be
    kept apart. The language server's texts cannot tell, and both transports have to see the same goals.)
    """
    if len(goals) < 2:
        return set()
    mentioned = [{*goal.mentioned, *_metavariables(goal)} for goal in goals]
    names = set[str]().union(*mentioned)
    joint = {index for index, goal in enumerate(goals) if mentioned[index] or goal.id in names}
    return joint if len(joint) > 1 else set()


def _metavariables(goal: RawGoal) -> list[str]:
    """Return the ids of the metavariables in a goal's terms, those of universes included."""
    text = "\n".join(_terms(goal))
    return [found[1:] for found in _ID.findall(text) if found[0] == "?"] if "?" in text else []


def _terms(goal: RawGoal) -> list[str]:
    terms = [goal.target]
    for hypothesis in goal.hypotheses:
        terms.append(hypothesis.type)
        if hypothesis.value is not None:
            terms.append(hypothesis.value)
    return terms


def _strict_lines(members: Sequence[RawGoal]) -> list[str]:
    metavariables = {f"?{member.id}": f"?{index}" for index, member in enumerate(members)}
    parts: list[str] = []
    for member in members:
        names = {hypothesis.id: f"#{index}" for index, hypothesis in enumerate(member.hypotheses)}
        parts.append(_renamed("\n".join(_context(member)), names, metavariables))
    return "\n\n".join(parts).split("\n")


def _context(goal: RawGoal) -> list[str]:
    """Write a goal line by line; last, which metavariables it mentions, also where no term shows them."""
    lines = [*(_declaration(hypothesis) for hypothesis in goal.hypotheses), f"⊢ {_bare(goal.target)}"]
    return [*lines, " ".join(f"?{name}" for name in goal.mentioned)] if goal.mentioned else lines


def _declaration(hypothesis: RawHypothesis) -> str:
    name, scope, _ = hypothesis.name.partition(_SCOPE)
    text = f"{name}{'✝' if scope else ''} : {_bare(hypothesis.type)}"
    return text if hypothesis.value is None else f"{text} := {_bare(hypothesis.value)}"


def _loose_text(members: Sequence[RawGoal]) -> str:
    """Write the targets alone, with hypotheses numbered in order of appearance."""
    return _renamed("\n".join(_bare(member.target) for member in members), None, {})


def _renamed(text: str, hypotheses: dict[str, str] | None, metavariables: dict[str, str]) -> str:
    """Replace the ids in `text`; hypotheses that `hypotheses` does not name are numbered as they appear."""
    known = {} if hypotheses is None else hypotheses
    scopes: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] == "?":
            return metavariables.setdefault(found, f"?{len(metavariables)}")
        if found[0] == ".":
            return scopes.setdefault(found, f"✝{len(scopes)}")
        return known.setdefault(found, f"#{len(known)}")

    return _ID.sub(replace, text)


def _bare(term: str) -> str:
    """Take the annotations out of a raw term: ``[mdata key:value term]``."""
    while "[mdata " in term:
        found = list(_MDATA.finditer(term))
        if not found:
            raise Lost("Lean sent an annotation of an unknown shape")
        match = found[-1]  # the last to begin holds no other
        start, end = match.start(), _closing(term, match.start())
        inner = term[match.end() : end]
        # As Lean prints it without the annotation: in parentheses, but at the start and where a whole term may stand.
        if " " in inner and not _WHOLE.search(term, 0, start):
            inner = f"({inner})"
        term = f"{term[:start]}{inner}{term[end + 1 :]}"
    return term


def _closing(term: str, start: int) -> int:
    depth = 0
    for position in range(start, len(term)):
        depth += (term[position] == "[") - (term[position] == "]")
        if not depth:
            return position
    raise Lost("Lean sent a term with an open bracket")
