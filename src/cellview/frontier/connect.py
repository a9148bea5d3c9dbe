"""From a URL to a frontier."""

from __future__ import annotations

from cellview.frontier.errors import FrontierUrlError
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.memory import MemoryFrontier
from cellview.frontier.local.socket import LocalFrontier
from cellview.frontier.redis.link import redacted

__all__ = ["connect"]


def connect(url: str, experiment: str, *, reconnect_s: float = 30.0, patient: bool = False) -> Frontier:
    """The frontier of `experiment` at a URL.

    ``memory:`` (this process), ``local:/path`` (a coordinator of this machine), ``redis://``, ``rediss://`` (TLS) or
    ``unix:///path`` (a Redis server on a socket).

    Args:
        url: Where it is.
        experiment: Its name.
        reconnect_s: How long operations wait for a Redis server that went, in seconds.
        patient: Wait as long for the first answer too.

    Raises:
        FrontierUrlError: The URL is none of these.
        ModuleNotFoundError: A Redis URL without the package redis.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "memory":
        return MemoryFrontier(experiment)
    if scheme == "local":
        return LocalFrontier(rest, experiment)
    if scheme in ("redis", "rediss", "unix"):
        from cellview.frontier.redis.frontier import RedisFrontier

        return RedisFrontier(url, experiment, reconnect_s=reconnect_s, patient=patient)
    raise FrontierUrlError(
        f"{redacted(url)!r} is not a frontier: write memory:, redis://host:6379/0, rediss://… for TLS, or "
        "unix:///path/to/socket"
    )
