"""Goals that nobody works on any more are told once each, and no other goal is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.core import ClosedGoals
from cellview.prover import Failure, Goal, Preview, SyntheticProver, SyntheticProvider
from cellview.search import SearchConfig, search
from cellview.tree import Node


class Watched(SyntheticProver):
    """Notes what it is told to let go of, and what it is asked after that."""

    def __init__(self, *, p_close: float, seed: int) -> None:
        super().__init__(seed, p_close=p_close)
        self.told: list[str] = []
        self.asked_later: list[str] = []

    async def release(self, goal_ids: Sequence[str]) -> None:
        self.told += goal_ids

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        if goal_id in self.told:
            self.asked_later.append(goal_id)
        return await super().preview(goal_id, tactic, checkpoint=checkpoint)


def idle(node: Node) -> bool:
    """The definition, read off the tree: closed, or below something closed, or beside something dead."""
    while True:
        if node.is_terminal or node.is_dead:
            return True
        edge = node.parent
        if edge is None:
            return False
        if any(child.is_dead for child in edge.children):
            return True
        node = edge.parent


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), distributed=st.booleans(), p_close=st.sampled_from([0.05, 0.2, 0.5]))
def test_what_is_told_is_what_is_idle(seed: int, distributed: bool, p_close: float) -> None:
    prover = Watched(p_close=p_close, seed=seed)
    one = SearchConfig(mode="centralized", budget=(60,))
    config = SearchConfig(agents=3, inflight=5, budget=(60,)) if distributed else one
    result = anyio.run(partial(search, "x", prover=prover, provider=SyntheticProvider(), config=config))
    assert len(set(prover.told)) == len(prover.told)
    expected = [node.goal.mvar_id for node in result.tree.nodes if idle(node)]
    if result.solved:  # then the search is over, and nothing more is told
        assert set(prover.told) <= set(expected)
    else:
        assert sorted(prover.told) == sorted(expected)
    if not distributed:
        assert prover.asked_later == []


def test_an_open_node_closes_nothing() -> None:
    goal = Goal("g", "g", "g", "g")
    assert ClosedGoals().take(Node(0, goal, None, 0)) == []
