"""A run that goes on: one that was cut short, and one that is given more."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from cellview.app.argv import Given
from cellview.app.asked import require_agents_as_before, require_as_asked
from cellview.app.console import error_console
from cellview.app.drivers import Driver, driver_of
from cellview.app.errors import OptionError
from cellview.app.experiment_file import ExperimentFile, read_experiment_file
from cellview.app.interventions import arms_of
from cellview.app.options import RunOptions
from cellview.app.providers import access_of
from cellview.app.selection import Selection, render_corpus, select, selection_of
from cellview.app.supervision import supervise, toolchain_with
from cellview.app.toolchains import versions_with
from cellview.experiment import (
    Corpus,
    Experiment,
    ExperimentFolder,
    ModelAccess,
    enlarged,
    experiment_of_folder,
    extend_folder,
    load_corpus,
    opener_of,
    require_standing,
)
from cellview.experiment.folder import CORPUS_COPY
from cellview.settings import Document
from cellview.trace import RunFolder

__all__ = ["ADDED", "extend_run", "resume_run"]

ADDED: Final = ("seeds", "interventions", "id", "tag", "match")
"""Options by which a run is given more."""


async def resume_run(path: Path, given: Given, config: Path | None) -> int:
    """Go on with a run that was cut short.

    Raises:
        OptionError: Something that was given would change its results, and so be ignored.
        ResumeError: It cannot go on.
    """
    document = Document() if config is None else read_experiment_file(config).document
    folder = _settled(path)
    require_as_asked(given, document, folder.metadata.options, path)
    require_agents_as_before(document, experiment_of_folder(folder).setup, path)
    options = given.merged(RunOptions, document)
    options = _as_before(options, folder.metadata.driver, path)
    driver = driver_of(options, document=document, folder=path, frontier_typed="frontier" in given.typed)
    prover = experiment_of_folder(folder).setup.prover
    toolchain = await toolchain_with(prover)
    _refuse_spoilt_frontier(folder, driver)
    access = _access_as_before(given, folder.metadata.access, options)
    driver = msgspec.structs.replace(driver, access=access)
    versions = versions_with(toolchain, prover)
    with ExperimentFolder.resume(path, versions=versions, driver=driver.as_data(), access=access) as resumed:
        return await supervise(resumed, driver, toolchain, options, resume=True)


def _refuse_spoilt_frontier(folder: RunFolder, driver: Driver) -> None:
    """Refuse to take up a frontier with results that a dead provider has ended: its journal keeps every result."""
    spoilt = any(entry.stop_reason == "provider_error" for entry in folder.metadata.results)
    if spoilt and driver.executor == "frontier":
        raise OptionError(
            f"{folder.path}: its provider of tactics had died, and the frontier's journal keeps what came of that: go "
            "on with --executor here, which begins the spoilt searches anew."
        )


def _access_as_before(given: Given, saved: dict[str, Any], options: RunOptions) -> ModelAccess:
    """Reach model servers as the run did when it was started, but for what was said anew."""
    said = msgspec.to_builtins(access_of(options))
    usual = msgspec.to_builtins(ModelAccess())
    changed = {name: value for name, value in said.items() if value != usual[name]}
    if changed.get("url") is not None and "provider-offline" not in given.typed:
        changed["offline"] = False  # whoever names a server wants it asked
    try:
        return msgspec.convert(saved | changed, ModelAccess)
    except msgspec.ValidationError as error:
        raise OptionError(f"run.json does not say how models are reached ({error}): it was edited.") from None


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


def _settled(path: Path) -> RunFolder:
    """Open a run's folder; an extension that was cut short in the middle of its change is finished first."""
    RunFolder.resume(path).close()
    return RunFolder.read(path)


async def extend_run(path: Path, given: Given, file: ExperimentFile, corpus: Path | None) -> int:
    """Give a finished run more theorems, arms or seeds, and run those.

    Raises:
        OptionError: Something else that was given would change its results, or it is not clear what is to be added.
        ExtensionError: What was run would change, or there is nothing to add.
        ResumeError: The run is not finished, or what is added would not fit.
        DamagedRunError: A result that it has does not stand.
    """
    options = given.merged(RunOptions, file.document)
    origins = given.origins(RunOptions, file.document)
    before = _settled(path)
    require_as_asked(given, file.document, before.metadata.options, path, but=ADDED)
    experiment = experiment_of_folder(before)
    require_agents_as_before(file.document, experiment.setup, path)
    theorems = _theorems(experiment.corpus, options, corpus)
    chosen = theorems is not None and bool(selection_of(options))
    names = options.interventions if "interventions" in origins else ()
    larger = enlarged(
        experiment,
        corpus=None if theorems is None else theorems[0],
        arms=arms_of(names, beside=[arm.name for arm in experiment.arms]) if names else (),
        seeds=options.seeds,
    )
    options = _as_before(options, before.metadata.driver, path)
    driver = driver_of(options, document=file.document, folder=path, frontier_typed="frontier" in given.typed)
    access = _access_as_before(given, before.metadata.access, options)
    driver = msgspec.structs.replace(driver, access=access)
    setup = experiment.setup
    toolchain = await toolchain_with(setup.prover)
    with ExperimentFolder.reopen(path, versions=versions_with(toolchain, setup.prover)) as finished:
        await require_standing(finished, await opener_of(setup.prover, setup.provider, toolchain, access=access))
        registered = finished.folder.metadata.experiment.plan_digest
        extended = extend_folder(
            finished,
            larger,
            corpus=(path / CORPUS_COPY).read_bytes() if theorems is None else theorems[1],
            driver=driver.as_data(),
            access=access,
            options=_asked(before.metadata.options, larger, names, chosen),
            plan_digest=file.plan_digest,
        )
        if registered is not None and registered != file.plan_digest:
            text = "The run was preregistered, and this extension was not: tables with it are exploratory."
            error_console().print(text, markup=False, soft_wrap=True)
        return await supervise(extended, driver, toolchain, options, resume=False)


def _theorems(run: Corpus, options: RunOptions, corpus: Path | None) -> tuple[Corpus, bytes] | None:
    """Return all theorems of the larger run, and the file that holds them; ``None``: there are no new ones."""
    path = corpus or (None if options.corpus is None else Path(options.corpus))
    selection = selection_of(options)
    if path is None:
        if selection:
            raise OptionError("--id, --tag and --match choose from a corpus: name it, as for run.")
        return None
    loaded = load_corpus(path)
    if not selection:
        return loaded, path.read_bytes()
    wanted = {theorem.id for theorem in (*run.theorems, *select(loaded, selection).theorems)}
    chosen = select(loaded, Selection(ids=tuple(t.id for t in loaded.theorems if t.id in wanted)))
    return chosen, render_corpus(chosen).encode()


def _asked(
    before: dict[str, Any] | None, larger: Experiment, arms: tuple[str, ...], chosen: bool
) -> dict[str, Any] | None:
    """Return what a run with all of it from the start would have been asked for."""
    if before is None:
        return None
    asked = {name: value for name, value in before.items() if name not in ("id", "tag", "match") or not chosen}
    if chosen:
        asked["id"] = [theorem.id for theorem in larger.corpus.theorems]
    if arms:
        known: list[str] = asked.get("interventions", ["wild_type"])
        asked["interventions"] = list(dict.fromkeys([*known, *arms]))
    if len(larger.seeds) > 1:
        asked["seeds"] = list(larger.seeds)
    return asked
