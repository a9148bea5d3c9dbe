"""The smoke test of a compiled tactic server: one conversation that uses everything the server names inside Lean.

What is compared is the whole answer, with ids numbered in order of appearance and heartbeats reduced to whether there
were any. The statements use little more than core logic, so that the prelude can grow without changing an answer.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anyio
import msgspec

from cellview.prover.lean.server.process import Answer, ServerProcess
from cellview.prover.lean.transport import Lost

__all__ = ["comparable", "conversation", "smoke_problem"]

_ANSWER_SECONDS = 60.0
_LONGEST = 400
_ID = re.compile(r"_uniq(?:\.\d+)+|\._@[^\s\"]*")


class _Exchange(msgspec.Struct, frozen=True):
    """A request, and what it must be answered."""

    ask: dict[str, Any]
    answer: dict[str, Any]


def conversation() -> list[_Exchange]:
    """Return the whole conversation, from the file beside this one."""
    lines = Path(__file__).with_name("smoke.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=_Exchange) for line in lines]


def comparable(answer: Answer) -> dict[str, Any]:
    """Return an answer such that equal answers of different processes are equal."""
    shortened = msgspec.structs.replace(answer, heartbeats=int(answer.heartbeats > 0))
    numbers: dict[str, str] = {}
    text = msgspec.json.encode(shortened).decode()
    numbered = _ID.sub(lambda match: numbers.setdefault(match[0], f"_uniq.{len(numbers)}"), text)
    return msgspec.json.decode(numbered, type=dict[str, Any])


async def smoke_problem(server: ServerProcess) -> str:
    """Have the conversation with a new server; return what is wrong with it, or nothing."""
    for exchange in conversation():
        said: object
        try:
            with anyio.fail_after(_ANSWER_SECONDS):
                said = comparable(await server.ask(exchange.ask))
        except TimeoutError:
            said = "nothing"
        except Lost as error:
            said = str(error)
        if said != exchange.answer:
            return f"asked {exchange.ask}, the tactic server says {_short(said)} and not {_short(exchange.answer)}"
    return ""


def _short(said: object) -> str:
    text = str(said)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
