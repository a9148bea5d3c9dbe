"""What distribution costs: messages per second, claims per second, overhead per search, scaling; prints JSON.

    python benchmarks/cluster.py [--messages 2000] [--claims 20000] [--searches 16] [--skip-ray] [--redis URL]

Its bias: everything shares one machine, so the network costs nothing and the processors are shared: where the workers
outnumber the cores, or something else runs, they take from one another, and the scaling says more about the machine
than about the executor. The searches run on the synthetic prover with a latency for each tactic, as Lean would have
one; they wait rather than compute, so they scale further than a busy Lean would. Each figure is the best of the
repeats, since other load only ever adds. "In process" is a plain loop over `search`, with no executor at all and no
trace on disk; an arm writes its trace and sends its files back, as it does in a sweep. `overhead_ms_each` is worker
time beyond the loop's; a negative one means that the load was lower when the executor had its turn.
"""

import argparse
import json
import os
import pickle
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from cluster_toys import publish_claims

from cellview.cluster import (
    AgentResult,
    ConfigModel,
    DistributedConfig,
    InMemoryBroker,
    MessageBroker,
    StorageCoordinator,
    get_message_broker,
)
from cellview.cluster.ray_support import RayConnection
from cellview.core import SearchConfig
from cellview.experiment import Experiment, ExperimentFolder, Setup, SyntheticSpec, opener_of, parse_corpus, run_here
from cellview.experiment.on_cluster import run_on_cluster
from cellview.frontier.errors import ServerUnfitError
from cellview.frontier.redis.server import RedisServer
from cellview.trace import describe_versions

BATCH = 64
STORE_BYTES = 80_000_000


def best(repeats: int, measure: Callable[[], float]) -> float:
    """The smallest of several measurements."""
    return min(measure() for _ in range(repeats))


@contextmanager
def redis_url(given: str | None) -> Generator[str | None]:
    """The server to measure: the given one, one started on the loopback, or None if there is no redis-server."""
    if given is not None:
        yield given
        return
    try:
        server = RedisServer(tcp=True, appendfsync="no", options={"appendonly": "no"})
    except ServerUnfitError:
        yield None
        return
    with server:
        yield server.url


def messages_per_s(make: Callable[[], MessageBroker], messages: int, copied: bool = False) -> dict[str, float]:
    """Publish from this process, then receive and acknowledge in batches; on a pickled copy, as another process has."""
    with ExitStack() as stack:
        broker = stack.enter_context(make())
        if copied:
            broker = stack.enter_context(pickle.loads(pickle.dumps(broker)))
        message = AgentResult(run="benchmark", loop=0, agent="a", result="x" * 200)
        begin = time.perf_counter()
        for _ in range(messages):
            broker.publish(message)
        published = time.perf_counter()
        consumer = broker.consumer("benchmark")
        left = messages
        while left:
            deliveries = consumer.receive(BATCH, timeout_s=5)
            consumer.ack(deliveries)
            left -= len(deliveries)
        end = time.perf_counter()
        consumer.close()
    return {"publish": messages / (published - begin), "receive_and_acknowledge": messages / (end - published)}


def best_rates(repeats: int, measure: Callable[[], dict[str, float]]) -> dict[str, int]:
    """The largest rates of several measurements."""
    found = [measure() for _ in range(repeats)]
    return {name: round(max(one[name] for one in found)) for name in found[0]}


def claims_s(claims: int) -> float:
    """Seconds from the first publish until the last claim is in the database."""
    with tempfile.TemporaryDirectory() as folder, InMemoryBroker() as broker:
        coordinator = StorageCoordinator(broker, Path(folder) / "claims.duckdb")
        coordinator.start()
        begin = time.perf_counter()
        publish_claims(broker, list(range(claims)))
        while not broker.empty():
            time.sleep(0.001)
        took = time.perf_counter() - begin
        coordinator.stop()
    return took


def experiment(count: int, latency_s: float) -> Experiment:
    """Searches that never end before their budget."""
    statements = (f"[[theorem]]\nid='t{n}'\nstatement=': T{n}'\ntags=[]\nprovable=true\n" for n in range(count))
    setup = Setup(
        search=SearchConfig(agents=2, inflight=2, budget=(20,)), prover=SyntheticSpec(p_close=0.0, latency_s=latency_s)
    )
    return Experiment(corpus=parse_corpus("".join(statements)), setup=setup, trace=False, name="benchmark")


