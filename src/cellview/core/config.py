"""The configuration of one search: everything that its outcome depends on, validated at the edge."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

import msgspec

from cellview.core.errors import ConfigError
from cellview.schedule import (
    Algotype,
    AlgotypeError,
    BlockPolicy,
    DelayPolicy,
    ReroutePolicy,
    TacticIntervention,
    algotype_of_each,
)
from cellview.tree import AgentProfile, TreeConfig, TreeConfigError

__all__ = ["CommitOrder", "ObstacleVisits", "SearchConfig", "SearchMode"]

SearchMode: TypeAlias = Literal["centralized", "distributed"]
CommitOrder: TypeAlias = Literal["ordered", "arrival"]
ObstacleVisits: TypeAlias = Literal["count", "ignore"]


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
        algotypes: Agents that differ in constants, provider and families of tactics; distributed only.
        block: Freeze a fraction of the nodes.
        delay: Delay nodes now and then.
        reroute: What an agent does when its node is blocked or delayed; ``None``: it gives the ticket up.
        obstacle_visits: ``count``: a meeting with a blocked or delayed node counts as a visit without success, so that
            selection learns to go elsewhere. ``ignore``: it leaves no mark, and a node that never thaws is chosen again
            and again; for comparison. Distributed only.
        intervention: The tactic intervention of this arm (``None``: wild type).
        provider_jitter: σ of the noise on the provider's scores, at least 0: σ times a standard Gumbel variate drawn by
            (seed, node, tactic) is added to each. With 0 a provider that repeats itself makes all seeds one.
        max_tactics: Tactics tried in one visit, at most (1 to 999).
        provider_errors: Questions in a row that the provider fails at, at least 1, after which the search ends with
            ``provider_error``: what a dead model leaves behind is no result.
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
    algotypes: tuple[Algotype, ...] = ()
    block: BlockPolicy | None = None
    delay: DelayPolicy | None = None
    reroute: ReroutePolicy | None = None
    obstacle_visits: ObstacleVisits = "count"
    intervention: TacticIntervention | None = None
    provider_jitter: float = 0.0
    max_tactics: int = 64
    provider_errors: int = 10
    adapter_retries: int = 2

    def __post_init__(self) -> None:
        """Check ranges and what belongs together."""
        _check_mode(self)
        if self.algotypes:
            _check_algotypes(self)
        if not self.budget or any(tier < 1 for tier in self.budget):
            raise ConfigError(f"budget must be one or more tiers of at least 1 iteration, not {list(self.budget)}")
        if self.seed < 0:
            raise ConfigError(f"seed must be at least 0, not {self.seed}")
        if self.obstacle_visits not in get_args(ObstacleVisits):
            raise ConfigError(f"obstacle_visits must be count or ignore, not {self.obstacle_visits!r}")
        if not (math.isfinite(self.provider_jitter) and self.provider_jitter >= 0):
            raise ConfigError(f"provider_jitter must be a number of at least 0, not {self.provider_jitter!r}")
        if not 1 <= self.max_tactics <= 999:
            raise ConfigError(f"max_tactics must be between 1 and 999, not {self.max_tactics}")
        if self.provider_errors < 1:
            raise ConfigError(f"provider_errors must be at least 1, not {self.provider_errors}")
        if self.adapter_retries < 0:
            raise ConfigError(f"adapter_retries must be at least 0, not {self.adapter_retries}")

    @property
    def algotype_of_each(self) -> tuple[Algotype | None, ...]:
        """The algotype of each agent; ``None`` for those that none names."""
        return algotype_of_each(self.algotypes, self.agents or 1)

    @property
    def labels(self) -> tuple[str, ...]:
        """What measures call each agent's algotype; empty when all agents are alike."""
        return (
            tuple("others" if kind is None else kind.name for kind in self.algotype_of_each) if self.algotypes else ()
        )

    @property
    def kinds(self) -> tuple[int, ...]:
        """Each agent's kind, by provider and families; empty when all agents are of one."""
        ways = [("", ()) if kind is None else (kind.provider, kind.families) for kind in self.algotype_of_each]
        numbers = {way: number for number, way in enumerate(dict.fromkeys(ways))}
        return tuple(numbers[way] for way in ways) if len(numbers) > 1 else ()

    @property
    def profile_of_each(self) -> tuple[AgentProfile, ...]:
        """The constants of each agent, those of its algotype before those of all; empty: the defaults for all."""
        if not any(_constants(kind) for kind in self.algotypes):
            return self.profiles
        usual = self.profiles or (AgentProfile(),) * (self.agents or 1)
        return tuple(
            profile if kind is None else msgspec.structs.replace(profile, **_constants(kind))
            for profile, kind in zip(usual, self.algotype_of_each, strict=True)
        )

    @property
    def reproducible(self) -> bool:
        """Whether a run with this configuration has the same bytes every time."""
        return self.commit == "ordered"


def _constants(algotype: Algotype) -> dict[str, float | int]:
    names = ("exploration", "depth_bias", "path_bias", "history_cache")
    return {name: value for name in names if (value := getattr(algotype, name)) is not None}


def _check_algotypes(config: SearchConfig) -> None:
    if config.mode == "centralized":
        raise ConfigError("centralized mode has no algotypes: leave [agents] out, or use mode distributed")
    try:
        algotype_of_each(config.algotypes, config.agents or 1)
        config.profile_of_each  # noqa: B018  # raises where a constant is out of its range
    except (AlgotypeError, TreeConfigError) as error:
        raise ConfigError(str(error)) from None


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
            "obstacle_visits ignore": config.obstacle_visits == "ignore",
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
