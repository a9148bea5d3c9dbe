"""The key that workers, committers and coordinators share, if they share one."""

from __future__ import annotations

import os

from cellview.frontier.errors import FrontierKeyError

__all__ = ["KEY_VARIABLE", "shared_key"]

KEY_VARIABLE = "CELLVIEW_FRONTIER_KEY"
_LEAST_BYTES = 16


def shared_key() -> bytes | None:
    """The key in the environment variable ``CELLVIEW_FRONTIER_KEY``, or ``None`` when there is none.

    Raises:
        FrontierKeyError: It is too short to keep anybody out.
    """
    text = os.environ.get(KEY_VARIABLE)
    if text is None:
        return None
    if len(text.encode()) < _LEAST_BYTES:
        raise FrontierKeyError(
            f"{KEY_VARIABLE} has {len(text.encode())} bytes: give at least {_LEAST_BYTES} that nobody can guess, such "
            'as the output of: python -c "import secrets; print(secrets.token_hex(32))"; or unset it'
        )
    return text.encode()
