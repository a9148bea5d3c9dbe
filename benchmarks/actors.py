"""What a message costs, in microseconds: this kernel beside its plain building blocks and another actor library.

    python benchmarks/actors.py [--messages 2000] [--repeats 25]     (pykka: pip install --group bench)

Its bias: one process, one event loop, handlers that do next to nothing, so only the overhead is measured; a real
handler hides most of it. The rivals do less: the queue and the stream have no supervision, counters, log context,
death-watch or dead letters. pykka's actors are threads, which is another trade. Everything is measured in one run, in
turns, in short bursts, and the best of the repeats counts, since other load on the machine only ever adds.
"""

import argparse
import asyncio
import json
import platform
import time
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import anyio
import msgspec
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from cellview.actors import Actor, ActorSystem, Ref, Request

FAN = 100  # receivers of the fan-out
TIGHT = 4  # mailbox of the back-pressure test
ROOMY = 1000
Work = Callable[[int], Awaitable[float]]  # number of messages -> seconds


class Add(msgspec.Struct, frozen=True):
    """A message without an answer."""

    amount: int


class Total(Request[int], frozen=True):
    """A message with one."""


class Sum(Actor[Add | Total]):
    """Adds."""

    def __init__(self) -> None:
        self.total = 0

    async def receive(self, message: Add | Total) -> None:
        if isinstance(message, Add):
            self.total += message.amount
        else:
            self.context.reply(self.total)


# ---- this kernel ------------------------------------------------------------------------------


async def kernel_tell(messages: int, mailbox: int = ROOMY) -> float:
    """One sender, one receiver; ends when all were handled."""
    async with ActorSystem() as system:
        ref = await system.spawn(Sum, mailbox=mailbox)
        begun = time.perf_counter()
        for _ in range(messages):
            await ref.tell(Add(1))
        assert await ref.ask(Total(), deadline_s=60) == messages
        return time.perf_counter() - begun


async def kernel_back_pressure(messages: int) -> float:
    """As tell, through a mailbox that is nearly always full."""
    return await kernel_tell(messages, TIGHT)


async def kernel_ask(messages: int) -> float:
    """One question after the other, each with its deadline: this kernel has no ask without."""
    async with ActorSystem() as system:
        ref = await system.spawn(Sum)
        begun = time.perf_counter()
        for _ in range(messages):
            await ref.ask(Total(), deadline_s=60)
        return time.perf_counter() - begun


