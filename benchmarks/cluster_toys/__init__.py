"""Small agents and functions without a prover, which the tests of the executors and their benchmark share.

Worker processes import this module too: it must stand on a path that they inherit.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any

from cellview.cluster import (
    AgentCall,
    AgentReply,
    AgentResult,
    Answer,
    Claim,
    MessageBroker,
    claim_id,
    publish_claim,
    register_agent,
    register_function,
)

_AGENTS = ("asserting", "die_always", "die_once", "echo", "failing", "large", "session_reader", "sleeping")
_FUNCTIONS = (
    "claiming",
    "claiming_for_long",
    "claiming_slowly",
    "dying",
    "dying_once",
    "printing",
    "refusing",
    "reverse",
    "waiting",
    "warm",
)

__all__ = [
    "asserting",
    "claiming",
    "claiming_for_long",
    "claiming_slowly",
    "die_always",
    "die_once",
    "dying",
    "dying_once",
    "echo",
    "failing",
    "large",
    "numbered_claim",
    "printing",
    "publish_claims",
    "publish_numbered",
    "refusing",
    "register_toys",
    "reverse",
    "session_reader",
    "sleeping",
    "waiting",
    "warm",
]


def register_toys() -> None:
    """Register all of them under their own names."""
    for name in _AGENTS:
        register_agent(name, f"{__name__}:{name}")
    for name in _FUNCTIONS:
        register_function(name, f"{__name__}:{name}")


def echo(call: AgentCall) -> AgentReply:
    """Answer what was asked, and what was answered in the loop before."""
    return AgentReply(result={"query": call.query, "loop": call.loop, "label": call.label, "previous": call.previous})


def asserting(call: AgentCall) -> AgentReply:
    """Make `claims` claims about made-up theorems; they depend on query, loop and label alone."""
    claims = tuple(_claim(call, number) for number in range(int(call.parameters.get("claims", 1))))
    return AgentReply(result={"ids": [claim.claim_id for claim in claims]}, claims=claims)


def sleeping(call: AgentCall) -> AgentReply:
    """Take `seconds` of wall-clock time, and answer with the process that did."""
    time.sleep(float(call.parameters["seconds"]))
    return AgentReply(result={"pid": os.getpid()})


def failing(call: AgentCall) -> AgentReply:
    """Raise."""
    raise ValueError(f"the agent {call.label} was asked to fail")


def large(call: AgentCall) -> AgentReply:
    """Answer with `size` characters."""
    return AgentReply(result="x" * int(call.parameters["size"]))


def session_reader(call: AgentCall) -> AgentReply:
    """Answer with what the shared session `name` holds."""
    value: Any = call.sessions[call.parameters["name"]]
    return AgentReply(result=value)


def die_once(call: AgentCall) -> AgentReply:
    """Make a claim, but have the whole worker process killed at the first attempt; `marker` remembers it."""
    marker = Path(call.parameters["marker"])
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return asserting(call)


def die_always(call: AgentCall) -> AgentReply:
    """Have the worker process killed, every time."""
    os.kill(os.getpid(), signal.SIGKILL)
    return AgentReply()


def reverse(payload: bytes) -> Answer:
    """Answer with the bytes the other way round."""
    return Answer(payload[::-1])


def claiming(payload: bytes) -> Answer:
    """Claim the made-up theorems of the numbers in `payload` (comma-separated)."""
    return Answer(payload, tuple(numbered_claim(int(number)) for number in payload.split(b",")))


def claiming_slowly(payload: bytes) -> Answer:
    """As `claiming`, in some 30 ms, so that one can be killed at it."""
    time.sleep(0.03)
    return claiming(payload)


def claiming_for_long(payload: bytes) -> Answer:
    """As `claiming`, in some 300 ms."""
    time.sleep(0.3)
    return claiming(payload)


def printing(payload: bytes) -> Answer:
    """Print the payload, as a library does that was not asked to be quiet."""
    os.write(1, payload + b"\n")
    return Answer(payload)


def refusing(payload: bytes) -> Answer:
    """Raise."""
    raise ValueError(f"asked to fail with {payload!r}")


def dying_once(payload: bytes) -> Answer:
    """Have the worker killed at the first try; `payload` names the file that remembers it."""
    marker = Path(payload.decode())
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Answer(b"survived", (numbered_claim(7),))


def dying(payload: bytes) -> Answer:
    """Have the worker killed, every time."""
    os.kill(os.getpid(), signal.SIGKILL)
    return Answer(b"")


def waiting(payload: bytes) -> Answer:
    """Take as many seconds as `payload` says, and answer with the process that did."""
    time.sleep(float(payload))
    return Answer(str(os.getpid()).encode())


_opened: list[asyncio.AbstractEventLoop] = []


async def warm(payload: bytes) -> Answer:
    """Answer how many calls this process has had, and whether all were on one event loop."""
    await asyncio.sleep(0)
    _opened.append(asyncio.get_running_loop())
    return Answer(f"{os.getpid()} {len(_opened)} {len(set(map(id, _opened)))}".encode())


def _claim(call: AgentCall, number: int) -> Claim:
    theorem = f"{call.label}_{call.loop}_{number}"
    digest = hashlib.sha256(f"{call.query}:{theorem}".encode()).hexdigest()
    id = claim_id(run=call.query, theorem=theorem, intervention="wild_type", seed=0)
    return Claim(
        claim_id=id,
        run=call.query,
        theorem=theorem,
        statement=f"statement of {theorem}",
        intervention="wild_type",
        status="solved" if int(digest[0], 16) % 2 else "unsolved",
        trace_digest=digest,
    )


def publish_numbered(broker: MessageBroker, producer: str, count: int) -> None:
    """Publish results 0 … count − 1 under the name `producer`: what tests of order and loss look for."""
    for number in range(count):
        broker.publish(AgentResult(run=producer, loop=number, agent=producer))


def publish_claims(broker: MessageBroker, numbers: list[int]) -> None:
    """Publish the made-up claims of these numbers."""
    for number in numbers:
        publish_claim(broker, numbered_claim(number))


def numbered_claim(number: int) -> Claim:
    """A made-up claim; the same number gives the same claim."""
    theorem = f"theorem_{number}"
    return Claim(
        claim_id=claim_id(run="toy", theorem=theorem, intervention="wild_type", seed=number),
        run="toy",
        theorem=theorem,
        statement=f": {number} = {number}",
        intervention="wild_type",
        seed=number,
        status="solved",
        proof="rfl",
    )
