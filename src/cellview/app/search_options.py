"""The options of one search, as the user knows them: names, types, bounds, help."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from cellview.app.provider_options import ProviderOptions
from cellview.core import ObstacleVisits
from cellview.prover.lean import Limits, TransportName
from cellview.settings import Opt
from cellview.tree import Selection

__all__ = ["DEFAULT_REROUTE_MAX", "MOST_AGENTS", "Automation", "LeanOptions", "Natural", "Positive", "SearchOptions"]

Automation = Literal["none", "light", "full"]

Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
OpenShare: TypeAlias = Annotated[float, msgspec.Meta(gt=0, lt=1)]
NotNegative: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]

MOST_AGENTS: Final = 10_000
"""Agents, and iterations under way: an agent is an actor, started anew for every search at a cost of some 10 kB and
0.2 ms. At this bound a search takes two seconds and 100 MB before its first iteration; a million would be minutes and
10 GB, which looked like a hang."""

_WHY_MOST = "each costs 10 kB and 0.2 ms for every search"
_WHY_WINDOW = "all of a window is asked for before anything is committed"
Agents: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MOST_AGENTS, description=_WHY_MOST)]
Window: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=MOST_AGENTS, description=_WHY_WINDOW)]

PANEL_WHAT = "What is searched, and how long"
_AGENTS = "Agents (distributed mode)"
_BLOCK = "Blocking nodes (distributed mode)"
_DELAY = "Delaying and rerouting (distributed mode)"
_PROVER = "The prover"

DEFAULT_REROUTE_MAX = 3


Lean: TypeAlias = Annotated[
    str | None,
    Opt(
        panel=_PROVER,
        metavar="PATH",
        default="the embedded Lean",
        variable="CELLVIEW_LEAN",
        help="A Lean of your own: the path of the program lean, or its name on the PATH.",
    ),
]
Project: TypeAlias = Annotated[
    str | None,
    Opt(
        panel=_PROVER,
        metavar="FOLDER",
        variable="CELLVIEW_PROJECT",
        help="A Lake project whose imports the statements may use; its own toolchain is taken, by lake.",
    ),
]


class LeanOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which Lean: the same two options, and the same two variables, of every command that uses one."""

    lean: Lean = None
    project: Project = None


