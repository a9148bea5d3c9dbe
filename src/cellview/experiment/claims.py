"""Claims: what the database of a cluster keeps of each search, made from its outcome."""

from __future__ import annotations

from cellview.cluster import Claim, claim_id
from cellview.cluster.messages import ClaimStatus
from cellview.experiment.outcome import Outcome

__all__ = ["claim_of"]


def claim_of(outcome: Outcome, *, run: str, statement: str, source: str | None, tiers: int) -> Claim:
    """Return what is claimed of a theorem in the claims database; `source` is the verified Lean source."""
    statuses: dict[str, ClaimStatus] = {
        "solved": "solved",
        "exhausted": "exhausted",
        "statement_error": "error",
        "set_aside": "error",
    }
    return Claim(
        claim_id=claim_id(run=run, theorem=outcome.theorem, intervention=outcome.arm, seed=outcome.seed, tier=tiers),
        run=run,
        theorem=outcome.theorem,
        statement=statement,
        intervention=outcome.arm,
        seed=outcome.seed,
        tier=tiers,
        status=statuses.get(outcome.stop_reason, "unsolved"),
        iterations=outcome.iterations,
        proof=source,
        trace_digest=outcome.digest,
        detail=outcome.message or "; ".join(outcome.not_reproducible_because) or None,
    )
