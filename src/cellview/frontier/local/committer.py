"""The committer: commits results in order of tickets and appends each commit to the journal file."""

from __future__ import annotations

import os
import socket
from itertools import islice
from pathlib import Path

import anyio

from cellview.frontier.errors import JournalError, TicketError
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.journal_file import JournalFile, read_journal
from cellview.frontier.machine.model import Committed

__all__ = ["JOURNAL_NAME", "Committer"]

JOURNAL_NAME = "journal.jsonl"
_BATCH = 256
_IDLE_FIRST_S = 0.001
_IDLE_MOST_S = 0.02


class Committer:
    """The one process that commits. A newer one fences it off and continues from the journal.

    Args:
        frontier: The experiment.
        folder: The run folder; the journal is ``journal.jsonl`` in it.
    """

    def __init__(self, frontier: Frontier, folder: Path) -> None:
        self._frontier = frontier
        self._path = folder / JOURNAL_NAME

    async def run(self) -> int:
        """Commits until the experiment is finished, or drained with nothing leased; returns the length of the journal.

        Raises:
            FencedError: A newer committer took over.
            DeterminismError: Two results of one candidate contradict each other.
            JournalError: The file is damaged, in use, or of another experiment.
        """
        manifest = await self._frontier.attach()
        with JournalFile(self._path, manifest) as file:
            epoch = await self._frontier.open_committer(f"{socket.gethostname()}:{os.getpid()}")
            await self._restore(epoch, file)
            idle_s = _IDLE_FIRST_S
            while True:
                done = await self._frontier.commit(epoch, limit=_BATCH)
                if done.total > file.length:
                    file.append(await self._frontier.journal(file.length, limit=_BATCH))
                    idle_s = _IDLE_FIRST_S
                elif done.total < file.length:
                    await self._restore(epoch, file)  # the server came back older than the file
                elif _is_over(done):
                    return file.length
                else:
                    await anyio.sleep(idle_s)
                    idle_s = min(_IDLE_MOST_S, idle_s * 2)

    async def _restore(self, epoch: str, file: JournalFile) -> None:
        """Gives the frontier the commits that only the file has, window by window, and checks those that both have."""
        stats = await self._frontier.stats()
        known = min(stats.committed, file.length)
        if known:
            await self._require_same(known - 1)
        lines = read_journal(self._path, since=known)
        while batch := [line.entry() for line in islice(lines, 1)]:
            try:
                await self._frontier.offer(epoch, batch)
            except TicketError as error:
                raise JournalError(f"{self._path} is not the journal of this experiment: {error}") from None
            await self._frontier.commit(epoch, limit=1)

    async def _require_same(self, ticket: int) -> None:
        theirs = (await self._frontier.journal(ticket, limit=1))[0]
        ours = next(read_journal(self._path, since=ticket))
        if (theirs.candidate, theirs.completed.digest) != (ours.candidate, ours.digest):
            raise JournalError(
                f"{self._path} and the frontier disagree on ticket {ticket}: the folder belongs to another experiment; "
                "use its own folder, or clear the experiment"
            )


def _is_over(done: Committed) -> bool:
    return done.phase == "finished" or (done.phase == "draining" and done.leased == 0)
