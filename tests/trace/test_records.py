"""The records are those of the trace event dictionary: both worked examples, every nested example, their byte order."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest

from cellview.trace import (
    AbortRecord,
    BlockInfo,
    DelayInfo,
    IterationRecord,
    NodeSnapshot,
    RerouteEntry,
    TacticAttempt,
    TreeSnapshot,
    check_lines,
    decode_line,
    encode_line,
)
from cellview.trace.contract import ABORT, ITERATION

EXPANDED = """
{"event": "iteration", "iteration": 85, "reason": "expanded", "agent_id": 2, "tier": 1, "budget": 50,
 "selected_path": ["cp1:_uniq.560", "cp1:_uniq.568"],
 "node": {"mvar_id": "cp1:_uniq.568", "goal_type": "A -> B", "goal_sig": "sig_f08f", "goal_sig_strict": "strict_817f",
  "visit_count": 4, "success_count": 2, "is_terminal": false, "is_dead": false, "depth": 1},
 "tactics": [{"tactic": "intro h", "score": 0.61}, {"tactic": "simp", "score": 0.23}],
 "attempts": [{"tactic": "intro h", "outcome": "success", "child_mvar_ids": ["cp1:_uniq.602"], "timestamp_ms": 519,
  "tactic_norm": "intro h", "goal_sig": "sig_f08f", "goal_sig_strict": "strict_817f", "goal_type": "A -> B",
  "peg_id": null, "peg_kind": null, "block_reason": null, "provider_id": "reprover"}],
 "expanded": true, "terminal_reached": false, "backprop_success": true,
 "tree": {"nodes": 33, "expansions": 14, "max_depth": 6, "solved": false, "aborted": false, "inflight": 3},
 "reroute": [{"mvar_id": "cp1:_uniq.574", "reason": "blocked",
  "block": {"until": 93, "remaining": 8, "duration": 20, "immovable": false}}]}
"""

BLOCKED = """
{"event": "iteration", "iteration": 86, "reason": "blocked", "agent_id": 1,
 "selected_path": ["cp1:_uniq.560", "cp1:_uniq.574"],
 "node": {"mvar_id": "cp1:_uniq.574", "goal_type": "A -> B", "goal_sig": "sig_f08f", "goal_sig_strict": "strict_817f",
  "visit_count": 3, "success_count": 1, "is_terminal": false, "is_dead": false, "depth": 1},
 "tactics": [], "attempts": [], "expanded": null, "terminal_reached": false, "backprop_success": false,
 "tree": {"nodes": 33, "expansions": 14, "max_depth": 6, "solved": false, "aborted": false, "inflight": 2},
 "block": {"until": 93, "remaining": 7, "duration": 20, "immovable": false}}
"""

ABORTED = """
{"event": "abort", "iteration": 312, "tier": 2, "budget": 200,
 "tree": {"nodes": 141, "expansions": 77, "max_depth": 11, "solved": false, "aborted": true, "inflight": 4}}
"""

NESTED: list[tuple[type[msgspec.Struct], str]] = [
    (
        NodeSnapshot,
        """{"mvar_id": "cp1:_uniq.560", "goal_type": "P -> Q", "goal_sig": "sig_abc123",
        "goal_sig_strict": "strict_def456", "visit_count": 12, "success_count": 5, "is_terminal": false,
        "is_dead": false, "depth": 3}""",
    ),
    (
        TreeSnapshot,
        '{"nodes": 41, "expansions": 19, "max_depth": 6, "solved": false, "aborted": false, "inflight": 2}',
    ),
    (
        TacticAttempt,
        """{"tactic": "intro h", "outcome": "success", "child_mvar_ids": ["cp1:_uniq.561"], "timestamp_ms": 1730,
        "tactic_norm": "intro h", "goal_sig": "sig_abc123", "goal_sig_strict": "strict_def456", "goal_type": "P -> Q",
        "peg_id": null, "peg_kind": null, "block_reason": null, "provider_id": "deepseek"}""",
    ),
    (BlockInfo, '{"until": 140, "remaining": 6, "duration": 20, "immovable": false}'),
    (DelayInfo, '{"until": 92, "remaining": 3, "duration": 5}'),
    (
        RerouteEntry,
        """{"mvar_id": "cp1:_uniq.574", "reason": "blocked",
        "block": {"until": 140, "remaining": 6, "duration": 20, "immovable": false}}""",
    ),
    (
        RerouteEntry,
        """{"mvar_id": "cp1:_uniq.601", "reason": "delayed",
        "delay": {"until": 92, "remaining": 3, "duration": 5}}""",
    ),
]


def compact(text: str) -> bytes:
    return json.dumps(json.loads(text), separators=(",", ":")).encode()


@pytest.mark.parametrize(("kind", "text"), NESTED)
def test_every_nested_example_round_trips_in_its_own_byte_order(kind: type[msgspec.Struct], text: str) -> None:
    assert msgspec.json.encode(msgspec.json.decode(text, type=kind)) == compact(text)


@pytest.mark.parametrize(
    ("kind", "text"), [(IterationRecord, EXPANDED), (IterationRecord, BLOCKED), (AbortRecord, ABORTED)]
)
def test_every_record_example_round_trips_in_its_own_byte_order(kind: type[msgspec.Struct], text: str) -> None:
    record = decode_line(text.encode())
    assert type(record) is kind
    assert encode_line(record) == compact(text) + b"\n"


def test_the_worked_examples_keep_the_contract() -> None:
    assert list(check_lines(iter([compact(EXPANDED) + b"\n", compact(BLOCKED) + b"\n"]))) == []
    assert list(check_lines(iter([compact(ABORTED) + b"\n"]))) == []


def test_an_abort_marker_has_nothing_of_an_agent() -> None:
    assert set(json.loads(encode_line(decode_line(ABORTED.encode())))) == {
        "event",
        "iteration",
        "tier",
        "budget",
        "tree",
    }


def fields(kind: type[msgspec.Struct]) -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        yield field.name


def test_the_two_statements_of_the_contract_name_the_same_fields() -> None:
    assert list(fields(IterationRecord)) == list(ITERATION)
    assert list(fields(AbortRecord)) == list(ABORT)
