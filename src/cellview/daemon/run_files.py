"""The files of run folders as the front reads them: by names that the store gives, and through no link.

A data folder may have come from elsewhere: a link in it could lead to any file of the machine. So each part of a path
is opened in the folder above it, and none may be a link; there is no moment between a check and an opening.
"""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Literal, TypeAlias

import msgspec

from cellview.daemon.errors import ConflictError, DamagedError, NoFileError
from cellview.daemon.records import ExperimentStatus, SearchStatus
from cellview.trace import RunFolder, RunFolderError, RunMetadata, RunNotes, change_notes
from cellview.trace.notes import NOTES_NAME

__all__ = ["FileKind", "RunFiles", "open_below"]

FileKind: TypeAlias = Literal["trace", "tree", "proof"]

_KEPT: Final = 16
"""Read ``run.json`` files that are kept; one of 100,000 searches takes a second to read."""

_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_below(folder: Path, relative: PurePosixPath) -> BinaryIO:
    """Open a regular file below a folder for reading; the folder itself is trusted, nothing below it is.

    Raises:
        NoFileError: It is not there, no file, or a part of its path is a link.
    """
    parts = relative.parts
    if not parts or relative.is_absolute() or ".." in parts:
        raise NoFileError("There is no such file.")
    try:
        place = os.open(folder, _FLAGS & ~os.O_NOFOLLOW | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                inner = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=place)
                os.close(place)
                place = inner
            # A FIFO would block until somebody writes into it.
            file = os.open(parts[-1], _FLAGS | os.O_NONBLOCK, dir_fd=place)
        finally:
            os.close(place)
    except OSError as error:
        raise NoFileError("There is no such file yet, or none was written.") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise NoFileError("There is no such file: what has its name is none.")
    return open(file, "rb")  # noqa: PTH123  # it has a descriptor, not a path


class RunFiles:
    """Reads run folders, also while a worker writes into them. Everything here blocks; call it in a thread.

    Args:
        runs: The folder of run folders.
    """

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._metadata: OrderedDict[str, tuple[tuple[int, int], RunMetadata]] = OrderedDict()

    def metadata(self, experiment: ExperimentStatus) -> RunMetadata:
        """Return what ``run.json`` says.

        Raises:
            NoFileError: The experiment was not begun yet, or its folder is gone.
            DamagedError: The file does not describe a run.
        """
        with self.open(experiment, "run.json") as file:
            about = os.fstat(file.fileno())
            mark = (about.st_ino, about.st_mtime_ns)  # it is replaced, never written into
            known = self._metadata.get(experiment.folder)
            if known is not None and known[0] == mark:
                return known[1]
            try:
                metadata = msgspec.json.decode(file.read(), type=RunMetadata)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DamagedError(
                    f"run.json of experiment {experiment.id} does not describe a run: {error}."
                ) from error
        self._metadata[experiment.folder] = (mark, metadata)
        while len(self._metadata) > _KEPT:
            self._metadata.popitem(last=False)
        return metadata

    def mark(self, experiment: ExperimentStatus) -> str:
        """Return a text that is another one whenever ``run.json`` is.

        Raises:
            NoFileError: The experiment was not begun yet, or its folder is gone.
        """
        with self.open(experiment, "run.json") as file:
            about = os.fstat(file.fileno())
        return f"{about.st_ino} {about.st_mtime_ns}"

    def notes(self, experiment: ExperimentStatus) -> RunNotes:
        """Return what was written on a run; nothing, where nobody has, or where there is no folder yet.

        Raises:
            DamagedError: The file holds no notes.
        """
        try:
            with self.open(experiment, NOTES_NAME) as file:
                data = file.read()
            return msgspec.json.decode(data, type=RunNotes) if data else RunNotes()
        except NoFileError:
            return RunNotes()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DamagedError(f"{NOTES_NAME} of experiment {experiment.id} holds no notes: {error}.") from error

    def change_notes(
        self, experiment: ExperimentStatus, *, tags: Collection[str] | None, note: str | None, at: str
    ) -> RunNotes:
        """Write on a run: other tags instead of those that it has, and one more note; ``None``: not that.

        Raises:
            ConflictError: It was not begun, so there is no folder to write into.
            DamagedError: What is there already holds no notes.
        """

        def change(before: RunNotes) -> RunNotes:
            after = before if tags is None else before.tagged(add=tags, remove={*before.tags} - {*tags})
            return after if note is None else after.with_note(note, at=at)

        folder = self._runs / experiment.folder
        try:
            self.open(experiment, "run.json").close()
        except NoFileError as error:
            raise ConflictError(
                f"Experiment {experiment.id} was not begun, so there is no run folder to write tags and notes into."
            ) from error
        if (folder / NOTES_NAME).is_symlink():
            raise DamagedError(f"{NOTES_NAME} of experiment {experiment.id} is a link: take it away by hand.")
        try:
            return change_notes(folder, change)
        except RunFolderError as error:
            raise DamagedError(str(error)) from error

    def open(self, experiment: ExperimentStatus, relative: str | PurePosixPath) -> BinaryIO:
        """Open a file of a run folder.

        Raises:
            NoFileError: There is none, or it is a link.
        """
        return open_below(self._runs, PurePosixPath(experiment.folder) / relative)

    def open_search(self, experiment: ExperimentStatus, search: SearchStatus, kind: FileKind) -> BinaryIO:
        """Open a file of a search.

        Raises:
            NoFileError: There is none yet, or none was written.
        """
        return self.open(experiment, self.path_of(experiment, search, kind))

    def path_of(self, experiment: ExperimentStatus, search: SearchStatus, kind: FileKind) -> PurePosixPath:
        """Return where in the run folder a file of a search is. Its name is made from the store's row."""
        folder = RunFolder(Path(), self.metadata(experiment), lock=None)
        path_of = {"trace": folder.trace_path, "tree": folder.tree_path, "proof": folder.proof_path}[kind]
        return PurePosixPath(path_of(search.theorem, arm=search.arm, seed=search.seed))
