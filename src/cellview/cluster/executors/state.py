"""The state of a query: what the agents answered, loop by loop, in an order that no timing can change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from cellview.cluster.messages import AgentResult, Artifact, Claim

__all__ = ["QueryResponse", "QueryState"]


class QueryResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a query. Equal for every executor, number of workers and order of arrival."""

    query: str
    loops: int
    results: tuple[dict[str, Any], ...]
    """One mapping for each loop: label of the agent → its answer."""
    claims: tuple[Claim, ...]
    """Each claim once, in the order of loops and agents."""
    artifacts: tuple[Artifact, ...]
    failures: dict[str, str]
    """Agents that raised: ``label@loop`` → the traceback."""


class QueryState:
    """What is known so far. Only the executor that runs the query changes it; callbacks read it."""

    def __init__(self, query: str) -> None:
        """Begin with nothing known."""
        self.query = query
        self.loop = 0
        """Loops completed."""
        self._loops: list[dict[str, AgentResult]] = []

    @property
    def previous(self) -> dict[str, Any]:
        """What each agent answered in the last completed loop."""
        return {label: result.result for label, result in self._loops[-1].items()} if self._loops else {}

    @property
    def seconds(self) -> dict[str, float]:
        """How long each agent took in the last completed loop. No part of the response, because it never repeats."""
        return {label: result.seconds for label, result in self._loops[-1].items()} if self._loops else {}

    def apply(self, results: Sequence[AgentResult]) -> None:
        """Take in the results of one whole loop, in the order of the query's agents."""
        self._loops.append({result.agent: result for result in results})
        self.loop = len(self._loops)

    @property
    def failures(self) -> dict[str, str]:
        """Agents that raised so far: ``label@loop`` → the traceback."""
        return {f"{r.agent}@{r.loop}": r.error for results in self._loops for r in results.values() if r.error}

    def synthesize(self) -> QueryResponse:
        """Put everything together."""
        results = [result for loop in self._loops for result in loop.values()]
        claims = {claim.claim_id: claim for result in results for claim in result.claims}
        return QueryResponse(
            query=self.query,
            loops=self.loop,
            results=tuple({label: result.result for label, result in loop.items()} for loop in self._loops),
            claims=tuple(claims.values()),
            artifacts=tuple(artifact for result in results for artifact in result.artifacts),
            failures=self.failures,
        )
