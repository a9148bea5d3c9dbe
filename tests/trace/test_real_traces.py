"""Traces of real searches (synthetic prover, all five roles) keep the contract, under every kind of intervention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Literal

import pytest

from cellview.core import Progress
from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, parse_intervention
from cellview.search import CommitOrder, SearchConfig, SearchResult, search
from cellview.trace import OrderedTraceWriter, check_trace, digest_file, summarize

Jq = Callable[[Path], tuple[dict[str, int], dict[str, float]]]

BLOCKS = [
    None,
    BlockPolicy(0.3, 15, 1),
    BlockPolicy(0.3, 15, 1, immovable_fraction=0.3, unfreeze_after=4, unfreeze_prob=0.5),
    BlockPolicy(0.2, -1, 1),
]


def abort_at_15(progress: Progress) -> Literal["abort"] | None:
    return "abort" if progress.iteration >= 15 else None


async def run(path: Path, config: SearchConfig, *, closing: float, faults: float, aborts: bool) -> SearchResult:
    with OrderedTraceWriter(path) as writer:
        return await search(
            "the synthetic tree",
            prover=SyntheticProver(seed=config.seed, p_close=closing, p_timeout=faults),
            provider=SyntheticProvider(p_crash=faults),
            config=config,
            trace=writer,
            progress=abort_at_15 if aborts else None,
        )


@pytest.mark.parametrize("commit", ["ordered", "arrival"])
@pytest.mark.parametrize("block", BLOCKS)
async def test_every_trace_of_a_search_keeps_the_contract(
    tmp_path: Path, block: BlockPolicy | None, commit: CommitOrder
) -> None:
    seen: Counter[str] = Counter()
    arms = [None, parse_intervention("block_t1"), parse_intervention("budget_t0_1")]
    for number, (seed, reroutes, arm) in enumerate(product(range(3), (False, True), arms)):
        config = SearchConfig(
            agents=4,
            inflight=6,
            commit=commit,
            budget=(10, 30),
            seed=seed,
            block=block,
            delay=DelayPolicy(0.1, 3, seed) if reroutes else None,
            reroute=ReroutePolicy(2) if reroutes else None,
            intervention=arm,
        )
        path = tmp_path / f"{number}_mcts_trace.jsonl"
        aborts = number % 3 == 0
        await run(path, config, closing=0.1 * (seed % 2), faults=0.2 * (seed == 2), aborts=aborts)
        assert check_trace(path, ordered=commit == "ordered") == [], config
        summary = summarize(path)
        seen.update(summary.reasons)
        seen.update({"rerouted": summary.rerouted, "pegs": len(summary.pegs)})
    assert {"expanded", "abort", "delayed"} <= set(seen)
    if block is None:
        assert {"adapter_error", "provider_error"} <= set(seen)
    assert (seen["blocked"] > 0) == (block is not None)
    assert seen["rerouted"] > 0
    assert seen["pegs"] > 0


async def test_jq_and_the_summary_agree_on_a_real_trace(tmp_path: Path, jq: Jq) -> None:
    path = tmp_path / "wild_type_mcts_trace.jsonl"
    config = SearchConfig(agents=4, inflight=6, budget=(50, 100), block=BLOCKS[1], delay=DelayPolicy(0.1, 3, 0))
    result = await run(path, config, closing=0, faults=0, aborts=False)
    counts, averages = jq(path)
    summary = summarize(path)
    assert summary.reasons == counts
    assert summary.average_inflight == pytest.approx(averages, rel=1e-12)
    assert summary.iterations == result.iterations == sum(counts.values()) == 150


async def test_two_runs_have_one_digest_and_another_seed_has_another(tmp_path: Path) -> None:
    digests: list[str] = []
    for number, seed in enumerate((5, 5, 6)):
        path = tmp_path / f"{number}_mcts_trace.jsonl"
        await run(path, SearchConfig(agents=4, inflight=6, budget=(60,), seed=seed), closing=0, faults=0, aborts=False)
        digests.append(digest_file(path))
    assert digests[0] == digests[1] != digests[2]
