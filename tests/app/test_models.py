"""Models over HTTP from the command line: what they answer, all that can go wrong with them, and runs without them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cellview.trace import IterationRecord, RunFolder, digest_file, read_trace

Cellview = Callable[..., Any]
KEY = "sk-very-secret"
Reply = tuple[int, Any, dict[str, str]]
DISTRIBUTED = ("--mcts-mode", "distributed", "--mcts-agents", "2", "--mcts-inflight", "3")


def chat(text: str) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "message": {"content": text}}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }


GOOD = chat("t0\nt1\nt2\nt3")


class Server:
    """Answers with `reply`: (status, body, headers), or a function that does what it likes with the request."""

    def __init__(self, reply: Reply | Callable[[int], Reply] | None) -> None:
        self.reply = reply
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.over = threading.Event()

    @contextmanager
    def running(self) -> Generator[str]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.asked.append(asked)
                outer.keys.append(self.headers.get("authorization"))
                reply = outer.reply(len(outer.asked)) if callable(outer.reply) else outer.reply
                assert reply is not None
                status, body, headers = reply
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in ({"content-length": str(len(data))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            self.over.set()
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def statements(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.toml"
    path.write_text("".join(f"[[theorem]]\nid = 't{n}'\nstatement = ': T{n}'\n" for n in (1, 2, 3)))
    return path


@pytest.fixture
def run(here: Cellview, statements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cellview:
    """Run the corpus on the synthetic prover, whose tactics are t0 to t3, with a model."""
    monkeypatch.setenv("CELLVIEW_PROVIDER_KEY", KEY)

    def call(url: str | None, *more: str, out: str = "run") -> Any:
        where = () if url is None else ("--provider-url", url)
        return here(
            *("run", str(statements), "--prover", "synthetic", "--trace-mcts", "--quiet", "--jobs", "1"),
            *("--provider", "http", "--provider-model", "tiny", "--out", str(tmp_path / out), *where, *more),
        )

    return call


def slow(server: Server) -> Callable[[int], Reply]:
    def reply(number: int) -> Reply:
        server.over.wait(20)
        return 200, GOOD, {}

    return reply


FAILURES: dict[str, tuple[Reply, str, bool]] = {
    "401": ((401, {"error": "who are you?"}, {}), "answered 401 (it refuses the key)", True),
    "403": ((403, {}, {}), "CELLVIEW_PROVIDER_KEY", True),
    "404": ((404, {"error": "no such model"}, {}), "no such model", False),
    "429": ((429, {}, {}), "answered 429", False),
    "429 for an hour": ((429, {}, {"retry-after": "3600"}), "asks to wait 3600 s", False),
    "500": ((500, {}, {}), "answered 500", False),
    "cut off": ((200, b'{"choices": [', {"content-length": "5000"}), "cannot be reached", False),
    "no JSON": ((200, b"<html>busy</html>", {}), "answered with no completion", False),
    "another JSON": ((200, {"result": []}, {}), "answered with no completion", False),
    "no choices": ((200, {"choices": []}, {}), "answered without a tactic", False),
    "empty": ((200, chat("  \n"), {}), "answered without a tactic", False),
    "nothing said": ((200, {"choices": [{"message": {"content": None}}]}, {}), "answered without a tactic", False),
    "a megabyte": ((200, b" " * 1_100_000, {}), "more than 1048576 bytes", False),
    "a lone surrogate": ((200, b'{"choices": [{"message": {"content": "\\ud800"}}]}', {}), "answered with", False),
    "not UTF-8": ((200, b'{"choices": [{"message": {"content": "\xff"}}]}', {}), "answered with no completion", False),
}


@pytest.mark.parametrize("mode", ["centralized", "distributed"])
@pytest.mark.parametrize("name", FAILURES)
def test_a_model_that_fails_ends_the_run(run: Cellview, tmp_path: Path, name: str, mode: str) -> None:
    reply, said, at_once = FAILURES[name]
    server = Server(reply)
    with server.running() as url:
        done = run(
            url, "--provider-errors", "4", "--provider-retries", "0", *(DISTRIBUTED if mode != "centralized" else ())
        )
    assert done.status == 3 and done.out == ""
    assert said in done.err and "is no result" in done.err and KEY not in done.err
    assert len(done.err.splitlines()) == 1, done.err
    metadata = RunFolder.read(tmp_path / "run").metadata
    assert metadata.status == "failed" and metadata.error is not None and said in metadata.error
    assert not metadata.reproducible
    (entry,) = metadata.results  # the first search; the others were never begun
    assert entry.stop_reason == "provider_error" and not entry.solved and not entry.reproducible
    assert entry.iterations == (1 if at_once else 4)
    assert len(server.asked) <= (3 if at_once else 7)
    for record in read_trace(tmp_path / "run" / entry.theorem / "wild_type_mcts_trace.jsonl"):
        assert isinstance(record, IterationRecord) and record.reason == "provider_error"
    for path in (tmp_path / "run").rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


def test_a_model_that_is_not_there_or_too_slow_ends_the_run(run: Cellview, tmp_path: Path) -> None:
    with Server(None).running() as url:
        pass
    done = run(url, "--provider-errors", "3", "--provider-retries", "0", out="refused")
    assert done.status == 3 and "cannot be reached (ConnectError)" in done.err
    server = Server(None)
    server.reply = slow(server)
    with server.running() as url:
        done = run(url, "--provider-errors", "2", "--provider-retries", "0", "--provider-timeout", "0.1", out="slow")
    assert done.status == 3 and "did not answer within 0.1 s" in done.err


def test_errors_are_counted_over_searches_that_are_too_small_for_them(run: Cellview, tmp_path: Path) -> None:
    with Server((500, {}, {})).running() as url:
        done = run(url, "--provider-errors", "5", "--provider-retries", "0", "--budget", "2")
    assert done.status == 3 and "failed 6 times in a row" in done.err
    assert [entry.stop_reason for entry in RunFolder.read(tmp_path / "run").metadata.results] == ["budget"] * 3


def test_an_answer_between_errors_lets_the_run_go_on_and_marks_it(run: Cellview, tmp_path: Path) -> None:
    server = Server(lambda number: (200, GOOD, {}) if number % 2 else (500, {}, {}))
    with server.running() as url:
        done = run(url, "--provider-errors", "2", "--provider-retries", "0", "--provider-cache", str(tmp_path / "kept"))
    metadata = RunFolder.read(tmp_path / "run").metadata
    assert done.status == 0 and metadata.status == "finished"
    assert not metadata.reproducible and "its provider of tactics failed" in metadata.not_reproducible_because[0]


def test_a_busy_model_is_asked_again(run: Cellview, tmp_path: Path) -> None:
    server = Server(lambda number: (429, {}, {"retry-after": "0"}) if number == 1 else (200, GOOD, {}))
    with server.running() as url:
        done = run(url, "--provider-cache", str(tmp_path / "kept"))
    metadata = RunFolder.read(tmp_path / "run").metadata
    assert done.status == 0 and metadata.reproducible
    assert metadata.provider_use["retries"] == 1
    assert metadata.provider_use["requests"] == len(server.asked)
    assert metadata.provider_use["completion_tokens"] == 3 * (len(server.asked) - 1)
    assert set(server.keys) == {f"Bearer {KEY}"}


@pytest.mark.parametrize("executor", ["here", "frontier", "process"])
def test_a_run_repeats_to_the_byte_without_its_model(run: Cellview, tmp_path: Path, executor: str) -> None:
    """The server never says the same twice, and still the run repeats: by the answers that were kept."""
    turns = ["t0\nt1", "t2\nt3\nt0", "t1\nt0\nt3", "t3"]
    server = Server(lambda number: (200, chat(turns[number % 4]), {}))
    options = ("--interventions", "wild_type,block_t1", "--budget", "5,20", "--name", "same", *DISTRIBUTED)
    kept = ("--provider-cache", str(tmp_path / "kept"))
    with server.running() as url:
        assert run(url, *options, *kept, out="online").status == 0
        asked = len(server.asked)
    assert run(None, *options, *kept, "--provider-offline", "--executor", executor, out="offline").status == 0
    online, offline = RunFolder.read(tmp_path / "online"), RunFolder.read(tmp_path / "offline")
    assert online.metadata.reproducible
    assert online.metadata.repeatable() == offline.metadata.repeatable()
    for path in (tmp_path / "online").glob("*/*"):
        twin = tmp_path / "offline" / path.relative_to(tmp_path / "online")
        same = (
            digest_file(path) == digest_file(twin)
            if path.suffix == ".jsonl"
            else path.read_bytes() == twin.read_bytes()
        )
        assert same, twin
    assert 0 < asked <= online.metadata.provider_use["requests"]  # the last ones are not sent when a search ends
    assert offline.metadata.provider_use["cache_hits"] > 0 and "requests" not in offline.metadata.provider_use


def test_a_run_without_a_folder_of_answers_is_not_called_reproducible(run: Cellview, tmp_path: Path) -> None:
    with Server((200, GOOD, {})).running() as url:
        assert run(url).status == 0
    metadata = RunFolder.read(tmp_path / "run").metadata
    assert not metadata.reproducible and "--provider-cache" in metadata.not_reproducible_because[0]


def test_what_nobody_kept_is_named(run: Cellview, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    done = run(None, "--provider-offline", "--provider-cache", str(kept))
    assert done.status == 2 and f"no folder of answers {kept}" in done.err and not (tmp_path / "run").exists()
    kept.mkdir()
    done = run(None, "--provider-offline", "--provider-cache", str(kept))
    assert done.status == 3
    for word in ("tiny", str(kept), "⊢", "--provider-offline"):
        assert word in done.err
    assert RunFolder.read(tmp_path / "run").metadata.results[0].iterations == 1


def test_an_answer_that_was_altered_is_not_believed(run: Cellview, tmp_path: Path) -> None:
    kept = ("--provider-cache", str(tmp_path / "kept"), "--provider-errors", "1")
    with Server((200, GOOD, {})).running() as url:
        assert run(url, *kept, out="one").status == 0
    files = sorted((tmp_path / "kept").rglob("*.json"))
    for path in files:
        path.write_text(path.read_text().replace("t1", "t9"))
    done = run(None, *kept, "--provider-offline", out="two")
    assert done.status == 3 and "was altered" in done.err
    for path in files:
        path.write_text("nonsense")
    done = run(None, *kept, "--provider-offline", out="three")
    assert done.status == 3 and "is damaged" in done.err


def test_a_run_goes_on_when_its_model_is_back(run: Cellview, here: Cellview, tmp_path: Path) -> None:
    """What the dead model has spoilt begins anew, so the run ends as one that never saw it."""
    kept = ("--provider-cache", str(tmp_path / "kept"))
    with Server((200, GOOD, {})).running() as url:
        assert run(url, *kept, out="whole").status == 0
    server = Server(lambda number: (200, GOOD, {}) if number < 4 else (500, {}, {}))
    with server.running() as url:
        assert run(url, "--provider-cache", str(tmp_path / "other"), "--provider-retries", "0", out="cut").status == 3
    with Server((200, GOOD, {})).running() as url:
        assert here("run", "--resume", str(tmp_path / "cut"), "--provider-url", url, "--quiet").status == 0
    whole, cut = (RunFolder.read(tmp_path / name).metadata for name in ("whole", "cut"))
    assert cut.repeatable() == whole.repeatable() and cut.reproducible


def test_a_frontier_that_a_dead_model_has_spoilt_goes_on_here(run: Cellview, here: Cellview, tmp_path: Path) -> None:
    kept = ("--provider-cache", str(tmp_path / "kept"), "--name", "same")
    with Server((200, GOOD, {})).running() as url:
        assert run(url, *kept, out="whole").status == 0
    with Server((401, {}, {})).running() as url:
        there = (
            "--executor",
            "frontier",
            "--workers",
            "1",
            "--provider-cache",
            str(tmp_path / "other"),
            "--name",
            "same",
        )
        assert run(url, *there, out="cut").status == 3
    resume = ("run", "--resume", str(tmp_path / "cut"), "--quiet")
    with Server((200, GOOD, {})).running() as url:
        refused = here(*resume, "--provider-url", url)
        assert refused.status == 2 and "--executor here" in refused.err
        assert here(*resume, "--provider-url", url, "--executor", "here").status == 0
    whole, cut = (RunFolder.read(tmp_path / name).metadata for name in ("whole", "cut"))
    assert cut.repeatable() == whole.repeatable()


def test_the_prompt_is_a_file_with_the_goal_and_the_way_to_it(run: Cellview, tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("[system]\nTactics, {most} at most.\n[user]\n{path}\n{hypotheses} ⊢ {goal} {braces stay}")
    server = Server((200, GOOD, {}))
    with server.running() as url:
        assert run(url, "--provider-prompt", str(prompt), "--provider-most", "4", "--provider-seed", "7").status == 0
    first = server.asked[0]
    assert [message["role"] for message in first["messages"]] == ["system", "user"]
    assert first["messages"][0]["content"] == "Tactics, 4 at most." and first["seed"] == 7
    deeper = [asked["messages"][1]["content"] for asked in server.asked]
    assert any(text.startswith(("t0", "t1", "t2", "t3")) and "{braces stay}" in text for text in deeper)
    prompt.write_text("{gaol}")
    done = run("http://127.0.0.1:1/v1", "--provider-prompt", str(prompt), out="other")
    assert done.status == 2 and "unknown field {gaol} (the nearest is {goal})" in done.err
    assert not (tmp_path / "other").exists()


def test_hostile_tactics_come_to_nothing(here: Cellview, tmp_path: Path) -> None:
    hostile = [
        "sorry",
        "exact sorryAx _ false",
        "set_option maxHeartbeats 0 in simp",
        "run_tac return",
        "native_decide",
    ]
    tricks = [
        "exact h\nend\ntheorem x : False := by sorry",
        "#eval 1",
        "\u0000rfl",
        "x" * 5000,
        "admit",
        "open Lean in skip",
    ]
    with Server((200, chat("\n".join([*hostile, *tricks])), {})).running() as url:
        done = here(
            *("prove", "theorem t (p : Prop) : p", "--provider", "http", "--provider-model", "bad", "--json"),
            *("--provider-url", url, "--provider-most", "50", "--budget", "20"),
        )
    said = json.loads(done.out)
    assert done.status == 1 and not said["solved"] and said["stop_reason"] in ("exhausted", "budget")


def test_prove_ends_with_its_own_status(here: Cellview) -> None:
    with Server((401, {}, {})).running() as url:
        done = here(
            *("prove", "theorem t (p : Prop) : p → p", "--provider", "http", "--provider-model", "m"),
            *("--provider-url", url),
        )
    assert done.status == 3 and "failed too often" in done.err and "it wants a key" in done.err


def test_doctor_asks_one_question(here: Cellview) -> None:
    server = Server((200, chat("exact ⟨h.2, h.1⟩\nsimp"), {}))
    asked = ("doctor", "--provider", "http", "--provider-model", "m", "--provider-url")
    with server.running() as url:
        done = here(*asked, url)
        assert done.status == 0 and "exact ⟨h.2, h.1⟩" in done.out and len(server.asked) == 1
        server.reply = (401, {}, {})
        done = here(*asked, url, "--json")
    said = json.loads(done.out)
    assert done.status == 1 and not said["ready"] and "it wants a key" in said["findings"][-1]["detail"]


def test_totals_say_what_the_model_cost(run: Cellview) -> None:
    with Server((200, GOOD, {})).running() as url:
        done = run(url, "--json")
    totals = json.loads(done.out)["totals"]["model"]
    assert totals["requests"] > 0 and totals["prompt_tokens"] == 7 * totals["requests"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--provider", "htpp"), ("--provider", "heuristic, static, http", "htpp")),
        (("--provider", "http"), ("--provider-model",)),
        (("--provider", "http", "--provider-model", "m"), ("--provider-url",)),
        (("--provider", "http", "--provider-model", "m", "--provider-url", "localhost"), ("http://",)),
        (("--provider", "http", "--provider-model", "m", "--provider-url", "http://a:b@c/v1"), ("password",)),
        (("--provider", "http", "--provider-model", "m", "--provider-url", "http://h/v1?key=x"), ("holds ? or #",)),
        (("--provider-url", "http://localhost:1/v1"), ("--provider-url", "--provider http")),
        (("--provider-cache", "answers"), ("--provider-cache", "--provider http")),
        (("--provider", "http", "--provider-model", "m", "--provider-offline"), ("--provider-cache",)),
        (
            ("--provider", "http", "--provider-model", "m", "--provider-prompt", "none.txt"),
            ("none.txt", "cannot be read"),
        ),
        (("--provider-model", "m"), ("--provider-model", "--provider http")),
        (("--provider-tactics", "x"), ("--provider-tactics", "--provider static")),
        (("--provider", "static"), ("--provider-tactics",)),
        (("--provider", "static", "--provider-tactics", "none.txt"), ("none.txt", "cannot be read")),
        (("--provider", "nowhere:Class"), ("nowhere:Class", "cannot be imported", "PYTHONPATH")),
        (("--provider", "json:Nothing"), ("json", "no class Nothing")),
        (("--provider", "json:JSONDecoder"), ("is no provider", "suggest(goal)")),
        (("--provider", "json:JSONDecoder", "--provider-options", '{"x": 1}'), ("cannot be made with these options",)),
        (("--provider", "static", "--automation", "none"), ("--automation none", "heuristic")),
        (("--provider-errors", "0"), ("--provider-errors", "at least 1")),
        (("--provider-samples", "0"), ("--provider-samples",)),
        (("--provider-timeout", "0"), ("--provider-timeout", "above 0")),
        (("--provider-api", "socket"), ("--provider-api", "chat, completions")),
    ],
    ids=lambda value: " ".join(value)[-50:],
)
def test_mistakes(
    here: Cellview, statements: Path, tmp_path: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = here("run", str(statements), "--prover", "synthetic", "--out", str(tmp_path / "run"), *options)
    assert done.status == 2 and done.out == "" and len(done.err.splitlines()) == 1, done
    for word in words:
        assert word in done.err
    assert not (tmp_path / "run").exists()


def test_the_table_and_the_variables_say_the_same(
    here: Cellview, statements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "experiment.toml"
    head = f"[run]\ncorpus = '{statements}'\nprover = 'synthetic'\nquiet = true\n"
    with Server((200, GOOD, {})).running() as url:
        table = f"[provider]\nkind = 'http'\nmodel = 'tiny'\nurl = '{url}'\nstop = [\"\\n\\n\"]\n"
        file.write_text(head + table)
        assert here("run", str(file), "--out", str(tmp_path / "table")).status == 0
        file.write_text(head + '[provider]\nstop = ["\\n\\n"]\n')
        monkeypatch.setenv("CELLVIEW_PROVIDER", "http")
        monkeypatch.setenv("CELLVIEW_PROVIDER_MODEL", "tiny")
        monkeypatch.setenv("CELLVIEW_PROVIDER_URL", url)
        assert here("run", str(file), "--out", str(tmp_path / "variables")).status == 0
    one, other = (RunFolder.read(tmp_path / name).metadata for name in ("table", "variables"))
    assert one.repeatable() == other.repeatable() and one.backend.provider == "http-tiny"
    for wrong, said in (
        (head + "provider-model = 'm'\n", "write it as model in the table [provider]"),
        (head + "[provider]\nmodle = 'm'\n", "unknown key 'modle' in [provider] (the nearest is 'model')"),
    ):
        file.write_text(wrong)
        assert said in here("run", str(file)).err


def test_a_list_and_a_class_of_ones_own(
    here: Cellview, statements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tactics.txt").write_text("t2\n\nt0\n")
    (tmp_path / "my_own_tactics.py").write_text(
        "from cellview.prover import Suggestion\n"
        "class Mine:\n"
        "    immediate = True\n"
        "    provider_id = 'mine'\n"
        "    def __init__(self, words): self.words = words\n"
        "    async def suggest(self, goal): return [Suggestion(word, 1.0) for word in self.words]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))  # pyright: ignore[reportUnknownMemberType]  # untyped in pytest
    same = ("run", str(statements), "--prover", "synthetic", "--quiet")
    listed = ("--provider", "static", "--provider-tactics", str(tmp_path / "tactics.txt"))
    own = ("--provider", "my_own_tactics:Mine", "--provider-options", '{"words": ["t2", "t0"]}')
    assert here(*same, *listed, "--out", str(tmp_path / "a")).status == 0
    assert here(*same, *own, "--out", str(tmp_path / "b")).status == 0
    one, other = (RunFolder.read(tmp_path / name).metadata for name in "ab")
    assert [e.iterations for e in one.results] == [e.iterations for e in other.results]
    assert (one.backend.provider, other.backend.provider) == ("static", "my_own_tactics:Mine")
    assert one.reproducible and other.reproducible
