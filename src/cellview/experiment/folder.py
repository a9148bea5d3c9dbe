"""The run folder of an experiment: how it begins, what enters it, and when it may go on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from cellview.experiment.corpus import Corpus, load_corpus, parse_corpus
from cellview.experiment.errors import DamagedRunError, ProverFailedError, ProviderFailedError, ResumeError
from cellview.experiment.experiment import Experiment
from cellview.experiment.outcome import Outcome, dead_provider, entry_of, proof_tactics, verdict_on
from cellview.experiment.perform import Files
from cellview.experiment.plan import Point, PointKey, points_of
from cellview.experiment.provers import backend_info
from cellview.experiment.providers import ModelAccess
from cellview.prover.lean import Toolchain
from cellview.schedule import SCHEDULE_VERSION
from cellview.trace import (
    CorpusInfo,
    ExperimentInfo,
    RunFolder,
    RunMetadata,
    RunStatus,
    SearchEntry,
    Versions,
    describe_git,
    describe_host,
)
from cellview.tree import Tree, TreeFormatError

__all__ = ["CORPUS_COPY", "ExperimentFolder", "experiment_of_folder", "utc_now"]

CORPUS_COPY = "corpus.toml"
"""The corpus in a run's folder, as it was read: a resumed run needs it, and the file it came from may have changed."""

_SAVE_EVERY_S = 1.0
"""Between two rewrites of ``run.json``. What was finished meanwhile is in the traces, from which a resume takes it."""


