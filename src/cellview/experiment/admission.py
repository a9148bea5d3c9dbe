"""What stands in a run's folder is checked anew: proofs by a fresh Lean, traces by their digests.

A proof is checked where it was found, and again when it enters a folder from elsewhere: workers, queues, journals and
disks are believed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack

import msgspec

from cellview.experiment.errors import DamagedRunError
from cellview.experiment.experiment import statement_digest
from cellview.experiment.folder import ExperimentFolder
from cellview.experiment.plan import Point, PointKey, points_of
from cellview.experiment.provers import Opened, Opener
from cellview.trace import SearchEntry, TraceError, digest_file

__all__ = ["Finding", "admit", "require_standing", "verify_run"]


class Finding(msgspec.Struct, frozen=True):
    """What the check of one search said; `problem` is ``None`` when it stands."""

    theorem: str
    arm: str
    seed: int
    solved: bool
    problem: str | None


async def admit(folder: ExperimentFolder, opener: Opener, keys: Iterable[PointKey]) -> None:
    """Have the proofs of these searches checked by a fresh prover.

    Raises:
        DamagedRunError: One does not stand; the text names the first.
    """
    wanted = set(keys)
    entries = [entry for entry in folder.entries() if entry.key in wanted and entry.solved]
    for finding in await _verify(folder, opener, entries, lambda finding: None):
        if finding.problem is not None:
            raise DamagedRunError(
                f"{finding.theorem} ({finding.arm}) came as solved, and is not: {finding.problem} Nothing that its "
                f"worker says can be believed; remove {folder.path} and find out where the result came from."
            )


async def require_standing(folder: ExperimentFolder, opener: Opener) -> None:
    """Check what a run has before it goes on: nothing of a forged or damaged folder is taken over.

    Raises:
        DamagedRunError: A result does not stand; the text names the first.
    """
    for finding in await verify_run(folder, opener):
        if finding.problem is not None:
            raise DamagedRunError(
                f"{folder.path}: the result of {finding.theorem} ({finding.arm}, seed {finding.seed}) does not stand: "
                f"{finding.problem} Put the files back, or start a new run."
            )


async def verify_run(
    folder: ExperimentFolder, opener: Opener, *, found: Callable[[Finding], None] = lambda finding: None
) -> list[Finding]:
    """Check every search of a run: statement, trace digest, and the proof by a fresh prover. `found` hears of each."""
    return await _verify(folder, opener, folder.entries(), found)


async def _verify(
    folder: ExperimentFolder, opener: Opener, entries: Sequence[SearchEntry], found: Callable[[Finding], None]
) -> list[Finding]:
    points = {point.key: point for point in points_of(folder.experiment)}
    findings: list[Finding] = []
    imports: tuple[str, ...] | None = None
    opened: Opened | None = None
    async with AsyncExitStack() as stack:
        for entry in entries:
            point = points.get(entry.key)
            if point is None:
                problem: str | None = "the experiment has no such search."
            else:
                if opened is None or point.theorem.imports != imports:
                    await stack.aclose()
                    imports = point.theorem.imports
                    opened = await stack.enter_async_context(opener(imports))
                problem = _file_problem(folder, point, entry) or await _proof_problem(folder, point, entry, opened)
            finding = Finding(entry.theorem, entry.arm, entry.seed, entry.solved, problem)
            findings.append(finding)
            found(finding)
    return findings


def _file_problem(folder: ExperimentFolder, point: Point, entry: SearchEntry) -> str | None:
    if entry.statement_digest and entry.statement_digest != statement_digest(point.theorem.statement):
        return "its result was made for another statement than the corpus has."
    if not folder.experiment.trace or entry.digest is None:
        return None
    path = folder.folder.trace_path(entry.theorem, arm=entry.arm, seed=entry.seed)
    try:
        digest = digest_file(path)
    except TraceError as error:
        return str(error)
    return None if digest == entry.digest else f"{path.name} has another digest than run.json says."


async def _proof_problem(folder: ExperimentFolder, point: Point, entry: SearchEntry, opened: Opened) -> str | None:
    if not entry.solved:
        return None
    if entry.proof is None:
        return "there is no proof in run.json."
    verification = await opened.prover.verify(point.theorem.statement, entry.proof)
    if not verification.ok:
        return f"the prover does not accept its proof: {verification.message}"
    try:
        source = folder.source_of(entry)
    except OSError as error:
        return f"its proof file cannot be read ({error.strerror})."
    except UnicodeDecodeError:
        return "its proof file is not UTF-8."
    return None if source == verification.source else "its proof file is not the proof that run.json has."
