"""Checking a trace against its contract: every field, every record, and the order of the whole file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import msgspec
from msgspec import UNSET, UnsetType

from cellview.trace.contract import ABORT, ITERATION, Fault, check_object
from cellview.trace.errors import DamagedLineError
from cellview.trace.reader import TraceReader, decode_line
from cellview.trace.records import AbortRecord, IterationRecord, Record, TreeSnapshot
from cellview.trace.rules import record_faults

__all__ = ["Problem", "check_lines", "check_trace"]


class Problem(msgspec.Struct, frozen=True, gc=False):
    """One breach of the contract."""

    line: int
    iteration: int | None
    field: str
    message: str

    def __str__(self) -> str:
        """Say it in one line."""
        where = f"line {self.line}" if self.iteration is None else f"line {self.line}, iteration {self.iteration}"
        return f"{where}: {self.field} {self.message}"


def check_trace(path: str | Path, *, ordered: bool = True) -> list[Problem]:
    """Return every breach of the trace contract in a file; an empty list means that there is none.

    A damaged or torn line is a problem like any other, so that one call finds all of them.

    Args:
        path: The ``*_mcts_trace.jsonl`` file.
        ordered: Whether iterations follow each other without a gap, and the tree only grows from line to line. Give
            false for a trace of ``--mcts-commit arrival``: its lines ascend in iteration, its tree grew in another
            order, and the stop can discard an iteration before the last.

    Raises:
        TraceError: The file cannot be read.
    """
    reader = TraceReader(path)
    problems = list(check_lines(reader.lines(), ordered=ordered))
    if reader.torn is not None:
        problems.append(Problem(reader.torn.line, None, "line", f"is torn: {reader.torn.size} bytes, no line break"))
    return problems


def check_lines(lines: Iterator[bytes], *, ordered: bool = True) -> Iterator[Problem]:
    """Yield every breach of the contract in lines given one by one, as :func:`check_trace` does for a file."""
    order = _Order(ordered=ordered)
    for number, line in enumerate(lines, start=1):
        iteration, faults = _check_line(line, order)
        for field, message in faults:
            yield Problem(number, iteration, field, message)
    for field, message in order.at_end():
        yield Problem(order.lines, None, field, message)


def _check_line(line: bytes, order: _Order) -> tuple[int | None, list[Fault]]:
    order.lines += 1
    try:
        value: object = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return None, [("line", f"is not JSON: {error}")]
    if not isinstance(value, dict):
        return None, [("line", "is not a JSON object")]
    fields = cast("Mapping[str, object]", value)
    number = fields.get("iteration")
    iteration = number if type(number) is int else None
    event = fields.get("event")
    if event not in ("iteration", "abort"):  # a tuple: a set would ask the value for its hash
        return iteration, [("event", f"is {event!r}, expected iteration or abort")]
    faults = list(check_object(ITERATION if event == "iteration" else ABORT, fields))
    # Rules between fields and between records are for records whose types are right; unknown fields do no harm there.
    try:
        record = decode_line(line)
    except DamagedLineError as error:
        if not faults:
            faults.append(("line", f"cannot be decoded: {error}"))
        return iteration, faults
    if isinstance(record, AbortRecord) or record.selected_path:
        faults += record_faults(record)
    faults += order.add(record)
    return iteration, faults


class _Order:
    """What the records of a file must say about each other; fed with them one by one."""

    def __init__(self, *, ordered: bool) -> None:
        self.lines = 0
        self._ordered = ordered
        self._iteration: int | None = None
        self._abort: AbortRecord | None = None  # the line before, if that was an abort marker
        self._aborted = False
        self._root: str | None = None
        self._tree: TreeSnapshot | None = None
        self._tier: int | UnsetType = UNSET
        self._budget: int | UnsetType = UNSET

    def add(self, record: Record) -> Iterator[Fault]:
        if isinstance(record, AbortRecord):
            yield from self._add_abort(record)
        else:
            yield from self._add_iteration(record)
        yield from self._context(record)
        if self._ordered:
            yield from self._growth(record.tree)
        self._tree = record.tree

    def at_end(self) -> Iterator[Fault]:
        """Yield what is wrong with the file as a whole."""
        if self.lines == 0:
            yield "file", "has no complete line"

    def _add_abort(self, record: AbortRecord) -> Iterator[Fault]:
        if self._abort is not None and self._abort.iteration >= record.iteration:
            yield "iteration", f"is {record.iteration}, but the abort marker before has {self._abort.iteration}"
        if self._iteration is not None and record.iteration <= self._iteration:
            yield (
                "iteration",
                (f"is {record.iteration} after {self._iteration}: the marker goes before its iteration's record"),
            )
        self._abort = record
        self._aborted = True

    def _add_iteration(self, record: IterationRecord) -> Iterator[Fault]:
        iteration = record.iteration
        if self._iteration is not None and iteration == self._iteration:
            yield "iteration", f"is {iteration} a second time"
        elif self._iteration is not None and iteration < self._iteration:
            yield "iteration", f"is {iteration} after {self._iteration}: lines ascend"
        elif self._iteration is not None and self._ordered and iteration > self._iteration + 1:
            yield "iteration", f"is {iteration} after {self._iteration}: a record is missing"
        if self._abort is not None and iteration < self._abort.iteration:
            yield "iteration", f"is {iteration} after the abort marker of {self._abort.iteration}"
        if record.reason == "abort" and not self._aborted:
            yield "reason", "is abort, but no abort marker came before"
        if self._abort is not None and iteration == self._abort.iteration and record.reason != "abort":
            yield "reason", f"is {record.reason} directly after the abort marker of the same iteration"
        self._abort = None
        self._iteration = iteration
        if record.selected_path:
            if self._root is None:
                self._root = record.selected_path[0]
            elif record.selected_path[0] != self._root:
                yield "selected_path[0]", f"is {record.selected_path[0]!r}, but the root is {self._root!r}"

    def _context(self, record: Record) -> Iterator[Fault]:
        tier, budget = record.tier, record.budget
        if tier is not UNSET and self._tier is not UNSET:
            if tier < self._tier:
                yield "tier", f"is {tier} after {self._tier}"
            elif tier == self._tier and budget != self._budget:
                yield "budget", f"is {budget}, but tier {tier} had {self._budget}"
        if tier is not UNSET:
            self._tier, self._budget = tier, budget

    def _growth(self, tree: TreeSnapshot) -> Iterator[Fault]:
        before = self._tree
        if before is None:
            return
        for name in ("nodes", "expansions", "max_depth"):
            if getattr(tree, name) < getattr(before, name):
                yield f"tree.{name}", f"is {getattr(tree, name)} after {getattr(before, name)}: a tree only grows"
        for name in ("solved", "aborted"):
            if getattr(before, name) and not getattr(tree, name):
                yield f"tree.{name}", "is false after it was true"
