"""The configuration of one search: everything that its outcome depends on, validated at the edge."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from cellview.core.errors import ConfigError
from cellview.schedule import BlockPolicy, DelayPolicy, ReroutePolicy, TacticIntervention
from cellview.tree import AgentProfile, TreeConfig

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
        adapter_retries: Further tries of a request that a prover failed at, before the record says ``adapter_error``.

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
    adapter_retries: int = 2

    def __post_init__(self) -> None:
        """Check ranges and what belongs together."""
        _check_mode(self)
        if not self.budget or any(tier < 1 for tier in self.budget):
            raise ConfigError(f"budget must be one or more tiers of at least 1 iteration, not {list(self.budget)}")
        if self.seed < 0:
            raise ConfigError(f"seed must be at least 0, not {self.seed}")
        if not 1 <= self.max_tactics <= 999:
            raise ConfigError(f"max_tactics must be between 1 and 999, not {self.max_tactics}")
        if self.adapter_retries < 0:
            raise ConfigError(f"adapter_retries must be at least 0, not {self.adapter_retries}")

    @property
    def reproducible(self) -> bool:
        """Whether a run with this configuration has the same bytes every time."""
        return self.commit == "ordered"


def _check_mode(config: SearchConfig) -> None:
    if config.mode not in ("centralized", "distributed"):
        raise ConfigError(f"mode must be centralized or distributed, not {config.mode!r}")
    if config.commit not in ("ordered", "arrival"):
        raise ConfigError(f"commit must be ordered or arrival, not {config.commit!r}")
    if config.mode == "centralized":
        given = {
            "agents": config.agents is not None,
            "inflight": config.inflight is not None,
            "commit arrival": config.commit != "ordered",
            "block": config.block is not None,
            "delay": config.delay is not None,
            "reroute": config.reroute is not None,
            "more than one profile": len(config.profiles) > 1,
        }
        wrong = [name for name, is_given in given.items() if is_given]
        if wrong:
            raise ConfigError(f"centralized mode has no {', '.join(wrong)}; leave it out, or use mode distributed")
        return
    missing = [name for name in ("agents", "inflight") if getattr(config, name) is None]
    if missing:
        raise ConfigError(f"distributed mode needs {' and '.join(missing)}; there is no default and no fallback")
    for name in ("agents", "inflight"):
        if getattr(config, name) < 1:
            raise ConfigError(f"{name} must be at least 1, not {getattr(config, name)}")
    if config.profiles and len(config.profiles) != config.agents:
        raise ConfigError(f"profiles must be one per agent: {config.agents} agents, {len(config.profiles)} profiles")
