"""What an agent chooses and in which order it tries tactics, against their definitions."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.core import AgentMemory, CandidateOrder, ConfigError, SearchConfig, begin, tie_salt
from cellview.prover import Goal, Suggestion, SyntheticProver, SyntheticProvider
from cellview.schedule import unit_draw
from cellview.search import search
from cellview.trace import IterationRecord, NullTraceWriter, Record
from cellview.tree import AgentProfile, Node, Tree, TreeConfig

suggestions = st.lists(
    st.builds(
        Suggestion, st.sampled_from(["simp", "intro h", "rw [h]", "omega", "exact h"]), st.sampled_from([0.1, 0.5, 0.9])
    ),
    max_size=8,
)


@given(given_=suggestions)
def test_candidates_are_sorted_by_score_and_equal_ones_keep_their_order(given_: list[Suggestion]) -> None:
    expected = [one for score in (0.9, 0.5, 0.1) for one in given_ if one.score == score]
    assert list(CandidateOrder().arrange(given_, node_key="")) == expected
    assert not CandidateOrder(seed=3).draws


@given(given_=suggestions, seed=st.integers(0, 99), sigma=st.floats(0.01, 3), key=st.text(max_size=3))
def test_jitter_is_sigma_times_a_gumbel_variate_of_seed_node_and_tactic(
    given_: list[Suggestion], seed: int, sigma: float, key: str
) -> None:
    order = CandidateOrder(seed, sigma)
    assert order.draws
    expected = [one.score - sigma * math.log(-math.log(unit_draw(seed, "jitter", key + one.tactic))) for one in given_]
    arranged = order.arrange(given_, node_key=key)
    assert [one.score for one in arranged] == pytest.approx(sorted(expected, reverse=True))
    assert sorted(one.tactic for one in arranged) == sorted(one.tactic for one in given_)


@given(given_=suggestions, seed=st.integers(0, 99), key=st.text(max_size=3))
def test_a_blind_order_looks_at_no_score(given_: list[Suggestion], seed: int, key: str) -> None:
    arranged = CandidateOrder(seed, 0.0, True).arrange(given_, node_key=key)
    assert [one.tactic for one in arranged] == sorted(
        (one.tactic for one in given_), key=lambda tactic: unit_draw(seed, "blind-order", key + tactic)
    )
    assert sorted(one.score for one in arranged) == sorted(one.score for one in given_)


def test_the_salt_of_ties_is_pinned() -> None:
    """A change here changes what every published seed means."""
    assert tie_salt(0, 0, 0) == 0x238275BC38FCBE91
    assert tie_salt(7, 3, 1000) == 0x5DB831AAE630968B


def test_no_seed_agent_and_iteration_are_like_others() -> None:
    numbers = range(12)
    assert len({tie_salt(seed, agent, time) for seed in numbers for agent in numbers for time in numbers}) == 12**3


def goal(name: str) -> Goal:
    return Goal(name, name, name, name)


def fan(width: int) -> Tree:
    tree = Tree(goal("root"), statement="fan")
    tree.reserve(tree.root)
    tree.set_untried(tree.root, ())
    tree.release(tree.root)
    for number in range(width):
        tree.expand(tree.root, f"t{number}", [goal(f"g{number}")], {"root"})
    tree.backpropagate(tree.root, True)
    return tree


@given(size=st.integers(0, 4), seed=st.integers(0, 9), skips=st.lists(st.integers(0, 4), max_size=2))
@settings(deadline=None)
def test_an_agent_avoids_its_last_nodes_while_anything_else_is_free(size: int, seed: int, skips: list[int]) -> None:
    tree = fan(5)
    memory = AgentMemory(AgentProfile(history_cache=size), seed=seed, agent_id=1)
    last: deque[Node] = deque(maxlen=size)
    for iteration in range(12):
        skipped = [tree.root.edges[number].children[0] for number in skips]
        chosen = memory.choose(tree, iteration, skipped)
        salt = tie_salt(seed, 1, iteration)
        expected = tree.select(AgentProfile(), salt=salt, without=[*skipped, *last])
        if expected is None:
            expected = tree.select(AgentProfile(), salt=salt, without=skipped)
        assert chosen is expected
        assert chosen is not None
        memory.remember(chosen)
        last.append(chosen)
        tree.backpropagate(chosen, False)


def test_an_agent_with_a_path_bias_knows_its_last_path() -> None:
    tree = fan(5)
    for edge in tree.root.edges:
        tree.backpropagate(edge.children[0], False)  # all alike, so that the bias decides
    for bias, same in ((1.0, True), (-1.0, False)):
        memory = AgentMemory(AgentProfile(path_bias=bias), seed=0, agent_id=0)
        first = memory.choose(tree, 0)
        assert first is not None
        memory.remember(first)
        assert all((memory.choose(tree, iteration) is first) is same for iteration in range(1, 20))


class KeptTrace(NullTraceWriter):
    def __init__(self) -> None:
        super().__init__(digest=True)
        self.records: list[Record] = []

    def write_many(self, records: Any) -> None:
        for record in records:
            self.write(record)

    def write(self, record: Record) -> None:
        super().write(record)
        self.records.append(record)


async def test_a_blind_search_takes_the_free_node_with_the_least_draw() -> None:
    """One at a time, so that what is free follows from the records alone."""
    trace = KeptTrace()
    config = SearchConfig(mode="centralized", budget=(60,), seed=5, tree=TreeConfig(selection="blind"))
    result = await search("x", prover=SyntheticProver(), provider=SyntheticProvider(), config=config, trace=trace)
    keys = {node.goal.mvar_id: node.structural_key() for node in result.tree.nodes}
    free = {result.tree.root.goal.mvar_id}
    seen = 0
    for record in trace.records:
        assert isinstance(record, IterationRecord)
        seen += 1
        least = min(free, key=lambda name: unit_draw(5, "blind", keys[name], iteration=record.iteration))
        assert record.node.mvar_id == least
        free.remove(least)
        if record.node.is_dead:  # a dead goal may take its siblings and more with it: ask the tree at the end
            break
        free |= {child for attempt in record.attempts for child in attempt.child_mvar_ids}
    assert seen >= 2


async def test_a_blind_choice_is_the_same_whoever_makes_it() -> None:
    digests: set[tuple[str, ...]] = set()
    for agents in (1, 3):
        trace = KeptTrace()
        config = SearchConfig(agents=agents, inflight=1, budget=(40,), seed=2, tree=TreeConfig(selection="blind"))
        await search("x", prover=SyntheticProver(), provider=SyntheticProvider(), config=config, trace=trace)
        digests.add(tuple(r.node.mvar_id for r in trace.records if isinstance(r, IterationRecord)))
    assert len(digests) == 1


async def test_seeds_are_replicates_with_jitter_and_none_draws_for_another_theorem() -> None:
    async def chosen(statement: str, seed: int, jitter: float) -> tuple[str, ...]:
        trace = KeptTrace()
        config = SearchConfig(mode="centralized", budget=(30,), seed=seed, provider_jitter=jitter)
        await search(statement, prover=SyntheticProver(), provider=SyntheticProvider(), config=config, trace=trace)
        return tuple(a.tactic for r in trace.records if isinstance(r, IterationRecord) for a in r.attempts)

    assert len({await chosen("x", seed, 0.5) for seed in range(4)}) == 4
    assert await chosen("x", 1, 0.5) != await chosen("y", 1, 0.5)
    assert await chosen("x ", 1, 0.5) == await chosen("  x", 1, 0.5), "white space is not part of a statement"


def test_keys_begin_with_the_statement() -> None:
    config = SearchConfig(mode="centralized")
    one, other = begin(config, goal("g"), statement="p → p"), begin(config, goal("g"), statement="p → q")
    assert one.core.tree.root.structural_key() != other.core.tree.root.structural_key()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"obstacle_visits": "some"}, "obstacle_visits must be count or ignore"),
        ({"provider_jitter": -0.1}, "provider_jitter must be a number of at least 0"),
        ({"provider_jitter": math.nan}, "provider_jitter must be"),
        ({"mode": "centralized", "obstacle_visits": "ignore"}, "centralized mode has no obstacle_visits ignore"),
    ],
)
def test_bad_choices_are_refused(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        distributed: dict[str, Any] = {} if "mode" in change else {"agents": 1, "inflight": 1}
        SearchConfig(**distributed, **change)
