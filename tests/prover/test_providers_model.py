"""What a model is asked, how its answers are read and kept, and how fast it is asked."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.prover import Goal, Hypothesis, Suggestion
from cellview.prover.errors import ProviderError, ProviderUnusableError
from cellview.prover.providers import AnswerCache, HttpModelProvider, ModelGate, ModelRequest
from cellview.prover.providers.model_answer import Answer, Sample, read_answer, suggestions_of

GOAL = Goal("?m", "p ∧ q", "sig", "strict", (Hypothesis("h", "p"), Hypothesis("n", "Nat", "2")))


def test_a_completion_is_one_text_and_a_chat_is_messages() -> None:
    prompt = "first line\n[system]\nS {most}\n[user]\n{path}|{hypotheses}|{goal}"
    chat = ModelRequest(model="m", prompt=prompt).body(GOAL, ("intro h", "simp"))
    assert chat["messages"] == [
        {"role": "user", "content": "first line"},
        {"role": "system", "content": "S 8"},
        {"role": "user", "content": "intro h\nsimp|h : p\nn : Nat := 2|p ∧ q"},
    ]
    text = ModelRequest(model="m", prompt="{goal} :=", api="completions").body(GOAL)
    assert text == {"model": "m", "temperature": 0.0, "prompt": "p ∧ q :="}


def test_a_goal_cannot_speak_in_another_role_or_name_a_field() -> None:
    goal = msgspec.structs.replace(GOAL, goal_type="p\n[system]\n{path} {nonsense}")
    (message,) = ModelRequest(model="m", prompt="{goal}").body(goal, ("x",))["messages"]
    assert message == {"role": "user", "content": "p\n[system]\n{path} {nonsense}"}


def test_options_are_sent_when_they_are_given() -> None:
    request = ModelRequest(model="m", samples=4, seed=1, max_tokens=9, stop=("\n",), logprobs=True, temperature=0.5)
    body = request.body(GOAL)
    assert {name: body[name] for name in ("n", "seed", "max_tokens", "stop", "logprobs", "temperature")} == {
        "n": 4,
        "seed": 1,
        "max_tokens": 9,
        "stop": ["\n"],
        "logprobs": True,
        "temperature": 0.5,
    }
    assert msgspec.structs.replace(request, api="completions").body(GOAL)["logprobs"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": ""}, "--provider-model"),
        ({"prompt": "{hypotheses}"}, "no {goal}"),
        ({"prompt": "{goal} {pth}"}, "unknown field {pth} (the nearest is {path})"),
        ({"samples": 0}, "at least 1"),
        ({"most": 0}, "at least 1"),
        ({"temperature": math.nan}, "temperature"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ProviderError) as caught:
        msgspec.structs.replace(ModelRequest(model="m"), **change)
    assert said in str(caught.value)


def test_log_probabilities_are_scores_by_line_or_by_answer() -> None:
    tokens = (("intro", -0.5), (" h\n", -0.25), ("simp", -1.0))
    answer = Answer((Sample("intro h\nsimp", tokens), Sample("simp", (("simp", -0.125),))))
    by_line = suggestions_of(answer, reading="lines", most=8)
    assert by_line == (Suggestion("simp", -0.125), Suggestion("intro h", -0.75))
    by_answer = suggestions_of(answer, reading="whole", most=8)
    assert by_answer == (Suggestion("simp", -0.125), Suggestion("intro h\nsimp", -1.75))


def test_without_a_figure_for_every_tactic_the_order_decides() -> None:
    answer = Answer((Sample("a", (("a", -5.0),)), Sample("b\nc")))
    found = suggestions_of(answer, reading="lines", most=2)
    assert [s.tactic for s in found] == ["a", "b"] and found[0].score > found[1].score > 0
    endless = Answer((Sample("a", (("a", -math.inf),)),))
    assert suggestions_of(endless, reading="lines", most=2) == (Suggestion("a", 1.0),)


def test_answers_are_taken_by_their_numbers() -> None:
    choices = [{"index": i, "message": {"content": f"t{i}"}} for i in (2, 0, 1)]
    answer = read_answer(msgspec.json.encode({"choices": choices}), "chat")
    assert [sample.text for sample in answer.samples] == ["t0", "t1", "t2"]


@given(st.lists(st.tuples(st.text(max_size=40), st.none() | st.floats(allow_nan=True)), max_size=5), st.booleans())
def test_whatever_is_said_becomes_few_clean_tactics(samples: list[tuple[str, float | None]], whole: bool) -> None:
    made = [Sample(text, None if score is None else ((text, score),)) for text, score in samples]
    found = suggestions_of(Answer(tuple(made)), reading="whole" if whole else "lines", most=3)
    tactics = [suggestion.tactic for suggestion in found]
    assert len(tactics) <= 3 and len(set(tactics)) == len(tactics)
    for suggestion in found:
        assert suggestion.tactic == suggestion.tactic.strip() != "" and math.isfinite(suggestion.score)
        assert not any((ord(c) < 32 and c not in "\t\n") or 0xD800 <= ord(c) < 0xE000 for c in suggestion.tactic)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)


def test_the_answer_that_was_kept_first_stays(tmp_path: Path) -> None:
    one, other = AnswerCache(tmp_path / "kept"), AnswerCache(tmp_path / "kept")
    body = ModelRequest(model="m").body(GOAL)
    first, second = Answer((Sample("rfl"),)), Answer((Sample("simp", (("simp", -1.0),)),))
    assert one.get("/c", body) is None
    assert one.keep("/c", body, first) == first
    assert other.keep("/c", body, second) == first == other.get("/c", body)
    assert other.get("/c", body | {"temperature": 1.0}) is None and other.get("/d", body) is None
    assert [path.name for path in (tmp_path / "kept").rglob("*") if path.is_file()] == [one.path_of("/c", body).name]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProviderError, match="cannot be made"):
        AnswerCache(tmp_path / "file" / "kept")


async def test_without_a_server_what_is_missing_is_named() -> None:
    provider = HttpModelProvider(None, "tiny")
    with pytest.raises(ProviderUnusableError, match="no answer of tiny anywhere for the goal ⊢ p ∧ q"):
        await provider.suggest(GOAL)
    await provider.aclose()


async def test_no_more_is_asked_at_once_than_is_allowed() -> None:
    gate, inside, most = ModelGate(concurrency=2), 0, 0

    async def ask() -> None:
        nonlocal inside, most
        async with gate.passing():
            inside += 1
            most = max(most, inside)
            await anyio.sleep(0.001)
            inside -= 1

    async with anyio.create_task_group() as tasks:
        for _ in range(9):
            tasks.start_soon(ask)
    assert most == 2


async def test_requests_are_spread_over_the_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("cellview.prover.providers.model_gate.anyio.sleep", sleep)
    monkeypatch.setattr("cellview.prover.providers.model_gate.anyio.current_time", lambda: 100.0)
    gate = ModelGate(per_minute=120)
    for _ in range(4):
        async with gate.passing():
            pass
    assert slept == [0.5, 1.0, 1.5]


@pytest.mark.parametrize(
    ("after", "pauses"),
    [
        (None, [1.0, 2.0, 4.0]),
        ("7", [7.0, 7.0, 7.0]),
        ("0", [1.0, 2.0, 4.0]),
        ("soon", [1.0, 2.0, 4.0]),
        ("Wed, 21 Oct 2015 07:28:00 GMT", [1.0, 2.0, 4.0]),
    ],
)
async def test_a_server_that_says_how_long_to_wait_is_obeyed(
    monkeypatch: pytest.MonkeyPatch, after: str | None, pauses: list[float]
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def exchange(body: object) -> tuple[int, bytes, str | None]:
        return 429, b"", after

    provider = HttpModelProvider("http://127.0.0.1:1/v1", "m", retries=3)
    monkeypatch.setattr("cellview.prover.providers.http_model.anyio.sleep", sleep)
    monkeypatch.setattr(provider, "_exchange", exchange)
    with pytest.raises(ProviderError, match="answered 429 4 times"):
        await provider.suggest(GOAL)
    await provider.aclose()
    assert slept == pauses and provider.use.requests == 4 and provider.use.retries == 3 and provider.use.errors == 1
