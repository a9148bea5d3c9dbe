"""``cellview tree``: the proof tree of one search, as it was at the end or after an iteration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cellview.app.argv import Given, with_options
from cellview.app.errors import EXIT_OK, InputFileError, OptionError
from cellview.app.helptext import HelpCommand
from cellview.app.search_options import Natural
from cellview.app.trace_commands import search_of
from cellview.core import replay
from cellview.settings import Opt
from cellview.trace import Record, RunFolder, TraceReader
from cellview.tree import Tree
from cellview.tree.drawing import TreeFormat, draw

__all__ = ["TreeOptions", "register"]


class TreeOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which search's tree, when, and in which form."""

    arm: Annotated[str, Opt(metavar="NAME", help="The arm of the search.")] = "wild_type"
    seed: Annotated[Natural | None, Opt(default="the first of the run", help="The run seed of the search.")] = None
    at: Annotated[
        Natural | None,
        Opt(
            metavar="ITERATION",
            default="the end",
            help="The tree as it was when this iteration had been committed; rebuilt from the trace.",
        ),
    ] = None
    format: Annotated[
        TreeFormat,
        Opt(help="text: for a terminal; dot: for Graphviz; svg: a picture, with state in line and colour."),
    ] = "text"


def register(app: typer.Typer) -> None:
    """Add ``tree`` to the command line."""
    command = app.command("tree", cls=HelpCommand, short_help="Draw the proof tree of a search.")
    command(with_options(TreeOptions, table="tree")(_tree))


def _tree(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The run's folder.", show_default=False)],
    theorem: Annotated[str, typer.Argument(metavar="THEOREM", help="The theorem's id.", show_default=False)],
    *,
    given: Given,
) -> int:
    """Draw the proof tree of one search: goals, under each the tactics that worked on it, and their subgoals.

    Example: cellview tree runs/micro-1 and_swap --format svg > and_swap.svg
    """
    options = given.merged(TreeOptions)
    run = RunFolder.read(folder)
    _require_search(run, theorem, options)
    if options.at is None:
        tree = _stored(run.tree_path(theorem, arm=options.arm, seed=options.seed))
    else:
        tree = _replayed(run.trace_path(theorem, arm=options.arm, seed=options.seed), options.at)
    typer.echo(draw(tree, options.format), nl=False)
    return EXIT_OK


def _require_search(run: RunFolder, theorem: str, options: TreeOptions) -> None:
    results = run.metadata.results
    known = {(entry.theorem, entry.arm) for entry in results}
    if (theorem, options.arm) not in known:
        arms = sorted({arm for name, arm in known if name == theorem})
        what = f"of {theorem} has no arm {options.arm}, but {', '.join(arms)}" if arms else f"has no theorem {theorem}"
        raise OptionError(f"The run in {run.path} {what}.")
    if options.seed is not None and options.seed not in run.metadata.seeds:
        seeds = ", ".join(map(str, run.metadata.seeds))
        raise OptionError(f"The run in {run.path} has no seed {options.seed}, but {seeds}.")


def _stored(path: Path) -> Tree:
    try:
        return Tree.from_json(msgspec.json.decode(path.read_bytes()))
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}; was this search run?") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputFileError(f"{path} is no tree: {error}.") from error


def _replayed(trace: Path, at: int) -> Tree:
    if not trace.exists():
        raise InputFileError(f"{trace} cannot be read: there is no such file; --at needs a run with --trace-mcts.")
    config, statement = search_of(trace)
    if not config.reproducible:
        raise OptionError("--at replays the trace, and that of --mcts-commit arrival cannot be replayed.")
    return replay(_until(trace, at), config, statement=statement).core.tree


def _until(trace: Path, at: int) -> Iterator[Record]:
    return takewhile(lambda record: record.iteration <= at, TraceReader(trace))
