"""From a sweep's journal to its run folder: traces, trees, proofs and results of each theorem, arm and seed."""

from __future__ import annotations

import hashlib

import msgspec

from cellview.app.report import Row
from cellview.app.run import row_of
from cellview.app.sweep_task import Point, SweepSettings, TierResult
from cellview.frontier.local.committer import JOURNAL_NAME
from cellview.frontier.local.journal_file import JournalLine, read_journal
from cellview.search.corpus import Corpus, CorpusTheorem
from cellview.trace import RunFolder, TheoremResult, write_atomically
from cellview.trace.digest import without_timestamps

__all__ = ["write_results"]


class _Search(msgspec.Struct):
    """What the tiers of one search came to so far."""

    trace: list[str] = []
    seconds: float = 0.0
    last: TierResult | None = None
    set_aside: str | None = None


def write_results(corpus: Corpus, settings: SweepSettings, seeds: tuple[int, ...], folder: RunFolder) -> list[Row]:
    """Writes all that the journal holds into the folder; returns one row per search, in the order of the plan.

    With several seeds a search's files are named ``<intervention>.seed<seed>_…``.
    """
    found: dict[tuple[str, str, int], _Search] = {}
    for line in read_journal(folder.path / JOURNAL_NAME):
        _gather(line, found)
    rows: list[Row] = []
    results: list[TheoremResult] = []
    for theorem in corpus.theorems:
        for arm in settings.arms:
            for seed in seeds:
                label = arm.name if len(seeds) == 1 else f"{arm.name}.seed{seed}"
                result, proof = _write(theorem, label, found.get((theorem.id, arm.name, seed)), folder)
                results.append(result)
                rows.append(row_of(result, proof))
    folder.update(results=tuple(results))
    return rows


def _gather(line: JournalLine, found: dict[tuple[str, str, int], _Search]) -> None:
    point = msgspec.json.decode(line.item, type=Point)
    it = found.setdefault((point.theorem, point.arm, point.seed), _Search())
    it.trace += line.trace
    if line.kind != "committed":
        it.set_aside = line.kind
        return
    it.last = msgspec.json.decode(line.payload, type=TierResult)
    notes: dict[str, float] = msgspec.json.decode(line.notes, type=dict[str, float] | None) or {}
    it.seconds += notes.get("seconds", 0.0)


def _write(
    theorem: CorpusTheorem, label: str, it: _Search | None, folder: RunFolder
) -> tuple[TheoremResult, str | None]:
    if it is None:
        return _result(theorem, label, "no_wild_type_proof", _nothing(theorem, label), _Search()), None
    last = it.last or _nothing(theorem, label)
    data = "".join(f"{line}\n" for line in it.trace).encode()
    if data:
        folder.make_theorem_folder(theorem.id)
        write_atomically(folder.trace_path(theorem.id, arm=label), data)
    if last.tree is not None:
        folder.write_tree(theorem.id, last.tree.encode(), arm=label)
    if last.source is not None:
        folder.write_proof(theorem.id, last.source, arm=label)
    digest = hashlib.sha256(without_timestamps(data)).hexdigest()
    reason = it.set_aside or (last.stop_reason if last.last else "interrupted")
    return _result(theorem, label, reason, msgspec.structs.replace(last, digest=digest), it), last.source


def _nothing(theorem: CorpusTheorem, label: str) -> TierResult:
    return TierResult(theorem.id, label, 0, 0, True, False, "", 0, 0)


def _result(theorem: CorpusTheorem, label: str, reason: str, last: TierResult, it: _Search) -> TheoremResult:
    abandoned = it.set_aside is not None
    return TheoremResult(
        theorem=theorem.id,
        arm=label,
        solved=last.solved,
        provable=theorem.provable,
        iterations=last.iterations,
        attempts=last.attempts,
        seconds=round(it.seconds, 3),
        stop_reason=reason,
        proof=last.script,
        digest=last.digest,
        reproducible=not abandoned,
        not_reproducible_because=("its workers failed too often; the journal's notes say how",) if abandoned else (),
    )
