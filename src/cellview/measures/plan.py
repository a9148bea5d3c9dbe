"""The preregistration: what an experiment's file says about its analysis, written before the first search."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from cellview.measures.errors import PlanError
from cellview.measures.pure.cells import Run
from cellview.measures.pure.contrasts import MEASURES
from cellview.measures.pure.resampling import Target

__all__ = ["AnalysisSettings", "Design", "Hypothesis", "Plan", "deviations", "read_plan"]


class ExperimentTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the experiment is, and with what it is to be run. What is given here, runs must agree with."""

    name: str = ""
    question: str = ""
    corpus_digest: str | None = None
    """SHA-256 of the corpus, or its beginning followed by ``…``."""
    cellview: str | None = None
    lean: str | None = None
    automation: str | None = None
    heartbeats: int | None = None


class Design(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Theorems, seeds and budget, and how the interval is meant."""

    theorems: dict[str, Any] = {}
    """How the theorems were chosen, in words or keys of one's own; it is printed, not interpreted."""
    seeds: tuple[int, ...] | None = None
    budget: tuple[int, ...] | None = None
    target: Target = "population"
    stopping: Literal["fixed"] = "fixed"
    pilot: str | None = None
    """Folder of a pilot run, with a seed that is not used again."""
    discordant: float | None = None
    """Share of theorems that one arm of a pair solves and the other does not, from the pilot: for the power."""


class ArmTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An arm; it is printed in this order."""

    name: str


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contrast.

    Args:
        measure: What is compared: see `docs/reference/measures.md`.
        arms: The arm, and what it is compared with.
        family: Hypotheses of one family are corrected together; ``secondary`` is exploratory, and is not corrected.
        sided: Two-sided tests only.
        alpha: Level.
        sesoi: Smallest effect size of interest; with it, equality can be claimed.
        factor: Fields of the search's configuration that the arms are meant to differ in, if they are of two runs.
    """

    measure: str
    arms: tuple[str, str]
    family: str = "primary"
    sided: Literal["two"] = "two"
    alpha: float = 0.05
    sesoi: float | None = None
    factor: tuple[str, ...] = ()


class AnalysisSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the analysis computes."""

    seed: int = 0
    bootstrap: int = 9999
    permutations: int = 9999
    correction: Literal["holm"] = "holm"
    exclude: tuple[Literal["statement_error", "no_wild_type_proof", "set_aside", "not_reproducible"], ...] = (
        "statement_error",
        "no_wild_type_proof",
        "set_aside",
        "not_reproducible",
    )


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A preregistration; `digest` is the SHA-256 of its file."""

    experiment: ExperimentTable = ExperimentTable()
    design: Design = Design()
    arm: tuple[ArmTable, ...] = ()
    hypothesis: tuple[Hypothesis, ...] = ()
    analysis: AnalysisSettings = AnalysisSettings()
    digest: str | None = None


_TABLES = ("experiment", "design", "arm", "hypothesis", "analysis")


def read_plan(path: str | Path) -> Plan:
    """Read the preregistration in an experiment's file; tables that are about running it are passed over.

    Raises:
        PlanError: The file cannot be read, or an entry of it is unknown or wrong.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        found = tomllib.loads(data.decode())
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{path} is not valid TOML: {error}.") from error
    tables = {name: found[name] for name in _TABLES if name in found}
    if not tables:
        raise PlanError(f"{path} preregisters nothing: it has none of the tables {', '.join(_TABLES)}.")
    try:
        plan = msgspec.convert(tables, Plan)
    except msgspec.ValidationError as error:
        raise PlanError(f"{path}: {error}.") from error
    for number, hypothesis in enumerate(plan.hypothesis, start=1):
        _check(path, number, hypothesis)
    return msgspec.structs.replace(plan, digest=hashlib.sha256(data).hexdigest())


def _check(path: Path, number: int, hypothesis: Hypothesis) -> None:
    where = f"{path}, hypothesis {number}"
    if hypothesis.measure not in MEASURES:
        raise PlanError(f"{where}: there is no measure {hypothesis.measure!r}; one of {', '.join(sorted(MEASURES))}.")
    if not 0 < hypothesis.alpha < 1:
        raise PlanError(f"{where}: alpha is {hypothesis.alpha}, and lies between 0 and 1.")
    if hypothesis.sesoi is not None and not hypothesis.sesoi > 0:
        raise PlanError(f"{where}: sesoi is {hypothesis.sesoi}, and must be above 0.")
    if hypothesis.arms[0] == hypothesis.arms[1]:
        raise PlanError(f"{where}: it compares {hypothesis.arms[0]} with itself.")


def deviations(plan: Plan, runs: Sequence[Run]) -> list[str]:
    """Say in what runs are not what was preregistered; nothing may be called confirmatory if there is anything.

    Args:
        plan: The preregistration.
        runs: The runs.
    """
    found: list[str] = []
    for run in runs:
        if run.plan_digest is None and any(run.extended_plans):
            found.append(f"{run.name} was given more than its preregistration when results were known")
        elif run.plan_digest is None:
            found.append(f"{run.name} was started without a preregistration")
        elif run.plan_digest != plan.digest:
            found.append(f"{run.name} was started with another preregistration ({run.plan_digest[:12]})")
        found += [
            f"{run.name}: {name} is {actual}, and {planned} was planned"
            for name, planned, actual in _planned(plan, run)
            if planned is not None and not _agrees(planned, actual)
        ]
        if not run.finished:
            found.append(f"{run.name} is not finished")
    return found


def _planned(plan: Plan, run: Run) -> list[tuple[str, Any, Any]]:
    table, design = plan.experiment, plan.design
    return [
        ("corpus_digest", table.corpus_digest, run.corpus_digest),
        ("cellview", table.cellview, run.cellview),
        ("lean", table.lean, run.lean),
        ("automation", table.automation, run.backend.get("automation")),
        ("heartbeats", table.heartbeats, run.backend.get("heartbeats")),
        ("seeds", design.seeds, run.seeds),
        ("budget", None if design.budget is None else sum(design.budget), run.budget),
    ]


def _agrees(planned: Any, actual: Any) -> bool:
    if isinstance(planned, str) and planned.endswith("…"):
        return isinstance(actual, str) and actual.startswith(planned[:-1])
    return bool(planned == actual)
