"""``cellview trace``: check, summarize, compare and replay the traces of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from cellview.app.collective import collective_lines, collective_of
from cellview.app.console import emit_json
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED, InputFileError
from cellview.app.helptext import HelpCommand
from cellview.core import ReplayError, SearchConfig, replay
from cellview.experiment import Point, experiment_of_folder, points_of
from cellview.experiment.outcome import proof_tactics
from cellview.schedule import TacticIntervention
from cellview.trace import (
    RunFolder,
    TraceReader,
    check_trace,
    diff_traces,
    digest_file,
    render_check,
    render_diff,
    render_digests,
    render_summary,
    summarize,
)
from cellview.tree import Tree

__all__ = ["search_of", "trace_app", "trace_files"]

trace_app: Final = typer.Typer(
    no_args_is_help=True,
    help="Check, summarize, compare and replay traces. A FILE is a *_mcts_trace.jsonl, or a folder with such files.",
)

_FILES = typer.Argument(metavar="FILE", help="Traces, or folders with traces in them.", show_default=False)
_JSON = typer.Option("--json", help="Print one JSON object instead of text.")


@trace_app.command("check", cls=HelpCommand, short_help="Check traces against the contract.")
def _check(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    files: Annotated[list[Path], _FILES],
    arrival: Annotated[
        bool, typer.Option("--arrival", help="The run was one with --mcts-commit arrival: trees grew out of order.")
    ] = False,
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Check traces against the contract: every field, every reason, the order of the iterations.

    Exit status 1 when a trace breaks it.

    Example: cellview trace check runs/micro-1
    """
    found = {str(path): check_trace(path, ordered=not arrival) for path in trace_files(files)}
    if json:
        emit_json({"traces": [{"file": path, "problems": problems} for path, problems in found.items()]})
    else:
        for path, problems in found.items():
            typer.echo(render_check(path, problems))
    return EXIT_UNSOLVED if any(found.values()) else EXIT_OK


@trace_app.command("summary", cls=HelpCommand, short_help="Say in numbers what happened.")
def _summary(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    files: Annotated[list[Path], _FILES], json: Annotated[bool, _JSON] = False
) -> None:
    """Say in numbers what happened: reasons, agents, attempts, in-flight averages, interventions.

    For a trace in its run's folder also what the agents did beside each other: duplicates, nodes that several came to,
    division of labour, and whose the proof is. cellview compare sets one agent against several.
    """
    found = [(str(path), summarize(path), collective_of(path)) for path in trace_files(files)]
    if json:
        emit_json({"traces": [{"file": path, "summary": s, "collective": c} for path, s, c in found]})
    else:
        texts = [[render_summary(path, s), *([] if c is None else collective_lines(c))] for path, s, c in found]
        typer.echo("\n\n".join("\n".join(text) for text in texts))


@trace_app.command("digest", cls=HelpCommand, short_help="Print each trace's digest.")
def _digest(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    files: Annotated[list[Path], _FILES], json: Annotated[bool, _JSON] = False
) -> None:
    """Print each trace's digest: SHA-256 of its lines without timestamp_ms. Equal digests: the same search."""
    paths = trace_files(files)
    _require_records(paths)
    found = [(str(path), digest_file(path)) for path in paths]
    if json:
        emit_json({"traces": [{"file": path, "digest": digest} for path, digest in found]})
    else:
        typer.echo(render_digests(found))


@trace_app.command("diff", cls=HelpCommand, short_help="Show where two traces part.")
def _diff(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    first: Annotated[Path, typer.Argument(metavar="FILE", help="A trace.", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="FILE", help="Another trace.", show_default=False)],
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Show the first line and field in which two traces differ in more than time stamps.

    Exit status 1 when they do.
    """
    _require_files([first, second])
    _require_records([first, second])
    difference = diff_traces(first, second)
    if json:
        emit_json({"same": difference is None, "difference": difference})
    else:
        typer.echo(render_diff(first, second, difference))
    return EXIT_OK if difference is None else EXIT_UNSOLVED


@trace_app.command("replay", cls=HelpCommand, short_help="Rebuild trees, check every snapshot.")
def _replay(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    files: Annotated[list[Path], _FILES], json: Annotated[bool, _JSON] = False
) -> int:
    """Rebuild the tree from traces alone and check every snapshot on the way.

    The traces must be in their run's folder, whose run.json says how the search was configured. Exit status 1 when one
    does not replay: it was edited, or written by another version.
    """
    outcomes = {str(path): _replayed(path) for path in trace_files(files)}
    if json:
        emit_json({"traces": [{"file": path, **outcome} for path, outcome in outcomes.items()]})
    else:
        for path, outcome in outcomes.items():
            found = f"{outcome['iterations']} iterations replayed, every snapshot rebuilt"
            typer.echo(f"{path}: {found if outcome['problem'] is None else outcome['problem']}")
    return EXIT_UNSOLVED if any(outcome["problem"] for outcome in outcomes.values()) else EXIT_OK


def _replayed(path: Path) -> dict[str, Any]:
    config, statement = search_of(path)
    if not config.reproducible:
        return {"iterations": 0, "problem": "a trace of --mcts-commit arrival cannot be replayed"}
    try:
        run = replay(TraceReader(path), config, statement=statement)
        return {"iterations": run.core.committed, "problem": None}
    except ReplayError as error:
        return {"iterations": 0, "problem": str(error)}


def search_of(path: Path) -> tuple[SearchConfig, str]:
    """Return the configuration and the statement that a trace in a run's folder was written with.

    Raises:
        RunFolderError: The trace is not in a run's folder.
        InputFileError: The run has no search of that name.
    """
    folder = RunFolder.read(path.absolute().parent.parent)
    experiment = experiment_of_folder(folder)
    for point in points_of(experiment):
        if folder.trace_path(point.theorem.id, arm=point.arm.name, seed=point.seed) == path.absolute():
            return experiment.setup.config_of(_complete(point, folder), point.seed), point.theorem.statement
    raise InputFileError(f"{path} belongs to no search of the run in {folder.path}.")


def _complete(point: Point, folder: RunFolder) -> TacticIntervention:
    """Return the arm of a point; one that spares the wild type's proof gets it from the tree beside the trace."""
    if not point.arm.needs_solution:
        return point.arm
    tree = folder.tree_path(point.theorem.id, seed=point.seed)
    try:
        return point.arm.with_solution(proof_tactics(Tree.from_json(msgspec.json.decode(tree.read_bytes()))))
    except OSError as error:
        raise InputFileError(f"{tree} cannot be read: {error.strerror}; {point.arm.name} spares its proof.") from error


def trace_files(paths: list[Path]) -> list[Path]:
    """Return the traces that `paths` name: files as they are, folders by the traces in them, in order of name.

    Raises:
        InputFileError: A path does not exist, or a folder holds no trace.
    """
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            _require_files([path])
            files.append(path)
            continue
        inside = sorted(path.rglob("*_mcts_trace.jsonl"))
        if not inside:
            raise InputFileError(f"{path} holds no trace: runs write them with --trace-mcts.")
        files.extend(inside)
    return files


def _require_files(paths: list[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise InputFileError(f"{path} cannot be read: there is no such file.")
        if path.is_dir():
            raise InputFileError(f"{path} is a folder; name one trace in it.")


def _require_records(paths: list[Path]) -> None:
    """Refuse what is plainly no trace: any file has a digest, and it would look like one of a search."""
    for path in paths:
        with path.open("rb") as file:
            begin = file.read(1)
        if begin not in (b"", b"{"):
            raise InputFileError(f"{path} is no trace: its first line is no record.")
