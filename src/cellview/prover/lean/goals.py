"""From what Lean says about open goals to `Goal`: contexts, which goals hang together, signatures.

Lean shows the goals twice. Its interactive answer has the goals' ids and their text as people read it. The text of the
probe's error has everything written out (implicit arguments, universes, proofs): goals that look alike there are alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from cellview.prover.base import Goal, Hypothesis
from cellview.prover.lean.places import JOINT_MARK
from cellview.prover.lean.transport import Lost

__all__ = ["JOINT_SEPARATOR", "GoalsUnreadable", "digest", "read_goals"]

JOINT_SEPARATOR = "  ⊢  "
"""Stands between the targets in a joint goal's `goal_type`."""

_TURNSTILE = "⊢ "
_ELIDED = "⋯"
# A metavariable as Lean prints it: `?w`, `?m.12`, `?_uniq.3.4`, `?u.5` (a universe). Not `xs.head?`.
_METAVARIABLE = re.compile(r"(?<![\w?!'✝»\]\)])\?(«[^»]*»|[^\W\d][\w.'!?✝¹²³⁴⁵⁶⁷⁸⁹⁰]*)")
# The same at the head of an application.
_APPLIED = re.compile(r"(?:^|[(→,:⊢>]\s*|\n\s*)\?([^\W\d][\w.'!?✝¹²³⁴⁵⁶⁷⁸⁹⁰]*)\s+(?=[\w(@?«])")
_DAGGER = re.compile(r"✝[¹²³⁴⁵⁶⁷⁸⁹⁰]*")
_LINE_BREAK = re.compile(r"\n +")
_WORD = re.compile(r"«[^»]*»|[^\W\d][\w.'!?✝¹²³⁴⁵⁶⁷⁸⁹⁰]*")


class GoalsUnreadable(Lost):
    """Raised when Lean's two accounts of the goals do not fit together. Never leaves this package."""


class _Tagged(msgspec.Struct):
    """Lean's annotated text: a leaf, a list of parts, or a marked part."""

    text: str | None = None
    append: tuple[_Tagged, ...] = ()
    tag: tuple[Any, _Tagged] | None = None


class _Bundle(msgspec.Struct):
    names: tuple[str, ...]
    type: msgspec.Raw
    val: msgspec.Raw = msgspec.Raw(b"null")


class _Interactive(msgspec.Struct, rename="camel"):
    mvar_id: str
    type: msgspec.Raw
    hyps: tuple[_Bundle, ...] = ()
    user_name: str | None = None


class _Answer(msgspec.Struct):
    goals: tuple[_Interactive, ...] = ()


class _LeanGoal(msgspec.Struct, frozen=True):
    """One goal of Lean's, from both accounts."""

    mvar_id: str
    name: str
    target: str
    hypotheses: tuple[Hypothesis, ...]
    full: str
    """Context and target with everything written out, without the case's name."""
    full_target: str


_answers = msgspec.json.Decoder(_Answer | None)
_texts = msgspec.json.Decoder(_Tagged)


def read_goals(answer: bytes, probe: str, *, checkpoint: int) -> tuple[Goal, ...]:
    """Return the goals that a search sees: the single ones first, those that share metavariables as one joint goal.

    `goal_sig` is a hash of the target, written out in full, with hypotheses and metavariables numbered in order of
    appearance. `goal_sig_strict` is a hash of context and target, also in full; names of hypotheses count, inaccessible
    ones (``h✝``) as they are shown, and the name of the case does not. Strictly equal goals have the same proofs, by
    the same text, unless that text asks for the goal's own case by name.

    Args:
        answer: The ``InteractiveGoals`` of Lean, as JSON.
        probe: The text of the error that lists the same goals in full.
        checkpoint: Goes into the ids.

    Raises:
        GoalsUnreadable: The two do not list the same goals, or the first is something else.
    """
    full = _split_probe(probe)
    try:
        decoded = _answers.decode(answer)
        shown = decoded.goals if decoded is not None else ()
        if not shown or len(shown) != len(full):
            raise GoalsUnreadable(f"Lean shows {len(shown)} goals and lists {len(full)}")
        goals = [_combine(one, text) for one, text in zip(shown, full, strict=True)]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise GoalsUnreadable("Lean shows what are no goals") from error
    joint = _entangled(goals)
    waiting = list(range(len(goals)))
    found: list[Goal] = []
    for index in [i for i in waiting if i not in joint]:
        place = waiting.index(index)
        waiting = waiting[place + 1 :] + waiting[:place]
        found.append(_goal([goals[index]], checkpoint, rotate=place, joint=False))
    if joint:
        # Rotations keep the cyclic order of the joint goals: only the start may have moved.
        found.append(_goal([goals[i] for i in sorted(joint)], checkpoint, rotate=waiting.index(min(joint)), joint=True))
    return tuple(found)


