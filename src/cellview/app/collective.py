"""What the agents of a run did beside each other, from the traces and trees in its folder; no replay, no library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from cellview.app.errors import InputFileError
from cellview.measures import Together, TogetherTotals, together, together_in_all
from cellview.trace import RunFolder, RunMetadata, read_trace
from cellview.tree import Tree, TreeFormatError

__all__ = ["collective_lines", "collective_of", "collective_of_arm"]


def collective_of(trace: Path) -> Together | None:
    """Return what the agents of one search did; ``None`` for a trace that is in no run's folder, or an old one's.

    Raises:
        RunFolderError: The run's folder is damaged.
        TraceError: The trace is damaged.
        InputFileError: The tree is, or it is that of another search.
    """
    home = trace.absolute().parent.parent
    if not (home / "run.json").exists():
        return None
    size = _size(RunFolder.read(home).metadata)
    return None if size is None else _collective(trace, *size)


def collective_of_arm(folder: RunFolder, arm: str) -> TogetherTotals | None:
    """Add up an arm's searches for theorems; ``None`` where no trace was kept.

    Raises:
        TraceError, InputFileError: As :func:`collective_of`.
    """
    size = _size(folder.metadata)
    if size is None:
        return None
    found: list[Together] = []
    for entry in folder.metadata.results:
        path = folder.trace_path(entry.theorem, arm=entry.arm, seed=entry.seed)
        if entry.arm == arm and entry.provable is not False and entry.iterations and path.exists():
            found.append(_collective(path, *size))
    return together_in_all(found)


def _size(metadata: RunMetadata) -> tuple[int, int] | None:
    """Return the number of agents and the window, which is all of the configuration that matters here."""
    search: dict[str, Any] | None = metadata.config.get("setup", {}).get("search")
    if search is None:
        return None
    return (1, 1) if search.get("mode") == "centralized" else (search.get("agents") or 1, search.get("inflight") or 1)


def _collective(trace: Path, agents: int, window: int) -> Together:
    place = trace.with_name(trace.name.replace("_mcts_trace.jsonl", "_mcts_tree.json"))
    try:
        tree = Tree.from_json(msgspec.json.decode(place.read_bytes())) if place.exists() else None
        return together(list(read_trace(trace)), agents=agents, window=window, tree=tree)
    except (msgspec.DecodeError, TreeFormatError, KeyError) as error:
        raise InputFileError(f"{place} is not the tree of the search beside it: {error}.") from error


def collective_lines(seen: Together) -> list[str]:
    """Lay out what the agents of one search did, as ``trace summary`` prints it."""
    again = seen.concurrent + seen.repeat
    lines = [f"  again     {again} of {seen.tried} tactics had been tried on an equal goal"]
    if again:
        others = f"; {seen.cross_agent} by another agent" if seen.agents > 1 else ""
        lines.append(f"            {seen.concurrent} of them still under way, {seen.repeat} known{others}")
    if seen.agents > 1:
        lines.append(f"  overlap   {seen.shared_nodes} of {seen.nodes} nodes were visited by more than one agent")
        lines.append(
            f"  labour    as of {_number(seen.labour)} agents, by tactics tried; fairness {_number(seen.fairness)}"
        )
    if seen.credit is not None:
        by = ", ".join(f"{agent}: {edges}" for agent, edges in seen.credit.items())
        of = f", as of {_number(seen.contributors)} agents" if seen.agents > 1 else ""
        lines.append(f"  proof     steps by agent {by}{of}")
    return lines


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
