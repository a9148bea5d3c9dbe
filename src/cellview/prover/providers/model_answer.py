"""What a language model answered: read, checked and turned into suggestions. The server is a stranger."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final

import msgspec

from cellview.prover.base import Suggestion
from cellview.prover.providers.model_request import ModelApi, Reading
from cellview.prover.providers.static import in_order

__all__ = ["Answer", "Sample", "read_answer", "read_tactics", "suggestions_of"]

_LONGEST: Final = 4_000
"""Characters of one tactic; what is longer is no tactic, and would stand in every record of its node."""

_LISTING = re.compile(r"^\s*(?:\d+[.)]\s+|[-*•]\s+)")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Sample(msgspec.Struct, frozen=True):
    """One answer: its text, and its tokens with their log-probabilities where the server gave them."""

    text: str
    tokens: tuple[tuple[str, float], ...] | None = None


class Answer(msgspec.Struct, frozen=True):
    """All answers to one question, and what the server says that they cost."""

    samples: tuple[Sample, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0


# -- the server's JSON -------------------------------------------------------------------------------------------------


class _Token(msgspec.Struct, frozen=True):
    token: str
    logprob: float | None = None


class _ChatLogprobs(msgspec.Struct, frozen=True):
    content: tuple[_Token, ...] | None = None


class _Message(msgspec.Struct, frozen=True):
    content: str | None


class _ChatChoice(msgspec.Struct, frozen=True):
    message: _Message
    logprobs: _ChatLogprobs | None = None
    index: int = 0

    def sample(self) -> Sample:
        content = None if self.logprobs is None else self.logprobs.content
        pairs = None if content is None else [(token.token, token.logprob) for token in content]
        return Sample(self.message.content or "", _tokens(pairs))


class _TextLogprobs(msgspec.Struct, frozen=True):
    tokens: tuple[str, ...] | None = None
    token_logprobs: tuple[float | None, ...] | None = None


class _TextChoice(msgspec.Struct, frozen=True):
    text: str
    logprobs: _TextLogprobs | None = None
    index: int = 0

    def sample(self) -> Sample:
        given = self.logprobs
        if given is None or given.tokens is None or given.token_logprobs is None:
            return Sample(self.text)
        return Sample(self.text, _tokens(list(zip(given.tokens, given.token_logprobs, strict=False))))


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Chat(msgspec.Struct, frozen=True):
    choices: tuple[_ChatChoice, ...]
    usage: _Usage | None = None


class _Text(msgspec.Struct, frozen=True):
    choices: tuple[_TextChoice, ...]
    usage: _Usage | None = None


def _tokens(pairs: Sequence[tuple[str, float | None]] | None) -> tuple[tuple[str, float], ...] | None:
    if not pairs:
        return None
    # Some servers have no figure for the first token; it is then certain.
    return tuple((token, 0.0 if logprob is None else logprob) for token, logprob in pairs)


def read_answer(content: bytes, api: ModelApi) -> Answer:
    """Return what a server's JSON says.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: It is no completion.
    """
    decoded = msgspec.json.decode(content, type=_Chat) if api == "chat" else msgspec.json.decode(content, type=_Text)
    choices: Sequence[_ChatChoice | _TextChoice] = decoded.choices
    usage = decoded.usage or _Usage()
    # In the order of their numbers: servers send them as they are done.
    samples = [choice.sample() for choice in sorted(choices, key=lambda choice: choice.index)]
    return Answer(tuple(samples), max(0, usage.prompt_tokens), max(0, usage.completion_tokens))


# -- suggestions -------------------------------------------------------------------------------------------------------


def suggestions_of(answer: Answer, *, reading: Reading, most: int) -> tuple[Suggestion, ...]:
    """Return the tactics of an answer, each once, at most `most`.

    Scores are log-probabilities where every tactic has one: the sum over the tokens of its line, or of its answer. The
    best of several equal tactics counts. Otherwise scores fall evenly in the order of the answers.
    """
    found: dict[str, float | None] = {}
    for sample in answer.samples:
        for tactic, score in _lines(sample) if reading == "lines" else _whole(sample):
            before = found.setdefault(tactic, score)
            if score is not None and before is not None and score > before:
                found[tactic] = score
    scored = [Suggestion(tactic, score) for tactic, score in found.items() if score is not None]
    if found and len(scored) == len(found):
        return tuple(sorted(scored, key=lambda suggestion: -suggestion.score)[:most])
    return in_order(list(found)[:most])


def read_tactics(text: str) -> list[str]:
    """The tactics in a text: one per line, without code fences, numbering and repetitions."""
    return list(dict.fromkeys(tactic for tactic, _ in _lines(Sample(text))))


def _lines(sample: Sample) -> Iterator[tuple[str, float | None]]:
    lines = sample.text.split("\n")
    scores = [None] * len(lines) if sample.tokens is None else _scores_of_lines(sample.tokens, len(lines))
    for line, score in zip(lines, scores, strict=True):
        text = _LISTING.sub("", line).strip()
        if text.startswith("```"):
            continue
        if len(text) > 1 and text[0] == text[-1] == "`":
            text = text[1:-1].strip()
        if text and text not in ("by", "lean"):
            yield from _checked(text.removeprefix("by ").strip(), score)


def _whole(sample: Sample) -> Iterator[tuple[str, float | None]]:
    kept = [line.rstrip() for line in sample.text.split("\n") if not line.lstrip().startswith("```")]
    score = None if sample.tokens is None else sum(logprob for _, logprob in sample.tokens)
    yield from _checked("\n".join(kept).strip().removeprefix("by ").strip(), score)


def _checked(tactic: str, score: float | None) -> Iterator[tuple[str, float | None]]:
    if tactic and len(tactic) <= _LONGEST and not _UNPRINTABLE.search(tactic):
        yield tactic, score if score is not None and isfinite(score) else None


def _scores_of_lines(tokens: Sequence[tuple[str, float]], lines: int) -> list[float | None]:
    """Sum up the log-probabilities by the line in which each token begins."""
    sums: list[float | None] = [0.0] * lines
    line = 0
    for token, logprob in tokens:
        here = sums[min(line, lines - 1)]
        sums[min(line, lines - 1)] = (here or 0.0) + logprob
        line += token.count("\n")
    return sums
