"""A request as handlers see it: checked query, checked body, whole numbers of the path."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import anyio
import msgspec
from starlette.requests import Request

from cellview.core import SearchError
from cellview.daemon.errors import NoSuchExperimentError
from cellview.daemon.http.problems import Refusal
from cellview.daemon.service import Daemon
from cellview.schedule import InterventionError, ScheduleError

__all__ = ["MOST_BODY_BYTES", "Call"]

T = TypeVar("T", bound=msgspec.Struct)

MOST_BODY_BYTES: Final = 8 * 1024 * 1024
_BODY_S: Final = 30.0
_LARGEST: Final = 2**53


class Call:
    """One request to the daemon."""

    def __init__(self, daemon: Daemon, request: Request) -> None:
        self.daemon = daemon
        self._request = request

    def number(self, name: str) -> int:
        """Return a whole number of the path."""
        text = self._request.path_params[name]
        value = int(text) if len(text) <= 16 and text.isascii() and text.isdigit() else _LARGEST
        if value >= _LARGEST:
            raise NoSuchExperimentError(f"There is no {name} {text[:40]!r}.")
        return value

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
            Refusal: It is too large, too slow, or not what is expected.
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
        except (SearchError, ScheduleError, InterventionError) as error:
            raise Refusal(422, str(error)) from error

    def as_json(self, value: Any) -> bytes:
        """Return a value as JSON."""
        return msgspec.json.encode(value)
