"""From a submission to an experiment: everything that can be refused is refused here, before anything is kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from cellview.core import SearchError
from cellview.daemon.errors import SubmissionError
from cellview.daemon.records import Submission
from cellview.daemon.store import NewExperiment
from cellview.experiment import (
    Experiment,
    ExperimentError,
    ImportedSpec,
    LeanSpec,
    ModelAccess,
    ModelSpec,
    Setup,
    parse_corpus,
    points_of,
)
from cellview.schedule import InterventionError, parse_intervention

__all__ = ["MOST_SEARCHES", "experiment_of", "new_experiment", "with_corpus_text"]

MOST_SEARCHES: Final = 100_000
"""Of one submission; each is a row."""

_MOST_AGENTS: Final = 10_000
"""Also of the window: the bound of the command line, which an API must not be a way around. Each takes memory."""

_MOST_CORPUS_BYTES: Final = 4 * 1024 * 1024


def with_corpus_text(submission: Submission, corpora: Sequence[Path]) -> Submission:
    """Return the submission with its corpus as text: what is run is what was submitted, whatever becomes of the file.

    Raises:
        SubmissionError: There is no corpus, there are two, or it is no file of the folders `corpora`; or a name is not
            plain text.
    """
    _refuse_marks(submission)
    _refuse_crowd(submission)
    if (submission.corpus is None) == (submission.corpus_text is None):
        raise SubmissionError("A submission has either corpus, a name, or corpus_text, the corpus itself.")
    if submission.corpus is None:
        return submission
    text = _read(submission.corpus, corpora)
    return msgspec.structs.replace(submission, corpus=None, corpus_text=text, corpus_name=submission.corpus)


def _read(name: str, corpora: Sequence[Path]) -> str:
    """Read a corpus by its bare name. No path is taken apart, so that none can lead elsewhere."""
    refusal = SubmissionError(f"This daemon has no corpus {name!r}; its folders of corpora are in its configuration.")
    if not name.endswith(".toml") or name.startswith(".") or set(name) & set("/\\\0"):
        raise refusal
    for folder in corpora:
        try:
            # A link in a folder of corpora could lead to any file; it is not followed.
            file = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            continue
        with open(file, "rb") as opened:  # noqa: PTH123  # it has a descriptor, not a path
            data = opened.read(_MOST_CORPUS_BYTES + 1)
        if len(data) > _MOST_CORPUS_BYTES:
            raise SubmissionError(f"The corpus {name!r} is larger than {_MOST_CORPUS_BYTES} bytes; split it.")
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise SubmissionError(f"The corpus {name!r} is not UTF-8.") from None
    raise refusal


def _refuse_crowd(submission: Submission) -> None:
    """Refuse more agents than a worker can hold."""
    for field in ("agents", "inflight"):
        if (getattr(submission.search, field) or 0) > _MOST_AGENTS:
            raise SubmissionError(f"search.{field} is at most {_MOST_AGENTS} here.")


def _refuse_marks(submission: Submission) -> None:
    """Refuse names that a terminal would obey instead of showing them."""
    for field in ("name", "corpus_name"):
        if not getattr(submission, field).isprintable():
            raise SubmissionError(f"{field} holds a line break or another control character: write plain text.")


def _refuse_code(submission: Submission, access: ModelAccess) -> None:
    """Refuse what would have this machine run a program, import code, or ask a server that it was not told of."""
    prover = submission.prover  # an empty path is one too: the folder that the daemon was started in
    if isinstance(prover, LeanSpec) and (prover.lean is not None or prover.project is not None):
        raise SubmissionError("A submission names no Lean and no project: they are programs of the server.")
    specs = (submission.provider, *submission.providers.values())
    for spec in specs:
        if isinstance(spec, ImportedSpec):
            raise SubmissionError(
                f"A submission names no provider module:Class, as {spec.name} is: it is code of the server."
            )
    if any(isinstance(spec, ModelSpec) for spec in specs):
        try:
            access.require()
        except ExperimentError:
            raise SubmissionError(
                "This daemon knows no server of models: start it with CELLVIEW_PROVIDER_URL, or with a folder of "
                "answers."
            ) from None


def experiment_of(submission: Submission, access: ModelAccess | None = None) -> Experiment:
    """Return the experiment that a submission, its corpus as text, describes.

    `access` is how this daemon reaches model servers.

    Raises:
        SubmissionError: It describes none that this daemon may run; the text says what is wrong.
    """
    assert submission.corpus_text is not None
    _refuse_code(submission, access or ModelAccess())
    try:
        arms = tuple(parse_intervention(arm) if isinstance(arm, str) else arm for arm in submission.arms)
        corpus = parse_corpus(submission.corpus_text, source=submission.corpus_name)
        setup = Setup(
            search=submission.search,
            prover=submission.prover,
            provider=submission.provider,
            providers=submission.providers,
            block_seed=submission.block_seed,
            delay_seed=submission.delay_seed,
            time_budget_s=submission.time_budget_s,
        )
        name = submission.name or Path(submission.corpus_name).stem
        experiment = Experiment(
            corpus=corpus,
            setup=setup,
            arms=arms,
            seeds=submission.seeds,
            name=name,
            trace=submission.trace,
            hypotheses=submission.hypotheses,
        )
    except (SearchError, InterventionError) as error:
        raise SubmissionError(str(error)) from error
    if experiment.searches > MOST_SEARCHES:
        raise SubmissionError(f"These are {experiment.searches} searches; submit at most {MOST_SEARCHES} at once.")
    return experiment


def new_experiment(submission: Submission, experiment: Experiment, *, key: str | None) -> NewExperiment:
    """Return what the store is given of it."""
    data = msgspec.json.encode(submission, order="deterministic")
    return NewExperiment(
        name=experiment.name,
        priority=submission.priority,
        digest=experiment.digest,
        request=hashlib.sha256(data).hexdigest(),
        submission=data,
        points=[(*point.key, point.waits_for is not None) for point in points_of(experiment)],
        key=key,
        executor=submission.executor,
    )
