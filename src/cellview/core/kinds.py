"""A collective whose agents differ in what they may try: which tactics are left at a node, and for whom.

Agents that ask one provider and may try the same families are one *kind*. Each kind looks at a node for itself: it
asks its provider once, keeps what it may try, and what others have tried there meanwhile it need not try again. So a
node's untried tactics are those of all kinds, each marked with its own, and a mark stands for each kind that has not
asked yet; the node is exhausted when nothing of it is left. With one kind only there is none of this, and a search is
what it always was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias, cast

import msgspec

from cellview.core.visits import Attempted, VisitResult
from cellview.prover import Failure, Suggestion
from cellview.schedule import may_try
from cellview.tree import Candidate, Node

__all__ = ["Kinds", "fitting"]

_NEVER = -1e9
"""Score of what nobody has been asked for: a prior of nothing."""


class _Left(msgspec.Struct, frozen=True, gc=False):
    """A tactic that a kind may still try at a node."""

    tactic: str
    score: float
    kind: int


class _Unasked(msgspec.Struct, frozen=True, gc=False):
    """A kind that has not asked its provider about a node yet."""

    kind: int
    tactic: str = ""
    score: float = _NEVER


_Mark: TypeAlias = _Left | _Unasked


def fitting(
    suggestions: Sequence[Suggestion], *, families: Sequence[str] = (), tried: Collection[str] = ()
) -> Sequence[Suggestion]:
    """Return the suggestions that an agent of these families may try, and nobody has tried."""
    if not families and not tried:
        return suggestions
    return [given for given in suggestions if given.tactic not in tried and may_try(families, given.tactic)]


class Kinds:
    """What is left at each node, by kind of agent.

    Args:
        of_agent: Each agent's kind, a number from 0.
    """

    def __init__(self, of_agent: Sequence[int]) -> None:
        self._of_agent = tuple(of_agent)
        self._all = tuple(sorted(set(of_agent)))
        self._tried: dict[int, set[str]] = {}
        """Tactics tried at a node, by the node's index."""
        self._barren: dict[int, dict[int, Node]] = {kind: {} for kind in self._all}
        """Nodes at which a kind has nothing left and another has, by index."""

    def left(self, node: Node, agent_id: int) -> Sequence[Suggestion] | None:
        """Return what an agent may still try at a node; ``None``: its provider is to be asked first."""
        kind = self._of_agent[agent_id]
        own = [candidate for candidate in _marked(node) if candidate.kind == kind]
        if node.untried is None or any(isinstance(candidate, _Unasked) for candidate in own):
            return None
        return [Suggestion(candidate.tactic, candidate.score) for candidate in own]

    def tried(self, node: Node) -> frozenset[str]:
        """Return what has been tried at a node."""
        return frozenset(self._tried.get(node.index, ()))

    def without(self, agent_id: int) -> Collection[Node]:
        """Return the nodes at which an agent could do nothing, though others can."""
        return self._barren[self._of_agent[agent_id]].values()

    def after(self, node: Node, agent_id: int, result: VisitResult, left: Sequence[Suggestion]) -> Sequence[Candidate]:
        """Return what is untried at a node after a visit that has left these of its own candidates."""
        kind = self._of_agent[agent_id]
        tried = self._tried.setdefault(node.index, set())
        tried.update(attempt.tactic for attempt in result.attempts if not _broke_down(attempt))
        before = [_Unasked(each) for each in self._all] if node.untried is None else _marked(node)
        others = [candidate for candidate in before if candidate.kind != kind and candidate.tactic not in tried]
        return [*(_Left(c.tactic, c.score, kind) for c in left), *others]

    def note(self, node: Node) -> None:
        """Take down, after a commit, for which kinds a node has something left."""
        alive = {candidate.kind for candidate in _marked(node)}
        for kind in self._all:
            if node.untried and kind not in alive and not node.is_dead:
                self._barren[kind][node.index] = node
            else:
                self._barren[kind].pop(node.index, None)


def _marked(node: Node) -> Sequence[_Mark]:
    return cast("Sequence[_Mark]", node.untried or ())


def _broke_down(attempt: Attempted) -> bool:
    return isinstance(attempt.result, Failure) and attempt.result.reason == "adapter"
