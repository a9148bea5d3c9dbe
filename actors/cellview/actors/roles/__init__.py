"""The five roles that run a search, their messages, and the pure state machine that they drive."""

from cellview.actors.roles.agent import Agent, AgentConfig
from cellview.actors.roles.commit import (
    UNVERIFIED,
    Applied,
    TraceContext,
    abort_records,
    apply,
    apply_visit,
    record,
    reject_proof,
    rejection,
)
from cellview.actors.roles.core import AgentMemory, CoreConfig, Phase, SearchCore, StopReason, Ticket, tie_salt
from cellview.actors.roles.messages import End, Flush
from cellview.actors.roles.prover_actor import ProverActor, try_tactics, verify_proof
from cellview.actors.roles.scheduler import SchedulerActor
from cellview.actors.roles.state import Progress, ProgressCallback, SearchState
from cellview.actors.roles.trace_writer import TraceWriterActor, write_again
from cellview.actors.roles.tree_owner import TreeOwner
from cellview.actors.roles.visit import Attempted, GaveUp, Outcome, Place, order_candidates, peg_candidates

__all__ = [
    "UNVERIFIED",
    "Agent",
    "AgentConfig",
    "AgentMemory",
    "Applied",
    "Attempted",
    "CoreConfig",
    "End",
    "Flush",
    "GaveUp",
    "Outcome",
    "Phase",
    "Place",
    "Progress",
    "ProgressCallback",
    "ProverActor",
    "SchedulerActor",
    "SearchCore",
    "SearchState",
    "StopReason",
    "Ticket",
    "TraceContext",
    "TraceWriterActor",
    "TreeOwner",
    "abort_records",
    "apply",
    "apply_visit",
    "order_candidates",
    "peg_candidates",
    "record",
    "reject_proof",
    "rejection",
    "tie_salt",
    "try_tactics",
    "verify_proof",
    "write_again",
]
