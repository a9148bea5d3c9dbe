"""Does one errand in a process of its own: see :mod:`cellview.daemon.errands`.

Started as ``python -m cellview.daemon.errand_worker PARENT BYTES``, it reads the errand as JSON from standard input,
and writes the answer, or why there is none (status 3), to standard output. It dies with the process PARENT, and may
take so much memory.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import ExitStack
from itertools import islice, takewhile
from pathlib import Path, PurePosixPath
from typing import Final, assert_never

import msgspec

from cellview.base.parent import die_with_parent
from cellview.base.scratch import scratch_folder
from cellview.cluster.messages import PersistClaim
from cellview.core import SearchConfig, replay
from cellview.daemon.errands import (
    MOST_ROWS,
    STATUS_REFUSED,
    AskClaims,
    BuildTree,
    DrawFigure,
    Errand,
    ListFigures,
    Refused,
    SumUp,
)
from cellview.daemon.errors import ConflictError, DamagedError, NoFileError
from cellview.daemon.records import Arms, Claims, FigureInfo, Figures
from cellview.daemon.run_files import open_below
from cellview.daemon.sentences import sentence_of
from cellview.experiment import Outcome, Point, experiment_of_folder, points_of
from cellview.experiment.claims import claim_of
from cellview.experiment.folder import CORPUS_COPY
from cellview.experiment.outcome import proof_tactics
from cellview.trace import RunFolder, SearchEntry, decode_line
from cellview.tree import Tree

__all__ = ["main"]

_CLAIMS: Final = "claims.duckdb"


def main() -> None:
    """Do one errand."""
    die_with_parent(int(sys.argv[1]))
    most_bytes = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # whatever is asked for, searches go first
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing else may write into the answer
    errand: Errand = msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)
    try:
        answer, status = _do(errand), 0
    except Exception as error:
        answer, status = msgspec.json.encode(_refused(error)), STATUS_REFUSED
    with open(answers, "wb") as out:  # noqa: PTH123  # it has a descriptor, not a path
        out.write(answer)
    sys.exit(status)


def _do(errand: Errand) -> bytes:
    match errand:
        case BuildTree(folder=folder, search=search, at=at):
            return msgspec.json.encode(_tree(Path(folder), search, at).to_json())
        case AskClaims():
            return _ask(errand)
        case SumUp():
            return _sum_up(errand)
        case ListFigures():
            return _figures(errand)
        case DrawFigure():
            from cellview.report import figure_svg

            return figure_svg(_without_links(Path(errand.folder)), errand.name)
        case _:
            assert_never(errand)


def _refused(error: Exception) -> Refused:
    """Return what is wrong with what was asked; what is wrong with this program goes up, and into the daemon's log."""
    if isinstance(error, MemoryError):
        return Refused("This needs more memory than the daemon gives it; ask for less.")
    sentence = sentence_of(error)
    if sentence is None:
        raise error
    return Refused(sentence, missing=isinstance(error, NoFileError))


def _tree(path: Path, search: int, at: int | None) -> Tree:
    folder, point = _search_of(path, search)
    config = _config_of(folder, point)
    if not config.reproducible:
        raise ConflictError("A trace of commits in order of arrival cannot be replayed; only its final tree is known.")
    trace = folder.trace_path(point.theorem.id, arm=point.arm.name, seed=point.seed).relative_to(path)
    with open_below(path, PurePosixPath(trace)) as file:
        whole = (line for line in file if line.endswith(b"\n"))
        records = (decode_line(line.rstrip(b"\n"), where=f"{trace}, line {n}") for n, line in enumerate(whole, 1))
        wanted = takewhile(lambda record: at is None or record.iteration <= at, records)
        return replay(wanted, config, statement=point.theorem.statement).core.tree


def _search_of(path: Path, search: int) -> tuple[RunFolder, Point]:
    for name in ("run.json", CORPUS_COPY):  # what is a link is not read; see `run_files`
        open_below(path, PurePosixPath(name)).close()
    folder = RunFolder.read(path)
    point = next(islice(points_of(experiment_of_folder(folder)), search, None), None)
    if point is None:
        raise NoFileError(f"The plan in run.json has no search {search}.")
    return folder, point


