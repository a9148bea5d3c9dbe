"""``cellview doctor``: what of this machine Cellview can use, what is missing, and how to get it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import anyio
import msgspec
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, output_console, table
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED
from cellview.app.helptext import HelpCommand
from cellview.app.provider_options import ProviderOptions
from cellview.app.providers import access_of, provider_of
from cellview.app.search_options import LeanOptions
from cellview.app.toolchains import toolchain_for
from cellview.core import ask_provider
from cellview.experiment import ExperimentError, ProviderMaker, provider_name
from cellview.prover import Goal, Hypothesis, Suggestion
from cellview.prover.errors import ProviderError, ToolchainError

__all__ = ["Finding", "Report", "examine", "register"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked for.

    Args:
        name: What it is.
        found: Whether it can be used.
        version: Its version, where it has one.
        detail: Where it is; when it was not found, why not.
        needed_for: What works only with it.
        remedy: How to get it; empty when it was found.
        answer: Of a provider: the tactics that it suggests for ``p ∧ q → q ∧ p``, each with its score.
    """

    name: str
    found: bool
    version: str | None = None
    detail: str = ""
    needed_for: str
    remedy: str = ""
    answer: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What ``doctor`` found. `ready`: whether theorems can be proved on this machine."""

    cellview: str
    python: str
    system: str
    cores: int
    ready: bool
    findings: list[Finding]


def register(app: typer.Typer) -> None:
    """Add ``doctor`` to the command line."""
    command = app.command("doctor", cls=HelpCommand, short_help="Say what this machine has and lacks.")
    command(with_options(LeanOptions, ProviderOptions, table="lean")(_doctor))


def _doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as one JSON object.")] = False,
    *,
    given: Given,
) -> int:
    """Say what was found: Lean and its version, Redis, Ray, DuckDB; what is missing and how to get it.

    The exit status is 0 when there is a Lean to prove with, otherwise 1. The first time, the embedded Lean compiles
    its prelude, which takes some seconds. With --provider, that is asked one question as well, and must answer.
    """
    report = examine(given.merged(LeanOptions), given.merged(ProviderOptions))
    if json:
        emit_json(report)
    else:
        _print(report)
    return EXIT_OK if report.ready else EXIT_UNSOLVED


def examine(lean: LeanOptions, provider: ProviderOptions | None = None) -> Report:
    """Look for everything that Cellview can use. Starts Lean and ``redis-server --version``, nothing else.

    A provider other than the default one is asked a question.
    """
    lean_found = _lean(lean)
    asked = [] if provider is None or provider.provider == "heuristic" else [ask(provider)]
    return Report(
        cellview=importlib.metadata.version("cellview"),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        ready=lean_found.found and all(finding.found for finding in asked),
        findings=[
            lean_found,
            _package("redis", needed_for="frontier and brokers over Redis", extra="redis"),
            _redis_server(),
            _package("ray", needed_for="experiments on a Ray cluster", extra="ray"),
            _package("duckdb", needed_for="storing and querying claims", extra="duckdb"),
            _package("pyarrow", needed_for="exporting claims as Parquet", extra="duckdb"),
            _package("httpx", needed_for="tactics from a language model", extra="app"),
            *asked,
        ],
    )


def _lean(options: LeanOptions) -> Finding:
    async def find() -> Finding:
        found = await toolchain_for(options)
        return Finding(
            name=f"Lean ({found.kind})",
            found=True,
            version=f"{found.version}, commit {found.commit[:12]}",
            detail=found.library,
            needed_for="proving",
        )

    try:
        return anyio.run(find)
    except ToolchainError as error:
        # The error's own text ends with what to do; a remedy beside it would say it twice.
        return Finding(name="Lean", found=False, detail=str(error), needed_for="proving")


_QUESTION = Goal("?goal", "q ∧ p", "q ∧ p", "h : p ∧ q ⊢ q ∧ p", (Hypothesis("h", "p ∧ q"),))


def ask(options: ProviderOptions) -> Finding:
    """Ask a provider one question, as a search would."""
    spec = provider_of(options)
    name = f"provider {provider_name(spec)}"

    async def question() -> tuple[Sequence[Suggestion], float]:
        maker = ProviderMaker(access_of(options))
        maker.check(spec)
        provider = maker.make(spec)
        started = time.monotonic()
        try:
            return await ask_provider(provider, _QUESTION, None), time.monotonic() - started
        finally:
            if (close := getattr(provider, "aclose", None)) is not None:
                await close()

    try:
        suggestions, seconds = anyio.run(question)
    except (ProviderError, ExperimentError) as error:
        return Finding(name=name, found=False, detail=str(error), needed_for="suggesting tactics")
    answer = tuple(f"{given.score:+.3f}  {given.tactic}" for given in suggestions)
    return Finding(name=name, found=True, detail=f"{seconds:.2f} s", needed_for="suggesting tactics", answer=answer)


def _package(name: str, *, needed_for: str, extra: str) -> Finding:
    """Look for a Python package without importing it: importing Ray alone takes a second."""
    if importlib.util.find_spec(name) is None:
        remedy = f"pip install 'cellview[{extra}]'"
        return Finding(
            name=f"{name} (Python)", found=False, detail="not installed", needed_for=needed_for, remedy=remedy
        )
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = None
    return Finding(name=f"{name} (Python)", found=True, version=version, needed_for=needed_for)


def _redis_server(*, which: Callable[[str], str | None] = shutil.which) -> Finding:
    needed_for = "a Redis of your own on this machine"
    path = which("redis-server")
    if path is None:
        return Finding(
            name="redis-server",
            found=False,
            detail="not on the PATH; a server elsewhere does as well",
            needed_for=needed_for,
            remedy="apt-get install redis-server",
        )
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
    match = re.search(r"v=(\S+)", said)
    version = match.group(1) if match else None
    return Finding(name="redis-server", found=True, version=version, detail=path, needed_for=needed_for)


def _print(report: Report) -> None:
    console = output_console()
    console.print(
        f"Cellview {report.cellview}, Python {report.python}, {report.system}, {report.cores} cores", markup=False
    )
    console.print()
    rows = table("", "What", "Version", "Needed for")
    for finding in report.findings:
        mark = "[green]ok[/green]" if finding.found else "[yellow]--[/yellow]"
        rows.add_row(mark, finding.name, finding.version or "", finding.needed_for)
    console.print(rows)
    for finding in report.findings:
        if not finding.found:
            console.print()
            console.print(f"{finding.name}: {finding.detail}", markup=False)
            if finding.remedy:
                console.print(f"  To get it: {finding.remedy}", markup=False)
    console.print()
    for finding in report.findings:
        if finding.found and finding.answer:
            console.print(f"{finding.name} answered in {finding.detail}:", markup=False)
            for tactic in finding.answer:
                console.print(f"  {tactic}", markup=False)
            console.print()
    if report.ready:
        console.print("Ready to prove theorems.")
    elif report.findings[0].found:
        console.print("Not ready: the provider of tactics does not answer.")
    else:
        console.print("Not ready: without a Lean nothing can be proved.")
