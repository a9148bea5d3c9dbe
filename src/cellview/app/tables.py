"""Every table of settings: what may stand in a file, and which variables of the environment mean something.

A new struct of options is entered here; what is not would be refused as unknown, in files and in the environment.
"""

from __future__ import annotations

from typing import Final

import msgspec

from cellview.app.compare_command import CompareOptions
from cellview.app.daemon_options import ReachOptions, ServeOptions
from cellview.app.frontier_commands import VerifyOptions, WorkOptions
from cellview.app.options import RunOptions
from cellview.app.provider_options import ProviderOptions
from cellview.app.results_command import ResultsOptions
from cellview.app.runs_command import RunsOptions
from cellview.app.search_options import LeanOptions, SearchOptions
from cellview.app.tree_command import TreeOptions
from cellview.cluster import DistributedConfig
from cellview.experiment import KEY_VARIABLE

__all__ = ["OTHER_VARIABLES", "TABLES"]

TABLES: Final[dict[str, type[msgspec.Struct]]] = {
    "run": RunOptions,
    "runs": RunsOptions,
    "results": ResultsOptions,
    "compare": CompareOptions,
    "prove": SearchOptions,
    "frontier": WorkOptions,
    "verify": VerifyOptions,
    "lean": LeanOptions,
    "tree": TreeOptions,
    "serve": ServeOptions,
    "daemon": ReachOptions,
    "cluster": DistributedConfig,
    "provider": ProviderOptions,
}
"""Options by table; the commands' own names, but for those that several commands share."""

OTHER_VARIABLES: Final = ("CELLVIEW_FRONTIER_KEY", "CELLVIEW_DAEMON_TOKEN", KEY_VARIABLE)
"""Variables that are no option of any command, such as secrets, which belong in no file and on no command line."""
