"""``cellview run``: a corpus or an experiment, a search for every theorem, arm and seed, a folder with all of it."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import msgspec
import typer

from cellview.actors import unwrapped
from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.drivers import Driver, driver_of
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED, OptionError, RunError
from cellview.app.experiment_file import ExperimentFile, is_corpus, read_experiment_file
from cellview.app.helptext import HelpCommand
from cellview.app.interrupts import interruptible, resume_hint
from cellview.app.interventions import arms_of
from cellview.app.options import RunOptions
from cellview.app.progress import observer_for
from cellview.app.provider_options import AccessOptions
from cellview.app.providers import access_of, provider_of
from cellview.app.report import print_report, report_of
from cellview.app.search_config import search_config
from cellview.app.selection import Selection, render_corpus, select
from cellview.app.toolchains import lean_of, versions_with
from cellview.app.watching import FailFast, Quiet
from cellview.experiment import (
    Experiment,
    ExperimentFolder,
    LeanSpec,
    ModelAccess,
    ProverSpec,
    ProviderMaker,
    Setup,
    SyntheticSpec,
    experiment_of_folder,
    load_corpus,
    opener_of,
    require_standing,
    toolchain_of,
)
from cellview.frontier.redis.link import redacted
from cellview.prover.lean import Toolchain
from cellview.settings import Document, option_names
from cellview.trace import RunFolder

__all__ = ["experiment_of", "register"]

_EXAMPLE = """\b
Examples:
  cellview run corpora/micro.toml --mcts-mode distributed \\
    --mcts-agents 4 --mcts-inflight 4 --trace-mcts
  cellview run corpora/micro.toml --interventions wild_type,block_simp \\
    --seeds 0-4 --executor process --workers 4
