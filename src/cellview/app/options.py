"""The options of ``run``."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from cellview.app.interventions import ARM_NAMES
from cellview.app.search_options import PANEL_WHAT, SearchOptions
from cellview.settings import Opt

__all__ = ["FILE_TABLES", "RunOptions"]

FILE_TABLES: Final = ("run", "sweep", "cluster")
"""What may stand in a file of settings; each command reads its own table, and ``[cluster]`` if it shares work out."""

PANEL_OUTPUT = "What is written"

MOST_JOBS: Final = 256
"""Every job is a Lean process of some 150 MB."""


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
    trace_mcts: Annotated[
        bool, Opt(panel=PANEL_OUTPUT, help="Write a trace of every search: one JSON line for each iteration.")
    ] = False
    out: Annotated[
        str | None,
        Opt(
            panel=PANEL_OUTPUT,
            metavar="FOLDER",
            default="runs/CORPUS-DATE-TIME",
            help="The run's folder; it must not exist yet.",
        ),
    ] = None
    json: Annotated[
        bool,
        Opt(panel=PANEL_OUTPUT, help="Print one JSON object on standard output, and progress on standard error alone."),
    ] = False
    jobs: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=MOST_JOBS, description="each is a Lean process of 150 MB")] | None,
        Opt(
            panel=PANEL_OUTPUT,
            default="the number of cores, at most 8",
            help="Theorems proved side by side, each in a process of its own. Changes the time, never a result.",
        ),
    ] = None
