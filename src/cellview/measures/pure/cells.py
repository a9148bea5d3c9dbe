"""Searches as data: one cell for each search, with the run that it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from cellview.measures.errors import CellsError
from cellview.measures.pure.trace_figures import TraceFigures

__all__ = ["Cell", "CellStatus", "Cells", "Run", "run_digest"]

CellStatus: TypeAlias = Literal["solved", "exhausted", "budget", "aborted", "missing"]
"""How a search ended; ``missing`` where there is none that could be counted."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's searches share, as ``run.json`` says it."""

    name: str
    """The folder's own name; it labels arms when several runs are analysed together."""
    digest: str
    """SHA-256 over the sorted lines ``theorem, arm, seed, trace digest`` of its searches."""
    budget: int
    """Horizon: iterations of all tiers together."""
    search: Mapping[str, Any]
    """The search's configuration, field by field, without the seed and the tactic intervention."""
    arms: Mapping[str, Any]
    """The tactic interventions, as data, by name."""
    seeds: tuple[int, ...]
    corpus_digest: str | None
    backend: Mapping[str, Any]
    """Prover, provider, automation, heartbeats, and so on."""
    cellview: str
    lean: str | None
    schedule_version: int
    experiment: str
    """Name of the experiment."""
    experiment_digest: str
    plan_digest: str | None
    """SHA-256 of the file that preregistered it, if there was one before the first search."""
    extended_plans: tuple[str | None, ...] = ()
    """The preregistration of each smaller run that this one was, before it was given more."""
    git_commit: str | None = None
    git_dirty: bool | None = None
    host: str = ""
    finished: bool = True

    @property
    def window(self) -> int:
        """Tickets that may be under way at once; 1 without agents."""
        return int(self.search.get("inflight") or 1)

    @property
    def agents(self) -> int:
        """Number of agents; 1 in the centralized mode."""
        return int(self.search.get("agents") or 1)


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One search: a theorem under an arm with a seed."""

    run: str
    theorem: str
    arm: str
    seed: int
    status: CellStatus
    why: str | None = None
    """Why it is missing: ``statement_error``, ``no_wild_type_proof``, ``set_aside``, ``not_reproducible``."""
    provable: bool | None = None
    iterations: int = 0
    tried: int = 0
    """Tactics that reached the prover: the cost of record."""
    held_back: int = 0
    given_up: int = 0
    visits: int = 0
    discarded: int = 0
    proof_length: int | None = None
    block_seed: int | None = None
    """Seed that decided which nodes freeze."""
    digest: str | None = None
    """The trace digest. Two seeds with the same are one observation."""
    proof_hash: str | None = None
    seconds: float | None = None

    @property
    def solved(self) -> bool:
        """Whether a proof was found that a fresh Lean accepted."""
        return self.status == "solved"


class Cells(msgspec.Struct, frozen=True):
    """Searches of one or several runs, in an order that does not depend on how they were named or read.

    Theorems that the corpus marks as false are left out; were one of them solved, there would be no such object.
    """

    runs: tuple[Run, ...]
    cells: tuple[Cell, ...]
    figures: Mapping[tuple[str, str, str, int], TraceFigures] = {}
    """What traces show, by run, theorem, arm and seed; empty when they were not read."""

    def __len__(self) -> int:
        """Return the number of searches."""
        return len(self.cells)

    def __iter__(self) -> Iterator[Cell]:
        """Yield the searches."""
        return iter(self.cells)

    def __getitem__(self, label: str) -> Cells:
        """Return the searches of one arm, by its label; see :meth:`labels`."""
        return self.of(label)

    def labels(self) -> list[str]:
        """Return the arms: by name in one run, as ``run/arm`` in several."""
        return list(dict.fromkeys(self.label(cell) for cell in self.cells))

    def label(self, cell: Cell) -> str:
        """Return the label of a search's arm."""
        return cell.arm if len(self.runs) == 1 else f"{cell.run}/{cell.arm}"

    def of(self, label: str) -> Cells:
        """Return the searches of one arm.

        Raises:
            CellsError: There is no such arm.
        """
        found = tuple(cell for cell in self.cells if self.label(cell) == label)
        if not found:
            raise CellsError(f"there is no arm {label}: the arms are {', '.join(self.labels())}.")
        return Cells(tuple(run for run in self.runs if run.name == found[0].run), found, self.figures)

    def figures_of(self, cell: Cell) -> TraceFigures | None:
        """Return what a search's trace shows, if it was read."""
        return self.figures.get((cell.run, cell.theorem, cell.arm, cell.seed))

    def run_of(self, cell: Cell) -> Run:
        """Return the run of a search."""
        return next(run for run in self.runs if run.name == cell.run)

    def by_theorem(self) -> dict[str, list[Cell]]:
        """Return the searches that can be counted, by theorem."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            if cell.status != "missing":
                found.setdefault(cell.theorem, []).append(cell)
        return found


def run_digest(cells: Sequence[Cell]) -> str:
    """Return the digest of a run: SHA-256 over the sorted lines ``theorem, arm, seed, trace digest``."""
    lines = sorted(f"{cell.theorem}\t{cell.arm}\t{cell.seed}\t{cell.digest or ''}\n" for cell in cells)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
