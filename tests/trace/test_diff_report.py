"""Differences, and the texts that the command line prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cellview.trace import (
    check_trace,
    diff_traces,
    digest_file,
    encode_line,
    render_check,
    render_diff,
    render_digests,
    render_summary,
    summarize,
)
from cellview.trace.testing import sample_trace

LINES = [encode_line(record) for record in sample_trace(12, aborted=True)]


def write(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def changed(change: Callable[[dict[str, Any]], object], at: int = 9) -> list[bytes]:
    line = json.loads(LINES[at])
    change(line)
    return [*LINES[:at], json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n", *LINES[at + 1 :]]


CHANGES: list[tuple[Callable[[dict[str, Any]], object], tuple[str, str, str]]] = [
    (lambda line: line.update(agent_id=9), ("agent_id", "1", "9")),
    (lambda line: line["tree"].update(nodes=77), ("tree.nodes", "10", "77")),
    (lambda line: line["attempts"][1].update(outcome="failure"), ("attempts[1].outcome", '"blocked"', '"failure"')),
    (lambda line: line["attempts"].pop(), ("attempts", "3 entries", "2 entries")),
    (lambda line: line.pop("tier"), ("tier", "1", "(absent)")),
    (lambda line: line.update(error="x"), ("error", "(absent)", '"x"')),
    (lambda line: line.update(expanded=None), ("expanded", "true", "null")),
    (lambda line: line.update(agent_id=line.pop("agent_id")), ("bytes", "same values", "written differently")),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_the_first_difference_is_named_by_line_iteration_and_field(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], expected: tuple[str, str, str]
) -> None:
    first, second = write(tmp_path / "a", LINES), write(tmp_path / "b", changed(change))
    difference = diff_traces(first, second)
    assert difference is not None
    assert (difference.line, difference.iteration) == (10, 9)
    assert (difference.field, difference.first, difference.second) == expected
    assert digest_file(first) != digest_file(second)
    text = render_diff(first, second, difference)
    assert text.startswith(f"parts at line 10, iteration 9, field {expected[0]}:\n")


def test_time_stamps_and_torn_lines_are_no_difference(tmp_path: Path) -> None:
    first = write(tmp_path / "a", LINES)
    second = write(tmp_path / "b", [*changed(lambda line: line["attempts"][0].update(timestamp_ms=1)), LINES[0][:9]])
    assert diff_traces(first, second) is None
    assert digest_file(first) == digest_file(second)
    assert render_diff(first, second, None) == f"{first} and {second} are the same but for time stamps"


def test_a_trace_that_ends_early_is_a_prefix(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", LINES), write(tmp_path / "b", LINES[:4])
    difference = diff_traces(first, second)
    assert difference is not None
    assert (difference.line, difference.iteration, difference.field) == (5, 4, "line")
    assert render_diff(first, second, difference) == (
        f"{second} ends before line 5, iteration 4; {first} goes on, and is the same up to there"
    )
    assert diff_traces(second, first) is not None


def test_the_text_of_a_check(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "good", LINES), write(tmp_path / "bad", changed(lambda line: line.pop("node")))
    assert render_check(good, check_trace(good)) == f"{good}: keeps the contract"
    assert render_check(bad, check_trace(bad)).splitlines()[:2] == [
        f"{bad}: {len(check_trace(bad))} problems" if len(check_trace(bad)) > 1 else f"{bad}: 1 problem",
        "  line 10, iteration 9: node is missing",
    ]
    many = check_trace(bad) * 30
    assert render_check(bad, many, limit=2).splitlines()[-1] == f"  … and {len(many) - 2} more"


def test_the_text_of_a_summary_and_of_digests(tmp_path: Path) -> None:
    path = write(tmp_path / "t", LINES)
    text = render_summary(path, summarize(path))
    assert text.splitlines()[0] == f"{path}: aborted, 11 iterations (0 to 10)"
    assert "  pegs      block_tac1 5" in text
    assert any(
        line.split() == ["expanded", "2", f"{summarize(path).average_inflight['expanded']:.2f}"]
        for line in text.splitlines()
    )
    assert render_digests([(path, digest_file(path))]) == f"{digest_file(path)}  {path}"
    (tmp_path / "empty").touch()
    assert "no iterations" in render_summary(tmp_path / "empty", summarize(tmp_path / "empty"))