class ExperimentFolder:
    """A run folder in its experiment's hands. All drivers put their results in here, and nowhere else.

    Made by :meth:`create` or :meth:`resume`; holds the folder's lock until :meth:`close`.
    """

    def __init__(self, folder: RunFolder, experiment: Experiment) -> None:
        self.folder = folder
        self.experiment = experiment
        self._order = {point.key: number for number, point in enumerate(points_of(experiment))}
        self._provable = {theorem.id: theorem.provable for theorem in experiment.corpus.theorems}
        self._entries: dict[PointKey, SearchEntry] = {entry.key: entry for entry in folder.metadata.results}
        self._seconds: dict[str, float] = dict(folder.metadata.seconds)
        self._broken: set[PointKey] = set()
        self._use: dict[str, float] = dict(folder.metadata.provider_use)
        self._provider_errors = 0
        self._dead_provider: str | None = None
        self._saved_at = time.monotonic()

    @classmethod
    def create(
        cls,
        path: str | Path,
        experiment: Experiment,
        *,
        corpus: bytes,
        versions: Versions,
        driver: dict[str, Any],
        access: ModelAccess | None = None,
        toolchain: Toolchain | None = None,
        command: Sequence[str] = (),
        options: dict[str, Any] | None = None,
        plan_digest: str | None = None,
    ) -> ExperimentFolder:
        """Make a new folder for an experiment.

        Args:
            path: The folder; it must not exist.
            experiment: What is going to be run.
            corpus: The bytes of the corpus file, kept in the folder.
            versions: Of Cellview, Python and Lean.
            driver: What carries the searches, for people; without passwords.
            access: How model servers are reached, for a resume.
            toolchain: The Lean that was found, if one takes part.
            command: The command line.
            options: What was asked for, as the user names it; ``None``: not known.
            plan_digest: SHA-256 of the experiment's file, if there was one.

        Raises:
            RunFolderError: Something of that name exists already.
            TraceWriteError: The file system refuses.
        """
        setup = experiment.setup
        kept = access is not None and access.cache is not None
        reproducible, why = verdict_on(experiment, (), answers_kept=kept)
        metadata = RunMetadata(
            created=utc_now(),
            experiment=ExperimentInfo(name=experiment.name, digest=experiment.digest, plan_digest=plan_digest),
            config=experiment.as_data(),
            schedule_version=SCHEDULE_VERSION,
            backend=backend_info(setup.prover, setup.provider, toolchain),
            seeds=experiment.seeds,
            corpus=CorpusInfo(
                source=experiment.corpus.source,
                digest=hashlib.sha256(corpus).hexdigest(),
                theorems=len(experiment.corpus.theorems),
            ),
            versions=versions,
            host=describe_host(),
            git=describe_git(),
            command=tuple(command),
            options=options,
            driver=driver,
            access={} if access is None else msgspec.to_builtins(access),
            trace=experiment.trace,
            reproducible=reproducible,
            not_reproducible_because=why,
        )
        return cls(RunFolder.create(path, metadata, files={CORPUS_COPY: corpus}), experiment)

    @classmethod
    def resume(
        cls,
        path: str | Path,
        *,
        versions: Versions,
        driver: dict[str, Any] | None = None,
        access: ModelAccess | None = None,
    ) -> ExperimentFolder:
        """Take over the folder of a run that was cut short, after checking that its results would fit together.

        Searches that a dead provider has spoilt lose their results and begin anew.

        Raises:
            RunFolderError: It is no run's folder, or another process is writing into it.
            ResumeError: Corpus, versions, schedule or order of commits forbid it; the text says which.
        """
        folder = RunFolder.resume(path)
        try:
            experiment = _continued(folder, versions, "resumed")
            changes: dict[str, Any] = {} if driver is None else {"driver": driver}
            if access is not None:
                changes["access"] = msgspec.to_builtins(access)
            changes["results"] = _without_spoilt(folder)
            folder.update(resumed=folder.metadata.resumed + 1, finished=None, error=None, **changes)
        except BaseException:
            folder.close()
            raise
        return cls(folder, experiment)

    @classmethod
    def reopen(cls, path: str | Path, *, versions: Versions) -> ExperimentFolder:
        """Take over the folder of a finished run, so that it can be given more; nothing in it is changed yet.

        Raises:
            RunFolderError: It is no run's folder, or another process is writing into it.
            ResumeError: The run is not finished, or results would not fit together; the text says why.
        """
        folder = RunFolder.resume(path)
        try:
            experiment = _continued(folder, versions, "extended")
            if folder.metadata.status != "finished":
                raise ResumeError(
                    f"{path} cannot be extended: it is not finished ({folder.metadata.status}). Go on with it first: "
                    f"cellview run --resume {path}."
                )
        except BaseException:
            folder.close()
            raise
        return cls(folder, experiment)

    @property
    def path(self) -> Path:
        """The folder."""
        return self.folder.path

    @property
    def results(self) -> Mapping[PointKey, SearchEntry]:
        """All results so far, in no order."""
        return self._entries

    def files_of(self, point: Point) -> Files:
        """Return where a point's files go; the theorem's folder is made."""
        home = self.folder.make_theorem_folder(point.theorem.id)
        return Files(home, self.folder.stem(point.arm.name, point.seed), self.experiment.trace)

    def entry_of(self, point: Point) -> SearchEntry | None:
        """Return the result of a point, if it has one already."""
        return self._entries.get(point.key)

    def seconds_of(self, entry: SearchEntry) -> float:
        """Return how long a search took, in seconds of wall-clock time; 0 when it was not run."""
        return self._seconds.get(self._name(entry.theorem, entry.arm, entry.seed), 0.0)

    def source_of(self, entry: SearchEntry) -> str | None:
        """Return the verified Lean source of a solved search."""
        if not entry.solved:
            return None
        return self.folder.proof_path(entry.theorem, arm=entry.arm, seed=entry.seed).read_text(encoding="utf-8")

    def solution_of(self, point: Point) -> tuple[str, ...] | None:
        """Return the tactics of the proof that a point of an earlier run has found, from the tree that it left.

        Raises:
            DamagedRunError: The tree is not there, or is none.
        """
        entry = self.entry_of(point)
        if entry is None or not entry.solved:
            return None
        path = self.folder.tree_path(point.theorem.id, arm=point.arm.name, seed=point.seed)
        try:
            return proof_tactics(Tree.from_json(msgspec.json.decode(path.read_bytes())))
        except (OSError, ValueError, TreeFormatError) as error:
            raise DamagedRunError(
                f"{path} does not hold the tree of a proof that run.json speaks of: {error}"
            ) from None

    def keep(self, outcome: Outcome, *, seconds: float, use: Mapping[str, float] | None = None) -> SearchEntry:
        """Enter a result; its files are in the folder already. `use` is what asking models came to."""
        stem = self.folder.stem(outcome.arm, outcome.seed)
        entry = entry_of(outcome, provable=self._provable[outcome.theorem], files=stem)
        self._entries[outcome.key] = entry
        if outcome.searched:
            self._seconds[self._name(*outcome.key)] = round(seconds, 3)
        if outcome.broken_iterations and outcome.broken_iterations == outcome.iterations:
            self._broken.add(outcome.key)
        for name, value in (use or {}).items():
            self._use[name] = round(self._use.get(name, 0) + value, 3)
        row, why = dead_provider(self._provider_errors, outcome, self.experiment.setup)
        self._provider_errors, self._dead_provider = row, self._dead_provider or why
        if time.monotonic() - self._saved_at >= _SAVE_EVERY_S:
            self.save()
        return entry

    @property
    def use(self) -> Mapping[str, float]:
        """What asking models came to so far."""
        return self._use

    @property
    def dead_provider(self) -> str | None:
        """Why the run must end because its provider of tactics is dead; ``None``: it lives."""
        return self._dead_provider

    def require_a_provider(self) -> None:
        """Refuse to go on with a provider that is dead.

        Raises:
            ProviderFailedError: It is.
        """
        if self._dead_provider is not None:
            raise ProviderFailedError(self._dead_provider)

    def begin(self) -> None:
        """Say that searches are under way."""
        self.folder.update(status="running")

    def save(self, status: RunStatus | None = None, *, error: str | None = None) -> None:
        """Write ``run.json`` with all results so far; a `status` other than running says that the run has ended."""
        entries = self.entries()
        kept = self.folder.metadata.access.get("cache") is not None
        reproducible, why = verdict_on(self.experiment, entries, answers_kept=kept)
        changes: dict[str, Any] = {} if status is None else {"status": status, "finished": utc_now(), "error": error}
        seconds = {self._name(*entry.key): self.seconds_of(entry) for entry in entries if entry.files}
        self.folder.update(
            results=entries,
            seconds=seconds,
            provider_use=self._use,
            reproducible=reproducible,
            not_reproducible_because=why,
            **changes,
        )
        self._saved_at = time.monotonic()

    def entries(self) -> tuple[SearchEntry, ...]:
        """Return all results so far, in the order of the plan: which was done first is nobody's business."""
        return tuple(self._entries[key] for key in sorted(self._entries, key=self._order.__getitem__))

    def require_a_result(self) -> None:
        """Refuse a run whose provider is dead, or whose prover broke down in every iteration of every search.

        Raises:
            ProviderFailedError: The provider of tactics is dead.
            ProverFailedError: There is no search that the prover took part in.
        """
        self.require_a_provider()
        searched = {entry.key for entry in self._entries.values() if entry.iterations}
        lost = {entry.key for entry in self._entries.values() if entry.stop_reason == "set_aside"}
        if searched | lost and searched <= self._broken:
            raise ProverFailedError(
                f"The prover broke down in every search; {self.path} holds no result. See its log, and cellview doctor."
            )

    def _name(self, theorem: str, arm: str, seed: int) -> str:
        return f"{theorem}/{self.folder.stem(arm, seed)}"

    def close(self) -> None:
        """Let go of the folder. Idempotent."""
        self.folder.close()

    def __enter__(self) -> Self:
        """Return the folder, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the folder."""
        self.close()


