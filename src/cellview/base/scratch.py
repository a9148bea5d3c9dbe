"""Temporary folders and files that outlive nobody: each names its owner, and the next process removes dead owners'.

A process that is killed cannot clean up behind itself, so the next one does. A name holds its owner's process
id and the time at which that process started, since ids are given out again; and the id of the owner's process
namespace, since containers that share a folder cannot see each other's processes.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["make_scratch", "make_scratch_file", "remove_orphans", "scratch_folder"]

_NAME = re.compile(r"\.?cellview-[a-z]+-(?P<namespace>\d+)-(?P<pid>\d+)-(?P<start>\d+)-[^-]+")

_looked_at: set[Path] = set()
"""Places that this process has cleaned: once is enough, since whoever takes a killed one's place is a process too."""


@contextmanager
def scratch_folder(purpose: str, *, within: Path | None = None) -> Generator[Path]:
    """A folder that only this user can enter, removed at the end, or by the next process when this one is killed.

    Args:
        purpose: A lower-case word, for people who look into the folder of temporary files.
        within: Where; by default the system's folder of temporary files.
    """
    folder = make_scratch(purpose, within=within)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_scratch(purpose: str, *, within: Path | None = None) -> Path:
    """As `scratch_folder`, for an owner that removes the folder by itself."""
    return Path(tempfile.mkdtemp(prefix=_prefix(purpose, within), dir=within))


def make_scratch_file(purpose: str, *, within: Path) -> tuple[int, Path]:
    """A new file in the folder `within`, open for writing, to be removed or renamed by its owner; else by the next.

    Returns:
        Its descriptor and its path.
    """
    descriptor, path = tempfile.mkstemp(prefix=_prefix(purpose, within), dir=within)
    return descriptor, Path(path)


def _prefix(purpose: str, within: Path | None) -> str:
    """What the name of this process's things begins with; among a user's own files, they are hidden."""
    place = within or Path(tempfile.gettempdir())
    if place not in _looked_at:
        _looked_at.add(place)
        remove_orphans(place)
    hidden = "" if within is None else "."
    return f"{hidden}cellview-{purpose}-{_namespace()}-{os.getpid()}-{_start_of(os.getpid()) or 0}-"


def remove_orphans(place: Path) -> int:
    """Removes the scratch folders and files in `place` whose owners have ended; returns how many went."""
    with os.scandir(place) as entries:
        orphans = [entry for entry in entries if _is_orphan(entry)]
    for orphan in orphans:
        if orphan.is_dir(follow_symlinks=False):
            shutil.rmtree(orphan.path, ignore_errors=True)
        else:
            Path(orphan.path).unlink(missing_ok=True)
    return len(orphans)


def _is_orphan(entry: os.DirEntry[str]) -> bool:
    found = _NAME.fullmatch(entry.name)
    if found is None or not int(found["namespace"]) == _namespace() > 0:
        return False
    try:
        ours = not entry.is_symlink() and entry.stat(follow_symlinks=False).st_uid == os.getuid()
    except FileNotFoundError:
        return False  # somebody else was quicker
    return ours and _start_of(int(found["pid"])) != int(found["start"])


def _namespace() -> int:
    """Number of this process's namespace of process ids; 0 where there is no such thing, and nothing is removed."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _start_of(pid: int) -> int | None:
    """When a process started, in the kernel's ticks since boot; ``None`` when there is none of that number."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(status.rpartition(")")[2].split()[19])  # field 22; the name in brackets may hold anything
