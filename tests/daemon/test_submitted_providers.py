"""What a submission may say of providers: no code, and a model only where the daemon was told of a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.daemon.errors import SubmissionError
from cellview.daemon.intake import experiment_of, with_corpus_text
from cellview.daemon.records import Change, Submission
from cellview.experiment import ImportedSpec, LeanSpec, ModelAccess, ModelSpec, StaticSpec
from cellview.prover.providers import ModelRequest


def test_a_submission_names_no_code(submission: Callable[..., Submission], tmp_path: Path) -> None:
    marker = tmp_path / "it ran"
    made = submission(provider=ImportedSpec(name="pathlib:Path", options={"x": str(marker)}))
    again = msgspec.json.decode(msgspec.json.encode(made), type=Submission)
    with pytest.raises(SubmissionError, match="no provider module:Class, as pathlib:Path is"):
        experiment_of(again)


def test_a_model_is_asked_only_where_the_daemon_was_told_of_a_server(
    submission: Callable[..., Submission], tmp_path: Path
) -> None:
    made = submission(provider=ModelSpec(request=ModelRequest(model="tiny")))
    for access in (None, ModelAccess(), ModelAccess(offline=True, cache=str(tmp_path / "none"))):
        with pytest.raises(SubmissionError, match="knows no server of models"):
            experiment_of(made, access)
    assert experiment_of(made, ModelAccess(url="http://localhost:1/v1")).setup.provider == made.provider


@pytest.mark.parametrize("field", ["url", "cache", "api_key"])
def test_a_submission_cannot_say_where_a_server_is(submission: Callable[..., Submission], field: str) -> None:
    data: dict[str, Any] = msgspec.to_builtins(submission(provider=ModelSpec(request=ModelRequest(model="tiny"))))
    data["provider"][field] = "http://elsewhere"
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(data, Submission)


def test_a_list_is_data(submission: Callable[..., Submission]) -> None:
    assert experiment_of(submission(provider=StaticSpec(tactics=("t0",)))).setup.provider == StaticSpec(tactics=("t0",))


@pytest.mark.parametrize("path", ["", ".", "/usr/bin/lean"])
@pytest.mark.parametrize("field", ["lean", "project"])
def test_no_path_of_a_program_is_taken_not_even_an_empty_one(
    submission: Callable[..., Submission], field: str, path: str
) -> None:
    with pytest.raises(SubmissionError, match="names no Lean and no project"):
        experiment_of(submission(prover=msgspec.convert({"kind": "lean", field: path}, LeanSpec)))


@pytest.mark.parametrize("field", ["name", "corpus_name"])
@pytest.mark.parametrize("text", ["\x1b[31mred", "two\nlines", "a\x00b", "a\x9bb", "a\u202eb"])
def test_names_that_a_terminal_would_obey_are_refused(
    submission: Callable[..., Submission], field: str, text: str
) -> None:
    with pytest.raises(SubmissionError, match=f"{field} holds"):
        with_corpus_text(submission(**{field: text}), ())


@pytest.mark.parametrize("field", ["agents", "inflight"])
def test_more_agents_than_a_worker_can_hold_are_refused(submission: Callable[..., Submission], field: str) -> None:
    made = submission()
    large = msgspec.structs.replace(made, search=msgspec.structs.replace(made.search, **{field: 1_000_000_000}))
    with pytest.raises(SubmissionError, match=f"search.{field} is at most"):
        with_corpus_text(large, ())


@pytest.mark.parametrize(
    "prover",
    [
        {"kind": "lean", "heartbeats": 0},
        {"kind": "synthetic", "branching": 1_000_000},
        {"kind": "synthetic", "p_fail": 7},
        {"kind": "synthetic", "p_fail": 0.8, "p_close": 0.8},
        {"kind": "synthetic", "latency_s": 1e308},
    ],
)
def test_provers_that_could_do_nothing_are_refused_at_once(
    submission: Callable[..., Submission], prover: dict[str, Any]
) -> None:
    data = msgspec.to_builtins(submission()) | {"prover": prover}
    with pytest.raises(msgspec.ValidationError, match=r"\$\.prover"):
        msgspec.convert(data, Submission)


@pytest.mark.parametrize("body", [{"note": "\x1b[31mred"}, {"tags": ["\x1b[31mred"]}, {"tags": ["x\n"]}])
def test_tags_and_notes_that_a_terminal_would_obey_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=Change)


def test_a_note_may_have_lines_and_any_script() -> None:
    note = "two lines:\n\t∀ x, p x → 証明"
    assert msgspec.json.decode(msgspec.json.encode({"note": note}), type=Change).note == note
