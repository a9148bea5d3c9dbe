"""What is asked of a running daemon: ``ps``, ``watch``, ``pause``, ``resume``, ``cancel``, ``rm``, ``fetch``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, output_console, table
from cellview.app.daemon_fetch import fetch
from cellview.app.daemon_options import ReachOptions
from cellview.app.daemon_reach import client_of
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED
from cellview.app.helptext import HelpCommand

if TYPE_CHECKING:
    from cellview.daemon import Event, ExperimentStatus

__all__ = ["register"]

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The experiment's number.", show_default=False, min=1)]

_ENDS = ("finished", "failed", "cancelled")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for name, command, short in (
        ("ps", _ps, "List the daemon's experiments."),
        ("watch", _watch, "Follow an experiment until it ends."),
        ("pause", _pause, "Begin no more searches of an experiment."),
        ("resume", _resume, "Go on with an experiment that was paused."),
        ("cancel", _cancel, "End an experiment for good."),
        ("rm", _remove, "Remove an experiment that has ended."),
        ("fetch", _fetch, "Copy an experiment's run folder from the daemon."),
    ):
        app.command(name, cls=HelpCommand, short_help=short)(with_options(ReachOptions, table="daemon")(command))


def _ps(*, given: Given) -> int:
    """List the daemon's experiments, newest first.

    Example: cellview ps --json
    """
    return anyio.run(_list, given.merged(ReachOptions))


async def _list(reach: ReachOptions) -> int:
    async with client_of(reach) as client:
        found: list[ExperimentStatus] = []
        cursor: int | None = None
        while True:
            page = await client.experiments(before=cursor)
            found += page.experiments
            cursor = page.next
            if cursor is None:
                break
    if reach.json:
        emit_json(found)
        return EXIT_OK
    shown = table(
        "number", "name", "state", "priority", "done", "solved", right=("number", "priority", "done", "solved")
    )
    for one in found:
        done = f"{one.done}/{one.points}"
        shown.add_row(str(one.id), one.name, one.state, str(one.priority), done, str(one.solved))
    output_console().print(shown)
    return EXIT_OK


def _watch(number: Number, *, given: Given) -> int:
    """Print what happens to an experiment, one line for each event, until it ends, also across restarts of the daemon.

    Exit status 1 when it failed or was cancelled.

    Example: cellview watch 3
    """
    return anyio.run(_follow, given.merged(ReachOptions), number)


async def _follow(reach: ReachOptions, number: int) -> int:
    console = output_console()
    async with client_of(reach) as client:
        await client.experiment(number)
        async for event in client.events(experiment=number):
            if reach.json:
                emit_json(event)
            else:
                console.print(_line(event), markup=False, soft_wrap=True)
            if event.kind in _ENDS:
                return EXIT_OK if event.kind == "finished" else EXIT_UNSOLVED
    return EXIT_OK


def _line(event: Event) -> str:
    data = event.data
    parts = [event.kind.replace("_", " ")]
    if "theorem" in data:
        parts.append(f"{data['theorem']} ({data['arm']}, seed {data['seed']})")
    parts += [str(data[name]) for name in ("stop_reason", "reason") if data.get(name)]
    return ": ".join(parts)


def _pause(number: Number, *, given: Given) -> int:
    """Begin no more searches of an experiment; those under way go on to their end.

    Example: cellview pause 3
    """
    return _take(given, number, "pause")


def _resume(number: Number, *, given: Given) -> int:
    """Go on with an experiment that was paused.

    Example: cellview resume 3
    """
    return _take(given, number, "resume")


def _cancel(number: Number, *, given: Given) -> int:
    """End an experiment for good, and the workers that run its searches; its folder stays.

    Example: cellview cancel 3
    """
    return _take(given, number, "cancel")


def _take(given: Given, number: int, step: str) -> int:
    reach = given.merged(ReachOptions)

    async def ask() -> ExperimentStatus:
        async with client_of(reach) as client:
            status: ExperimentStatus = await getattr(client, step)(number)
            return status

    status = anyio.run(ask)
    if reach.json:
        emit_json(status)
    else:
        output_console().print(f"{status.id} {status.state}", markup=False)
    return EXIT_OK


def _remove(number: Number, *, given: Given) -> int:
    """Remove an experiment that has ended, and its run folder.

    Example: cellview rm 3
    """

    async def ask() -> None:
        async with client_of(given.merged(ReachOptions)) as client:
            await client.delete(number)

    anyio.run(ask)
    return EXIT_OK


def _fetch(
    number: Number,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; it must not exist yet.", show_default=False)],
    *,
    given: Given,
) -> int:
    """Copy an experiment's run folder from the daemon: run.json, corpus, traces, trees and proofs so far.

    Example: cellview fetch 3 runs/third
    """
    reach = given.merged(ReachOptions)

    async def ask() -> dict[str, Any]:
        async with client_of(reach) as client:
            return await fetch(client, number, out)

    summary = anyio.run(ask)
    if reach.json:
        emit_json(summary)
    else:
        output_console().print(str(out), markup=False, soft_wrap=True)
    return EXIT_OK
