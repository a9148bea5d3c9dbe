"""The API against its own description, by schemathesis: no answer that it does not name, and none of 500 or above."""

# What schemathesis makes at run time has no types.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUntypedFunctionDecorator=false, reportUnknownLambdaType=false

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any

import anyio
import anyio.from_thread
import pytest

# Any: schemathesis has types, but not for what is made at run time, and brings in half of the world's stubs.
schemathesis: Any = pytest.importorskip("schemathesis")
checks: Any = pytest.importorskip("schemathesis.checks")
openapi: Any = pytest.importorskip("schemathesis.specs.openapi.checks")
hypothesis: Any = pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, Phase  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis.generation import GenerationMode  # noqa: E402

from cellview.daemon import Client, DaemonConfig, Submission, serve  # noqa: E402
from cellview.daemon.http.table import ENDPOINTS  # noqa: E402
from cellview.daemon.janitor import Upkeep  # noqa: E402

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]

CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]

SLOW = frozenset({"claims", "figures", "figure", "tree"})
"""Each answer takes a process."""

STEPS = frozenset({"pause", "resume", "cancel"})

STREAMS = frozenset({"events", "iterations", "trace"})


@pytest.fixture
def url(config: Configure, one_search: Submit) -> Generator[str]:
    """A daemon in a thread, with a finished experiment; what is submitted to it is queued, and held there."""
    hold = Upkeep(reserve_bytes=10**18)
    with _Running(config(requests_per_s=1e6)) as address:
        anyio.run(_run_one, address, one_search(budget=3))
    with _Running(config(requests_per_s=1e6, upkeep=hold)) as address:
        anyio.run(_queue_one, address, one_search(budget=3))
        yield address


async def _run_one(address: str, submission: Submission) -> None:
    async with Client(address) as client:
        status = await client.submit(submission)
        async for event in client.events(experiment=status.id):
            if event.kind == "finished":
                return


async def _queue_one(address: str, submission: Submission) -> None:
    async with Client(address) as client:
        assert (await client.submit(submission)).id == 2


class _Running:
    """A daemon in a thread of its own: schemathesis asks without an event loop."""

    def __init__(self, config: DaemonConfig) -> None:
        self._config = config
        self._ready = threading.Event()
        self._url = ""
        self._end: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=lambda: anyio.run(self._serve))

    async def _serve(self) -> None:
        stop = anyio.Event()
        async with anyio.from_thread.BlockingPortal() as portal:

            def end() -> None:
                portal.call(stop.set)

            def started(url: str) -> None:
                self._url, self._end = url, end
                self._ready.set()

            await serve(self._config, started=started, stop=stop)

    def __enter__(self) -> str:
        self._thread.start()
        assert self._ready.wait(60)
        return self._url

    def __exit__(self, *error: object) -> None:
        self._end()
        self._thread.join(60)
        assert not self._thread.is_alive()


def test_no_answer_is_undocumented_and_none_is_a_mistake_of_the_daemon(url: str) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    asked: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        asked[name] = set()
        raw = operation.definition.raw
        wrong = [GenerationMode.NEGATIVE] if "parameters" in raw or "requestBody" in raw else []
        for mode in (GenerationMode.POSITIVE, *wrong):
            _ask(operation, name, mode, asked[name])
    assert set(asked) == {one.name for one in ENDPOINTS}
    never = {name for name, statuses in asked.items() if not any(status < 300 for status in statuses)}
    assert never <= {"proof", "delete"}, f"never asked rightly: {never}"


def _ask(operation: Any, name: str, mode: Any, statuses: set[int]) -> None:
    existing = st.booleans()

    @hypothesis.settings(  # type: ignore[untyped-decorator]  # Any, see above
        max_examples=2 if name in SLOW else 8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(  # type: ignore[untyped-decorator]
        case=operation.as_strategy(generation_mode=mode), there=existing
    )
    def ask(case: Any, there: bool) -> None:
        if there and "experiment" in (case.path_parameters or {}) and case.method != "DELETE":
            case.path_parameters["experiment"] = 2 if name in STEPS else 1
            if "search" in case.path_parameters:
                case.path_parameters["search"] = 0
            if "figure" in case.path_parameters:
                case.path_parameters["figure"] = "reasons"
        if name in STREAMS:
            _bound(case)
        if there:
            _mend(case, name)
        plain = case.method != "GET" and "requestBody" not in operation.definition.raw
        response = case.call(timeout=60, headers={"content-type": "application/json"} if plain else None)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()


def _mend(case: Any, name: str) -> None:
    """What no schema says: a query is SQL, and a submission has one corpus, and seeds above 0."""
    if name == "claims":
        case.query = {"sql": "SELECT count(*) FROM claims"}
    elif name == "submit" and hasattr(case.body, "get"):
        good = {
            "corpus_text": "[[theorem]]\nid = 't'\nstatement = ': T'\n",
            "search": {"mode": "distributed", "agents": 2, "inflight": 2},
            "seeds": [1],
        }
        case.body = {"name": str(case.body.get("name", ""))[:100]} | good


def _bound(case: Any) -> None:
    """A stream that is rightly asked for goes on for ever: let it begin where something is, and end soon."""
    query: dict[str, Any] = dict(case.query or {})
    headers: dict[str, Any] = case.headers or {}
    for number, instead in (("limit", 1), ("after", 0), ("from", 0), ("experiment", 1)):
        if number == "limit" or str(query.get(number, "")).strip().lstrip("+").isdigit():
            query[number] = instead
    case.query = query
    case.headers = {name: value for name, value in headers.items() if name.lower() != "last-event-id"}
