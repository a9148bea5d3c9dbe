"""Whatever Lean's processes say, the adapter answers with a result or with `Lost`: both transports, byte by byte.

No Lean runs here. The other end of the pipes is a fake that says what Hypothesis draws: noise, good answers that were
damaged, and well-formed messages with the wrong things in them.
"""

from __future__ import annotations

import json
import os
from typing import Any, cast

import anyio
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.prover.lean.goals import GoalsUnreadable, read_goals
from cellview.prover.lean.limits import Limits, Statistics
from cellview.prover.lean.places import Place
from cellview.prover.lean.server import transport
from cellview.prover.lean.server.process import Answer, ServerProcess
from cellview.prover.lean.server.transport import TacticServer
from cellview.prover.lean.toolchain import Toolchain
from cellview.prover.lean.transport import Lost
from cellview.prover.lean.worker import Position, Worker

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def inside(node: Any) -> list[tuple[Any, Any]]:
    return [*(node.items() if isinstance(node, dict) else enumerate(node))]


@st.composite
def changed(draw: st.DrawFn, good: Any) -> Any:
    """Draw a copy of a JSON value in which one value anywhere is another, or is missing."""
    places: list[tuple[Any, Any]] = []
    copy = json.loads(json.dumps(good))
    stack: list[Any] = [copy]
    while stack:
        node = stack.pop()
        for key, value in inside(node):
            places.append((node, key))
            if isinstance(value, dict | list):
                stack.append(value)
    node, key = draw(st.sampled_from(places))
    if draw(st.booleans()):
        node[key] = draw(JSON)
    else:
        del node[key]
    return copy


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """Draw a copy of some bytes that was cut, doubled, or has a few others in it."""
    start = draw(st.integers(0, len(good)))
    end = draw(st.integers(start, min(len(good), start + 12)))
    return good[:start] + draw(st.binary(max_size=12)) + good[end:]


# -- the language server -----------------------------------------------------------------------------------------------

SHOWN = {
    "goals": [
        {
            "mvarId": "_uniq.7",
            "userName": "inl",
            "type": {"tag": [{"info": {"p": "3"}}, {"append": [{"text": "p "}, {"text": "∨ q"}]}]},
            "hyps": [{"names": ["h"], "type": {"text": "p"}, "val": None}],
        }
    ]
}
PROBE = "unsolved goals\ncase inl\np q : Prop\nh : p\n⊢ p ∨ q"


def message(**fields: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", **fields}


def diagnostic(text: str) -> dict[str, Any]:
    place = {"start": {"line": 3, "character": 2}, "end": {"line": 4, "character": 0}}
    return {"range": place, "message": text, "severity": 1, "leanTags": [1]}


CONVERSATION = [
    message(method="textDocument/publishDiagnostics", params={"version": 1, "diagnostics": [diagnostic(PROBE)]}),
    message(id=1, result={}),
    message(id=2, result={}),
    message(id=3, result={"sessionId": "17"}),
    message(id=4, result=SHOWN),
]
"""What a language server says to one document and one question for its goals."""


def framed(body: bytes, length: int | None = None) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body) if length is None else length, body)


@st.composite
def conversations(draw: st.DrawFn) -> bytes:
    """Draw a whole conversation in which one message, or the stream of bytes, is not what it should be."""
    messages = [json.dumps(one, ensure_ascii=False).encode() for one in CONVERSATION]
    number = draw(st.integers(0, len(messages) - 1))
    what = draw(st.sampled_from(["value", "bytes", "length", "stream", "missing"]))
    if what == "value":
        messages[number] = json.dumps(draw(changed(CONVERSATION[number]))).encode()
    elif what == "bytes":
        messages[number] = draw(damaged(messages[number]))
    elif what == "missing":
        del messages[number]
    parts = [framed(one) for one in messages]
    if what == "length":
        parts[number] = framed(messages[number], draw(st.integers(0, 2**70)))
    said = b"".join(parts)
    return draw(damaged(said)) if what == "stream" else said


class Pipe:
    """Says a text, in pieces, and then that the process ended."""

    def __init__(self, said: bytes, piece: int) -> None:
        self._parts = [said[i : i + piece] for i in range(0, len(said), piece)]

    async def receive(self, _most: int) -> bytes:
        if not self._parts:
            raise anyio.EndOfStream
        return self._parts.pop(0)

    async def send(self, _data: bytes) -> None:
        """Take anything."""


class Program:
    pid = 0

    def __init__(self, said: bytes, piece: int) -> None:
        self.stdin = self.stdout = Pipe(said, piece)


async def _talk(said: bytes, piece: int) -> bool:
    """Show a document and ask for its goals, as the transport does; return whether that came to an end."""
    worker = Worker(cast("anyio.abc.Process", Program(said, piece)))
    try:
        shown = await worker.show("theorem t : True := by\n  skip")
        answer = await worker.goals(Position(1, 2))
        for one in shown:
            read_goals(answer, one.message, checkpoint=1)
    except (Lost, GoalsUnreadable):
        return False
    return True


async def test_the_conversation_that_is_damaged_here_is_a_good_one() -> None:
    said = b"".join(framed(json.dumps(one).encode()) for one in CONVERSATION)
    for piece in (1, 7, len(said)):
        assert await _talk(said, piece)


