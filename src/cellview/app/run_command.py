"""``cellview run``: a corpus, a search for every theorem and arm, a folder with all that came of it."""

from __future__ import annotations

import hashlib
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, cast

import anyio
import typer

from cellview.app.argv import Given, with_options
from cellview.app.backend import OpenBackend
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.errors import EXIT_OK, OptionError, RunError
from cellview.app.helptext import HelpCommand
from cellview.app.lean_backend import lean_backend, lean_version, toolchain_of
from cellview.app.options import FILE_TABLES, RunOptions
from cellview.app.plan import CORPUS_COPY, RunPlan, config_as_data, plan_of, plan_of_folder, saved_options
from cellview.app.progress import reporter_for
from cellview.app.report import Row, print_report, report_of
from cellview.app.run import execute, require_accepted, utc_now
from cellview.prover.lean import Toolchain
from cellview.search.corpus import load_corpus
from cellview.settings import fields_of, merge, read_document, variable_of
from cellview.trace import (
    CorpusInfo,
    RunFolder,
    RunMetadata,
    Versions,
    describe_git,
    describe_host,
    describe_versions,
    write_atomically,
)

__all__ = ["register"]

_EXAMPLE = """\b
Example:
  cellview run corpora/micro.toml --mcts-mode distributed \\
    --mcts-agents 4 --mcts-inflight 4 --trace-mcts
"""


def register(app: typer.Typer) -> None:
    """Add ``run`` to the command line."""
    command = app.command("run", cls=HelpCommand, short_help="Prove the theorems of a corpus.", epilog=_EXAMPLE)
    command(with_options(RunOptions, table="run")(_run))


def _run(
    corpus: Annotated[
        Path | None, typer.Argument(metavar="CORPUS", help="The corpus, a TOML file of theorems.", show_default=False)
    ] = None,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Take options from the table [run] of a TOML file; the keys are the option names without dashes. "
            "What is given on the command line wins.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="FOLDER",
            help="Go on with a run that was interrupted or killed, from its traces; it ends with the digests of a run "
            "that never was. Takes no other options than --jobs and --json.",
        ),
    ] = None,
    given: Given,
) -> int:
    """Prove the theorems of a corpus, and keep what came of it in a folder."""
    if resume is not None:
        _require_alone(corpus, config, given)
        return anyio.run(_resume, resume, given)
    document = None if config is None else read_document(config, tables=FILE_TABLES)
    options = given.merged(RunOptions, document)
    path = corpus or (None if options.corpus is None else Path(options.corpus))
    if path is None:
        raise OptionError("There is no corpus to run: name one, such as corpora/micro.toml.")
    return anyio.run(_start, plan_of(options, load_corpus(path)), options, path)


def _require_alone(corpus: Path | None, config: Path | None, given: Given) -> None:
    others = [name for name in given.typed if name not in ("json", "jobs")]
    named = ["a corpus"] * (corpus is not None) + ["--config"] * (config is not None) + [f"--{name}" for name in others]
    if named:
        raise OptionError(f"--resume goes on with the run as it was started: leave out {', '.join(named)}.")


async def _start(plan: RunPlan, options: RunOptions, corpus: Path) -> int:
    toolchain = await toolchain_of(options)
    with _make_folder(plan, options, corpus, toolchain) as folder:
        return await _supervise(plan, folder, _backend(toolchain, options), options.json)


async def _resume(path: Path, given: Given) -> int:
    with RunFolder.resume(path) as folder:
        options = _as_it_was_started(folder, given)
        plan = plan_of_folder(folder, options)
        toolchain = await toolchain_of(options)
        then, now = folder.metadata.versions, _versions(toolchain, options)
        if (then.cellview, then.lean) != (now.cellview, now.lean):
            raise RunError(
                f"{path} was run with Cellview {then.cellview} and Lean {then.lean}, which are now {now.cellview} and "
                f"{now.lean}: results would not fit together."
            )
        folder.update(resumed=folder.metadata.resumed + 1, finished=None, error=None)
        return await _supervise(plan, folder, _backend(toolchain, options), options.json)


