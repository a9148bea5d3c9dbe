"""What every prover and every tactic provider looks like to a search.

A *prover* runs tactics on goals; a *provider* suggests which tactics to run. Both are protocols: anything with these
methods will do. Implementations: :mod:`cellview.prover.lean`, :mod:`cellview.prover.synthetic`,
:mod:`cellview.prover.providers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import msgspec

__all__ = [
    "Failure",
    "FailureReason",
    "Goal",
    "Hypothesis",
    "PathProvider",
    "Preview",
    "Prover",
    "Releasing",
    "Suggestion",
    "TacticProvider",
    "Verification",
]


class Hypothesis(msgspec.Struct, frozen=True, gc=False):
    """One name of a goal's context: ``name : type``, or ``name : type := value`` for a ``let``."""

    name: str
    type: str
    value: str | None = None


class Goal(msgspec.Struct, frozen=True, gc=False):
    """One goal: what is to be shown (`goal_type`) under which `hypotheses`.

    Several Lean goals that share metavariables are one *joint* goal: `goal_type` then shows all targets, and a tactic
    acts on the first. `goal_sig` identifies the target up to the names of hypotheses; `goal_sig_strict` identifies
    target and context together, so that strictly equal goals have the same proofs.
    """

    mvar_id: str
    goal_type: str
    goal_sig: str
    goal_sig_strict: str
    hypotheses: tuple[Hypothesis, ...] = ()
    rotate: int = 0
    """Goals that ``rotate_left`` must move away before this one is the first (0 unless a sibling is joint)."""
    joint: bool = False
    """Whether several Lean goals hide behind this one. A joint goal is always the last of its siblings."""


class Preview(msgspec.Struct, frozen=True, gc=False):
    """A tactic that worked on goal `goal_id`: its subgoals, and nothing changed yet."""

    goal_id: str
    tactic: str
    children: tuple[Goal, ...] = ()


FailureReason: TypeAlias = Literal["tactic", "heartbeats", "filtered", "no_goal", "adapter"]
"""Why a tactic gave nothing. ``adapter`` means that the infrastructure failed, not the tactic."""


class Failure(msgspec.Struct, frozen=True, gc=False):
    """A tactic that did not work. ``no_goal``: the prover knows no such goal, or it has nothing left to show."""

    reason: FailureReason
    message: str = ""


class Verification(msgspec.Struct, frozen=True, gc=False):
    """What a fresh check of a whole proof said.

    `source` is the complete Lean file that was checked. `broken`: the check itself did not come to an end, so nothing
    is known about the proof; it is not `ok` then.
    """

    ok: bool
    message: str = ""
    axioms: tuple[str, ...] = ()
    source: str = ""
    broken: bool = False


class Suggestion(msgspec.Struct, frozen=True, gc=False):
    """A tactic to try and its score; higher is tried first, equal scores keep the provider's order."""

    tactic: str
    score: float


@runtime_checkable
class Prover(Protocol):
    """Runs tactics. Not concurrent: one call at a time (the prover actor sees to that)."""

    async def start(self, statement: str) -> Goal:
        """Return the root goal of `statement` (what stands between a theorem's name and ``:=``).

        Raises:
            StatementError: The statement does not parse or does not elaborate; the text is Lean's.
        """
        ...

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        """Try `tactic` on a registered goal without changing anything.

        `checkpoint` (unique per attempt, derived from the ticket) names the children: ``cp<checkpoint>:<mvar>``.
        The same call gives the same answer at any time and in any order.
        """
        ...

    async def commit(self, preview: Preview) -> None:
        """Register the preview's children, so that they can be previewed in turn. Idempotent."""
        ...

    async def verify(self, statement: str, script: str) -> Verification:
        """Check a whole tactic script for `statement` in a fresh process, trusting nothing of the search."""
        ...

    async def aclose(self) -> None:
        """End all processes. Idempotent."""
        ...


@runtime_checkable
class Releasing(Protocol):
    """A prover that keeps something for each goal, and can let go of it. A :class:`Prover` need not be one."""

    async def release(self, goal_ids: Sequence[str]) -> None:
        """Let go of what is kept for goals that are proved, dead or not needed any more.

        They stay registered: should a proof be refused, they are worked on again, and what is missing is made again.
        """
        ...


@runtime_checkable
class TacticProvider(Protocol):
    """Suggests tactics. Called concurrently by the agents; must be a function of the goal alone.

    A provider that computes its answer here, of the goal and nothing else, may have an attribute ``immediate = True``:
    agents then call it without a task of its own, and a resume asks it again and compares.
    """

    @property
    def provider_id(self) -> str:
        """Name that stands in the trace's attempts."""
        ...

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Suggest tactics for `goal`, best first or not (the search sorts by score, stably)."""
        ...


@runtime_checkable
class PathProvider(TacticProvider, Protocol):
    """A provider that may want to know how a goal was reached."""

    @property
    def uses_path(self) -> bool:
        """Whether :meth:`suggest_after` is to be asked instead of :meth:`suggest`."""
        ...

    async def suggest_after(self, goal: Goal, path: Sequence[str]) -> Sequence[Suggestion]:
        """Suggest tactics for `goal`, which the tactics `path` led to, from the root down."""
        ...
