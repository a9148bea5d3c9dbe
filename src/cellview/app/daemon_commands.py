"""What is asked of a running daemon, from ``ps`` to ``rm``; ``submit`` stands by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import anyio
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, output_console
from cellview.app.daemon_fetch import fetch
from cellview.app.daemon_list import print_experiments
from cellview.app.daemon_options import ReachOptions
from cellview.app.daemon_reach import client_of, daemon_package
from cellview.app.daemon_watch import follow
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.helptext import HelpCommand

if TYPE_CHECKING:
    from cellview.daemon import Client, ExperimentStatus

__all__ = ["register"]

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The experiment's number.", show_default=False, min=1)]

Numbers = Annotated[
    list[int], typer.Argument(metavar="NUMBER…", help="The experiments' numbers.", show_default=False, min=1)
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for name, command, short in (
        ("ps", _ps, "List the daemon's experiments."),
        ("watch", _watch, "Follow an experiment until it ends."),
        ("pause", _pause, "Begin no more searches of an experiment."),
        ("resume", _resume, "Go on with an experiment that was paused."),
        ("cancel", _cancel, "End an experiment for good."),
        ("pin", _pin, "Keep an experiment from being removed."),
        ("unpin", _unpin, "Let an experiment go that was pinned."),
        ("rm", _remove, "Remove an experiment that has ended."),
        ("fetch", _fetch, "Copy an experiment's run folder from the daemon."),
    ):
        app.command(name, cls=HelpCommand, short_help=short)(with_options(ReachOptions, table="daemon")(command))


def _ps(
    *,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", metavar="STATE", help="Those in this state only; may be repeated."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="Those with this text in their names only.")
    ] = None,
    pinned: Annotated[bool, typer.Option("--pinned", help="Those that are pinned only.")] = False,
    given: Given,
) -> int:
    """List the daemon's experiments, newest first.

    Example: cellview ps --state running --state queued
    """
    wrong = [one for one in state or () if one not in get_args(_states())]
    if wrong:
        raise OptionError(f"{wrong[0]} is no state of an experiment; there are {', '.join(get_args(_states()))}.")
    reach = given.merged(ReachOptions)
    found = anyio.run(_list, reach, [*state] if state else [None], name, True if pinned else None)
    if reach.json:
        emit_json(found)
    else:
        print_experiments(found)
    return EXIT_OK


def _states() -> Any:
    return daemon_package().ExperimentState


async def _list(
    reach: ReachOptions, states: list[Any], name: str | None, pinned: bool | None
) -> list[ExperimentStatus]:
    found: list[ExperimentStatus] = []
    async with client_of(reach) as client:
        for state in states:
            cursor: int | None = None
            while True:
                page = await client.experiments(state=state, name=name, pinned=pinned, before=cursor, limit=1000)
                found += page.experiments
                cursor = page.next
                if cursor is None:
                    break
    return sorted(found, key=lambda one: -one.id)


def _watch(number: Number, *, given: Given) -> int:
    """Print what happens to an experiment, one line for each event, until it ends, also across restarts of the daemon.

    Exit status 1 when it failed, was cancelled or was removed.

    Example: cellview watch 3
    """
    reach = given.merged(ReachOptions)

    async def watch() -> int:
        async with client_of(reach) as client:
            return await follow(client, number, json=reach.json)

    return anyio.run(watch)


def _pause(numbers: Numbers, *, given: Given) -> int:
    """Begin no more searches of experiments; those under way go on to their end.

    Example: cellview pause 3
    """
    return _each(given, numbers, lambda client, number: client.pause(number))


def _resume(numbers: Numbers, *, given: Given) -> int:
    """Go on with experiments that were paused.

    Example: cellview resume 3
    """
    return _each(given, numbers, lambda client, number: client.resume(number))


def _cancel(numbers: Numbers, *, given: Given) -> int:
    """End experiments for good, and the workers that run their searches; their folders stay.

    Example: cellview cancel 3 4
    """
    return _each(given, numbers, lambda client, number: client.cancel(number))


def _pin(numbers: Numbers, *, given: Given) -> int:
    """Keep experiments: nobody can remove them, and no quota does.

    Example: cellview pin 3
    """
    return _each(given, numbers, lambda client, number: client.change(number, pinned=True))


def _unpin(numbers: Numbers, *, given: Given) -> int:
    """Let experiments go again that were pinned.

    Example: cellview unpin 3
    """
    return _each(given, numbers, lambda client, number: client.change(number, pinned=False))


def _each(given: Given, numbers: list[int], ask: Callable[[Client, int], Awaitable[ExperimentStatus]]) -> int:
    """Ask something of each experiment. The first refusal ends it; what was done before it is printed all the same."""
    reach = given.merged(ReachOptions)
    done: list[ExperimentStatus] = []

    async def all_of_them() -> None:
        async with client_of(reach) as client:
            for number in numbers:
                done.append(await ask(client, number))

    try:
        anyio.run(all_of_them)
    finally:
        if reach.json:
            emit_json(done[0] if len(numbers) == 1 and done else done)
        for status in () if reach.json else done:
            words = f"{status.id} {status.state}" + ", pinned" * status.pinned
            output_console().print(words, markup=False)
    return EXIT_OK


def _remove(numbers: Numbers, *, given: Given) -> int:
    """Remove experiments that have ended, and their run folders.

    Example: cellview rm 3
    """
    reach = given.merged(ReachOptions)
    removed: list[int] = []

    async def ask() -> None:
        async with client_of(reach) as client:
            for number in numbers:
                await client.delete(number)
                removed.append(number)

    try:
        anyio.run(ask)
    finally:
        if reach.json:
            emit_json({"removed": removed})
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
