"""``cellview sweep``: theorems × interventions × seeds, tier by tier, on a frontier that many workers share."""

from __future__ import annotations

import hashlib
import re
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import anyio
import msgspec
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.helptext import HelpCommand
from cellview.app.interventions import arms_of
from cellview.app.lean_backend import lean_version, toolchain_of
from cellview.app.options import FILE_TABLES
from cellview.app.report import print_report, report_of
from cellview.app.run import require_accepted, utc_now
from cellview.app.search_config import search_config
from cellview.app.search_options import SearchOptions
from cellview.app.sweep_cluster import ExecutorChoice, cluster_config, run_sweep_on_executor
from cellview.app.sweep_folder import write_results
from cellview.app.sweep_progress import SweepProgress
from cellview.app.sweep_task import TASKS, LeanBackend, Point, SweepSettings, candidate_of
from cellview.base.groups import unwrapped
from cellview.cluster import ConfigModel
from cellview.frontier import Candidate, Coordinator, Manifest
from cellview.frontier.redis.link import redacted
from cellview.prover.lean import Toolchain
from cellview.search.corpus import Corpus, load_corpus
from cellview.settings import Document, Opt, read_document
from cellview.trace import (
    CorpusInfo,
    RunFolder,
    RunMetadata,
    describe_git,
    describe_host,
    describe_versions,
    write_atomically,
)

__all__ = ["SweepOptions", "SweepPlan", "register", "run_sweep", "sweep"]

_PANEL = "The sweep"
_TASK = "cellview.sweep"
_EXAMPLE = """\b
Example:
  cellview sweep corpora/micro.toml --interventions wild_type,block_simp \\
    --seeds 0,1 --budget 10,50,200 --workers 4
"""


class SweepOptions(SearchOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What ``sweep`` takes beside the options of a search."""

    corpus: Annotated[str | None, Opt(file_only=True, help="The corpus, when it is not given as an argument.")] = None
    interventions: Annotated[
        tuple[str, ...],
        Opt(
            panel=_PANEL, metavar="NAMES", help="The arms, as for cellview run: wild_type, block_HEAD, control_null, …"
        ),
    ] = ("wild_type",)
    seeds: Annotated[
        tuple[int, ...],
        Opt(
            panel=_PANEL,
            metavar="LIST",
            ranges=True,
            default="the one of --seed",
            help="Run seeds; each arm is run with each.",
        ),
    ] = ()
    workers: Annotated[
        int,
        Opt(
            panel=_PANEL,
            help="Worker processes on this machine. Changes the time, never a result. May be 0 when workers elsewhere "
            "do the work (cellview frontier work).",
        ),
    ] = 2
    frontier: Annotated[
        str | None,
        Opt(
            panel=_PANEL,
            metavar="URL",
            variable="CELLVIEW_FRONTIER_URL",
            default="CELLVIEW_FRONTIER_URL, else this process's memory",
            help="A Redis server for the frontier, such as redis://host:6379/0 or rediss://… with TLS. Put a password "
            "into the environment variable rather than onto the command line.",
        ),
    ] = None
    experiment: Annotated[
        str | None,
        Opt(panel=_PANEL, metavar="NAME", default="the folder's name", help="Name of the sweep on the frontier."),
    ] = None
    window: Annotated[
        int,
        Opt(
            panel=_PANEL,
            help="Candidates that may be uncommitted at once. It is part of what decides the order of the merged "
            "files, so it does not follow the number of workers; give at least twice that number.",
        ),
    ] = 64
    executor: Annotated[
        ExecutorChoice,
        Opt(
            panel=_PANEL,
            help="Who runs the searches: frontier is the workers of --workers or --frontier; process, ray and local "
            "are the executors of the table [cluster] (of the file of --config), which store claims in a database "
            "and do not resume. The results and traces are the same.",
        ),
    ] = "frontier"
    out: Annotated[
        str | None,
        Opt(panel=_PANEL, metavar="FOLDER", default="runs/CORPUS-sweep-DATE-TIME", help="The sweep's folder."),
    ] = None
    json: Annotated[bool, Opt(panel=_PANEL, help="Print one JSON object on standard output.")] = False


class SweepPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep, ready to run: its manifest, its first candidates, and what the folder's results are put together by."""

    manifest: Manifest
    corpus: Corpus
    settings: SweepSettings
    seeds: tuple[int, ...]

    def candidates(self) -> list[Candidate]:
        """The first tier of every theorem, arm and seed; arms that need the wild type's proof come with it."""
        return [
            candidate_of(Point(theorem.id, theorem.statement, tuple(theorem.imports), arm.name, seed, 1))
            for theorem in self.corpus.theorems
            for arm in self.settings.arms
            for seed in self.seeds
            if not arm.needs_solution
        ]

    @property
    def searches(self) -> int:
        """Number of searches: theorems × arms × seeds."""
        return len(self.corpus.theorems) * len(self.settings.arms) * len(self.seeds)


def register(app: typer.Typer) -> None:
    """Add ``sweep`` to the command line."""
    app.command("sweep", cls=HelpCommand, short_help="Run theorems × interventions × seeds.", epilog=_EXAMPLE)(sweep)


def _sweep(
    corpus: Annotated[
        Path | None, typer.Argument(metavar="CORPUS", help="The corpus, a TOML file of theorems.", show_default=False)
    ] = None,
    *,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Take options from the table [sweep] of a TOML file."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="FOLDER",
            help="Continue the sweep in this folder, with the options it was started with; only --workers, --frontier "
            "and --json may be given again.",
        ),
    ] = None,
    given: Given,
) -> int:
    """Run a corpus under several interventions and seeds, shared out over worker processes.

    Every search goes tier by tier through its budget; an unsolved one comes back with its tree warm. However many
    workers there are, and whichever of them die, the folder holds the same results and traces.
    """
    if resume is not None:
        return _resume(resume, corpus, given)
    document = Document() if config is None else read_document(config, tables=FILE_TABLES)
    options = given.merged(SweepOptions, document)
    path = corpus or (None if options.corpus is None else Path(options.corpus))
    if path is None:
        raise OptionError("There is no corpus to sweep: name one, such as corpora/micro.toml.")
    if options.executor != "frontier" and options.frontier is not None:
        raise OptionError(f"--frontier does not go with --executor {options.executor}: leave one of them out.")
    filed = "workers" in document.tables.get("sweep", {})
    workers = options.workers if "workers" in given.typed or filed else None
    return anyio.run(_start, options, path, path.read_bytes(), config, workers)


