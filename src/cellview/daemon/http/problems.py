"""Errors as answers: ``application/problem+json`` (RFC 9457), with the sentence that the command line would print."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.responses import Response

from cellview.daemon.errors import ConflictError, DaemonError, NoSuchExperimentError, SubmissionError

__all__ = ["Problem", "Refusal", "problem_of", "refusal_of"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error as it is sent: `detail` is one sentence for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Refusal(Exception):
    """Raised in the front when a request is not to be answered: the HTTP status, and one sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def problem_of(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error as an answer."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(
        msgspec.json.encode(problem), status_code=status, media_type="application/problem+json", headers=headers
    )


def refusal_of(error: DaemonError) -> Response:
    """Return what an error of the daemon is for the client."""
    statuses: dict[type[DaemonError], int] = {
        SubmissionError: 422,
        ConflictError: 409,
        NoSuchExperimentError: 404,
    }
    status = next((number for kind, number in statuses.items() if isinstance(error, kind)), 500)
    return problem_of(status, str(error))
