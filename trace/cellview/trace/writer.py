"""The writer of a trace: strictly ascending lines, each in the file when ``write`` returns.

A crash leaves whole lines and at most one torn last line. Synchronous on purpose: an actor owns it, and one small
``write`` to a file takes less than handing it to a thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from cellview.trace.atomic import sync_folder
from cellview.trace.digest import encode_line, without_timestamps
from cellview.trace.errors import TraceWriteError
from cellview.trace.order import RecordOrder
from cellview.trace.reader import Recovery, TraceReader, recover
from cellview.trace.records import Record

__all__ = ["NullTraceWriter", "OrderedTraceWriter", "TraceWriter"]


class TraceWriter(Protocol):
    """What a search writes its records to."""

    @property
    def next_iteration(self) -> int:
        """The iteration that will be written next."""
        ...

    @property
    def pending(self) -> int:
        """Records held back because an earlier iteration is missing."""
        ...

    def write(self, record: Record) -> None:
        """Take one record."""
        ...

    def write_many(self, records: Iterable[Record]) -> None:
        """Take a batch of records, in any order."""
        ...

    def sync(self) -> None:
        """Make all that was written survive a power failure."""
        ...

    def digest(self) -> str:
        """Return the trace digest of what was written so far."""
        ...

    def close(self) -> str:
        """Write what is held back, ascending; sync, close, and return the trace digest. Idempotent."""
        ...


class _DigestingWriter:
    """Orders records and digests their lines; what becomes of the lines is for :meth:`_emit` to say."""

    def __init__(self, first_iteration: int) -> None:
        self._order = RecordOrder(first_iteration)
        self._sha = sha256()
        self._closed = False

    @property
    def next_iteration(self) -> int:
        """The iteration that will be written next; all before it are in the file, or were discarded."""
        return self._order.next_iteration

    @property
    def pending(self) -> int:
        """Records held back because an earlier iteration is missing."""
        return len(self._order)

    def write(self, record: Record) -> None:
        """Take one record; it is in the file on return, unless an earlier iteration is missing yet.

        Raises:
            TraceOrderError: Its iteration was written already.
            TraceWriteError: The file system refuses, or the writer is closed.
        """
        ready = self._order.add(record)
        if ready:
            self._write_lines(b"".join(map(encode_line, ready)) if len(ready) > 1 else encode_line(ready[0]))

    def write_many(self, records: Iterable[Record]) -> None:
        """Take a batch of records, in any order, with one write to the file. Raises as :meth:`write` does."""
        add = self._order.add
        lines = [encode_line(ready) for record in records for ready in add(record)]
        if lines:
            self._write_lines(b"".join(lines))

    def _write_lines(self, lines: bytes) -> None:
        self._emit(lines)
        # After the write, so that the digest never runs ahead of the file.
        self._sha.update(without_timestamps(lines))

    def _emit(self, lines: bytes) -> None:
        if self._closed:
            raise TraceWriteError("The trace is closed; nothing can be written to it any more.")

    def sync(self) -> None:
        """Make all that was written survive a power failure."""

    def digest(self) -> str:
        """Return the trace digest of what was written so far, as 64 hexadecimal digits."""
        return self._sha.hexdigest()

    def close(self) -> str:
        """Write what is held back, ascending; sync, close, and return the trace digest. Idempotent."""
        if not self._closed:
            try:
                rest = self._order.take_rest()
                if rest:
                    self._write_lines(b"".join(map(encode_line, rest)))
                self.sync()
            finally:
                self._closed = True
        return self.digest()

    def __enter__(self) -> Self:
        """Return the writer, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the writer, also after an error."""
        self.close()


class OrderedTraceWriter(_DigestingWriter):
    """Writes a ``*_mcts_trace.jsonl`` file.

    Args:
        path: The file. Its folder must exist.
        resume: Continue a file that is there: its unfinished end is cut (see `recovery`), its records count in the
            digest, and the next iteration is the one after its last. Otherwise the file must not exist.
        first_iteration: The iteration that the first record of a new file has.

    Raises:
        TraceWriteError: The file cannot be made: it exists, the folder does not, the disk is full or read-only.
        DamagedLineError: A file to resume has damage inside.
    """

    def __init__(self, path: str | Path, *, resume: bool = False, first_iteration: int = 0) -> None:
        super().__init__(first_iteration)
        self.path = Path(path)
        self.recovery: Recovery | None = None
        """What was found and cut when resuming; ``None`` for a new file."""
        self._error: TraceWriteError | None = None
        if resume and self.path.exists():
            self.recovery = recover(self.path)
            for line in TraceReader(self.path).lines():
                self._sha.update(without_timestamps(line))
            if self.recovery.last_iteration is not None:
                self._order.next_iteration = self.recovery.last_iteration + 1
        self._fd = self._open(new=self.recovery is None)

    def _open(self, *, new: bool) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if new else 0)
        try:
            fd = os.open(self.path, flags, 0o644)
            if new:
                sync_folder(self.path.parent)
            return fd
        except FileExistsError:
            raise TraceWriteError(
                f"{self.path} exists already; choose another folder, or resume the run it belongs to."
            ) from None
        except OSError as error:
            raise TraceWriteError(f"Cannot write {self.path}: {error.strerror}.") from None

    def _emit(self, lines: bytes) -> None:
        super()._emit(lines)
        if self._error is not None:
            raise self._error
        view = memoryview(lines)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            # What was cut short stays as the torn last line, and nothing may follow it. A resume cuts it; cutting it
            # here as well would be a second way to do one thing, on a disk that has just refused.
            self._error = TraceWriteError(
                f"Cannot write {self.path}: {error.strerror}; the lines before are kept, and the run can be resumed."
            )
            raise self._error from None

    def sync(self) -> None:
        """Make all that was written survive a power failure (``fsync``; milliseconds, so once per batch).

        Raises:
            TraceWriteError: The disk reports an error.
        """
        if self._closed:
            return
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise TraceWriteError(f"Cannot write {self.path} to disk: {error.strerror}.") from None

    def close(self) -> str:
        """Write what is held back, ascending; sync, close, and return the trace digest. Idempotent.

        Raises:
            TraceWriteError: The file system refuses. The file is closed all the same.
        """
        if self._closed:
            return self.digest()
        try:
            return super().close()
        finally:
            os.close(self._fd)


class NullTraceWriter(_DigestingWriter):
    """Writes nothing: the trace is off.

    Args:
        digest: Whether to encode and digest the records all the same, so that a run without a trace can be compared
            with one that has it. Costs as much as writing does; without it, :meth:`digest` is that of no lines.
    """

    def __init__(self, *, digest: bool = False) -> None:
        super().__init__(0)
        self._digesting = digest

    def write(self, record: Record) -> None:
        """Take one record and drop it, or digest it."""
        if self._digesting:
            super().write(record)

    def write_many(self, records: Iterable[Record]) -> None:
        """Take records and drop them, or digest them."""
        if self._digesting:
            super().write_many(records)
