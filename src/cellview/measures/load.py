"""Reading run folders: searches as cells, with what their trees and traces show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from cellview.core import SearchConfig
from cellview.experiment import experiment_of_folder
from cellview.experiment.errors import CorpusError, ExperimentError
from cellview.measures.errors import CellsError, SolvedNonTheoremError
from cellview.measures.pure.cells import Cell, Cells, CellStatus, Run, run_digest
from cellview.measures.pure.extra import stream
from cellview.measures.pure.proofs import canonical_hash
from cellview.measures.pure.trace_figures import TraceFigures, figures_of_trace
from cellview.schedule import SCHEDULE_VERSION
from cellview.trace import Clocks, RunFolder, RunMetadata, SearchEntry, count_clocks, read_trace

__all__ = ["load"]

_STATUS: Mapping[str, CellStatus] = {
    "solved": "solved",
    "exhausted": "exhausted",
    "budget": "budget",
    "aborted": "aborted",
    "interrupted": "aborted",
}


def load(
    folders: str | Path | Iterable[str | Path],
    *,
    exclude: Iterable[str] = ("statement_error", "no_wild_type_proof", "set_aside", "not_reproducible"),
    traces: bool = False,
    permutations: int = 999,
    seed: int = 0,
) -> Cells:
    """Return the searches of run folders, in an order that does not depend on that of the folders.

    Args:
        folders: One folder or several; with several, arms are called ``folder/arm``.
        exclude: Reasons for which a search is no case: it then stays in the list as missing.
        traces: Whether to read and replay the traces as well, where there are any.
        permutations: Draws for the nulls of a trace's figures.
        seed: Seed of those draws.

    Raises:
        RunFolderError: A folder is not a run's, or damaged.
        CellsError: Two folders have one name, or a run has no search.
        SolvedNonTheoremError: A theorem was proved that the corpus marks as false.
        ReplayError: A trace does not follow from the run's configuration.
    """
    paths = [Path(folders)] if isinstance(folders, str | Path) else [Path(folder) for folder in folders]
    loaded = [_Loaded(path, frozenset(exclude)) for path in paths]
    loaded.sort(key=lambda run: run.run.name)
    for one, other in pairwise(loaded):
        if one.run.name == other.run.name:
            raise CellsError(
                f"two of the folders are called {one.run.name}: rename one, so that arms can be told apart."
            )
    cells = [cell for run in loaded for cell in run.cells]
    if not cells:
        raise CellsError("there is no search for a theorem in the folders: was the run started at all?")
    figures: dict[tuple[str, str, str, int], TraceFigures] = {}
    if traces:
        for run in loaded:
            figures.update(run.figures(permutations=permutations, seed=seed))
    return Cells(tuple(run.run for run in loaded), tuple(cells), figures)


class _Loaded:
    """One folder."""

    def __init__(self, path: Path, exclude: frozenset[str]) -> None:
        self.folder = RunFolder.read(path)
        self.metadata = self.folder.metadata
        self.exclude = exclude
        name = path.resolve().name
        _refuse_solved_non_theorems(name, self.metadata)
        entries = sorted(self.metadata.results, key=lambda entry: entry.key)
        entries = [entry for entry in entries if entry.provable is not False]
        self.cells = [self.cell(name, entry) for entry in entries]
        self.run = _run(name, self.metadata, run_digest(self.cells))

    def cell(self, run: str, entry: SearchEntry) -> Cell:
        status = _STATUS.get(entry.stop_reason, "missing")
        why = None if status != "missing" else entry.stop_reason
        if not entry.reproducible and "not_reproducible" in self.exclude:
            status, why = "missing", why or "not_reproducible"
        spent = self.spent(entry)
        return Cell(
            run=run,
            theorem=entry.theorem,
            arm=entry.arm,
            seed=entry.seed,
            status=status,
            why=why,
            provable=entry.provable,
            iterations=entry.iterations,
            tried=spent.tried,
            held_back=spent.held_back,
            given_up=spent.given_up,
            visits=spent.visits,
            discarded=entry.discarded,
            proof_length=entry.proof_length,
            block_seed=entry.block_seed,
            digest=entry.digest,
            proof_hash=self.proof_hash(entry) if status == "solved" else None,
            seconds=self.metadata.seconds.get(f"{entry.theorem}/{entry.files}"),
        )

    def spent(self, entry: SearchEntry) -> Clocks:
        """What a search spent. Format 1 of ``run.json`` did not say; then its trace does, if it was kept."""
        if entry.visits + entry.given_up == entry.iterations:
            return Clocks(entry.iterations, entry.given_up, entry.visits, entry.tried, entry.held_back, 0)
        path = self.folder.trace_path(entry.theorem, arm=entry.arm, seed=entry.seed)
        return count_clocks(read_trace(path)) if path.exists() else Clocks(entry.iterations, 0, 0, 0, 0, 0)

    def proof_hash(self, entry: SearchEntry) -> str | None:
        path = self.folder.tree_path(entry.theorem, arm=entry.arm, seed=entry.seed)
        if not path.exists():
            return entry.proof_hash
        try:
            return canonical_hash(msgspec.json.decode(path.read_bytes()), "full")
        except msgspec.DecodeError as error:
            raise CellsError(f"{path} is damaged: {error}.") from error

    def figures(self, *, permutations: int, seed: int) -> dict[tuple[str, str, str, int], TraceFigures]:
        found: dict[tuple[str, str, str, int], TraceFigures] = {}
        experiment = None
        replayable = self.metadata.schedule_version == SCHEDULE_VERSION
        if replayable:
            try:
                experiment = experiment_of_folder(self.folder)
            except (CorpusError, ExperimentError) as error:
                raise CellsError(f"{error} What needs no trace comes with --no-traces (traces=False).") from error
        statements = {} if experiment is None else {t.id: t.statement for t in experiment.corpus.theorems}
        arms = {} if experiment is None else {arm.name: arm for arm in experiment.arms}
        for cell in self.cells:
            path = self.folder.trace_path(cell.theorem, arm=cell.arm, seed=cell.seed)
            if cell.status == "missing" or not path.exists():
                continue
            if experiment is None:
                config = SearchConfig(agents=self.run.agents, inflight=self.run.window, budget=(self.run.budget,))
            else:
                config = experiment.setup.config_of(arms[cell.arm], cell.seed)
            found[cell.run, cell.theorem, cell.arm, cell.seed] = figures_of_trace(
                list(read_trace(path)),
                config,
                statement=statements.get(cell.theorem, ""),
                replayable=replayable,
                permutations=permutations,
                seed=stream(seed, cell.theorem, cell.arm, str(cell.seed)),
            )
        return found


def _refuse_solved_non_theorems(name: str, metadata: RunMetadata) -> None:
    solved = sorted({entry.theorem for entry in metadata.results if entry.provable is False and entry.solved})
    if solved:
        raise SolvedNonTheoremError(
            f"{name} has proved {', '.join(solved)}, which the corpus marks as no theorem: nothing can be concluded "
            "before it is known which of the two is wrong."
        )


def _run(name: str, metadata: RunMetadata, digest: str) -> Run:
    setup: dict[str, Any] = metadata.config.get("setup", {})
    search: dict[str, Any] = dict(setup.get("search") or metadata.config.get("search") or {})
    tree: dict[str, Any] = search.pop("tree", None) or {}
    search.update({f"tree.{name}": value for name, value in tree.items()})
    search.pop("seed", None)
    search.pop("intervention", None)
    for field in ("block_seed", "delay_seed"):
        if field in setup:
            search[field] = setup[field]
    git = metadata.git
    arms: list[dict[str, Any]] = metadata.config.get("arms") or []
    return Run(
        name=name,
        digest=digest,
        budget=sum(search.get("budget") or (0,)),
        search=search,
        arms={str(arm.get("name")): arm for arm in arms},
        seeds=metadata.seeds,
        corpus_digest=None if metadata.corpus is None else metadata.corpus.digest,
        backend=msgspec.to_builtins(metadata.backend),
        cellview=metadata.versions.cellview,
        lean=metadata.versions.lean,
        schedule_version=metadata.schedule_version,
        experiment=metadata.experiment.name,
        experiment_digest=metadata.experiment.digest,
        plan_digest=metadata.experiment.plan_digest,
        extended_plans=tuple(smaller.plan_digest for smaller in metadata.extended),
        git_commit=None if git is None else git.commit,
        git_dirty=None if git is None else git.dirty,
        host=metadata.host.name,
        finished=metadata.status == "finished",
    )
