"""The whole analysis of runs: every table that a paper needs, with what each number rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from cellview.measures.errors import PlanError
from cellview.measures.load import load
from cellview.measures.plan import Hypothesis, Plan, deviations, read_plan
from cellview.measures.pure.arms import arm_row, diversity_row, portfolio
from cellview.measures.pure.basin_test import BasinRow, basin_row
from cellview.measures.pure.beside import EfficiencyRow, ResponseRow, WorkRow, efficiency_row, response_row, work_row
from cellview.measures.pure.cells import Cells, Run
from cellview.measures.pure.contrasts import Contrast, Settings, contrast, counted_as_unsolved
from cellview.measures.pure.extra import library, stream
from cellview.measures.pure.freezing import FreezingTable, freezing_table
from cellview.measures.pure.multiplicity import holm
from cellview.measures.pure.pairing import Pairs, pair
from cellview.measures.pure.speed import SpeedRow, speed_row
from cellview.measures.pure.survival import LogRank, logrank
from cellview.measures.pure.tables import Analysis, ContrastRow, RunRow
from cellview.measures.pure.trace_rows import ObstacleRow, TraceRow, duplicates_row, obstacle_row, trace_rows
from cellview.schedule import unit_draw

__all__ = ["analyse"]


def analyse(
    experiment: Cells | str | Path | Iterable[str | Path],
    *,
    plan: Plan | str | Path | None = None,
    traces: bool = True,
) -> Analysis:
    """Analyse runs.

    Args:
        experiment: Run folders, or what :func:`load` made of them.
        plan: The preregistration, or its file. Without one, or if the runs were not started with exactly this one,
            everything is exploratory.
        traces: Whether to read and replay traces, where folders are given.

    Raises:
        PlanError: The plan cannot be read, or names an arm that no run has.
        CellsError: As :func:`load` and :func:`pair` do.
        MissingExtraError: numpy or scipy is not installed.
    """
    known = read_plan(plan) if isinstance(plan, str | Path) else plan or Plan()
    chosen = known.analysis
    if not isinstance(experiment, Cells):
        draws = min(999, chosen.permutations)
        experiment = load(experiment, exclude=chosen.exclude, traces=traces, permutations=draws, seed=chosen.seed)
    return _Analyst(experiment, known, given=plan is not None).analysis()


class _Analyst:
    def __init__(self, cells: Cells, plan: Plan, *, given: bool) -> None:
        self.cells = cells
        self.plan = plan
        self.why = deviations(plan, cells.runs) if given else ["there is no preregistration"]
        self.labels = self.ordered_labels()
        self.blind = self.find("tree.selection", "blind", "blind-order")
        self.baseline = self.find("mode", "centralized")

    def ordered_labels(self) -> list[str]:
        """The arms in the order of the plan, then the wild type, then by name."""
        planned = [arm.name for arm in self.plan.arm]
        labels = sorted(self.cells.labels(), key=_wild_type_first)
        return sorted(labels, key=lambda label: planned.index(label) if label in planned else len(planned))

    def find(self, field: str, *values: str) -> str | None:
        """The first wild-type arm of a run whose search has one of these values: a baseline, if there is one."""
        for label in self.labels:
            search = self.cells.of(label).runs[0].search
            blind = str(search.get("tree.selection", "")).startswith("blind")
            wanted = search.get(field) in values and (field == "tree.selection" or not blind)
            if wanted and label.rpartition("/")[2] == "wild_type":
                return label
        return None

    def settings(self, *names: str) -> Settings:
        chosen = self.plan.analysis
        return Settings(
            seed=stream(chosen.seed, *names),
            bootstrap=chosen.bootstrap,
            permutations=chosen.permutations,
            target=self.plan.design.target,
        )

    def analysis(self) -> Analysis:
        status: Literal["confirmatory", "exploratory"] = "exploratory" if self.why else "confirmatory"
        chosen, table = self.plan.analysis, self.plan.experiment
        name = table.name or ", ".join(dict.fromkeys(run.experiment for run in self.cells.runs if run.experiment))
        digests = ", ".join(dict.fromkeys(run.experiment_digest[:12] for run in self.cells.runs))
        contrasts = self.contrasts()
        worth, members = portfolio(self.cells)
        return Analysis(
            title=f"{status.capitalize()}: {name or 'searches'} (experiment {digests or 'unnamed'})",
            status=status,
            why_exploratory=tuple(self.why),
            question=table.question,
            non_theorems_solved=0,
            seed=chosen.seed,
            bootstrap=chosen.bootstrap,
            permutations=chosen.permutations,
            target=self.plan.design.target,
            software={name: library(name, "An analysis").__version__ for name in ("numpy", "scipy")},
            runs=tuple(_run_row(run) for run in self.cells.runs),
            arms=tuple(arm_row(self.cells, label, self.settings("arm", label)) for label in self.labels),
            contrasts=tuple(contrasts),
            responses=tuple(self.responses()),
            best=worth.best,
            portfolio=tuple(sorted(members, key=lambda row: self.labels.index(row.arm))),
            diversity=tuple(diversity_row(self.cells, label) for label in self.labels),
            basins=tuple(self.basins()),
            work=tuple(self.work()),
            speed=tuple(self.speed()),
            efficiency=tuple(self.efficiency()),
            freezing=tuple(self.freezing()),
            obstacles=tuple(self.obstacles()),
            traces=tuple(self.traces()),
        )

    # -- contrasts ---------------------------------------------------------------------------------------------------

    def hypotheses(self) -> list[Hypothesis]:
        """Those of the plan; without any, every arm of a run against its wild type, as exploration."""
        if self.plan.hypothesis:
            return list(self.plan.hypothesis)
        return [
            Hypothesis(measure=measure, arms=arms, family="secondary")
            for arms in self.within_runs()
            for measure in ("solve_rate_difference", "restricted_mean_difference")
        ]

    def within_runs(self) -> list[tuple[str, str]]:
        """Each arm with the wild type of its own run."""
        found: list[tuple[str, str]] = []
        for label in self.labels:
            run, slash, arm = label.rpartition("/")
            wild = f"{run}{slash}wild_type"
            if arm != "wild_type" and wild in self.labels:
                found.append((label, wild))
        return found

    def contrasts(self) -> list[ContrastRow]:
        hypotheses = self.hypotheses()
        rows = [self.contrast_row(hypothesis, hypotheses) for hypothesis in hypotheses]
        for family in dict.fromkeys(row.family for row in rows):
            if family == "secondary":
                continue
            members = [index for index, row in enumerate(rows) if row.family == family]
            # A hypothesis that could not be tested stays in the family: leaving it out would make the others easier.
            adjusted = holm([1.0 if (p := rows[index].contrast.p) is None else p for index in members])
            for index, p in zip(members, adjusted, strict=True):
                tested = rows[index].contrast.p is not None
                rows[index] = msgspec.structs.replace(rows[index], holm_p=p if tested else None)
        return rows

    def contrast_row(self, hypothesis: Hypothesis, hypotheses: Sequence[Hypothesis]) -> ContrastRow:
        for label in hypothesis.arms:
            if label not in self.labels:
                raise PlanError(f"a hypothesis names the arm {label}, and the arms are {', '.join(self.labels)}.")
        pairs = self.pairs(hypothesis.arms, hypothesis.factor)
        settings = self.settings(hypothesis.measure, *hypothesis.arms)
        found = self.contrast(pairs, hypothesis, settings)
        size = sum(other.family == hypothesis.family for other in hypotheses)
        corrected = hypothesis.family != "secondary"
        wider = None
        if corrected and size > 1:
            level = 1 - hypothesis.alpha / size
            wider = self.contrast(pairs, hypothesis, msgspec.structs.replace(settings, level=level))
        unsolved = None
        if pairs.dropped and hypothesis.measure in ("solve_rate_difference", "restricted_mean_difference"):
            a, b = (self.cells.of(label).cells for label in hypothesis.arms)
            unsolved = self.contrast(counted_as_unsolved(pairs, a, b), hypothesis, settings)
        adjusted = wider or (found if corrected else None)
        return ContrastRow(
            family=hypothesis.family,
            contrast=found,
            holm_p=None,
            adjusted_level=1 - hypothesis.alpha / size if corrected else None,
            adjusted_low=None if adjusted is None else adjusted.low,
            adjusted_high=None if adjusted is None else adjusted.high,
            alpha=hypothesis.alpha,
            sesoi=hypothesis.sesoi,
            logrank=_logrank(pairs, found),
            unsolved=unsolved,
        )

    def contrast(self, pairs: Pairs, hypothesis: Hypothesis, settings: Settings) -> Contrast:
        return contrast(
            pairs,
            hypothesis.measure,
            settings=settings,
            labels=hypothesis.arms,
            sesoi=hypothesis.sesoi,
            alpha=hypothesis.alpha,
        )

    def pairs(self, arms: tuple[str, str], factor: Sequence[str] = ()) -> Pairs:
        return pair(self.cells.of(arms[0]), self.cells.of(arms[1]), factor=factor)

    # -- the other tables --------------------------------------------------------------------------------------------

    def compared(self) -> list[tuple[tuple[str, str], tuple[str, ...]]]:
        """All pairs of arms that some table compares, with the factor they differ in."""
        planned = {hypothesis.arms: hypothesis.factor for hypothesis in self.plan.hypothesis}
        return [*planned.items(), *((arms, ()) for arms in self.within_runs() if arms not in planned)]

    def responses(self) -> list[ResponseRow]:
        return [
            response_row(self.pairs(arms, factor), arms, self.settings("response", *arms))
            for arms, factor in self.compared()
        ]

    def basins(self) -> list[BasinRow]:
        found = [basin_row(self.cells, arms, self.settings("basins", *arms)) for arms, _ in self.compared()]
        return [row for row in found if row is not None]

    def speed(self) -> list[SpeedRow]:
        """Beside the centralized baseline; without one there is nothing to be faster than."""
        rows: list[SpeedRow] = []
        base = self.baseline
        for label in self.labels if base is not None else ():
            if base is None or label in (base, self.blind):
                continue
            both = label, base
            hosts = dict.fromkeys(self.cells.of(arm).runs[0].host for arm in both)
            row = speed_row(self.pairs(both, _MODE), both, self.settings("speed", *both), hosts=tuple(hosts))
            rows += [] if row is None else [row]
        return rows

    def work(self) -> list[WorkRow]:
        """Against the centralized baseline, where there is one; otherwise between the arms that are compared."""
        compared = self.compared()
        if (base := self.baseline) is not None:
            compared = [((label, base), _MODE) for label in self.labels if label not in (base, self.blind)]
        rows: list[WorkRow] = []
        for arms, factor in compared:
            window = self.cells.of(arms[0]).runs[0].window
            row = work_row(self.pairs(arms, factor), arms, self.settings("work", *arms), window=window)
            rows += [] if row is None else [row]
        return rows

    def traces(self) -> list[TraceRow]:
        rows = [row for label in self.labels for row in trace_rows(self.cells, label, self.settings("trace", label))]
        base = self.baseline
        for label in self.labels if base is not None else ():
            if base is not None and label not in (base, self.blind):
                both = label, base
                row = duplicates_row(self.pairs(both, _MODE), self.cells, both, self.settings("duplicates", label))
                rows += [] if row is None else [row]
        return rows

    def obstacles(self) -> list[ObstacleRow]:
        """Arms of a run with a schedule beside those of the run without one."""
        rows: list[ObstacleRow] = []
        for label in self.labels:
            free = self.free_of(label)
            if free is not None:
                both = label, free
                row = obstacle_row(self.pairs(both, _OBSTACLES), self.cells, both, self.settings("obstacles", label))
                rows += [] if row is None else [row]
        return rows

    def free_of(self, label: str) -> str | None:
        """The same arm without obstacles, for one that has some."""
        run = self.cells.of(label).runs[0]
        if not (run.search.get("block") or run.search.get("delay")):
            return None
        for other in self.labels:
            search = self.cells.of(other).runs[0].search
            same = {**search, **{name: run.search.get(name) for name in _OBSTACLES}}
            free = not (search.get("block") or search.get("delay")) and same == dict(run.search)
            if free and other.rpartition("/")[2] == label.rpartition("/")[2]:
                return other
        return None

    def efficiency(self) -> list[EfficiencyRow]:
        blind = self.blind
        rows: list[EfficiencyRow] = []
        for label in self.labels if blind is not None else ():
            if blind is None or label == blind:
                continue
            agent, base = self.cells.of(label), self.cells.of(blind)
            row = efficiency_row(agent, base, (label, blind), self.settings("efficiency", label))
            rows += [] if row is None else [row]
        return rows

    def freezing(self) -> list[FreezingTable]:
        """A table for each block policy, over the runs that differ in its fraction alone."""
        free: str | None = None
        tables: dict[str, dict[float, str]] = {}
        for label in self.labels:
            search = self.cells.of(label).runs[0].search
            if label.rpartition("/")[2] != "wild_type" or label in (self.blind, self.baseline):
                continue
            block: dict[str, Any] = dict(search.get("block") or {})
            if not block:
                free = free or label
                continue
            fraction = float(block.pop("fraction"))
            rest = {**search, "block": {**block, "seed": 0}, "block_seed": None}
            key = msgspec.json.encode(rest, order="deterministic").decode()
            tables.setdefault(key, {}).setdefault(fraction, label)
        if free is None:
            return []
        settings = self.settings("freezing")
        return [freezing_table(self.cells, {0.0: free, **tables[key]}, _is_frozen, settings) for key in sorted(tables)]


def _wild_type_first(label: str) -> tuple[bool, str, str]:
    run, _, arm = label.rpartition("/")
    return arm != "wild_type", run, arm


_OBSTACLES = ("block", "delay", "reroute", "block_seed", "delay_seed")
"""What a run with obstacles has, and the run that it is compared with has not."""

_MODE = ("mode", "agents", "inflight", "profiles", "block", "delay", "reroute", "selection")
"""What a centralized baseline lacks by its nature."""


def _logrank(pairs: Pairs, found: Contrast) -> LogRank | None:
    if found.measure != "restricted_mean_difference" or found.seeds != 1:
        return None  # several seeds of a theorem are no independent rows
    return logrank(
        [(row.a.iterations, row.a.status, row.theorem) for row in pairs],
        [(row.b.iterations, row.b.status, row.theorem) for row in pairs],
    )


def _is_frozen(seed: int, fraction: float, key: str) -> bool:
    return unit_draw(seed, "block", key) < fraction


def _run_row(run: Run) -> RunRow:
    search = run.search
    return RunRow(
        name=run.name,
        run_digest=run.digest,
        corpus_digest=run.corpus_digest,
        experiment=run.experiment,
        experiment_digest=run.experiment_digest,
        plan_digest=run.plan_digest,
        cellview=run.cellview,
        lean=run.lean,
        git_commit=run.git_commit,
        git_dirty=run.git_dirty,
        backend=run.backend,
        mode=str(search.get("mode", "")),
        agents=run.agents,
        window=run.window,
        budget=run.budget,
        block=search.get("block"),
        delay=search.get("delay"),
        reroute=search.get("reroute"),
        selection=search.get("tree.selection"),
        schedule_version=run.schedule_version,
        seeds=run.seeds,
        host=run.host,
        finished=run.finished,
    )