sweep = with_options(SweepOptions, table="sweep")(_sweep)


def _resume(folder: Path, corpus: Path | None, given: Given) -> int:
    if corpus is not None:
        raise OptionError("--resume takes the corpus from the folder: leave the other one out.")
    extra = sorted(set(given.typed) - {"workers", "frontier", "json"})
    if extra:
        raise OptionError(f"--{extra[0]} cannot be changed by --resume: it is as the sweep was started with.")
    with RunFolder.resume(folder) as run:
        saved: dict[str, Any] = run.metadata.config.get("sweep", {})
        if not saved:
            raise OptionError(f"{folder} is the folder of a run, not of a sweep: use cellview run --resume.")
        on_server = saved.pop("frontier", None)
        options = given.merged(SweepOptions, Document(f"{folder}/run.json", {"sweep": saved}))
        if options.executor != "frontier":
            raise OptionError(
                f"A sweep on --executor {options.executor} cannot be resumed: run it again, in a new folder."
            )
        if on_server and _url(options) == "memory:":
            raise OptionError(
                f"The sweep's frontier is at {on_server}: give --frontier or CELLVIEW_FRONTIER_URL again."
            )
        plan = _plan(options, load_corpus(folder / "corpus.toml"), folder)
        run.update(status="running", resumed=run.metadata.resumed + 1, finished=None, error=None)
        return anyio.run(_supervise, plan, run, options, True)


async def _start(options: SweepOptions, corpus: Path, content: bytes, config: Path | None, workers: int | None) -> int:
    toolchain = await toolchain_of(options)
    out = _free_folder(corpus) if options.out is None else Path(options.out)
    cluster = None
    if options.executor != "frontier":
        cluster = cluster_config(options.executor, file=config, workers=workers, claims_path=out / "claims.duckdb")
    plan = _plan(options, load_corpus(corpus), out)
    with RunFolder.create(out, _metadata(plan, options, corpus, toolchain)) as folder:
        write_atomically(folder.path / "corpus.toml", content)
        folder.update(status="running")
        return await _supervise(plan, folder, options, False, cluster)


def _plan(options: SweepOptions, corpus: Corpus, folder: Path) -> SweepPlan:
    if options.workers < 0:
        raise OptionError(f"--workers is {options.workers}, but a whole number of at least 0 was expected.")
    seeds = tuple(dict.fromkeys(options.seeds)) or (options.seed,)
    if min(seeds) < 0:
        raise OptionError(f"--seeds holds {min(seeds)}, but seeds are at least 0.")
    configs = {str(seed): search_config(msgspec.structs.replace(options, seed=seed)) for seed in seeds}
    backend = LeanBackend(options.automation, options.lean, options.project, options.heartbeats, options.lean_transport)
    settings = SweepSettings(backend, configs, list(arms_of(options.interventions)))
    name = options.experiment or re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).lstrip("._-")[:100] or "sweep"
    manifest = Manifest(
        experiment=name, task=_TASK, master_seed=seeds[0], window=options.window, settings=settings.to_json()
    )
    return SweepPlan(manifest=manifest, corpus=corpus, settings=settings, seeds=seeds)


