"""Selection learns of obstacles: with nodes frozen for good, agents do not meet the same ones for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from cellview.core import Replay
from cellview.prover import Goal, SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, unit_draw
from cellview.search import SearchConfig, search
from cellview.trace import IterationRecord, NullTraceWriter, Record
from cellview.tree import Node, TreeConfig

FRACTION = 0.1


class KeptTrace(NullTraceWriter):
    """Keeps the records instead of writing them."""

    def __init__(self) -> None:
        super().__init__(digest=True)
        self.records: list[IterationRecord] = []

    def write_many(self, records: Iterable[Record]) -> None:
        for record in records:
            self.write(record)

    def write(self, record: Record) -> None:
        super().write(record)
        assert isinstance(record, IterationRecord)
        self.records.append(record)


async def kept(config: SearchConfig, seed: int) -> list[IterationRecord]:
    trace = KeptTrace()
    await search(
        "synthetic", prover=SyntheticProver(seed=seed), provider=SyntheticProvider(), config=config, trace=trace
    )
    return trace.records


async def starved(config: SearchConfig, *, seed: int) -> tuple[int, int]:
    """Return how many iterations were given up while a node that is not frozen was free, and how many there were."""
    records = await kept(config, seed)
    first = records[0].node
    replay = Replay(
        config, Goal(first.mvar_id, first.goal_type, first.goal_sig, first.goal_sig_strict), statement="synthetic"
    )
    tree = replay.run.core.tree
    in_vain: set[int] = set()
    give_up = replay.run.core.give_up

    def looking(ticket: Any, verdict: Any) -> None:
        if any(_free(node) and not _frozen(config, node) for node in tree.nodes):
            in_vain.add(ticket.iteration)
        give_up(ticket, verdict)

    replay.run.core.give_up = looking  # type: ignore[method-assign]  # to look at the tree at that very moment
    for record in records:
        replay.apply(record)
    given_up = {record.iteration for record in records if record.reason == "blocked"}
    return len(given_up & in_vain), len(records)


def _free(node: Node) -> bool:
    """By definition, and not by the tree's own counts."""
    if not node.expandable or node.reserved or node.is_terminal or node.is_dead:
        return False
    above = node.parent
    while above is not None:
        if above.parent.is_terminal or above.parent.is_dead or any(child.is_dead for child in above.children):
            return False
        above = above.parent.parent
    return True


def _frozen(config: SearchConfig, node: Node) -> bool:
    assert config.block is not None
    drawn = unit_draw(config.block.seed, "block", node.structural_key()) < config.block.fraction
    return drawn and not (config.block.spare_root and node.parent is None)


def scheduled(seed: int, obstacle_visits: Any, **changes: Any) -> SearchConfig:
    return SearchConfig(
        agents=4,
        inflight=4,
        budget=(200,),
        seed=seed,
        block=BlockPolicy(FRACTION, -1, seed, spare_root=True),
        reroute=ReroutePolicy(1),
        obstacle_visits=obstacle_visits,
        **changes,
    )


@pytest.mark.parametrize("selection", ["virtual-loss", "wu-uct", "puct", "best-first"])
async def test_few_iterations_are_given_up_while_unfrozen_nodes_are_free(selection: Any) -> None:
    lost = total = 0
    for seed in range(6):
        found = await starved(scheduled(seed, "count", tree=TreeConfig(selection=selection)), seed=seed + 1)
        lost, total = lost + found[0], total + found[1]
    assert total == 6 * 200
    assert lost / total < 0.2


async def test_without_counting_most_iterations_are_given_up() -> None:
    """What the test above would show of a search that does not learn."""
    lost = total = 0
    for seed in range(3):
        found = await starved(scheduled(seed, "ignore"), seed=seed + 1)
        lost, total = lost + found[0], total + found[1]
    assert lost / total > 0.5


@pytest.mark.parametrize("obstacle_visits", ["count", "ignore"])
async def test_every_meeting_is_a_visit_of_the_whole_path_or_of_nothing(obstacle_visits: Any) -> None:
    config = SearchConfig(
        agents=3,
        inflight=5,
        budget=(150,),
        block=BlockPolicy(0.3, 6, 2),
        delay=DelayPolicy(0.2, 2, 4),
        reroute=ReroutePolicy(2),
        obstacle_visits=obstacle_visits,
    )
    records = await kept(config, 1)
    first = records[0].node
    replay = Replay(
        config, Goal(first.mvar_id, first.goal_type, first.goal_sig, first.goal_sig_strict), statement="synthetic"
    )
    root = replay.run.core.tree.root
    met = 0
    for record in records:
        before = root.visits, root.successes
        replay.apply(record)
        gave_up = record.reason in ("blocked", "delayed")
        meetings = (len(record.reroute) if record.reroute else 0) + gave_up
        worked = not gave_up
        met += meetings
        if obstacle_visits == "count":
            assert root.visits == before[0] + meetings + worked, record.iteration
        else:
            assert root.visits == before[0] + worked, record.iteration
        assert root.successes == before[1] + (record.expanded is True)
    assert met > 20, "the property says little about a search that meets no obstacle"


async def test_a_node_that_was_met_in_vain_is_the_one_that_counts_it() -> None:
    config = scheduled(3, "count")
    for record in await kept(config, 4):
        if record.reason == "blocked":
            assert record.node.visit_count >= 1 and record.node.success_count == 0
