"""Authentication codes: what says that something was written by a holder of the shared key, and not altered since."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

__all__ = ["KEY_VARIABLE", "SEAL_BYTES", "key_of", "seal_of"]

KEY_VARIABLE = "CELLVIEW_FRONTIER_KEY"
"""The variable that holds the key of an installation: of its frontiers, and of the queues of its clusters."""

SEAL_BYTES = 32

_LEAST_BYTES = 16


def key_of(environ: Mapping[str, str]) -> bytes | None:
    """The key in `environ`, or ``None`` when there is none.

    Raises:
        ValueError: It is too short to keep anybody out. The text never repeats it.
    """
    text = environ.get(KEY_VARIABLE)
    if text is None:
        return None
    if len(text.encode()) < _LEAST_BYTES:
        raise ValueError(
            f"{KEY_VARIABLE} has {len(text.encode())} bytes: give at least {_LEAST_BYTES} that nobody can guess, such "
            'as the output of: python -c "import secrets; print(secrets.token_hex(32))"; or unset it'
        )
    return text.encode()


def seal_of(key: bytes, purpose: str, *parts: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) over a purpose and any number of parts.

    Each part is preceded by its length, so that nothing can move from one part to its neighbour; the purpose keeps what
    was sealed as one thing from being passed off as another.
    """
    code = hmac.new(key, digestmod=hashlib.sha256)
    for part in (f"cellview.{purpose}".encode(), *parts):
        code.update(len(part).to_bytes(8, "big"))
        code.update(part)
    return code.digest()
