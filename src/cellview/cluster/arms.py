"""The product's own agent: one search arm, that is one theorem under one intervention with one seed."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from cellview.cluster.errors import AgentFailedError, ClusterError
from cellview.cluster.executors.agents import AgentCall, AgentReply, AgentSpec
from cellview.cluster.executors.executor import Callbacks, Executor
from cellview.cluster.executors.state import QueryState
from cellview.cluster.messages import Artifact, Claim, ClaimStatus, claim_id
from cellview.prover import (
    LeanProver,
    ProofStep,
    Prover,
    StatementError,
    SyntheticProver,
    SyntheticProvider,
    TacticProvider,
)
from cellview.prover.lean import Limits, TransportName
from cellview.search import SearchConfig, SearchResult, search
from cellview.trace import OrderedTraceWriter, folder_name, write_atomically

__all__ = [
    "ArmOutcome",
    "LeanSpec",
    "ProverSpec",
    "SearchArm",
    "SweepOutcome",
    "SyntheticSpec",
    "run_arms",
    "save_artifacts",
]


class LeanSpec(msgspec.Struct, frozen=True, kw_only=True, tag_field="prover", tag="lean", forbid_unknown_fields=True):
    """Lean, found by each worker on its own machine: the embedded one, or the same path everywhere."""

    lean: str | None = None
    project: str | None = None
    imports: tuple[str, ...] = ()
    automation: Literal["none", "light", "full"] = "none"
    heartbeats: int = Limits().heartbeats
    transport: TransportName | None = None
    """How Lean is spoken to; None for the better way that it has."""


class SyntheticSpec(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="prover", tag="synthetic", forbid_unknown_fields=True
):
    """The synthetic tree: for tests and benchmarks; it proves nothing."""

    seed: int = 1
    branching: int = 4
    p_fail: float = 0.3
    p_close: float = 0.0
    p_two: float = 0.5
    latency_s: float = 0.0


ProverSpec: TypeAlias = LeanSpec | SyntheticSpec
"""What an arm runs on, as data: an open prover cannot travel."""


class SearchArm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One search, as data. `config.intervention` makes it an intervention; without one it is the wild type."""

    run: str
    theorem: str
    statement: str
    config: SearchConfig
    prover: ProverSpec
    tier: int = 1
    keep_files: bool = True
    """Whether the trace, the tree and the proof come back. The digest does in any case."""
    arm_name: str | None = None
    """Name of the arm, if not the intervention's."""
    files_as: str | None = None
    """What the arm's files are called after, if not the intervention; seeds and tiers of one arm need it."""

    @property
    def intervention(self) -> str:
        """Name of the arm."""
        if self.arm_name is not None:
            return self.arm_name
        return "wild_type" if self.config.intervention is None else self.config.intervention.name

    @property
    def label(self) -> str:
        """Tells this arm from every other of the run."""
        return f"{self.theorem}/{self.intervention}/{self.config.seed}/{self.tier}"


class ArmOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one arm came to: equal wherever, and however often, it was run. (Its duration is not, so it is not here.)"""

    theorem: str
    intervention: str
    seed: int
    tier: int
    solved: bool
    stop_reason: str
    """Of the search, or ``statement_error``, or ``no_wild_type_proof`` (a control that needs one was not run)."""
    iterations: int = 0
    attempts: int = 0
    discarded: int = 0
    proof: str | None = None
    script: str | None = None
    tactics: tuple[str, ...] = ()
    """Tactics of the proof, from the root down; some interventions spare them."""
    digest: str | None = None
    reproducible: bool = True
    detail: str | None = None


class SweepOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What all arms came to, in their order, and how many seconds each took (by label; never the same twice)."""

    outcomes: list[ArmOutcome]
    seconds: dict[str, float]


