"""``cellview submit``: what ``run`` would run, for the daemon to run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.daemon_options import ReachOptions
from cellview.app.daemon_reach import client_of, daemon_package, reach_of
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.experiment_file import ExperimentFile, is_corpus, read_experiment_file
from cellview.app.helptext import HelpCommand
from cellview.app.options import RunOptions
from cellview.app.provider_options import AccessOptions
from cellview.app.run_command import experiment_of
from cellview.app.selection import render_corpus, selection_of
from cellview.experiment import Experiment
from cellview.settings import Document, option_names

__all__ = ["register"]

_OF_THE_DAEMON = (
    "out",
    "jobs",
    "workers",
    "frontier",
    "frontier-window",
    "lean",
    "project",
    "quiet",
    "fail-fast",
    *option_names(AccessOptions),
)
"""Options of ``run`` that are the daemon's to decide."""


def register(app: typer.Typer) -> None:
    """Add ``submit`` to the command line."""
    command = app.command("submit", cls=HelpCommand, short_help="Give an experiment to the daemon.")
    command(with_options(RunOptions, table="run")(_submit))


def _submit(
    corpus: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS|EXPERIMENT.toml",
            help="The corpus, or an experiment's file, as for run.",
            show_default=False,
        ),
    ],
    *,
    priority: Annotated[
        int, typer.Option("--priority", metavar="NUMBER", help="From -100 to 100: higher goes first.")
    ] = 0,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="TEXT", help="Submitting again with the same key changes nothing."),
    ] = None,
    server: Annotated[
        str | None, typer.Option("--server", metavar="URL", help="Where the daemon is. See cellview ps.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", metavar="FOLDER", help="The daemon's folder, which has its address.")
    ] = None,
    token_file: Annotated[
        str | None, typer.Option("--token-file", metavar="FILE", help="The file that holds the daemon's token.")
    ] = None,
    given: Given,
) -> int:
    """Give an experiment to the daemon, with the options of run, and print its number.

    Traces are always kept, since it is from them that a search goes on after an interruption. With --executor, another
    driver than the daemon's own workers carries the searches, if the daemon is set up for it.

    Example: cellview submit corpora/micro.toml --seeds 0-4 --priority 10
    """
    given.require_text(corpus, key)
    wrong = [f"--{name}" for name in given.typed if name in _OF_THE_DAEMON]
    if wrong:
        raise OptionError(f"Where and how searches run is the daemon's to decide: leave out {', '.join(wrong)}.")
    file = ExperimentFile(Document())
    path: Path | None = corpus
    if corpus.is_file() and not is_corpus(corpus):
        file, path = read_experiment_file(corpus), None
    options = given.merged(RunOptions, file.document)
    if path is None:
        if options.corpus is None:
            raise OptionError(f"{corpus} names no corpus: put corpus = 'FILE' into its table [run].")
        path = Path(options.corpus)
    experiment = experiment_of(options, path, file)
    reach = reach_of(server=server, data=data, token_file=token_file)
    text = render_corpus(experiment.corpus) if selection_of(options) else path.read_text(encoding="utf-8")
    body = _submission(experiment, text, priority, file.plan_digest, options.executor or "here")
    return anyio.run(_send, reach, body, key, options.json)


def _submission(experiment: Experiment, corpus: str, priority: int, plan_digest: str | None, executor: str) -> Any:
    setup = experiment.setup
    return daemon_package().Submission(
        search=setup.search,
        corpus_text=corpus,
        corpus_name=experiment.corpus.source,
        name=experiment.name,
        arms=experiment.arms,
        seeds=experiment.seeds,
        prover=setup.prover,
        provider=setup.provider,
        providers=setup.providers,
        block_seed=setup.block_seed,
        delay_seed=setup.delay_seed,
        time_budget_s=setup.time_budget_s,
        hypotheses=experiment.hypotheses,
        plan_digest=plan_digest,
        priority=priority,
        executor=executor,
    )


async def _send(reach: ReachOptions, submission: Any, key: str | None, json: bool) -> int:
    async with client_of(reach) as client:
        status = await client.submit(submission, key=key)
    if json:
        emit_json(status)
    else:
        output_console().print(str(status.id))
        error_console().print(
            f"Queued: {status.name}, {status.points} searches. Follow it with: cellview watch {status.id}", markup=False
        )
    return EXIT_OK
