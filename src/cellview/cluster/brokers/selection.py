"""Choosing a broker by name."""

from __future__ import annotations

from cellview.cluster.brokers.broker import MessageBroker, QueueLimits
from cellview.cluster.brokers.memory import InMemoryBroker
from cellview.cluster.brokers.sealing import shared_key

__all__ = ["get_message_broker"]


def get_message_broker(
    name: str,
    url: str | None = None,
    *,
    queue: str = "messages",
    namespace: str | None = None,
    limits: QueueLimits | None = None,
    key: bytes | None = None,
) -> MessageBroker:
    """Make the broker called `name`: ``memory``, ``redis`` or ``ray``.

    Args:
        name: Which broker. There is no fallback from one to another.
        url: Redis: ``redis://host:port/db``. Ray: the address of a cluster. Memory: must be None.
        queue: Name of the queue, such as ``claims`` or ``results``; different names never share a message.
        namespace: Redis: separates runs. Left out, it is fresh, so that nothing of an earlier run can be received;
            given, the queue outlives the process, and a later broker of the same namespace continues it.
        limits: Capacity, lease and deliveries of the queue.
        key: Seals every message, and refuses those of others; by default ``CELLVIEW_FRONTIER_KEY``, if it is set.

    Raises:
        ValueError: The name is unknown, or `url` or `namespace` does not belong to this broker.
        ModuleNotFoundError: The extra that this broker needs is not installed; the text names it.
        BrokerError: The server does not answer.
        BrokerKeyError: The key in the environment is too short.
    """
    key = shared_key() if key is None else key
    if name == "memory":
        if url is not None or namespace is not None:
            raise ValueError("the memory broker takes neither a url nor a namespace; leave both out")
        return InMemoryBroker(limits=limits, key=key)
    if name == "redis":
        from cellview.cluster.brokers.redis_broker import RedisBroker  # needs the extra `redis`

        return RedisBroker(url or "redis://127.0.0.1:6379/0", queue=queue, namespace=namespace, limits=limits, key=key)
    if name == "ray":
        if namespace is not None:
            raise ValueError("the ray broker takes no namespace: its queue ends with the process that made it")
        from cellview.cluster.brokers.ray_broker import RayBroker  # needs the extra `ray`

        return RayBroker(address=url, queue=queue, limits=limits, key=key)
    raise ValueError(f"unknown message broker {name!r}; use 'memory', 'redis' or 'ray'")
