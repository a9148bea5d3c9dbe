"""The folder of a run: ``run.json``, and per theorem the traces, trees and proofs of each arm and seed."""

from __future__ import annotations

import os
import shutil
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
from cellview.trace.extension import PENDING_NAME, FileChange, begin_change, encoded, finish_change
from cellview.trace.format_1 import RunMetadata1, upgrade
from cellview.trace.lock import take_lock
from cellview.trace.metadata import RunMetadata, file_stem

__all__ = ["RunFolder", "folder_name"]

_PROOF, _TRACE, _TREE = _ENDINGS = ("_proof.lean", "_mcts_trace.jsonl", "_mcts_tree.json")

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
        folder = cls(unnamed, metadata, lock=take_lock(unnamed))
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
        """Take over the folder of a run that was cut short. An extension that was cut short in its change is finished.

        Raises:
            RunFolderError: It is no run's folder, another process is writing into it, or ``run.json`` is damaged.
            TraceWriteError: The file system refuses.
        """
        path = Path(path)
        metadata = _read_metadata(path)
        folder = cls(path, metadata, lock=take_lock(path))
        try:
            if finish_change(path):
                folder._metadata = _read_metadata(path)
        except BaseException:
            folder.close()
            raise
        return folder

    @classmethod
    def read(cls, path: str | Path) -> RunFolder:
        """Open a run's folder for reading, also while another process writes into it.

        Raises:
            RunFolderError: It is no run's folder, ``run.json`` is damaged, or an extension of it was cut short.
        """
        path = Path(path)
        if (path / PENDING_NAME).exists():
            raise RunFolderError(
                f"{path} is being extended, or that was cut short: wait, or go on with cellview run --resume {path}."
            )
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

    def change_over(self, metadata: RunMetadata, *, files: Mapping[str, bytes], aside: Mapping[str, str]) -> None:
        """Become the folder of a larger run, which has all results of this one; whole, or when it is resumed.

        Args:
            metadata: The larger run's ``run.json``.
            files: Files in the folder itself that are replaced.
            aside: Files in the folder itself that get another name, within it, if they are there.

        Raises:
            TraceWriteError: The file system refuses.
        """
        self._check_writable()
        larger = RunFolder(self.path, metadata, lock=None)
        renames = dict(aside)
        for entry in self._metadata.results:
            home = folder_name(entry.theorem)
            before, after = (run.stem(entry.arm, entry.seed) for run in (self, larger))
            if before != after:
                renames |= {f"{home}/{before}{ending}": f"{home}/{after}{ending}" for ending in _ENDINGS}
        change = FileChange(metadata=metadata, files=dict(files), renames=tuple(renames.items()))
        begin_change(self.path, change)
        self._metadata = metadata

    def _write_metadata(self) -> None:
        write_atomically(self.path / "run.json", encoded(self._metadata))

    def stem(self, arm: str, seed: int | None = None) -> str:
        """Return what the files of an arm and a seed (without one: the run's first) are called after."""
        seeds = self._metadata.seeds
        return file_stem(arm, seeds[0] if seed is None else seed, several_seeds=len(seeds) > 1)

    def trace_path(self, theorem: str, *, arm: str = "wild_type", seed: int | None = None) -> Path:
        """Return the path of a trace."""
        return self._file(theorem, f"{self.stem(arm, seed)}{_TRACE}")

    def tree_path(self, theorem: str, *, arm: str = "wild_type", seed: int | None = None) -> Path:
        """Return the path of a tree."""
        return self._file(theorem, f"{self.stem(arm, seed)}{_TREE}")

    def proof_path(self, theorem: str, *, arm: str = "wild_type", seed: int | None = None) -> Path:
        """Return the path of a proof."""
        return self._file(theorem, f"{self.stem(arm, seed)}{_PROOF}")

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
