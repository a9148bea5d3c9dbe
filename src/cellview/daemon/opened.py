"""An experiment that is under way: its run folder, and what its results mean for the points that wait.

Everything here blocks (it writes and syncs files), so it is called in a thread; one call at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cellview.daemon.steps import Steps, unobserved
from cellview.daemon.store import PointResult
from cellview.daemon.wire import Perform
from cellview.experiment import (
    Experiment,
    ExperimentError,
    ExperimentFolder,
    ModelAccess,
    Outcome,
    Point,
    PointKey,
    points_of,
)
from cellview.experiment.errors import ResumeError
from cellview.experiment.outcome import set_aside, without_wild_type
from cellview.prover.lean import Toolchain
from cellview.trace import RunStatus, SearchEntry, Versions

__all__ = ["OpenedExperiment", "result_of"]

_DRIVER: Final = {"executor": "here", "daemon": True}
"""In ``run.json``: so that ``cellview run --resume`` can go on with a folder that was taken from a daemon."""


class OpenedExperiment:
    """A run folder in the daemon's hands, made by :meth:`open`; it holds the folder's lock until :meth:`close`."""

    def __init__(
        self, folder: ExperimentFolder, access: ModelAccess | None = None, *, steps: Steps = unobserved
    ) -> None:
        self._folder = folder
        self._access = access or ModelAccess()
        self._steps = steps
        self._points = list(points_of(folder.experiment))
        self._numbers: dict[PointKey, int] = {point.key: number for number, point in enumerate(self._points)}
        self._settle()

    @classmethod
    def open(
        cls,
        path: Path,
        experiment: Experiment,
        *,
        corpus: str,
        versions: Versions,
        toolchain: Toolchain | None,
        plan_digest: str | None = None,
        access: ModelAccess | None = None,
        steps: Steps = unobserved,
    ) -> OpenedExperiment:
        """Make the folder, or go on with the one that is there: a daemon may die between making it and saying so.

        Raises:
            RunFolderError: Another process is writing into it, or it is damaged.
            ResumeError: Its results would not fit together with new ones, or it is another experiment's.
            TraceWriteError: The file system refuses.
        """
        steps("folder:before")
        if path.exists():
            folder = ExperimentFolder.resume(path, versions=versions, driver=_DRIVER, access=access)
        else:
            folder = ExperimentFolder.create(
                path,
                experiment,
                corpus=corpus.encode(),
                versions=versions,
                driver=_DRIVER,
                access=access,
                toolchain=toolchain,
                plan_digest=plan_digest,
            )
        steps("folder:made")
        try:
            if folder.experiment.digest != experiment.digest:
                raise ResumeError(
                    f"{path} is the folder of another experiment: an older copy of the database was put back, which "
                    "does not know of it. Move the folder away, and submit this again."
                )
            folder.begin()
            steps("folder:begun")
            return cls(folder, access, steps=steps)
        except BaseException:
            folder.close()
            raise

    @property
    def results(self) -> dict[int, PointResult]:
        """The results in the folder, by the points' numbers."""
        found = {self._numbers[entry.key]: entry for entry in self._folder.entries()}
        return {number: result_of(number, entry) for number, entry in found.items()}

    @property
    def waiting(self) -> set[int]:
        """Points that wait for another's result."""
        return {
            number
            for number, point in enumerate(self._points)
            if point.waits_for is not None
            and self._folder.entry_of(point) is None
            and self._folder.entry_of(self._wild_of(point)) is None
        }

    @property
    def complete(self) -> bool:
        """Whether every point has its result, or a dead provider leaves none to be had."""
        return self._folder.dead_provider is not None or len(self._folder.entries()) == len(self._points)

    def command(self, number: int) -> Perform:
        """Return what a worker is told."""
        point = self._points[number]
        if point.waits_for is not None:
            solution = self._folder.solution_of(self._wild_of(point))
            assert solution is not None, "it is let go when the wild type is solved"
            point = point.with_solution(solution)
        self._steps("command:before")
        files = self._folder.files_of(point)
        self._steps("command:after")
        setup, home = self._folder.experiment.setup, str(files.folder.absolute())
        return Perform(setup, point, home, files.stem, files.trace, self._access)

    def keep(
        self, outcome: Outcome, *, seconds: float, use: Mapping[str, float] | None = None
    ) -> tuple[list[PointResult], list[int]]:
        """Enter a result on the disk; return it with those that it decides, and the points that wait no longer."""
        self._steps("keep:before")
        entry = self._folder.keep(outcome, seconds=seconds, use=use)
        self._steps("keep:entered")
        results = [result_of(self._numbers[outcome.key], entry)]
        released: list[int] = []
        for waiting in self._dependents(outcome.key):
            if outcome.solved:
                released.append(self._numbers[waiting.key])
            else:
                results.append(self._skip(waiting, outcome))
        self._folder.save()
        self._steps("keep:after")
        return results, released

    def save(self) -> None:
        """Write ``run.json`` again, with everything that was entered."""
        self._folder.save()

    def set_aside(self, number: int, why: str) -> tuple[list[PointResult], list[int]]:
        """Give a point up; as :meth:`keep`."""
        return self.keep(set_aside(self._points[number], self._folder.experiment.setup, why), seconds=0.0)

    def close(self, status: RunStatus, *, error: str | None = None) -> None:
        """Say in ``run.json`` how it ended, and let go of the folder, also when the disk refuses the former.

        Raises:
            ProverFailedError: It is to be finished, and the prover broke down in every search.
            ProviderFailedError: Its provider of tactics is dead.
        """
        try:
            self._steps("close:before")
            try:
                if status == "finished":
                    self._folder.require_a_result()
            except ExperimentError as failure:
                self._folder.save("failed", error=str(failure))
                raise
            self._folder.save(status, error=error)
            self._steps("close:saved")
        finally:
            self._folder.close()
        self._steps("close:after")

    def _settle(self) -> None:
        """Decide what a killed process left undecided: points whose wild type came to nothing."""
        for point in self._points:
            if point.waits_for is not None and self._folder.entry_of(point) is None:
                wild = self._folder.entry_of(self._wild_of(point))
                if wild is not None and not wild.solved:
                    self._skip(point, _outcome(wild))

    def _skip(self, point: Point, wild: Outcome) -> PointResult:
        outcome = without_wild_type(point, self._folder.experiment.setup, wild)
        return result_of(self._numbers[point.key], self._folder.keep(outcome, seconds=0.0))

    def _dependents(self, key: PointKey) -> list[Point]:
        return [p for p in self._points if p.waits_for == key and self._folder.entry_of(p) is None]

    def _wild_of(self, point: Point) -> Point:
        assert point.waits_for is not None
        return self._points[self._numbers[point.waits_for]]


def result_of(number: int, entry: SearchEntry) -> PointResult:
    """Return what the store keeps of an entry."""
    reason = entry.message or "; ".join(entry.not_reproducible_because) or None
    return PointResult(number=number, stop_reason=entry.stop_reason, solved=entry.solved, reason=reason)


def _outcome(entry: SearchEntry) -> Outcome:
    return Outcome(
        theorem=entry.theorem,
        arm=entry.arm,
        seed=entry.seed,
        solved=entry.solved,
        stop_reason=entry.stop_reason,
        message=entry.message,
    )
