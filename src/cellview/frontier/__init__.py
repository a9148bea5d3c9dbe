"""The deterministic frontier: one worker, many workers, killed workers, the same bytes.

``machine`` has the rules, pure; ``redis`` and ``local`` are where a frontier may live, and ``local`` also who works on
it; ``check`` runs one experiment in many ways and compares. `Frontier` is the face of all of them.
"""

from cellview.frontier.connect import connect
from cellview.frontier.errors import DeterminismError, FrontierError, MachineFailedError
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.committer import JOURNAL_NAME, Committer
from cellview.frontier.local.coordinator import Coordinator, RunReport
from cellview.frontier.local.journal_file import JournalLine, read_journal
from cellview.frontier.local.memory import MemoryFrontier
from cellview.frontier.local.merger import Merger, MergeReport
from cellview.frontier.local.task import Task, TaskSession, TaskTable
from cellview.frontier.local.worker import Worker
from cellview.frontier.machine.canonical import Json, canonical
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Candidate, Lease, Manifest, Snapshot, Stats
from cellview.frontier.machine.prng import Prng
from cellview.frontier.machine.result import Result, Work
from cellview.frontier.redis.frontier import RedisFrontier

__all__ = [
    "JOURNAL_NAME",
    "Candidate",
    "Committer",
    "Coordinator",
    "DeterminismError",
    "Frontier",
    "FrontierError",
    "FrontierMachine",
    "JournalLine",
    "Json",
    "Lease",
    "MachineFailedError",
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
    "TaskTable",
    "Work",
    "Worker",
    "canonical",
    "connect",
    "read_journal",
]
