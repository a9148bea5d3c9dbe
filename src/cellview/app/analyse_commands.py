"""``cellview analyse`` and ``cellview plan``: what runs say, and what an experiment can say before it is run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from cellview.app.console import emit_json
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.experiment_file import read_experiment_file
from cellview.app.helptext import HelpCommand
from cellview.app.options import RunOptions
from cellview.app.run_command import experiment_of
from cellview.experiment import Experiment
from cellview.measures import (
    Cells,
    Cost,
    Pairs,
    Plan,
    Power,
    cost_of,
    load,
    pair,
    power_of,
    read_plan,
    render_analysis,
)
from cellview.report import Material, figures_of, write_figures
from cellview.settings import merge

__all__ = ["register"]

_JSON = typer.Option("--json", help="Print one JSON object instead of text.")

_ANALYSE = """\b
Examples:
  cellview analyse runs/study
  cellview analyse runs/frozen-0 runs/frozen-0.1 --plan study.toml --figures figures
"""


def register(app: typer.Typer) -> None:
    """Add both commands to the command line."""
    app.command(
        "analyse", cls=HelpCommand, short_help="Say what runs show, with nulls and intervals.", epilog=_ANALYSE
    )(_analyse)
    app.command("plan", cls=HelpCommand, short_help="Say what an experiment costs and can show.")(_plan)


def _analyse(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Folders of runs.", show_default=False)],
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="EXPERIMENT.toml",
            help="The preregistration. Tables are confirmatory only if every run was started with exactly this file.",
        ),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option("--figures", metavar="FOLDER", help="Write figures there as well, as SVG, PDF and PNG."),
    ] = None,
    traces: Annotated[
        bool, typer.Option("--traces/--no-traces", help="Read and replay the traces that the runs have kept.")
    ] = True,
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Say what runs show: rates, times, contrasts, responses, work, figures of traces; each with interval and null.

    The same folders give the same bytes, in whatever order they are named.
    """
    material = Material(folders, plan=None if plan is None else read_plan(plan), traces=traces)
    analysis = material.analysis
    drawn = [] if figures is None else write_figures(figures, figures_of(material)[0])
    if json:
        emit_json(analysis)
    else:
        typer.echo(render_analysis(analysis), nl=False)
        for path, figure in drawn:
            typer.echo(f"\n{path}: {figure.title}. {figure.caption} ({figure.digest_line})")
    return EXIT_OK


