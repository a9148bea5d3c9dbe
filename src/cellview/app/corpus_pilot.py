"""Choosing from pilot runs the theorems that can carry a study: those that took long, or were not solved at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cellview.app.errors import InputFileError
from cellview.experiment.corpus import Corpus, CorpusTheorem, load_corpus
from cellview.trace import RunFolder, RunMetadata, SearchEntry

__all__ = [
    "PILOT_SOLVED",
    "PILOT_UNSOLVED",
    "PilotRecord",
    "PilotRun",
    "PilotSearch",
    "PilotTheorem",
    "choose",
    "read_pilot",
]

PILOT_SOLVED = "pilot_solved"
"""Tag of a chosen theorem that the pilot solved, late."""

PILOT_UNSOLVED = "pilot_unsolved"
"""Tag of a chosen theorem that the pilot did not solve."""


class PilotRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the pilot, with everything that its iterations depend on."""

    corpus: str
    corpus_digest: str
    cellview: str
    lean: str | None
    commit: str | None
    dirty: bool | None
    provider: str
    provider_digest: str
    automation: str | None
    heartbeats: int | None
    budget: int
    seed: int


class PilotSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What the pilot made of one theorem."""

    id: str
    corpus: str
    solved: bool
    stop_reason: str
    iterations: int
    digest: str | None
    chosen: bool


class PilotRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the corpus that was chosen, so that anybody can see why."""

    rule: str
    at_least: int
    theorems: int
    chosen: int
    solved: int
    """Of those chosen, how many the pilot solved."""
    runs: tuple[PilotRun, ...]
    searches: tuple[PilotSearch, ...]


class PilotTheorem(msgspec.Struct, frozen=True):
    """A theorem of a pilot with its search."""

    theorem: CorpusTheorem
    corpus: str
    entry: SearchEntry


def read_pilot(folders: Iterable[Path]) -> tuple[list[PilotRun], list[PilotTheorem]]:
    """Read pilot runs, non-theorems left out, in the order of the folders and of their corpora.

    Raises:
        RunFolderError: A folder is no run's.
        InputFileError: A run is not finished, not centralized, has several seeds, or Lean refused a statement.
    """
    runs: list[PilotRun] = []
    theorems: list[PilotTheorem] = []
    for path in folders:
        metadata = RunFolder.read(path).metadata
        runs.append(_run(path, metadata))
        corpus = load_corpus(path / "corpus.toml")
        entries = {entry.theorem: entry for entry in metadata.results if entry.arm == "wild_type"}
        for theorem in corpus.theorems:
            if theorem.provable is False:
                continue
            entry = entries.get(theorem.id)
            if entry is None or entry.stop_reason not in ("solved", "budget", "exhausted"):
                why = "was not searched" if entry is None else f"ended with {entry.stop_reason}"
                raise InputFileError(f"{path}: {theorem.id} {why}; a pilot says something of every theorem.")
            theorems.append(PilotTheorem(theorem, runs[-1].corpus, entry))
    return runs, theorems


def _run(path: Path, metadata: RunMetadata) -> PilotRun:
    search: Mapping[str, Any] = metadata.config.get("setup", {}).get("search", {})
    if metadata.status != "finished":
        raise InputFileError(f"{path} is {metadata.status}: continue it with cellview run --resume, then choose.")
    if search.get("mode", "centralized") != "centralized":
        raise InputFileError(f"{path} is no centralized run: a pilot shows what one searcher needs; leave --mcts-mode.")
    if len(metadata.seeds) != 1:
        raise InputFileError(f"{path} has {len(metadata.seeds)} seeds: a pilot has one, which no study uses again.")
    corpus = metadata.corpus
    return PilotRun(
        corpus="corpus.toml" if corpus is None else Path(corpus.source).name,
        corpus_digest="" if corpus is None else corpus.digest,
        cellview=metadata.versions.cellview,
        lean=metadata.versions.lean,
        commit=None if metadata.git is None else metadata.git.commit,
        dirty=None if metadata.git is None else metadata.git.dirty,
        provider=metadata.backend.provider,
        provider_digest=metadata.backend.provider_digest,
        automation=metadata.backend.automation,
        heartbeats=metadata.backend.heartbeats,
        budget=sum(search.get("budget") or (0,)),
        seed=metadata.seeds[0],
    )


def choose(
    runs: list[PilotRun], theorems: list[PilotTheorem], *, at_least: int, left_out: frozenset[str] = frozenset()
) -> tuple[Corpus, PilotRecord]:
    """Return the theorems that took `at_least` iterations or were not solved, and the record of all.

    Args:
        runs: The pilot's runs.
        theorems: Their theorems.
        at_least: Iterations to the solution that make a theorem worth a study.
        left_out: Names of theorems that say the same as an earlier one.

    Raises:
        InputFileError: No theorem qualifies, or one name stands for two theorems.
    """
    names = [found.theorem.id for found in theorems]
    for name in names:
        if names.count(name) > 1:
            raise InputFileError(f"two theorems of the pilot are called {name}: rename one of them.")
    distinct = [found for found in theorems if found.theorem.id not in left_out]
    chosen = [f for f in distinct if not f.entry.solved or f.entry.iterations >= at_least]
    if not chosen:
        raise InputFileError(
            f"no theorem took {at_least} iterations or was left unsolved: choose a smaller --at-least."
        )
    taken = {found.theorem.id for found in chosen}
    record = PilotRecord(
        rule=f"a centralized search takes {at_least} iterations or more, or does not solve it",
        at_least=at_least,
        theorems=len(distinct),
        chosen=len(chosen),
        solved=sum(found.entry.solved for found in chosen),
        runs=tuple(runs),
        searches=tuple(_search(found, found.theorem.id in taken) for found in distinct),
    )
    return Corpus(source="study", theorems=tuple(map(_tagged, chosen))), record


def _search(found: PilotTheorem, chosen: bool) -> PilotSearch:
    entry = found.entry
    return PilotSearch(
        id=found.theorem.id,
        corpus=found.corpus,
        solved=entry.solved,
        stop_reason=entry.stop_reason,
        iterations=entry.iterations,
        digest=entry.digest,
        chosen=chosen,
    )


def _tagged(found: PilotTheorem) -> CorpusTheorem:
    tag = PILOT_SOLVED if found.entry.solved else PILOT_UNSOLVED
    return msgspec.structs.replace(found.theorem, tags=(*found.theorem.tags, tag))
