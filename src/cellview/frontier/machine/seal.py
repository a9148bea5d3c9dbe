"""Authentication codes: what says that something was written by a holder of the key, and not altered since."""

from __future__ import annotations

import hashlib
import hmac

__all__ = ["SEAL_BYTES", "seal_of"]

SEAL_BYTES = 32


def seal_of(key: bytes, purpose: str, *parts: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) over a purpose and any number of parts.

    Each part is preceded by its length, so that nothing can move from one part to its neighbour; the purpose keeps what
    was sealed as one thing from being passed off as another.
    """
    code = hmac.new(key, digestmod=hashlib.sha256)
    for part in (f"cellview.frontier {purpose}".encode(), *parts):
        code.update(len(part).to_bytes(8, "big"))
        code.update(part)
    return code.digest()
