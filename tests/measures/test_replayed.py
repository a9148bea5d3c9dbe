"""Measures on traces of real searches (synthetic prover): against definitions that are slow and plain."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest
from pytest import approx

from cellview.core import Replay
from cellview.measures import (
    SampleError,
    aggregation,
    attempts_of,
    canonical_hash,
    credit_of,
    duplicates,
    expanded_of,
    first_obstacle,
    longest_given_up,
    mean_inflight,
    met_nodes,
    observe,
    obsolete_at_least,
    proof_number,
    shares_of_agents,
    structural_staleness,
    time_to_improvement,
    together,
    together_in_all,
    visits_of,
)
from cellview.measures.pure.records import iterations_of
from cellview.prover import Goal, SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy
from cellview.search import SearchConfig, SearchResult, search
from cellview.trace import OrderedTraceWriter, Record, count_clocks, read_trace
from cellview.tree import Node, Tree, TreeConfig

STATEMENT = "a synthetic theorem"

CONFIGS = {
    "centralized": SearchConfig(mode="centralized", budget=(120,), seed=1),
    "one agent": SearchConfig(agents=1, inflight=1, budget=(120,), seed=1),
    "four agents": SearchConfig(agents=4, inflight=4, budget=(120,), seed=1),
    "wide window": SearchConfig(agents=3, inflight=9, budget=(40, 80), seed=2),
    "first success": SearchConfig(
        agents=4, inflight=4, budget=(120,), seed=3, tree=TreeConfig(expansion="first-success")
    ),
    "perturbed": SearchConfig(
        agents=4,
        inflight=6,
        budget=(120,),
        seed=4,
        block=BlockPolicy(0.3, 12, 4),
        delay=DelayPolicy(0.1, 3, 4),
        reroute=ReroutePolicy(1),
    ),
}


async def searched(folder: Path, config: SearchConfig, *, closing: float = 0.25) -> tuple[SearchResult, list[Record]]:
    path = folder / "t_mcts_trace.jsonl"
    with OrderedTraceWriter(path) as writer:
        result = await search(
            STATEMENT,
            prover=SyntheticProver(seed=config.seed, p_close=closing),
            provider=SyntheticProvider(),
            config=config,
            trace=writer,
        )
    return result, list(read_trace(path))


def plain_proof_number(node: Node) -> float:
    """The definition, by recursion."""
    if node.is_terminal:
        return 0
    if node.is_dead:
        return inf
    sums = [sum(map(plain_proof_number, edge.children)) for edge in node.edges]
    alive = [number for number in sums if number < inf]
    return min(alive) if alive else 1


@pytest.mark.parametrize("name", CONFIGS)
async def test_the_progress_signal_is_the_proof_number_of_every_moment(tmp_path: Path, name: str) -> None:
    config = CONFIGS[name]
    result, records = await searched(tmp_path, config, closing=0.1)
    seen = observe(records, config, statement=STATEMENT)
    iterations = iterations_of(records)
    first = iterations[0].node
    replay = Replay(
        config, Goal(first.mvar_id, first.goal_type, first.goal_sig, first.goal_sig_strict), statement=STATEMENT
    )
    root = replay.run.core.tree.root
    expected = [-plain_proof_number(root)]
    for record in iterations:
        replay.apply(record)
        expected.append(-plain_proof_number(root))
    assert list(seen.progress) == expected
    assert len(seen.progress) == result.iterations + 1
    assert (seen.progress[-1] == 0) == result.solved
    assert proof_number(root) == -expected[-1]


@pytest.mark.parametrize("name", CONFIGS)
async def test_a_solved_search_has_a_proof_and_its_finders(tmp_path: Path, name: str) -> None:
    config = CONFIGS[name]
    result, records = await searched(tmp_path, config, closing=0.5)
    assert result.solved
    seen = observe(records, config, statement=STATEMENT)
    assert seen.proof is not None and seen.credit is not None
    assert canonical_hash(seen.proof, "heads") == canonical_hash(result.tree, "heads")
    assert canonical_hash(seen.proof, "full") == canonical_hash(result.tree_json, "full")
    assert sum(seen.credit.values()) == len(seen.proof_keys) >= 1
    by_hand = dict.fromkeys(range(1 if config.mode == "centralized" else config.agents or 1), 0)
    for node in result.tree.nodes:
        edge = node.solution
        if edge is not None and node.structural_key() in seen.proof_keys:
            finder = next(
                record.agent_id
                for record in iterations_of(records)
                for attempt in record.attempts
                if (record.node.mvar_id, attempt.tactic, attempt.outcome) == (node.goal.mvar_id, edge.tactic, "success")
            )
            by_hand[finder] += 1
    assert seen.credit == by_hand


async def test_staleness_is_by_construction_unless_a_ticket_waited(tmp_path: Path) -> None:
    config = CONFIGS["four agents"]
    _, records = await searched(tmp_path, config, closing=0.1)
    seen = observe(records, config, statement=STATEMENT)
    plain = structural_staleness(expanded_of(records), 4)
    for t, (commits, stale) in enumerate(zip(seen.seen, seen.staleness, strict=True)):
        assert commits >= max(0, t - 3)
        if commits == max(0, t - 3):
            assert stale == plain[t]
        else:  # it waited, so it saw more
            assert stale <= plain[t]
    assert any(commits > max(0, t - 3) for t, commits in enumerate(seen.seen))
    assert all(0 <= near <= stale <= 3 for near, stale in zip(seen.related, seen.staleness, strict=True))
    assert seen.waits > 0


async def test_what_staleness_would_be_by_chance_by_plain_counting(tmp_path: Path) -> None:
    config = CONFIGS["first success"]
    result, records = await searched(tmp_path, config, closing=0.03)
    seen = observe(records, config, statement=STATEMENT)
    iterations = iterations_of(records)
    nodes = {node.goal.mvar_id: node for node in result.tree.nodes}
    places = [nodes.get(record.node.mvar_id) for record in iterations]
    expanded = [t for t, record in enumerate(iterations) if record.expanded is True]

    def line(node: Node) -> set[int]:
        return {id(other) for other in node.path()}

    for t, place in enumerate(places):
        assert seen.staleness_expected[t] == approx((t - seen.seen[t]) * len(expanded) / len(iterations))
        others = [places[other] for other in expanded if other != t]
        near = sum(
            o is not None and place is not None and (id(o) in line(place) or id(place) in line(o)) for o in others
        )
        assert seen.related_expected[t] == approx(seen.staleness[t] * near / len(others) if others else 0)
    assert sum(seen.related_expected) > 0


async def test_one_agent_alone_is_never_stale(tmp_path: Path) -> None:
    for name in ("centralized", "one agent"):
        (tmp_path / name).mkdir()
        _, records = await searched(tmp_path / name, CONFIGS[name], closing=0.1)
        seen = observe(records, CONFIGS[name], statement=STATEMENT)
        assert set(seen.staleness) == {0}
        assert (seen.obsolete, seen.waits, seen.averted) == (0, 0, 0)


async def test_obsolete_visits_are_at_least_those_that_records_show(tmp_path: Path) -> None:
    exact = bound = 0
    for seed in range(10):
        folder = tmp_path / str(seed)
        folder.mkdir()
        config = SearchConfig(agents=4, inflight=8, budget=(120,), seed=seed)
        _, records = await searched(folder, config, closing=0.03)
        assert observe(records, config, statement=STATEMENT).obsolete >= obsolete_at_least(records)
        exact += observe(records, config, statement=STATEMENT).obsolete
        bound += obsolete_at_least(records)
    assert exact >= bound > 0


async def test_reservations_avert_collisions(tmp_path: Path) -> None:
    config = CONFIGS["four agents"]
    _, records = await searched(tmp_path, config, closing=0.1)
    seen = observe(records, config, statement=STATEMENT)
    assert 0 < seen.waits <= seen.averted <= len(seen.seen)  # who waits would have taken what another held


async def test_measures_of_records(tmp_path: Path) -> None:
    config = CONFIGS["perturbed"]
    _, records = await searched(tmp_path, config, closing=0.1)
    clocks = count_clocks(records)
    assert clocks.given_up > 0
    assert duplicates(attempts_of(records), 6).tried == clocks.tried
    visits = visits_of(records)
    assert len(visits) == clocks.iterations
    assert sum(node is None for _, node, _ in visits) == clocks.given_up
    result = aggregation(visits, 4, permutations=99)
    assert result.share is not None and 0 <= result.share <= 1
    shares = shares_of_agents(records, 4)
    assert sum(shares.tried.values()) == clocks.tried
    assert sum(shares.expansions.values()) == sum(expanded_of(records))
    met = met_nodes(records)
    assert 0 < met.frozen < met.met
    assert met.fraction == met.frozen / met.met
    obstacle = first_obstacle(records)
    assert obstacle is not None
    assert 1 <= longest_given_up(records) <= clocks.given_up
    inflight = mean_inflight(records, window=6, budget=120)
    assert inflight is not None and 1 < inflight <= 6


async def test_what_cannot_be_replayed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="arrival"):
        observe([], SearchConfig(agents=2, inflight=2, commit="arrival"), statement=STATEMENT)
    with pytest.raises(SampleError, match="no iteration"):
        observe([], SearchConfig(agents=2, inflight=2), statement=STATEMENT)


def test_time_to_improvement() -> None:
    series = [-1, -2, -3, -2, -1, 0]
    assert time_to_improvement(series, 1) == (4, True)
    assert time_to_improvement(series, 0) == (5, True)
    assert time_to_improvement([-1, -2, -2], 0) == (2, False)
    assert time_to_improvement([-1, 0], 1) is None
    assert time_to_improvement([-1], 0) is None


@pytest.mark.parametrize("closing", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("name", CONFIGS)
async def test_the_credit_that_records_give_is_that_of_a_replay(tmp_path: Path, name: str, closing: float) -> None:
    config = CONFIGS[name]
    result, records = await searched(tmp_path, config, closing=closing)
    seen = observe(records, config, statement=STATEMENT)
    agents = 1 if config.mode == "centralized" else config.agents or 1
    beside = together(records, agents=agents, window=config.inflight or 1, tree=result.tree)
    assert beside.credit == seen.credit
    assert credit_of(records, Tree.from_json(result.tree_json), agents=agents) == seen.credit, "a stored tree, too"
    assert (beside.credit is not None) == result.solved
    if beside.credit is not None:
        assert sum(beside.credit.values()) == result.proof_length
    assert together(records, agents=agents, window=config.inflight or 1).credit is None
    visited: dict[str, set[int]] = {}
    for record in iterations_of(records):
        if record.reason not in ("blocked", "delayed"):
            visited.setdefault(record.node.mvar_id, set()).add(record.agent_id)
    assert beside.nodes == len(visited)
    assert beside.shared_nodes == sum(len(who) > 1 for who in visited.values())
    assert sum(beside.tried_by.values()) == beside.tried
    twice = together_in_all([beside, beside])
    assert twice is not None
    assert (twice.searches, twice.tried, twice.labour) == (2, 2 * beside.tried, beside.labour)
    assert sum(twice.credit.values()) == 2 * sum((beside.credit or {}).values())


def test_searches_that_are_none_add_up_to_nothing() -> None:
    assert together_in_all([]) is None
