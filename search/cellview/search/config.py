"""The configuration of one search: everything that its outcome depends on, validated at the edge."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, TacticIntervention
from cellview.search.errors import ConfigError
from cellview.tree import AgentProfile, ExpansionPolicy, TreeConfig

__all__ = ["CommitOrder", "SearchConfig", "SearchMode"]

SearchMode: TypeAlias = Literal["centralized", "distributed"]
CommitOrder: TypeAlias = Literal["ordered", "arrival"]


class SearchConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a search does, as data. Two runs with equal configuration, input and seed write the same bytes.

    Args:
        mode: ``distributed`` (agents over one shared tree) or ``centralized`` (one sequential loop, no agents).
        agents: Number of agents; distributed only.
        inflight: The window: tickets that may be uncommitted at once; distributed only. Semantic, so it is never
            derived from the number of agents.
        commit: ``ordered`` (reproducible) or ``arrival`` (for comparison; marked non-reproducible).
        budget: Iterations of each tier; the search spends their sum at most, on one warm tree.
        seed: Run seed, at least 0.
        tree: Rules of the tree that all agents share.
        profiles: Per-agent selection constants; empty means the same defaults for all, otherwise one per agent.
        block: Freeze a fraction of the nodes.
        delay: Delay nodes now and then.
        reroute: What an agent does when its node is blocked or delayed; ``None``: it gives the ticket up.
        intervention: The tactic intervention of this arm (``None``: wild type).
        max_tactics: Tactics tried in one visit, at most (1 to 999).
        adapter_retries: Tries of one request to a failing prover before the record says ``adapter_error``.

    Raises:
        ConfigError: A value is out of its range, or does not belong to the mode.
    """

    mode: SearchMode = "distributed"
    agents: int | None = None
    inflight: int | None = None
    commit: CommitOrder = "ordered"
    budget: tuple[int, ...] = (200,)
    seed: int = 0
    tree: TreeConfig = TreeConfig()
    profiles: tuple[AgentProfile, ...] = ()
    block: BlockPolicy | None = None
    delay: DelayPolicy | None = None
    reroute: ReroutePolicy | None = None
    intervention: TacticIntervention | None = None
    max_tactics: int = 64
    adapter_retries: int = 3
