"""Committing a ticket: apply what a visit brought to the tree.

In order of tickets this is the only thing that changes the shared tree. What was applied is written down by
:mod:`cellview.core.records`; a step apart, because between the two a proof may have to be verified.
"""

from __future__ import annotations

from collections.abc import Sequence

from cellview.core.kinds import Kinds
from cellview.core.tickets import SearchCore, Ticket
from cellview.core.visits import GaveUp, VisitResult
from cellview.prover import Failure, Preview, Suggestion, Verification
from cellview.schedule import Blocked, Verdict
from cellview.trace import IterationReason
from cellview.tree import Edge, Node, Tree

__all__ = ["UNVERIFIED", "Applied", "apply", "apply_visit", "reject_proof", "rejection"]

UNVERIFIED = "unverified: "
"""Begins the recorded detail of a tactic that completed a proof which was then rejected."""

_UNCHECKED = f"{UNVERIFIED}the check did not run: "


class Applied:
    """What a commit did: all that :func:`record` needs, and the edges that it added."""

    __slots__ = ("asked", "details", "edges", "expanded", "node", "reason", "result", "skipped", "verdict")

    def __init__(self, node: Node, reason: IterationReason) -> None:
        self.node = node
        self.reason: IterationReason = reason
        self.result = VisitResult()
        self.expanded: bool | None = None
        self.edges: dict[int, Edge] = {}
        """Accepted edges by number of the attempt."""
        self.details: dict[int, str] = {}
        """Why a preview that worked gave no edge: ``cycle`` or ``unverified``, by number of the attempt."""
        self.verdict: Verdict = None
        self.skipped: Sequence[tuple[Node, Verdict]] = ()
        self.asked = False
        """Whether the provider was asked: later visits try what the first has left."""

    @property
    def infrastructure_failed(self) -> bool:
        """Whether the prover broke down over the visit, or over the check of the proof that it completed."""
        return self.result.error == "adapter" or any(why.startswith(_UNCHECKED) for why in self.details.values())

    @property
    def completed(self) -> Edge | None:
        """The edge that solved the node in this very commit, if one did."""
        solution = self.node.solution
        return solution if solution is not None and solution in self.edges.values() else None


def apply(core: SearchCore, ticket: Ticket) -> Applied:
    """Apply a done ticket's result to the tree and give its reservation back."""
    result = ticket.result
    assert result is not None, f"ticket {ticket.iteration} is not done"
    if core.config.count_obstacles:
        _count_obstacles(core.tree, ticket)
    if isinstance(result, GaveUp) and not ticket.skipped:
        return Applied(core.tree.root, "idle")
    if isinstance(result, GaveUp):
        *skipped, (node, verdict) = ticket.skipped
        applied = Applied(node, "blocked" if isinstance(verdict, Blocked) else "delayed")
        applied.verdict = verdict
    else:
        skipped = ticket.skipped
        node = core.hand_over(ticket)
        applied = apply_visit(core.tree, node, result, kinds=core.kinds, agent_id=ticket.agent_id)
        if core.kinds is not None:
            core.kinds.note(node)
    applied.skipped = skipped
    return applied


def _count_obstacles(tree: Tree, ticket: Ticket) -> None:
    """Count each meeting with a blocked or delayed node as a visit without success, before what else the ticket did.

    Otherwise such a node would stay unvisited, and so the best there is, and be chosen again by every ticket. As with
    real visits, what has been closed from above meanwhile is not counted.
    """
    for node, _ in ticket.skipped:
        if tree.closed_by_ancestor(node) is None:
            tree.backpropagate(node, False)


def apply_visit(
    tree: Tree, node: Node, result: VisitResult, *, kinds: Kinds | None = None, agent_id: int = 0
) -> Applied:
    """Apply a visit to its reserved node: release, expand, solved and dead, backpropagate.

    `kinds` knows what is left for others than the agent of the visit; ``None``: it is left for all alike.
    """
    asked = (node.untried if kinds is None else kinds.left(node, agent_id)) is None
    if tree.closed_by_ancestor(node) is not None:
        tree.release(node)
        # Closed from above, the node itself says neither: its tactics just came to nothing new.
        applied = Applied(node, _reason_of_closed(node))
        applied.result, applied.expanded, applied.asked = result, False, asked
        return applied
    no_goal = any(isinstance(a.result, Failure) and a.result.reason == "no_goal" for a in result.attempts)
    if no_goal:
        tree.set_untried(node, ())
    elif result.error != "provider":
        left = _left_over(result)
        untried = left if kinds is None else kinds.after(node, agent_id, result, left)
        tree.set_untried(node, untried, suggested=result.candidates)
    tree.release(node)
    applied = Applied(node, "no_goal" if no_goal else "no_expansion")
    applied.result, applied.asked = result, asked
    ancestry: set[str] | None = None
    for number, attempt in enumerate(result.attempts):
        preview = attempt.result
        if isinstance(preview, Preview):
            if ancestry is None:
                ancestry = tree.ancestry(node)
            score = result.candidates[number].score
            edge = tree.expand(node, preview.tactic, preview.children, ancestry, score=score)
            if edge is None:
                applied.details[number] = "cycle"
            else:
                applied.edges[number] = edge
    applied.expanded = bool(applied.edges)
    if applied.expanded:
        tree.expansions += 1
        applied.reason = "expanded"
    elif result.error is not None:
        applied.reason = "adapter_error" if result.error == "adapter" else "provider_error"
    tree.settle(node)
    tree.backpropagate(node, applied.expanded)
    return applied


def _reason_of_closed(node: Node) -> IterationReason:
    return "terminal_node" if node.is_terminal else "dead_node" if node.is_dead else "no_expansion"


def _left_over(result: VisitResult) -> Sequence[Suggestion]:
    """Candidates that still deserve a try: those not reached, and those on which the prover itself broke down."""
    attempts = result.attempts
    if result.error is None:
        return result.candidates[len(attempts) :]
    broken = [
        candidate
        for candidate, attempt in zip(result.candidates, attempts, strict=False)
        if isinstance(attempt.result, Failure) and attempt.result.reason == "adapter"
    ]
    return [*broken, *result.candidates[len(attempts) :]]


def reject_proof(tree: Tree, applied: Applied, why: str) -> None:
    """Undo what completed a proof that did not stand up to verification; its attempt is recorded as a failure.

    `why` is the recorded detail: see :func:`rejection`.
    """
    edge = applied.completed
    assert edge is not None, "no edge of this commit completed the proof"
    number = next(n for n, candidate in applied.edges.items() if candidate is edge)
    tree.reject_solution(edge)
    del applied.edges[number]
    applied.details[number] = why
    if not applied.edges:
        applied.expanded = False
        applied.reason = "no_expansion"


def rejection(verification: Verification) -> str:
    """Say why a proof is rejected, as it stands in the record; a check that broke down says nothing of the proof."""
    return f"{_UNCHECKED if verification.broken else UNVERIFIED}{verification.message}"