async def kernel_fan_out(messages: int) -> float:
    """One sender, many receivers, all asked at the end of each round."""
    async with ActorSystem() as system:
        refs: list[Ref[Add | Total]] = [await system.spawn(Sum) for _ in range(FAN)]
        begun = time.perf_counter()
        for _ in range(messages // FAN):
            for ref in refs:
                await ref.tell(Add(1))
            await refs[-1].ask(Total(), deadline_s=60)
        for ref in refs:
            await ref.ask(Total(), deadline_s=60)
        return time.perf_counter() - begun


# ---- asyncio.Queue and a future ---------------------------------------------------------------

Item = tuple[int, "asyncio.Future[int] | None"]


async def queue_server(queue: "asyncio.Queue[Item]") -> None:
    """The receiver."""
    total = 0
    while True:
        amount, future = await queue.get()
        if future is None:
            total += amount
        elif not future.done():
            future.set_result(total)


async def queue_ask(queue: "asyncio.Queue[Item]") -> int:
    """The bare ask."""
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    await queue.put((0, future))
    return await future


async def queue_run(messages: int, size: int, receivers: int, kind: str) -> float:
    """All four with queues."""
    queues: list[asyncio.Queue[Item]] = [asyncio.Queue(size) for _ in range(receivers)]
    tasks = [asyncio.create_task(queue_server(queue)) for queue in queues]
    begun = time.perf_counter()
    for _ in range(messages // receivers):
        if kind == "ask":
            await queue_ask(queues[0])
        elif kind == "ask with deadline":
            async with asyncio.timeout(60):
                await queue_ask(queues[0])
        else:
            for queue in queues:
                await queue.put((1, None))
            if receivers > 1:
                await queue_ask(queues[-1])
    for queue in queues:
        await queue_ask(queue)
    taken = time.perf_counter() - begun
    for task in tasks:
        task.cancel()
    return taken


# ---- anyio streams ----------------------------------------------------------------------------

Question = tuple[int, "MemoryObjectSendStream[int] | None"]


async def stream_server(receive: "MemoryObjectReceiveStream[Question]") -> None:
    """The receiver."""
    total = 0
    async with receive:
        async for amount, answer in receive:
            if answer is None:
                total += amount
            else:
                await answer.send(total)


async def stream_ask(send: "MemoryObjectSendStream[Question]") -> int:
    """An ask with a stream for its answer."""
    answer, result = anyio.create_memory_object_stream[int](1)
    with answer, result:
        await send.send((0, answer))
        return await result.receive()


async def stream_run(messages: int, size: int, receivers: int, kind: str) -> float:
    """All four with streams."""
    taken = 0.0
    async with anyio.create_task_group() as group:
        sends: list[MemoryObjectSendStream[Question]] = []
        for _ in range(receivers):
            send, receive = anyio.create_memory_object_stream[Question](size)
            sends.append(send)
            group.start_soon(stream_server, receive)
        begun = time.perf_counter()
        for _ in range(messages // receivers):
            if kind == "ask":
                await stream_ask(sends[0])
            elif kind == "ask with deadline":
                with anyio.fail_after(60):
                    await stream_ask(sends[0])
            else:
                for send in sends:
                    await send.send((1, None))
                if receivers > 1:
                    await stream_ask(sends[-1])
        for send in sends:
            await stream_ask(send)
        taken = time.perf_counter() - begun
        for send in sends:
            send.close()
    return taken


# ---- pykka ------------------------------------------------------------------------------------


async def pykka_run(messages: int, receivers: int, kind: str) -> float:
    """All with pykka's threads, from this thread; it has no bounded mailbox."""
    import pykka  # an extra of its own

    class Adder(pykka.ThreadingActor):
        def __init__(self) -> None:
            super().__init__()
            self.total = 0

        def on_receive(self, message: Any) -> Any:
            if message:
                self.total += message
            return self.total

    refs = [Adder.start() for _ in range(receivers)]
    begun = time.perf_counter()
    for _ in range(messages // receivers):
        if kind == "ask":
            refs[0].ask(0)
        elif kind == "ask with deadline":
            refs[0].ask(0, timeout=60)
        else:
            for ref in refs:
                ref.tell(1)
            if receivers > 1:
                refs[-1].ask(0)
    for ref in refs:
        ref.ask(0)
    taken = time.perf_counter() - begun
    for ref in refs:
        ref.stop()
    return taken


def contestants() -> dict[str, dict[str, Work]]:
    """Who runs what."""
    found: dict[str, dict[str, Work]] = {
        "kernel": {
            "tell": kernel_tell,
            "ask": kernel_ask,
            "ask with deadline": kernel_ask,
            "fan-out": kernel_fan_out,
            "back-pressure": kernel_back_pressure,
        }
    }
    sizes = {"tell": ROOMY, "ask": ROOMY, "ask with deadline": ROOMY, "fan-out": ROOMY, "back-pressure": TIGHT}
    for name, run in (("asyncio.Queue and future", queue_run), ("anyio stream", stream_run)):
        found[name] = {
            kind: partial(run, size=size, receivers=FAN if kind == "fan-out" else 1, kind=kind)
            for kind, size in sizes.items()
        }
    try:
        version("pykka")
    except PackageNotFoundError:
        return found
    found["pykka"] = {
        kind: partial(pykka_run, receivers=FAN if kind == "fan-out" else 1, kind=kind)
        for kind in sizes
        if kind != "back-pressure"
    }
    return found


async def measure(messages: int, repeats: int) -> dict[str, dict[str, float]]:
    """Microseconds for each message, the best of the repeats, contestants in turns."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        for name, kinds in contestants().items():
            for kind, work in kinds.items():
                taken = await work(messages) / messages * 1e6
                row = best.setdefault(name, {})
                row[kind] = min(row.get(kind, taken), taken)
    return best


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=25)
    options = parser.parse_args()
    best = asyncio.run(measure(options.messages, options.repeats))
    kernel, bare = best["kernel"], best["asyncio.Queue and future"]
    deliveries = 1e6 / kernel["tell"]
    ratio = kernel["ask"] / bare["ask"]
    report = {
        "unit": "microseconds a message, best of the repeats",
        "python": platform.python_version(),
        "messages": options.messages,
        "repeats": options.repeats,
        "results": {name: {kind: round(value, 2) for kind, value in row.items()} for name, row in best.items()},
        "targets": {
            "ask with deadline at most 10 us": kernel["ask with deadline"] <= 10,
            "at least 100000 deliveries/s": deliveries >= 100_000,
            "ask at most twice the bare ask": ratio <= 2,
        },
        "deliveries_per_s": round(deliveries),
        "ask_over_bare_ask": round(ratio, 2),
    }
    if "pykka" not in best:
        report["left out"] = "pykka is not installed: pip install --group bench"
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
