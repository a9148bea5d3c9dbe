"""The journal on disk: one JSON line per commit, in order. It brings back an experiment whose server lost it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from cellview.frontier.errors import JournalError
from cellview.frontier.machine.model import Candidate, Completed, EntryKind, JournalEntry
from cellview.frontier.machine.result import Body, pack_body, unpack_body

__all__ = ["JournalFile", "JournalLine", "read_journal"]


class JournalLine(msgspec.Struct, frozen=True):
    """A journal entry as it stands in the file, with the body unpacked so that people can read it."""

    ticket: int
    candidate: str
    item: str
    score: str
    depth: int
    kind: EntryKind
    digest: str
    payload: str
    children: list[Candidate]
    trace: list[str]
    notes: str

    @classmethod
    def of(cls, entry: JournalEntry) -> JournalLine:
        """The line of an entry."""
        body = unpack_body(entry.completed.body)
        return cls(
            entry.ticket,
            entry.candidate,
            entry.item,
            entry.score,
            entry.depth,
            entry.kind,
            entry.completed.digest,
            body.payload,
            entry.completed.children,
            body.trace,
            body.notes,
        )

    def entry(self) -> JournalEntry:
        """The entry of this line."""
        body = pack_body(Body(self.payload, self.trace, self.notes))
        completed = Completed(self.digest, self.children, body)
        return JournalEntry(self.ticket, self.candidate, self.item, self.score, self.depth, self.kind, completed)


def read_journal(path: Path, *, since: int = 0) -> Iterator[JournalLine]:
    """Reads whole lines from ticket `since` on; a torn last line is left out.

    Raises:
        JournalError: A line inside is damaged, or the tickets do not count up from 0.
    """
    decode = msgspec.json.Decoder(JournalLine).decode
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, raw in enumerate(file):
            if not raw.endswith(b"\n"):
                return
            try:
                line = decode(raw)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise JournalError(
                    f"line {number + 1} of {path} is damaged ({error}): restore the file, or delete the lines from "
                    "there on and resume"
                ) from None
            if line.ticket != number:
                raise JournalError(f"line {number + 1} of {path} is of ticket {line.ticket}: restore the file")
            if number >= since:
                yield line


class JournalFile:
    """The journal, open for appending under a lock that one process can hold.

    Raises:
        JournalError: Another process has it open, or it is damaged inside.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise JournalError(f"{path} is being written by another committer: stop that one first") from None
        try:
            self.torn_bytes = self._cut_torn_tail()
            self.length = sum(1 for _ in read_journal(path))
        except BaseException:
            self._file.close()
            raise

    def append(self, entries: list[JournalEntry]) -> None:
        """Appends commits and syncs them to the disk."""
        for entry in entries:
            if entry.ticket != self.length:
                raise JournalError(
                    f"the commit of ticket {entry.ticket} does not follow line {self.length} of {self.path}"
                )
            self._file.write(msgspec.json.encode(JournalLine.of(entry)) + b"\n")
            self.length += 1
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Closes the file and lets go of the lock."""
        self._file.close()

    def __enter__(self) -> JournalFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _cut_torn_tail(self) -> int:
        """Cuts what a crash left after the last line break; returns how many bytes."""
        size = self._file.seek(0, os.SEEK_END)
        whole = 0
        with self.path.open("rb") as file:
            position = size
            while position > 0 and whole == 0:
                start = max(0, position - 65536)
                file.seek(start)
                whole = start + 1 + file.read(position - start).rfind(b"\n")
                whole = 0 if whole == start else whole
                position = start
        if whole < size:
            self._file.truncate(whole)
        return size - whole
