"""The configuration that the options of a search mean."""

from __future__ import annotations

from cellview.app.search_options import DEFAULT_REROUTE_MAX, SearchOptions
from cellview.core import SearchConfig
from cellview.schedule import Algotype, BlockPolicy, DelayPolicy, ReroutePolicy
from cellview.settings import SettingsError, option_names
from cellview.tree import AgentProfile, TreeConfig

__all__ = ["search_config"]


def search_config(options: SearchOptions, *, algotypes: tuple[Algotype, ...] = ()) -> SearchConfig:
    """Return the configuration that `options` mean, without an intervention on tactics.

    `algotypes` are how agents differ beyond the options.

    Raises:
        SettingsError: Options are missing or do not belong together.
        ConfigError, PolicyError, TreeConfigError: A value is out of its range; each names it.
    """
    _check_mode(options)
    return SearchConfig(
        mode=options.mcts_mode,
        agents=options.mcts_agents,
        inflight=options.mcts_inflight,
        commit=options.mcts_commit or "ordered",
        budget=options.budget,
        seed=options.seed,
        tree=_tree(options),
        profiles=_profiles(options),
        algotypes=algotypes,
        block=_block(options),
        delay=_delay(options),
        reroute=_reroute(options),
        obstacle_visits=options.mcts_obstacle_visits or "count",
        provider_jitter=options.provider_jitter,
        max_tactics=options.mcts_max_tactics,
        provider_errors=options.provider_errors,
    )


def _check_mode(options: SearchOptions) -> None:
    if options.mcts_mode == "distributed":
        missing = [n for n in ("mcts-agents", "mcts-inflight") if getattr(options, n.replace("-", "_")) is None]
        if missing:
            names = " and ".join(f"--{name}" for name in missing)
            raise SettingsError(f"Distributed mode needs {names}, such as --mcts-agents 4 --mcts-inflight 4.")
        return
    for name in option_names(SearchOptions, requires="distributed"):
        value = getattr(options, name.replace("-", "_"))
        if value is not None and value is not False:
            raise SettingsError(f"--{name} belongs to distributed mode: add --mcts-mode distributed, or leave it out.")
    if options.mcts_selection in ("virtual-loss", "wu-uct"):
        raise SettingsError(
            f"--mcts-selection {options.mcts_selection} says how agents see each other's work, and belongs to "
            "distributed mode: add --mcts-mode distributed, or leave it out."
        )


def _tree(options: SearchOptions) -> TreeConfig:
    return TreeConfig(
        expansion=options.mcts_expansion_policy,
        selection=options.mcts_selection or "virtual-loss",
        virtual_loss=1.0 if options.mcts_virtual_loss is None else options.mcts_virtual_loss,
        backpropagation=options.mcts_backpropagation,
    )


def _profiles(options: SearchOptions) -> tuple[AgentProfile, ...]:
    """Return one profile per agent when any constant was given, else none (all agents alike)."""
    given = (
        options.mcts_exploration,
        options.mcts_depth_bias,
        options.mcts_path_bias,
        options.mcts_history_cache,
    )
    agents = 1 if options.mcts_mode == "centralized" else options.mcts_agents
    if agents is None or agents < 1 or all(value is None for value in given):
        return ()
    usual = AgentProfile().exploration if options.mcts_exploration is None else options.mcts_exploration
    exploration = _per_agent("mcts-exploration", usual, agents)
    depth = _per_agent("mcts-depth-bias", options.mcts_depth_bias, agents)
    path = _per_agent("mcts-path-bias", options.mcts_path_bias, agents)
    cache = _per_agent("mcts-history-cache", options.mcts_history_cache, agents)
    return tuple(
        AgentProfile(exploration=float(e), depth_bias=float(d), path_bias=float(p), history_cache=int(c))
        for e, d, p, c in zip(exploration, depth, path, cache, strict=True)
    )


def _per_agent(option: str, value: float | tuple[float, ...] | None, agents: int) -> tuple[float, ...]:
    values = value if isinstance(value, tuple) else (value or 0,)
    if len(values) == 1:
        return values * agents
    if len(values) != agents:
        raise SettingsError(
            f"--{option} has {len(values)} numbers for {agents} agents; give one, or one for each agent."
        )
    return values


def _block(options: SearchOptions) -> BlockPolicy | None:
    fraction, duration = options.mcts_block_fraction, options.mcts_block_duration
    if fraction is None:
        _refuse_alone(
            options,
            "mcts-block-fraction",
            ("mcts-block-duration", "mcts-block-seed", "mcts-block-immovable-fraction"),
            ("mcts-unfreeze-after", "mcts-unfreeze-prob", "mcts-block-spare-root"),
        )
        return None
    if duration is None:
        raise SettingsError(
            "--mcts-block-fraction needs --mcts-block-duration: how many iterations a node stays frozen."
        )
    return BlockPolicy(
        fraction,
        duration,
        options.seed if options.mcts_block_seed is None else options.mcts_block_seed,
        immovable_fraction=options.mcts_block_immovable_fraction,
        unfreeze_after=options.mcts_unfreeze_after,
        unfreeze_prob=options.mcts_unfreeze_prob,
        spare_root=options.mcts_block_spare_root,
    )


def _delay(options: SearchOptions) -> DelayPolicy | None:
    probability, duration = options.mcts_delay_prob, options.mcts_delay_duration
    if probability is None:
        _refuse_alone(options, "mcts-delay-prob", ("mcts-delay-duration", "mcts-delay-seed"))
        return None
    if duration is None:
        raise SettingsError("--mcts-delay-prob needs --mcts-delay-duration: how many iterations a delay lasts.")
    seed = options.seed if options.mcts_delay_seed is None else options.mcts_delay_seed
    return DelayPolicy(probability, duration, seed)


def _reroute(options: SearchOptions) -> ReroutePolicy | None:
    if not options.mcts_reroute_blocked:
        _refuse_alone(options, "mcts-reroute-blocked", ("mcts-reroute-max",))
        return None
    return ReroutePolicy(DEFAULT_REROUTE_MAX if options.mcts_reroute_max is None else options.mcts_reroute_max)


def _refuse_alone(options: SearchOptions, leader: str, *groups: tuple[str, ...]) -> None:
    for name in (name for group in groups for name in group):
        value = getattr(options, name.replace("-", "_"))
        if value is not None and value is not False:
            raise SettingsError(f"--{name} means nothing without --{leader}: give that too, or leave it out.")
