"""``cellview simulate``: put the brokers to the test on the machines where they will run."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
import typer

from cellview.app.console import emit_json, output_console, table
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED, OptionError
from cellview.app.helptext import HelpCommand
from cellview.cluster.simulations import Fault, simulate_coordination, simulate_recovery

__all__ = ["simulate_app"]

simulate_app: Final = typer.Typer(
    no_args_is_help=True,
    help="Simulations of message delivery that fail, with exit status 1, when something was lost, repeated or late.",
)

BrokerName = Literal["memory", "redis", "ray"]

_BROKER = typer.Option("--broker", help="Which broker.")
_URL = typer.Option("--url", metavar="URL", help="Redis: redis://host:port/db. Ray: address of the cluster.")
_JSON = typer.Option("--json", help="Print the report as one JSON object.")


@simulate_app.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction]  # as in lean_commands
    pass


@simulate_app.command("coordination", cls=HelpCommand)
def _coordination(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    broker: Annotated[BrokerName, _BROKER] = "memory",
    url: Annotated[str | None, _URL] = None,
    producers: Annotated[int, typer.Option("--producers", help="Processes that publish at once.")] = 4,
    messages: Annotated[int, typer.Option("--messages", help="Claims, and as many results, of each producer.")] = 250,
    plant: Annotated[
        Fault | None, typer.Option("--plant", help="Have one producer do this wrong, to see that the check finds it.")
    ] = None,
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Have processes publish claims and results, and check order, duplicates and losses.

    Example: cellview simulate coordination --broker redis --url redis://127.0.0.1:6379/0
    """
    try:
        report = simulate_coordination(broker, url, producers=producers, messages=messages, plant=plant)
    except (ModuleNotFoundError, ValueError) as error:
        raise OptionError(f"{error}.") from error
    if json:
        emit_json({**msgspec.to_builtins(report), "problems": report.problems})
    else:
        shown = table("what", "number", right=("number",))
        for name, value in msgspec.to_builtins(report).items():
            shown.add_row(name.replace("_", " "), str(value))
        output_console().print(shown)
    return _verdict(report.problems, quiet=json)


@simulate_app.command("recovery", cls=HelpCommand)
def _recovery(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    broker: Annotated[BrokerName, _BROKER] = "memory",
    url: Annotated[str | None, _URL] = None,
    messages: Annotated[int, typer.Option("--messages", help="Messages for each failure rate.")] = 1000,
    max_deliveries: Annotated[
        int, typer.Option("--max-deliveries", help="Deliveries after which a message is set aside.")
    ] = 6,
    rate: Annotated[
        list[float] | None, typer.Option("--rate", help="Failure rate in [0, 1); repeat for several.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws which deliveries fail.")] = 0,
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Have consumers die while they work, and compare the cost of redelivery with the formula.

    Columns: deliveries for each message, measured and by the formula; messages set aside, and how many were expected;
    CPU time, and its ratio to the first row; peak of Python's memory.

    Example: cellview simulate recovery --rate 0 --rate 0.2
    """
    rates = tuple(rate) if rate else (0.0, 0.1, 0.3, 0.5)
    try:
        report = simulate_recovery(
            broker, url, rates=rates, messages=messages, max_deliveries=max_deliveries, seed=seed
        )
    except (ModuleNotFoundError, ValueError) as error:
        raise OptionError(f"{error}.") from error
    if json:
        emit_json({**msgspec.to_builtins(report), "problems": report.problems})
    else:
        columns = ("rate", "each", "formula", "±", "aside", "expected", "CPU s", "ratio", "peak kB")
        shown = table(*columns, right=columns)
        for row in report.rows:
            numbers = (row.deliveries_each, row.expected_each, row.tolerance_each)
            shown.add_row(
                f"{row.failure_rate:g}",
                *(f"{number:.3f}" for number in numbers),
                str(row.set_aside),
                f"{row.expected_set_aside:.1f}",
                f"{row.cpu_s:.3f}",
                f"{row.cpu_ratio:.2f}",
                str(row.peak_bytes // 1000),
            )
        output_console().print(shown)
    return _verdict(report.problems, quiet=json)


def _verdict(problems: list[str], *, quiet: bool) -> int:
    if not quiet:
        for problem in problems or ["all is well"]:
            output_console().print(problem, markup=False, soft_wrap=True)
    return EXIT_UNSOLVED if problems else EXIT_OK
