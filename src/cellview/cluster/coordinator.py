"""The storage coordinator: the one process that writes claims to DuckDB."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cellview.cluster.background import BackgroundProcess, Report
from cellview.cluster.broker import Consumer, Delivery, MessageBroker
from cellview.cluster.config import ConfigModel
from cellview.cluster.errors import BrokerClosedError
from cellview.cluster.messages import PersistClaim, Stop
from cellview.cluster.selection import get_message_broker

if TYPE_CHECKING:  # DuckDB is loaded in the coordinator's own process only
    from cellview.cluster.storage import ClaimStore

__all__ = ["StorageCoordinator", "StorageTotals", "start_storage_coordinator"]

_BATCH = 1000
_POLL_S = 0.5


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


class StorageCoordinator:
    """Stores every claim that is published on `broker` in the database at `path`, each claim id once.

    A claim is acknowledged after the transaction that holds it, so ``broker.empty()`` means that all are stored.
    A coordinator that is killed is started again and goes on where it was.
    """

    def __init__(self, broker: MessageBroker, path: str | os.PathLike[str], *, max_restarts: int = 10) -> None:
        """Keep what to consume and where to store; `start` starts it."""
        self.broker = broker
        self.path = Path(path)
        self.totals = StorageTotals()
        self._process = BackgroundProcess(
            "storage coordinator",
            _run,
            (broker, str(self.path)),
            on_frame=self._on_frame,
            on_failed=broker.shutdown,  # so that no producer waits for room that nobody will make
            max_restarts=max_restarts,
        )

    @property
    def pid(self) -> int | None:
        """Process id of the present incarnation."""
        return self._process.pid

    @property
    def restarts(self) -> int:
        """How often it died and was started again."""
        return self._process.restarts

    def start(self, *, ready_deadline_s: float = 60.0) -> None:
        """Start the process and wait until the database is open.

        Raises:
            BackgroundProcessError: It failed, with its reason, or was not ready in time.
        """
        self._process.start(ready_deadline_s=ready_deadline_s)

    def check(self) -> None:
        """Raise `BackgroundProcessError` if it died too often and was given up."""
        self._process.check()

    def stop(self, *, deadline_s: float = 60.0) -> None:
        """Store everything published before this call, close the database, and end the process.

        Raises:
            BackgroundProcessError: It did not end in time, or had been given up.
        """
        self.check()
        self.broker.publish(Stop(consumer="storage"), deadline_s=deadline_s)
        self._process.join(deadline_s=deadline_s)

    def kill(self) -> None:
        """End the process at once; what it had not acknowledged stays in the queue."""
        self._process.kill()

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
        cluster.broker, cluster.broker_url_or_address, queue="claims", namespace=cluster.claims_namespace,
        limits=cluster.limits,
    )  # fmt: skip
    try:
        coordinator = StorageCoordinator(broker, cluster.claims_path)
        coordinator.start(ready_deadline_s=ready_deadline_s or cluster.ready_deadline_s)
    except BaseException:
        broker.shutdown()
        raise
    return coordinator, broker


def _run(ready: Callable[[], None], report: Report, broker: MessageBroker, path: str) -> None:
    """The coordinator's process: open, say so, and store batches until the stop."""
    from cellview.cluster import storage

    store = storage.setup(path)
    try:
        consumer = broker.consumer("storage")
        ready()
        while _store_batch(consumer, store, report):
            pass
    except BrokerClosedError:
        pass  # the owner of the queue is gone, and the queue with it
    finally:
        storage.teardown(store)
        broker.shutdown()


def _store_batch(consumer: Consumer, store: ClaimStore, report: Report) -> bool:
    """Receive, store, acknowledge; say whether to go on."""
    claims: list[tuple[Delivery, PersistClaim]] = []
    stop: Delivery | None = None
    strays = 0
    for delivery in consumer.receive(_BATCH, timeout_s=_POLL_S):
        message = delivery.message
        if isinstance(message, PersistClaim):
            claims.append((delivery, message))
        elif isinstance(message, Stop) and message.consumer == "storage":
            stop = delivery
            break  # what stands behind the stop is not ours: it goes back when we detach
        else:
            strays += 1
            consumer.set_aside(delivery, "this queue is for claims; results have a queue of their own")
    counts = store.persist([message for _, message in claims])
    rejected = dict(counts.rejected)
    for position, reason in rejected.items():
        consumer.set_aside(claims[position][0], reason)
    consumer.ack([delivery for position, (delivery, _) in enumerate(claims) if position not in rejected])
    totals = StorageTotals(
        inserted=counts.inserted,
        duplicates=counts.duplicates,
        conflicts=counts.conflicts,
        updated=counts.updated,
        set_aside=len(rejected) + strays,
    )
    if totals != StorageTotals():
        report(msgspec.msgpack.encode(totals))
    if stop is None:
        return True
    consumer.ack([stop])
    consumer.close()
    return False
