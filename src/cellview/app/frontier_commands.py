"""``cellview frontier``: work on an experiment, look at it, drain or clear it, and check that it is deterministic."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar, cast

import anyio
import msgspec
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console, output_console, table
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.helptext import HelpCommand
from cellview.app.provider_options import AccessOptions
from cellview.app.providers import access_of
from cellview.app.search_options import Lean, Positive, Project
from cellview.experiment import LeanSpec
from cellview.experiment.on_frontier import TASKS, worker_options
from cellview.frontier import Frontier, Stats, Worker, connect
from cellview.frontier.check.faults import Fault
from cellview.frontier.check.verify import Outcome, Report, Scenario, grid, verify
from cellview.settings import Opt

__all__ = ["FrontierOptions", "VerifyOptions", "WorkOptions", "frontier_app"]

T = TypeVar("T")
frontier_app: Final = typer.Typer(
    name="frontier",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The frontier that an experiment's workers share: join it, look at it, stop it, check it.",
)

_EXPERIMENT = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Name of the experiment.", show_default=False)]
_JSON = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


class FrontierOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Where the frontier is."""

    url: Annotated[
        str,
        Opt(
            metavar="URL",
            default="CELLVIEW_FRONTIER_URL",
            help="The Redis server, such as redis://host:6379/0, or rediss://… with TLS. A password is safer in the "
            "environment variable than on a command line that others can list.",
        ),
    ]


