"""The check catches every planted mistake, names its field, and lets a good trace pass."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from cellview.trace import TraceError, check_lines, check_trace, encode_line
from cellview.trace.contract import ABORT, ITERATION
from cellview.trace.testing import sample_trace

Line = dict[str, Any]
REASON_LINE = {
    "expanded": 0,
    "no_expansion": 1,
    "blocked": 2,
    "delayed": 3,
    "terminal_node": 4,
    "dead_node": 5,
    "no_goal": 6,
    "adapter_error": 7,
    "provider_error": 8,
}


def good(count: int = 30, *, aborted: bool = True) -> list[Line]:
    return [json.loads(encode_line(record)) for record in sample_trace(count, aborted=aborted)]


def problems(lines: list[Line], *, ordered: bool = True) -> list[str]:
    encoded = [json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines]
    return [f"{found.line} {found.field}" for found in check_lines(iter(encoded), ordered=ordered)]


@pytest.mark.parametrize("aborted", [False, True])
def test_a_good_trace_has_no_problem(aborted: bool, tmp_path: Path) -> None:
    lines = good(100, aborted=aborted)
    assert {line.get("reason") for line in lines} >= set(REASON_LINE)
    assert problems(lines) == []
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"".join(map(encode_line, sample_trace(100, aborted=aborted))))
    assert check_trace(path) == []


def every_field(line: Line, prefix: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a record: fields of fields, and of the first entry of each list."""
    places: list[tuple[str | int, ...]] = []
    for name, value in line.items():
        places.append((*prefix, name))
        if isinstance(value, dict):
            places += every_field(cast("Line", value), (*prefix, name))
        entries = cast("list[object]", value) if isinstance(value, list) else []
        if entries and isinstance(entries[0], dict):
            places += every_field(cast("Line", entries[0]), (*prefix, name, 0))
    return places


def holder(line: Line, place: tuple[str | int, ...]) -> Any:
    value: Any = line
    for step in place[:-1]:
        value = value[step]
    return value


