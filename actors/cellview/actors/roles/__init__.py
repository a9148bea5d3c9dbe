"""The five roles that run a search, and their messages. What they decide is in :mod:`cellview.core`."""

from cellview.actors.roles.agent import AgentActor, AgentConfig
from cellview.actors.roles.messages import AgentMessage, Flush
from cellview.actors.roles.prover_actor import ProverActor
from cellview.actors.roles.scheduler import SchedulerActor
from cellview.actors.roles.state import SearchState
from cellview.actors.roles.trace_writer import TraceWriterActor, write_again
from cellview.actors.roles.tree_owner import TreeOwnerActor

__all__ = [
    "AgentActor",
    "AgentConfig",
    "AgentMessage",
    "Flush",
    "ProverActor",
    "SchedulerActor",
    "SearchState",
    "TraceWriterActor",
    "TreeOwnerActor",
    "write_again",
]
