"""The journal on disk: one JSON line per commit, in order. It brings back an experiment whose server lost it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import msgspec

from cellview.frontier.errors import BadLineError, JournalError
from cellview.frontier.key import shared_key
from cellview.frontier.machine.journal import Chain, JournalHeader, JournalLine, decode_header, decode_line
from cellview.frontier.machine.model import JournalEntry, Manifest

__all__ = ["JournalFile", "JournalLine", "read_journal"]


def read_journal(path: Path, *, since: int = 0, manifest: Manifest | None = None) -> Iterator[JournalLine]:
    """Reads whole lines from ticket `since` on, after checking all of them; a torn last line is left out.

    Args:
        path: The file. One that is not there is a journal without commits.
        since: The first ticket to give.
        manifest: Refuses the journal of an experiment with another outcome.

    Raises:
        JournalError: A line is not what was written there. The text says which, and what is wrong with it.
    """
    yield from _Reader(path, manifest).lines(since)


class _Reader:
    """Goes through a journal once, and knows at the end where its last whole line ends."""

    def __init__(self, path: Path, manifest: Manifest | None) -> None:
        self._path = path
        self._manifest = manifest
        self._number = 0
        self.chain = Chain(shared_key())
        self.header: JournalHeader | None = None
        self.length = 0
        """Commits so far."""
        self.whole_bytes = 0
        """Where the last whole line ends."""

    def lines(self, since: int) -> Iterator[JournalLine]:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for raw in file:
                self._number += 1
                if not raw.endswith(b"\n"):
                    self._require_torn(raw)
                    return
                line = self._next(raw[:-1], since)
                self.whole_bytes += len(raw)
                if line is not None:
                    yield line

    def _next(self, raw: bytes, since: int) -> JournalLine | None:
        try:
            text = self.chain.unlink(raw)
            if self.header is None:
                self.header = decode_header(text)
                self._require_same(self.header)
                return None
            self.length += 1
            return decode_line(text, self.length - 1) if self.length > since else None
        except BadLineError as error:
            raise self._bad(str(error)) from None

    def _require_same(self, header: JournalHeader) -> None:
        if self._manifest is not None and header != (wanted := JournalHeader.of(self._manifest)):
            raise JournalError(
                f"{self._path} is the journal of experiment {header.experiment!r} (digest {header.manifest[:12]}), not "
                f"of {wanted.experiment!r} (digest {wanted.manifest[:12]}): resume with the settings that it was "
                "started with, or in another folder"
            )

    def _require_torn(self, raw: bytes) -> None:
        """A line without an end was cut by a crash, unless its end is there but is no line break any more."""
        try:
            self.chain.unlink(raw[:-1])
        except BadLineError:
            return
        raise self._bad("it does not end with a line break")

    def _bad(self, why: str) -> JournalError:
        return JournalError(
            f"line {self._number} of {self._path} is damaged: {why}; restore the file from a copy, or delete this line "
            "and all behind it, and resume: they will be worked out again"
        )


class JournalFile:
    """The journal, open for appending under a lock that one process can hold. All of it is checked on opening.

    Raises:
        JournalError: Another process has it open, it is damaged, or of another experiment.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("ab")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise JournalError(f"{path} is being written by another committer: stop that one first") from None
        try:
            reader = _Reader(path, manifest)
            for _ in reader.lines(0):
                pass
            self.length = reader.length
            self._chain = reader.chain
            self.torn_bytes = self._cut(reader.whole_bytes)
            if reader.header is None:
                self._write(JournalHeader.of(manifest))
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
            self._write(JournalLine.of(entry))
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

    def _write(self, line: JournalHeader | JournalLine) -> None:
        self._file.write(self._chain.link(msgspec.json.encode(line)) + b"\n")

    def _cut(self, whole_bytes: int) -> int:
        """Cuts what a crash left after the last line break; returns how many bytes."""
        size = self._file.seek(0, os.SEEK_END)
        if whole_bytes < size:
            self._file.truncate(whole_bytes)
        return size - whole_bytes
