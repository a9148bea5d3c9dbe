"""What one agent remembers between its tickets, and how it chooses a node by that."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from cellview.tree import AgentProfile, Node, Tree, mix

__all__ = ["AgentMemory", "tie_salt"]


class AgentMemory:
    """What one agent remembers: its constants, its last path and its last nodes; and how it chooses by them."""

    __slots__ = ("_history", "_last_path", "_profile")

    def __init__(self, profile: AgentProfile) -> None:
        self._profile = profile
        self._last_path: frozenset[int] = frozenset()
        self._history: deque[Node] = deque(maxlen=profile.history_cache)

    def choose(self, tree: Tree, salt: int, skipped: Sequence[Node] = ()) -> Node | None:
        """Select a free node, `skipped` left out; nodes in the history only if nothing else is free."""
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


def tie_salt(seed: int, agent_id: int, iteration: int) -> int:
    """Hash of (seed, agent, iteration) that breaks ties in a selection."""
    return mix(mix(seed) ^ mix((agent_id << 40) ^ iteration))
