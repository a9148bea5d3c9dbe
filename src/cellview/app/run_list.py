"""The runs in folders, as data: what each was, how far it is, what it solved, and what people wrote on it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from cellview.app.errors import InputFileError
from cellview.app.report import NOT_SEARCHED
from cellview.trace import (
    Note,
    RunFolder,
    RunFolderError,
    RunMetadata,
    RunNotes,
    SearchEntry,
    describe_host,
    is_being_written,
    read_notes,
)

__all__ = ["ArmLine", "RunLine", "line_of", "lines_of", "run_folders"]


class ArmLine(msgspec.Struct, frozen=True, kw_only=True):
    """One arm of a run: of `searches` for theorems that the corpus does not mark as false, `solved` found a proof.

    What was not searched at all is counted apart.
    """

    arm: str
    searches: int
    solved: int
    not_searched: int


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `status` is that of ``run.json``, or ``cut short``: it says running, and no process holds it.

    `problem` says why a folder could not be read; the rest is then empty.
    """

    run: str
    name: str = ""
    status: str
    created: str = ""
    finished: str | None = None
    theorems: int = 0
    seeds: tuple[int, ...] = ()
    searches: int = 0
    """Searches that the experiment has."""
    done: int = 0
    """Those of them that have a result."""
    arms: tuple[ArmLine, ...] = ()
    reproducible: bool = True
    preregistration: str | None = None
    digest: str = ""
    """The experiment's."""
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    problem: str | None = None


def run_folders(places: Iterable[Path]) -> Iterator[Path]:
    """Yield the runs that `places` are or hold, however deep, each once; nothing is looked for inside a run.

    Raises:
        InputFileError: A place is no folder.
    """
    seen: set[Path] = set()
    for place in places:
        if not place.is_dir():
            what = "is no folder" if place.exists() else "does not exist"
            raise InputFileError(f"{place} {what}: name the folder of a run, or one that holds runs.")
        for found in _below(place):
            if (real := found.resolve()) not in seen:
                seen.add(real)
                yield found


def _below(place: Path) -> Iterator[Path]:
    for folder, inside, files in os.walk(place):
        if "run.json" in files:
            inside.clear()
            yield Path(folder)
        else:
            inside[:] = sorted(name for name in inside if not name.startswith("."))


def lines_of(places: Iterable[Path], *, tags: Iterable[str] = ()) -> list[RunLine]:
    """Return the runs of `places` that bear one of `tags` (without any: all), the oldest first."""
    wanted = set(tags)
    lines = [line_of(path) for path in run_folders(places)]
    chosen = [line for line in lines if not wanted or wanted & {*line.tags}]
    return sorted(chosen, key=lambda line: (line.created, line.run))


def line_of(path: Path) -> RunLine:
    """Return what is to be said of one run. One that cannot be read says so, and stops no list of others."""
    try:
        metadata, notes = RunFolder.read(path).metadata, read_notes(path)
        return _line(path, metadata, notes, status=_status(path, metadata))
    except RunFolderError as error:
        return RunLine(run=str(path), status="damaged", problem=str(error))


def _status(path: Path, metadata: RunMetadata) -> str:
    under_way = metadata.status in ("created", "running")
    if under_way and metadata.host.name == describe_host().name and not is_being_written(path):
        return "cut short"
    return metadata.status


def _line(path: Path, metadata: RunMetadata, notes: RunNotes, *, status: str) -> RunLine:
    arms = _arm_names(metadata)
    theorems = 0 if metadata.corpus is None else metadata.corpus.theorems
    return RunLine(
        run=str(path),
        name=metadata.experiment.name,
        status=status,
        created=metadata.created,
        finished=metadata.finished,
        theorems=theorems,
        seeds=metadata.seeds,
        searches=theorems * len(arms) * len(metadata.seeds),
        done=len(metadata.results),
        arms=tuple(_arm_line(arm, [entry for entry in metadata.results if entry.arm == arm]) for arm in arms),
        reproducible=metadata.reproducible,
        preregistration=metadata.experiment.plan_digest,
        digest=metadata.experiment.digest,
        tags=notes.tags,
        notes=notes.notes,
    )


def _arm_names(metadata: RunMetadata) -> list[str]:
    stored: list[dict[str, Any]] = metadata.config.get("arms") or []
    named = [str(arm.get("name")) for arm in stored]
    return list(dict.fromkeys([*named, *(entry.arm for entry in metadata.results)]))


def _arm_line(arm: str, entries: list[SearchEntry]) -> ArmLine:
    searched = [entry for entry in entries if entry.stop_reason not in NOT_SEARCHED]
    theorems = [entry for entry in searched if entry.provable is not False]
    return ArmLine(
        arm=arm,
        searches=len(theorems),
        solved=sum(entry.solved for entry in theorems),
        not_searched=len(entries) - len(searched),
    )
