"""Server-sent events, read: the body of a stream as messages (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable

import msgspec

__all__ = ["Message", "messages_of"]


class Message(msgspec.Struct, frozen=True):
    """One message: its number if it has one, what it is called, and its data."""

    id: int | None
    event: str
    data: bytes


async def messages_of(body: AsyncIterable[bytes]) -> AsyncGenerator[Message]:
    """Yield the whole messages of a stream; one that is cut off at the end is dropped, as browsers do.

    Lines end with a line feed and nothing else: texts of Lean may hold characters at which `str.splitlines` would part.
    """
    number: int | None = None
    event, data, rest = "message", list[bytes](), b""
    async for part in body:
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if not line:
                if data:
                    yield Message(number, event, b"\n".join(data))
                number, event, data = None, "message", []
                continue
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                event = value.decode()
            elif field == b"id" and value.isdigit():
                number = int(value)
