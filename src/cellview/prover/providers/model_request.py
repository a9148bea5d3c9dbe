"""What a language model is asked: everything that its answer depends on, as data, and the body of the request."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from cellview.prover.base import Goal
from cellview.prover.errors import ProviderError

__all__ = ["DEFAULT_PROMPT", "ModelApi", "ModelRequest", "Reading"]

ModelApi: TypeAlias = Literal["chat", "completions"]
Reading: TypeAlias = Literal["lines", "whole"]

DEFAULT_PROMPT: Final = """\
[system]
You suggest tactics for Lean 4. Given a goal, answer with up to {most} different single tactics that may make progress \
on it, one per line, the most promising first. Write no explanations, no numbering and no `sorry`.
[user]
{hypotheses}
⊢ {goal}
"""

_FIELDS: Final = ("goal", "hypotheses", "path", "most")
_FIELD = re.compile(r"\{([a-z_]+)\}")
_ROLE = re.compile(r"^\[(system|user|assistant)\][ \t]*$", re.MULTILINE)


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model is asked. Two requests that are equal, for equal goals, are one question.

    Args:
        model: The model's name at its server.
        api: ``chat`` (``/chat/completions``) or ``completions`` (``/completions``, for base models).
        prompt: The template. ``{goal}`` is the target, ``{hypotheses}`` the context, one to a line, ``{path}`` the
            tactics that led to the goal, one to a line, ``{most}`` the number below. Lines ``[system]``, ``[user]``
            and ``[assistant]`` begin a message of that role; without one, all of it is the user's. Other braces are
            text.
        samples: Answers to one question (``n``).
        temperature: 0: always the likeliest word.
        seed: Handed to the server; ``None``: not sent.
        max_tokens: Of one answer.
        stop: Texts that end an answer.
        logprobs: Whether to ask for log-probabilities, which are then the scores.
        reading: ``lines``: every line of an answer is a tactic; ``whole``: an answer is one tactic.
        most: Suggestions taken from all answers together, at least 1.

    Raises:
        ProviderError: A value is out of its range, or the template has a field that is not known.
    """

    model: str
    api: ModelApi = "chat"
    prompt: str = DEFAULT_PROMPT
    samples: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    temperature: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    seed: int | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    stop: tuple[str, ...] = ()
    logprobs: bool = False
    reading: Reading = "lines"
    most: Annotated[int, msgspec.Meta(ge=1)] = 8

    def __post_init__(self) -> None:
        """Check the ranges, and that the template can be filled."""
        if not self.model:
            raise ProviderError("A model over HTTP needs the model's name: give --provider-model.")
        if self.samples < 1 or self.most < 1 or not self.temperature >= 0:
            raise ProviderError("samples and most must be at least 1, and temperature at least 0.")
        for name in (match[1] for match in _FIELD.finditer(self.prompt)):
            if name not in _FIELDS:
                near = difflib.get_close_matches(name, _FIELDS, n=1, cutoff=0.5)
                hint = f" (the nearest is {{{near[0]}}})" if near else ""
                known = ", ".join(f"{{{field}}}" for field in _FIELDS)
                raise ProviderError(f"The prompt has the unknown field {{{name}}}{hint}; there are {known}.")
        if "{goal}" not in self.prompt:
            raise ProviderError("The prompt has no {goal}, so that the model would never see one.")

    @property
    def uses_path(self) -> bool:
        """Whether the question depends on how the goal was reached."""
        return "{path}" in self.prompt

    @property
    def endpoint(self) -> str:
        """Path of the interface below its root."""
        return "/chat/completions" if self.api == "chat" else "/completions"

    def body(self, goal: Goal, path: Sequence[str] = ()) -> dict[str, Any]:
        """Return what is posted. What is at its default is left out: some servers refuse what they do not know."""
        fields = {
            "goal": goal.goal_type,
            "hypotheses": _hypotheses(goal),
            "path": "\n".join(path),
            "most": str(self.most),
        }
        messages = self._messages(fields)
        body: dict[str, Any] = {"model": self.model, "temperature": self.temperature}
        if self.api == "chat":
            body["messages"] = messages
        else:
            body["prompt"] = "\n".join(message["content"] for message in messages)
        optional: dict[str, Any] = {
            "n": self.samples if self.samples > 1 else None,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
            "stop": list(self.stop) or None,
            "logprobs": None if not self.logprobs else True if self.api == "chat" else 1,
        }
        return body | {name: value for name, value in optional.items() if value is not None}

    def _messages(self, fields: Mapping[str, str]) -> list[dict[str, str]]:
        """Split first and fill then: a goal that holds ``[system]`` is a goal."""
        parts = _ROLE.split(self.prompt)
        pairs = [("user", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
        filled = [(role, _FIELD.sub(lambda field: fields[field[1]], text).strip()) for role, text in pairs]
        return [{"role": role, "content": text} for role, text in filled if text]


def _hypotheses(goal: Goal) -> str:
    return "\n".join(
        f"{hypothesis.name} : {hypothesis.type}" + (f" := {hypothesis.value}" if hypothesis.value is not None else "")
        for hypothesis in goal.hypotheses
    )
