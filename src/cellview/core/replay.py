"""Rebuilding a search from its trace: check every snapshot, or go on where a killed run stopped.

The trace says what came back from each visit; which node each ticket went to follows from the configuration. So a
replay drives the same state machine as the search did, hands it the recorded outcomes, and must arrive at the same
records, byte for byte (timestamps are copied).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec import UNSET

from cellview.core.begin import SearchRun, answer_to, begin
from cellview.core.commits import UNVERIFIED, apply, reject_proof
from cellview.core.config import SearchConfig
from cellview.core.errors import ReplayError
from cellview.core.tickets import Phase, Ticket
from cellview.core.visits import Attempted, VisitResult
from cellview.prover import Failure, FailureReason, Goal, Preview, Prover, Suggestion, TacticProvider
from cellview.schedule import Peg
from cellview.trace import AbortRecord, IterationRecord, Record, TacticAttempt

__all__ = ["Replay", "replay", "resume"]


class Replay:
    """A search driven by its records.

    Args:
        config: The configuration that the records were written with.
        root: Goal of the theorem.
        statement: The theorem as it was written: nodes are drawn for, and ties broken, by keys that begin with it.

    Attributes:
        run: The search as it was after the records applied so far: tree, tickets, schedule and counts.
    """

    def __init__(self, config: SearchConfig, root: Goal, *, statement: str) -> None:
        self.run = begin(config, root, statement=statement)

    def apply(self, recorded: IterationRecord, previews: Mapping[int, Preview] | None = None) -> None:
        """Go one iteration further, and check that it leads to what was recorded.

        Args:
            recorded: The next record.
            previews: What a prover says anew to the attempts that worked, by number; ``None``: believe the record.

        Raises:
            ReplayError: The record does not follow from the configuration and the records before it.
        """
        core = self.run.core
        ticket = self.turn(recorded)
        node = ticket.node if ticket.node is not None else ticket.skipped[-1][0] if ticket.skipped else None
        if node is not None and previews is None:
            node.goal = _named(cast("Goal", node.goal), recorded)
        if ticket.node is not None:
            if ticket.phase is not Phase.WORKING:
                raise ReplayError(f"iteration {recorded.iteration} is {ticket.phase.value} and has no outcome")
            core.complete(ticket, _outcome(recorded, ticket.node.goal.mvar_id, previews))
        if core.committable() is not ticket:
            raise ReplayError(f"iteration {recorded.iteration} is not the next one to be committed")
        applied = apply(core, ticket)
        while core.tree.solved and not recorded.tree.solved and applied.completed is not None:
            reject_proof(core.tree, applied, _why_unverified(recorded))
        again = self.run.record(
            applied, iteration=ticket.iteration, agent_id=ticket.agent_id, provider_id=_provider_id(recorded)
        )
        self.run.close(ticket)
        _require_equal(again, recorded)

    def issue(self) -> Iterator[Ticket]:
        """Settle all tickets whose turn it is before the next commit; yield each just before it looks for a node.

        :meth:`apply` does this too. Whoever wants to see what tickets see goes through it first.
        """
        while (ticket := self.run.core.take()) is not None:
            yield ticket
            self._settle(ticket)

    def turn(self, recorded: IterationRecord) -> Ticket:
        """Issue all tickets that are due before a record, and return the record's own.

        Raises:
            ReplayError: The search does not come to such an iteration.
        """
        core = self.run.core
        for _ in self.issue():
            pass
        ticket = core.open.get(recorded.iteration)
        if ticket is None or core.stop_reason is not None:
            raise ReplayError(f"iteration {recorded.iteration} cannot follow: the search had ended or is not there yet")
        return ticket

    def _settle(self, ticket: Ticket) -> None:
        """What agent and scheduler do to a ticket, without the messages."""
        run, core = self.run, self.run.core
        node = ticket.node if ticket.node is not None else core.reserve(ticket)
        if node is None and core.is_idle(ticket):
            core.give_up(ticket, None)
            return
        while node is not None:
            verdict = run.judge(node, ticket.iteration)
            answer = answer_to(verdict, reroutes=len(ticket.skipped), policy=run.config.reroute)
            if answer == "work":
                core.settle(ticket)
                return
            if answer == "give_up":
                core.give_up(ticket, verdict)
                return
            core.skip(ticket, verdict)
            node = core.reserve(ticket)
        if ticket.skipped:
            core.give_up(ticket, ticket.skipped[-1][1])
        else:
            core.wait(ticket)


def replay(records: Iterable[Record], config: SearchConfig, *, statement: str) -> SearchRun:
    """Rebuild a search from its records alone and check every snapshot on the way.

    Raises:
        ReplayError: A record does not follow from the ones before it, or there is none.
    """
    run: Replay | None = None
    for recorded in records:
        if isinstance(recorded, AbortRecord) or recorded.reason == "abort":
            break
        if run is None:
            run = Replay(config, _root(recorded), statement=statement)
        run.apply(recorded)
    if run is None:
        raise ReplayError("the trace has no iteration to replay")
    return run.run


async def resume(
    records: Iterable[Record],
    config: SearchConfig,
    root: Goal,
    prover: Prover,
    *,
    statement: str,
    providers: Sequence[TacticProvider] = (),
) -> SearchRun:
    """Rebuild a search from its records with a fresh prover, which runs every tactic that worked again.

    `providers` are each agent's, or one for all. One that is a function of the goal (``immediate``) is asked again as
    well; the answers of others are data.

    Raises:
        ReplayError: A record does not follow, or prover or provider say something else than they did then.
    """
    run = Replay(config, root, statement=statement)
    for recorded in records:
        if isinstance(recorded, AbortRecord) or recorded.reason == "abort":
            break
        provider = providers[recorded.agent_id % len(providers)] if providers else None
        if provider is not None and getattr(provider, "immediate", False):
            await _compare_suggestions(run, recorded, provider)
        run.apply(recorded, await _previews(recorded, prover))
    return run.run


async def _compare_suggestions(run: Replay, recorded: IterationRecord, provider: TacticProvider) -> None:
    """Check what the provider suggested at the first visit to a node: no later record would show an altered score."""
    ticket = run.turn(recorded)
    node, core = ticket.node, run.run.core
    if node is None or core.left(ticket, node) is not None or recorded.error is not UNSET:
        return
    order = run.run.order
    suggestions = run.run.fitting(await provider.suggest(cast("Goal", node.goal)), node, agent_id=ticket.agent_id)
    again = order.arrange(suggestions, node_key=node.structural_key() if order.draws else "")
    then = [Suggestion(candidate.tactic, candidate.score) for candidate in recorded.tactics]
    if list(again) != then:
        raise ReplayError(
            f"iteration {recorded.iteration}: the provider suggests other tactics or scores than the trace says; "
            "was it written with another version, or edited?"
        )


async def _previews(recorded: IterationRecord, prover: Prover) -> dict[int, Preview]:
    previews: dict[int, Preview] = {}
    for number, attempt in enumerate(recorded.attempts):
        if attempt.child_sigs_strict is UNSET:
            continue
        checkpoint = recorded.iteration * 1000 + number + 1
        result = await prover.preview(recorded.node.mvar_id, attempt.tactic, checkpoint=checkpoint)
        if not isinstance(result, Preview):
            raise ReplayError(
                f"iteration {recorded.iteration}: {attempt.tactic!r} worked then and now fails: {result.message}"
            )
        signatures = [child.goal_sig_strict for child in result.children]
        if signatures != attempt.child_sigs_strict:
            raise ReplayError(
                f"iteration {recorded.iteration}: {attempt.tactic!r} leaves other goals than it did then; "
                "was this trace written with another Lean?"
            )
        if attempt.outcome == "success":
            await prover.commit(result)
        previews[number] = result
    return previews


def _root(recorded: IterationRecord) -> Goal:
    node = recorded.node
    if recorded.iteration != 0 or recorded.selected_path != [node.mvar_id]:
        raise ReplayError("the trace does not begin with iteration 0 at the root")
    return Goal(node.mvar_id, node.goal_type, node.goal_sig, node.goal_sig_strict)


def _named(goal: Goal, recorded: IterationRecord) -> Goal:
    """A replayed goal is known by its signature only, until the first record about it shows it whole."""
    if goal.goal_type or goal.mvar_id != recorded.node.mvar_id:
        return goal
    return msgspec.structs.replace(goal, goal_type=recorded.node.goal_type, goal_sig=recorded.node.goal_sig)


def _outcome(recorded: IterationRecord, goal_id: str, previews: Mapping[int, Preview] | None) -> VisitResult:
    _require_consistent(recorded)
    attempts = [
        Attempted(attempt.tactic, _result(attempt, goal_id, number, previews), attempt.timestamp_ms)
        for number, attempt in enumerate(recorded.attempts)
    ]
    candidates = [Suggestion(candidate.tactic, candidate.score) for candidate in recorded.tactics]
    if recorded.error is UNSET:
        return VisitResult(candidates, attempts)
    # A provider that fails leaves no candidates; a prover that fails may, and may leave no attempt either.
    broken = bool(candidates) or recorded.reason == "adapter_error"
    return VisitResult(candidates, attempts, "adapter" if broken else "provider", recorded.error)


def _require_consistent(recorded: IterationRecord) -> None:
    """Refuse a record that contradicts itself: what follows pairs attempts with candidates, and goals with names."""
    if len(recorded.attempts) > len(recorded.tactics):
        raise ReplayError(
            f"iteration {recorded.iteration}: {len(recorded.attempts)} attempts at {len(recorded.tactics)} tactics; "
            "the trace was edited"
        )
    for attempt in recorded.attempts:
        signatures = attempt.child_sigs_strict
        if signatures is not UNSET and len(signatures) != len(attempt.child_mvar_ids):
            raise ReplayError(
                f"iteration {recorded.iteration}: {attempt.tactic!r} leaves {len(attempt.child_mvar_ids)} goals, of "
                f"which {len(signatures)} have a signature; the trace was edited"
            )


def _result(
    attempt: TacticAttempt, goal_id: str, number: int, previews: Mapping[int, Preview] | None
) -> Preview | Failure | Peg:
    if attempt.outcome == "blocked":
        return Peg(attempt.peg_id or "", attempt.peg_kind or "", attempt.block_reason or "")
    if attempt.child_sigs_strict is not UNSET:
        if previews is not None:
            return previews[number]
        children = zip(attempt.child_mvar_ids, attempt.child_sigs_strict, strict=True)
        return Preview(goal_id, attempt.tactic, tuple(Goal(mvar, "", "", strict) for mvar, strict in children))
    reason, _, message = (attempt.detail or "tactic").partition(": ")
    return Failure(cast("FailureReason", reason), message)


def _why_unverified(recorded: IterationRecord) -> str:
    for attempt in recorded.attempts:
        if attempt.detail is not UNSET and attempt.detail.startswith(UNVERIFIED):
            return attempt.detail
    raise ReplayError(f"iteration {recorded.iteration} completes a proof that the record does not know of")


def _provider_id(recorded: IterationRecord) -> str:
    return next((attempt.provider_id or "" for attempt in recorded.attempts), "")


def _require_equal(again: IterationRecord, recorded: IterationRecord) -> None:
    if again == recorded:
        return
    one: dict[str, Any] = msgspec.to_builtins(again)
    other: dict[str, Any] = msgspec.to_builtins(recorded)
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            raise ReplayError(
                f"iteration {recorded.iteration}: {name} replays as {one.get(name)!r}, and the trace says "
                f"{other.get(name)!r}; the trace was edited, or written with another configuration"
            )
