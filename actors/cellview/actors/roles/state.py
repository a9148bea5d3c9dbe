"""What of a search outlives its actors: the run itself, the agents' refs, records on their way, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from cellview.actors.ref import Ref
from cellview.actors.roles.messages import AgentMessage, ProverMessage, ReserveAhead, WriterMessage
from cellview.core import Applied, ClosedGoals, End, ProgressCallback, SearchRun, Ticket
from cellview.prover import Verification
from cellview.trace import Record

__all__ = ["SearchState"]


class SearchState:
    """Everything of a search that must outlive its tree owner, so that a restarted one goes on where it was.

    Args:
        run: Tree, tickets, schedule and counts.
        statement: What is to be proved.
        provider_ids: Who suggests each agent's tactics, for the records.
        uses_path: Whether a provider wants to know how a goal was reached.
        progress: Told after each commit.
    """

    def __init__(
        self,
        run: SearchRun,
        statement: str,
        *,
        provider_ids: Sequence[str],
        uses_path: bool = False,
        progress: ProgressCallback | None = None,
    ) -> None:
        self.run = run
        self.core = run.core
        self.statement = statement
        self.provider_ids = provider_ids
        intervention = run.config.intervention
        self.place_needed = uses_path or (intervention is not None and bool(intervention.pegs))
        """Whether agents are told where a node stands (pegs and some providers ask)."""
        self.keys_needed = not run.schedule.idle or run.order.draws
        """Whether they need structural keys (schedules do)."""
        self.progress = progress
        self.closed: ClosedGoals | None = None
        """Set by the runner if the prover wants to be told of goals that nobody works on any more."""
        self.agents: dict[int, Ref[AgentMessage]] = {}
        self.roster: Sequence[Ref[AgentMessage]] = ()
        """Agents spawned so far, filled by the runner: a registration that a crash has lost can be looked up here."""
        self.asked: dict[int, ReserveAhead] = {}
        """Up to which ticket each agent has asked for reservations."""
        self.writer: Ref[WriterMessage] | None = None
        self.prover: Ref[ProverMessage] | None = None
        self.unwritten: list[Record] = []
        """Records that the writer has not acknowledged."""
        self.unsent = 0
        """How many of them, at the end, it has not been sent."""
        self.verifying: tuple[Ticket, Applied] | None = None
        self.script = ""
        """The proof that is being verified."""
        self.verification: Verification | None = None
        self.end: End | None = None
        self.ended = anyio.Event()
        """Set with `end`; an event and not an ask, since whoever waits for it must survive the owner's restarts."""
        self.failure: Exception | None = None
        """What ended the search and must reach its caller: the callback raised, or the trace cannot be written."""
        self.changing = False
        """Set while the core is being changed; a restart that finds it set must not go on."""
