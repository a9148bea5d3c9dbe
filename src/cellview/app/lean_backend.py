"""The backend that the command line uses: a Lean, found as the options say, and the tactics that suit it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from cellview.app.backend import Backend, OpenBackend
from cellview.app.search_options import Automation, LeanOptions, SearchOptions
from cellview.prover.lean import LeanProver, Toolchain, TransportName, choose_transport, find_toolchain
from cellview.prover.providers import get_provider

__all__ = ["lean_backend", "lean_version", "toolchain_of"]


async def toolchain_of(options: LeanOptions | SearchOptions) -> Toolchain:
    """Return the Lean that the options mean.

    Raises:
        ToolchainError: There is none, or it cannot be used.
    """
    lean = None if options.lean is None else Path(options.lean)
    project = None if options.project is None else Path(options.project)
    toolchain = await find_toolchain(lean=lean, project=project)
    if isinstance(options, SearchOptions):
        choose_transport(toolchain, options.lean_transport)  # what cannot be is refused before anything is written
    return toolchain


def lean_version(toolchain: Toolchain, transport: TransportName | None) -> str:
    """Return what a run's metadata says of its Lean: all that digests depend on."""
    spoken = choose_transport(toolchain, transport)
    return f"{toolchain.version} (commit {toolchain.commit}, {toolchain.kind}, {spoken})"


def lean_backend(
    toolchain: Toolchain, *, automation: Automation, heartbeats: int, transport: TransportName | None
) -> OpenBackend:
    """Return what opens Lean provers of this toolchain; a tactic may use `heartbeats`, see `Limits`."""

    @asynccontextmanager
    async def open_backend(imports: tuple[str, ...]) -> AsyncGenerator[Backend]:
        async with LeanProver.open(
            toolchain=toolchain, transport=transport, imports=imports, heartbeats=heartbeats
        ) as prover:
            yield Backend(prover, get_provider("heuristic", automation=automation))

    return open_backend
