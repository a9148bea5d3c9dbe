"""The search as a pure state machine: tickets, visits, commits, records, replay.

Actors, the centralized loop, a resume and a replay drive what stands here; nothing here knows which of them does. It
reads no clock and no random source and does no I/O of its own.
"""

from cellview.core.begin import Answer, SearchRun, answer_to, begin
from cellview.core.closing import ClosedGoals
from cellview.core.commits import UNVERIFIED, Applied, apply, apply_visit, reject_proof, rejection
from cellview.core.config import CommitOrder, ObstacleVisits, SearchConfig, SearchMode
from cellview.core.counts import Counts
from cellview.core.errors import ConfigError, ReplayError, SearchError
from cellview.core.kinds import Kinds, fitting
from cellview.core.memory import AgentMemory, tie_salt
from cellview.core.progress import End, Progress, ProgressCallback
from cellview.core.records import TraceContext, abort_records, record
from cellview.core.replay import Replay, replay, resume
from cellview.core.tickets import CoreConfig, Phase, SearchCore, StopReason, Ticket
from cellview.core.trying import ask_provider, try_tactics, verify_proof
from cellview.core.visits import (
    Attempted,
    CandidateOrder,
    ErrorSource,
    GaveUp,
    Place,
    Visit,
    VisitResult,
    ends_visit,
    place_of,
    suggestions_left,
    way_to,
)

__all__ = [
    "UNVERIFIED",
    "AgentMemory",
    "Answer",
    "Applied",
    "Attempted",
    "CandidateOrder",
    "ClosedGoals",
    "CommitOrder",
    "ConfigError",
    "CoreConfig",
    "Counts",
    "End",
    "ErrorSource",
    "GaveUp",
    "Kinds",
    "ObstacleVisits",
    "Phase",
    "Place",
    "Progress",
    "ProgressCallback",
    "Replay",
    "ReplayError",
    "SearchConfig",
    "SearchCore",
    "SearchError",
    "SearchMode",
    "SearchRun",
    "StopReason",
    "Ticket",
    "TraceContext",
    "Visit",
    "VisitResult",
    "abort_records",
    "answer_to",
    "apply",
    "apply_visit",
    "ask_provider",
    "begin",
    "ends_visit",
    "fitting",
    "place_of",
    "record",
    "reject_proof",
    "rejection",
    "replay",
    "resume",
    "suggestions_left",
    "tie_salt",
    "try_tactics",
    "verify_proof",
    "way_to",
]
