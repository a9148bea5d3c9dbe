"""The storage coordinator: the one process that writes claims to DuckDB."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cellview.base.log import get_logger
from cellview.cluster.brokers.broker import Consumer, Delivery, MessageBroker
from cellview.cluster.brokers.selection import get_message_broker
from cellview.cluster.claims.background import BackgroundProcess, Report
from cellview.cluster.claims.consumer import QueueConsumer, drain
from cellview.cluster.config import ConfigModel
from cellview.cluster.errors import AggregationError
from cellview.cluster.messages import PersistClaim

if TYPE_CHECKING:  # DuckDB is loaded in the coordinator's own process only
    from cellview.cluster.claims.storage import ClaimStore

__all__ = ["StorageCoordinator", "StorageTotals", "start_storage_coordinator"]

_log = get_logger(__name__)

_BATCH = 1000


class StorageTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What the coordinator did since it was started, over all its restarts."""

    inserted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    updated: int = 0
    set_aside: int = 0

    def plus(self, other: StorageTotals) -> StorageTotals:
        """The sum, field by field."""
        mine, others = msgspec.to_builtins(self), msgspec.to_builtins(other)
        return StorageTotals(**{name: mine[name] + others[name] for name in mine})


class StorageCoordinator(QueueConsumer):
    """Stores every claim that is published on `broker` in the database at `path`, each claim id once.

    A claim is acknowledged after the transaction that holds it, so ``broker.empty()`` means that all are stored.
    """

    role = "storage"

    def __init__(self, broker: MessageBroker, path: str | os.PathLike[str], *, max_restarts: int = 10) -> None:
        """Keep what to consume and where to store; `start` starts it."""
        self.path = Path(path)
        self.totals = StorageTotals()
        process = BackgroundProcess(
            "storage coordinator",
            _run,
            (broker, str(self.path)),
            on_frame=self._on_frame,
            on_failed=broker.shutdown,  # so that no producer waits for room that nobody will make
            max_restarts=max_restarts,
        )
        super().__init__(broker, process)

    def wait_until_stored(self, *, patience_s: float) -> None:
        """Wait until every claim that was published is stored; log what was stored otherwise than it was published.

        Raises:
            AggregationError: None was stored for `patience_s` seconds, and some are left.
            BackgroundProcessError: It was given up.
        """
        last, since_s = -1, time.monotonic()
        while not self.broker.wait_empty(deadline_s=1.0):
            self.check()
            depth = self.broker.depth()
            if depth != last:
                last, since_s = depth, time.monotonic()
            elif time.monotonic() - since_s > patience_s:
                raise AggregationError(f"{depth} claims were not stored and none was for {patience_s:g} s")
        self.check()
        if self.totals.conflicts:
            _log.error("claims_conflict", conflicts=self.totals.conflicts, table="claim_conflicts")
        if aside := self.broker.counts().set_aside:
            _log.error("claims_set_aside", messages=aside)

    def _on_frame(self, frame: bytes) -> None:
        self.totals = self.totals.plus(msgspec.msgpack.decode(frame, type=StorageTotals))


def start_storage_coordinator(
    config: ConfigModel, *, ready_deadline_s: float | None = None
) -> tuple[StorageCoordinator, MessageBroker]:
    """Make the claims queue that `config` asks for, and start the coordinator that drains it.

    Raises:
        BackgroundProcessError: It failed or was not ready in time; nothing is left running.
        ModuleNotFoundError: An extra is missing; the text names it.
    """
    cluster = config.distributed_config
    broker = get_message_broker(
        cluster.broker,
        cluster.broker_url_or_address,
        queue="claims",
        namespace=cluster.claims_namespace,
        limits=cluster.limits,
    )
    try:
        coordinator = StorageCoordinator(broker, cluster.claims_path)
        coordinator.start(ready_deadline_s=ready_deadline_s or cluster.ready_deadline_s)
    except BaseException:
        broker.shutdown()
        raise
    return coordinator, broker


def _run(ready: Callable[[], None], report: Report, broker: MessageBroker, path: str) -> None:
    """The coordinator's process: open, say so, and store batches until the stop."""
    from cellview.cluster.claims import storage

    store = storage.setup(path)
    try:
        drain(broker, "storage", PersistClaim, partial(_store_batch, store, report), ready=ready, batch=_BATCH)
    finally:
        storage.teardown(store)


def _store_batch(
    store: ClaimStore, report: Report, consumer: Consumer, deliveries: list[Delivery], strays: int
) -> None:
    """Store, then acknowledge."""
    claims = [delivery.message for delivery in deliveries if isinstance(delivery.message, PersistClaim)]
    counts = store.persist(claims)
    rejected = dict(counts.rejected)
    for position, reason in rejected.items():
        consumer.set_aside(deliveries[position], reason)
    consumer.ack([delivery for position, delivery in enumerate(deliveries) if position not in rejected])
    totals = StorageTotals(
        inserted=counts.inserted,
        duplicates=counts.duplicates,
        conflicts=counts.conflicts,
        updated=counts.updated,
        set_aside=len(rejected) + strays,
    )
    if totals != StorageTotals():
        report(msgspec.msgpack.encode(totals))