def _config_of(folder: RunFolder, point: Point) -> SearchConfig:
    """Return what a search was run with; an arm that spares the wild type's proof has it from that one's tree."""
    setup, arm = experiment_of_folder(folder).setup, point.arm
    if arm.needs_solution:
        tree = folder.tree_path(point.theorem.id, seed=point.seed).relative_to(folder.path)
        with open_below(folder.path, PurePosixPath(tree)) as file:
            arm = arm.with_solution(proof_tactics(Tree.from_json(msgspec.json.decode(file.read()))))
    return setup.config_of(arm, point.seed)


def _sum_up(errand: SumUp) -> bytes:
    from cellview.measures import Settings, load
    from cellview.measures.pure.arms import arm_row

    cells = load([_without_links(Path(errand.folder))])
    rows = tuple(arm_row(cells, label, Settings(seed=0)) for label in cells.labels())
    return msgspec.json.encode(Arms(arms=rows))


def _figures(errand: ListFigures) -> bytes:
    from cellview.report import Material, figures_of

    there, absent = figures_of(Material(_without_links(Path(errand.folder))))
    listed = tuple(FigureInfo(name=one.name, title=one.title, caption=one.caption) for one in there)
    return msgspec.json.encode(Figures(figures=listed, absent=absent))


def _without_links(path: Path) -> Path:
    """Return the folder of a run, in which nothing is a link: what reads it whole follows them.

    Raises:
        NoFileError: It is not there.
        DamagedError: There is a link in it.
    """
    open_below(path, PurePosixPath("run.json")).close()
    for place, folders, files in os.walk(path):
        for name in (*folders, *files):
            if (Path(place) / name).is_symlink():
                raise DamagedError(f"{name} is a link, which belongs into no run folder: take it away.")
    return path


def _ask(errand: AskClaims) -> bytes:
    from cellview.cluster.claims.query import QueryBounds, query_claims  # DuckDB, which no other errand needs

    bounds = QueryBounds(deadline_s=errand.deadline_s, memory_mb=errand.memory_mb, rows=MOST_ROWS)
    path = Path(errand.folder)
    with ExitStack() as stack:
        try:
            open_below(path, PurePosixPath(_CLAIMS)).close()
            database = path / _CLAIMS
        except NoFileError:
            database = _make_claims(path, stack.enter_context(scratch_folder("claims")))
        answer = query_claims(database, errand.sql, bounds=bounds)
    return msgspec.json.encode(Claims(answer.columns, answer.rows), enc_hook=str)


def _make_claims(path: Path, place: Path) -> Path:
    """Make the database of claims of a run that has none: what its results amount to."""
    from cellview.cluster.claims.storage import setup, teardown

    for name in ("run.json", CORPUS_COPY):
        open_below(path, PurePosixPath(name)).close()
    folder = RunFolder.read(path)
    experiment = experiment_of_folder(folder)
    statements = {theorem.id: theorem.statement for theorem in experiment.corpus.theorems}
    claims = [
        PersistClaim(
            claim=msgspec.structs.asdict(
                claim_of(
                    _outcome(entry),
                    run=experiment.name,
                    statement=statements[entry.theorem],
                    source=_proof(folder, entry),
                    tiers=len(experiment.setup.search.budget),
                )
            )
        )
        for entry in folder.metadata.results
    ]
    database = place / _CLAIMS
    store = setup(database)
    try:
        store.persist(claims)
    finally:
        teardown(store)
    return database


def _outcome(entry: SearchEntry) -> Outcome:
    return Outcome(
        theorem=entry.theorem,
        arm=entry.arm,
        seed=entry.seed,
        solved=entry.solved,
        stop_reason=entry.stop_reason,
        iterations=entry.iterations,
        digest=entry.digest,
        message=entry.message,
        not_reproducible_because=entry.not_reproducible_because,
    )


def _proof(folder: RunFolder, entry: SearchEntry) -> str | None:
    if not entry.solved:
        return None
    path = folder.proof_path(entry.theorem, arm=entry.arm, seed=entry.seed).relative_to(folder.path)
    with open_below(folder.path, PurePosixPath(path)) as file:
        return file.read().decode()


if __name__ == "__main__":
    main()
