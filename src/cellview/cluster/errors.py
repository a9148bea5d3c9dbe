"""All errors of the cluster package. Each says what is wrong, where, and what to do about it."""

from __future__ import annotations

__all__ = [
    "AgentFailedError",
    "AgentRegistryError",
    "AggregationError",
    "BackgroundProcessError",
    "BrokerClosedError",
    "BrokerError",
    "BrokerFullError",
    "BrokerKeyError",
    "ClaimStoreError",
    "ClusterConfigError",
    "ClusterError",
    "MessageError",
    "SessionError",
    "SimulationError",
    "WorkerLostError",
]


class ClusterError(Exception):
    """Base of every error that this package raises on its own account."""


class ClusterConfigError(ClusterError):
    """Raised when the ``[cluster]`` table, an environment override or an argument is not what it must be."""


class MessageError(ClusterError):
    """Raised by `publish` when a message is none of the three kinds, or a field of it is missing or of a wrong type."""


class BrokerError(ClusterError):
    """Raised when a broker cannot be reached or does not answer; the text names the broker and the cause."""


class BrokerClosedError(BrokerError):
    """Raised when a broker is used after `shutdown`, or after the process that owned it has ended."""


class BrokerFullError(BrokerError):
    """Raised when the queue stayed full up to the deadline of `publish`: the consumer is too slow, or gone."""


class BrokerKeyError(BrokerError):
    """Raised when the key in ``CELLVIEW_FRONTIER_KEY`` cannot be used. The text never repeats it."""


class BackgroundProcessError(ClusterError):
    """Raised when a coordinator or an aggregator failed, did not become ready in time, or died too often."""


class ClaimStoreError(ClusterError):
    """Raised when the claims database cannot be opened, read or written; the text is DuckDB's, with the path."""


class AggregationError(ClusterError):
    """Raised when results of the current loop did not all arrive before the deadline; the text names the agents."""


class AgentRegistryError(ClusterError):
    """Raised when no agent has the given name, or when what was registered cannot be found by another process."""


class AgentFailedError(ClusterError):
    """Raised after a loop in which an agent raised; the text holds the agent's label and its traceback."""


class SessionError(ClusterError):
    """Raised when a shared session cannot travel to the workers (open files, sockets, locks, running loops)."""


class WorkerLostError(ClusterError):
    """Raised when a worker process or a Ray node was lost more often than `task_retries` allows."""


class SimulationError(ClusterError):
    """Raised when a simulation found what must not be: a lost, repeated or reordered message, or a wrong cost."""
