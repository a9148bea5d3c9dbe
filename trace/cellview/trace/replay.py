"""Replaying a trace: each record is applied to something that can rebuild a tree, and the snapshots are compared.

The trace knows nothing of trees; whoever does hands in `apply`. A run resumes the same way, from :func:`resume_point`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from cellview.trace.reader import Recovery, TornLine, TraceReader, recover
from cellview.trace.records import IterationRecord, NodeSnapshot, Record, TreeSnapshot

__all__ = ["Apply", "Mismatch", "Rebuilt", "ReplayReport", "ResumePoint", "compare_snapshots", "replay", "resume_point"]


class Rebuilt(msgspec.Struct, frozen=True, gc=False):
    """What a rebuilt tree says after a record was applied. `node` is ``None`` for an abort marker."""

    tree: TreeSnapshot
    node: NodeSnapshot | None = None


Apply: TypeAlias = Callable[[Record], Rebuilt]
"""Applies one record to the tree that is being rebuilt, and says what the tree is like then."""


class Mismatch(msgspec.Struct, frozen=True, gc=False):
    """A field of a snapshot that the rebuilt tree does not have."""

    line: int
    iteration: int
    field: str
    recorded: str
    rebuilt: str

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"line {self.line}, iteration {self.iteration}: {self.field} is {self.recorded} in the trace, "
            f"but {self.rebuilt} in the rebuilt tree"
        )


class ReplayReport(msgspec.Struct, frozen=True):
    """The outcome of a replay. It stops at the first record that does not fit: later ones would only follow from it."""

    records: int
    mismatches: tuple[Mismatch, ...]
    torn: TornLine | None

    @property
    def ok(self) -> bool:
        """Whether every snapshot was rebuilt."""
        return not self.mismatches


def replay(path: str | Path, apply: Apply) -> ReplayReport:
    """Apply every record of a trace in order, and compare each snapshot with the rebuilt tree's.

    Raises:
        TraceError: The file cannot be read.
        DamagedLineError: A line before the last is not a record.
    """
    reader = TraceReader(path)
    records = 0
    for record in reader:
        mismatches = tuple(compare_snapshots(record, apply(record), line=reader.line))
        records += 1
        if mismatches:
            return ReplayReport(records, mismatches, None)
    return ReplayReport(records, (), reader.torn)


def compare_snapshots(record: Record, rebuilt: Rebuilt, *, line: int) -> Iterator[Mismatch]:
    """Yield every field of the record's snapshots that differs from the rebuilt tree's."""
    pairs: list[tuple[str, object, object]] = [("tree", record.tree, rebuilt.tree)]
    if isinstance(record, IterationRecord):
        pairs.append(("node", record.node, rebuilt.node))
    for name, recorded, found in pairs:
        if found is None:
            yield Mismatch(line, record.iteration, name, "present", "absent")
            continue
        for field in msgspec.structs.fields(type(recorded)):  # type: ignore[arg-type]  # both are snapshot structs
            one, other = getattr(recorded, field.name), getattr(found, field.name)
            if one != other:
                yield Mismatch(line, record.iteration, f"{name}.{field.name}", _json(one), _json(other))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class ResumePoint(msgspec.Struct, frozen=True):
    """Where a killed run continues."""

    records: tuple[Record, ...]
    """All that it wrote, to be applied first."""
    next_iteration: int
    recovery: Recovery
    """What was found, and what was cut from the end."""


def resume_point(path: str | Path) -> ResumePoint:
    """Cut the unfinished end of a trace and return all that a resumed run needs of it.

    Raises:
        TraceError: The file cannot be read or cut.
        DamagedLineError: A line before the last is not a record; the text names it, and nothing was cut.
    """
    recovery = recover(path)
    records = tuple(TraceReader(path))
    last = recovery.last_iteration
    return ResumePoint(records, 0 if last is None else last + 1, recovery)
