"""Static lists, replays, rankers and the model over HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cellview.prover import Goal, Hypothesis, Suggestion
from cellview.prover.errors import ProviderError
from cellview.prover.providers import (
    HttpModelProvider,
    ModelRequest,
    RankedProvider,
    ReplayProvider,
    StaticProvider,
    get_provider,
    reversed_order,
    shortest_first,
)
from cellview.prover.providers.model_answer import read_tactics

GOAL = Goal("cp0:_uniq.1", "p ∧ q", "sig", "strict", (Hypothesis("h", "p"), Hypothesis("n", "Nat", "2")))


def texts(suggestions: Sequence[Suggestion]) -> list[str]:
    return [suggestion.tactic for suggestion in suggestions]


async def test_a_static_list_keeps_its_order() -> None:
    provider = StaticProvider(["rfl", "simp", "intro h"])
    suggestions = await provider.suggest(GOAL)
    assert texts(suggestions) == ["rfl", "simp", "intro h"]
    scores = [suggestion.score for suggestion in suggestions]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3 and scores[-1] > 0


@pytest.mark.parametrize(("tactics", "said"), [([], "at least one"), (["rfl", "rfl"], "more than once")])
def test_a_senseless_list_is_refused(tactics: list[str], said: str) -> None:
    with pytest.raises(ProviderError, match=said):
        StaticProvider(tactics)


def line(mvar_id: str, strict: str, *tactics: str) -> str:
    node = {"mvar_id": mvar_id, "goal_type": "p", "goal_sig": "s", "goal_sig_strict": strict, "depth": 0}
    candidates = [{"tactic": tactic, "score": 0.5} for tactic in tactics]
    return json.dumps({"iteration": 0, "node": node, "tactics": candidates})


async def test_a_replay_finds_goals_by_id_then_by_signature() -> None:
    replay = ReplayProvider(
        [line("cp0:_uniq.1", "other", "intro h"), line("cp9:_uniq.5", "strict", "simp"), '{"event": "abort"}']
    )
    assert texts(await replay.suggest(GOAL)) == ["intro h"]
    elsewhere = Goal("cp7:_uniq.7", "p ∧ q", "sig", "strict")
    assert texts(await replay.suggest(elsewhere)) == ["simp"]


async def test_a_replay_keeps_the_first_visit_of_a_node() -> None:
    replay = ReplayProvider([line("cp0:_uniq.1", "strict", "a", "b"), line("cp0:_uniq.1", "strict", "b")])
    assert texts(await replay.suggest(GOAL)) == ["a", "b"]


async def test_a_replay_that_leaves_the_record_is_an_error() -> None:
    with pytest.raises(ProviderError, match="has left the recorded run"):
        await ReplayProvider([]).suggest(GOAL)


def test_a_trace_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="cannot be read"):
        ReplayProvider.from_file(tmp_path / "none.jsonl")
    file = tmp_path / "x.jsonl"
    file.write_text(line("a", "b", "rfl") + "\nnonsense\n")
    with pytest.raises(ProviderError, match="line 2: not a trace record"):
        ReplayProvider.from_file(file)


async def test_rankers_reorder() -> None:
    inner = StaticProvider(["intro h", "rfl", "constructor"])
    shortest = RankedProvider(inner, shortest_first, name="shortest")
    assert texts(await shortest.suggest(GOAL)) == ["rfl", "intro h", "constructor"]
    backwards = RankedProvider(inner, reversed_order, name="reversed")
    assert texts(await backwards.suggest(GOAL)) == ["constructor", "rfl", "intro h"]
    assert backwards.provider_id == "static+reversed"


@pytest.mark.parametrize(
    "answer",
    [
        (),
        (Suggestion("rfl", 1.0),),
        (Suggestion("rfl", 1.0), Suggestion("rfl", 1.0)),
        (Suggestion("rfl", 1.0), Suggestion("simp", 0.9)),
        (Suggestion("rfl", 1.0), Suggestion("simp", 0.5), Suggestion("sorry", 0.1)),
    ],
)
async def test_a_ranker_that_changes_suggestions_is_caught(answer: tuple[Suggestion, ...]) -> None:
    ranked = RankedProvider(StaticProvider(["rfl", "simp"]), lambda goal, given: answer, name="bad")
    with pytest.raises(ProviderError, match="may only reorder"):
        await ranked.suggest(GOAL)


def test_providers_by_name(tmp_path: Path) -> None:
    assert get_provider("heuristic", automation="none").provider_id == "heuristic-none"
    assert get_provider("static", tactics=["rfl"]).provider_id == "static"
    assert get_provider("http", base_url="http://localhost:1/v1", model="m").provider_id == "http-m"
    trace = tmp_path / "t.jsonl"
    trace.write_text("")
    assert get_provider("replay", trace=trace).provider_id == "replay"


WRONG: list[dict[str, Any]] = [
    {"name": "replay"},
    {"name": "http"},
    {"name": "static"},
    {"name": "heuristic", "automation": "much"},
    {"name": "oracle"},
]


@pytest.mark.parametrize("options", WRONG)
def test_a_provider_that_cannot_be_made_says_so(options: dict[str, Any]) -> None:
    with pytest.raises(ProviderError):
        get_provider(**options)


def test_tactics_are_read_from_talkative_answers() -> None:
    answer = "```lean\n1. intro h\n2) `exact h.1`\n- simp\n· left\n```\n\nby rfl\nintro h\n"
    assert read_tactics(answer) == ["intro h", "exact h.1", "simp", "· left", "rfl"]


class Server:
    """A loopback model: answers with what stands in `replies`, the last one again and again."""

    def __init__(self, *replies: tuple[int, Any], delay_s: float = 0.0) -> None:
        self.replies = list(replies)
        self.delay_s = delay_s
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.released = threading.Event()

    @contextmanager
    def running(self) -> Generator[str]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.requests.append({"path": self.path, **json.loads(body)})
                outer.keys.append(self.headers.get("authorization"))
                if outer.delay_s:
                    outer.released.wait(outer.delay_s)
                status, content = outer.replies.pop(0) if len(outer.replies) > 1 else outer.replies[0]
                payload = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            self.released.set()
            server.shutdown()
            thread.join()
            server.server_close()


def completion(text: str) -> dict[str, Any]:
    return {"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}


async def ask(server: Server, request: ModelRequest | str = "tiny", **options: Any) -> list[str]:
    with server.running() as url:
        provider = HttpModelProvider(url, request, pause_s=0.0, **options)
        try:
            return texts(await provider.suggest(GOAL))
        finally:
            await provider.aclose()


async def test_a_model_sees_the_goal_and_its_lines_become_tactics() -> None:
    server = Server((200, completion("constructor\nexact ⟨h, k⟩\nsimp")))
    assert await ask(server, ModelRequest(model="tiny", most=2), api_key="secret") == ["constructor", "exact ⟨h, k⟩"]
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "tiny" and request["temperature"] == 0
    assert request["messages"][-1]["content"] == "h : p\nn : Nat := 2\n⊢ p ∧ q"
    assert server.keys == ["Bearer secret"]


async def test_equal_goals_ask_once_even_at_the_same_time() -> None:
    server = Server((200, completion("rfl")), (200, completion("simp")))
    with server.running() as url:
        provider = HttpModelProvider(url, "tiny")
        answers = await asyncio.gather(*(provider.suggest(GOAL) for _ in range(5)))
        await provider.aclose()
    assert {tuple(texts(answer)) for answer in answers} == {("rfl",)}
    assert len(server.requests) == 1


async def test_a_busy_server_is_asked_again() -> None:
    server = Server((429, {}), (503, {}), (200, completion("rfl")))
    assert await ask(server, retries=2) == ["rfl"]
    assert len(server.requests) == 3


FAILURES: list[tuple[int, Any, str]] = [
    (503, {}, "answered 503 2 times"),
    (404, {"error": "no such model"}, "answered 404.*no such model"),
    (200, b"<html>", "no completion"),
    (200, {"choices": [{"message": {}}]}, "no completion"),
]


@pytest.mark.parametrize(("status", "content", "said"), FAILURES)
async def test_a_failing_server_is_one_clear_sentence(status: int, content: object, said: str) -> None:
    with pytest.raises(ProviderError, match=said) as caught:
        await ask(Server((status, content)), retries=1, api_key="secret")
    assert "secret" not in str(caught.value)


async def test_a_silent_and_an_absent_server() -> None:
    with pytest.raises(ProviderError, match="did not answer within"):
        await ask(Server((200, completion("rfl")), delay_s=20.0), retries=0, timeout_s=0.05)
    with Server((200, {})).running() as url:
        pass
    provider = HttpModelProvider(url, "tiny", retries=1, pause_s=0.0)
    with pytest.raises(ProviderError, match="cannot be reached"):
        await provider.suggest(GOAL)
    await provider.aclose()


@pytest.mark.parametrize("options", [{"most_bytes": 0}, {"retries": -1}, {"timeout_s": 0}, {"pause_s": -1}])
def test_options_of_the_model_are_checked(options: dict[str, Any]) -> None:
    with pytest.raises(ProviderError):
        HttpModelProvider("http://localhost/v1", "m", **options)
    with pytest.raises(ProviderError, match="http://"):
        HttpModelProvider("localhost", "m")
