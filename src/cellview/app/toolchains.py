"""The Lean that the options of a command mean."""

from __future__ import annotations

from cellview.app.search_options import LeanOptions, SearchOptions
from cellview.experiment import LeanSpec, ProverSpec, lean_version, toolchain_of
from cellview.prover.lean import Toolchain
from cellview.trace import Versions, describe_versions

__all__ = ["lean_of", "toolchain_for", "versions_with"]


def lean_of(options: SearchOptions) -> LeanSpec:
    """Return the prover that the options mean."""
    return LeanSpec(
        lean=options.lean,
        project=options.project,
        heartbeats=options.heartbeats,
        transport=options.lean_transport,
    )


async def toolchain_for(options: LeanOptions | SearchOptions) -> Toolchain:
    """Find the Lean that the options mean.

    Raises:
        ToolchainError: There is none, or it cannot be used.
    """
    transport = options.lean_transport if isinstance(options, SearchOptions) else None
    return await toolchain_of(LeanSpec(lean=options.lean, project=options.project, transport=transport))


def versions_with(toolchain: Toolchain | None, prover: ProverSpec | None) -> Versions:
    """Return the versions in use, that Lean's included."""
    if toolchain is None or not isinstance(prover, LeanSpec):
        return describe_versions()
    return describe_versions(lean=lean_version(toolchain, prover))
