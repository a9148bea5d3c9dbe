"""The deterministic frontier: one worker, many workers, killed workers, the same bytes."""

from cellview.frontier.canonical import Json, canonical
from cellview.frontier.committer import Committer
from cellview.frontier.connect import connect
from cellview.frontier.coordinator import Coordinator, RunReport
from cellview.frontier.errors import DeterminismError, FrontierError
from cellview.frontier.machine import FrontierMachine
from cellview.frontier.memory import MemoryFrontier
from cellview.frontier.merger import Merger, MergeReport
from cellview.frontier.model import Candidate, Lease, Manifest, Snapshot, Stats
from cellview.frontier.prng import Prng
from cellview.frontier.protocol import Frontier
from cellview.frontier.redis_frontier import RedisFrontier
from cellview.frontier.task import Result, Task, TaskSession, Work
from cellview.frontier.worker import Worker

__all__ = [
    "Candidate",
    "Committer",
    "Coordinator",
    "DeterminismError",
    "Frontier",
    "FrontierError",
    "FrontierMachine",
    "Json",
    "Lease",
    "Manifest",
    "MemoryFrontier",
    "MergeReport",
    "Merger",
    "Prng",
    "RedisFrontier",
    "Result",
    "RunReport",
    "Snapshot",
    "Stats",
    "Task",
    "TaskSession",
    "Work",
    "Worker",
    "canonical",
    "connect",
]
