"""The deterministic frontier: one worker, many workers, killed workers, the same bytes."""

from cellview.frontier.connect import connect
from cellview.frontier.errors import DeterminismError, FrontierError
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.committer import Committer
from cellview.frontier.local.coordinator import Coordinator, RunReport
from cellview.frontier.local.memory import MemoryFrontier
from cellview.frontier.local.merger import Merger, MergeReport
from cellview.frontier.local.task import Result, Task, TaskSession, Work
from cellview.frontier.local.worker import Worker
from cellview.frontier.machine.canonical import Json, canonical
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Candidate, Lease, Manifest, Snapshot, Stats
from cellview.frontier.machine.prng import Prng
from cellview.frontier.redis.frontier import RedisFrontier

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