@settings(max_examples=400)
@given(said=conversations(), piece=st.integers(1, 400))
def test_whatever_the_language_server_says_is_an_answer_or_a_loss(said: bytes, piece: int) -> None:
    anyio.run(_talk, said, piece)


@settings(max_examples=200)
@given(said=st.binary(max_size=200))
def test_noise_is_a_loss(said: bytes) -> None:
    assert not anyio.run(_talk, said, 64)


@settings(max_examples=300)
@given(answer=changed(SHOWN), probe=st.sampled_from([PROBE, PROBE + "\n\n⊢ q", "", "unsolved goals\n\n"]))
def test_goals_that_do_not_fit_are_unreadable(answer: Any, probe: str) -> None:
    try:
        goals = read_goals(json.dumps(answer).encode(), probe, checkpoint=1)
    except GoalsUnreadable:
        return
    assert len(goals) == 1


# -- the tactic server -------------------------------------------------------------------------------------------------


PROPOSITIONS: list[Any] = [["_uniq.1", "p", "Prop", None], ["_uniq.2", "q", "Prop", None]]
GOAL: list[Any] = ["_uniq.7", "inl", [*PROPOSITIONS, ["_uniq.3", "h", "_uniq.1", None]], "Or _uniq.1 _uniq.2", []]
JOINT: list[Any] = [["_uniq.8", "w", [], "Nat", []], ["_uniq.9", "h", [], "[mdata k:1 Eq ?_uniq.8 0]", ["_uniq.8"]]]
ANSWERS: list[dict[str, Any]] = [
    {"goals": [], "waits": [], "errors": [], "heartbeats": 3},
    {"goals": [GOAL], "heartbeats": 3},
    {"errors": ["unknown identifier 'x'"], "heartbeats": 1},
    {"shown": [[[[["h"], "p", None]], "p ∨ q"]]},
    {"printed": ["p ∨ q"]},
    {"freed": 3},
    {"ended": ""},
]


async def _ask(said: bytes) -> Answer | None:
    requests_read, requests = os.pipe()
    answers, answers_write = os.pipe()
    os.set_blocking(requests, False)
    os.set_blocking(answers, False)
    os.write(answers_write, said)
    os.close(answers_write)
    server = ServerProcess(cast("anyio.abc.Process", Program(b"", 1)), requests, answers)
    try:
        return await server.ask({"run": "skip"})
    except Lost:
        return None
    finally:
        server.close()
        os.close(requests_read)


@settings(max_examples=300)
@given(data=st.data())
def test_whatever_the_tactic_server_says_is_an_answer_or_a_loss(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(ANSWERS))
    kind = data.draw(st.sampled_from(["value", "bytes", "noise", "twice"]))
    line = json.dumps(good).encode() + b"\n"
    if kind == "value":
        line = json.dumps(data.draw(changed(good))).encode() + b"\n"
    elif kind == "bytes":
        line = data.draw(damaged(line))
    elif kind == "noise":
        line = data.draw(st.binary(max_size=200))
    else:
        line += line
    anyio.run(_ask, line)


@pytest.mark.parametrize("good", ANSWERS)
async def test_the_answers_that_are_damaged_here_are_good_ones(good: dict[str, Any]) -> None:
    assert await _ask(json.dumps(good).encode() + b"\n") is not None
    assert await _ask(2 * (json.dumps(good).encode() + b"\n")) is None


SCRIPT: list[dict[str, Any]] = [
    *[{"ended": ""}] * 3,
    {"goals": [["_uniq.6", "", PROPOSITIONS, "Or _uniq.1 _uniq.2", []]]},
    {"printed": ["Prop", "Prop", "p ∨ q"]},
    {"goals": [GOAL, *JOINT], "heartbeats": 3},
    {"printed": ["p"]},
    {"shown": [[[], "Nat"], [[[["h"], "p", None]], "?w = 0"]]},
]
"""What a tactic server says when it begins, to a statement, and to a tactic that leaves one goal and a joint one."""


class Scripted:
    """Says its answers one after the other, decoded as those of the real server are."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = list(lines)
        self._decoder = msgspec.json.Decoder(Answer)

    async def ask(self, _request: object) -> Answer:
        if not self._lines:
            raise Lost("Lean ended")
        try:
            return self._decoder.decode(self._lines.pop(0))
        except msgspec.MsgspecError as error:
            raise Lost("Lean sent what is no answer") from error


async def _prove(lines: list[bytes]) -> int | None:
    """Begin with a statement and run one tactic on its goal; return how many goals that left."""

    async def started(*_args: object, **_options: object) -> Scripted:
        return Scripted(lines)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "start_server", started)
        server = TacticServer(cast("Toolchain", None), Limits(), Statistics())
        try:
            root = await server.root("(p q : Prop) : p ∨ q")
            if not root.goals:
                return None
            left = await server.attempt(Place(None, "", root.goals, 0), "skip", checkpoint=1)
        except Lost:
            return None
    return len(left.goals)


async def test_the_script_that_is_changed_here_is_a_good_one() -> None:
    assert await _prove([json.dumps(one).encode() for one in SCRIPT]) == 2


@settings(max_examples=600)
@given(data=st.data())
def test_whatever_a_server_says_to_a_tactic_is_goals_or_a_loss(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(SCRIPT) - 1))
    script: list[Any] = [*SCRIPT]
    script[number] = data.draw(changed(SCRIPT[number]))
    anyio.run(_prove, [json.dumps(one).encode() for one in script])
