"""What a run is to do: made of options, or read back from the folder of a run that was cut short."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec

from cellview.app.errors import RunError
from cellview.app.interventions import arms_of
from cellview.app.options import RunOptions
from cellview.app.search_config import search_config
from cellview.schedule import SCHEDULE_VERSION, TacticIntervention
from cellview.search import SearchConfig
from cellview.search.corpus import Corpus, load_corpus
from cellview.settings import Document
from cellview.trace import RunFolder

__all__ = [
    "CORPUS_COPY",
    "MOST_JOBS",
    "RunPlan",
    "config_as_data",
    "config_of_trace",
    "default_jobs",
    "plan_of",
    "plan_of_folder",
    "saved_options",
    "statement_of_trace",
]

CORPUS_COPY = "corpus.toml"
"""The corpus in a run's folder, as it was read: a resumed run needs it, and the file it came from may have changed."""

MOST_JOBS = 8
"""Default limit on theorems side by side: every one has a Lean process of some 150 MB."""


class RunPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run does.

    Args:
        corpus: The theorems.
        arms: The tactic interventions; the wild type first, if it is among them.
        config: The search; its intervention is put in for each arm.
        trace: Whether traces are written. Digests are made either way.
        jobs: Theorems side by side, at least 1.
    """

    corpus: Corpus
    arms: tuple[TacticIntervention, ...]
    config: SearchConfig
    trace: bool
    jobs: int

    @property
    def searches(self) -> int:
        """Number of searches: theorems × arms."""
        return len(self.corpus.theorems) * len(self.arms)


def default_jobs() -> int:
    """Return the number of cores that this process may use, at most :data:`MOST_JOBS`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_JOBS)


def plan_of(options: RunOptions, corpus: Corpus) -> RunPlan:
    """Return the plan that options mean.

    Raises:
        SettingsError, ConfigError, ScheduleError, TreeConfigError: An option is out of range, or does not fit the
            others.
    """
    return RunPlan(
        corpus=corpus,
        arms=arms_of(options.interventions),
        config=search_config(options),
        trace=options.trace_mcts,
        jobs=options.jobs or default_jobs(),
    )


class _Stored(msgspec.Struct):
    """What ``run.json`` keeps of a plan, under ``config``."""

    options: dict[str, Any]
    search: SearchConfig
    arms: tuple[TacticIntervention, ...]
    schedule_version: int = 1
    """Folders of the first version do not say."""


def config_as_data(plan: RunPlan, options: RunOptions) -> dict[str, Any]:
    """Return what ``run.json`` keeps of a plan."""
    stored = _Stored(msgspec.to_builtins(options), plan.config, plan.arms, SCHEDULE_VERSION)
    data: dict[str, Any] = msgspec.to_builtins(stored)
    return data


def _stored(folder: RunFolder) -> _Stored:
    path = folder.path / "run.json"
    try:
        stored = msgspec.convert(folder.metadata.config, _Stored)
    except msgspec.ValidationError as error:
        raise RunError(f"{path} does not say what was run: {error}.") from error
    if stored.schedule_version != SCHEDULE_VERSION:
        raise RunError(
            f"{path} has schedule version {stored.schedule_version}, and this Cellview draws by version "
            f"{SCHEDULE_VERSION}: with the same seed it is another search. Use Cellview "
            f"{folder.metadata.versions.cellview} for it."
        )
    return stored


def saved_options(folder: RunFolder) -> Document:
    """Return the options that a run was started with, in the form of a file of settings."""
    return Document(str(folder.path / "run.json"), {"run": _stored(folder).options})


def plan_of_folder(folder: RunFolder, options: RunOptions) -> RunPlan:
    """Return the plan of a run that was cut short; of `options`, only those count that change no result.

    Raises:
        RunError: The folder does not say, its corpus was changed, or the run cannot be resumed at all.
    """
    stored = _stored(folder)
    if not stored.search.reproducible:
        raise RunError(f"{folder.path} cannot be resumed: the trace of --mcts-commit arrival cannot be replayed.")
    path = folder.path / CORPUS_COPY
    corpus = load_corpus(path)
    known = folder.metadata.corpus
    if known is None or hashlib.sha256(path.read_bytes()).hexdigest() != known.digest:
        raise RunError(f"{path} is not the corpus that this run was started with; put that back.")
    return RunPlan(
        corpus=corpus,
        arms=stored.arms,
        config=stored.search,
        trace=folder.metadata.trace,
        jobs=options.jobs or default_jobs(),
    )


def config_of_trace(trace: Path) -> SearchConfig:
    """Return the configuration that a trace in a run's folder was written with.

    Raises:
        RunFolderError: The trace is not in a run's folder.
        RunError: The folder's ``run.json`` does not say.
    """
    return _stored(RunFolder.read(trace.absolute().parent.parent)).search


def statement_of_trace(trace: Path) -> str:
    """Return the theorem that a trace in a run's folder is about, as the run's copy of the corpus has it.

    Raises:
        RunFolderError: The trace is not in a run's folder.
        RunError, CorpusError: The corpus is not there, or has no such theorem.
    """
    folder = RunFolder.read(trace.absolute().parent.parent)
    path = folder.path / CORPUS_COPY
    for theorem in load_corpus(path).theorems:
        if folder.trace_path(theorem.id).parent == trace.absolute().parent:
            return theorem.statement
    raise RunError(f"{trace}: {path} has no theorem of this name, so the trace cannot be replayed; put it back.")
