"""The options of a search as ``run`` and ``prove`` take them, and the configuration that they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from cellview.app.errors import OptionError
from cellview.app.interventions import read_interventions
from cellview.app.structopts import Opt, option_names
from cellview.core import SearchConfig
from cellview.prover.lean import Limits
from cellview.schedule import (
    WILD_TYPE,
    BlockPolicy,
    DelayPolicy,
    ReroutePolicy,
    TacticIntervention,
    parse_intervention,
)
from cellview.tree import AgentProfile, TreeConfig

__all__ = ["Automation", "RunOptions", "SearchOptions", "arms_of", "search_config"]

Automation = Literal["none", "light", "full"]

_WHAT = "What is searched, and how long"
_AGENTS = "Agents (distributed mode)"
_BLOCK = "Blocking nodes (distributed mode)"
_DELAY = "Delaying and rerouting (distributed mode)"
_PROVER = "The prover"
_OUTPUT = "What is written"

DEFAULT_REROUTE_MAX = 3


class SearchOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Everything that a single search depends on, under the names of the command line."""

    mcts_mode: Annotated[
        Literal["centralized", "distributed"],
        Opt(
            panel=_WHAT,
            help="Who searches: centralized is one sequential loop, the baseline; distributed is several agents over "
            "one shared tree, and needs --mcts-agents and --mcts-inflight.",
        ),
    ] = "centralized"
    budget: Annotated[
        tuple[int, ...],
        Opt(
            panel=_WHAT,
            metavar="TIERS",
            help="Iterations, in tiers that add up on one warm tree: 10,50,200 searches for 10, then 50 more, then 200 "
            "more. The search ends as soon as the root is solved. Tiers only label the records of a trace.",
        ),
    ] = (10, 50)
    seed: Annotated[
        int,
        Opt(panel=_WHAT, help="Seed of every draw of the search, at least 0. Equal seed and options: equal traces."),
    ] = 0
    mcts_expansion_policy: Annotated[
        Literal["all-successes", "first-success"],
        Opt(
            panel=_WHAT,
            help="What a visit adds to the tree: every tactic that works, or the first one alone (the rest stays "
            "untried and is taken up at a later visit).",
        ),
    ] = "all-successes"
    mcts_backpropagation: Annotated[
        Literal["uniform", "and_min"],
        Opt(
            panel=_WHAT,
            help="Who is credited with a success: the whole path (uniform), or no further up than a set of subgoals "
            "whose weakest member it did not come from (and_min).",
        ),
    ] = "uniform"
    mcts_max_tactics: Annotated[
        int, Opt(panel=_WHAT, help="Tactics that one visit tries at most, 1 to 999, best first.")
    ] = 64

    mcts_agents: Annotated[
        int | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            help="Number of agents, at least 1. Agent i takes the iterations i, i+N, i+2N, ... Example: 4.",
        ),
    ] = None
    mcts_inflight: Annotated[
        int | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            help="Window: iterations under way at once, at least 1. An agent sees the tree as it was that many "
            "iterations ago, so a larger window explores more widely. Part of the result, like the seed. Example: 4.",
        ),
    ] = None
    mcts_commit: Annotated[
        Literal["ordered", "arrival"] | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            default="ordered",
            help="When outcomes enter the tree: in the order of iterations, which makes a run reproducible, or as they "
            "arrive, for comparison; the run is then marked as not reproducible.",
        ),
    ] = None
    mcts_selection: Annotated[
        Literal["virtual-loss", "wu-uct"] | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            default="virtual-loss",
            help="How a path that is being worked on looks to the other agents: as lost visits, or as visits whose "
            "outcome is open.",
        ),
    ] = None
    mcts_virtual_loss: Annotated[
        float | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            default="1",
            help="Weight of one reservation, at least 0, in visits lost along its whole path: it keeps agents apart. "
            "0 lets them crowd. Example: 2.",
        ),
    ] = None
    mcts_depth_bias: Annotated[
        float | tuple[float, ...] | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            metavar="NUMBERS",
            default="0",
            help="Added to a node's score in proportion to its depth; negative prefers shallow nodes. One number for "
            "all agents or one for each: 0.5,0,-0.5.",
        ),
    ] = None
    mcts_path_bias: Annotated[
        float | tuple[float, ...] | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            metavar="NUMBERS",
            default="0",
            help="Added to nodes on the path that the agent took last; negative sends it elsewhere. One number for "
            "all agents or one for each.",
        ),
    ] = None
    mcts_history_cache: Annotated[
        int | tuple[int, ...] | None,
        Opt(
            panel=_AGENTS,
            distributed=True,
            metavar="NODES",
            default="0",
            help="How many of its own last nodes an agent avoids while anything else is free; 0: none. One number for "
            "all agents or one for each.",
        ),
    ] = None

    mcts_block_fraction: Annotated[
        float | None,
        Opt(
            panel=_BLOCK,
            distributed=True,
            help="Share of nodes, between 0 and 1, that freeze when an agent first meets them. Example: 0.2.",
        ),
    ] = None
    mcts_block_duration: Annotated[
        int | None,
        Opt(
            panel=_BLOCK,
            distributed=True,
            help="Iterations that a node stays frozen; negative: for good. Needed with --mcts-block-fraction. "
            "Example: 20.",
        ),
    ] = None
    mcts_block_seed: Annotated[
        int | None,
        Opt(panel=_BLOCK, distributed=True, default="the value of --seed", help="Decides which nodes freeze."),
    ] = None
    mcts_block_immovable_fraction: Annotated[
        float | None,
        Opt(
            panel=_BLOCK,
            distributed=True,
            help="Share of the frozen nodes, 0 to 1, that never thaw; needs a positive duration. Example: 0.1.",
        ),
    ] = None
    mcts_unfreeze_after: Annotated[
        int | None,
        Opt(
            panel=_BLOCK,
            distributed=True,
            help="Iterations after freezing, at least 1, from which a meeting may thaw the node early.",
        ),
    ] = None
    mcts_unfreeze_prob: Annotated[
        float | None,
        Opt(
            panel=_BLOCK,
            distributed=True,
            default="1 with --mcts-unfreeze-after",
            help="Probability, above 0 and at most 1, that such a meeting thaws it.",
        ),
    ] = None

    mcts_reroute_blocked: Annotated[
        bool,
        Opt(
            panel=_DELAY,
            distributed=True,
            help="An agent whose node is blocked or delayed tries another one, instead of giving its iteration up.",
        ),
    ] = False
    mcts_reroute_max: Annotated[
        int | None,
        Opt(
            panel=_DELAY,
            distributed=True,
            default=str(DEFAULT_REROUTE_MAX),
            help="Other nodes that it tries at most, at least 1; with --mcts-reroute-blocked.",
        ),
    ] = None
    mcts_delay_prob: Annotated[
        float | None,
        Opt(
            panel=_DELAY,
            distributed=True,
            help="Probability, between 0 and 1, that a meeting delays the node. Example: 0.1.",
        ),
    ] = None
    mcts_delay_duration: Annotated[
        int | None,
        Opt(
            panel=_DELAY,
            distributed=True,
            help="Iterations that a delay lasts, at least 1. Needed with --mcts-delay-prob.",
        ),
    ] = None
    mcts_delay_seed: Annotated[
        int | None,
        Opt(panel=_DELAY, distributed=True, default="the value of --seed", help="Decides which meetings delay."),
    ] = None

    automation: Annotated[
        Automation,
        Opt(
            panel=_PROVER,
            help="How much a single tactic may do. none: single logical steps only, so that proofs have structure; "
            "light: also rewriting and simp only; full: also simp, decide and the other closers.",
        ),
    ] = "full"
    heartbeats: Annotated[
        int,
        Opt(
            panel=_PROVER,
            metavar="THOUSANDS",
            help="What one tactic may use, in thousands of Lean's allocations: counted, not timed, and so the same on "
            "every machine. Mathlib wants more: 20000, or Lean's own 200000.",
        ),
    ] = Limits().heartbeats
    lean: Annotated[
        str | None,
        Opt(
            panel=_PROVER,
            metavar="PATH",
            default="the embedded Lean",
            help="A Lean of your own: the path of the program lean, or its name on the PATH.",
        ),
    ] = None
    project: Annotated[
        str | None,
        Opt(
            panel=_PROVER,
            metavar="FOLDER",
            help="A Lake project whose imports the statements may use; its own toolchain is taken, by lake.",
        ),
    ] = None


