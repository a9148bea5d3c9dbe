"""The kinds of pegs: each holds some tactics back, for its own reason. All are pure, and count along a path only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import msgspec

from cellview.schedule.draws import unit_draw
from cellview.schedule.errors import InterventionError
from cellview.schedule.families import FAMILIES
from cellview.schedule.tactics import tactic_heads, tactic_norm

__all__ = [
    "Attempt",
    "BudgetPeg",
    "ConditionalPeg",
    "DoseMatchedPeg",
    "FamilyPeg",
    "HeadPeg",
    "NullPeg",
    "PegRule",
    "RandomNonpathPeg",
    "TargetedPeg",
]


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """What a peg may look at: a tactic about to be tried on a node, and where that node is. Never a count over time."""

    tactic: str
    goal_type: str
    depth: int
    path: tuple[str, ...]
    node_key: str
    hypotheses: tuple[str, ...]
    seed: int
    """The run's, for pegs that have no seed of their own."""


class _Peg(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    pass


def _check_family(family: str) -> None:
    if family not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise InterventionError(f"There is no tactic family {family!r}; expected one of {known}.")


def _check_head(head: str) -> None:
    if tactic_heads(head) != (head,):
        raise InterventionError(f"{head!r} is not the head of a tactic; expected one word, such as simp.")


class HeadPeg(_Peg, frozen=True, forbid_unknown_fields=True, tag="head"):
    """Hold back every tactic with this head, also inside a compound one (``constructor <;> simp`` has ``simp``)."""

    head: str

    def __post_init__(self) -> None:
        _check_head(self.head)

    def reason(self, attempt: Attempt) -> str | None:
        """Say why the tactic is held back, or ``None``."""
        return f"head {self.head}" if self.head in tactic_heads(attempt.tactic) else None


class FamilyPeg(_Peg, frozen=True, forbid_unknown_fields=True, tag="family"):
    """Hold back every tactic with a head of this family (see :data:`cellview.schedule.FAMILIES`)."""

    family: str

    def __post_init__(self) -> None:
        _check_family(self.family)

    def reason(self, attempt: Attempt) -> str | None:
        """Say why the tactic is held back, or ``None``."""
        members = FAMILIES[self.family]
        for head in tactic_heads(attempt.tactic):
            if head in members:
                return f"head {head} of family {self.family}"
        return None


class _Selective(_Peg, frozen=True, forbid_unknown_fields=True):
    """Acts on one head, on one family, or, with neither, on every tactic."""

    head: str | None = None
    family: str | None = None

    def _check_target(self) -> None:
        if self.head is not None and self.family is not None:
            raise InterventionError(
                f"A peg names head {self.head!r} and family {self.family!r}; expected at most one of the two."
            )
        if self.head is not None:
            _check_head(self.head)
        if self.family is not None:
            _check_family(self.family)

    def _hits(self, tactic: str) -> bool:
        if self.head is not None:
            return self.head in tactic_heads(tactic)
        if self.family is not None:
            return not FAMILIES[self.family].isdisjoint(tactic_heads(tactic))
        return True

    def _target(self) -> str:
        if self.head is not None:
            return f"head {self.head}"
        return "any tactic" if self.family is None else f"family {self.family}"


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _check_pattern(name: str, text: str | None) -> None:
    if text is None:
        return
    try:
        _pattern(text)
    except re.error as error:
        raise InterventionError(f"{name} is {text!r}, which is not a regular expression: {error}.") from None


class ConditionalPeg(_Selective, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="conditional"):
    """Hold tactics back only where all given conditions hold.

    Args:
        goal_matches: A regular expression found somewhere in the goal's type.
        hypothesis_matches: A regular expression found in the type of some hypothesis.
        min_depth: Depth of the node, at least (the root has 0).
        max_depth: Depth of the node, at most.
        after: A head that some tactic on the path to the node has.
    """

    goal_matches: str | None = None
    hypothesis_matches: str | None = None
    min_depth: int | None = None
    max_depth: int | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        self._check_target()
        _check_pattern("goal_matches", self.goal_matches)
        _check_pattern("hypothesis_matches", self.hypothesis_matches)
        if self.after is not None:
            _check_head(self.after)
        conditions = (self.goal_matches, self.hypothesis_matches, self.min_depth, self.max_depth, self.after)
        if all(condition is None for condition in conditions):
            raise InterventionError(
                "A conditional peg has no condition; expected goal_matches, hypothesis_matches, min_depth, max_depth "
                "or after."
            )
        if self.min_depth is not None and self.max_depth is not None and self.min_depth > self.max_depth:
            raise InterventionError(f"min_depth {self.min_depth} is above max_depth {self.max_depth}: no node fits.")

    def reason(self, attempt: Attempt) -> str | None:
        """Say why the tactic is held back, or ``None``."""
        met: list[str] = []
        if self.min_depth is not None:
            if attempt.depth < self.min_depth:
                return None
            met.append(f"depth {attempt.depth} ≥ {self.min_depth}")
        if self.max_depth is not None:
            if attempt.depth > self.max_depth:
                return None
            met.append(f"depth {attempt.depth} ≤ {self.max_depth}")
        if self.goal_matches is not None:
            if not _pattern(self.goal_matches).search(attempt.goal_type):
                return None
            met.append(f"goal matches {self.goal_matches}")
        if self.hypothesis_matches is not None:
            pattern = _pattern(self.hypothesis_matches)
            if not any(pattern.search(hypothesis) for hypothesis in attempt.hypotheses):
                return None
            met.append(f"a hypothesis matches {self.hypothesis_matches}")
        if self.after is not None:
            if not any(self.after in tactic_heads(step) for step in attempt.path):
                return None
            met.append(f"after {self.after}")
        return f"{self._target()} where {' and '.join(met)}" if self._hits(attempt.tactic) else None


class BudgetPeg(_Selective, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="budget"):
    """Allow such tactics at most `at_most` times on the way from the root to any node.

    Counted along the path, not over the run: a count over the run would depend on which agent came first.
    """

    at_most: int

    def __post_init__(self) -> None:
        self._check_target()
        if self.at_most < 1:
            raise InterventionError(f"at_most is {self.at_most}, but a whole number of at least 1 was expected.")

    def reason(self, attempt: Attempt) -> str | None:
        """Say why the tactic is held back, or ``None``."""
        if not self._hits(attempt.tactic):
            return None
        used = sum(1 for step in attempt.path if self._hits(step))
        return (
            f"{self._target()} used {used} times on this path, at most {self.at_most}" if used >= self.at_most else None
        )


def _check_seed(seed: int | None) -> None:
    if seed is not None and seed < 0:
        raise InterventionError(f"seed is {seed}, but a whole number of at least 0 was expected.")


class _Drawing(_Peg, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Draws by (seed, node, tactic): the run's seed, so that runs with other seeds are other draws, or its own."""

    seed: int | None = None

    def _draw(self, purpose: str, attempt: Attempt) -> float:
        seed = attempt.seed if self.seed is None else self.seed
        return unit_draw(seed, purpose, f"{attempt.node_key}\n{tactic_norm(attempt.tactic)}")


class NullPeg(_Drawing, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="control_null"):
    """Hold nothing back, but do all the work of a peg that might: the control for the machinery's own effect."""

    def __post_init__(self) -> None:
        _check_seed(self.seed)

    def reason(self, attempt: Attempt) -> str | None:
        """Look at the tactic, draw, and hold nothing back."""
        tactic_heads(attempt.tactic)
        self._draw("control_null", attempt)
        return None


class RandomNonpathPeg(_Drawing, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="random_nonpath"):
    """Hold back a random share of tactics, but none of the wild type's proof: the control for a targeted peg.

    Args:
        fraction: Share of attempts held back, in (0, 1); drawn by (seed, node, tactic).
        seed: Seed of the draws, at least 0; ``None``: the run's.
        solution: The tactics of the wild type's proof. ``None``: not known yet, see
            :meth:`TacticIntervention.with_solution`.
    """

    fraction: float = 0.1
    solution: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise InterventionError(
                f"fraction is {self.fraction}, but a number greater than 0 and less than 1 was expected."
            )
        _check_seed(self.seed)

    def reason(self, attempt: Attempt) -> str | None:
        """Say why the tactic is held back, or ``None``."""
        if self.solution is None:
            raise InterventionError(
                "random_nonpath_control needs the wild type's proof; run the wild type first and give its tactics."
            )
        if tactic_norm(attempt.tactic) in _norms(self.solution):
            return None
        return (
            f"drawn at random, fraction {self.fraction}"
            if self._draw("random_nonpath", attempt) < self.fraction
            else None
        )


TargetedPeg: TypeAlias = HeadPeg | FamilyPeg | ConditionalPeg | BudgetPeg
"""Pegs that a control can be matched to: what they hold back follows from the tactic and where it is tried."""


class DoseMatchedPeg(_Drawing, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="dose_matched"):
    """Hold back as many tactics of each visit as the pegs in `controls` would, but drawn: the control for their dose.

    Matched at each visit and not over the run: a share that is right on the whole could still fall on other nodes and
    depths than the pegs do. And no other search has to be run first to know it.

    Args:
        controls: The pegs that this one is the control for.
        seed: Seed of the draws, at least 0; ``None``: the run's.
    """

    controls: tuple[TargetedPeg, ...]

    def __post_init__(self) -> None:
        if not self.controls:
            raise InterventionError("A dose_matched peg controls nothing; expected at least one peg in controls.")
        _check_seed(self.seed)

    def reasons(self, attempts: Sequence[Attempt]) -> list[str | None]:
        """Say for each tactic of one visit why it is held back, or ``None``."""
        dose = sum(any(peg.reason(attempt) is not None for peg in self.controls) for attempt in attempts)
        # Equal draws can only be equal tactics of one node; their place among the candidates then decides.
        order = sorted(range(len(attempts)), key=lambda number: (self._draw("dose_matched", attempts[number]), number))
        held = frozenset(order[:dose])
        why = f"drawn at random, {dose} of {len(attempts)}"
        return [why if number in held else None for number in range(len(attempts))]


@lru_cache(maxsize=64)
def _norms(tactics: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(tactic_norm, tactics))


PegRule: TypeAlias = TargetedPeg | NullPeg | RandomNonpathPeg | DoseMatchedPeg
