"""The command ``cellview``: what there is, and what happens to errors.

A mistake of the user is one sentence on standard error and exit status 2, never a traceback. A traceback therefore
means a bug of ours, and is left whole.
"""

from __future__ import annotations

import gc
import importlib.metadata
import io
import logging
import os
import sys
from typing import Annotated, Final, cast

import structlog
import typer
from typer.exceptions import TyperException

from cellview.app import (
    analyse_commands,
    compare_command,
    daemon_commands,
    doctor,
    document_command,
    lean_commands,
    notes_commands,
    prove_command,
    results_command,
    run_command,
    runs_command,
    serve_command,
    submit_command,
    trace_commands,
    tree_command,
    verify_command,
)
from cellview.app.claims_commands import claims_app
from cellview.app.cluster_commands import simulate_app
from cellview.app.console import shown
from cellview.app.corpus_commands import corpus_app
from cellview.app.errors import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_OK, EXIT_PROVIDER, AppError
from cellview.app.frontier_commands import frontier_app
from cellview.app.tables import OTHER_VARIABLES, TABLES
from cellview.base.log import processors
from cellview.experiment import ProviderFailedError
from cellview.settings import require_known_variables

__all__ = ["app", "main"]

app: Final = typer.Typer(
    name="cellview",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Several search agents prove theorems together over one shared AND/OR tree, with a real Lean 4 underneath. "
    "Every run can be reproduced to the byte.",
    epilog="Start with: cellview prove 'theorem t (p q : Prop) : p ∧ q → q ∧ p'",
)
prove_command.register(app)
run_command.register(app)
runs_command.register(app)
results_command.register(app)
compare_command.register(app)
notes_commands.register(app)
tree_command.register(app)
analyse_commands.register(app)
document_command.register(app)
verify_command.register(app)
serve_command.register(app)
submit_command.register(app)
daemon_commands.register(app)
app.add_typer(corpus_app, name="corpus")
app.add_typer(trace_commands.trace_app, name="trace")
app.add_typer(lean_commands.lean_app, name="lean")
app.add_typer(frontier_app, name="frontier", short_help="Join, watch and clear the frontier of an experiment.")
app.add_typer(claims_app, name="claims", short_help="Query what experiments claimed.")
app.add_typer(simulate_app, name="simulate", short_help="Check brokers: order, loss, recovery.")
doctor.register(app)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cellview {importlib.metadata.version('cellview')}")
        raise typer.Exit


@app.callback()
def _root(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    pass


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    # A proof tree is large, lives long and is full of cycles: with the default thresholds the cyclic collector walks it
    # again and again, for a fifth of a search's time. A program may decide this; a library may not.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    _speak_utf8()
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def _speak_utf8() -> None:
    """Read and write UTF-8 whatever the locale says: Lean's text is UTF-8, and a C locale could not spell a proof.

    Escapes for what a locale lacks were rejected: Lean could not read such a proof. Bytes of file names that are no
    text pass through unharmed.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")


def run(argv: list[str]) -> int:
    """Run the command line and return its exit status."""
    _log_to_standard_error()
    try:
        if not {"--help", "-h", "--version"} & set(argv):
            require_known_variables(os.environ, TABLES, others=OTHER_VARIABLES)
        if argv[:2] == ["run", "verify"]:  # a question about runs; `run` itself takes a corpus here
            argv = argv[1:]
        outcome = app(args=argv, prog_name="cellview", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        if error.format_message().startswith("Usage: "):  # a command without its arguments: its help is the answer
            sys.stderr.write(error.format_message() + "\n")
            return EXIT_BAD_INPUT
        return _complain(f"{error.format_message()} See 'cellview --help'.")
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("cellview: Interrupted.\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _forget_standard_output()  # the reader has gone (`| head`): that is its right
        return EXIT_OK
    except OSError as error:
        _forget_standard_output()
        return _complain(f"{error.filename or 'Standard output'} cannot be used: {error.strerror or error}.")
    except Exception as error:
        cause = user_error(error)
        if cause is None:
            raise
        return _complain(str(cause), EXIT_PROVIDER if isinstance(cause, ProviderFailedError) else EXIT_BAD_INPUT)
    return outcome if isinstance(outcome, int) else 0


def _log_to_standard_error() -> None:
    """Send errors of the parts below to standard error; structlog's own default is standard output."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=processors(),
    )


def user_error(error: BaseException) -> Exception | None:
    """Return the user's mistake in `error`, looking through exception groups; ``None``: it is a bug of ours."""
    if isinstance(error, BaseExceptionGroup):
        causes = [user_error(inner) for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions]
        return causes[0] if causes and None not in causes else None
    # Each package keeps everything that it raises on purpose in its errors.py, so the module says whose fault it is.
    module = type(error).__module__.split(".")
    ours = module[0] == "cellview" and module[-1] == "errors"
    return error if isinstance(error, AppError) or (ours and isinstance(error, Exception)) else None


def _forget_standard_output() -> None:
    """Point standard output nowhere; otherwise Python would complain again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(sentence: str, status: int = EXIT_BAD_INPUT) -> int:
    sentence = shown(" ".join(sentence.split()))  # Lean's own words may come on several lines
    if not sentence.endswith((".", "!", "?")):
        sentence += "."
    print(f"cellview: {sentence}", file=sys.stderr)  # noqa: T201  # the one place where errors are printed
    return status
