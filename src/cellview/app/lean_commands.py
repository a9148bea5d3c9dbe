"""``cellview lean check``: the Lean in use, run on a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import anyio
import typer
from rich.text import Text

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.errors import InputFileError
from cellview.app.helptext import HelpCommand
from cellview.app.search_options import LeanOptions
from cellview.app.toolchains import toolchain_for
from cellview.prover.lean import CheckReport, check_file
from cellview.prover.lean.check import Message

__all__ = ["lean_app"]

lean_app: Final = typer.Typer(no_args_is_help=True, help="Use the Lean that Cellview proves with.")

_STYLES = {"error": "red", "warning": "yellow", "information": "blue"}


@lean_app.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction]  # with a callback, `check` stays a command of its own
    pass


def _check(
    file: Annotated[Path, typer.Argument(metavar="FILE.lean", help="The file to check.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print Lean's messages as one JSON object.")] = False,
    *,
    given: Given,
) -> int:
    """Run Lean on a file and print its messages; the exit status is Lean's.

    Example: cellview lean check proof.lean
    """
    options = given.merged(LeanOptions)
    if not file.is_file():
        raise InputFileError(f"{file} cannot be read: there is no such file.")
    report = anyio.run(_run, file, options)
    if json:
        emit_json({"file": str(file), "exit_status": _status(report), "messages": report.messages})
    else:
        for message in report.messages:
            _print(file, message)
    if report.broken:
        error_console().print(f"cellview: {report.broken}.", markup=False, soft_wrap=True)
    return _status(report)


lean_app.command("check", cls=HelpCommand, short_help="Run Lean on a file.")(
    with_options(LeanOptions, table="lean")(_check)
)


async def _run(file: Path, options: LeanOptions) -> CheckReport:
    return await check_file(await toolchain_for(options), file)


def _status(report: CheckReport) -> int:
    """Return Lean's exit status; 128 + signal when one ended it, as shells count it."""
    return 128 - report.exit_status if report.exit_status < 0 else report.exit_status


def _print(file: Path, message: Message) -> None:
    text = Text(f"{file}:{message.line}:{message.column}: ")
    text.append(message.severity, style=_STYLES[message.severity])
    text.append(f": {message.text}")
    output_console().print(text, soft_wrap=True)