def experiment_of_folder(folder: RunFolder) -> Experiment:
    """Return the experiment that a run's folder belongs to, its theorems included.

    Raises:
        ResumeError: The folder was written by an older version, or its corpus was changed.
        CorpusError: The corpus in it cannot be used.
    """
    if folder.metadata.schedule_version != SCHEDULE_VERSION:
        raise ResumeError(
            f"{folder.path} was run with version {folder.metadata.schedule_version} of the schedule, which is now "
            f"{SCHEDULE_VERSION}: its traces can be read, but neither resumed nor replayed by this version."
        )
    experiment = Experiment.of_data(folder.metadata.config, _corpus_of(folder))
    if experiment.digest != folder.metadata.experiment.digest:
        raise ResumeError(
            f"{folder.path / 'run.json'} describes another experiment than the one that was started (its digest is "
            "another): it was edited, and nothing in the folder would fit."
        )
    return experiment


def _without_spoilt(folder: RunFolder) -> tuple[SearchEntry, ...]:
    """Return the results without those that a dead provider has ended; their files go, so that they begin anew."""
    kept: list[SearchEntry] = []
    for entry in folder.metadata.results:
        if entry.stop_reason != "provider_error":
            kept.append(entry)
            continue
        for path in (folder.trace_path, folder.tree_path):
            path(entry.theorem, arm=entry.arm, seed=entry.seed).unlink(missing_ok=True)
    return tuple(kept)


def _corpus_of(folder: RunFolder) -> Corpus:
    path = folder.path / CORPUS_COPY
    known = folder.metadata.corpus
    try:
        data = path.read_bytes()
    except OSError:
        return load_corpus(path)  # which says what is wrong with it
    if known is None or hashlib.sha256(data).hexdigest() != known.digest:
        raise ResumeError(f"{path} is not the corpus that this run was started with; put that back.")
    return parse_corpus(data.decode(), source=known.source)


def _continued(folder: RunFolder, versions: Versions, what: str) -> Experiment:
    experiment = experiment_of_folder(folder)
    _check_versions(folder, versions)
    if not experiment.reproducible:
        raise ResumeError(f"{folder.path} cannot be {what}: the trace of --mcts-commit arrival cannot be replayed.")
    return experiment


def _check_versions(folder: RunFolder, now: Versions) -> None:
    then = folder.metadata.versions
    if (then.cellview, then.lean) != (now.cellview, now.lean):
        raise ResumeError(
            f"{folder.path} was run with Cellview {then.cellview} and Lean {then.lean}, which are now {now.cellview} "
            f"and {now.lean}: results would not fit together."
        )


def utc_now() -> str:
    """Return the time as it stands in ``run.json``."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
