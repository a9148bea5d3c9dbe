"""The configuration of distributed execution: the table ``[cluster]`` of a TOML file, and its environment variables."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from cellview.cluster.brokers.broker import QueueLimits
from cellview.settings import Document, Opt, fields_of, merge, read_document, require_known_variables

__all__ = ["BrokerName", "ConfigModel", "DistributedConfig", "ExecutorName", "load_config"]

ExecutorName: TypeAlias = Literal["local", "process", "ray"]
BrokerName: TypeAlias = Literal["memory", "redis", "ray"]

_TABLE = "cluster"
_PREFIX = "CELLVIEW_CLUSTER_"

_AtLeast1: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
_Seconds: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]


def _key(text: str, *, default: str | None = None) -> Opt:
    return Opt(help=text, default=default, file_only=True)


class DistributedConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The table ``[cluster]``. In files its keys are written with dashes: ``num-cpus``."""

    enabled: Annotated[
        bool,
        _key("Store claims, and collect the results of queries through queues.", default="false; true in cellview run"),
    ] = False
    executor: Annotated[
        ExecutorName, _key("local: this process, one after the other; process: worker processes; ray: a Ray cluster.")
    ] = "local"
    num_cpus: Annotated[_AtLeast1, _key("Worker processes; CPUs of a Ray that is started here.")] = 2
    address: Annotated[
        str | None, _key("Ray: address of a running cluster (auto, host:6379, ray://…); none starts one here.")
    ] = None
    ray_namespace: Annotated[str | None, _key("Ray: namespace of the job.", default="Ray's choice")] = None
    object_store_bytes: Annotated[
        int | None, _key("Size of the object store of a Ray that is started here.", default="Ray's choice")
    ] = None
    cpus_per_agent: Annotated[float, msgspec.Meta(gt=0), _key("Ray: CPUs that one agent or function occupies.")] = 1.0
    resources_per_agent: Annotated[
        dict[str, float], _key("Ray: custom resources that one agent or function occupies.")
    ] = {}
    message_broker: Annotated[
        BrokerName | None, _key("What carries claims and results.", default="ray with the executor ray, else memory")
    ] = None
    broker_url: Annotated[
        str | None, _key("Redis: the server, as redis://host:port/db.", default="redis://127.0.0.1:6379/0")
    ] = None
    claims_path: Annotated[
        str, _key("DuckDB file of the claims.", default="claims.duckdb; in the run's folder in cellview run")
    ] = "claims.duckdb"
    claims_namespace: Annotated[
        str | None,
        _key("Redis: names the claims queue, so that a later run goes on with what is left.", default="a fresh one"),
    ] = None
    artifacts_dir: Annotated[
        str | None, _key("Folder that all machines share, for files of agents; none sends them to the driver.")
    ] = None
    queue_capacity: Annotated[_AtLeast1, _key("Messages that a queue holds before producers wait.")] = 10_000
    lease_s: Annotated[
        _Seconds, _key("Seconds until a message whose consumer does not answer goes to another one.")
    ] = 60.0
    task_retries: Annotated[
        int, msgspec.Meta(ge=0), _key("Further tries of an agent or function whose worker was lost.")
    ] = 3
    ready_deadline_s: Annotated[
        _Seconds, _key("Seconds within which the coordinator, and the aggregator, must be ready.")
    ] = 60.0
    result_deadline_s: Annotated[
        _Seconds, _key("Seconds without progress after which missing results or unstored claims are an error.")
    ] = 60.0

    def __post_init__(self) -> None:
        """Reject what could only fail later; a struct that is made in Python is not checked by anybody else."""
        for field in fields_of(type(self)):
            value = getattr(self, field.name)
            try:
                msgspec.convert(value, field.type)
            except msgspec.ValidationError as error:
                raise ValueError(f"{field.option}: {error}") from error
            _require(not isinstance(value, float) or math.isfinite(value), f"{field.option} must be finite")
        _require(
            not (self.executor == "ray" and self.message_broker == "memory"),
            "the memory broker does not reach other machines; with executor 'ray' use message-broker 'ray' or 'redis'",
        )
        _require(
            self.address is None or "ray" in (self.executor, self.message_broker),
            "address is the address of a Ray cluster; set executor or message-broker to 'ray', or leave it out",
        )
        redis_only = self.broker_url is None and self.claims_namespace is None
        _require(self.message_broker == "redis" or redis_only, "broker-url and claims-namespace belong to 'redis'")

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


class ConfigModel(msgspec.Struct, frozen=True, kw_only=True):
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
    path: str | os.PathLike[str] | Document | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    also_allowed: Collection[str] = (),
    defaults: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> ConfigModel:
    """Put the configuration together: `overrides` win over the environment, that over the file, then `defaults`.

    ``CELLVIEW_CLUSTER_NUM_CPUS=4`` sets ``num-cpus``, and so on for every key; a table is given as JSON.

    Args:
        path: A TOML file with the table ``[cluster]``, or one that was read already; None: there is none.
        environ: Variables to read; None reads this process's environment.
        also_allowed: Other tables that may stand in the file, for other parts to read.
        defaults: Values by name of the field, which the file and the environment may replace.
        overrides: Values by name of the field, which replace all others, such as options that were typed.

    Raises:
        SettingsError: The file is no TOML; a key, a table or a variable ``CELLVIEW_CLUSTER_…`` is unknown; a value is
            not what it must be.
        SettingsFileError: The file cannot be read.
    """
    environ = os.environ if environ is None else environ
    require_known_variables(environ, {_TABLE: DistributedConfig}, prefix=_PREFIX)
    if not isinstance(path, Document):
        path = Document() if path is None else read_document(Path(path), tables=(_TABLE, *also_allowed))
    document = path
    table = _by_option(defaults) | dict(document.tables.get(_TABLE, {}))
    cluster = merge(
        DistributedConfig,
        table=_TABLE,
        typed=_by_option(overrides),
        environment=environ,
        document=Document(document.source, {_TABLE: table}),
    )
    return ConfigModel(cluster=cluster)


def _by_option(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in (values or {}).items()}


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)
