"""To give a finished run more searches: its folder changes over from the smaller run to the larger, whole or not yet.

More than one file must change at once: what the run is, the corpus, and, where one seed becomes several, the names of
all that was found. So what is to be is written down first, in one file; then it is done, in steps that can be done
again; then that file goes. Whoever takes the folder up next after a crash in between finishes the change.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from cellview.trace.atomic import sync_folder, write_atomically
from cellview.trace.errors import RunFolderError, TraceWriteError
from cellview.trace.metadata import RunMetadata

__all__ = ["PENDING_NAME", "FileChange", "begin_change", "encoded", "finish_change"]

PENDING_NAME: Final = "extension.json"


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder changes over to.

    Args:
        metadata: The new ``run.json``.
        files: New files in the folder itself, by name.
        renames: Names of files, from the old to the new, within the folder. What is not there is passed over.
    """

    metadata: RunMetadata
    files: dict[str, bytes]
    renames: tuple[tuple[str, str], ...]


def begin_change(folder: Path, change: FileChange) -> None:
    """Write down what a folder is to change over to, and do it; the caller holds the folder's lock.

    Raises:
        TraceWriteError: The file system refuses. What was begun is finished by :func:`finish_change`.
    """
    write_atomically(folder / PENDING_NAME, msgspec.json.encode(change))
    finish_change(folder)


def finish_change(folder: Path) -> bool:
    """Finish a change that was begun, if there is one; the caller holds the folder's lock.

    Raises:
        RunFolderError: What was written down is damaged.
        TraceWriteError: The file system refuses.
    """
    pending = folder / PENDING_NAME
    if not pending.exists():
        return False
    try:
        change = msgspec.json.decode(pending.read_bytes(), type=FileChange)
    except (msgspec.DecodeError, OSError) as error:
        raise RunFolderError(f"{pending} cannot be read, and the run's extension not be finished: {error}.") from None
    try:
        _rename(folder, change)
        for name, data in change.files.items():
            write_atomically(folder / name, data)
        # Last, since it says which names the others have.
        write_atomically(folder / "run.json", encoded(change.metadata))
        pending.unlink()
        sync_folder(folder)
    except OSError as error:
        raise TraceWriteError(f"Cannot extend the run in {folder}: {error.strerror}.") from None
    return True


def encoded(metadata: RunMetadata) -> bytes:
    """Return the content of ``run.json``."""
    return msgspec.json.format(msgspec.json.encode(metadata), indent=2) + b"\n"


def _rename(folder: Path, change: FileChange) -> None:
    touched: set[Path] = set()
    for old, new in change.renames:
        source, target = folder / old, folder / new
        if not source.exists():
            continue  # renamed already, or never written
        if target.exists():
            raise RunFolderError(f"{target} is in the way of {source.name}; move it, then resume the run.")
        target.parent.mkdir(exist_ok=True)
        source.rename(target)
        touched |= {source.parent, target.parent}
    for place in touched:
        sync_folder(place)
