"""What a search runs on, as data, and opened: a prover, and the provider of its tactics.

An open prover cannot travel to another process; its description can, and each worker opens its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from cellview.experiment.providers import (
    HeuristicSpec,
    ModelAccess,
    ProviderMaker,
    ProviderSpec,
    provider_name,
)
from cellview.prover import Prover, SyntheticProver, SyntheticProvider, TacticProvider
from cellview.prover.lean import LeanProver, Limits, Toolchain, TransportName, choose_transport, find_toolchain
from cellview.prover.providers import ModelUse
from cellview.prover.remembering import AnswerMemory, RememberingProver
from cellview.trace import BackendInfo

__all__ = [
    "LeanSpec",
    "Opened",
    "Opener",
    "ProverSpec",
    "SyntheticSpec",
    "backend_info",
    "lean_version",
    "opener_of",
    "toolchain_of",
]


_Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]


class LeanSpec(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="lean", forbid_unknown_fields=True):
    """Lean, found by each worker on its own machine: the embedded one, the one at `lean`, or that of a Lake project.

    `heartbeats` is what one tactic may use, in thousands of Lean's allocations. `transport` is how Lean is spoken to;
    ``None``: the tactic server in the embedded Lean, the language server of any other.
    """

    lean: str | None = None
    project: str | None = None
    heartbeats: Annotated[int, msgspec.Meta(ge=1)] = Limits().heartbeats
    transport: TransportName | None = None


class SyntheticSpec(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="synthetic", forbid_unknown_fields=True
):
    """The synthetic prover: every statement is a random tree of its own. For the study of the collective; no proofs.

    Raises:
        ValueError: `p_fail` and `p_close` are more than 1 together.
    """

    seed: int = 1
    branching: Annotated[int, msgspec.Meta(ge=1, le=256)] = 4
    p_fail: _Share = 0.3
    p_close: _Share = 0.05
    p_two: _Share = 0.5
    latency_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0

    def __post_init__(self) -> None:
        """Check what no range of a single value says."""
        if self.p_fail + self.p_close > 1:
            raise ValueError("p_fail and p_close are more than 1 together")


ProverSpec: TypeAlias = LeanSpec | SyntheticSpec


class Opened(msgspec.Struct, frozen=True):
    """An open prover and the provider that goes with it."""

    prover: Prover
    provider: TacticProvider
    providers: Mapping[str, TacticProvider] = {}
    """Others, by the names that algotypes ask for."""

    @property
    def use(self) -> ModelUse:
        """What asking models has come to so far; a copy."""
        total = ModelUse()
        for provider in (self.provider, *self.providers.values()):
            if isinstance(use := getattr(provider, "use", None), ModelUse):
                total.add(use)
        return total


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


async def opener_of(
    prover: ProverSpec,
    provider: ProviderSpec,
    toolchain: Toolchain | None = None,
    *,
    access: ModelAccess | None = None,
    providers: Mapping[str, ProviderSpec] | None = None,
) -> Opener:
    """Return what opens the prover; a Lean that was found already may be handed in.

    `access` is how this machine reaches model servers; `providers` are those that algotypes ask for.

    Raises:
        ToolchainError: There is no such Lean on this machine.
        ExperimentError, ProviderError: The provider cannot be made.
    """
    maker = ProviderMaker(access or ModelAccess())
    specs = {"": provider, **(providers or {})}
    for spec in specs.values():
        maker.check(spec)

    def make(spec: ProviderSpec) -> TacticProvider:
        if isinstance(prover, SyntheticSpec) and isinstance(spec, HeuristicSpec):
            return SyntheticProvider(prover.branching)  # the rules say nothing of its tree
        return maker.make(spec)

    @asynccontextmanager
    async def made() -> AsyncGenerator[dict[str, TacticProvider]]:
        """Make the providers, and close at the end what they have opened."""
        async with AsyncExitStack() as stack:
            found = {name: make(spec) for name, spec in specs.items()}
            for one in found.values():
                if (close := getattr(one, "aclose", None)) is not None:
                    stack.push_async_callback(close)
            yield found

    if isinstance(prover, SyntheticSpec):
        return _synthetic(prover, made)
    return _lean(toolchain or await toolchain_of(prover), prover, made)


_Made: TypeAlias = Callable[[], AbstractAsyncContextManager[dict[str, TacticProvider]]]
"""Makes the providers, the run's own under the empty name."""


def _lean(toolchain: Toolchain, spec: LeanSpec, made: _Made) -> Opener:
    @asynccontextmanager
    async def open_lean(imports: tuple[str, ...]) -> AsyncGenerator[Opened]:
        async with (
            made() as providers,
            LeanProver.open(
                toolchain=toolchain,
                transport=spec.transport,
                imports=imports,
                heartbeats=spec.heartbeats,
                explain=False,
            ) as prover,
        ):
            # A session's points are the arms of one theorem after another: they ask much the same.
            remembering = RememberingProver(prover, AnswerMemory())
            yield Opened(remembering, providers.pop(""), providers)

    return open_lean


def _synthetic(spec: SyntheticSpec, made: _Made) -> Opener:
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
        async with made() as providers:
            yield Opened(prover, providers.pop(""), providers)

    return open_synthetic


def backend_info(prover: ProverSpec, provider: ProviderSpec, toolchain: Toolchain | None) -> BackendInfo:
    """Return what ``run.json`` says of prover and provider; the toolchain is the Lean that was found, if any."""
    digest = hashlib.sha256(msgspec.json.encode(provider, order="deterministic")).hexdigest()
    by_rules = isinstance(provider, HeuristicSpec)
    name = "heuristic" if by_rules else provider_name(provider)
    if isinstance(prover, SyntheticSpec):
        return BackendInfo(prover="synthetic", provider="synthetic" if by_rules else name, provider_digest=digest)
    return BackendInfo(
        prover="lean",
        provider=name,
        provider_digest=digest,
        automation=provider.automation if isinstance(provider, HeuristicSpec) else None,
        heartbeats=prover.heartbeats,
        transport=None if toolchain is None else choose_transport(toolchain, prover.transport),
    )
