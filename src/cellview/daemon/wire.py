"""What daemon and worker say to each other: frames of msgpack, each after its length in four bytes, on two pipes."""

from __future__ import annotations

import asyncio
import struct
from typing import BinaryIO, Final, TypeAlias

import msgspec

from cellview.experiment import ModelAccess, Outcome, Point, Setup

__all__ = ["MOST_BYTES", "Answer", "Failed", "Perform", "Performed", "Working", "encode", "read_answer", "read_command"]

MOST_BYTES: Final = 256 * 1024 * 1024
"""Of a frame. A longer one is no frame of ours: something else has written into the pipe."""

_LENGTH: Final = struct.Struct(">I")


class Perform(msgspec.Struct, frozen=True):
    """Run this point; its files go into `folder`, which exists, and are called after `stem`."""

    setup: Setup
    point: Point
    folder: str
    stem: str
    trace: bool
    access: ModelAccess = ModelAccess()


class Working(msgspec.Struct, frozen=True, tag="working"):
    """The search gets on."""

    iteration: int


class Performed(msgspec.Struct, frozen=True, tag="performed"):
    """The point has ended."""

    outcome: Outcome
    seconds: float
    use: dict[str, float] = {}
    """What asking models came to."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The point could not be performed; the worker lives. `disk_full`: there was no room for its files."""

    reason: str
    disk_full: bool = False


Answer: TypeAlias = Working | Performed | Failed


def encode(message: Perform | Answer) -> bytes:
    """Return the frame of a message."""
    body = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(body)) + body


def read_command(pipe: BinaryIO) -> Perform | None:
    """Return the next command, or ``None`` when the daemon has closed the pipe. Blocks."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    return msgspec.msgpack.decode(pipe.read(length), type=Perform)


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
