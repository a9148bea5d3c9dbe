"""The tables of an analysis, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from cellview.measures.pure.arms import ArmRow, DiversityRow, PortfolioRow
from cellview.measures.pure.basin_test import BasinRow
from cellview.measures.pure.beside import EfficiencyRow, ResponseRow, WorkRow
from cellview.measures.pure.contrasts import Contrast
from cellview.measures.pure.freezing import FreezingTable
from cellview.measures.pure.speed import SpeedRow
from cellview.measures.pure.survival import LogRank
from cellview.measures.pure.trace_rows import ObstacleRow, TraceRow

__all__ = ["Analysis", "ContrastRow", "RunRow"]


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where numbers come from."""

    name: str
    run_digest: str
    corpus_digest: str | None
    experiment: str
    experiment_digest: str
    plan_digest: str | None
    cellview: str
    lean: str | None
    git_commit: str | None
    git_dirty: bool | None
    backend: Mapping[str, Any]
    mode: str
    agents: int
    window: int
    budget: int
    block: Any
    delay: Any
    reroute: Any
    selection: str | None
    schedule_version: int
    seeds: tuple[int, ...]
    host: str
    finished: bool


class ContrastRow(msgspec.Struct, frozen=True, kw_only=True):
    """A contrast, and what follows from its being one of several."""

    family: str
    contrast: Contrast
    holm_p: float | None
    """Adjusted in its family; ``None`` for what is exploratory."""
    adjusted_level: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    """The interval of level 1 − α/k, k the number of hypotheses of the family."""
    alpha: float
    sesoi: float | None
    logrank: LogRank | None
    """Secondary, for a difference in time with one seed: it ignores pairing."""
    unsolved: Contrast | None
    """The same with pairs that were dropped counted as unsolved; ``None`` if none was dropped."""


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """All tables. It is a function of the folders' content, and of nothing else but the versions it names."""

    title: str
    status: Literal["confirmatory", "exploratory"]
    why_exploratory: tuple[str, ...]
    question: str
    non_theorems_solved: int
    """Always 0: otherwise there would be no analysis."""
    seed: int
    bootstrap: int
    permutations: int
    target: str
    software: Mapping[str, str]
    runs: tuple[RunRow, ...]
    arms: tuple[ArmRow, ...]
    contrasts: tuple[ContrastRow, ...]
    responses: tuple[ResponseRow, ...]
    best: int
    """Theorems that some arm solves."""
    portfolio: tuple[PortfolioRow, ...]
    diversity: tuple[DiversityRow, ...]
    basins: tuple[BasinRow, ...]
    work: tuple[WorkRow, ...]
    speed: tuple[SpeedRow, ...]
    efficiency: tuple[EfficiencyRow, ...]
    freezing: tuple[FreezingTable, ...]
    obstacles: tuple[ObstacleRow, ...]
    traces: tuple[TraceRow, ...]