def driven_s(plan: Experiment, config: ConfigModel | None) -> float:
    """Seconds of an experiment in this process, or on an executor, its start and end included."""

    async def go(folder: ExperimentFolder) -> None:
        opener = await opener_of(plan.setup.prover, plan.setup.provider)
        if config is None:
            await run_here(folder, opener)
        else:
            await run_on_cluster(folder, config, opener)

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "run"
        with ExperimentFolder.create(path, plan, corpus=b"", versions=describe_versions(), driver={}) as folder:
            begin = time.perf_counter()
            anyio.run(go, folder)
            return time.perf_counter() - begin


def executor_s(plan: Experiment, repeats: int, **keys: Any) -> dict[str, float]:
    """Seconds to start an executor and to end it (with the smallest experiment), and those of a whole one beyond."""
    with tempfile.TemporaryDirectory() as folder:
        config = ConfigModel(cluster=DistributedConfig(claims_path=str(Path(folder) / "claims.duckdb"), **keys))
        started = best(repeats, partial(driven_s, experiment(config.distributed_config.num_cpus, 0.0), config))
        whole = best(repeats, partial(driven_s, plan, config))
        return {"start": started, "beyond": max(whole - started, 0.0)}


def executors(searches: int, repeats: int, ray: bool) -> dict[str, Any]:
    """Overhead for each search, and scaling over workers."""
    plan = experiment(searches, 0.002)
    alone = best(repeats, partial(driven_s, plan, None))
    found: dict[str, Any] = {"searches": searches, "in_process_ms_each": round(1000 * alone / searches, 2)}
    cases: dict[str, dict[str, Any]] = {"local": {}, "local, with claims": {"enabled": True}}
    for workers in (1, 2, 4):
        cases[f"process × {workers}"] = {"executor": "process", "num_cpus": workers}
    cases["process × 2, with claims"] = {"executor": "process", "num_cpus": 2, "enabled": True}
    if ray:
        for workers in (1, 2, 4):
            cases[f"ray × {workers}"] = {"executor": "ray", "num_cpus": workers, "object_store_bytes": STORE_BYTES}
        cases["ray × 2, with claims"] = cases["ray × 2"] | {"enabled": True}
    for name, keys in cases.items():
        took = executor_s(plan, repeats, **keys)
        workers = keys.get("num_cpus", 1)
        found[name] = {
            "start_s": round(took["start"], 2),
            "ms_each": round(1000 * took["beyond"] / searches, 2),
            "speed_up": round(alone / took["beyond"], 2),
            "overhead_ms_each": round(1000 * (took["beyond"] * workers - alone) / searches, 2),
        }
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--searches", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--redis", metavar="URL")
    parser.add_argument("--skip-ray", action="store_true")
    options = parser.parse_args()
    report: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "load": [round(load, 2) for load in os.getloadavg()],
            "python": platform.python_version(),
        },
        "messages_per_s": {},
    }
    with ExitStack() as stack:
        url = stack.enter_context(redis_url(options.redis))
        makers: dict[str, Callable[[], MessageBroker]] = {"memory": partial(get_message_broker, "memory")}
        if url is not None:
            makers["redis"] = partial(get_message_broker, "redis", url)
        if not options.skip_ray:
            stack.callback(RayConnection(num_cpus=1, object_store_bytes=STORE_BYTES).close)
            makers["ray"] = partial(get_message_broker, "ray")
        for name, make in makers.items():
            measure = partial(messages_per_s, make, options.messages)
            report["messages_per_s"][name] = best_rates(options.repeats, measure)
        over_socket = partial(messages_per_s, makers["memory"], options.messages, True)
        report["messages_per_s"]["memory, from another process"] = best_rates(options.repeats, over_socket)
    report["claims_per_s"] = round(options.claims / best(options.repeats, partial(claims_s, options.claims)))
    report["executors"] = executors(options.searches, options.repeats, not options.skip_ray)
    json.dump(report, sys.stdout, indent=2, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
