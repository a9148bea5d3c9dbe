"""What became of a point: one shape, and the other forms that are made from it.

A row of a table, an entry of ``run.json``, a claim and the answer of a worker are all made from an :class:`Outcome`, by
functions here or beside their readers. It is a function of the point alone: host, time and driver stand elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from cellview.experiment.experiment import Experiment, Setup, statement_digest
from cellview.experiment.plan import Point
from cellview.experiment.providers import ModelSpec
from cellview.prover import ProofStep
from cellview.search import SearchResult
from cellview.trace import SearchEntry
from cellview.tree import Tree

__all__ = [
    "Outcome",
    "dead_provider",
    "entry_of",
    "outcome_of",
    "proof_tactics",
    "refused",
    "set_aside",
    "unfinished",
    "verdict_on",
    "without_wild_type",
]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one point came to.

    `stop_reason` is the search's (``solved``, ``exhausted``, ``budget``, ``aborted``, ``provider_error``), or ``tier``
    (the tier that was asked for is spent, and there are further ones), ``statement_error``, ``no_wild_type_proof`` (an
    arm that needs one was not run) or ``set_aside`` (its workers failed too often). `tactics` are those of the proof,
    from the root down.
    """

    theorem: str
    arm: str
    seed: int
    solved: bool
    stop_reason: str
    iterations: int = 0
    attempts: int = 0
    tried: int = 0
    held_back: int = 0
    given_up: int = 0
    nodes: int = 0
    max_depth: int = 0
    discarded: int = 0
    block_seed: int | None = None
    delay_seed: int | None = None
    statement_digest: str = ""
    script: str | None = None
    proof_length: int | None = None
    tactics: tuple[str, ...] = ()
    digest: str | None = None
    broken_iterations: int = 0
    """Iterations in which the prover's infrastructure failed."""
    provider_answers: int = 0
    """Questions that the provider of tactics answered."""
    provider_errors_in_a_row: int = 0
    """Questions that it failed at after its last answer."""
    not_reproducible_because: tuple[str, ...] = ()
    message: str | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Tells this point from every other of the experiment."""
        return self.theorem, self.arm, self.seed

    @property
    def finished(self) -> bool:
        """Whether nothing more of this point is to be run."""
        return self.stop_reason != "tier"

    @property
    def searched(self) -> bool:
        """Whether a search took place at all."""
        return self.stop_reason not in ("statement_error", "no_wild_type_proof", "set_aside")


def outcome_of(point: Point, setup: Setup, result: SearchResult, *, out_of_time: bool = False) -> Outcome:
    """Return the outcome of a search that has ended; `out_of_time`: its time budget ended it."""
    why = () if result.why is None else (result.why,)
    if out_of_time:
        why = (*why, f"its time budget of {setup.time_budget_s:g} s was over")
    return msgspec.structs.replace(
        _blank(point, setup, result.stop_reason),
        solved=result.solved,
        iterations=result.iterations,
        attempts=result.attempts,
        tried=result.tried,
        held_back=result.held_back,
        given_up=result.given_up,
        nodes=result.nodes,
        max_depth=result.max_depth,
        discarded=result.discarded,
        script=result.script,
        proof_length=result.proof_length,
        tactics=proof_tactics(result.tree) if result.solved else (),
        digest=result.digest,
        broken_iterations=result.adapter_errors,
        provider_answers=result.provider_answers,
        provider_errors_in_a_row=result.provider_errors_in_a_row,
        not_reproducible_because=why,
        message=result.failure or result.refused,
    )


def unfinished(point: Point, setup: Setup, *, iterations: int) -> Outcome:
    """Return the outcome of a point whose tier is spent."""
    return msgspec.structs.replace(_blank(point, setup, "tier"), iterations=iterations)


def refused(point: Point, setup: Setup, message: str) -> Outcome:
    """Return the outcome of a point whose statement the prover does not accept."""
    return msgspec.structs.replace(_blank(point, setup, "statement_error"), message=message)


def without_wild_type(point: Point, setup: Setup, wild: Outcome | SearchEntry) -> Outcome:
    """Return the outcome of a point that needed the wild type's proof, when that came to none."""
    if wild.stop_reason == "statement_error":
        return refused(point, setup, wild.message or "")
    return _blank(point, setup, "no_wild_type_proof")


def set_aside(point: Point, setup: Setup, why: str) -> Outcome:
    """Return the outcome of a point that no worker could finish."""
    return msgspec.structs.replace(_blank(point, setup, "set_aside"), not_reproducible_because=(why,))


