"""What a submission may say of providers: no code, and a model only where the daemon was told of a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellview.daemon.errors import SubmissionError
from cellview.daemon.intake import experiment_of
from cellview.daemon.records import Submission
from cellview.experiment import ImportedSpec, ModelAccess, ModelSpec, StaticSpec
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