class WorkOptions(FrontierOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What a worker takes beside the place of the frontier."""

    name: Annotated[
        str | None,
        Opt(metavar="NAME", default="host and process", help="Name of this worker in counts and logs."),
    ] = None
    reconnect: Annotated[
        Annotated[float, msgspec.Meta(ge=0)],
        Opt(metavar="SECONDS", help="How long to wait for a server that went."),
    ] = 300.0
    lean: Lean = None
    project: Project = None
    allow_provider: Annotated[
        tuple[str, ...],
        Opt(
            metavar="NAMES",
            help="Providers of your own (module:Class) that the experiment may name. They are imported; no other is.",
        ),
    ] = ()


def _command(name: str, *options: type[msgspec.Struct]) -> Callable[[Callable[..., object]], None]:
    """Add a command that reaches a frontier."""

    def decorate(command: Callable[..., object]) -> None:
        structs = options or (FrontierOptions,)
        frontier_app.command(name, cls=HelpCommand)(with_options(*structs, table="frontier")(command))

    return decorate


@_command("work", WorkOptions, AccessOptions)
def _work(experiment: _EXPERIMENT, *, given: Given) -> int:  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    """Work on an experiment until it is finished or drained. Start as many as you like, on any machine."""
    options = given.merged(WorkOptions)
    worker_name = options.name or f"{socket.gethostname()}:{os.getpid()}"

    async def run(frontier: Frontier) -> None:
        lean = LeanSpec(lean=options.lean, project=options.project)
        own = worker_options(lean, access_of(given.merged(AccessOptions)), options.allow_provider)
        report = await Worker(frontier, worker_name, tasks=TASKS, options=own).run()
        error_console().print(
            f"{worker_name}: {report.completed} tickets completed, {report.duplicates} that others had completed, "
            f"{report.failed} failed, {report.dropped} dropped",
            markup=False,
            soft_wrap=True,
        )

    _with(options, experiment, run, reconnect_s=options.reconnect)
    return EXIT_OK


@_command("stats")
def _stats(experiment: _EXPERIMENT, *, json: _JSON = False, given: Given) -> int:  # pyright: ignore[reportUnusedFunction]
    """Show the counts of an experiment."""
    counts = _with(given.merged(FrontierOptions), experiment, lambda frontier: frontier.stats())
    if json:
        emit_json(counts)
    else:
        _print_stats(counts)
    return EXIT_OK


@_command("drain")
def _drain(experiment: _EXPERIMENT, *, given: Given) -> int:  # pyright: ignore[reportUnusedFunction]
    """Hand out no more work. What is under way is finished and committed; cellview run --resume lifts it."""

    async def run(frontier: Frontier) -> Stats:
        await frontier.drain()
        return await frontier.stats()

    phase = _with(given.merged(FrontierOptions), experiment, run).phase
    text = "is draining: its workers end with the tickets they have." if phase == "draining" else f"is {phase} already."
    if phase == "open":
        text = "has not started: there is nothing to drain."
    error_console().print(f"{experiment} {text}", markup=False, soft_wrap=True)
    return EXIT_OK


@_command("clear")
def _clear(  # pyright: ignore[reportUnusedFunction]
    experiment: _EXPERIMENT,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, even though the experiment is not finished.")] = False,
    given: Given,
) -> int:
    """Delete an experiment from the server. Run folders stay, and their journals can bring it back."""

    async def run(frontier: Frontier) -> None:
        counts = await frontier.stats()
        if counts.phase != "finished" and not yes:
            raise OptionError(
                f"{experiment} is {counts.phase}, with {counts.queued} candidates waiting and "
                f"{counts.issued - counts.committed} not committed yet: add --yes to delete it all the same."
            )
        await frontier.clear()

    _with(given.merged(FrontierOptions), experiment, run)
    return EXIT_OK


class VerifyOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which ways of running one experiment are compared."""

    workers: Annotated[tuple[Positive, ...], Opt(metavar="LIST", help="Numbers of workers.")] = (1, 2, 4, 8)
    rounds: Annotated[Positive, Opt(help="Times that the whole grid is run.")] = 1
    tasks: Annotated[bool, Opt(help="Only the fast part: workers as tasks of one process, no server.")] = False
    plant: Annotated[Fault | None, Opt(help="Plant a defect, which must be caught.")] = None


def _verify(
    *,
    redis: Annotated[bool, typer.Option(help="With a private Redis server, which is killed too.")] = True,
    json: _JSON = False,
    given: Given,
) -> int:
    """Run one experiment in many ways, and check that the same bytes come out.

    The ways are: numbers of workers, random task times, and SIGKILLs of workers, of the committer and of the Redis
    server. All must end in one state digest and one digest of the merged trace; exit status 1 when they do not.
    """
    options = given.merged(VerifyOptions)
    counts, rounds, tasks, fault = options.workers, options.rounds, options.tasks, options.plant
    if tasks or fault is not None:
        scenarios = grid(workers=counts, rounds=rounds, stages=("tasks",))
    else:
        scenarios = grid(workers=counts, rounds=rounds, redis=redis)

    async def run() -> Report:
        return await verify(scenarios, fault=fault, tell=_tell, stall_s=60.0 if fault is None else 5.0)

    report = anyio.run(run)
    if json:
        emit_json({"holds": report.holds, "state_digests": report.state_digests, "trace_digests": report.trace_digests,
                   "kills": report.kills,
                   "rows": [{**msgspec.to_builtins(s), **msgspec.to_builtins(o)} for s, o in report.rows]})  # fmt: skip
    else:
        _print_verdict(report)
    return EXIT_OK if report.holds else 1


frontier_app.command("verify", cls=HelpCommand)(with_options(VerifyOptions, table="verify")(_verify))


def _with(
    options: FrontierOptions,
    experiment: str,
    run: Callable[[Frontier], Awaitable[T]],
    *,
    reconnect_s: float = 5.0,
) -> T:
    """Attaches to an experiment, runs something on it, and closes the connection."""

    async def attached() -> T:
        frontier = connect(options.url, experiment, reconnect_s=reconnect_s)
        try:
            await frontier.attach()
            return await run(frontier)
        finally:
            await frontier.close()

    return anyio.run(attached)


def _print_stats(counts: Stats) -> None:
    shown = table("count", "value", right=("value",))
    for name in counts.__struct_fields__:
        value: object = getattr(counts, name)
        if isinstance(value, dict):
            inner = cast("dict[object, object]", value)
            value = ", ".join(f"{key}: {number}" for key, number in inner.items()) or "none"
        shown.add_row(name.replace("_", " "), str(value))
    output_console().print(shown)


def _tell(scenario: Scenario, outcome: Outcome) -> None:
    what = (
        outcome.error or f"state {outcome.state_digest[:12]} trace {outcome.trace_digest[:12]}, {outcome.killed} killed"
    )
    error_console().print(
        f"{scenario.stage} {scenario.backend} workers={scenario.workers} kills={scenario.kills}: {what}",
        markup=False,
        soft_wrap=True,
    )


def _print_verdict(report: Report) -> None:
    console = output_console()
    failed = sum(bool(outcome.error) for _, outcome in report.rows)
    kills = ", ".join(f"{count} of {kind}" for kind, count in report.kills.items())
    console.print(f"{len(report.rows)} runs, {failed} failed; kills that hit: {kills or 'none'}", soft_wrap=True)
    for what, digests in (("state", report.state_digests), ("merged trace", report.trace_digests)):
        console.print(f"{what}: {len(digests)} digest{'s' if len(digests) != 1 else ''}", soft_wrap=True)
        for digest in digests:
            console.print(f"  {digest}", soft_wrap=True)
    console.print("The same bytes came out of every run." if report.holds else "The runs do not agree.", soft_wrap=True)