class RunOptions(SearchOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What ``run`` takes beside the options of a search."""

    corpus: Annotated[str | None, Opt(file_only=True, help="The corpus, when it is not given as an argument.")] = None
    interventions: Annotated[
        tuple[str, ...],
        Opt(
            panel=_WHAT,
            metavar="NAMES",
            help="The arms of the experiment, each a search of its own for every theorem: wild_type (nothing is held "
            "back), block_HEAD (such as block_simp), block_family_FAMILY, budget_HEAD_TIMES, control_null, "
            "random_nonpath_control, or a TOML file of interventions.",
        ),
    ] = ("wild_type",)
    trace_mcts: Annotated[
        bool, Opt(panel=_OUTPUT, help="Write a trace of every search: one JSON line for each iteration.")
    ] = False
    out: Annotated[
        str | None,
        Opt(
            panel=_OUTPUT,
            metavar="FOLDER",
            default="runs/CORPUS-DATE-TIME",
            help="The run's folder; it must not exist yet.",
        ),
    ] = None
    json: Annotated[
        bool,
        Opt(panel=_OUTPUT, help="Print one JSON object on standard output, and progress on standard error alone."),
    ] = False
    jobs: Annotated[
        int | None,
        Opt(
            panel=_OUTPUT,
            default="the number of cores, at most 8",
            help="Theorems proved side by side, each in a process of its own. Changes the time, never a result.",
        ),
    ] = None


def search_config(options: SearchOptions) -> SearchConfig:
    """Return the configuration that `options` mean, without an intervention on tactics.

    Raises:
        OptionError: Options are missing or do not belong together.
        ConfigError, PolicyError, TreeConfigError: A value is out of its range; each names it.
    """
    _check_mode(options)
    if options.heartbeats < 1:
        raise OptionError(f"--heartbeats is {options.heartbeats}, but a whole number of at least 1 was expected.")
    distributed = options.mcts_mode == "distributed"
    return SearchConfig(
        mode=options.mcts_mode,
        agents=options.mcts_agents,
        inflight=options.mcts_inflight,
        commit=options.mcts_commit or "ordered",
        budget=options.budget,
        seed=options.seed,
        tree=_tree(options),
        profiles=_profiles(options) if distributed else (),
        block=_block(options),
        delay=_delay(options),
        reroute=_reroute(options),
        max_tactics=options.mcts_max_tactics,
    )


def _check_mode(options: SearchOptions) -> None:
    if options.mcts_mode == "distributed":
        missing = [n for n in ("mcts-agents", "mcts-inflight") if getattr(options, n.replace("-", "_")) is None]
        if missing:
            names = " and ".join(f"--{name}" for name in missing)
            raise OptionError(f"Distributed mode needs {names}, such as --mcts-agents 4 --mcts-inflight 4.")
        return
    for name in option_names(SearchOptions, distributed=True):
        value = getattr(options, name.replace("-", "_"))
        if value is not None and value is not False:
            raise OptionError(f"--{name} belongs to distributed mode: add --mcts-mode distributed, or leave it out.")


def _tree(options: SearchOptions) -> TreeConfig:
    return TreeConfig(
        expansion=options.mcts_expansion_policy,
        selection=options.mcts_selection or "virtual-loss",
        virtual_loss=1.0 if options.mcts_virtual_loss is None else options.mcts_virtual_loss,
        backpropagation=options.mcts_backpropagation,
    )


def _profiles(options: SearchOptions) -> tuple[AgentProfile, ...]:
    """Return one profile per agent when any constant was given, else none (all agents alike)."""
    given = (options.mcts_depth_bias, options.mcts_path_bias, options.mcts_history_cache)
    agents = options.mcts_agents
    if agents is None or agents < 1 or given == (None, None, None):
        return ()
    depth = _per_agent("mcts-depth-bias", options.mcts_depth_bias, agents)
    path = _per_agent("mcts-path-bias", options.mcts_path_bias, agents)
    cache = _per_agent("mcts-history-cache", options.mcts_history_cache, agents)
    return tuple(
        AgentProfile(depth_bias=float(d), path_bias=float(p), history_cache=int(c))
        for d, p, c in zip(depth, path, cache, strict=True)
    )


def _per_agent(option: str, value: float | tuple[float, ...] | None, agents: int) -> tuple[float, ...]:
    values = value if isinstance(value, tuple) else (value or 0,)
    if len(values) == 1:
        return values * agents
    if len(values) != agents:
        raise OptionError(f"--{option} has {len(values)} numbers for {agents} agents; give one, or one for each agent.")
    return values


def _block(options: SearchOptions) -> BlockPolicy | None:
    fraction, duration = options.mcts_block_fraction, options.mcts_block_duration
    if fraction is None:
        _refuse_alone(
            options,
            "mcts-block-fraction",
            ("mcts-block-duration", "mcts-block-seed", "mcts-block-immovable-fraction"),
            ("mcts-unfreeze-after", "mcts-unfreeze-prob"),
        )
        return None
    if duration is None:
        raise OptionError("--mcts-block-fraction needs --mcts-block-duration: how many iterations a node stays frozen.")
    return BlockPolicy(
        fraction,
        duration,
        options.seed if options.mcts_block_seed is None else options.mcts_block_seed,
        immovable_fraction=options.mcts_block_immovable_fraction,
        unfreeze_after=options.mcts_unfreeze_after,
        unfreeze_prob=options.mcts_unfreeze_prob,
    )


def _delay(options: SearchOptions) -> DelayPolicy | None:
    probability, duration = options.mcts_delay_prob, options.mcts_delay_duration
    if probability is None:
        _refuse_alone(options, "mcts-delay-prob", ("mcts-delay-duration", "mcts-delay-seed"))
        return None
    if duration is None:
        raise OptionError("--mcts-delay-prob needs --mcts-delay-duration: how many iterations a delay lasts.")
    seed = options.seed if options.mcts_delay_seed is None else options.mcts_delay_seed
    return DelayPolicy(probability, duration, seed)


def _reroute(options: SearchOptions) -> ReroutePolicy | None:
    if not options.mcts_reroute_blocked:
        _refuse_alone(options, "mcts-reroute-blocked", ("mcts-reroute-max",))
        return None
    return ReroutePolicy(DEFAULT_REROUTE_MAX if options.mcts_reroute_max is None else options.mcts_reroute_max)


def _refuse_alone(options: SearchOptions, leader: str, *groups: tuple[str, ...]) -> None:
    for name in (name for group in groups for name in group):
        if getattr(options, name.replace("-", "_")) is not None:
            raise OptionError(f"--{name} means nothing without --{leader}: give that too, or leave it out.")


def arms_of(names: tuple[str, ...]) -> tuple[TacticIntervention, ...]:
    """Return the interventions that `names` stand for; a name that ends in ``.toml`` is a file of them.

    Raises:
        OptionError: None is named, one is named twice, or a control that needs the wild type's proof stands without it.
        InterventionError: A name or a file says nothing known.
    """
    arms: list[TacticIntervention] = []
    for name in names:
        arms.extend(read_interventions(Path(name)) if name.endswith(".toml") else (parse_intervention(name),))
    if not arms:
        raise OptionError("--interventions names no arm; wild_type is the one that nothing is held back from.")
    seen: set[str] = set()
    for arm in arms:
        if arm.name in seen:
            raise OptionError(f"--interventions names {arm.name} twice; every arm needs a name of its own.")
        seen.add(arm.name)
    for arm in arms:
        if arm.needs_solution and WILD_TYPE.name not in seen:
            raise OptionError(f"{arm.name} spares the tactics of the wild type's proof: add wild_type to the arms.")
    return tuple(sorted(arms, key=lambda arm: arm.name != WILD_TYPE.name))
