"""What the committed iterations of a search came to, in numbers."""

from __future__ import annotations

from cellview.core.commits import UNVERIFIED, Applied
from cellview.prover import Failure
from cellview.schedule import Peg

__all__ = ["Counts"]


class Counts:
    """Counts over committed iterations. They are functions of the trace, so a replay arrives at the same ones.

    Attributes:
        attempts: Entries of ``attempts``: tried, filtered and held back.
        tried: Tactics that reached the prover. This is the cost of record.
        held_back: Tactics that an intervention held back.
        given_up: Iterations that ended at a blocked or delayed node, or had none to go to, without a visit.
        adapter_errors: Iterations in which the prover's infrastructure failed.
        provider_answers: Questions that the provider answered.
        provider_errors: Questions that it failed at.
        errors_in_a_row: How many of those came after its last answer.
        failure: What it said at the last of them.
        unusable: Whether it said that it will not answer later either.
        refused: Why the last complete proof that did not stand was refused; ``None``: there was none.
    """

    __slots__ = (
        "adapter_errors",
        "attempts",
        "errors_in_a_row",
        "failure",
        "given_up",
        "held_back",
        "provider_answers",
        "provider_errors",
        "refused",
        "tried",
        "unusable",
    )

    def __init__(self) -> None:
        self.attempts = 0
        self.tried = 0
        self.held_back = 0
        self.given_up = 0
        self.adapter_errors = 0
        self.provider_answers = 0
        self.provider_errors = 0
        self.errors_in_a_row = 0
        self.failure: str | None = None
        self.unusable = False
        self.refused: str | None = None

    def take(self, applied: Applied) -> None:
        """Count one commit."""
        for attempt in applied.result.attempts:
            result = attempt.result
            if isinstance(result, Peg):
                self.held_back += 1
            elif not (isinstance(result, Failure) and result.reason == "filtered"):
                self.tried += 1
        self.attempts += len(applied.result.attempts)
        self.given_up += applied.reason in ("blocked", "delayed", "idle")
        self.adapter_errors += applied.infrastructure_failed
        self._take_provider(applied)
        for detail in applied.details.values():
            if detail.startswith(UNVERIFIED):
                self.refused = detail.removeprefix(UNVERIFIED)

    def _take_provider(self, applied: Applied) -> None:
        result = applied.result
        if result.error == "provider":
            self.provider_errors += 1
            self.errors_in_a_row += 1
            self.failure = result.message
            self.unusable = self.unusable or result.fatal
        elif applied.asked:
            self.provider_answers += 1
            self.errors_in_a_row = 0

    def provider_is_dead(self, most: int) -> bool:
        """Say whether the provider counts as dead: it said so, or failed at `most` questions in a row."""
        return self.unusable or self.errors_in_a_row >= most
