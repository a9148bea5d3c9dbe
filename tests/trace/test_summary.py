"""The summary says what the dictionary's two jq queries say, and jq itself is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cellview.trace import OrderedTraceWriter, encode_line, summarize, summarize_records
from cellview.trace.testing import sample_trace

Jq = Callable[[Path], tuple[dict[str, int], dict[str, float]]]


@pytest.mark.parametrize("count", [1, 9, 100])
def test_the_summary_is_what_jq_says(tmp_path: Path, count: int, jq: Jq) -> None:
    path = tmp_path / "t.jsonl"
    with OrderedTraceWriter(path) as writer:
        writer.write_many(sample_trace(count, aborted=True))
    counts, averages = jq(path)
    summary = summarize(path)
    assert summary.reasons == counts
    assert summary.average_inflight == pytest.approx(averages, rel=1e-12)


def test_the_summary_counts_agents_tiers_attempts_and_interventions(tmp_path: Path) -> None:
    records = sample_trace(30, aborted=True)
    summary = summarize_records(records)
    lines = [json.loads(encode_line(record)) for record in records]
    iterations = [line for line in lines if line["event"] == "iteration"]
    assert (summary.iterations, summary.first_iteration, summary.last_iteration) == (30, 0, 29)
    assert (summary.solved, summary.aborted, summary.abort_markers) == (False, True, 1)
    assert {agent: share.iterations for agent, share in summary.agents.items()} == {0: 8, 1: 8, 2: 7, 3: 7}
    assert sum(share.expanded for share in summary.agents.values()) == summary.reasons["expanded"]
    assert summary.tiers == {1: 10, 2: 20}
    attempts = [attempt for line in iterations for attempt in line["attempts"]]
    assert sum(share.attempts for share in summary.agents.values()) == len(attempts) == sum(summary.attempts.values())
    blocked = [attempt for attempt in attempts if attempt["outcome"] == "blocked"]
    assert summary.pegs == {"block_tac1": len(blocked)} == {"block_tac1": summary.attempts["blocked"]}
    assert summary.rerouted == len([line for line in iterations if "reroute" in line]) == 5
    assert summary.reroutes == {"blocked": 5, "delayed": 5}
    last = lines[-1]["tree"]
    assert (summary.nodes, summary.expansions, summary.max_depth) == (
        last["nodes"],
        last["expansions"],
        last["max_depth"],
    )


def test_a_torn_line_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"".join(map(encode_line, sample_trace(3))) + b"{")
    summary = summarize(path)
    assert summary.iterations == 3
    assert summary.torn is not None


def test_an_empty_trace_has_an_empty_summary(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").touch()
    summary = summarize(tmp_path / "t.jsonl")
    assert (summary.iterations, summary.last_iteration, summary.reasons) == (0, None, {})
