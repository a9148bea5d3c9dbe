"""Run folders as a report needs them: each part is read once, and not before something asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from cellview.measures import Analysis, Cells, Plan, analyse, load
from cellview.report.figure import Source
from cellview.report.series import ArmSeries
from cellview.trace import RunFolder, SearchEntry, TraceReader

__all__ = ["Material", "traces_of"]


class Material:
    """Runs to report on.

    Args:
        folders: One folder or several.
        plan: The preregistration, if there was one.
        traces: Whether to read the traces that the runs have kept.

    Raises:
        RunFolderError: A folder is not a run's, or damaged.

    Its parts raise what :func:`cellview.measures.load` and :func:`cellview.measures.analyse` do, and `series` raises
    ``DamagedLineError`` where a line of a trace is no record.
    """

    def __init__(
        self, folders: str | Path | Iterable[str | Path], *, plan: Plan | None = None, traces: bool = True
    ) -> None:
        paths = [folders] if isinstance(folders, str | Path) else list(folders)
        self.plan = plan
        self.traces = traces
        self.settings = (plan or Plan()).analysis
        self.runs = sorted((RunFolder.read(path) for path in paths), key=lambda run: run.path.resolve().name)

    @cached_property
    def cells(self) -> Cells:
        """The searches, without what only a replay shows."""
        return load([run.path for run in self.runs], exclude=self.settings.exclude)

    @cached_property
    def watched(self) -> Cells:
        """The searches, with what a replay of their traces shows."""
        return load(
            [run.path for run in self.runs],
            exclude=self.settings.exclude,
            traces=self.traces,
            permutations=min(999, self.settings.permutations),
            seed=self.settings.seed,
        )

    @cached_property
    def analysis(self) -> Analysis:
        """All tables."""
        return analyse(self.watched, plan=self.plan)

    @cached_property
    def contrasts(self) -> Analysis:
        """An analysis whose tables of traces may be empty: enough for contrasts, and many times faster."""
        return self.analysis if "analysis" in self.__dict__ else analyse(self.cells, plan=self.plan)

    @cached_property
    def compared(self) -> tuple[tuple[str, str], ...]:
        """Pairs of arm and reference, in the order of the analysis."""
        rows = (row.contrast for row in self.contrasts.contrasts)
        return tuple(dict.fromkeys((row.arm, row.reference) for row in rows))

    @cached_property
    def labels(self) -> list[str]:
        """The arms, in the order of the analysis."""
        return [row.arm for row in self.contrasts.arms]

    @cached_property
    def series(self) -> dict[str, ArmSeries]:
        """What the traces show by iteration, for each arm that has one."""
        found: dict[str, ArmSeries] = {}
        if not self.traces:
            return found
        kept = {(cell.run, cell.theorem, cell.arm, cell.seed): self.cells.label(cell) for cell in self.cells}
        for run in self.runs:
            name = run.path.resolve().name
            windows = next(one for one in self.cells.runs if one.name == name)
            for entry, path in traces_of(run):
                label = kept.get((name, *entry.key))
                if label is not None:
                    found.setdefault(label, ArmSeries()).add(
                        TraceReader(path), window=windows.window, budget=windows.budget
                    )
        return {label: found[label] for label in self.labels if label in found}

    @property
    def sources(self) -> tuple[Source, ...]:
        """The runs and their digests."""
        return tuple(Source(run.name, run.digest) for run in self.cells.runs)

    @property
    def software(self) -> str:
        """What made the runs, in one line."""
        lines = dict.fromkeys(
            f"Cellview {run.cellview}" + (f", Lean {run.lean.split(' ')[0]}" if run.lean else "")
            for run in self.cells.runs
        )
        return "; ".join(lines)


def traces_of(run: RunFolder) -> list[tuple[SearchEntry, Path]]:
    """Return the searches of a run whose traces were kept, in the order of theorem, arm and seed, with the files."""
    entries = sorted((entry for entry in run.metadata.results if entry.files), key=lambda entry: entry.key)
    paths = [run.trace_path(entry.theorem, arm=entry.arm, seed=entry.seed) for entry in entries]
    return [(entry, path) for entry, path in zip(entries, paths, strict=True) if path.exists()]
