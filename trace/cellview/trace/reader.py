"""Reading a trace: every record of it, a torn last line reported, damage inside named by file and line."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cellview.trace.errors import DamagedLineError, TornLineWarning, TraceError
from cellview.trace.records import AbortRecord, IterationRecord, Record

__all__ = ["Recovery", "TornLine", "TraceReader", "decode_line", "read_trace", "recover"]


class _Head(msgspec.Struct, gc=False):
    event: str


_head = msgspec.json.Decoder(_Head).decode
_iteration = msgspec.json.Decoder(IterationRecord).decode
_abort = msgspec.json.Decoder(AbortRecord).decode


class TornLine(msgspec.Struct, frozen=True, gc=False):
    """The rest of a line that a crash cut short: the last of the file, without its line break."""

    line: int
    offset: int
    """Where it begins, in bytes."""
    size: int
    """How long it is, in bytes."""

    def __str__(self) -> str:
        """Say it in words."""
        return f"line {self.line} is torn: {self.size} bytes without a line break"


class Recovery(msgspec.Struct, frozen=True, gc=False):
    """What :func:`recover` left in a file, and what it cut."""

    last_iteration: int | None
    """The last iteration that is complete; ``None`` if there is none."""
    records: int
    torn: TornLine | None
    """The torn last line that was cut."""
    abort_cut: bool
    """Whether an abort marker was cut because the iteration record after it is missing."""


def decode_line(line: bytes, *, where: str = "The line") -> Record:
    """Return the record of one line.

    Raises:
        DamagedLineError: The line is not a record; `where` begins the sentence.
    """
    try:
        event = _head(line).event
        if event == "iteration":
            return _iteration(line)
        if event == "abort":
            return _abort(line)
        raise DamagedLineError(f"{where} has the event {event!r}; expected iteration or abort.")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedLineError(f"{where} is not a trace record: {error}.") from None


class TraceReader:
    """Iterates over the records of a file, and then knows whether its last line was torn.

    Args:
        path: The ``*_mcts_trace.jsonl`` file.

    Iterating raises:
        TraceError: The file cannot be read.
        DamagedLineError: A line before the last is not a record.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.torn: TornLine | None = None
        """Set once the iteration is over."""
        self.line = 0
        """Number of the line read last, from 1."""
        self.offset = 0
        """Where the next line begins, in bytes."""

    def __iter__(self) -> Iterator[Record]:
        """Yield every complete record, from the start."""
        for raw in self.lines():
            yield decode_line(raw, where=f"{self.path}, line {self.line}")

    def lines(self) -> Iterator[bytes]:
        """Yield every complete line as it stands, line break included."""
        self.torn, self.line, self.offset = None, 0, 0
        try:
            with self.path.open("rb") as file:
                for raw in file:
                    self.line += 1
                    if not raw.endswith(b"\n"):
                        self.torn = TornLine(self.line, self.offset, len(raw))
                        return
                    self.offset += len(raw)
                    yield raw
        except OSError as error:
            raise TraceError(f"Cannot read {self.path}: {error.strerror}.") from None


def read_trace(path: str | Path) -> Iterator[Record]:
    """Yield the records of a trace. A torn last line is skipped, and said so with a :class:`TornLineWarning`.

    Raises:
        TraceError: The file cannot be read.
        DamagedLineError: A line before the last is not a record; the text names file and line.
    """
    reader = TraceReader(path)
    yield from reader
    if reader.torn is not None:
        warnings.warn(f"{path}: {reader.torn}; it was skipped.", TornLineWarning, stacklevel=2)


def recover(path: str | Path) -> Recovery:
    """Cut what a crash left unfinished at the end of a trace, so that a resumed run can continue the file.

    That is a torn last line, and an abort marker whose iteration record did not follow: the resumed run comes to the
    same iteration again, and marks it again.

    Raises:
        TraceError: The file cannot be read or cut.
        DamagedLineError: A line before the last is not a record. Nothing was cut then.
    """
    reader = TraceReader(path)
    last_iteration: int | None = None
    records = 0
    end = 0  # of the last complete iteration record
    abort_cut = False
    for record in reader:
        abort_cut = isinstance(record, AbortRecord)
        if isinstance(record, IterationRecord):
            if last_iteration is not None and record.iteration <= last_iteration:
                raise DamagedLineError(
                    f"{path}, line {reader.line} has iteration {record.iteration} after {last_iteration}; "
                    "iterations ascend, so this file was written by two runs or edited."
                )
            last_iteration = record.iteration
            records = reader.line
            end = reader.offset
    if reader.torn is not None or abort_cut:
        _cut(reader.path, end)
    return Recovery(last_iteration, records, reader.torn, abort_cut)


def _cut(path: Path, size: int) -> None:
    try:
        with path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())
    except OSError as error:
        raise TraceError(f"Cannot cut the unfinished end of {path}: {error.strerror}.") from None
