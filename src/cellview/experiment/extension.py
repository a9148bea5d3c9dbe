"""To give a finished run more theorems, arms or seeds: what stays, what may not change, and what is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from cellview.experiment.corpus import Corpus
from cellview.experiment.errors import ExtensionError
from cellview.experiment.experiment import Experiment
from cellview.experiment.folder import CORPUS_COPY, ExperimentFolder, utc_now
from cellview.experiment.outcome import verdict_on
from cellview.experiment.plan import points_of
from cellview.experiment.providers import ModelAccess
from cellview.schedule import TacticIntervention
from cellview.trace import CorpusInfo, ExtendedFrom, SearchEntry, file_stem

__all__ = ["enlarged", "extend_folder"]

_OF_A_FRONTIER: Final = ("journal.jsonl", "results.jsonl", "trace.jsonl")
"""What a frontier leaves in a folder: the account of one experiment, to which nothing can be added."""


def enlarged(
    experiment: Experiment,
    *,
    corpus: Corpus | None = None,
    arms: Iterable[TacticIntervention] = (),
    seeds: Iterable[int] = (),
) -> Experiment:
    """Return an experiment that has more, and everything that this one has.

    Args:
        experiment: What was run.
        corpus: All theorems, in their order; ``None``: those that were run.
        arms: Arms to be added; one that is there already must be the same.
        seeds: Seeds to be added; one that is there already changes nothing.

    Raises:
        ExtensionError: A theorem that was run is missing or another, an arm of a known name is another, or there is
            nothing to add.
        ExperimentError: What comes of it is no experiment.
    """
    larger = msgspec.structs.replace(
        experiment,
        corpus=experiment.corpus if corpus is None else _checked(experiment.corpus, corpus),
        arms=_all_arms(experiment.arms, arms),
        seeds=tuple(dict.fromkeys((*experiment.seeds, *seeds))),
    )
    if larger.searches == experiment.searches:
        raise ExtensionError("There is nothing to add: the run has these theorems, arms and seeds already.")
    return larger


def _checked(run: Corpus, corpus: Corpus) -> Corpus:
    known = {theorem.id: theorem for theorem in corpus.theorems}
    for theorem in run.theorems:
        other = known.get(theorem.id)
        if other is None:
            raise ExtensionError(
                f"{corpus.source} lacks the theorem {theorem.id}, which was run; a run can be given more theorems, and "
                "none can be taken away."
            )
        if (other.statement, other.imports) != (theorem.statement, theorem.imports):
            raise ExtensionError(
                f"{theorem.id} of {corpus.source} is another theorem than the one that was run: {other.statement!r}, "
                f"and it was {theorem.statement!r}. Give the new one another name."
            )
    return corpus


def _all_arms(
    run: tuple[TacticIntervention, ...], more: Iterable[TacticIntervention]
) -> tuple[TacticIntervention, ...]:
    arms: dict[str, Any] = {arm.name: arm for arm in run}
    for arm in more:
        if arms.setdefault(arm.name, arm) != arm:
            raise ExtensionError(f"{arm.name} is another arm than the one of that name that was run: rename it.")
    return tuple(arms.values())


def extend_folder(
    folder: ExperimentFolder,
    larger: Experiment,
    *,
    corpus: bytes,
    driver: dict[str, Any],
    access: ModelAccess | None = None,
    options: dict[str, Any] | None,
    plan_digest: str | None = None,
) -> ExperimentFolder:
    """Make the folder of a finished run that of a larger experiment, of which only what was added is still to be run.

    Every result stays, to the byte; what is called otherwise in a run of several seeds is renamed. At the end the
    folder equals that of a run which had all of it from the start. After a crash on the way the run is resumed.

    Args:
        folder: The folder, reopened; its results were checked. It must not be used any more.
        larger: From :func:`enlarged`.
        corpus: The bytes of the larger experiment's corpus.
        driver: What carries the searches that are added.
        access: How model servers are reached; ``None``: as before.
        options: What was asked for, all of it together, as the user names it.
        plan_digest: SHA-256 of the experiment's file that asks for more. If the run was started with the very same one,
            it stays preregistered; otherwise what was added was chosen when results were known, and it does not.

    Raises:
        TraceWriteError: The file system refuses.
    """
    run, before = folder.folder, folder.folder.metadata
    results = _results(folder, larger)
    how = before.access if access is None else msgspec.to_builtins(access)
    reproducible, why = verdict_on(larger, results, answers_kept=how.get("cache") is not None)
    stays = plan_digest if plan_digest == before.experiment.plan_digest else None
    metadata = msgspec.structs.replace(
        before,
        status="created",
        experiment=msgspec.structs.replace(before.experiment, digest=larger.digest, plan_digest=stays),
        config=larger.as_data(),
        seeds=larger.seeds,
        corpus=CorpusInfo(
            source=larger.corpus.source,
            digest=hashlib.sha256(corpus).hexdigest(),
            theorems=len(larger.corpus.theorems),
        ),
        reproducible=reproducible,
        not_reproducible_because=why,
        results=results,
        seconds={f"{new.theorem}/{new.files}": folder.seconds_of(new) for new in results if new.files},
        finished=None,
        driver=driver,
        access=how,
        options=options,
        extended=(*before.extended, _extended_from(folder, plan_digest=before.experiment.plan_digest)),
    )
    home = f"before-extension-{len(metadata.extended)}"
    aside = {name: f"{home}/{name}" for name in _OF_A_FRONTIER}
    run.change_over(metadata, files={CORPUS_COPY: corpus}, aside=aside)
    return ExperimentFolder(run, larger)


def _results(folder: ExperimentFolder, larger: Experiment) -> tuple[SearchEntry, ...]:
    """Return the results under their new names, in their new order, with what the new corpus says of the theorems."""
    provable = {theorem.id: theorem.provable for theorem in larger.corpus.theorems}
    several = len(larger.seeds) > 1
    known = {
        entry.key: msgspec.structs.replace(
            entry,
            provable=provable[entry.theorem],
            files=file_stem(entry.arm, entry.seed, several_seeds=several) if entry.files else "",
        )
        for entry in folder.entries()
    }
    return tuple(known[point.key] for point in points_of(larger) if point.key in known)


def _extended_from(folder: ExperimentFolder, *, plan_digest: str | None) -> ExtendedFrom:
    experiment = folder.experiment
    return ExtendedFrom(
        at=utc_now(),
        experiment_digest=experiment.digest,
        plan_digest=plan_digest,
        theorems=tuple(theorem.id for theorem in experiment.corpus.theorems),
        arms=tuple(arm.name for arm in experiment.arms),
        seeds=experiment.seeds,
    )
