"""What a search runs on, as data, and opened: a prover, and the provider of its tactics.

An open prover cannot travel to another process; its description can, and each worker opens its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from cellview.prover import Prover, SyntheticProver, SyntheticProvider, TacticProvider
from cellview.prover.lean import LeanProver, Limits, Toolchain, TransportName, choose_transport, find_toolchain
from cellview.prover.providers import get_provider
from cellview.prover.remembering import AnswerMemory, RememberingProver
from cellview.trace import BackendInfo

__all__ = [
    "Automation",
    "HeuristicSpec",
    "LeanSpec",
    "Opened",
    "Opener",
    "ProverSpec",
    "ProviderSpec",
    "SyntheticSpec",
    "backend_info",
    "lean_version",
    "opener_of",
    "toolchain_of",
]

Automation: TypeAlias = Literal["none", "light", "full"]


class LeanSpec(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="lean", forbid_unknown_fields=True):
    """Lean, found by each worker on its own machine: the embedded one, the one at `lean`, or that of a Lake project.

    `heartbeats` is what one tactic may use, in thousands of Lean's allocations. `transport` is how Lean is spoken to;
    ``None``: the tactic server in the embedded Lean, the language server of any other.
    """

    lean: str | None = None
    project: str | None = None
    heartbeats: int = Limits().heartbeats
    transport: TransportName | None = None


class SyntheticSpec(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="synthetic", forbid_unknown_fields=True
):
    """The synthetic prover: every statement is a random tree of its own. For the study of the collective; no proofs."""

    seed: int = 1
    branching: int = 4
    p_fail: float = 0.3
    p_close: float = 0.05
    p_two: float = 0.5
    latency_s: float = 0.0


class HeuristicSpec(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="heuristic", forbid_unknown_fields=True
):
    """The provider by rules; with the synthetic prover, the tactics of its tree instead."""

    automation: Automation = "full"


ProverSpec: TypeAlias = LeanSpec | SyntheticSpec
ProviderSpec: TypeAlias = HeuristicSpec


class Opened(msgspec.Struct, frozen=True):
    """An open prover and the provider that goes with it."""

    prover: Prover
    provider: TacticProvider


Opener: TypeAlias = Callable[[tuple[str, ...]], AbstractAsyncContextManager[Opened]]
"""Opens a prover for theorems that need these imports; it is closed at the end of the block."""


async def toolchain_of(spec: LeanSpec) -> Toolchain:
    """Return the Lean that is meant.

    Raises:
        ToolchainError: There is none, or it cannot be used.
    """
    lean = None if spec.lean is None else Path(spec.lean)
    project = None if spec.project is None else Path(spec.project)
    toolchain = await find_toolchain(lean=lean, project=project)
    choose_transport(toolchain, spec.transport)  # what cannot be is refused before anything is written
    return toolchain


def lean_version(toolchain: Toolchain, spec: LeanSpec) -> str:
    """Return what a run's metadata says of its Lean: all that digests depend on."""
    spoken = choose_transport(toolchain, spec.transport)
    return f"{toolchain.version} (commit {toolchain.commit}, {toolchain.kind}, {spoken})"


async def opener_of(prover: ProverSpec, provider: ProviderSpec, toolchain: Toolchain | None = None) -> Opener:
    """Return what opens the prover; a Lean that was found already may be handed in.

    Raises:
        ToolchainError: There is no such Lean on this machine.
    """
    if isinstance(prover, SyntheticSpec):
        return _synthetic(prover)
    return _lean(toolchain or await toolchain_of(prover), prover, provider)


def _lean(toolchain: Toolchain, spec: LeanSpec, provider: ProviderSpec) -> Opener:
    @asynccontextmanager
    async def open_lean(imports: tuple[str, ...]) -> AsyncGenerator[Opened]:
        async with LeanProver.open(
            toolchain=toolchain, transport=spec.transport, imports=imports, heartbeats=spec.heartbeats, explain=False
        ) as prover:
            # A session's points are the arms of one theorem after another: they ask much the same.
            remembering = RememberingProver(prover, AnswerMemory())
            yield Opened(remembering, get_provider("heuristic", automation=provider.automation))

    return open_lean


def _synthetic(spec: SyntheticSpec) -> Opener:
    @asynccontextmanager
    async def open_synthetic(imports: tuple[str, ...]) -> AsyncGenerator[Opened]:
        prover = SyntheticProver(
            spec.seed,
            spec.branching,
            spec.p_fail,
            spec.p_close,
            spec.p_two,
            latency_s=spec.latency_s,
            by_statement=True,
        )
        yield Opened(prover, SyntheticProvider(spec.branching))

    return open_synthetic


def backend_info(prover: ProverSpec, provider: ProviderSpec, toolchain: Toolchain | None) -> BackendInfo:
    """Return what ``run.json`` says of prover and provider; the toolchain is the Lean that was found, if any."""
    digest = hashlib.sha256(msgspec.json.encode(provider, order="deterministic")).hexdigest()
    if isinstance(prover, SyntheticSpec):
        return BackendInfo(prover="synthetic", provider="synthetic", provider_digest=digest)
    return BackendInfo(
        prover="lean",
        provider="heuristic",
        provider_digest=digest,
        automation=provider.automation,
        heartbeats=prover.heartbeats,
        transport=None if toolchain is None else choose_transport(toolchain, prover.transport),
    )
