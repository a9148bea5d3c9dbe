"""A language model behind an OpenAI-compatible HTTP interface as a tactic provider."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import anyio
import msgspec

from cellview.prover.base import Goal, Suggestion
from cellview.prover.errors import ProviderError, ProviderUnusableError
from cellview.prover.providers.model_answer import Answer, read_answer, suggestions_of
from cellview.prover.providers.model_cache import AnswerCache
from cellview.prover.providers.model_gate import ModelGate, ModelUse
from cellview.prover.providers.model_request import ModelRequest

if TYPE_CHECKING:
    import httpx
    import tenacity

__all__ = ["HttpModelProvider"]

_CHUNK_BYTES: Final = 65_536
_LONGEST_PAUSE_S: Final = 60.0
_UNAUTHORISED: Final = (401, 403)


class HttpModelProvider:
    """Asks ``POST {base_url}/chat/completions`` (or ``/completions``) for tactics.

    An answer is remembered by the question, and equal questions wait for one request, so that within a run the
    suggestions are a function of the goal (and of the way to it, if the prompt shows that) whatever the model does.
    With a `cache` that holds across runs.

    Args:
        base_url: Root of the interface, such as ``http://localhost:8000/v1``; ``None``: there is no server, and all
            answers come from the cache.
        request: What is asked. A text is the model's name, and all else at its default.
        api_key: Sent as a bearer token; ``None`` for servers that want none. It never appears in an error.
        timeout_s: Seconds for one request, from its first byte to the last byte of its answer.
        most_bytes: Bytes of an answer, decompressed; a longer one is an error.
        retries: Further tries after a failed connection, a timeout, or status 429 or 5xx.
        pause_s: Seconds before the first further try; doubled each time, up to a minute. A server that says how long to
            wait (``Retry-After``) is obeyed, up to `patience_s`.
        patience_s: Longest pause that a server may ask for; a longer one is an error.
        gate: How much is asked at once; several providers may share one.
        cache: Where answers are kept, and taken from.

    Attributes:
        use: What asking came to so far.

    Raises:
        ProviderError: httpx or tenacity is not installed, or an argument is out of range.
    """

    def __init__(
        self,
        base_url: str | None,
        request: ModelRequest | str,
        *,
        api_key: str | None = None,
        timeout_s: float = 60.0,
        most_bytes: int = 1 << 20,
        retries: int = 2,
        pause_s: float = 1.0,
        patience_s: float = 600.0,
        gate: ModelGate | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        if most_bytes < 1 or retries < 0 or timeout_s <= 0 or pause_s < 0 or patience_s < 0:
            raise ProviderError(
                "most_bytes must be at least 1, timeout_s above 0, retries, pause_s and patience_s at least 0."
            )
        self._request = ModelRequest(model=request) if isinstance(request, str) else request
        self._url = None if base_url is None else _checked_url(base_url) + self._request.endpoint
        self._key = _checked_key(api_key)
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes
        self._retries = retries
        self._pause_s = pause_s
        self._patience_s = patience_s
        self._gate = gate or ModelGate()
        self._cache = cache
        self._client = None if self._url is None else _client(self._key, timeout_s)
        self._answers: dict[bytes, tuple[Suggestion, ...]] = {}
        self._asking: dict[bytes, anyio.Lock] = {}
        self.use = ModelUse()
        self.uses_path = self._request.uses_path
        """Whether it must be asked by :meth:`suggest_after`."""

    @property
    def provider_id(self) -> str:
        """``http-`` and the model's name."""
        return f"http-{self._request.model}"

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Ask the model, once for each goal. See :meth:`suggest_after`."""
        return await self.suggest_after(goal, ())

    async def suggest_after(self, goal: Goal, path: Sequence[str]) -> Sequence[Suggestion]:
        """Ask the model, once for each question; `path` are the tactics that led to the goal.

        Raises:
            ProviderUnusableError: The server refuses the key, or nobody kept an answer and there is no server.
            ProviderError: The server cannot be reached, refuses, or answers with something else than tactics.
        """
        body = self._request.body(goal, path)
        key = msgspec.json.encode(body)
        async with self._asking.setdefault(key, anyio.Lock()):
            if key not in self._answers:
                try:
                    self._answers[key] = await self._suggestions(goal, body)
                except ProviderError:
                    self.use.errors += 1
                    raise
        return self._answers[key]

    async def aclose(self) -> None:
        """Close the connections. Idempotent."""
        if self._client is not None:
            await self._client.aclose()

    async def _suggestions(self, goal: Goal, body: Mapping[str, Any]) -> tuple[Suggestion, ...]:
        endpoint = self._request.endpoint
        answer = None if self._cache is None else self._cache.get(endpoint, body)
        if answer is not None:
            self.use.cache_hits += 1
            return self._read(answer)
        if self._url is None:
            where = "anywhere" if self._cache is None else f"in {self._cache.folder}"
            raise ProviderUnusableError(
                f"There is no answer of {self._request.model} {where} for the goal ⊢ {_shortened(goal.goal_type)}, and "
                "no server is asked (--provider-offline): model, prompt and parameters must be those of the run that "
                "kept the answers."
            )
        answer = await self._ask(body)
        suggestions = self._read(answer)  # an answer that says nothing is not kept: it would be said for ever
        if self._cache is not None:
            kept = self._cache.keep(endpoint, body, answer)
            suggestions = suggestions if kept is answer else self._read(kept)
        return suggestions

    def _read(self, answer: Answer) -> tuple[Suggestion, ...]:
        suggestions = suggestions_of(answer, reading=self._request.reading, most=self._request.most)
        if not suggestions:
            shown = _shortened(" ".join(sample.text for sample in answer.samples))
            raise ProviderError(f"{self.provider_id} answered without a tactic: {self._without_key(shown)!r}.")
        return suggestions

    async def _ask(self, body: Mapping[str, Any]) -> Answer:
        import tenacity

        tries = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(1 + self._retries),
            wait=self._pause_before,
            retry=tenacity.retry_if_exception_type(_TryAgainError),
            sleep=anyio.sleep,
            reraise=True,
        )
        try:
            async for attempt in tries:
                with attempt:
                    self.use.retries += attempt.retry_state.attempt_number > 1
                    return await self._once(body)
        except _TryAgainError as last:
            raise ProviderError(last.sentence) from None
        raise AssertionError("the last try returns or raises")

    def _pause_before(self, state: tenacity.RetryCallState) -> float:
        """Return how long to wait: what the server asks for, or twice as long as the last time."""
        failure = None if state.outcome is None else state.outcome.exception()
        asked = failure.after_s if isinstance(failure, _TryAgainError) else 0.0
        doubled = self._pause_s * 2.0 ** min(state.attempt_number - 1, 30)
        return max(asked, min(doubled, max(self._pause_s, _LONGEST_PAUSE_S)))

    async def _once(self, body: Mapping[str, Any]) -> Answer:
        """One request.

        Raises:
            _TryAgainError: It may be tried again.
        """
        async with self._gate.passing():
            self.use.requests += 1
            started = time.monotonic()
            try:
                status, content, after = await self._exchange(body)
            finally:
                self.use.waited_s += time.monotonic() - started
        if status in _UNAUTHORISED:
            raise ProviderUnusableError(
                f"{self._url} answered {status} ({'it refuses the key' if self._key else 'it wants a key'}): put the "
                "right one into CELLVIEW_PROVIDER_KEY."
            )
        if status == 429 or status >= 500:
            raise _TryAgainError(self._tried(f"answered {status}"), self._pause_asked_for(after))
        if status != 200:
            said = self._without_key(content[:200].decode(errors="replace"))
            raise ProviderError(f"{self._url} answered {status}: {said!r}; check model and address.")
        try:
            answer = read_answer(content, self._request.api)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            why = self._without_key(str(error))
            raise ProviderError(f"{self._url} answered with no completion ({why}).") from None
        self.use.prompt_tokens += answer.prompt_tokens
        self.use.completion_tokens += answer.completion_tokens
        return answer

    async def _exchange(self, body: Mapping[str, Any]) -> tuple[int, bytes, str | None]:
        """Send the request; return status, the answer up to its limit, and what ``Retry-After`` says."""
        import httpx

        # httpx quotes headers in some of its errors, and a traceback shows causes: so nothing of its texts is repeated.
        try:
            with anyio.fail_after(self._timeout_s):  # httpx's own limit is for each read, which a trickle never exceeds
                return await self._stream(body)
        except (httpx.TimeoutException, TimeoutError):
            raise _TryAgainError(self._tried(f"did not answer within {self._timeout_s:g} s")) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            kind = type(error).__name__
            raise _TryAgainError(self._tried(f"cannot be reached ({kind})")) from None

    async def _stream(self, body: Mapping[str, Any]) -> tuple[int, bytes, str | None]:
        assert self._client is not None and self._url is not None
        async with self._client.stream("POST", self._url, json=body) as response:
            content = bytearray()
            async for chunk in response.aiter_bytes(_CHUNK_BYTES):
                content += chunk
                if len(content) > self._most_bytes:
                    raise ProviderError(
                        f"{self._url} answered with more than {self._most_bytes} bytes; that is no list."
                    )
            return response.status_code, bytes(content), response.headers.get("retry-after")

    def _tried(self, what: str) -> str:
        times = self._retries + 1
        again = f" {times} times" if times > 1 else ""
        return f"{self._url} {what}{again}; is the server running, and is it overloaded?"

    def _pause_asked_for(self, after: str | None) -> float:
        seconds = _seconds(after)
        if seconds > self._patience_s:
            raise ProviderError(
                f"{self._url} asks to wait {seconds:g} s before the next request, and at most {self._patience_s:g} s "
                "are waited; try again later."
            )
        return seconds

    def _without_key(self, text: str) -> str:
        """Take the key out of what a server said: some repeat what they were sent."""
        return text if self._key is None else text.replace(self._key, "(the key)")


class _TryAgainError(Exception):
    """A request failed in a way that may pass; `after_s`: the server asks for that pause."""

    def __init__(self, sentence: str, after_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.after_s = after_s


def _client(key: str | None, timeout_s: float) -> httpx.AsyncClient:
    try:
        import httpx
        import tenacity  # noqa: F401  # pyright: ignore[reportUnusedImport]  # needed at the first question
    except ImportError as error:
        raise ProviderError("A model over HTTP needs httpx and tenacity: run pip install 'cellview[app]'.") from error
    headers = {"authorization": f"Bearer {key}"} if key else {}
    # A redirect would take the key to another host; and only this process's arguments say where a model is.
    return httpx.AsyncClient(timeout=timeout_s, headers=headers, follow_redirects=False, trust_env=False)


def _checked_url(url: str) -> str:
    """Return the address without its last slash; what is refused may hold a secret, and is not repeated."""
    if not url.startswith(("http://", "https://")):
        raise ProviderError("The model's address must begin with http:// or https://.")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ProviderError("The model's address holds a password; give it as api_key, which no error shows.")
    if "?" in url or "#" in url:
        raise ProviderError(
            "The model's address holds ? or #: it is the root of an interface, such as http://localhost:8000/v1. A key "
            "does not belong into it."
        )
    return url.rstrip("/")


def _checked_key(key: str | None) -> str | None:
    if key is not None and not re.fullmatch(r"[!-~]+", key):
        raise ProviderError("The model's key holds a space, a line break or a letter that no header may hold.")
    return key


def _seconds(after: str | None) -> float:
    """Read ``Retry-After``: seconds, or a date. Anything else asks for nothing."""
    if after is None:
        return 0.0
    if re.fullmatch(r"\d{1,9}(\.\d+)?", after.strip()):
        return float(after)
    try:
        moment = email.utils.parsedate_to_datetime(after)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:119]}…"
