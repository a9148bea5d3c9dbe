"""Plain text for what the trace functions return, as ``cellview trace`` prints it. No colours, no terminal needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cellview.trace.check import Problem
from cellview.trace.diff import Difference
from cellview.trace.summary import TraceSummary

__all__ = ["render_check", "render_diff", "render_digests", "render_summary"]


def render_check(path: str | Path, problems: Sequence[Problem], *, limit: int = 20) -> str:
    """Say what is wrong with a trace: one line per problem, the first `limit` of them."""
    if not problems:
        return f"{path}: keeps the contract"
    lines = [f"{path}: {_count(len(problems), 'problem')}", *(f"  {problem}" for problem in problems[:limit])]
    if len(problems) > limit:
        lines.append(f"  … and {len(problems) - limit} more")
    return "\n".join(lines)


def render_digests(digests: Iterable[tuple[str | Path, str]]) -> str:
    """Lay out digests as ``sha256sum`` does."""
    return "\n".join(f"{digest}  {path}" for path, digest in digests)


def render_diff(first: str | Path, second: str | Path, difference: Difference | None) -> str:
    """Say where two traces part."""
    if difference is None:
        return f"{first} and {second} are the same but for time stamps"
    where = f"line {difference.line}"
    if difference.iteration is not None:
        where += f", iteration {difference.iteration}"
    if difference.field == "line":
        shorter, longer = (first, second) if difference.first == "(ends)" else (second, first)
        return f"{shorter} ends before {where}; {longer} goes on, and is the same up to there"
    return (
        f"parts at {where}, field {difference.field}:\n  {first}: {difference.first}\n  {second}: {difference.second}"
    )


def render_summary(path: str | Path, summary: TraceSummary) -> str:
    """Lay out a summary."""
    state = "solved" if summary.solved else "aborted" if summary.aborted else "not solved"
    lines = [f"{path}: {state}, {_span(summary)}"]
    lines.append(f"  tree      {summary.nodes} nodes, {summary.expansions} expansions, depth {summary.max_depth}")
    lines += _table(
        ("reason", "count", "avg inflight"),
        [(reason, str(count), f"{summary.average_inflight[reason]:.2f}") for reason, count in summary.reasons.items()],
    )
    lines += _table(
        ("agent", "iterations", "given up", "expanded", "tried", "held back"),
        [
            (str(key), *map(str, (a.iterations, a.given_up, a.expanded, a.tried, a.held_back)))
            for key, a in summary.agents.items()
        ],
    )
    for name, counts in (
        ("attempts", summary.attempts),
        ("tiers", {str(tier): count for tier, count in summary.tiers.items()}),
        ("pegs", summary.pegs),
        ("skipped", summary.reroutes),
    ):
        if counts:
            lines.append(f"  {name:<9} " + ", ".join(f"{key} {count}" for key, count in counts.items()))
    if summary.rerouted or summary.rerouted_in_vain:
        lines.append(f"  rerouted  {summary.rerouted} went round, {summary.rerouted_in_vain} in vain")
    if summary.mean_inflight is not None:
        lines.append(f"  in flight {summary.mean_inflight:.2f} visits on average, the record's own included")
    if summary.torn is not None:
        lines.append(f"  {summary.torn}; it was left out")
    return "\n".join(lines)


def _span(summary: TraceSummary) -> str:
    if summary.first_iteration is None:
        return "no iterations"
    span = f"{summary.first_iteration} to {summary.last_iteration}"
    return f"{_count(summary.iterations, 'iteration')} ({span})"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return ["  " + "  ".join(_cells(row, widths)).rstrip() for row in (head, *rows)] if rows else []


def _cells(row: tuple[str, ...], widths: list[int]) -> Iterable[str]:
    yield row[0].ljust(widths[0])
    for cell, width in zip(row[1:], widths[1:], strict=True):
        yield cell.rjust(width)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