def _url(options: SweepOptions) -> str:
    return options.frontier or "memory:"


async def _supervise(
    plan: SweepPlan, folder: RunFolder, options: SweepOptions, resume: bool, cluster: ConfigModel | None = None
) -> int:
    """Run the sweep to its end or until a signal, and leave a folder that says which it was."""
    caught: list[signal.Signals] = []

    async def watch(scope: anyio.CancelScope) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for number in signals:
                caught.append(number)
                scope.cancel()

    code = EXIT_OK
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch, tasks.cancel_scope)
            if cluster is not None:
                code = await run_sweep_on_executor(plan, folder, cluster, json=options.json)
            else:
                code = await run_sweep(
                    plan, folder, url=_url(options), workers=options.workers, resume=resume, json=options.json
                )
            tasks.cancel_scope.cancel()
    except BaseException as group:
        error = unwrapped(group)
        folder.update(status="failed", finished=utc_now(), error=str(error) or type(error).__name__)
        raise error from None
    if caught and cluster is not None:
        folder.update(status="interrupted", finished=utc_now())
        error_console().print("Interrupted. The claims so far are stored; run the sweep again for the rest.")
        return 128 + caught[0]
    if caught:
        write_results(plan.corpus, plan.settings, plan.seeds, folder)
        folder.update(status="interrupted", finished=utc_now())
        error_console().print(
            f"Interrupted. Continue with: cellview sweep --resume {folder.path}", markup=False, soft_wrap=True
        )
        return 128 + caught[0]
    return code


async def run_sweep(
    plan: SweepPlan,
    folder: RunFolder,
    *,
    url: str = "memory:",
    workers: int = 2,
    resume: bool = False,
    json: bool = False,
) -> int:
    """Runs a plan into its folder and prints the report."""
    started = time.monotonic()
    with SweepProgress(error_console(), plan.searches) as progress:
        report = await Coordinator(
            plan.manifest,
            plan.candidates(),
            folder=folder.path,
            tasks=TASKS,
            url=url,
            workers=workers,
            resume=resume,
            progress=progress.show,
        ).run()
    rows = write_results(plan.corpus, plan.settings, plan.seeds, folder)
    if not report.finished:
        folder.update(status="interrupted", finished=utc_now())
        error_console().print(
            f"Drained. Continue with: cellview sweep --resume {folder.path}", markup=False, soft_wrap=True
        )
        return EXIT_OK
    folder.update(status="finished", finished=utc_now())
    out = report_of(str(folder.path), rows, seconds=time.monotonic() - started)
    if json:
        emit_json(out)
    else:
        print_report(out, output_console())
        output_console().print(
            f"state digest {report.state_digest}\ntrace digest {report.merged.trace_digest}", soft_wrap=True
        )
    require_accepted(rows, corpus=plan.corpus.source)
    return EXIT_OK


def _free_folder(corpus: Path) -> Path:
    base = Path("runs") / f"{corpus.stem}-sweep-{time.strftime('%Y%m%d-%H%M%S')}"
    number, path = 1, base
    while path.exists():
        number += 1
        path = base.with_name(f"{base.name}-{number}")
    return path


def _metadata(plan: SweepPlan, options: SweepOptions, corpus: Path, toolchain: Toolchain) -> RunMetadata:
    saved: dict[str, Any] = {
        name: value for name, value in msgspec.to_builtins(options).items() if value is not None and name != "frontier"
    }
    url = _url(options)
    if url != "memory:":
        saved["frontier"] = redacted(url)  # for people; a password stands in no file
    reproducible = all(config.reproducible for config in plan.settings.configs.values())
    return RunMetadata(
        created=utc_now(),
        config={
            "sweep": saved,
            "manifest": msgspec.to_builtins(msgspec.structs.replace(plan.manifest, settings="{}")),
            "settings": msgspec.json.decode(plan.manifest.settings),
        },
        seeds={f"run.{number}": seed for number, seed in enumerate(plan.seeds)},
        corpus=CorpusInfo(
            source=str(corpus),
            digest=hashlib.sha256(corpus.read_bytes()).hexdigest(),
            theorems=len(plan.corpus.theorems),
        ),
        versions=describe_versions(lean=lean_version(toolchain, options.lean_transport)),
        host=describe_host(),
        git=describe_git(),
        command=_command(url),
        reproducible=reproducible,
        not_reproducible_because=() if reproducible else ("outcomes are committed in order of arrival",),
    )


def _command(url: str) -> tuple[str, ...]:
    """The command line, with a password in the frontier's URL taken out."""
    return tuple(argument.replace(url, redacted(url)) if url in argument else argument for argument in sys.argv)
