"""Seals on messages: whoever reaches a queue's server cannot make the coordinator store a claim without the key."""

from __future__ import annotations

import hmac
import os

from cellview.base.seal import KEY_VARIABLE, SEAL_BYTES, key_of, seal_of
from cellview.cluster.errors import BrokerKeyError, MessageError

__all__ = ["Sealer", "shared_key"]

_MARK = b"sealed:"
"""What a sealed message begins with; no JSON does."""


def shared_key() -> bytes | None:
    """The key in the environment variable ``CELLVIEW_FRONTIER_KEY``, or None when there is none.

    Raises:
        BrokerKeyError: It is too short to keep anybody out.
    """
    try:
        return key_of(os.environ)
    except ValueError as error:
        raise BrokerKeyError(str(error)) from None


class Sealer:
    """Seals the messages of one queue and checks them; without a key it does neither.

    Args:
        key: What all that use the queue share, and its server does not know.
        queue: The queue's name, which goes into the seal: a message of one queue is none of another.
    """

    def __init__(self, key: bytes | None, queue: str) -> None:
        """Keep both."""
        self._key = key
        self._queue = queue.encode()

    def close(self, payload: bytes) -> bytes:
        """The message as it goes to the queue."""
        return payload if self._key is None else _MARK + self._seal(self._key, payload) + payload

    def open(self, sealed: bytes) -> bytes:
        """The message that came from the queue.

        Raises:
            MessageError: It has no seal, or a wrong one, or one that cannot be checked for want of the key.
        """
        if self._key is None:
            if sealed.startswith(_MARK):
                raise MessageError(f"the message is sealed: set {KEY_VARIABLE} to the key of who published it")
            return sealed
        start = len(_MARK) + SEAL_BYTES
        payload = sealed[start:]
        if not sealed.startswith(_MARK) or not hmac.compare_digest(
            sealed[len(_MARK) : start], self._seal(self._key, payload)
        ):
            raise MessageError(
                f"the message was not published by a holder of {KEY_VARIABLE}: somebody else can write to the queue, "
                "or uses another key"
            )
        return payload

    def _seal(self, key: bytes, payload: bytes) -> bytes:
        return seal_of(key, "cluster message", self._queue, payload)
