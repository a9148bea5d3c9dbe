"""A language model behind an OpenAI-compatible HTTP interface as a tactic provider."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import anyio
import msgspec

from cellview.prover.base import Goal, Suggestion
from cellview.prover.errors import ProviderError
from cellview.prover.providers.static import in_order

if TYPE_CHECKING:
    import httpx

__all__ = ["HttpModelProvider", "read_tactics"]

_INSTRUCTION = (
    "You suggest tactics for Lean 4. Given a goal, answer with up to {most} different single tactics that may make "
    "progress on it, one per line, the most promising first. Write no explanations, no numbering and no `sorry`."
)
_CHUNK_BYTES = 65_536
_LISTING = re.compile(r"^\s*(?:\d+[.)]\s+|[-*•]\s+)")


class _Message(msgspec.Struct, frozen=True):
    content: str


class _Choice(msgspec.Struct, frozen=True):
    message: _Message


class _Answer(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...]


class HttpModelProvider:
    """Asks ``POST {base_url}/chat/completions`` for tactics.

    An answer is remembered by the goal's strict signature, and equal goals wait for one request, so that within a run
    the suggestions are a function of the goal whatever the model does. Across runs only a replay of the trace is.

    Args:
        base_url: Root of the interface, such as ``http://localhost:8000/v1``.
        model: The model's name there.
        api_key: Sent as a bearer token; ``None`` for servers that want none. It never appears in an error.
        most: Most suggestions taken from an answer.
        timeout_s: Seconds for one request, from its first byte to the last byte of its answer.
        most_bytes: Bytes of an answer, decompressed; a longer one is an error.
        retries: Further tries after a failed connection, a timeout, or status 429 or 5xx.
        pause_s: Seconds before the first further try; doubled each time.

    Raises:
        ProviderError: httpx is not installed, or an argument is out of range.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        most: int = 8,
        timeout_s: float = 60.0,
        most_bytes: int = 1 << 20,
        retries: int = 2,
        pause_s: float = 1.0,
    ) -> None:
        try:
            import httpx
        except ImportError as error:
            raise ProviderError("A model over HTTP needs httpx: run pip install 'cellview[app]'.") from error
        if not base_url.startswith(("http://", "https://")):
            raise ProviderError(f"The model's address {base_url!r} must begin with http:// or https://.")
        if most < 1 or most_bytes < 1 or retries < 0 or timeout_s <= 0 or pause_s < 0:
            raise ProviderError(
                "most and most_bytes must be at least 1, timeout_s above 0, retries and pause_s at least 0."
            )
        if api_key is not None and not re.fullmatch(r"[!-~]+", api_key):
            raise ProviderError("The model's key holds a space, a line break or a letter that no header may hold.")
        if "@" in base_url.partition("://")[2].partition("/")[0]:
            raise ProviderError("The model's address holds a password; give it as api_key, which no error shows.")
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._model = model
        self._most = most
        self._retries = retries
        self._pause_s = pause_s
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        # A redirect would take the key to another host; and only this process's arguments say where a model is.
        self._client: httpx.AsyncClient = httpx.AsyncClient(
            timeout=timeout_s, headers=headers, follow_redirects=False, trust_env=False
        )
        self._key = api_key
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes
        self._answers: dict[str, tuple[Suggestion, ...]] = {}
        self._asking: dict[str, anyio.Lock] = {}

    @property
    def provider_id(self) -> str:
        """``http-`` and the model's name."""
        return f"http-{self._model}"

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Ask the model, once for each goal.

        Raises:
            ProviderError: The server cannot be reached, refuses, or answers with something else than a completion.
        """
        key = goal.goal_sig_strict
        async with self._asking.setdefault(key, anyio.Lock()):
            if key not in self._answers:
                tactics = read_tactics(await self._complete(goal))[: self._most]
                self._answers[key] = in_order(tactics)
        return self._answers[key]

    async def aclose(self) -> None:
        """Close the connections. Idempotent."""
        await self._client.aclose()

    async def _complete(self, goal: Goal) -> str:
        body = {
            "model": self._model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": _INSTRUCTION.format(most=self._most)},
                {"role": "user", "content": _describe(goal)},
            ],
        }
        pause = self._pause_s
        for last in [False] * self._retries + [True]:
            answer = await self._post(body, last=last)
            if answer is not None:
                return answer
            await anyio.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    async def _post(self, body: dict[str, Any], *, last: bool) -> str | None:
        """One request; ``None`` if it may be tried again."""
        import httpx

        # httpx quotes headers in some of its errors, and a traceback shows causes: so nothing of its texts is repeated.
        try:
            with anyio.fail_after(self._timeout_s):  # httpx's own limit is for each read, which a trickle never exceeds
                status, content = await self._read(body)
        except (httpx.TimeoutException, TimeoutError):
            if not last:
                return None
            raise ProviderError(f"{self._url} did not answer within {self._timeout_s:g} s; is it overloaded?") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not last:
                return None
            kind = type(error).__name__
            raise ProviderError(f"{self._url} cannot be reached ({kind}); is the server running?") from None
        if status == 429 or status >= 500:
            if not last:
                return None
            raise ProviderError(f"{self._url} answered {status} {self._retries + 1} times; try again later.")
        if status != 200:
            said = self._without_key(content[:200].decode(errors="replace"))
            raise ProviderError(f"{self._url} answered {status}: {said!r}; check model and key.")
        try:
            choices = msgspec.json.decode(content, type=_Answer).choices
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            why = self._without_key(str(error))
            raise ProviderError(f"{self._url} answered with no chat completion ({why}).") from None
        return "\n".join(choice.message.content for choice in choices)

    async def _read(self, body: dict[str, Any]) -> tuple[int, bytes]:
        """One request: status, and the answer up to its limit."""
        async with self._client.stream("POST", self._url, json=body) as response:
            content = bytearray()
            async for chunk in response.aiter_bytes(_CHUNK_BYTES):
                content += chunk
                if len(content) > self._most_bytes:
                    raise ProviderError(
                        f"{self._url} answered with more than {self._most_bytes} bytes; that is no list."
                    )
            return response.status_code, bytes(content)

    def _without_key(self, text: str) -> str:
        """Take the key out of what a server said: some repeat what they were sent."""
        return text if self._key is None else text.replace(self._key, "(the key)")


def _describe(goal: Goal) -> str:
    lines = [
        f"{hypothesis.name} : {hypothesis.type}" + (f" := {hypothesis.value}" if hypothesis.value is not None else "")
        for hypothesis in goal.hypotheses
    ]
    return "\n".join([*lines, f"⊢ {goal.goal_type}"])


def read_tactics(answer: str) -> list[str]:
    """The tactics in a model's answer: one per line, without code fences, numbering and repetitions."""
    found: dict[str, None] = {}
    for line in answer.splitlines():
        text = _LISTING.sub("", line).strip()
        if text.startswith("```"):
            continue
        if len(text) > 1 and text[0] == text[-1] == "`":
            text = text[1:-1].strip()
        if text and text not in ("by", "lean"):
            found.setdefault(text.removeprefix("by ").strip())
    return list(found)
