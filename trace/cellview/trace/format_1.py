"""Reading ``run.json`` of format 1, which Cellview 0.1 wrote; what it did not say is left at its default."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cellview.trace.metadata import (
    BackendInfo,
    CorpusInfo,
    ExperimentInfo,
    GitInfo,
    HostInfo,
    RunMetadata,
    RunStatus,
    SearchEntry,
    Versions,
)

__all__ = ["RunMetadata1", "upgrade"]


class _Result1(msgspec.Struct, frozen=True, kw_only=True):
    theorem: str
    arm: str = "wild_type"
    solved: bool
    provable: bool | None = None
    iterations: int
    attempts: int
    seconds: float
    stop_reason: str
    proof: str | None = None
    digest: str | None = None
    discarded: int = 0
    reproducible: bool = True
    not_reproducible_because: tuple[str, ...] = ()


class RunMetadata1(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``run.json``, format 1."""

    format: Literal[1] = 1
    status: RunStatus = "created"
    created: str
    finished: str | None = None
    config: dict[str, Any]
    seeds: dict[str, int]
    corpus: CorpusInfo | None = None
    versions: Versions
    host: HostInfo
    git: GitInfo | None = None
    command: tuple[str, ...] = ()
    trace: bool = True
    resumed: int = 0
    reproducible: bool = True
    not_reproducible_because: tuple[str, ...] = ()
    results: tuple[_Result1, ...] = ()
    error: str | None = None


def upgrade(old: RunMetadata1) -> RunMetadata:
    """Return the same run in format 2. The schedule's version is 1: such a run can be read and not be continued."""
    options: dict[str, Any] = old.config.get("options", {})
    seed = old.seeds.get("run", 0)
    return RunMetadata(
        status=old.status,
        experiment=ExperimentInfo(name="", digest=""),
        config=old.config,
        schedule_version=1,
        backend=BackendInfo(
            prover="lean",
            provider="heuristic",
            provider_digest="",
            automation=options.get("automation"),
            heartbeats=options.get("heartbeats"),
            transport="lsp",
        ),
        seeds=(seed,),
        corpus=old.corpus,
        versions=old.versions,
        trace=old.trace,
        reproducible=old.reproducible,
        not_reproducible_because=old.not_reproducible_because,
        results=tuple(_entry(result, old.seeds) for result in old.results),
        error=old.error,
        created=old.created,
        finished=old.finished,
        host=old.host,
        git=old.git,
        command=old.command,
        resumed=old.resumed,
        seconds={f"{result.theorem}/{result.arm}": result.seconds for result in old.results},
    )


def _entry(old: _Result1, seeds: dict[str, int]) -> SearchEntry:
    return SearchEntry(
        theorem=old.theorem,
        arm=old.arm,
        seed=seeds.get("run", 0),
        files=old.arm,
        solved=old.solved,
        provable=old.provable,
        stop_reason=old.stop_reason,
        iterations=old.iterations,
        attempts=old.attempts,
        discarded=old.discarded,
        block_seed=seeds.get("block"),
        delay_seed=seeds.get("delay"),
        proof=old.proof,
        digest=old.digest,
        reproducible=old.reproducible,
        not_reproducible_because=old.not_reproducible_because,
    )