def written(place: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


OPTIONAL = {"tier", "budget", "block", "delay", "reroute", "error", "child_sigs_strict", "detail"}
NULLABLE = {"expanded", "remaining", "peg_id", "peg_kind", "block_reason", "provider_id"}
SOURCES = [*range(9), 29]  # one line of every reason, and the abort marker
PLACES = [(source, place) for source in SOURCES for place in every_field(good()[source])]


@pytest.mark.parametrize(("source", "place"), PLACES)
def test_every_field_is_required_typed_and_not_null(source: int, place: tuple[str | int, ...]) -> None:
    name = place[-1]
    for mistake in ("missing", "null", "mistyped"):
        lines = good()
        inside = holder(lines[source], place)
        if mistake == "missing":
            if name in OPTIONAL:
                continue
            del inside[name]
        elif mistake == "null":
            if name in NULLABLE:
                continue
            inside[name] = None
        else:
            inside[name] = {"not": "this"} if not isinstance(inside[name], dict) else "not this"
        assert f"{source + 1} {written(place)}" in problems(lines), mistake


@pytest.mark.parametrize(("source", "place"), PLACES)
def test_a_bool_is_no_int_and_a_number_no_string(source: int, place: tuple[str | int, ...]) -> None:
    lines = good()
    inside = holder(lines[source], place)
    name = place[-1]
    value = inside[name]
    if isinstance(value, bool):
        inside[name] = int(value)
    elif isinstance(value, int):
        inside[name] = bool(value)
    elif isinstance(value, float):
        inside[name] = str(value)
    elif isinstance(value, str):
        inside[name] = 5
    else:
        return
    assert f"{source + 1} {written(place)}" in problems(lines)


def test_a_refused_cycle_shows_the_goals_that_it_left() -> None:
    lines = good()
    refused = lines[REASON_LINE["expanded"]]["attempts"][0]
    assert refused["outcome"] == "failure"
    refused.update(child_mvar_ids=["cp1:_uniq.9"], child_sigs_strict=["strict_of_an_ancestor"], detail="cycle")
    assert problems(lines) == []


def plant(reason: str, change: Callable[[Line], object]) -> tuple[list[Line], int]:
    lines = good()
    at = REASON_LINE[reason]
    change(lines[at])
    return lines, at + 1


def put(place: str, value: Any) -> Callable[[Line], object]:
    def change(line: Line) -> None:
        *path, last = [int(step) if step.isdigit() else step for step in place.split(".")]
        inside: Any = line
        for step in path:
            inside = inside[step]
        inside[last] = value

    return change


BLOCK = {"until": 22, "remaining": 20, "duration": 30, "immovable": False}
DELAY = {"until": 5, "remaining": 2, "duration": 3}
REROUTE_0 = {"mvar_id": "m", "reason": "blocked", "block": {**BLOCK, "remaining": 22}}

PLANTED: list[tuple[str, Callable[[Line], object], str]] = [
    ("expanded", put("unheard_of", 1), "unheard_of"),
    ("expanded", put("tree.unheard_of", 1), "tree.unheard_of"),
    ("expanded", put("reason", "reserved"), "reason"),
    ("expanded", put("event", "iterate"), "event"),
    ("expanded", put("attempts.0.outcome", "error"), "attempts[0].outcome"),
    ("expanded", put("iteration", -1), "iteration"),
    ("expanded", put("tier", 0), "tier"),
    ("expanded", put("tree.inflight", -1), "tree.inflight"),
    ("expanded", put("selected_path", []), "selected_path"),
    ("expanded", put("selected_path", ["a", 3]), "selected_path[1]"),
    ("expanded", put("node.mvar_id", "other"), "node.mvar_id"),
    ("expanded", put("node.depth", 77), "node.depth"),
    ("expanded", put("node.success_count", 1000), "node.success_count"),
    ("expanded", put("tree.nodes", 1), "tree.nodes"),
    ("expanded", put("expanded", False), "expanded"),
    ("expanded", put("expanded", None), "expanded"),
    ("expanded", put("attempts", []), "attempts"),
    ("expanded", put("attempts.2.goal_sig", "other"), "attempts[2].goal_sig"),
    ("expanded", put("attempts.2.goal_type", "other"), "attempts[2].goal_type"),
    ("expanded", put("attempts.2.goal_sig_strict", "other"), "attempts[2].goal_sig_strict"),
    ("expanded", put("attempts.2.tactic", "never suggested"), "attempts[2].tactic"),
    ("expanded", put("attempts.2.child_sigs_strict", []), "attempts[2].child_sigs_strict"),
    ("expanded", put("attempts.0.child_mvar_ids", ["x"]), "attempts[0].child_mvar_ids"),
    ("expanded", put("attempts.0.peg_id", "block_simp"), "attempts[0].peg_id"),
    ("expanded", put("attempts.1.peg_id", None), "attempts[1].peg_id"),
    ("expanded", put("attempts.1.peg_kind", None), "attempts[1].peg_kind"),
    ("expanded", put("attempts.1.block_reason", None), "attempts[1].block_reason"),
    ("expanded", lambda line: line["attempts"].reverse(), "attempts[1].tactic"),
    ("expanded", lambda line: line.pop("tier"), "tier"),
    ("expanded", lambda line: line.pop("budget"), "budget"),
    ("expanded", put("block", BLOCK), "block"),
    ("expanded", put("delay", DELAY), "delay"),
    ("expanded", put("reroute", [REROUTE_0, REROUTE_0]), "reroute[1].mvar_id"),
    ("expanded", put("reroute.0.reason", "delayed"), "reroute[0].block"),
    ("expanded", put("reroute.0.reason", "no_goal"), "reroute[0].reason"),
    ("expanded", put("reroute.1.delay.remaining", 1), "reroute[1].delay.remaining"),
    ("no_expansion", put("expanded", True), "expanded"),
    ("no_expansion", put("expanded", None), "expanded"),
    ("blocked", lambda line: line.pop("block"), "block"),
    ("blocked", put("expanded", False), "expanded"),
    ("blocked", put("tactics", [{"tactic": "simp", "score": 1}]), "tactics"),
    ("blocked", lambda line: line.update(attempts=good()[0]["attempts"]), "attempts"),
    ("blocked", put("terminal_reached", True), "terminal_reached"),
    ("blocked", put("backprop_success", True), "backprop_success"),
    ("blocked", put("block", {**BLOCK, "remaining": 3}), "block.remaining"),
    ("blocked", put("block", {**BLOCK, "remaining": None}), "block.remaining"),
    ("blocked", put("block", {**BLOCK, "immovable": True}), "block.until"),
    ("blocked", put("block", {**BLOCK, "until": -1}), "block.until"),
    ("blocked", put("block", {**BLOCK, "until": -2}), "block.until"),
    ("blocked", put("block", {**BLOCK, "duration": 0}), "block.duration"),
    ("delayed", lambda line: line.pop("delay"), "delay"),
    ("delayed", put("block", BLOCK), "block"),
    ("delayed", put("delay.remaining", 1), "delay.remaining"),
    ("delayed", put("delay.duration", 0), "delay.duration"),
    ("terminal_node", put("node.is_terminal", False), "node.is_terminal"),
    ("terminal_node", put("node.is_dead", True), "node.is_dead"),
    ("terminal_node", put("expanded", True), "expanded"),
    ("dead_node", put("node.is_dead", False), "node.is_dead"),
    ("adapter_error", lambda line: line.pop("error"), "error"),
    ("no_goal", put("iteration", 5), "iteration"),
    ("no_goal", put("iteration", 2), "iteration"),
    ("no_goal", put("iteration", 7), "iteration"),
    ("no_goal", put("tree.max_depth", 4), "tree.max_depth"),
    ("no_goal", put("tree.expansions", 0), "tree.expansions"),
    ("no_goal", put("budget", 11), "budget"),
]


@pytest.mark.parametrize(("reason", "change", "field"), PLANTED)
def test_a_planted_mistake_is_found_and_named(reason: str, change: Callable[[Line], object], field: str) -> None:
    lines, at = plant(reason, change)
    assert f"{at} {field}" in problems(lines)


def move(lines: list[Line], here: int, there: int) -> None:
    lines.insert(there, lines.pop(here))


FILES: list[tuple[Callable[[list[Line]], object], str]] = [
    (lambda lines: lines.insert(4, copy.deepcopy(lines[3])), "5 iteration"),
    (lambda lines: move(lines, 4, 9), "10 iteration"),
    (lambda lines: lines.pop(4), "5 iteration"),
    (lambda lines: move(lines, 29, 30), "31 iteration"),  # the marker after its record
    (lambda lines: move(lines, 29, 20), "22 iteration"),  # the marker too early
    (lambda lines: lines.insert(29, copy.deepcopy(lines[29])), "31 iteration"),
    (lambda lines: lines.pop(29), "30 reason"),  # no marker
    (lambda lines: lines[29]["tree"].update(aborted=False), "30 tree.aborted"),
    (lambda lines: lines[29].update(agent_id=1), "30 agent_id"),
    (lambda lines: lines[29].update(reason="abort"), "30 reason"),
    (lambda lines: lines[30]["tree"].update(aborted=False), "31 tree.aborted"),
    (lambda lines: lines[30].update(reason="no_goal"), "31 reason"),
    (lambda lines: lines[20].update(tier=1, budget=10), "21 tier"),
    (lambda lines: lines[20]["selected_path"].__setitem__(0, "cp0:other"), "21 selected_path[0]"),
    (lambda lines: lines[20]["tree"].update(solved=True), "22 tree.solved"),
    (lambda lines: lines.clear(), "0 file"),
]


@pytest.mark.parametrize(("change", "found"), FILES)
def test_a_mistake_in_the_order_of_the_file_is_found(change: Callable[[list[Line]], object], found: str) -> None:
    lines = good()
    change(lines)
    assert found in problems(lines)


def test_a_trace_of_arrival_order_may_have_gaps_and_shrinking_counts() -> None:
    lines = good()
    lines[5]["tree"]["nodes"] += 50
    del lines[3]
    assert problems(lines) != []
    assert problems(lines, ordered=False) == []


def test_damaged_and_torn_lines_are_problems_like_any_other(tmp_path: Path) -> None:
    lines = [encode_line(record) for record in sample_trace(5)]
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"".join([*lines[:2], b"{\n", b"[]\n", *lines[2:], b'{"event']))
    assert [str(problem) for problem in check_trace(path)] == [
        "line 3: line is not JSON: Input data was truncated",
        "line 4: line is not a JSON object",
        "line 8: line is torn: 7 bytes, no line break",
    ]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="Cannot read"):
        check_trace(tmp_path / "none.jsonl")


def test_the_tables_require_what_the_dictionary_requires() -> None:
    required = {name for name, field in ITERATION.items() if field.required}
    assert required == {
        *("event", "iteration", "reason", "agent_id", "selected_path", "node", "tactics", "attempts"),
        *("expanded", "terminal_reached", "backprop_success", "tree"),
    }
    assert {name for name, field in ABORT.items() if field.required} == {"event", "iteration", "tree"}
