"""The janitor: what may go goes, and a disk that is nearly full holds the queue until there is room again.

Nothing that is pinned or has not ended is ever touched. What is removed is removed by the dispatcher, as if somebody
had asked for it, with the reason in the event.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, get_args

import msgspec

from cellview.actors import Actor, Ref
from cellview.base.scratch import remove_orphans
from cellview.daemon.database import Database
from cellview.daemon.disk import FreeBytes, bytes_of, free_bytes
from cellview.daemon.errors import ConflictError, DiskFullError, NoSuchExperimentError
from cellview.daemon.messages import Delete, DispatcherMessage, Hold
from cellview.daemon.processes import end_orphans
from cellview.daemon.records import ExperimentStatus
from cellview.daemon.states import TERMINAL, ExperimentState

__all__ = ["Janitor", "LookAround", "Upkeep"]

_DEADLINE_S: Final = 600.0
_SLACK: Final = 1.1
"""A queue that was held for want of room goes on at so much more than was wanted, so that it does not flutter."""


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What may stay, and how much room there must be.

    Args:
        quota_bytes: What all run folders may take; above it, the experiments that ended first go. ``None``: no limit.
        retain_s: What ended longer ago goes, and so do the events of what is gone. ``None``: it stays.
        reserve_bytes: With less room than this on the disk, nothing is begun.
        check_s: Between two looks.
    """

    quota_bytes: int | None = None
    retain_s: float | None = None
    reserve_bytes: int = 1_000_000_000
    check_s: float = 30.0


class LookAround(msgspec.Struct, frozen=True):
    """To the janitor, from its own clock: see what is to be done."""


class Janitor(Actor[LookAround]):
    """Looks around at its start, and every `check_s` seconds.

    Args:
        database: The store.
        dispatcher: Removes experiments, and holds the queue.
        runs: The folder of run folders.
        upkeep: What may stay.
        free: How much room there is.
    """

    def __init__(
        self,
        database: Database,
        dispatcher: Ref[DispatcherMessage],
        runs: Path,
        upkeep: Upkeep,
        *,
        free: FreeBytes = free_bytes,
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._runs = runs
        self._upkeep = upkeep
        self._free = free
        self._sizes: dict[int, int] = {}
        """Of the folders of experiments that have ended, which do not change."""
        self._held = False

    async def started(self) -> None:
        """Clear away what killed processes have left, themselves and in all run folders, then look around."""
        await asyncio.to_thread(end_orphans)
        await asyncio.to_thread(_clear, [self._runs, *self._runs.glob("*"), *self._runs.glob("*/*")])
        await self.context.self.tell(LookAround())

    async def receive(self, message: LookAround) -> None:
        """Look around; what goes wrong with a file is written down, and tried again the next time."""
        try:
            await self._look_around()
        except OSError as error:
            self.context.log.warning("janitor_hindered", error=str(error))
        except DiskFullError:
            await self._dispatcher.tell(Hold("The disk of the data folder is full."))
        self.context.call_later(self._upkeep.check_s, message)

    async def _look_around(self) -> None:
        active = await self._all(terminal=False)
        folders = [self._runs / one.folder for one in active]
        inside = [path for folder in folders for path in (folder, *folder.glob("*"))]
        await asyncio.to_thread(_clear, [Path(tempfile.gettempdir()), self._runs, *inside])
        await self._retire()
        too_large = await self._keep_quota(active)
        await self._database.do(lambda store: store.checkpoint())
        await self._dispatcher.tell(Hold(too_large or self._shortage()))

    async def _all(self, *, terminal: bool) -> tuple[ExperimentStatus, ...]:
        states: list[ExperimentState] = [
            state for state in get_args(ExperimentState) if (state in TERMINAL) == terminal
        ]
        page = await self._database.do(lambda store: store.experiments(states=states, limit=1_000_000))
        return page.experiments

    async def _retire(self) -> None:
        """Remove what ended too long ago."""
        retain_s = self._upkeep.retain_s
        if retain_s is None:
            return
        for one in await self._database.do(lambda store: store.removable(older_than_s=retain_s)):
            await self._remove(one, f"It ended more than {retain_s / 86400:g} days ago.")
        await self._database.do(lambda store: store.forget_events(older_than_s=retain_s))

    async def _keep_quota(self, active: Sequence[ExperimentStatus]) -> str | None:
        """Remove what ended first until the rest is within the quota; say so if that is not possible."""
        quota = self._upkeep.quota_bytes
        if quota is None:
            return None
        ended = await self._all(terminal=True)
        self._sizes = {one.id: self._sizes[one.id] if one.id in self._sizes else await self._size(one) for one in ended}
        total = sum(self._sizes.values())
        for one in active:
            total += await self._size(one)
        for one in await self._database.do(lambda store: store.removable()):
            if total <= quota:
                break
            if await self._remove(one, f"The runs took more than the quota of {quota / 1e9:g} GB."):
                total -= self._sizes.pop(one.id)
        if total <= quota:
            return None
        return (
            f"The runs take {total / 1e9:.1f} GB, which is more than the quota of {quota / 1e9:g} GB, and what is left "
            "is pinned or has not ended: unpin, cancel or remove something, or raise the quota."
        )

    async def _size(self, one: ExperimentStatus) -> int:
        return await asyncio.to_thread(bytes_of, self._runs / one.folder)

    async def _remove(self, one: ExperimentStatus, why: str) -> bool:
        try:
            await self._dispatcher.ask(Delete(one.id, why), deadline_s=_DEADLINE_S)
        except (ConflictError, NoSuchExperimentError):  # pinned, removed or being closed since it was looked at
            return False
        return True

    def _shortage(self) -> str | None:
        """Say whether there is too little room."""
        free, wanted = self._free(self._runs), self._upkeep.reserve_bytes
        self._held = free < (wanted * _SLACK if self._held else wanted)
        if not self._held:
            return None
        return (
            f"The disk of the data folder has less than {wanted / 1e9:g} GB left: make room, and the queue goes on by "
            "itself."
        )


def _clear(places: Sequence[Path]) -> None:
    for place in places:
        if place.is_dir() and not place.is_symlink():
            remove_orphans(place)
