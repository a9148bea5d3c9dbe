"""Distributed execution: message brokers, the claims database, and executors over processes and Ray.

A search needs none of it. It is for experiments: many searches at once, on this machine or on a cluster, whose claims
(solved or not, by which arm, with which trace) end up in one database exactly once.
"""

from cellview.cluster.brokers.broker import (
    BrokerCounts,
    Consumer,
    Delivery,
    MessageBroker,
    QueueLimits,
    SetAside,
    publish_claim,
)
from cellview.cluster.brokers.memory import InMemoryBroker
from cellview.cluster.brokers.selection import get_message_broker
from cellview.cluster.claims.aggregator import ResultAggregator, start_result_aggregator
from cellview.cluster.claims.coordinator import StorageCoordinator, StorageTotals, start_storage_coordinator
from cellview.cluster.config import ConfigModel, DistributedConfig, load_config
from cellview.cluster.errors import (
    AgentFailedError,
    AgentRegistryError,
    AggregationError,
    BackgroundProcessError,
    BrokerClosedError,
    BrokerError,
    BrokerFullError,
    BrokerKeyError,
    ClaimStoreError,
    ClusterConfigError,
    ClusterError,
    MessageError,
    SessionError,
    SimulationError,
    WorkerLostError,
)
from cellview.cluster.executors.agents import (
    Agent,
    AgentCall,
    AgentReply,
    AgentSpec,
    Answer,
    Function,
    register_agent,
    register_function,
)
from cellview.cluster.executors.executor import Callbacks, Executor
from cellview.cluster.executors.local import LocalExecutor
from cellview.cluster.executors.processes import ProcessExecutor
from cellview.cluster.executors.ray_executor import RayExecutor
from cellview.cluster.executors.selection import get_executor
from cellview.cluster.executors.state import QueryResponse, QueryState
from cellview.cluster.messages import AgentResult, Artifact, Claim, Message, PersistClaim, Stop, claim_id

__all__ = [
    "Agent",
    "AgentCall",
    "AgentFailedError",
    "AgentRegistryError",
    "AgentReply",
    "AgentResult",
    "AgentSpec",
    "AggregationError",
    "Answer",
    "Artifact",
    "BackgroundProcessError",
    "BrokerClosedError",
    "BrokerCounts",
    "BrokerError",
    "BrokerFullError",
    "BrokerKeyError",
    "Callbacks",
    "Claim",
    "ClaimStoreError",
    "ClusterConfigError",
    "ClusterError",
    "ConfigModel",
    "Consumer",
    "Delivery",
    "DistributedConfig",
    "Executor",
    "Function",
    "InMemoryBroker",
    "LocalExecutor",
    "Message",
    "MessageBroker",
    "MessageError",
    "PersistClaim",
    "ProcessExecutor",
    "QueryResponse",
    "QueryState",
    "QueueLimits",
    "RayExecutor",
    "ResultAggregator",
    "SessionError",
    "SetAside",
    "SimulationError",
    "Stop",
    "StorageCoordinator",
    "StorageTotals",
    "WorkerLostError",
    "claim_id",
    "get_executor",
    "get_message_broker",
    "load_config",
    "publish_claim",
    "register_agent",
    "register_function",
    "start_result_aggregator",
    "start_storage_coordinator",
]
