"""The folder of a run: ``run.json``, and per theorem the traces, trees and proofs of each arm and seed."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import msgspec

from cellview.base.scratch import make_scratch
from cellview.trace.atomic import sync_folder, write_atomically
from cellview.trace.errors import RunFolderError, TraceWriteError
from cellview.trace.format_1 import RunMetadata1, upgrade
from cellview.trace.metadata import RunMetadata, file_stem

__all__ = ["RunFolder", "folder_name", "is_being_written"]

_LONGEST_NAME = 150
"""Bytes; a file system allows 255, and the names of arms and temporary files come on top."""


def folder_name(theorem: str) -> str:
    """Return the folder name of a theorem: the id itself where it is harmless, otherwise escaped, always unique.

    >>> folder_name("Nat.add_comm"), folder_name("a/b"), folder_name("..")
    ('Nat.add_comm', 'a%2Fb', '%2E.')
    """
    name = quote(theorem, safe="'+,=@")
    if name.startswith("."):  # hidden, or the folder above
        name = "%2E" + name[1:]
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 17]}~{sha256(theorem.encode()).hexdigest()[:16]}"
    return name


class RunFolder:
    """A run's folder, made by :meth:`create`, continued by :meth:`resume`, or looked into by :meth:`read`.

    Whoever made or resumes it holds a lock until :meth:`close` or the end of the process, so that two processes never
    write into one run. Every file but the traces is written atomically; a trace only ever grows.
    """

    def __init__(self, path: Path, metadata: RunMetadata, *, lock: int | None) -> None:
        self.path = path
        self._metadata = metadata
        self._lock = lock

    @classmethod
    def create(cls, path: str | Path, metadata: RunMetadata, *, files: Mapping[str, bytes] | None = None) -> RunFolder:
        """Make a new folder with its ``run.json`` and other `files`; folders above are made as needed.

        It appears whole under its name or not at all, so that a process killed in its first moments leaves nothing
        that could be neither resumed nor started again.

        Raises:
            RunFolderError: Something of that name exists already.
            TraceWriteError: The file system refuses.
        """
        path = Path(path)
        if path.exists() or path.is_symlink():
            raise _exists(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unnamed = make_scratch("run", within=path.parent)
        except OSError as error:
            raise TraceWriteError(f"Cannot make the folder {path}: {error.strerror}.") from None
        folder = cls(unnamed, metadata, lock=_take_lock(unnamed))
        try:
            unnamed.chmod(0o777 & ~_umask())
            for name, data in (files or {}).items():
                write_atomically(unnamed / name, data)
            folder._write_metadata()
            _name_exclusively(unnamed, path)
        except BaseException:
            folder.close()
            shutil.rmtree(unnamed, ignore_errors=True)
            raise
        folder.path = path
        return folder

    @classmethod
    def resume(cls, path: str | Path) -> RunFolder:
        """Take over the folder of a run that was cut short.

        Raises:
            RunFolderError: It is no run's folder, another process is writing into it, or ``run.json`` is damaged.
        """
        path = Path(path)
        metadata = _read_metadata(path)
        return cls(path, metadata, lock=_take_lock(path))

    @classmethod
    def read(cls, path: str | Path) -> RunFolder:
        """Open a run's folder for reading, also while another process writes into it.

        Raises:
            RunFolderError: It is no run's folder, or ``run.json`` is damaged.
        """
        path = Path(path)
        return cls(path, _read_metadata(path), lock=None)

    @property
    def metadata(self) -> RunMetadata:
        """What ``run.json`` says."""
        return self._metadata

    def save(self, metadata: RunMetadata) -> None:
        """Write ``run.json`` anew.

        Raises:
            TraceWriteError: The file system refuses; the old file is as it was.
        """
        self._check_writable()
        self._metadata = metadata
        self._write_metadata()

    def update(self, **changes: Any) -> None:
        """Change fields of the metadata, and write ``run.json`` anew."""
        self.save(msgspec.structs.replace(self._metadata, **changes))

    def _write_metadata(self) -> None:
        text = msgspec.json.format(msgspec.json.encode(self._metadata), indent=2)
        write_atomically(self.path / "run.json", text + b"\n")

    def stem(self, arm: str, seed: int | None = None) -> str:
        """Return what the files of an arm and a seed (without one: the run's first) are called after."""
        seeds = self._metadata.seeds
        return file_stem(arm, seeds[0] if seed is None else seed, several_seeds=len(seeds) > 1)

    def trace_path(self, theorem: str, *, arm: str = "wild_type", seed: int | None = None) -> Path:
        """Return the path of a trace."""
        return self._file(theorem, f"{self.stem(arm, seed)}_mcts_trace.jsonl")

    def tree_path(self, theorem: str, *, arm: str = "wild_type", seed: int | None = None) -> Path:
        """Return the path of a tree."""
        return self._file(theorem, f"{self.stem(arm, seed)}_mcts_tree.json")

    def proof_path(self, theorem: str, *, arm: str = "wild_type", seed: int | None = None) -> Path:
        """Return the path of a proof."""
        return self._file(theorem, f"{self.stem(arm, seed)}_proof.lean")

    def _file(self, theorem: str, name: str) -> Path:
        return self.path / folder_name(theorem) / name

    def make_theorem_folder(self, theorem: str) -> Path:
        """Make the folder of a theorem, if it is not there yet, and return its path. A trace needs it.

        Raises:
            TraceWriteError: The file system refuses.
        """
        self._check_writable()
        folder = self.path / folder_name(theorem)
        try:
            if folder.is_symlink():
                raise RunFolderError(f"{folder} is a link, not a folder of this run; put the folder back in its place.")
            if not folder.is_dir():
                folder.mkdir()
                sync_folder(self.path)
        except OSError as error:
            raise TraceWriteError(f"Cannot make the folder {folder}: {error.strerror}.") from None
        return folder

    def write_file(self, theorem: str, name: str, data: bytes) -> Path:
        """Write a file into a theorem's folder, atomically; return its path. Raises as :func:`write_atomically`."""
        path = self.make_theorem_folder(theorem) / name
        write_atomically(path, data)
        return path

    def _check_writable(self) -> None:
        if self._lock is None:
            raise RunFolderError(f"{self.path} was opened for reading, or is closed; nothing can be written into it.")

    def close(self) -> None:
        """Let go of the lock. Idempotent."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        """Return the folder, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the lock."""
        self.close()


def _exists(path: Path) -> RunFolderError:
    return RunFolderError(f"{path} exists already; choose another folder, or continue it with --resume.")


def is_being_written(path: str | Path) -> bool:
    """Say whether a process on this machine holds a run's folder, that is: whether the run is really under way.

    Raises:
        RunFolderError: The folder cannot be opened.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise RunFolderError(f"Cannot open {path}: {error.strerror}.") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without locks: nobody holds one
    finally:
        os.close(fd)
    return False


_QUESTIONS = 5
_QUESTION_S = 0.02
"""A lock that is held may be the question of :func:`is_being_written`, which lasts for microseconds."""


def _take_lock(path: Path) -> int:
    # On the folder itself: no lock file that a crash leaves behind, and the kernel lets go when the process dies.
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for attempt in range(_QUESTIONS):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            if attempt + 1 < _QUESTIONS:
                time.sleep(_QUESTION_S)
        except OSError as error:
            os.close(fd)
            raise RunFolderError(f"Cannot lock {path}: {error.strerror}.") from None
    os.close(fd)
    raise RunFolderError(f"Another process is writing into {path}; wait for it to end, or stop it.")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _name_exclusively(unnamed: Path, path: Path) -> None:
    """Give a folder its name, unless something has taken it meanwhile."""
    try:
        unnamed.rename(path)  # onto a folder with something in it, or onto a file, the kernel refuses
        sync_folder(path.parent)
    except OSError as error:
        if path.exists():
            raise _exists(path) from None
        raise TraceWriteError(f"Cannot make the folder {path}: {error.strerror}.") from None


class _Head(msgspec.Struct):
    format: int = 1


def _read_metadata(path: Path) -> RunMetadata:
    file = path / "run.json"
    try:
        data = file.read_bytes()
        version = msgspec.json.decode(data, type=_Head).format
        if version == 1:
            return upgrade(msgspec.json.decode(data, type=RunMetadata1))
        if version > 2:
            raise RunFolderError(f"{file} has format {version}, of a newer Cellview: read it with that version.")
        return msgspec.json.decode(data, type=RunMetadata)
    except FileNotFoundError:
        raise RunFolderError(f"{path} is not the folder of a run: it has no run.json.") from None
    except OSError as error:
        raise RunFolderError(f"Cannot read {file}: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunFolderError(f"{file} does not describe a run: {error}.") from None
