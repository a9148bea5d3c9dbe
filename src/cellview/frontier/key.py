"""The key that workers, committers and coordinators share, if they share one."""

from __future__ import annotations

import os

from cellview.base.seal import key_of
from cellview.frontier.errors import FrontierKeyError

__all__ = ["shared_key"]


def shared_key() -> bytes | None:
    """The key in the environment variable ``CELLVIEW_FRONTIER_KEY``, or ``None`` when there is none.

    Raises:
        FrontierKeyError: It is too short to keep anybody out.
    """
    try:
        return key_of(os.environ)
    except ValueError as error:
        raise FrontierKeyError(str(error)) from None
