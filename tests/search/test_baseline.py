"""The baseline is the same search: centralized, and one agent with a window of one, write the same bytes."""

from __future__ import annotations

from typing import get_args

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import (
    BudgetPeg,
    ConditionalPeg,
    DoseMatchedPeg,
    HeadPeg,
    NullPeg,
    PegRule,
    RandomNonpathPeg,
    TacticIntervention,
    TargetedPeg,
)
from cellview.search import SearchConfig, SearchResult, search
from cellview.trace import NullTraceWriter
from cellview.tree import AgentProfile, Backpropagation, ExpansionPolicy, Selection, TreeConfig

heads = st.sampled_from(["t0", "t1", "t2", "t3"])
targeted: st.SearchStrategy[TargetedPeg] = st.one_of(
    st.builds(HeadPeg, heads),
    st.builds(ConditionalPeg, head=st.none() | heads, min_depth=st.integers(0, 3)),
    st.builds(ConditionalPeg, head=heads, after=heads),
    st.builds(BudgetPeg, head=heads, at_most=st.integers(1, 3)),
)
pegs: st.SearchStrategy[PegRule] = st.one_of(
    targeted,
    st.builds(NullPeg, seed=st.none() | st.integers(0, 9)),
    st.builds(
        RandomNonpathPeg,
        fraction=st.floats(0.05, 0.9),
        seed=st.none() | st.integers(0, 9),
        solution=st.lists(heads, max_size=2).map(tuple),
    ),
    st.builds(DoseMatchedPeg, controls=st.lists(targeted, min_size=1, max_size=2).map(tuple)),
)
trees = st.builds(
    TreeConfig,
    expansion=st.sampled_from(get_args(ExpansionPolicy)),
    selection=st.sampled_from(get_args(Selection)),
    backpropagation=st.sampled_from(get_args(Backpropagation)),
    virtual_loss=st.sampled_from([0.0, 1.0, 3.0]),
)
profiles = st.builds(
    AgentProfile,
    exploration=st.sampled_from([0.0, 0.5, 1.4]),
    depth_bias=st.sampled_from([0.0, 0.3, -0.3]),
    path_bias=st.sampled_from([0.0, 0.2]),
    history_cache=st.integers(0, 3),
)


def result(config: SearchConfig, *, tree_seed: int, p_close: float) -> SearchResult:
    async def main() -> SearchResult:
        return await search(
            "synthetic",
            prover=SyntheticProver(seed=tree_seed, p_close=p_close, p_timeout=0.01),
            provider=SyntheticProvider(),
            config=config,
            trace=NullTraceWriter(digest=True),
        )

    return anyio.run(main)


@given(
    arm=st.lists(pegs, max_size=2).map(lambda found: TacticIntervention("arm", tuple(found))),
    tree=trees,
    profile=profiles,
    seed=st.integers(0, 99),
    tree_seed=st.integers(0, 99),
    p_close=st.sampled_from([0.0, 0.05, 0.3]),
    jitter=st.sampled_from([0.0, 0.5]),
    max_tactics=st.sampled_from([2, 64]),
)
@settings(max_examples=150, deadline=None)
def test_one_agent_with_a_window_of_one_is_the_centralized_search_under_every_peg_and_rule(
    arm: TacticIntervention,
    tree: TreeConfig,
    profile: AgentProfile,
    seed: int,
    tree_seed: int,
    p_close: float,
    jitter: float,
    max_tactics: int,
) -> None:
    def config(**mode: object) -> SearchConfig:
        return SearchConfig(
            budget=(15, 15),
            seed=seed,
            tree=tree,
            profiles=(profile,),
            intervention=arm,
            provider_jitter=jitter,
            max_tactics=max_tactics,
            **mode,  # type: ignore[arg-type]  # mode, agents, inflight
        )

    one = result(config(mode="centralized"), tree_seed=tree_seed, p_close=p_close)
    other = result(config(agents=1, inflight=1), tree_seed=tree_seed, p_close=p_close)
    assert one.digest == other.digest
    assert (one.stop_reason, one.iterations, one.attempts) == (other.stop_reason, other.iterations, other.attempts)
    assert one.tree_json == other.tree_json
