"""Real theorems on the embedded Lean, with everything delayed at random: the digests do not move."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.core import replay
from cellview.prover import Failure, Goal, LeanProver, Preview, Verification, open_prover
from cellview.prover.providers import HeuristicProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy
from cellview.search import SearchConfig, SearchResult, search
from cellview.trace import IterationRecord, NullTraceWriter, OrderedTraceWriter, check_trace, read_trace

THEOREMS = {
    "swap": "(p q : Prop) : p ∧ q → q ∧ p",
    "distribute": "(p q r : Prop) : p ∧ (q ∨ r) → (p ∧ q) ∨ (p ∧ r)",
    "not a theorem": "(p q : Prop) : p ∨ q → p",
}
RUNS = 10
POLICIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "block, delay, reroute": {
        "block": BlockPolicy(fraction=0.3, duration=3, seed=1),
        "delay": DelayPolicy(probability=0.2, duration=2, seed=2),
        "reroute": ReroutePolicy(max_attempts=2),
    },
}


class RandomDelays:
    """A dispatcher that lets every message wait a random while before its actor may take it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    async def turn(self, cell: Any) -> None:
        await asyncio.sleep(self._random.choice((0.0, 0.0, 0.0005, 0.002)))

    def sent(self, cell: Any, envelope: Any) -> None:
        pass

    async def handle(self, cell: Any, envelope: Any, receive: Callable[[Any], Awaitable[None]]) -> None:
        await receive(envelope.message)


class SlowProver:
    """A prover whose every reply is held back for a random while."""

    def __init__(self, prover: LeanProver, seed: int) -> None:
        self._prover = prover
        self._random = random.Random(seed)

    async def _pause(self) -> None:
        await asyncio.sleep(self._random.uniform(0.0, 0.004))

    async def start(self, statement: str) -> Goal:
        return await self._prover.start(statement)

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        result = await self._prover.preview(goal_id, tactic, checkpoint=checkpoint)
        await self._pause()
        return result

    async def commit(self, preview: Preview) -> None:
        await self._prover.commit(preview)

    async def verify(self, statement: str, script: str) -> Verification:
        return await self._prover.verify(statement, script)

    async def aclose(self) -> None:
        await self._prover.aclose()


async def run(prover: LeanProver, statement: str, config: SearchConfig, seed: int | None) -> SearchResult:
    loop = asyncio.get_running_loop()
    provider = HeuristicProvider(automation="none")
    try:
        if seed is not None:
            loop.actor_dispatcher = RandomDelays(seed)  # type: ignore[attr-defined]  # where a system looks for it
        return await search(
            statement,
            prover=prover if seed is None else SlowProver(prover, seed),
            provider=provider,
            config=config,
            trace=NullTraceWriter(digest=True),
        )
    finally:
        loop.__dict__.pop("actor_dispatcher", None)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("agents", [1, 4, 8])
async def test_the_digest_is_the_same_in_ten_runs_with_random_delays(agents: int, policy: str) -> None:
    config = SearchConfig(agents=agents, inflight=agents, budget=(4, 10), **POLICIES[policy])
    async with open_prover() as prover:
        for name, statement in THEOREMS.items():
            plain = await run(prover, statement, config, None)
            for seed in range(RUNS):
                delayed = await run(prover, statement, config, seed)
                assert delayed.digest == plain.digest, f"{name}, delays of seed {seed}"
                assert delayed.proof == plain.proof
            if policy == "plain" and name != "distribute":  # how soon that one is found is the provider's business
                assert plain.solved == (name == "swap")


async def test_one_agent_and_a_window_of_one_grow_the_tree_of_the_centralized_baseline() -> None:
    async with open_prover() as prover:
        for statement in THEOREMS.values():
            distributed = await run(prover, statement, SearchConfig(agents=1, inflight=1, budget=(4, 10)), None)
            centralized = await run(prover, statement, SearchConfig(mode="centralized", budget=(4, 10)), None)
            assert distributed.tree_json == centralized.tree_json
            assert distributed.digest == centralized.digest


async def test_the_trace_of_a_search_that_meets_a_cycle_keeps_the_contract_and_replays(tmp_path: Path) -> None:
    path = tmp_path / "wild_type_mcts_trace.jsonl"
    config = SearchConfig(agents=4, inflight=4, budget=(4, 10))
    async with open_prover() as prover:
        with OrderedTraceWriter(path) as writer:
            result = await search(
                "(p q : Prop) : p → q",
                prover=prover,
                provider=HeuristicProvider(automation="none"),
                config=config,
                trace=writer,
            )
    assert result.stop_reason == "exhausted"
    records = list(read_trace(path))
    details = [a.detail for r in records if isinstance(r, IterationRecord) for a in r.attempts]
    assert "cycle" in details
    assert check_trace(path) == []
    assert replay(records, config, statement="(p q : Prop) : p → q").core.committed == result.iterations


async def test_solved_means_that_lean_checked_the_whole_proof() -> None:
    async with open_prover() as prover:
        result = await run(prover, THEOREMS["swap"], SearchConfig(agents=2, inflight=2), None)
    assert result.solved and result.verification is not None and result.verification.ok
    assert result.proof is not None and "theorem" in result.proof and "sorry" not in result.proof
    assert result.proof_length is not None and result.proof_length >= 3
