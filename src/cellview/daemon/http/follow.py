"""A search as it goes on: the lines of its trace, from any iteration on, until it has ended.

The file is the queue: each reader is at a place of its own in it, so nothing is held for one that is slow, and whoever
comes back goes on at a number. Readers at the same place share what was read and framed for the first of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import AsyncGenerator
from pathlib import PurePosixPath
from typing import BinaryIO, Final, Literal, TypeAlias

import anyio
import anyio.to_thread
import msgspec

from cellview.daemon.errors import NoFileError, NoSuchExperimentError
from cellview.daemon.http.streaming import HEARTBEAT_S, Streams
from cellview.daemon.records import ExperimentStatus, SearchStatus
from cellview.daemon.run_files import RunFiles
from cellview.daemon.service import Daemon
from cellview.daemon.states import TERMINAL
from cellview.daemon.trace_file import frames_of, read_chunk, seek_iteration

__all__ = ["Form", "Range", "Tail", "Tails", "follow", "once"]

Form: TypeAlias = Literal["lines", "events"]
"""Raw lines, or each as a server-sent event."""

_LOOK_S: Final = 0.05
"""So long is it believed that a trace has not grown."""

_STATE_S: Final = 0.5
"""So long is the answer to whether a search has ended believed."""

_FULL: Final = 64 * 1024
"""Bytes of a piece after which the next one is due at once."""

_PIECES: Final = 8
_TAILS: Final = 256


class Range(msgspec.Struct, frozen=True):
    """Which iterations: from the first on, up to the last if there is one, and at most so many lines."""

    first: int = 0
    last: int | None = None
    limit: int | None = None


class Piece(msgspec.Struct, frozen=True):
    """Lines of a trace, each ready to be sent, with their iterations; `end` is where the file goes on."""

    lines: tuple[bytes, ...]
    iterations: tuple[int, ...]
    end: int


class Tail:
    """One search's trace, as all its readers see it. Made by :class:`Tails`."""

    def __init__(self, daemon: Daemon, files: RunFiles, experiment: ExperimentStatus, search: SearchStatus) -> None:
        self._daemon = daemon
        self._files = files
        self._experiment = experiment
        self._search = search
        self._path: PurePosixPath | None = None
        self._looking = anyio.Lock()
        self._pieces: OrderedDict[tuple[Form, int], Piece] = OrderedDict()
        self._end: tuple[int, float] = (-1, 0.0)
        self._state: tuple[SearchStatus | None, float] | None = None

    async def ended(self) -> SearchStatus | None:
        """Return what became of the search, or ``None`` while its trace may still grow."""
        async with self._looking:
            now = anyio.current_time()
            if self._state is None or now - self._state[1] >= _STATE_S:
                self._state = (await self._ask(), now)
            return self._state[0]

    async def _ask(self) -> SearchStatus | None:
        experiment, number = self._experiment.id, self._search.number
        try:
            state, search = await self._daemon.database.do(
                lambda store: (store.experiment(experiment).state, store.search(experiment, number))
            )
        except NoSuchExperimentError:  # it was deleted
            return self._search
        return search if search.stop_reason is not None or state in TERMINAL else None

    async def seek(self, iteration: int) -> int:
        """Return where in the file an iteration begins.

        Raises:
            NoFileError: There is no trace yet.
            DamagedError: A line is no record.
        """
        return await anyio.to_thread.run_sync(self._seek, iteration)

    async def piece(self, form: Form, offset: int) -> Piece | None:
        """Return lines from an offset on; ``None``: there are none yet.

        Raises:
            NoFileError: There is no trace any more.
            DamagedError: A line is no record.
        """
        async with self._looking:
            known = self._pieces.get((form, offset))
            if known is not None:
                return known
            end, looked = self._end
            if offset == end and anyio.current_time() - looked < _LOOK_S:
                return None
            piece = await anyio.to_thread.run_sync(self._read, form, offset)
            if not piece.lines:
                self._end = (offset, anyio.current_time())
                return None
            self._pieces[form, offset] = piece
            while len(self._pieces) > _PIECES:
                self._pieces.popitem(last=False)
            return piece

    def _seek(self, iteration: int) -> int:
        with self._open() as file:
            return seek_iteration(file, iteration)

    def _read(self, form: Form, offset: int) -> Piece:
        with self._open() as file:
            chunk = read_chunk(file, offset)
        frames = frames_of(chunk)
        lines = chunk.lines if form == "lines" else tuple(_event(f.line, f.iteration, f.marker) for f in frames)
        return Piece(lines, tuple(frame.iteration for frame in frames), chunk.end)

    def _open(self) -> BinaryIO:
        if self._path is None:
            self._path = self._files.path_of(self._experiment, self._search, "trace")
        return self._files.open(self._experiment, self._path)


