"""How much is asked of a model server at once, and what that came to."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import msgspec

__all__ = ["ModelGate", "ModelUse"]


class ModelUse(msgspec.Struct):
    """What asking came to. It differs from run to run and from host to host: nothing that is compared may hold it.

    Args:
        requests: Requests sent, further tries included.
        retries: Those of them that were further tries.
        errors: Questions that got no answer.
        cache_hits: Questions answered from the folder of answers.
        prompt_tokens: As the server counts them; 0 if it does not.
        completion_tokens: Likewise.
        waited_s: Seconds between requests and their answers, summed up.
    """

    requests: int = 0
    retries: int = 0
    errors: int = 0
    cache_hits: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    waited_s: float = 0.0

    def add(self, other: ModelUse) -> None:
        """Add another's figures."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def since(self, before: ModelUse) -> dict[str, float]:
        """Return what has been added to `before`, without what is nothing."""
        names = self.__struct_fields__
        added = {name: round(getattr(self, name) - getattr(before, name), 3) for name in names}
        return {name: value for name, value in added.items() if value}


class ModelGate:
    """Lets requests through: at most `concurrency` at a time, and `per_minute` (``None``: any number) in a minute.

    One gate serves all providers of a process that ask the same server.
    """

    def __init__(self, *, concurrency: int = 8, per_minute: float | None = None) -> None:
        self._concurrency = concurrency
        self._interval_s = 60.0 / per_minute if per_minute else 0.0
        self._next_s = 0.0
        self._places: anyio.Semaphore | None = None

    @asynccontextmanager
    async def passing(self) -> AsyncGenerator[None]:
        """Wait for a turn, and hold a place until the end of the block."""
        if self._places is None:  # within the event loop that it belongs to
            self._places = anyio.Semaphore(self._concurrency)
        async with self._places:
            if self._interval_s:
                now = anyio.current_time()
                turn = max(now, self._next_s)
                self._next_s = turn + self._interval_s
                if turn > now:
                    await anyio.sleep(turn - now)
            yield
