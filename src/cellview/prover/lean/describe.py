"""Say what Lean there is, for `cellview doctor`: also when there is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from cellview.prover.errors import ToolchainError
from cellview.prover.lean.cache import compiled_preludes, default_cache
from cellview.prover.lean.toolchain import Kind, find_toolchain

__all__ = ["CacheState", "LeanDescription", "describe"]

CacheState: TypeAlias = Literal["ready", "compiled now", "not used"]
"""Whether the prelude had been compiled before; only the embedded Lean uses it."""


class LeanDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. Without a usable Lean, `problem` says why and how to get one, and the rest is empty."""

    found: bool
    kind: Kind | None = None
    version: str = ""
    commit: str = ""
    library: str = ""
    """The shared library of the embedded Lean, otherwise the ``lean`` binary."""
    cache: str = ""
    """The folder of the compiled prelude that is in use."""
    cache_state: CacheState = "not used"
    older_preludes: int = 0
    """Compiled preludes of other versions in the cache folder; they may be deleted."""
    problem: str = ""


async def describe(
    *, lean: Path | None = None, project: Path | None = None, cache: Path | None = None
) -> LeanDescription:
    """Look for a Lean as :func:`find_toolchain` does (it may compile the prelude), but report instead of raising."""
    root = default_cache(os.environ) if cache is None else cache
    before = compiled_preludes(root)
    try:
        toolchain = await find_toolchain(lean=lean, project=project, cache=cache)
    except ToolchainError as error:
        return LeanDescription(found=False, problem=str(error))
    embedded = toolchain.kind == "embedded"
    folder = dict(toolchain.env)["LEAN_PATH"] if embedded else ""
    state: CacheState = "not used"
    if embedded:
        state = "ready" if Path(folder).name in before else "compiled now"
    return LeanDescription(
        found=True,
        kind=toolchain.kind,
        version=toolchain.version,
        commit=toolchain.commit,
        library=toolchain.library,
        cache=folder,
        cache_state=state,
        older_preludes=len(before - {Path(folder).name}) if embedded else 0,
    )
