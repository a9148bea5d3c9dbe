"""What people write on a run: notes and tags, in a file of its own that no comparison of runs looks at."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal

import msgspec

from cellview.trace.atomic import write_atomically
from cellview.trace.errors import RunFolderError, TraceWriteError

__all__ = ["NOTES_NAME", "Note", "RunNotes", "change_notes", "is_plain", "read_notes"]

NOTES_NAME: Final = "notes.json"

_OBEYED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One remark; `at` is UTC in ISO 8601, and whoever has a clock passes it in."""

    at: str
    text: str


class RunNotes(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``notes.json``: remarks in the order in which they were made, and tags in that of the alphabet."""

    format: Literal[1] = 1
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def tagged(self, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> RunNotes:
        """Return these notes with other tags."""
        return msgspec.structs.replace(self, tags=tuple(sorted({*self.tags, *add} - {*remove})))

    def with_note(self, text: str, *, at: str) -> RunNotes:
        """Return these notes and one more."""
        return msgspec.structs.replace(self, notes=(*self.notes, Note(at=at, text=text)))

    def without_note(self, number: int) -> RunNotes:
        """Return these notes without the one of this number, from 1."""
        return msgspec.structs.replace(self, notes=(*self.notes[: number - 1], *self.notes[number:]))


def is_plain(text: str) -> bool:
    r"""Say whether whoever reads the text sees what it holds.

    A terminal obeys control characters (but line break and tab), marks that turn the direction of writing show
    something else than what is there, and halves of characters cannot be written as UTF-8.

    >>> is_plain("∀ x, p x"), is_plain("\x1b[31mred")
    (True, False)
    """
    return _OBEYED.search(text) is None


def read_notes(run: str | Path) -> RunNotes:
    """Return what was written on a run; nothing, where nobody has.

    Raises:
        RunFolderError: The file is damaged, or cannot be read.
    """
    path = Path(run) / NOTES_NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return RunNotes()
    except OSError as error:
        raise RunFolderError(f"Cannot read {path}: {error.strerror}.") from None
    try:
        return msgspec.json.decode(data, type=RunNotes) if data else RunNotes()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunFolderError(f"{path} does not hold the notes of a run: {error}; mend it, or remove it.") from None


def change_notes(run: str | Path, change: Callable[[RunNotes], RunNotes]) -> RunNotes:
    """Change what is written on a run, and return what is there now.

    Who changes waits for who is changing, and a reader sees the old notes or the new. The run itself may be under way:
    its lock is another.

    Raises:
        RunFolderError: The file is damaged.
        TraceWriteError: The file system refuses.
    """
    path = Path(run) / NOTES_NAME
    lock = _lock(path)
    try:
        before = read_notes(run)
        after = change(before)
        if after != before:
            write_atomically(path, msgspec.json.format(msgspec.json.encode(after), indent=2) + b"\n")
        return after
    finally:
        if not path.stat().st_size:  # made to be locked, and nothing was written
            path.unlink()
        os.close(lock)


def _lock(path: Path) -> int:
    """Lock the file, which is made if need be: that which has the name once the lock is ours.

    A file beside it was rejected: it would stay, and one that is removed has this very trouble of its own.
    """
    try:
        while True:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(fd, fcntl.LOCK_EX)
            try:
                if os.path.samestat(os.fstat(fd), path.stat()):
                    return fd
            except FileNotFoundError:
                pass
            os.close(fd)  # another has put a new file in its place meanwhile
    except OSError as error:
        raise TraceWriteError(f"Cannot write {path}: {error.strerror}.") from None
