"""A run from its first search to its last, however it was begun, and what is said at its end."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

import anyio

from cellview.actors import unwrapped
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.drivers import Driver
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED, RunError
from cellview.app.options import RunOptions
from cellview.app.progress import observer_for
from cellview.app.report import print_report, report_of
from cellview.app.watching import FailFast, Quiet
from cellview.experiment import ExperimentFolder, LeanSpec, ProverSpec, opener_of, require_standing, toolchain_of
from cellview.prover.lean import Toolchain

__all__ = ["supervise", "toolchain_with"]


async def toolchain_with(prover: ProverSpec) -> Toolchain | None:
    """Return the Lean that a prover needs, if it needs one."""
    return await toolchain_of(prover) if isinstance(prover, LeanSpec) else None


async def supervise(
    folder: ExperimentFolder, driver: Driver, toolchain: Toolchain | None, options: RunOptions, *, resume: bool
) -> int:
    """Run an experiment to its end, leave a folder that says how it ended, and print what came of it.

    Args:
        folder: Its folder.
        driver: What carries the searches.
        toolchain: The Lean, if one takes part.
        options: How it is shown.
        resume: Whether it has results from before, which are checked first.
    """
    started = time.monotonic()
    finished = False
    scope = anyio.CancelScope()
    shown = Quiet() if options.quiet else observer_for(error_console(), folder.experiment)
    known = {entry.key for entry in folder.entries()}
    watching = FailFast(shown, scope.cancel if options.fail_fast else None, known)
    try:
        folder.begin()
        setup = folder.experiment.setup
        opener = await opener_of(
            setup.prover, setup.provider, toolchain, access=driver.access, providers=setup.providers
        )
        if resume:
            await require_standing(folder, opener)
        with watching, scope:
            finished = await driver.run(folder, opener, watching, resume=resume)
        if finished:
            folder.require_a_result()
    except anyio.get_cancelled_exc_class():
        folder.save("interrupted")
        raise
    except BaseException as group:
        error = unwrapped(group)
        folder.save("failed", error=str(error) or type(error).__name__)
        raise error from None
    if not finished:
        folder.save("interrupted")
        return _stopped(folder.path, watching.failure)
    folder.save("finished")
    report = report_of(folder.folder, seconds=time.monotonic() - started, collective=options.json)
    if options.json:
        emit_json(report)
    else:
        print_report(report, output_console())
    _require_accepted(folder)
    return EXIT_OK if watching.failure is None else EXIT_UNSOLVED


def _stopped(folder: Path, failure: str | None) -> int:
    """Say why a run stopped before its end: at its first failure, or because its frontier was drained."""
    why = "Drained" if failure is None else f"Stopped at the first failure: {failure}"
    how = f"Continue with: cellview run --resume {shlex.quote(str(folder))}"
    error_console().print(f"{why}. {how}", markup=False, soft_wrap=True)
    return EXIT_OK if failure is None else EXIT_UNSOLVED


def _require_accepted(folder: ExperimentFolder) -> None:
    """Refuse a run in which Lean did not accept a statement; what could be run was run."""
    refused = list(dict.fromkeys(e.theorem for e in folder.entries() if e.stop_reason == "statement_error"))
    if refused:
        others = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        why = next(e.message for e in folder.entries() if e.theorem == refused[0])
        what = "cannot read" if why is not None and "heartbeats" in why else "does not accept"
        raise RunError(f"{folder.experiment.corpus.source}: Lean {what} the statement of {refused[0]}{others}: {why}")
