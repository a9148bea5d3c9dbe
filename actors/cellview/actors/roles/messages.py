"""Every message of a running search, by who handles it. What a message asks for is its name.

Any of them may be repeated after a crash: each carries its iteration (and the round of its reservation), by which its
receiver recognises what it has dealt with already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from cellview.actors.asks import Request
from cellview.actors.ref import Ref
from cellview.core.visits import ErrorSource, Place, Visit, VisitResult
from cellview.prover import Goal, Preview, Suggestion, Verification
from cellview.schedule import Verdict
from cellview.trace import Record, TraceError

__all__ = [
    "AgentMessage",
    "AskAgain",
    "Backpropagate",
    "Begin",
    "Expand",
    "Flush",
    "Judge",
    "Judged",
    "ProverMessage",
    "Register",
    "Release",
    "Reserve",
    "ReserveAhead",
    "Reserved",
    "SchedulerMessage",
    "SendRecords",
    "Settle",
    "Suggested",
    "TakeTicket",
    "TreeOwnerMessage",
    "Try",
    "Unwritable",
    "Verified",
    "Verify",
    "Write",
    "WriterMessage",
    "Written",
]

# -- to the tree owner -------------------------------------------------------------------------------------------------


class Register(msgspec.Struct, frozen=True):
    """An agent is there, for the first time or again after a restart (it then knows none of its tickets)."""

    agent_id: int
    agent: Ref[AgentMessage]


class ReserveAhead(msgspec.Struct, frozen=True, gc=False):
    """Reserve nodes for all of this agent's tickets before `before`, each as soon as it is its turn.

    Asked in advance and for many tickets at once, so that nobody waits for it. `accept`: there is no schedule to ask,
    so a reservation stands at once and no :class:`Settle` follows.
    """

    agent_id: int
    before: int
    accept: bool


class Reserve(msgspec.Struct, frozen=True, gc=False):
    """Reserve another node for this ticket: `skip` says why that of the round before is left out.

    Without `skip` the ticket begins anew, after a :class:`TakeTicket`.
    """

    iteration: int
    round: int
    skip: Verdict = None


class Settle(msgspec.Struct, frozen=True, gc=False):
    """The reservation of this round stands, or (with a verdict) the ticket is given up."""

    iteration: int
    round: int
    gave_up: Verdict = None


class Expand(msgspec.Struct, frozen=True):
    """A visit is over: expand its node with what worked, and backpropagate."""

    iteration: int
    result: VisitResult


class Backpropagate(msgspec.Struct, frozen=True):
    """A visit is over and brought nothing to expand with: its provider failed. Only the visit counts."""

    iteration: int
    source: ErrorSource
    message: str
    fatal: bool = False


class Verified(msgspec.Struct, frozen=True):
    """The answer to :class:`Verify`, with the script that was checked."""

    iteration: int
    script: str
    verification: Verification


class Unwritable(msgspec.Struct, frozen=True):
    """The trace cannot be written any more: the disk refuses. The search must end, and say so."""

    error: TraceError


class SendRecords(msgspec.Struct, frozen=True, gc=False):
    """The owner's note to itself, behind all that waits for it: hand the records gathered meanwhile to the writer."""


# -- to an agent -------------------------------------------------------------------------------------------------------


class Begin(msgspec.Struct, frozen=True, gc=False):
    """Welcome, or welcome back: the agent's first ticket that was not issued yet."""

    next_iteration: int


class TakeTicket(msgspec.Struct, frozen=True, gc=False):
    """Begin this ticket anew (with a higher round): a crash has lost what was said about it."""

    iteration: int
    round: int


class Reserved(msgspec.Struct, frozen=True):
    """A node is reserved for a ticket; without a goal, nothing (else) is free.

    `settled` tickets need no judgement: they were accepted in advance, or the agent was restarted and takes its work up
    again. Tickets that are not for `work` lie past the budget: they are reserved, since they weigh on others, and never
    worked on.
    """

    iteration: int
    round: int
    goal: Goal | None
    node_key: str = ""
    place: Place | None = None
    via: Preview | None = None
    """The tactic that led to the goal, for a prover that has forgotten it."""
    untried: Sequence[Suggestion] | None = None
    """What earlier visits left to try; ``None``: ask the provider."""
    settled: bool = False
    work: bool = True
    tried: frozenset[str] = frozenset()
    """What agents of other kinds have tried here; of interest only before the provider is asked."""
    closed_before: int = 0
    """All tickets before this one are closed, so that the agent need not remember its own of them."""


class Judged(msgspec.Struct, frozen=True, gc=False):
    """The schedule's verdict on a reservation."""

    iteration: int
    round: int
    verdict: Verdict


class Suggested(msgspec.Struct, frozen=True):
    """The provider has answered, or failed."""

    iteration: int
    suggestions: Sequence[Suggestion]
    error: str | None = None
    fatal: bool = False
    """Whether it will fail again, whenever it is asked."""


class AskAgain(msgspec.Struct, frozen=True):
    """The scheduler or the prover was restarted and has lost a question: repeat what is unanswered."""

    who: Literal["scheduler", "prover"]


# -- to the scheduler, the prover, the trace writer --------------------------------------------------------------------


class Judge(msgspec.Struct, frozen=True):
    """May this node be worked on in this iteration?"""

    iteration: int
    round: int
    node_key: str
    root: bool
    agent: Ref[AgentMessage]


class Try(msgspec.Struct, frozen=True):
    """Try the tactics of a visit on a goal, in order, and hand what comes of it to the tree owner.

    It does not come back to the agent, which would only pass it on: that was a fifth of all messages.
    """

    iteration: int
    goal_id: str
    via: Preview | None
    visit: Visit
    stop_at_success: bool


class Verify(msgspec.Struct, frozen=True):
    """Check a whole proof in a fresh process."""

    iteration: int
    statement: str
    script: str
    owner: Ref[TreeOwnerMessage]


class Release(msgspec.Struct, frozen=True, gc=False):
    """Nobody works on these goals any more; what is kept for them may go."""

    goal_ids: Sequence[str]


class Write(msgspec.Struct, frozen=True):
    """Write these records; sent `again`, some may be written already."""

    records: Sequence[Record]
    again: bool = False


class Written(msgspec.Struct, frozen=True, gc=False):
    """All records before this iteration are in the file. `restarted`: those after it may be lost, send them again."""

    next_iteration: int
    restarted: bool = False


class Flush(Request[str], frozen=True):
    """Write everything that is held back, sync, and answer with the trace digest."""


TreeOwnerMessage: TypeAlias = (
    Register
    | ReserveAhead
    | Reserve
    | Settle
    | Expand
    | Backpropagate
    | Verified
    | AskAgain
    | SendRecords
    | Written
    | Unwritable
)
AgentMessage: TypeAlias = Begin | TakeTicket | Reserved | Judged | Suggested | AskAgain
SchedulerMessage: TypeAlias = Judge
ProverMessage: TypeAlias = Try | Verify | Release
WriterMessage: TypeAlias = Write | Flush