def _goal(members: Sequence[_LeanGoal], checkpoint: int, *, rotate: int, joint: bool) -> Goal:
    name = JOINT_MARK.join(member.mvar_id for member in members)
    # Metavariables first: `?m.7` is none of the hypothesis `m`.
    canonical = _canonical("\0".join(member.full_target for member in members)).split("\0")
    targets = "\n".join(_anonymous_target(goal, target) for goal, target in zip(members, canonical, strict=True))
    # Before each member of a joint goal stands its own metavariable: that `?w` is the second goal and not the third is
    # part of what the goal is.
    own = [f"?{member.name}\n" if joint and member.name else "" for member in members]
    everything = "\n\n".join(f"{mark}{member.full}" for mark, member in zip(own, members, strict=True))
    if _ELIDED in everything:
        # Lean left something out, so equal texts may hide different goals: nothing but itself equals this one.
        everything = f"{everything}\n{name}"
    return Goal(
        mvar_id=f"cp{checkpoint}:{name}",
        goal_type=JOINT_SEPARATOR.join(member.target for member in members),
        goal_sig=f"sig_{digest(targets)}",
        goal_sig_strict=f"strict_{digest(_canonical(everything))}",
        hypotheses=members[0].hypotheses,
        rotate=rotate,
        joint=joint,
    )


def digest(text: str) -> str:
    """Return the part of a signature that tells texts apart: 48 bits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _canonical(text: str) -> str:
    """Take out what does not matter: where Lean broke lines, and the names of metavariables.

    These become ?0, ?1, … in order of appearance: their own names say only when they were made.
    """
    numbers: dict[str, str] = {}
    renamed = _METAVARIABLE.sub(lambda match: numbers.setdefault(match[1], f"?{len(numbers)}"), text)
    return _LINE_BREAK.sub(" ", renamed)


def _anonymous_target(goal: _LeanGoal, target: str) -> str:
    """Return a target of `goal` with hypotheses called #0, #1, … in order of appearance."""
    names = {hypothesis.name for hypothesis in goal.hypotheses}
    numbers: dict[str, str] = {}

    def rename(match: re.Match[str]) -> str:
        head, dot, rest = match[0].partition(".")
        if match[0] in names:
            head, dot, rest = match[0], "", ""
        elif head not in names:
            return match[0]
        return f"{numbers.setdefault(head, f'#{len(numbers)}')}{dot}{rest}"

    return _WORD.sub(rename, target)


def _entangled(goals: Sequence[_LeanGoal]) -> set[int]:
    """Return the goals that must stay together, by index; in doubt, more rather than fewer.

    All goals that mention a metavariable are taken together with all goals that are one of those. Goals that mention
    different metavariables could be kept apart; telling the two cases apart in text is what would be in doubt. Lean
    prints a metavariable with an inaccessible name as `?x✝`, and calls the goal itself `x`.
    """
    mentioned = [
        {_DAGGER.sub("", name) for name in _METAVARIABLE.findall(goal.full)} | {_ELIDED} & set(goal.full)
        for goal in goals
    ]
    joint = {index for index, names in enumerate(mentioned) if names}
    names = set[str]().union(*mentioned)
    known = {name for goal in goals for name in (goal.mvar_id, goal.name)}
    if any(not {_DAGGER.sub("", name) for name in _APPLIED.findall(goal.full)} <= known for goal in goals):
        # Applied to something, and no goal: a metavariable that waits for a goal in a larger context, which may be any.
        return set(range(len(goals))) if len(goals) > 1 else set()
    for index, goal in enumerate(goals):
        # A metavariable that no goal is named after may be any goal without a name.
        anonymous = not goal.name and bool(names - known)
        if goal.mvar_id in names or goal.name in names or anonymous:
            joint.add(index)
    return joint if len(joint) > 1 else set()


def _split_probe(probe: str) -> list[str]:
    """Return the goals in the text of an "unsolved goals" error."""
    _, _, listed = probe.partition("\n")
    return [part for part in listed.split("\n\n") if part.strip()]


def _combine(shown: _Interactive, text: str) -> _LeanGoal:
    lines = text.split("\n")
    if lines[0].startswith("case "):
        lines = lines[1:]
    start = next((i for i, line in enumerate(lines) if line.startswith(_TURNSTILE)), None)
    if start is None:
        raise GoalsUnreadable("Lean lists a goal without a target")
    return _LeanGoal(
        mvar_id=shown.mvar_id,
        name=shown.user_name or "",
        target=_flatten(shown.type),
        hypotheses=tuple(_hypotheses(shown.hyps)),
        full="\n".join(lines),
        full_target="\n".join(lines[start:]).removeprefix(_TURNSTILE),
    )


def _hypotheses(bundles: Iterable[_Bundle]) -> Iterable[Hypothesis]:
    for bundle in bundles:
        kind = _flatten(bundle.type)
        value = None if bytes(bundle.val) == b"null" else _flatten(bundle.val)
        for name in bundle.names:
            yield Hypothesis(name, kind, value)


def _flatten(raw: msgspec.Raw) -> str:
    """Return the plain text of Lean's annotated text."""
    parts: list[str] = []
    stack = [_texts.decode(raw)]
    while stack:
        node = stack.pop()
        if node.text is not None:
            parts.append(node.text)
        if node.tag is not None:
            stack.append(node.tag[1])
        stack.extend(reversed(node.append))
    return "".join(parts)