def _event(line: bytes, iteration: int, marker: bool) -> bytes:
    # A marker has no number of its own: whoever comes back after it would miss the record of its iteration.
    if marker:
        return b"event: abort\ndata: " + line + b"\n"
    return b"id: %d\nevent: iteration\ndata: %s\n" % (iteration, line)


class Tails:
    """The traces that somebody reads, so that readers of one share it.

    Args:
        daemon: Asked whether a search has ended.
        files: Where the traces are.
    """

    def __init__(self, daemon: Daemon, files: RunFiles) -> None:
        self._daemon = daemon
        self._files = files
        self._tails: OrderedDict[tuple[int, int], Tail] = OrderedDict()

    def of(self, experiment: ExperimentStatus, search: SearchStatus) -> Tail:
        """Return the trace of a search."""
        key = (experiment.id, search.number)
        tail = self._tails.get(key)
        if tail is None:
            tail = self._tails[key] = Tail(self._daemon, self._files, experiment, search)
            while len(self._tails) > _TAILS:
                self._tails.popitem(last=False)
        return tail


async def once(tail: Tail, wanted: Range) -> AsyncGenerator[bytes]:
    """Yield the lines that are there."""
    async for data in _walk(tail, wanted, "lines"):
        if data is None:
            return
        yield data


async def follow(tail: Tail, wanted: Range, form: Form, streams: Streams) -> AsyncGenerator[bytes]:
    """Yield lines as they come until the search has ended; events say so at last, and have heartbeats.

    It also ends when the daemon stops, without a word: whoever listens comes back to the next one.
    """
    said = anyio.current_time()
    ended: SearchStatus | None = None
    async for data in _walk(tail, wanted, form):
        if streams.closing.is_set():
            return
        if data is not None:
            said, ended = anyio.current_time(), None
            yield data
            if len(data) >= _FULL:
                continue  # there is more
        elif ended is not None:  # looked at once more after it had ended, and nothing had come
            if form == "events":
                yield b"event: end\ndata: %s\n\n" % msgspec.json.encode(ended)
            return
        else:
            ended = await tail.ended()
        if form == "events" and anyio.current_time() - said >= HEARTBEAT_S:
            said = anyio.current_time()
            yield b":\n\n"
        await anyio.sleep(streams.tick_s)


async def _walk(tail: Tail, wanted: Range, form: Form) -> AsyncGenerator[bytes | None]:
    """Yield what is wanted in pieces, and ``None`` whenever there is nothing more yet."""
    offset: int | None = None
    left = wanted.limit
    while left is None or left > 0:
        try:
            if offset is None:
                offset = await tail.seek(wanted.first)
            piece = await tail.piece(form, offset)
        except NoFileError:
            piece = None
        if piece is None:
            yield None
            continue
        offset = piece.end
        first = bisect_left(piece.iterations, wanted.first)
        after = len(piece.lines) if wanted.last is None else bisect_right(piece.iterations, wanted.last)
        lines = piece.lines[first:after][:left]
        if lines:
            yield b"".join(lines)
        left = None if left is None else left - len(lines)
        if after < len(piece.lines):
            return
