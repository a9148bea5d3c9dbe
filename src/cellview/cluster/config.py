"""The configuration of distributed execution: the table ``[cluster]`` of one TOML file, and environment overrides."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from cellview.cluster.brokers.broker import QueueLimits
from cellview.cluster.errors import ClusterConfigError

__all__ = ["BrokerName", "ConfigModel", "DistributedConfig", "ExecutorName", "load_config"]

ExecutorName: TypeAlias = Literal["local", "process", "ray"]
BrokerName: TypeAlias = Literal["memory", "redis", "ray"]

_PREFIX = "CELLVIEW_CLUSTER_"


class DistributedConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[cluster]``.

    Args:
        enabled: Start the storage coordinator and the result aggregator, so that claims are stored.
        executor: ``local`` (this process, one after the other), ``process`` (a pool) or ``ray``.
        num_cpus: Workers of the pool; for a Ray that is started here, its number of CPUs.
        address: Ray: address of a running cluster (``auto``, ``host:6379``, ``ray://…``); None starts one here.
        ray_namespace: Ray: namespace of the job; None lets Ray choose one.
        object_store_bytes: Ray started here: size of its object store; None leaves it to Ray.
        cpus_per_agent: Ray: CPUs that one agent occupies.
        resources_per_agent: Ray: custom resources that one agent occupies.
        message_broker: ``memory``, ``redis`` or ``ray``; None means ``ray`` for the Ray executor, else ``memory``.
        broker_url: Redis: ``redis://host:port/db``.
        claims_path: DuckDB file of the claims.
        claims_namespace: Redis: names the claims queue, so that a later run goes on with what an earlier one left.
        artifacts_dir: Folder on storage that all machines share, for trace files; None sends them to the driver.
        queue_capacity: Messages a queue holds before producers wait.
        lease_s: Seconds until a message whose consumer does not answer is handed to another.
        task_retries: How often an agent is run again because its worker or node was lost.
        ready_deadline_s: Seconds within which coordinator and aggregator must be ready.
        result_deadline_s: Seconds within which results must arrive once their agents are done, and claims be stored.
    """

    enabled: bool = False
    executor: ExecutorName = "local"
    num_cpus: int = 2
    address: str | None = None
    ray_namespace: str | None = None
    object_store_bytes: int | None = None
    cpus_per_agent: float = 1.0
    resources_per_agent: dict[str, float] = {}
    message_broker: BrokerName | None = None
    broker_url: str | None = None
    claims_path: str = "claims.duckdb"
    claims_namespace: str | None = None
    artifacts_dir: str | None = None
    queue_capacity: int = 10_000
    lease_s: float = 60.0
    task_retries: int = 3
    ready_deadline_s: float = 60.0
    result_deadline_s: float = 60.0

    def __post_init__(self) -> None:
        """Reject combinations that could only fail later."""
        for name in ("num_cpus", "queue_capacity"):
            _require(getattr(self, name) >= 1, f"{name} must be at least 1")
        for name in ("lease_s", "ready_deadline_s", "result_deadline_s", "cpus_per_agent"):
            _require(0 < getattr(self, name) < math.inf, f"{name} must be above 0, and finite")
        _require(self.task_retries >= 0, "task_retries must be at least 0")
        _require(
            not (self.executor == "ray" and self.message_broker == "memory"),
            "the memory broker does not reach other machines; with executor 'ray' use message_broker 'ray' or 'redis'",
        )
        _require(
            self.address is None or "ray" in (self.executor, self.message_broker),
            "address is the address of a Ray cluster; set executor or message_broker to 'ray', or leave it out",
        )
        redis_only = self.broker_url is None and self.claims_namespace is None
        _require(self.message_broker == "redis" or redis_only, "broker_url and claims_namespace belong to 'redis'")

    @property
    def broker(self) -> BrokerName:
        """The broker in force."""
        return self.message_broker or ("ray" if self.executor == "ray" else "memory")

    @property
    def broker_url_or_address(self) -> str | None:
        """What `get_message_broker` takes as url for this broker."""
        return {"redis": self.broker_url, "ray": self.address, "memory": None}[self.broker]

    @property
    def limits(self) -> QueueLimits:
        """The limits of both queues."""
        return QueueLimits(capacity=self.queue_capacity, lease_s=self.lease_s)


class ConfigModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole configuration that this package reads."""

    cluster: DistributedConfig = msgspec.field(default_factory=DistributedConfig)

    @property
    def distributed(self) -> bool:
        """Whether more than this process works."""
        return self.cluster.executor != "local"

    @property
    def distributed_config(self) -> DistributedConfig:
        """The table ``[cluster]``."""
        return self.cluster


def load_config(
    path: str | os.PathLike[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    also_allowed: Collection[str] = (),
    defaults: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> ConfigModel:
    """Read ``[cluster]`` from a TOML file (none: the defaults), then the environment, and check everything.

    ``CELLVIEW_CLUSTER_NUM_CPUS=4`` overrides ``num_cpus``, and so on for every key; tables are given as JSON.

    Args:
        path: The TOML file.
        environ: Variables to read; None reads this process's environment.
        also_allowed: Names of other top-level tables that may stand in the file, for other parts to read.
        defaults: Values that the file and the environment may replace.
        overrides: Values that replace all others, such as options that were typed.

    Raises:
        ClusterConfigError: The file cannot be read, or a key is unknown or its value is not what it must be.
    """
    table = dict(defaults or {})
    table |= {} if path is None else _read_table(Path(path), also_allowed)
    table |= _overrides(os.environ if environ is None else environ)
    table |= overrides or {}
    try:
        return ConfigModel(cluster=msgspec.convert(table, DistributedConfig))
    except msgspec.ValidationError as error:
        where = "" if path is None else f" of {os.fspath(path)}"
        raise ClusterConfigError(f"[cluster]{where}: {error}") from error


def _read_table(path: Path, also_allowed: Collection[str]) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClusterConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ClusterConfigError(f"{path} is not TOML: {error}") from error
    for name in document:
        if name != "cluster" and name not in also_allowed:
            allowed = ", ".join(f"[{table}]" for table in ("cluster", *also_allowed))
            raise ClusterConfigError(f"{path}: unknown table or key {name!r}; allowed: {allowed}")
    table = document.get("cluster", {})
    if not isinstance(table, dict):
        raise ClusterConfigError(f"{path}: cluster must be a table; write [cluster] above its keys")
    return dict(table)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # keys of TOML are str


def _overrides(environ: Mapping[str, str]) -> dict[str, Any]:
    fields = {field.name: field.type for field in msgspec.structs.fields(DistributedConfig)}
    found: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(_PREFIX):
            continue
        name = variable.removeprefix(_PREFIX).lower()
        if name not in fields:
            raise ClusterConfigError(f"environment variable {variable}: [cluster] has no key {name!r}")
        try:
            if name == "resources_per_agent":
                found[name] = msgspec.json.decode(text, type=fields[name])
            else:
                found[name] = msgspec.convert(text, fields[name], strict=False)
        except msgspec.MsgspecError as error:
            raise ClusterConfigError(f"environment variable {variable}={text!r}: {error}") from error
    return found


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)