def run_arms(
    executor: Executor,
    arms: Sequence[SearchArm],
    *,
    write_to: Path | None = None,
    on_arm_done: Callable[[str], None] | None = None,
) -> SweepOutcome:
    """Run all arms, in the executor's processes or on its cluster; return what they came to.

    Arms that spare the tactics of the wild type's proof run after the wild types (same theorem, seed and tier).
    Blocks; from async code call it in a thread.

    Args:
        executor: Keeps its workers; the caller shuts it down.
        arms: The searches; all of one run.
        write_to: Folder for traces, trees and proofs, in the layout of a run.
        on_arm_done: Told the label of each arm that is done, for progress.

    Raises:
        AgentFailedError: An arm failed otherwise than by its statement; the text holds the traceback.
        ClusterError: As `Executor.run_query`; or two arms would write the same files.
    """
    _refuse_shared_files(arms)
    stage = _Stages(executor, write_to, on_arm_done)
    stage.run([arm for arm in arms if not _needs_solution(arm)])
    second: list[SearchArm] = []
    for arm in arms:
        if _needs_solution(arm):
            wild = stage.found.get(f"{arm.theorem}/wild_type/{arm.config.seed}/{arm.tier}")
            if wild is None or not wild.solved:
                stage.found[arm.label] = _outcome(arm, solved=False, stop_reason="no_wild_type_proof")
            else:
                second.append(_with_solution(arm, wild.tactics))
    stage.run(second)
    return SweepOutcome(outcomes=[stage.found[arm.label] for arm in arms], seconds=stage.seconds)


def save_artifacts(artifacts: Iterable[Artifact], folder: Path) -> None:
    """Write the files that came back into `folder`, each whole, after comparing its SHA-256.

    Raises:
        ClusterError: A file is not what its digest says, or its name leads out of `folder`.
    """
    for artifact in artifacts:
        if artifact.data is None:
            continue  # it is on shared storage already
        if hashlib.sha256(artifact.data).hexdigest() != artifact.sha256:
            raise ClusterError(f"{artifact.name} was damaged on its way from the worker; run its arm again")
        target = folder / artifact.name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise ClusterError(f"an agent named its file {artifact.name!r}, which is outside of {folder}")
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, artifact.data)


async def search_arm(call: AgentCall) -> AgentReply:
    """The agent ``search_arm``: its parameters are a `SearchArm`."""
    arm = msgspec.convert(call.parameters, SearchArm)
    with tempfile.TemporaryDirectory(prefix="cellview-arm-") as scratch:
        path = Path(scratch) / "trace.jsonl"
        try:
            async with _open(arm.prover) as (prover, provider):
                with OrderedTraceWriter(path) as writer:
                    result = await search(
                        arm.statement, prover=prover, provider=provider, config=arm.config, trace=writer
                    )
        except StatementError as error:
            outcome = _outcome(arm, solved=False, stop_reason="statement_error", detail=str(error))
            return AgentReply(result=msgspec.to_builtins(outcome), claims=(_claim(arm, outcome),))
        outcome = _outcome_of(arm, result)
        files = _files(arm, result, path.read_bytes()) if arm.keep_files else {}
    artifacts = tuple(_artifact(name, data, call.artifacts_dir) for name, data in files.items())
    return AgentReply(result=msgspec.to_builtins(outcome), claims=(_claim(arm, outcome),), artifacts=artifacts)


@asynccontextmanager
async def _open(spec: ProverSpec) -> AsyncGenerator[tuple[Prover, TacticProvider]]:
    if isinstance(spec, SyntheticSpec):
        yield (
            SyntheticProver(spec.seed, spec.branching, spec.p_fail, spec.p_close, spec.p_two, latency_s=spec.latency_s),
            SyntheticProvider(spec.branching),
        )
        return
    from cellview.prover.lean import find_toolchain  # Lean is looked for only where it is used
    from cellview.prover.providers import get_provider

    toolchain = await find_toolchain(
        lean=None if spec.lean is None else Path(spec.lean),
        project=None if spec.project is None else Path(spec.project),
    )
    async with LeanProver.open(
        toolchain=toolchain, transport=spec.transport, imports=spec.imports, heartbeats=spec.heartbeats
    ) as prover:
        yield prover, get_provider("heuristic", automation=spec.automation)


