"""``cellview sweep --executor``: the searches of a sweep as agents of an executor, their claims in the database.

Every search has its whole budget at once here, so it writes the trace that ``cellview run`` writes, and the tiers of
the frontier one behind the other. What the frontier does beyond it (warm tiers in order, workers elsewhere, resuming)
an executor does not.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import anyio
import anyio.to_thread
import msgspec

from cellview.app.console import emit_json, error_console, output_console
from cellview.app.errors import EXIT_OK, OptionError, RunError
from cellview.app.report import Row, print_report, report_of
from cellview.app.run import require_accepted, row_of, utc_now
from cellview.app.sweep_task import LeanBackend, SyntheticBackend
from cellview.cluster import ConfigModel, get_executor, load_config
from cellview.cluster.arms import ArmOutcome, LeanSpec, SearchArm, SweepOutcome, SyntheticSpec, run_arms
from cellview.search.corpus import CorpusTheorem
from cellview.trace import RunFolder, TheoremResult

if TYPE_CHECKING:
    from cellview.app.sweep import SweepPlan

__all__ = ["ExecutorChoice", "cluster_config", "run_sweep_on_executor"]

ExecutorChoice = Literal["frontier", "local", "process", "ray"]

_OTHER_TABLES = ("prove", "run", "serve", "sweep")


def cluster_config(
    executor: ExecutorChoice, *, file: Path | None, workers: int | None, claims_path: Path
) -> ConfigModel:
    """Return the table ``[cluster]`` for this sweep: what was typed wins over the environment and the file.

    Claims are stored unless the configuration says otherwise, by default in the sweep's folder.

    Raises:
        ClusterConfigError: The table, or an override, is not what it must be.
        OptionError: The options do not go with an executor.
    """
    if workers is not None and workers < 1:
        raise OptionError(f"--workers is {workers}, but --executor {executor} needs at least 1.")
    return load_config(
        file,
        also_allowed=_OTHER_TABLES,
        defaults={"enabled": True, "claims_path": str(claims_path)},
        overrides={"executor": executor} | ({} if workers is None else {"num_cpus": workers}),
    )


async def run_sweep_on_executor(plan: SweepPlan, folder: RunFolder, config: ConfigModel, *, json: bool = False) -> int:
    """Run a plan into its folder on the executor of `config`, and print the report.

    Cancelling it ends the sweep as soon as the next search is done; its claims are stored, its other files are not.
    """
    started = time.monotonic()
    arms = _arms(plan)
    stop = threading.Event()
    swept: SweepOutcome | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_on_cancel, stop)
        swept = await anyio.to_thread.run_sync(_run, config, arms, folder.path, stop)
        tasks.cancel_scope.cancel()
    assert swept is not None
    seconds = [swept.seconds.get(arm.label, 0.0) for arm in arms]  # a control that was not run took none
    rows = _write_results(plan, folder, swept.outcomes, seconds)
    folder.update(status="finished", finished=utc_now())
    report = report_of(str(folder.path), rows, seconds=time.monotonic() - started)
    if json:
        emit_json(report)
    else:
        print_report(report, output_console())
    require_accepted(rows, corpus=plan.corpus.source)
    return EXIT_OK


async def _on_cancel(stop: threading.Event) -> None:
    try:
        await anyio.sleep_forever()
    finally:
        stop.set()


def _run(config: ConfigModel, arms: list[SearchArm], folder: Path, stop: threading.Event) -> SweepOutcome:
    console = error_console()
    done = 0

    def on_arm_done(label: str) -> None:
        nonlocal done
        done += 1
        if stop.is_set():
            raise RunError(f"The sweep was stopped after {done} of {len(arms)} searches.")
        console.print(f"[{done}/{len(arms)}] {label}", markup=False, soft_wrap=True)

    try:
        with get_executor(config) as executor:
            return run_arms(executor, arms, write_to=folder, on_arm_done=on_arm_done)
    except ModuleNotFoundError as error:
        raise OptionError(f"{error}.") from error


def _arms(plan: SweepPlan) -> list[SearchArm]:
    return [
        SearchArm(
            run=plan.manifest.experiment,
            theorem=theorem.id,
            statement=theorem.statement,
            config=msgspec.structs.replace(
                plan.settings.configs[str(seed)], intervention=arm if arm.pegs else None
            ),
            prover=_prover(plan.settings.backend, theorem),
            arm_name=arm.name,
            tier=len(plan.settings.configs[str(seed)].budget),
            files_as=arm.name if len(plan.seeds) == 1 else f"{arm.name}.seed{seed}",
        )
        for theorem in plan.corpus.theorems
        for arm in plan.settings.arms
        for seed in plan.seeds
    ]  # fmt: skip


def _prover(backend: LeanBackend | SyntheticBackend, theorem: CorpusTheorem) -> LeanSpec | SyntheticSpec:
    if isinstance(backend, LeanBackend):
        return LeanSpec(
            lean=backend.lean,
            project=backend.project,
            imports=theorem.imports,
            automation=backend.automation,
            heartbeats=backend.heartbeats,
            transport=backend.transport,
        )
    return SyntheticSpec(
        seed=backend.seed,
        branching=backend.branching,
        p_fail=backend.p_fail,
        p_close=backend.p_close,
        latency_s=backend.latency_s,
    )


def _write_results(plan: SweepPlan, folder: RunFolder, outcomes: list[ArmOutcome], seconds: list[float]) -> list[Row]:
    rows: list[Row] = []
    results: list[TheoremResult] = []
    provable = {theorem.id: theorem.provable for theorem in plan.corpus.theorems}
    for outcome, took_s in zip(outcomes, seconds, strict=True):
        label = outcome.intervention if len(plan.seeds) == 1 else f"{outcome.intervention}.seed{outcome.seed}"
        result = TheoremResult(
            theorem=outcome.theorem,
            arm=label,
            solved=outcome.solved,
            provable=provable[outcome.theorem],
            iterations=outcome.iterations,
            attempts=outcome.attempts,
            seconds=round(took_s, 3),
            stop_reason=outcome.stop_reason,
            proof=outcome.script,
            digest=outcome.digest,
            discarded=outcome.discarded,
            reproducible=outcome.reproducible,
            not_reproducible_because=() if outcome.detail is None else (outcome.detail,),
        )
        results.append(result)
        rows.append(row_of(result, outcome.proof))
    folder.update(results=tuple(results))
    return rows
