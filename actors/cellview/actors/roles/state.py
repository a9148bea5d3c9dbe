"""What of a search outlives its actors: the state machine, the agents' refs, records on their way, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import anyio
import msgspec

from cellview.actors.ref import Ref
from cellview.actors.roles.commit import Applied, TraceContext
from cellview.actors.roles.core import SearchCore, Ticket
from cellview.actors.roles.messages import AgentMessage, End, ProverMessage, ReserveAhead, WriterMessage
from cellview.prover import Verification
from cellview.schedule import TacticIntervention
from cellview.trace import Record

__all__ = ["Progress", "ProgressCallback", "SearchState"]


class Progress(msgspec.Struct, frozen=True, gc=False):
    """What a progress callback is told after each commit."""

    iteration: int
    reason: str
    tier: int
    budget: int
    nodes: int
    expansions: int
    max_depth: int
    inflight: int
    solved: bool


ProgressCallback: TypeAlias = Callable[[Progress], Literal["abort"] | None]
"""Called after each commit; answering ``abort`` ends the search."""


class SearchState:
    """Everything of a search that must outlive its tree owner, so that a restarted one goes on where it was.

    Args:
        core: The state machine.
        statement: What is to be proved.
        context: What is merged into each record.
        intervention: The tactic intervention; with pegs, agents are told where a node stands.
        keys_needed: Whether agents need structural keys (schedules do).
        progress: Told after each commit.
    """

    def __init__(
        self,
        core: SearchCore,
        statement: str,
        context: TraceContext,
        *,
        intervention: TacticIntervention | None,
        keys_needed: bool,
        progress: ProgressCallback | None = None,
    ) -> None:
        self.core = core
        self.statement = statement
        self.context = context
        self.place_needed = intervention is not None and bool(intervention.pegs)
        self.keys_needed = keys_needed
        self.progress = progress
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
        self.attempts = 0
        """Tactics tried in committed iterations."""
        self.adapter_errors = 0
        """Committed iterations in which the prover's infrastructure failed; the run is then not reproducible."""
        self.end: End | None = None
        self.ended = anyio.Event()
        """Set with `end`; an event and not an ask, since whoever waits for it must survive the owner's restarts."""
        self.failure: Exception | None = None
        """What ended the search and must reach its caller: the callback raised, or the trace cannot be written."""
        self.changing = False
        """Set while the core is being changed; a restart that finds it set must not go on."""