def _as_it_was_started(folder: RunFolder, given: Given) -> RunOptions:
    """Return the options of a run; a variable of the environment that says otherwise now is refused, not ignored."""
    saved = saved_options(folder)
    options, started = given.merged(RunOptions, saved), merge(RunOptions, table=given.table, document=saved)
    for field in fields_of(RunOptions):
        then, now = getattr(started, field.name), getattr(options, field.name)
        if field.option not in ("json", "jobs") and then != now:
            variable = variable_of(field, given.table)
            raise OptionError(
                f"{folder.path} was started with another --{field.option}: unset {variable} to resume it."
            )
    return options


def _backend(toolchain: Toolchain, options: RunOptions) -> OpenBackend:
    return lean_backend(
        toolchain,
        automation=options.automation,
        heartbeats=options.heartbeats,
        transport=options.lean_transport,
    )


async def _supervise(plan: RunPlan, folder: RunFolder, open_backend: OpenBackend, json: bool) -> int:
    """Run the plan to its end or until a signal, and leave a folder that says which it was."""
    started = time.monotonic()
    reporter = reporter_for(error_console(), total=plan.searches)
    rows: list[Row] = []
    caught: list[signal.Signals] = []

    async def watch(scope: anyio.CancelScope) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for number in signals:
                caught.append(number)
                scope.cancel()

    try:
        with reporter:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch, tasks.cancel_scope)
                rows = await execute(plan, folder, open_backend, reporter)
                tasks.cancel_scope.cancel()
    except BaseException as error:
        folder.update(status="failed", finished=utc_now(), error=_cause(error))
        raise
    if caught:
        folder.update(status="interrupted", finished=utc_now())
        error_console().print(f"Interrupted. What was done is in {folder.path}.", markup=False, soft_wrap=True)
        return 128 + caught[0]
    folder.update(status="finished", finished=utc_now())
    report = report_of(str(folder.path), rows, seconds=time.monotonic() - started)
    if json:
        emit_json(report)
    else:
        print_report(report, output_console())
    require_accepted(rows, corpus=plan.corpus.source)
    return EXIT_OK


def _cause(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return _cause(cast("BaseExceptionGroup[BaseException]", error).exceptions[0])
    return str(error) or type(error).__name__


def _make_folder(plan: RunPlan, options: RunOptions, corpus: Path, toolchain: Toolchain) -> RunFolder:
    """Make the run's folder, with a copy of the corpus in it: the file that was read may change or go."""
    out = _free_folder(corpus) if options.out is None else Path(options.out)
    folder = RunFolder.create(out, _metadata(plan, options, corpus, toolchain))
    write_atomically(folder.path / CORPUS_COPY, corpus.read_bytes())
    return folder


def _free_folder(corpus: Path) -> Path:
    """Return the default folder, under a name that is not taken."""
    base = Path("runs") / f"{corpus.stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    number, path = 1, base
    while path.exists():
        number += 1
        path = base.with_name(f"{base.name}-{number}")
    return path


def _versions(toolchain: Toolchain, options: RunOptions) -> Versions:
    return describe_versions(lean=lean_version(toolchain, options.lean_transport))


def _metadata(plan: RunPlan, options: RunOptions, corpus: Path, toolchain: Toolchain) -> RunMetadata:
    config = plan.config
    seeds = {"run": config.seed}
    if config.block is not None:
        seeds["block"] = config.block.seed
    if config.delay is not None:
        seeds["delay"] = config.delay.seed
    return RunMetadata(
        created=utc_now(),
        config=config_as_data(plan, options),
        seeds=seeds,
        corpus=CorpusInfo(
            source=str(corpus),
            digest=hashlib.sha256(corpus.read_bytes()).hexdigest(),
            theorems=len(plan.corpus.theorems),
        ),
        versions=_versions(toolchain, options),
        host=describe_host(),
        git=describe_git(),
        command=tuple(sys.argv),
        trace=plan.trace,
        reproducible=config.reproducible,
        not_reproducible_because=() if config.reproducible else ("outcomes are committed in order of arrival",),
    )