class _Stages:
    """Runs arms in stages, each a query of one loop, and gathers what they came to."""

    def __init__(self, executor: Executor, write_to: Path | None, on_arm_done: Callable[[str], None] | None) -> None:
        self.found: dict[str, ArmOutcome] = {}
        self.seconds: dict[str, float] = {}
        self._executor = executor
        self._write_to = write_to
        self._callbacks = Callbacks(on_agent_done=on_arm_done, on_cycle_end=self._take_seconds)

    def run(self, arms: Sequence[SearchArm]) -> None:
        if not arms:
            return
        agents = [AgentSpec(agent="search_arm", label=arm.label, parameters=msgspec.to_builtins(arm)) for arm in arms]
        response = self._executor.run_query(arms[0].run, self._callbacks, agents=agents)
        if self._write_to is not None:
            save_artifacts(response.artifacts, self._write_to)
        if response.failures:  # an executor that tolerates failures still has no outcome to give for them
            name, text = next(iter(response.failures.items()))
            raise AgentFailedError(f"{len(response.failures)} arms failed, first {name}:\n{text}")
        for label, result in response.results[0].items():
            self.found[label] = msgspec.convert(result, ArmOutcome)

    def _take_seconds(self, loop: int, state: QueryState) -> None:
        self.seconds |= state.seconds


def _refuse_shared_files(arms: Sequence[SearchArm]) -> None:
    seen: set[tuple[str, str]] = set()
    for arm in arms:
        name = (folder_name(arm.theorem), arm.files_as or arm.intervention)
        if arm.keep_files and name in seen:
            raise ClusterError(f"two arms of {arm.theorem} would both write {name[1]}_…; give each its own files_as")
        seen.add(name)


def _needs_solution(arm: SearchArm) -> bool:
    return arm.config.intervention is not None and arm.config.intervention.needs_solution


def _with_solution(arm: SearchArm, tactics: tuple[str, ...]) -> SearchArm:
    assert arm.config.intervention is not None
    intervention = arm.config.intervention.with_solution(tactics)
    return msgspec.structs.replace(arm, config=msgspec.structs.replace(arm.config, intervention=intervention))


def _outcome(arm: SearchArm, *, solved: bool, stop_reason: str, detail: str | None = None) -> ArmOutcome:
    return ArmOutcome(
        theorem=arm.theorem,
        intervention=arm.intervention,
        seed=arm.config.seed,
        tier=arm.tier,
        solved=solved,
        stop_reason=stop_reason,
        detail=detail,
    )


def _outcome_of(arm: SearchArm, result: SearchResult) -> ArmOutcome:
    return msgspec.structs.replace(
        _outcome(arm, solved=result.solved, stop_reason=result.stop_reason, detail=result.why),
        iterations=result.iterations,
        attempts=result.attempts,
        discarded=result.discarded,
        proof=result.proof,
        script=result.script,
        tactics=_tactics(result) if result.solved else (),
        digest=result.digest,
        reproducible=result.reproducible,
    )


def _tactics(result: SearchResult) -> tuple[str, ...]:
    tactics: list[str] = []
    stack = [result.tree.proof(ProofStep)]
    while stack:
        step = stack.pop()
        tactics.append(step.tactic)
        stack.extend(reversed(step.children))
    return tuple(tactics)


def _claim(arm: SearchArm, outcome: ArmOutcome) -> Claim:
    statuses: dict[str, ClaimStatus] = {"solved": "solved", "exhausted": "exhausted", "statement_error": "error"}
    return Claim(
        claim_id=claim_id(
            run=arm.run, theorem=arm.theorem, intervention=arm.intervention, seed=arm.config.seed, tier=arm.tier
        ),
        run=arm.run,
        theorem=arm.theorem,
        statement=arm.statement,
        intervention=arm.intervention,
        seed=arm.config.seed,
        tier=arm.tier,
        status=statuses.get(outcome.stop_reason, "unsolved"),
        iterations=outcome.iterations,
        proof=outcome.proof,
        trace_digest=outcome.digest,
        detail=outcome.detail,
    )


def _files(arm: SearchArm, result: SearchResult, trace: bytes) -> dict[str, bytes]:
    stem = f"{folder_name(arm.theorem)}/{arm.files_as or arm.intervention}"
    files = {f"{stem}_mcts_trace.jsonl": trace, f"{stem}_mcts_tree.json": msgspec.json.encode(result.tree_json)}
    if result.proof is not None:
        files[f"{stem}_proof.lean"] = result.proof.encode()
    return files


def _artifact(name: str, data: bytes, shared: str | None) -> Artifact:
    digest = hashlib.sha256(data).hexdigest()
    if shared is None:
        return Artifact(name=name, sha256=digest, data=data)
    path = Path(shared) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)  # an arm that is run again writes the same file again
    return Artifact(name=name, sha256=digest, path=str(path))
