"""A trace is a log to recover from: it replays to every snapshot; cut anywhere, the search goes on from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, parse_intervention
from cellview.search import ReplayError, SearchConfig, SearchResult, replay, search
from cellview.trace import IterationRecord, OrderedTraceWriter, Record, TreeSnapshot, read_trace
from cellview.tree import AgentProfile, TreeConfig

BLOCK = BlockPolicy(fraction=0.4, duration=5, seed=3, unfreeze_after=2, unfreeze_prob=0.5)
CONFIGS: dict[str, SearchConfig] = {
    "centralized": SearchConfig(mode="centralized", budget=(10, 30)),
    "plain": SearchConfig(agents=3, inflight=5, budget=(10, 30)),
    "first-success": SearchConfig(
        agents=2, inflight=4, budget=(40,), tree=TreeConfig(expansion="first-success", backpropagation="and_min")
    ),
    "scheduled": SearchConfig(
        agents=4,
        inflight=4,
        budget=(20, 20),
        block=BLOCK,
        delay=DelayPolicy(probability=0.2, duration=3, seed=5),
        reroute=ReroutePolicy(max_attempts=2),
    ),
    "pegs": SearchConfig(agents=2, inflight=2, budget=(30,), intervention=parse_intervention("block_t1")),
    "memory": SearchConfig(
        agents=2,
        inflight=3,
        budget=(30,),
        profiles=(AgentProfile(path_bias=0.4, history_cache=2), AgentProfile(depth_bias=-0.5)),
    ),
    "centralized with memory": SearchConfig(
        mode="centralized", budget=(30,), profiles=(AgentProfile(path_bias=0.4, history_cache=2),)
    ),
}


class Failing(SyntheticProver):
    """Says now and then that its infrastructure failed, and rejects the first proof that it is shown."""

    rejected = False

    async def verify(self, statement: str, script: str) -> Any:
        verification = await super().verify(statement, script)
        if type(self).rejected:
            return verification
        type(self).rejected = True
        return msgspec.structs.replace(verification, ok=False, message="not today")


async def run(config: SearchConfig, path: Path, *, prover: SyntheticProver, resume: bool = False) -> SearchResult:
    with OrderedTraceWriter(path, resume=resume) as trace:
        records = list(read_trace(path)) if resume else None
        return await search(
            "synthetic", prover=prover, provider=SyntheticProvider(), config=config, trace=trace, resume_from=records
        )


@pytest.mark.parametrize("name", CONFIGS)
async def test_a_trace_replays_to_the_same_tree(name: str, tmp_path: Path) -> None:
    config = CONFIGS[name]
    result = await run(config, tmp_path / "t.jsonl", prover=SyntheticProver(p_close=0.03, p_timeout=0.02))
    again = replay(read_trace(tmp_path / "t.jsonl"), config, statement="synthetic")
    assert again.core.committed == result.iterations
    before, after = result.tree_json, again.core.tree.to_json()
    for one, other in zip(before["nodes"], after["nodes"], strict=True):
        one["goal"] = one["goal"]["mvar_id"]  # what was never visited is known by its id alone
        other["goal"] = other["goal"]["mvar_id"]
        for edge in (*one["edges"], *other["edges"]):
            edge["goals"] = None
    assert before == after


@pytest.mark.parametrize("name", CONFIGS)
async def test_a_run_cut_anywhere_goes_on_to_the_same_digest(name: str, tmp_path: Path) -> None:
    config = CONFIGS[name]
    whole = tmp_path / "whole.jsonl"
    prover = SyntheticProver(p_close=0.03)
    result = await run(config, whole, prover=prover)
    lines = whole.read_bytes().splitlines(keepends=True)
    for cut in range(len(lines) + 1):
        path = tmp_path / f"cut{cut}.jsonl"
        torn = lines[cut][: len(lines[cut]) // 2] if cut < len(lines) else b""
        path.write_bytes(b"".join(lines[:cut]) + torn)
        resumed = await run(config, path, prover=SyntheticProver(p_close=0.03), resume=True)
        assert resumed.digest == result.digest, f"cut after {cut} records"
        assert (resumed.iterations, resumed.attempts, resumed.stop_reason) == (
            result.iterations,
            result.attempts,
            result.stop_reason,
        )
        assert resumed.tree_json == result.tree_json
        assert resumed.script == result.script


async def test_a_rejected_proof_replays(tmp_path: Path) -> None:
    Failing.rejected = False
    config = SearchConfig(agents=3, inflight=3, budget=(200,))
    result = await run(config, tmp_path / "t.jsonl", prover=Failing(p_close=0.3))
    assert Failing.rejected and result.solved
    details = [a.detail for r in read_trace(tmp_path / "t.jsonl") if isinstance(r, IterationRecord) for a in r.attempts]
    assert "unverified: not today" in details
    assert replay(read_trace(tmp_path / "t.jsonl"), config, statement="synthetic").core.tree.solved


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("agent_id", 7, "iteration 5: agent_id replays as 2"),
        ("backprop_success", False, "backprop_success replays as True"),
        ("tree", TreeSnapshot(9999, 1, 1, False, False, 0), "tree replays as"),
        ("selected_path", ["x"], "selected_path replays as"),
    ],
)
async def test_an_edited_trace_does_not_replay(field: str, value: object, expected: str, tmp_path: Path) -> None:
    config = CONFIGS["plain"]
    await run(config, tmp_path / "t.jsonl", prover=SyntheticProver())
    records: list[Record] = list(read_trace(tmp_path / "t.jsonl"))
    records[5] = msgspec.structs.replace(records[5], **{field: value})
    with pytest.raises(ReplayError, match=expected):
        replay(records, config, statement="synthetic")


async def test_another_configuration_does_not_replay(tmp_path: Path) -> None:
    await run(CONFIGS["plain"], tmp_path / "t.jsonl", prover=SyntheticProver())
    with pytest.raises(ReplayError, match="another configuration"):
        replay(
            read_trace(tmp_path / "t.jsonl"), SearchConfig(agents=3, inflight=4, budget=(10, 30)), statement="synthetic"
        )


async def test_another_prover_does_not_resume(tmp_path: Path) -> None:
    config = CONFIGS["plain"]
    await run(config, tmp_path / "t.jsonl", prover=SyntheticProver())
    with pytest.raises(ReplayError):
        await search(
            "synthetic",
            prover=SyntheticProver(seed=2),
            provider=SyntheticProvider(),
            config=config,
            resume_from=read_trace(tmp_path / "t.jsonl"),
        )


def test_an_empty_trace_does_not_replay() -> None:
    with pytest.raises(ReplayError, match="no iteration"):
        replay([], CONFIGS["plain"], statement="synthetic")


async def test_nothing_follows_the_end_of_a_search(tmp_path: Path) -> None:
    config = CONFIGS["plain"]
    await run(config, tmp_path / "t.jsonl", prover=SyntheticProver())
    records = [r for r in read_trace(tmp_path / "t.jsonl") if isinstance(r, IterationRecord)]
    more = msgspec.structs.replace(records[-1], iteration=len(records))
    with pytest.raises(ReplayError, match=f"iteration {len(records)} cannot follow"):
        replay([*records, more], config, statement="synthetic")
    with pytest.raises(ReplayError, match="iteration 2 is not the next one"):
        replay([records[0], records[2]], config, statement="synthetic")
    with pytest.raises(ReplayError, match="does not begin with iteration 0"):
        replay(records[1:], config, statement="synthetic")


async def test_another_statement_does_not_replay(tmp_path: Path) -> None:
    await run(CONFIGS["scheduled"], tmp_path / "t.jsonl", prover=SyntheticProver())
    with pytest.raises(ReplayError):
        replay(read_trace(tmp_path / "t.jsonl"), CONFIGS["scheduled"], statement="another")
