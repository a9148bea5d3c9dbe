"""What a search returns."""

from __future__ import annotations

from typing import Any

import msgspec

from cellview.base.html import facts
from cellview.core import StopReason
from cellview.prover import Verification
from cellview.tree import Tree
from cellview.tree.drawing import small_svg

__all__ = ["SearchResult", "StopReason"]


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of one search.

    Args:
        solved: Whether there is a proof that the prover's own fresh check accepted.
        stop_reason: Why the search ended.
        iterations: Iterations committed.
        attempts: Attempts that stand in their records: tried, filtered and held back.
        tried: Tactics that reached the prover; the cost of the search.
        held_back: Tactics that the intervention held back.
        given_up: Iterations that ended at a blocked or delayed node.
        adapter_errors: Iterations in which the prover's infrastructure failed.
        provider_answers: Questions that the provider of tactics answered.
        provider_errors: Questions that it failed at.
        provider_errors_in_a_row: How many of those came after its last answer.
        nodes: Nodes of the tree.
        max_depth: Depth of the deepest node.
        discarded: Tickets issued but not committed at the end.
        proof: The checked source, or ``None``.
        script: The tactic script alone, or ``None``.
        proof_length: Tactics in the proof, or ``None``.
        verification: What the last check said, or ``None`` if nothing was ever checked.
        refused: Why the last complete proof was refused, when one was found and the search ended without another.
        failure: What the provider said at its last error, if that ended the search.
        digest: SHA-256 of the trace without its timestamps, or ``None`` without a trace.
        reproducible: Whether the same search gives the same bytes again; if not, `why` says why.
        why: Reason for `reproducible` being false.
        tree: The whole tree as it was at the end.
    """

    solved: bool
    stop_reason: StopReason
    iterations: int
    attempts: int
    tried: int
    held_back: int
    given_up: int
    adapter_errors: int
    provider_answers: int
    provider_errors: int
    provider_errors_in_a_row: int
    nodes: int
    max_depth: int
    discarded: int
    proof: str | None
    script: str | None
    proof_length: int | None
    verification: Verification | None
    refused: str | None
    failure: str | None
    digest: str | None
    reproducible: bool
    why: str | None
    tree: Tree

    def _repr_html_(self) -> str:
        """Show the result in a notebook: what it came to, the proof, and a small tree."""
        shown = facts(
            [
                ("solved", self.solved),
                ("stop reason", self.stop_reason),
                ("iterations", self.iterations),
                ("tactics tried", self.tried),
                ("nodes", self.nodes),
                ("proof", self.script),
                ("refused", self.refused),
                ("digest", self.digest),
                ("reproducible", self.reproducible),
                ("because", self.why),
            ]
        )
        return shown + small_svg(self.tree)

    @property
    def tree_json(self) -> dict[str, Any]:
        """The whole tree as plain data (``Tree.from_json`` reads it). Built anew each time."""
        return self.tree.to_json()
