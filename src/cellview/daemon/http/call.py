"""A request as handlers see it: checked query, checked body, whole numbers of the path."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cellview.daemon.errors import NoFileError, NoSuchExperimentError
from cellview.daemon.http.front import Front
from cellview.daemon.http.problems import Refusal
from cellview.daemon.records import ExperimentStatus, SearchStatus

__all__ = ["MOST_BODY_BYTES", "WORD", "Call", "Natural", "answer"]

R = TypeVar("R")
T = TypeVar("T", bound=msgspec.Struct)

Natural = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A number as queries have it: one that every JSON can hold."""

MOST_BODY_BYTES: Final = 8 * 1024 * 1024
WORD: Final = "^[a-z][a-z0-9_]{0,39}$"
"""A name in a path."""

_BODY_S: Final = 30.0
_LARGEST: Final = 2**53


class Call:
    """One request to the daemon."""

    def __init__(self, front: Front, request: Request) -> None:
        self.front = front
        self.daemon = front.daemon
        self._request = request

    def number(self, name: str) -> int:
        """Return a whole number of the path."""
        text = self._request.path_params[name]
        value = int(text) if len(text) <= 16 and text.isascii() and text.isdigit() else _LARGEST
        if value >= _LARGEST:
            raise NoSuchExperimentError(f"There is no {name} {text[:40]!r}.")
        return value

    def word(self, name: str) -> str:
        """Return a word of the path.

        Raises:
            NoFileError: It is none.
        """
        text: str = self._request.path_params[name]
        if not re.fullmatch(WORD, text):
            raise NoFileError(f"There is no {name} {text[:40]!r}.")
        return text

    def header(self, name: str) -> str | None:
        """Return a header."""
        value: str | None = self._request.headers.get(name)
        return value

    def query(self, form: type[T]) -> T:
        """Return the query parameters.

        Raises:
            Refusal: One is unknown, double or wrong.
        """
        given: dict[str, str] = {}
        for name, value in self._request.query_params.multi_items():
            if name in given:
                raise Refusal(400, f"The parameter {name[:40]!r} stands twice.")
            given[name] = value
        try:
            return msgspec.convert(given, form, strict=False)
        except msgspec.ValidationError as error:
            raise Refusal(400, f"The query does not fit: {error}.") from error

    async def body(self, form: type[T]) -> T:
        """Read the body, within a size and a time.

        Raises:
            Refusal: It is too large, too slow, or not what is expected. What a struct refuses by itself (values that do
                not go together) goes up as it is.
        """
        data = bytearray()
        try:
            with anyio.fail_after(_BODY_S):
                async for chunk in self._request.stream():
                    data += chunk
                    if len(data) > MOST_BODY_BYTES:
                        raise Refusal(413, f"The body is larger than {MOST_BODY_BYTES} bytes.")
        except TimeoutError:
            raise Refusal(408, f"The body did not come within {_BODY_S:g} s.") from None
        try:
            return msgspec.json.decode(data, type=form)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(400, f"The body does not fit: {error}.") from error

    async def experiment(self) -> ExperimentStatus:
        """Return the experiment that the path names.

        Raises:
            NoSuchExperimentError: There is none.
        """
        number = self.number("experiment")
        return await self.daemon.database.do(lambda store: store.experiment(number))

    async def search(self) -> tuple[ExperimentStatus, SearchStatus]:
        """Return the experiment and the search that the path names.

        Raises:
            NoSuchExperimentError: There is none.
        """
        experiment, number = self.number("experiment"), self.number("search")
        return await self.daemon.database.do(
            lambda store: (store.experiment(experiment), store.search(experiment, number))
        )

    async def read(self, work: Callable[[], R]) -> R:
        """Read files in a thread."""
        return await anyio.to_thread.run_sync(work)


def answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a value as an answer in JSON."""
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json", headers=headers)
