"""What daemon and worker say to each other: frames of msgpack, each after its length in four bytes, on two pipes."""

from __future__ import annotations

import asyncio
import struct
from typing import BinaryIO, Final, TypeAlias

import msgspec

from cellview.cluster import ConfigModel
from cellview.daemon.records import Executor
from cellview.experiment import ModelAccess, Outcome, Point, Setup
from cellview.trace import SearchEntry, Versions

__all__ = [
    "MOST_BYTES",
    "Answer",
    "Command",
    "Drive",
    "Driven",
    "Entered",
    "Failed",
    "Perform",
    "Performed",
    "Working",
    "encode",
    "read_answer",
    "read_command",
]

MOST_BYTES: Final = 256 * 1024 * 1024
"""Of a frame. A longer one is no frame of ours: something else has written into the pipe."""

_LENGTH: Final = struct.Struct(">I")


class Perform(msgspec.Struct, frozen=True, tag="perform"):
    """Run this point; its files go into `folder`, which exists, and are called after `stem`."""

    setup: Setup
    point: Point
    folder: str
    stem: str
    trace: bool
    access: ModelAccess = ModelAccess()


class Drive(msgspec.Struct, frozen=True, kw_only=True, tag="drive"):
    """Have another driver run what is missing of the experiment in `folder`, which nobody holds.

    It comes by pipe, and not by the command line, since it may hold passwords.
    """

    folder: str
    executor: Executor
    versions: Versions
    access: ModelAccess
    frontier: str
    workers: int
    window: int
    cluster: ConfigModel


Command: TypeAlias = Perform | Drive


class Working(msgspec.Struct, frozen=True, tag="working"):
    """The search gets on."""

    iteration: int


class Performed(msgspec.Struct, frozen=True, tag="performed"):
    """The point has ended."""

    outcome: Outcome
    seconds: float
    use: dict[str, float] = {}
    """What asking models came to."""


class Entered(msgspec.Struct, frozen=True, tag="entered"):
    """The driver has brought this point's result, which stands in the folder."""

    entry: SearchEntry


class Driven(msgspec.Struct, frozen=True, tag="driven"):
    """The driver has come to its end, and whether the experiment has."""

    finished: bool


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The point, or the driver, came to nothing; the worker lives.

    `disk_full`: there was no room for its files. `final`: trying again would come to the same.
    """

    reason: str
    disk_full: bool = False
    final: bool = False


Answer: TypeAlias = Working | Performed | Entered | Driven | Failed


def encode(message: Command | Answer) -> bytes:
    """Return the frame of a message."""
    body = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(body)) + body


def read_command(pipe: BinaryIO) -> Command | None:
    """Return the next command, or ``None`` when the daemon has closed the pipe. Blocks."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    command: Command = msgspec.msgpack.decode(pipe.read(length), type=Command)
    return command


async def read_answer(pipe: asyncio.StreamReader) -> Answer:
    """Return the next answer.

    Raises:
        asyncio.IncompleteReadError: The worker has died.
        ValueError: What came is no frame of ours.
    """
    (length,) = _LENGTH.unpack(await pipe.readexactly(_LENGTH.size))
    if length > MOST_BYTES:
        raise ValueError(f"a frame of {length} bytes")
    answer: Answer = msgspec.msgpack.decode(await pipe.readexactly(length), type=Answer)
    return answer