def _blank(point: Point, setup: Setup, stop_reason: str) -> Outcome:
    config = setup.config_of(point.arm, point.seed)
    return Outcome(
        theorem=point.theorem.id,
        arm=point.arm.name,
        seed=point.seed,
        solved=False,
        stop_reason=stop_reason,
        block_seed=None if config.block is None else config.block.seed,
        delay_seed=None if config.delay is None else config.delay.seed,
        statement_digest=statement_digest(point.theorem.statement),
    )


def proof_tactics(tree: Tree) -> tuple[str, ...]:
    """Return the tactics of a solved tree's proof, from the root down: what some controls spare."""
    tactics: list[str] = []
    stack = [tree.proof(ProofStep)]
    while stack:
        step = stack.pop()
        tactics.append(step.tactic)
        stack.extend(reversed(step.children))
    return tuple(tactics)


# -- other forms -------------------------------------------------------------------------------------------------------


def entry_of(outcome: Outcome, *, provable: bool | None, files: str) -> SearchEntry:
    """Return the entry of ``run.json``; `files` is what the search's files are called after."""
    return SearchEntry(
        theorem=outcome.theorem,
        arm=outcome.arm,
        seed=outcome.seed,
        files=files if outcome.searched else "",
        solved=outcome.solved,
        provable=provable,
        stop_reason=outcome.stop_reason,
        iterations=outcome.iterations,
        attempts=outcome.attempts,
        tried=outcome.tried,
        held_back=outcome.held_back,
        given_up=outcome.given_up,
        visits=outcome.iterations - outcome.given_up,
        nodes=outcome.nodes,
        max_depth=outcome.max_depth,
        discarded=outcome.discarded,
        block_seed=outcome.block_seed,
        delay_seed=outcome.delay_seed,
        statement_digest=outcome.statement_digest,
        proof=outcome.script,
        proof_length=outcome.proof_length,
        proof_hash=None if outcome.script is None else hashlib.sha256(outcome.script.encode()).hexdigest(),
        digest=outcome.digest,
        reproducible=not outcome.not_reproducible_because,
        not_reproducible_because=outcome.not_reproducible_because,
        message=outcome.message,
    )


def verdict_on(
    experiment: Experiment, entries: Sequence[SearchEntry], *, answers_kept: bool = False
) -> tuple[bool, tuple[str, ...]]:
    """Say whether a run would give the same bytes again, and if not, why: the one place that decides it.

    `answers_kept`: whether what models said is in a folder, so that they need not say it again.
    """
    why: list[str] = []
    if not experiment.reproducible:
        why.append("outcomes are committed in order of arrival")
    if not answers_kept and any(isinstance(spec, ModelSpec) for spec in experiment.setup.all_providers):
        why.append("a model's answers were not kept (--provider-cache), and it may give others next time")
    several = len(experiment.seeds) > 1
    for entry in entries:
        name = f"{entry.theorem} ({entry.arm}{f', seed {entry.seed}' if several else ''})"
        reasons = [reason for reason in entry.not_reproducible_because if reason not in _GENERAL]
        why.extend(f"{name}: {reason}" for reason in reasons)
    return not why, tuple(why)


def dead_provider(errors_before: int, outcome: Outcome, setup: Setup) -> tuple[int, str | None]:
    """Say whether a run must end because its provider of tactics is dead: the one place that decides it.

    A search ends by itself after so many errors in a row; searches too small for that go on counting where the one
    before them has stopped.

    Args:
        errors_before: Errors in a row at the end of the searches before.
        outcome: The next search's.
        setup: Has the number that is too many.

    Returns:
        Errors in a row now, and why the run must end, if it must.
    """
    row = outcome.provider_errors_in_a_row + (0 if outcome.provider_answers else errors_before)
    most = setup.search.provider_errors
    if outcome.stop_reason == "provider_error":
        said = _sentence(outcome.message or "it does not answer.")
        return row, f"The provider of tactics is dead, which is no result: {said}"
    if row >= most and not outcome.solved:
        return row, f"The provider of tactics failed {row} times in a row, which is no result: see the traces."
    return row, None


def _sentence(message: str) -> str:
    """Take the name of the exception from what stands in a record; people want the rest."""
    name, colon, rest = message.partition(": ")
    return rest if colon and name.endswith("Error") and name.isidentifier() else message


_GENERAL = ("results were committed in order of arrival",)
"""What a search says of itself and the run says once, at its head."""
