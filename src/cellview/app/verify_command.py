"""``cellview run verify``: everything that a run's folder claims, checked anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import anyio
import typer
from rich.console import Console

from cellview.app.console import emit_json, error_console, output_console, table
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED, OptionError
from cellview.app.helptext import HelpCommand
from cellview.app.toolchains import versions_with
from cellview.experiment import (
    ExperimentFolder,
    Finding,
    HeuristicSpec,
    LeanSpec,
    experiment_of_folder,
    opener_of,
    toolchain_of,
    verify_run,
)
from cellview.trace import RunFolder

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add ``verify`` to the command line; ``run verify`` is the same command."""
    app.command("verify", cls=HelpCommand, short_help="Check anew everything that a run's folder claims.")(_verify)


def _verify(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run.", show_default=False)],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> int:
    """Check the folder of a run: every proof by a fresh Lean, every trace by its digest, every statement.

    Nothing is believed that the folder says of itself. Exit status 1 when something does not stand.
    """
    findings = anyio.run(_findings, folder)
    wrong = [finding for finding in findings if finding.problem is not None]
    if json:
        emit_json({"run": str(folder), "stands": not wrong, "findings": findings})
    else:
        _print(folder, findings, wrong, output_console())
    return EXIT_UNSOLVED if wrong else EXIT_OK


async def _findings(path: Path) -> list[Finding]:
    folder = RunFolder.read(path)
    experiment = experiment_of_folder(folder)
    if not folder.metadata.results:
        raise OptionError(f"{path} holds no result yet: there is nothing to verify.")
    prover = experiment.setup.prover
    toolchain = await toolchain_of(prover) if isinstance(prover, LeanSpec) else None
    now, then = versions_with(toolchain, prover).lean, folder.metadata.versions.lean
    if now != then:
        note = f"The run's Lean was {then}; its proofs are checked by {now}."
        error_console().print(note, markup=False, soft_wrap=True)
    opener = await opener_of(prover, HeuristicSpec(), toolchain)
    return await verify_run(ExperimentFolder(folder, experiment), opener)


def _print(folder: Path, findings: list[Finding], wrong: list[Finding], console: Console) -> None:
    if wrong:
        rows = table("theorem", "arm", "seed", "what is wrong")
        for finding in wrong:
            rows.add_row(finding.theorem, finding.arm, str(finding.seed), finding.problem or "")
        console.print(rows)
    proofs = sum(finding.solved for finding in findings)
    text = f"{folder}: {len(findings)} searches, {proofs} proofs; {len(wrong) or 'nothing'} does not stand."
    if not wrong:
        text = f"{folder}: {len(findings)} searches stand, {proofs} proofs among them."
    console.print(text, markup=False, soft_wrap=True)