"""

_OF_RESUME = (
    *("json", "quiet", "fail-fast", "jobs", "executor", "workers", "frontier", "frontier-window"),
    *option_names(AccessOptions),
)
"""Options that may stand beside ``--resume``: they change no result."""


def register(app: typer.Typer) -> None:
    """Add ``run`` to the command line."""
    command = app.command("run", cls=HelpCommand, short_help="Prove the theorems of a corpus.", epilog=_EXAMPLE)
    command(with_options(RunOptions, table="run")(_run))


def _run(
    corpus: Annotated[
        Path | None,
        typer.Argument(
            metavar="CORPUS|EXPERIMENT.toml",
            help="The corpus, a TOML file of theorems; or an experiment, a TOML file with the table [run], whose keys "
            "are the options without dashes, corpus among them.",
            show_default=False,
        ),
    ] = None,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Take options from the tables [run] and [cluster] of a TOML file. What is given on the command line "
            "wins, then the environment.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="FOLDER",
            help="Go on with a run that was interrupted or killed, on any executor; it ends with the digests of a run "
            "that never was. Takes no other options than those that change no result.",
        ),
    ] = None,
    given: Given,
) -> int:
    """Prove the theorems of a corpus, and keep what came of it in a folder."""
    if resume is not None:
        _require_alone(corpus, given)
        return _orderly(partial(_resume, resume, given, config), resume)
    if corpus is not None and corpus.is_file() and not is_corpus(corpus):
        if config is not None:
            raise OptionError(f"{corpus} is an experiment with settings of its own: leave out --config.")
        config, corpus = corpus, None
    file = ExperimentFile(Document()) if config is None else read_experiment_file(config)
    options = given.merged(RunOptions, file.document)
    path = corpus or (None if options.corpus is None else Path(options.corpus))
    if path is None:
        raise OptionError("There is no corpus to run: name one, such as corpora/micro.toml.")
    experiment = experiment_of(options, path, file)
    chosen = render_corpus(experiment.corpus).encode() if selection_of(options) else path.read_bytes()
    out = _free_folder(experiment.name) if options.out is None else Path(options.out)
    driver = driver_of(options, document=file.document, folder=out, frontier_typed="frontier" in given.typed)
    if driver.executor == "frontier" and options.name is None and file.name is None:
        experiment = msgspec.structs.replace(experiment, name=_frontier_name(out))
    return _orderly(partial(_start, experiment, out, driver, chosen, file.plan_digest, options), out)


def _orderly(work: Callable[[], Awaitable[int]], folder: Path) -> int:
    """Run `work` to its end or to a signal, which is answered with how to go on."""

    def interrupted() -> None:
        there = (folder / "run.json").exists()
        error_console().print(resume_hint(folder if there else None), markup=False, soft_wrap=True)

    return anyio.run(partial(interruptible, work, interrupted=interrupted))


def _require_alone(corpus: Path | None, given: Given) -> None:
    others = [f"--{name}" for name in given.typed if name not in _OF_RESUME]
    named = ["a corpus"] * (corpus is not None) + others
    if named:
        raise OptionError(f"--resume goes on with the run as it was started: leave out {', '.join(named)}.")


async def _start(
    experiment: Experiment, out: Path, driver: Driver, corpus: bytes, plan_digest: str | None, options: RunOptions
) -> int:
    toolchain = await _toolchain(experiment.setup.prover)
    for spec in experiment.setup.all_providers:  # what cannot be made is refused before anything is written
        ProviderMaker(driver.access).check(spec)
    folder = ExperimentFolder.create(
        out,
        experiment,
        corpus=corpus,
        versions=versions_with(toolchain, experiment.setup.prover),
        driver=driver.as_data(),
        access=driver.access,
        toolchain=toolchain,
        command=_command(driver.url),
        plan_digest=plan_digest,
    )
    with folder:
        try:
            return await _supervise(folder, driver, toolchain, options, resume=False)
        except Exception:
            _remove_if_bare(folder)
            raise


def _remove_if_bare(folder: ExperimentFolder) -> None:
    """Leave nothing of a start that failed: there is no search to go on with, and what was wrong will be said."""
    if not folder.entries() and not any(folder.path.rglob("*_mcts_trace.jsonl")):
        shutil.rmtree(folder.path, ignore_errors=True)


async def _resume(path: Path, given: Given, config: Path | None) -> int:
    document = Document() if config is None else read_experiment_file(config).document
    options = given.merged(RunOptions, document)
    folder = RunFolder.read(path)
    options = _as_before(options, folder.metadata.driver, path)
    driver = driver_of(options, document=document, folder=path, frontier_typed="frontier" in given.typed)
    prover = experiment_of_folder(folder).setup.prover
    toolchain = await _toolchain(prover)
    access = _access_as_before(given, folder.metadata.access, options)
    driver = msgspec.structs.replace(driver, access=access)
    versions = versions_with(toolchain, prover)
    with ExperimentFolder.resume(path, versions=versions, driver=driver.as_data(), access=access) as resumed:
        return await _supervise(resumed, driver, toolchain, options, resume=True)


def _access_as_before(given: Given, saved: dict[str, Any], options: RunOptions) -> ModelAccess:
    """Reach model servers as the run did when it was started, but for what was said anew."""
    said = msgspec.to_builtins(access_of(options))
    usual = msgspec.to_builtins(ModelAccess())
    changed = {name: value for name, value in said.items() if value != usual[name]}
    if changed.get("url") is not None and "provider-offline" not in given.typed:
        changed["offline"] = False  # whoever names a server wants it asked
    return msgspec.convert(saved | changed, ModelAccess)


def _as_before(options: RunOptions, saved: dict[str, Any], path: Path) -> RunOptions:
    """Continue on the executor that the run was started with, unless another is asked for."""
    if options.executor is not None:
        return options
    executor = saved.get("executor", "here")
    changes: dict[str, Any] = {"executor": executor}
    if executor == "frontier":
        changes["frontier_window"] = saved.get("window", options.frontier_window)
        where = saved.get("frontier", "memory:")
        if where != "memory:" and options.frontier is None:
            raise OptionError(
                f"The frontier of {path} is at {where}: give --frontier or CELLVIEW_FRONTIER_URL again, or another "
                "--executor."
            )
    if options.workers is None and isinstance(saved.get("workers"), int):
        changes["workers"] = saved["workers"]
    return msgspec.structs.replace(options, **changes)


def selection_of(options: RunOptions) -> Selection:
    """Return which theorems are asked for."""
    return Selection(ids=options.id, tags=options.tag, match=options.match)


def experiment_of(options: RunOptions, corpus: Path, file: ExperimentFile) -> Experiment:
    """Return the experiment that options and a file describe."""
    prover: ProverSpec = SyntheticSpec() if options.prover == "synthetic" else lean_of(options)
    setup = Setup(
        search=search_config(options),
        prover=prover,
        provider=provider_of(options),
        block_seed=options.mcts_block_seed,
        delay_seed=options.mcts_delay_seed,
        time_budget_s=options.time_budget,
    )
    return Experiment(
        corpus=select(load_corpus(corpus), selection_of(options)),
        setup=setup,
        arms=arms_of(options.interventions),
        seeds=tuple(dict.fromkeys(options.seeds)) or (options.seed,),
        name=options.name or file.name or corpus.stem,
        trace=options.trace_mcts,
        hypotheses=tuple(file.plan.get("hypothesis", ())),
    )


async def _toolchain(prover: ProverSpec) -> Toolchain | None:
    return await toolchain_of(prover) if isinstance(prover, LeanSpec) else None


async def _supervise(
    folder: ExperimentFolder, driver: Driver, toolchain: Toolchain | None, options: RunOptions, *, resume: bool
) -> int:
    """Run the experiment to its end, and leave a folder that says how it ended."""
    started = time.monotonic()
    finished = False
    scope = anyio.CancelScope()
    shown = Quiet() if options.quiet else observer_for(error_console(), folder.experiment)
    known = {entry.key for entry in folder.entries()}
    watching = FailFast(shown, scope.cancel if options.fail_fast else None, known)
    try:
        folder.begin()
        setup = folder.experiment.setup
        opener = await opener_of(setup.prover, setup.provider, toolchain, access=driver.access)
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
    report = report_of(folder.folder, seconds=time.monotonic() - started)
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


def _free_folder(name: str) -> Path:
    """Return the default folder, under a name that is not taken."""
    base = Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    number, path = 1, base
    while path.exists():
        number += 1
        path = base.with_name(f"{base.name}-{number}")
    return path


def _frontier_name(folder: Path) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in folder.resolve().name)
    return kept.lstrip("._-")[:100] or "experiment"


def _command(url: str) -> tuple[str, ...]:
    """The command line, with a password in the frontier's URL taken out."""
    return tuple(argument.replace(url, redacted(url)) if url in argument else argument for argument in sys.argv)
