"""Errands of the front: at most a few at once, each in a process of its own, with an end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from contextlib import suppress
from typing import Final

import anyio
import msgspec

from cellview.base.log import get_logger
from cellview.daemon.errands import STATUS_REFUSED, Errand, Refused
from cellview.daemon.http.problems import Refusal

__all__ = ["Aside"]

_AT_ONCE: Final = 2
_WAITING: Final = 16
_KEPT: Final = 32
_DEADLINE_S: Final = 60.0
_MEMORY_BYTES: Final = 4_000_000_000
"""Of address space, of which a process that has loaded everything uses little."""

_log = get_logger(__name__)


class Aside:
    """Has errands done."""

    def __init__(self) -> None:
        self._room = anyio.CapacityLimiter(_AT_ONCE)
        self._known: OrderedDict[tuple[Errand, str], bytes] = OrderedDict()

    async def do(self, errand: Errand, *, mark: str | None = None) -> bytes:
        """Return the answer.

        Args:
            errand: What is to be done.
            mark: A text that is another one when the answer may be; then an answer is kept for the next who asks.

        Raises:
            Refusal: There is none, or none in time, or too many wait already.
        """
        if mark is not None and (known := self._known.get((errand, mark))) is not None:
            return known
        if self._room.statistics().tasks_waiting >= _WAITING:
            raise Refusal(503, "The daemon has its hands full with trees, figures and queries; ask again later.")
        async with self._room:
            answer, status = await self._run(msgspec.json.encode(errand))
        if status == 0:
            if mark is not None:
                self._known[errand, mark] = answer
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return answer
        if status == STATUS_REFUSED:
            refused = msgspec.json.decode(answer, type=Refused)
            raise Refusal(404 if refused.missing else 422, refused.detail)
        _log.warning("errand_failed", errand=type(errand).__name__, status=status)
        raise Refusal(500, "The daemon could not do this; its log says more.")

    async def _run(self, errand: bytes) -> tuple[bytes, int]:
        words = ("-m", "cellview.daemon.errand_worker", str(os.getpid()), str(_MEMORY_BYTES))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdin=PIPE, stdout=PIPE, stderr=None, start_new_session=True
        )
        try:
            answer, _ = await asyncio.wait_for(process.communicate(errand), _DEADLINE_S)
        except TimeoutError:
            raise Refusal(422, f"This took longer than {_DEADLINE_S:g} s and was ended; ask for less.") from None
        finally:
            await _end(process)
        assert process.returncode is not None
        return answer, process.returncode


async def _end(process: Process) -> None:
    if process.returncode is None:
        # Not waited for yet, so the number is its own still, and with it the group's.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with anyio.CancelScope(shield=True):
            await process.wait()
