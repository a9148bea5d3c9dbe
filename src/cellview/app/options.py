"""The options of ``run``."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from cellview.app.algotypes import AGENTS_TABLE
from cellview.app.interventions import ARM_NAMES
from cellview.app.provider_options import PROVIDER_TABLE
from cellview.app.search_options import PANEL_WHAT, Natural, Positive, SearchOptions
from cellview.settings import Opt

__all__ = ["FILE_TABLES", "PLAN_TABLES", "RunOptions"]

FILE_TABLES: Final = ("run", "cluster", PROVIDER_TABLE, AGENTS_TABLE)
"""What may stand in a file of settings; each command reads its own table and ``[provider]``, ``[agents]`` if it
searches, and ``[cluster]`` if it shares work out."""

PLAN_TABLES: Final = ("experiment", "design", "arm", "hypothesis", "analysis")
"""What else may stand in the file of an experiment: its preregistration, which no search reads."""

PANEL_CHOICE = "Which theorems of the corpus"
PANEL_OUTPUT = "What is written"
PANEL_DRIVER = "Who runs the searches (changes the time, never a result)"

MOST_JOBS: Final = 256
"""Every job is a Lean process of some 150 MB."""

Jobs = Annotated[int, msgspec.Meta(ge=1, le=MOST_JOBS, description="each is a Lean process of 150 MB")]


class RunOptions(SearchOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What ``run`` takes beside the options of a search."""

    corpus: Annotated[str | None, Opt(file_only=True, help="The corpus, when it is not given as an argument.")] = None
    interventions: Annotated[
        tuple[str, ...],
        Opt(
            panel=PANEL_WHAT,
            metavar="NAMES",
            suggestions=ARM_NAMES,
            help="The arms of the experiment, each a search of its own for every theorem: wild_type (nothing is held "
            "back), block_HEAD (such as block_simp), block_family_FAMILY, budget_HEAD_TIMES, control_null, "
            "random_nonpath_control, dose_matched_control_NAME (such as dose_matched_control_block_simp), or a TOML "
            "file of interventions.",
        ),
    ] = ("wild_type",)
    id: Annotated[
        tuple[str, ...],
        Opt(panel=PANEL_CHOICE, metavar="NAMES", help="Only the theorems of these names. Example: and_swap,or_swap."),
    ] = ()
    tag: Annotated[
        tuple[str, ...],
        Opt(panel=PANEL_CHOICE, metavar="TAGS", help="Only theorems with one of these tags. Example: induction,hard."),
    ] = ()
    match: Annotated[
        tuple[str, ...],
        Opt(
            panel=PANEL_CHOICE,
            metavar="TEXTS",
            short="k",
            help="Only theorems whose name contains one of these texts. Example: list_. A theorem must pass each of "
            "--id, --tag and --match that is given.",
        ),
    ] = ()
    time_budget: Annotated[
        Annotated[float, msgspec.Meta(gt=0)] | None,
        Opt(
            panel=PANEL_WHAT,
            metavar="SECONDS",
            default="none",
            help="End a search (on a frontier, a tier of it) that has taken so long, at its next iteration. What was "
            "ended so is marked as not reproducible: a clock is not a budget.",
        ),
    ] = None
    fail_fast: Annotated[
        bool,
        Opt(
            panel=PANEL_WHAT,
            help="Stop at the first theorem that is not proved, or non-theorem that is; exit status 1. The rest can be "
            "run with --resume.",
        ),
    ] = False
    seeds: Annotated[
        tuple[Natural, ...],
        Opt(
            panel=PANEL_WHAT,
            metavar="LIST",
            ranges=True,
            default="the one of --seed",
            help="Run seeds, such as 0-4,7; each arm is run with each.",
        ),
    ] = ()
    prover: Annotated[
        Literal["lean", "synthetic"],
        Opt(
            panel=PANEL_WHAT,
            help="What proves: Lean, or a random tree for each statement, for the study of the collective alone; the "
            "latter needs no Lean, and proves nothing.",
        ),
    ] = "lean"
    trace_mcts: Annotated[
        bool, Opt(panel=PANEL_OUTPUT, help="Write a trace of every search: one JSON line for each iteration.")
    ] = False
    out: Annotated[
        str | None,
        Opt(
            panel=PANEL_OUTPUT,
            metavar="FOLDER",
            default="runs/NAME-DATE-TIME",
            help="The run's folder; it must not exist yet.",
        ),
    ] = None
    name: Annotated[
        str | None,
        Opt(
            panel=PANEL_OUTPUT,
            metavar="NAME",
            default="the corpus's; on a frontier, the folder's",
            help="Name of the experiment, for people and on a frontier.",
        ),
    ] = None
    json: Annotated[
        bool,
        Opt(panel=PANEL_OUTPUT, help="Print one JSON object on standard output, and progress on standard error alone."),
    ] = False
    quiet: Annotated[bool, Opt(panel=PANEL_OUTPUT, help="Show no progress; only the result, and what went wrong.")] = (
        False
    )
    executor: Annotated[
        Literal["here", "frontier", "process", "ray"] | None,
        Opt(
            panel=PANEL_DRIVER,
            default="here, or what [cluster] says",
            help="here: this process; frontier: worker processes that take the searches tier by tier from a queue, in "
            "memory or on Redis; process and ray: worker processes or a Ray cluster, as the table [cluster] of the "
            "file says, with their claims in a database. All write the same folder.",
        ),
    ] = None
    jobs: Annotated[
        Jobs | None,
        Opt(
            panel=PANEL_DRIVER,
            default="the number of cores, at most 8",
            help="With here: theorems proved side by side, each in a Lean process of its own.",
        ),
    ] = None
    workers: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=MOST_JOBS)] | None,
        Opt(
            panel=PANEL_DRIVER,
            default="2",
            help="With frontier and process: worker processes on this machine. With a frontier on Redis it may be 0, "
            "when workers elsewhere do the work (cellview frontier work).",
        ),
    ] = None
    frontier: Annotated[
        str | None,
        Opt(
            panel=PANEL_DRIVER,
            metavar="URL",
            variable="CELLVIEW_FRONTIER_URL",
            default="this process's memory",
            help="With frontier: a Redis server, such as redis://host:6379/0 or rediss://… with TLS. Put a password "
            "into the environment variable rather than onto the command line.",
        ),
    ] = None
    frontier_window: Annotated[
        Positive,
        Opt(
            panel=PANEL_DRIVER,
            help="With frontier: tiers that may be uncommitted at once. It decides the order of the merged files, so "
            "it does not follow the number of workers; give at least twice that number.",
        ),
    ] = 64
