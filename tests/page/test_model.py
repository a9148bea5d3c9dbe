"""What the page makes of a trace is what the search's own tree was: an oracle in another language, from other data."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy
from cellview.search import SearchConfig, search
from cellview.trace import IterationRecord, OrderedTraceWriter, read_trace
from cellview.tree import Node as TreeNode
from cellview.tree import TreeConfig

Node = Callable[..., subprocess.CompletedProcess[str]]

STATUS = {0: "open", 1: "solved", 2: "dead"}


def config_of(seed: int) -> SearchConfig:
    """One of several kinds of search: policies, obstacles, and numbers of agents in turn."""
    policy: Literal["all-successes", "first-success"] = "first-success" if seed % 3 == 1 else "all-successes"
    return SearchConfig(
        agents=1 + seed % 4,
        inflight=1 + seed % 5,
        budget=(20, 150),
        seed=seed,
        tree=TreeConfig(expansion=policy),
        block=BlockPolicy(0.3, 6 if seed % 4 else -1, seed) if seed % 2 else None,
        delay=DelayPolicy(0.2, 3, seed) if seed % 5 == 2 else None,
        reroute=ReroutePolicy(2) if seed % 2 else None,
    )


def proof_of(root: TreeNode) -> list[str]:
    """Names of the goals that the solved branch is built of."""
    found: list[str] = []
    stack = [root]
    while stack:
        node = stack.pop()
        assert node.solution is not None
        found.append(node.goal.mvar_id)
        stack.extend(node.solution.children)
    return sorted(found)


@pytest.mark.parametrize("seed", range(16))
async def test_the_page_and_the_tree_agree(seed: int, tmp_path: Path, node: Node) -> None:
    prover = SyntheticProver(
        seed=seed, p_fail=0.55 + 0.05 * (seed % 5), p_close=0.1, p_two=0.5, branching=3, p_timeout=0.03
    )
    path = tmp_path / "t.jsonl"
    with OrderedTraceWriter(path) as trace:
        result = await search(
            "s", prover=prover, provider=SyntheticProvider(branching=3), config=config_of(seed), trace=trace
        )
    done = node("dump.js", str(path))
    assert done.returncode == 0, done.stderr
    page: dict[str, Any] = msgspec.json.decode(done.stdout)
    expected: dict[str, Any] = {
        one.goal.mvar_id: {
            "state": STATUS[one.status],
            "depth": one.depth,
            "path": one.tactics(),
            "edges": [[edge.tactic, edge.status == 2] for edge in one.edges],
        }
        for one in result.tree.nodes
    }
    assert page["nodes"] == expected
    records = [record for record in read_trace(path) if isinstance(record, IterationRecord)]
    assert page["counts"] == [record.tree.nodes for record in records]
    solved = next((record.iteration for record in records if record.tree.solved), -1)
    assert page["solvedAt"] == solved
    assert page["proof"] == (proof_of(result.tree.root) if result.solved else [])
