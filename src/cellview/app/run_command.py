"""``cellview run``: a corpus or an experiment, a search for every theorem, arm and seed, a folder with all of it."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import msgspec
import typer

from cellview.app.algotypes import algotypes_of
from cellview.app.argv import Given, with_options
from cellview.app.asked import asked_for, require_only
from cellview.app.console import error_console
from cellview.app.drivers import Driver, driver_of
from cellview.app.errors import OptionError
from cellview.app.experiment_file import ExperimentFile, is_corpus, read_experiment_file
from cellview.app.helptext import HelpCommand
from cellview.app.interrupts import interruptible, resume_hint
from cellview.app.interventions import arms_of
from cellview.app.options import RunOptions
from cellview.app.providers import provider_of, providers_of, require_model
from cellview.app.run_again import ADDED, extend_run, resume_run
from cellview.app.search_config import search_config
from cellview.app.selection import render_corpus, select, selection_of
from cellview.app.supervision import supervise, toolchain_with
from cellview.app.toolchains import lean_of, versions_with
from cellview.experiment import (
    Experiment,
    ExperimentFolder,
    ProverSpec,
    ProviderMaker,
    Setup,
    SyntheticSpec,
    WorkerMachineError,
    load_corpus,
)
from cellview.frontier import JOURNAL_NAME, MachineFailedError
from cellview.frontier.redis.link import redacted
from cellview.settings import Document

__all__ = ["experiment_of", "register"]

_EXAMPLE = """\b
Examples:
  cellview run corpora/micro.toml --mcts-mode distributed \\
    --mcts-agents 4 --mcts-inflight 4 --trace-mcts
  cellview run corpora/micro.toml --interventions wild_type,block_simp \\
    --seeds 0-4 --executor process --workers 4
"""


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
    extend: Annotated[
        Path | None,
        typer.Option(
            "--extend",
            metavar="FOLDER",
            help="Give a finished run more: --seeds, --interventions, or theorems by a CORPUS that has those that were "
            "run, too. All other options are the run's. What was run stays, and the folder ends as that of a run which "
            "had all of it from the start.",
        ),
    ] = None,
    given: Given,
) -> int:
    """Prove the theorems of a corpus, and keep what came of it in a folder."""
    given.require_text(corpus, config, resume, extend)
    if resume is not None and extend is not None:
        raise OptionError("--resume goes on with a run, and --extend gives a finished one more: leave one of them out.")
    if resume is not None:
        require_only(given, (), option="--resume", corpus=corpus)
        return _orderly(partial(resume_run, resume, given, config), resume)
    if corpus is not None and corpus.is_file() and not is_corpus(corpus):
        if config is not None:
            raise OptionError(f"{corpus} is an experiment with settings of its own: leave out --config.")
        config, corpus = corpus, None
    file = ExperimentFile(Document()) if config is None else read_experiment_file(config)
    if extend is not None:
        require_only(given, ADDED, option="--extend")
        return _orderly(partial(extend_run, extend, given, file, corpus), extend)
    options = given.merged(RunOptions, file.document)
    path = corpus or (None if options.corpus is None else Path(options.corpus))
    if path is None:
        raise OptionError("There is no corpus to run: name one, such as corpora/micro.toml.")
    experiment = experiment_of(options, path, file)
    require_model(experiment.setup.all_providers, given.typed)
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


async def _start(
    experiment: Experiment, out: Path, driver: Driver, corpus: bytes, plan_digest: str | None, options: RunOptions
) -> int:
    toolchain = await toolchain_with(experiment.setup.prover)
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
        options=asked_for(options),
        plan_digest=plan_digest,
    )
    with folder:
        try:
            return await supervise(folder, driver, toolchain, options, resume=False)
        except (MachineFailedError, WorkerMachineError):
            raise  # nothing is wrong with the run: once there is room it goes on
        except Exception:
            _remove_if_bare(folder)
            raise


def _remove_if_bare(folder: ExperimentFolder) -> None:
    """Leave nothing of a start that failed: there is no search to go on with, and what was wrong will be said."""
    if not folder.entries() and not any((*folder.path.rglob("*_mcts_trace.jsonl"), *folder.path.glob(JOURNAL_NAME))):
        shutil.rmtree(folder.path, ignore_errors=True)


def experiment_of(options: RunOptions, corpus: Path, file: ExperimentFile) -> Experiment:
    """Return the experiment that options and a file describe."""
    prover: ProverSpec = SyntheticSpec() if options.prover == "synthetic" else lean_of(options)
    document = file.document
    providers = providers_of(document)
    algotypes = algotypes_of(document)
    setup = Setup(
        search=search_config(options, algotypes=algotypes),
        prover=prover,
        provider=provider_of(options),
        providers=providers,
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