class _PlanReport(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    question: str
    preregistration: str | None
    theorems: int
    non_theorems: int
    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    searches: int
    cost: Cost
    hypotheses: tuple[Power, ...]
    notes: tuple[str, ...]


def _plan(
    experiment: Annotated[
        Path, typer.Argument(metavar="EXPERIMENT.toml", help="The experiment's file.", show_default=False)
    ],
    pilot: Annotated[
        Path | None,
        typer.Option("--pilot", metavar="FOLDER", help="A pilot run; without it, the one that [design] names."),
    ] = None,
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Say what an experiment will cost and what it can show, before its first search.

    Cost and spread come from a pilot run: some theorems, the same arms, a seed that the experiment does not use.
    """
    known = read_plan(experiment)
    report = _report(known, _experiment_in(experiment), _pilot_cells(experiment, known, pilot))
    if json:
        emit_json(report)
    else:
        typer.echo("\n".join(_lines(report)))
    return EXIT_OK


def _experiment_in(path: Path) -> Experiment:
    file = read_experiment_file(path)
    options = merge(RunOptions, table="run", environment=os.environ, document=file.document)
    if options.corpus is None:
        raise OptionError(f"{path} names no corpus: write corpus = … into its table [run].")
    return experiment_of(options, Path(options.corpus), file)


def _pilot_cells(experiment: Path, plan: Plan, pilot: Path | None) -> Cells | None:
    named = pilot if pilot is not None else plan.design.pilot
    return None if named is None else load(named, exclude=plan.analysis.exclude)


def _report(plan: Plan, experiment: Experiment, pilot: Cells | None) -> _PlanReport:
    theorems = [theorem for theorem in experiment.corpus.theorems if theorem.provable is not False]
    arms, seeds = tuple(arm.name for arm in experiment.arms), experiment.seeds
    notes: list[str] = []
    if pilot is not None and (again := sorted(set(seeds) & {cell.seed for cell in pilot})):
        notes.append(f"the pilot used the seed {again[0]}, which the experiment uses again: give it another")
    powers: list[Power] = []
    for hypothesis in plan.hypothesis:
        size = sum(other.family == hypothesis.family for other in plan.hypothesis)
        strictest = hypothesis.alpha / (1 if hypothesis.family == "secondary" else size)
        powers.append(
            power_of(
                hypothesis.measure,
                hypothesis.arms,
                theorems=len(theorems),
                seeds=len(seeds),
                alpha=strictest,
                effect=hypothesis.sesoi,
                discordant=plan.design.discordant,
                pilot=_pilot_pairs(pilot, hypothesis.arms),
            )
        )
    return _PlanReport(
        name=experiment.name,
        question=plan.experiment.question,
        preregistration=plan.digest,
        theorems=len(theorems),
        non_theorems=len(experiment.corpus.theorems) - len(theorems),
        arms=arms,
        seeds=seeds,
        searches=experiment.searches,
        cost=cost_of(experiment.searches, pilot),
        hypotheses=tuple(powers),
        notes=tuple(notes),
    )


def _pilot_pairs(pilot: Cells | None, arms: tuple[str, str]) -> Pairs | None:
    if pilot is None or not set(arms) <= set(pilot.labels()):
        return None
    return pair(pilot[arms[0]], pilot[arms[1]])


def _lines(report: _PlanReport) -> list[str]:
    counted = f"{report.theorems} theorems"
    if report.non_theorems:
        counted = f"({counted} + {report.non_theorems} non-theorems)"
    factors = f"{counted} × {_count(report.arms, 'arm')} × {_count(report.seeds, 'seed')}"
    lines = [f"{report.name}: {factors} = {report.searches} searches"]
    if report.question:
        lines.append(f"  Question: {report.question}")
    lines.append(f"  Arms: {', '.join(report.arms)}")
    lines.append(f"  Preregistration: {report.preregistration}")
    lines.append(_cost_line(report.cost))
    for power in report.hypotheses:
        lines += _power_lines(power)
    return lines + [f"  Note: {note}." for note in report.notes]


def _count(things: Sequence[object], noun: str) -> str:
    return f"1 {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


def _cost_line(cost: Cost) -> str:
    if cost.iterations is None or cost.tried is None:
        return "  Cost: unknown without a pilot; run some theorems with another seed, and name the folder by --pilot."
    time = "" if cost.seconds is None else f", {cost.seconds:.0f} s of one process"
    return (
        f"  Cost, from {cost.pilot_searches} searches of the pilot: {cost.iterations:.0f} iterations, "
        f"{cost.tried:.0f} tactics{time}"
    )


def _power_lines(power: Power) -> list[str]:
    lines = [f"  {power.measure}, {power.arms[0]} against {power.arms[1]}, level {power.alpha:.4f}:"]
    spread = _spread(power)
    lines.append(f"    assumed: {power.assumed}{spread}")
    if power.power is not None and power.needed is not None:
        lines.append(
            f"    a difference of {power.effect} is seen with probability {power.power:.2f}; "
            f"80 % need {power.needed} theorems"
        )
    if power.detectable is None and power.discordant is not None:
        lines.append("    these theorems cannot show any difference of that share with 80 %")
    if power.detectable is not None:
        lines.append(f"    these theorems show a difference of {power.detectable:.3f} with 80 %")
    return lines


def _spread(power: Power) -> str:
    figures: dict[str, Any] = {
        "share": power.discordant,
        "between theorems": power.between,
        "between seeds": power.within,
    }
    shown = [f"{name} {value:.4f}" for name, value in figures.items() if value is not None]
    return f" ({', '.join(shown)})" if shown else ""
