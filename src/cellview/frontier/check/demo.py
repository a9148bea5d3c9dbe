"""A task without mathematics for the determinism check and the benchmark: it grows a random tree of candidates.

Its result is a function of the candidate and the random stream; only how long it takes is up to chance.
"""

from __future__ import annotations

import random
import time

import anyio

from cellview.frontier.machine.canonical import Json
from cellview.frontier.machine.model import Candidate
from cellview.frontier.machine.prng import Prng
from cellview.frontier.machine.result import Result, Work

__all__ = ["DEMO_TASKS", "grow", "seeds", "wait"]

DEMO_TASKS = {f"demo.{name}": f"{__name__}:{name}" for name in ("grow", "wait")}
"""The tasks of this module, by the names that a manifest gives them."""


def seeds(count: int) -> list[Candidate]:
    """The candidates that a demonstration starts from."""
    return [Candidate.of({"path": [index]}, priority=1.0 / (index + 1), depth=0) for index in range(count)]


async def grow(work: Work, prng: Prng) -> Result:
    """Sleeps a random time of up to ``sleep_ms``, then returns up to ``fanout`` children down to depth ``depth``.

    Children of different parents are sometimes the same candidate, so that duplicates occur; priorities often tie.
    """
    await anyio.sleep(random.SystemRandom().random() * _number(work, "sleep_ms", 5) / 1000)
    if not isinstance(work.item, dict) or not isinstance(path := work.item["path"], list):
        raise TypeError(f"not a candidate of this task: {work.item!r}")
    children: list[Candidate] = []
    if work.depth < _number(work, "depth", 3):
        for _ in range(prng.below(int(_number(work, "fanout", 3)) + 1)):
            step: Json = prng.below(4)
            tail: list[Json] = [*path, step]
            children.append(Candidate.of({"path": tail[-3:]}, priority=prng.below(8) / 8, depth=work.depth + 1))
    draw = prng.random()
    line = f'{{"candidate":"{work.candidate}","timestamp_ms":{time.time_ns() // 1_000_000},"draw":{draw!r}}}'
    return Result(payload={"draw": draw, "children": len(children)}, children=children, trace=[line])


async def wait(work: Work, prng: Prng) -> Result:
    """Waits `sleep_ms` and returns nothing: a task of known length, for the benchmark."""
    await anyio.sleep(_number(work, "sleep_ms", 5) / 1000)
    return Result()


def _number(work: Work, name: str, default: float) -> float:
    value = work.settings.get(name, default)
    if not isinstance(value, (int, float)):
        raise TypeError(f"setting {name} is {value!r}: it must be a number")
    return value
