"""Asking the prover: the tactics of one visit, and the check of a whole proof. What it raises becomes data here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from cellview.core.visits import Attempted, Place, ends_visit
from cellview.prover import Failure, Goal, PathProvider, Preview, Prover, Suggestion, TacticProvider, Verification

__all__ = ["ask_provider", "try_tactics", "verify_proof"]


async def ask_provider(provider: TacticProvider, goal: Goal, place: Place | None) -> Sequence[Suggestion]:
    """Ask for tactics; a provider that wants to know the way to the goal (``uses_path``) is told it."""
    if getattr(provider, "uses_path", False):  # isinstance of a protocol costs microseconds, in every visit
        return await cast("PathProvider", provider).suggest_after(goal, () if place is None else place.path)
    return await provider.suggest(goal)


async def verify_proof(prover: Prover, statement: str, script: str, *, retries: int) -> Verification:
    """Have a whole proof checked; one that breaks down is repeated up to `retries` times, and then proves nothing."""
    verification = Verification(ok=False, broken=True)
    for _ in range(1 + retries):
        try:
            verification = await prover.verify(statement, script)
        except Exception as error:  # contained: a proof that could not be checked is not proved
            verification = Verification(ok=False, message=_text(error), broken=True)
        if not verification.broken:
            break
    return verification


async def try_tactics(
    prover: Prover,
    goal_id: str,
    tactics: Sequence[tuple[int, str]],
    *,
    iteration: int,
    via: Preview | None,
    stop_at_success: bool,
    now_ms: Callable[[], int],
    retries: int,
) -> tuple[list[Attempted], str | None]:
    """Try a visit's tactics in order; stop where one ends the visit, or where the prover itself breaks down.

    Returns the attempts, and the text of the breakdown if there was one. Checkpoints come from the ticket, not from
    the order of arrival: ``iteration * 1000 + number + 1``.
    """
    attempts: list[Attempted] = []
    base = iteration * 1000 + 1
    try:
        if via is not None:
            await prover.commit(via)
    except Exception as error:  # contained, as below; nothing was tried, so that all of it stays untried
        return attempts, _text(error)
    for number, tactic in tactics:
        try:
            result = await prover.preview(goal_id, tactic, checkpoint=base + number)
        except Exception as error:  # contained: whatever a prover raises becomes a record, not the run's end
            result = await _preview_again(prover, goal_id, tactic, base + number, retries, error)
        attempts.append(Attempted(tactic, result, now_ms()))
        if ends_visit(result, stop_at_success=stop_at_success):
            if isinstance(result, Failure) and result.reason == "adapter":
                return attempts, result.message
            break
    return attempts, None


async def _preview_again(
    prover: Prover, goal_id: str, tactic: str, checkpoint: int, retries: int, error: Exception
) -> Preview | Failure:
    for _ in range(retries):
        try:
            return await prover.preview(goal_id, tactic, checkpoint=checkpoint)
        except Exception as another:  # contained, as the first
            error = another
    return Failure("adapter", _text(error))


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
