"""The trace writer actor: writes records in order of iteration, and tells the tree owner how far it has come."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from cellview.actors.actor import Actor
from cellview.actors.ref import Ref
from cellview.actors.roles.messages import Flush, TreeOwnerMessage, Unwritable, WriterMessage, Written
from cellview.trace import Record, TraceOrderError, TraceWriteError, TraceWriter

__all__ = ["ACKNOWLEDGE_EVERY", "TraceWriterActor", "write_again"]

ACKNOWLEDGE_EVERY = 64
"""Records between two acknowledgements; the tree owner keeps what is not acknowledged."""


class TraceWriterActor(Actor[WriterMessage]):
    """Owns nothing but the right to write: `writer` outlives it and knows which record comes next.

    A record that was lost with a crash is sent again by the tree owner, which keeps all that was not acknowledged.
    """

    def __init__(self, writer: TraceWriter, owner: Ref[TreeOwnerMessage]) -> None:
        self._writer = writer
        self._owner = owner
        self._acknowledged = writer.next_iteration

    async def started(self) -> None:
        """After a restart, say what is in the file, so that the rest is sent again."""
        if self.context.incarnation:
            await self._owner.tell(Written(self._writer.next_iteration, restarted=True))

    async def receive(self, message: WriterMessage) -> None:
        """Write a batch, or flush."""
        try:
            await self._serve(message)
        except TraceWriteError as error:
            # A restart would not mend a full disk, and would lose sight of what is missing in the file.
            await self._owner.tell(Unwritable(error))
            if isinstance(message, Flush):
                self.context.reply(self._writer.digest())

    async def _serve(self, message: WriterMessage) -> None:
        writer = self._writer
        if isinstance(message, Flush):
            writer.sync()
            self.context.reply(writer.digest())
            return
        if message.again or message.records[0].iteration != writer.next_iteration:
            write_again(writer, message.records)  # some may be written, or held back: sent again, or delivered twice
        else:
            writer.write_many(message.records)
        if writer.next_iteration - self._acknowledged >= ACKNOWLEDGE_EVERY:
            self._acknowledged = writer.next_iteration
            await self._owner.tell(Written(writer.next_iteration))


def write_again(writer: TraceWriter, records: Sequence[Record]) -> None:
    """Write what is not written yet. In arrival mode a record may also be held back by the writer already."""
    for record in records:
        if record.iteration >= writer.next_iteration:
            with contextlib.suppress(TraceOrderError):
                writer.write(record)
