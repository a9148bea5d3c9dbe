"""The summary says what the dictionary's two jq queries say, and jq itself is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from cellview.trace import (
    IterationRecord,
    OrderedTraceWriter,
    count_clocks,
    encode_line,
    summarize,
    summarize_records,
)
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
    assert (summary.iterations, summary.first_iteration, summary.last_iteration) == (29, 0, 28)
    assert (summary.solved, summary.aborted, summary.abort_markers) == (False, True, 1)
    assert {agent: share.iterations for agent, share in summary.agents.items()} == {0: 8, 1: 7, 2: 7, 3: 7}
    assert sum(share.expanded for share in summary.agents.values()) == summary.reasons["expanded"]
    assert summary.tiers == {1: 10, 2: 19}
    attempts = [attempt for line in iterations for attempt in line["attempts"]]
    assert len(attempts) == sum(summary.attempts.values())
    blocked = [attempt for attempt in attempts if attempt["outcome"] == "blocked"]
    assert summary.pegs == {"block_tac1": len(blocked)} == {"block_tac1": summary.attempts["blocked"]}
    assert sum(share.held_back for share in summary.agents.values()) == len(blocked)
    assert sum(share.tried for share in summary.agents.values()) == summary.tried == len(attempts) - len(blocked)
    trails = [line["reason"] for line in iterations if "reroute" in line]
    in_vain = sum(reason in ("blocked", "delayed") for reason in trails)
    assert (summary.rerouted, summary.rerouted_in_vain) == (len(trails) - in_vain, in_vain)
    assert in_vain and summary.rerouted
    given_up = summary.reasons["blocked"] + summary.reasons["delayed"]
    assert summary.given_up == sum(share.given_up for share in summary.agents.values()) == given_up
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


def test_an_abort_is_no_iteration() -> None:
    """The record that follows an abort's marker says where the search stood; no ticket was committed for it."""
    summary = summarize_records(sample_trace(21, aborted=True))
    assert (summary.iterations, sum(share.iterations for share in summary.agents.values())) == (20, 20)
    assert (summary.abort_markers, summary.reasons["abort"]) == (1, 1)
    assert summary == msgspec.structs.replace(
        summarize_records(sample_trace(20)),
        abort_markers=1,
        aborted=True,
        reasons=summary.reasons,
        average_inflight=summary.average_inflight,
        nodes=summary.nodes,
        expansions=summary.expansions,
    )


def test_what_was_held_back_or_refused_was_not_tried() -> None:
    records = [record for record in sample_trace(9) if isinstance(record, IterationRecord) and record.attempts]
    refused = [
        msgspec.structs.replace(
            record, attempts=[msgspec.structs.replace(record.attempts[0], detail="filtered: sorry")]
        )
        for record in records
    ]
    assert summarize_records(refused).tried == 0
    clocks = count_clocks(records)
    assert (clocks.iterations, clocks.held_back) == (len(records), len(records))
    assert clocks.tried == sum(len(record.attempts) for record in records) - len(records)
    assert count_clocks(refused).filtered == len(refused)


def test_mean_inflight_counts_the_visit_itself_and_no_parked_ticket() -> None:
    """Four tickets under way throughout; at the end the budget is spent, and reservations behind it are parked."""
    trace = [record for record in sample_trace(60) if isinstance(record, IterationRecord)]
    replace = msgspec.structs.replace
    full = [replace(r, reason="expanded", tree=replace(r.tree, inflight=3)) for r in trace]
    parked = [*full[:57], *(replace(r, tree=replace(r.tree, inflight=99)) for r in full[57:])]
    assert summarize_records(full).mean_inflight == 4
    assert summarize_records(parked, window=4).mean_inflight == 4
    assert summarize_records(parked[:59], window=4).mean_inflight != 4  # not spent: nothing is parked
    given_up = [replace(r, reason="blocked") for r in full]
    assert summarize_records(given_up).mean_inflight == 3
    assert summarize_records([]).mean_inflight is None