class SearchOptions(ProviderOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Everything that a single search depends on, under the names of the command line."""

    mcts_mode: Annotated[
        Literal["centralized", "distributed"],
        Opt(
            panel=PANEL_WHAT,
            help="Who searches: centralized is one sequential loop, the baseline; distributed is several agents over "
            "one shared tree, and needs --mcts-agents and --mcts-inflight.",
        ),
    ] = "centralized"
    budget: Annotated[
        tuple[Positive, ...],
        Opt(
            panel=PANEL_WHAT,
            metavar="TIERS",
            help="Iterations, in tiers that add up on one warm tree: 10,50,200 searches for 10, then 50 more, then 200 "
            "more. The search ends as soon as the root is solved. Tiers only label the records of a trace.",
        ),
    ] = (10, 50)
    seed: Annotated[
        Natural,
        Opt(
            panel=PANEL_WHAT, help="Seed of every draw of the search, at least 0. Equal seed and options: equal traces."
        ),
    ] = 0
    mcts_expansion_policy: Annotated[
        Literal["all-successes", "first-success"],
        Opt(
            panel=PANEL_WHAT,
            help="What a visit adds to the tree: every tactic that works, or the first one alone (the rest stays "
            "untried and is taken up at a later visit).",
        ),
    ] = "all-successes"
    mcts_backpropagation: Annotated[
        Literal["uniform", "and_min"],
        Opt(
            panel=PANEL_WHAT,
            help="Who is credited with a success: the whole path (uniform), or no further up than a set of subgoals "
            "whose weakest member it did not come from (and_min).",
        ),
    ] = "uniform"
    mcts_selection: Annotated[
        Selection | None,
        Opt(
            panel=PANEL_WHAT,
            default="virtual-loss",
            help="How the next node is chosen. virtual-loss and wu-uct: UCB1, where a path that is being worked on "
            "looks to the other agents like lost visits, or like visits whose outcome is open (both distributed); "
            "puct: the provider's scores are priors; best-first: the most likely path; blind: drawn at random, the "
            "null model; blind-order: the order of tactics is drawn too.",
        ),
    ] = None
    mcts_exploration: Annotated[
        NotNegative | tuple[NotNegative, ...] | None,
        Opt(
            panel=PANEL_WHAT,
            metavar="NUMBERS",
            default="1.4142",
            help="Constant c of UCB1 and of PUCT, at least 0: how much less visited choices are preferred. One number "
            "for all agents or one for each: 0.7,1.4.",
        ),
    ] = None
    provider_jitter: Annotated[
        NotNegative,
        Opt(
            panel=PANEL_WHAT,
            metavar="SIGMA",
            help="Noise on the provider's scores, at least 0, drawn by seed, node and tactic: so that seeds are "
            "replicates. Tactics are then ordered as if sampled at this temperature. Example: 0.1.",
        ),
    ] = 0.0
    mcts_max_tactics: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=999)],
        Opt(panel=PANEL_WHAT, help="Tactics that one visit tries at most, 1 to 999, best first."),
    ] = 64

    mcts_agents: Annotated[
        Agents | None,
        Opt(
            panel=_AGENTS,
            requires="distributed",
            help="Number of agents, at least 1. Agent i takes the iterations i, i+N, i+2N, ... Example: 4.",
        ),
    ] = None
    mcts_inflight: Annotated[
        Window | None,
        Opt(
            panel=_AGENTS,
            requires="distributed",
            help="Window: iterations under way at once, at least 1. An agent sees the tree as it was that many "
            "iterations ago, so a larger window explores more widely. Part of the result, like the seed. Example: 4.",
        ),
    ] = None
    mcts_commit: Annotated[
        Literal["ordered", "arrival"] | None,
        Opt(
            panel=_AGENTS,
            requires="distributed",
            default="ordered",
            help="When outcomes enter the tree: in the order of iterations, which makes a run reproducible, or as they "
            "arrive, for comparison; the run is then marked as not reproducible.",
        ),
    ] = None
    mcts_virtual_loss: Annotated[
        NotNegative | None,
        Opt(
            panel=_AGENTS,
            requires="distributed",
            default="1",
            help="Weight of one reservation, at least 0, in visits lost along its whole path: it keeps agents apart. "
            "0 lets them crowd. Example: 2.",
        ),
    ] = None
    mcts_depth_bias: Annotated[
        float | tuple[float, ...] | None,
        Opt(
            panel=_AGENTS,
            requires="distributed",
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
            requires="distributed",
            metavar="NUMBERS",
            default="0",
            help="Added to nodes on the path that the agent took last; negative sends it elsewhere. One number for "
            "all agents or one for each.",
        ),
    ] = None
    mcts_history_cache: Annotated[
        Natural | tuple[Natural, ...] | None,
        Opt(
            panel=_AGENTS,
            requires="distributed",
            metavar="NODES",
            default="0",
            help="How many of its own last nodes an agent avoids while anything else is free; 0: none. One number for "
            "all agents or one for each.",
        ),
    ] = None

    mcts_block_fraction: Annotated[
        OpenShare | None,
        Opt(
            panel=_BLOCK,
            requires="distributed",
            help="Share of nodes, between 0 and 1, that freeze when an agent first meets them. Example: 0.2.",
        ),
    ] = None
    mcts_block_duration: Annotated[
        int | None,
        Opt(
            panel=_BLOCK,
            requires="distributed",
            help="Iterations that a node stays frozen; negative: for good. Needed with --mcts-block-fraction. "
            "Example: 20.",
        ),
    ] = None
    mcts_block_seed: Annotated[
        Natural | None,
        Opt(panel=_BLOCK, requires="distributed", default="the value of --seed", help="Decides which nodes freeze."),
    ] = None
    mcts_block_immovable_fraction: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=1)] | None,
        Opt(
            panel=_BLOCK,
            requires="distributed",
            help="Share of the frozen nodes, 0 to 1, that never thaw; needs a positive duration. Example: 0.1.",
        ),
    ] = None
    mcts_unfreeze_after: Annotated[
        Positive | None,
        Opt(
            panel=_BLOCK,
            requires="distributed",
            help="Iterations after freezing, at least 1, from which a meeting may thaw the node early.",
        ),
    ] = None
    mcts_unfreeze_prob: Annotated[
        Annotated[float, msgspec.Meta(gt=0, le=1)] | None,
        Opt(
            panel=_BLOCK,
            requires="distributed",
            default="1 with --mcts-unfreeze-after",
            help="Probability, above 0 and at most 1, that such a meeting thaws it.",
        ),
    ] = None

    mcts_block_spare_root: Annotated[
        bool,
        Opt(
            panel=_BLOCK,
            requires="distributed",
            help="The root never freezes: one that does ends its search, whatever the agents could have done.",
        ),
    ] = False

    mcts_obstacle_visits: Annotated[
        ObstacleVisits | None,
        Opt(
            panel=_DELAY,
            requires="distributed",
            default="count",
            help="Whether a meeting with a blocked or delayed node counts as a visit without success, so that "
            "selection learns of it, or leaves no mark (ignore: such a node is met again and again; for comparison).",
        ),
    ] = None
    mcts_reroute_blocked: Annotated[
        bool,
        Opt(
            panel=_DELAY,
            requires="distributed",
            help="An agent whose node is blocked or delayed tries another one, instead of giving its iteration up.",
        ),
    ] = False
    mcts_reroute_max: Annotated[
        Positive | None,
        Opt(
            panel=_DELAY,
            requires="distributed",
            default=str(DEFAULT_REROUTE_MAX),
            help="Other nodes that it tries at most, at least 1; with --mcts-reroute-blocked.",
        ),
    ] = None
    mcts_delay_prob: Annotated[
        OpenShare | None,
        Opt(
            panel=_DELAY,
            requires="distributed",
            help="Probability, between 0 and 1, that a meeting delays the node. Example: 0.1.",
        ),
    ] = None
    mcts_delay_duration: Annotated[
        Positive | None,
        Opt(
            panel=_DELAY,
            requires="distributed",
            help="Iterations that a delay lasts, at least 1. Needed with --mcts-delay-prob.",
        ),
    ] = None
    mcts_delay_seed: Annotated[
        Natural | None,
        Opt(panel=_DELAY, requires="distributed", default="the value of --seed", help="Decides which meetings delay."),
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
        Positive,
        Opt(
            panel=_PROVER,
            metavar="THOUSANDS",
            help="What one tactic may use, in thousands of Lean's allocations: counted, not timed, and so the same on "
            "every machine. Mathlib wants more: 20000, or Lean's own 200000.",
        ),
    ] = Limits().heartbeats
    lean_transport: Annotated[
        TransportName | None,
        Opt(
            panel=_PROVER,
            default="server for the embedded Lean, lsp for any other",
            help="How Lean is spoken to. server: tactics run inside the embedded Lean; lsp: through Lean's language "
            "server, which is slower and works with any Lean. Digests are comparable within one of the two.",
        ),
    ] = None
    lean: Lean = None
    project: Project = None
