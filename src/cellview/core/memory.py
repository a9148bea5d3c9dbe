"""What one agent remembers between its tickets, and how it chooses a node by that."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from cellview.schedule import unit_draw
from cellview.tree import AgentProfile, Node, Tree, mix

__all__ = ["AgentMemory", "tie_salt"]


class AgentMemory:
    """What one agent remembers: its constants, its last path and its last nodes; and how it chooses by them.

    `seed` and `agent_id` are what its ties are broken by, together with the iteration. A blind choice is drawn by seed
    and iteration alone: it is the same whichever agent makes it.
    """

    __slots__ = ("_agent_id", "_history", "_last_path", "_profile", "_seed")

    def __init__(self, profile: AgentProfile, *, seed: int, agent_id: int) -> None:
        self._profile = profile
        self._seed = seed
        self._agent_id = agent_id
        self._last_path: frozenset[int] = frozenset()
        self._history: deque[Node] = deque(maxlen=profile.history_cache)

    def choose(self, tree: Tree, iteration: int, skipped: Sequence[Node] = ()) -> Node | None:
        """Select a free node, `skipped` left out; nodes in the history only if nothing else is free."""
        salt = tie_salt(self._seed, self._agent_id, iteration)
        if tree.config.is_blind:
            return tree.select(self._profile, salt=salt, without=skipped, draw=_blind_draw(self._seed, iteration))
        if self._history:
            node = tree.select(self._profile, salt=salt, last_path=self._last_path, without=[*skipped, *self._history])
            if node is not None:
                return node
        return tree.select(self._profile, salt=salt, last_path=self._last_path, without=skipped)

    def remember(self, node: Node) -> None:
        """Note that the agent works on `node`."""
        if self._profile.path_bias:
            self._last_path = frozenset(step.index for step in node.path())
        if self._profile.history_cache:
            self._history.append(node)


def _blind_draw(seed: int, iteration: int) -> Callable[[str], float]:
    return lambda key: unit_draw(seed, "blind", key, iteration=iteration)


def tie_salt(seed: int, agent_id: int, iteration: int) -> int:
    """Hash of (seed, agent, iteration) that breaks ties in a selection.

    One after the other, and not a sum of hashes: that would be the same for seed 0 in iteration 1 and for seed 1 in
    iteration 0, and seeds would be no replicates.
    """
    return mix(mix(mix(seed) ^ agent_id) ^ iteration)
