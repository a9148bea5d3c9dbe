"""The options of tactic providers: which one, what a model is asked, and how its server is reached.

They stand in the table ``[provider]`` of a file, and begin with ``provider`` elsewhere.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from cellview.prover.providers.model_request import ModelApi, Reading
from cellview.settings import Opt

__all__ = ["PROVIDER_KINDS", "PROVIDER_TABLE", "AccessOptions", "ProviderOptions"]

PROVIDER_TABLE: Final = "provider"
PROVIDER_KINDS: Final = ("heuristic", "static", "http")

_WHAT = "Who suggests tactics (file: the table [provider])"
_HOW = "How model servers are reached (changes the time, never a result)"

_Positive = Annotated[int, msgspec.Meta(ge=1)]
_Seconds = Annotated[float, msgspec.Meta(gt=0)]


class AccessOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How this machine reaches model servers. The key is in the variable ``CELLVIEW_PROVIDER_KEY``."""

    provider_url: Annotated[
        str | None,
        Opt(
            panel=_HOW,
            table=PROVIDER_TABLE,
            metavar="URL",
            help="With http: the root of an OpenAI-compatible interface, such as http://localhost:8000/v1. A key is "
            "taken from the environment variable CELLVIEW_PROVIDER_KEY, and from nowhere else.",
        ),
    ] = None
    provider_cache: Annotated[
        str | None,
        Opt(
            panel=_HOW,
            table=PROVIDER_TABLE,
            metavar="FOLDER",
            default="answers are not kept, and the run is marked as not reproducible",
            help="Keep the model's answers here, and look here first: the run can then be repeated to the byte.",
        ),
    ] = None
    provider_offline: Annotated[
        bool,
        Opt(panel=_HOW, table=PROVIDER_TABLE, help="Ask no server: an answer that the folder lacks ends the run."),
    ] = False
    provider_timeout: Annotated[
        _Seconds, Opt(panel=_HOW, table=PROVIDER_TABLE, metavar="SECONDS", help="For one answer, to its last byte.")
    ] = 60.0
    provider_retries: Annotated[
        Annotated[int, msgspec.Meta(ge=0)],
        Opt(
            panel=_HOW,
            table=PROVIDER_TABLE,
            help="Further tries after 429, 5xx, a timeout or a failed connection, each after twice the pause; a server "
            "that says how long to wait (Retry-After) is obeyed.",
        ),
    ] = 2
    provider_concurrency: Annotated[
        _Positive,
        Opt(panel=_HOW, table=PROVIDER_TABLE, help="Requests under way at once, in each process."),
    ] = 8
    provider_rate: Annotated[
        Annotated[float, msgspec.Meta(gt=0)] | None,
        Opt(
            panel=_HOW,
            table=PROVIDER_TABLE,
            metavar="NUMBER",
            default="any",
            help="Requests a minute, in each process.",
        ),
    ] = None


class ProviderOptions(AccessOptions, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which provider, and what it goes by."""

    provider: Annotated[
        str,
        Opt(
            panel=_WHAT,
            table=PROVIDER_TABLE,
            key="kind",
            variable="CELLVIEW_PROVIDER",
            metavar="KIND",
            suggestions=PROVIDER_KINDS,
            help="heuristic: by rules, see --automation; static: a list; http: a language model; or module:Class, a "
            "provider of your own, which is imported.",
        ),
    ] = "heuristic"
    provider_tactics: Annotated[
        str | None,
        Opt(
            panel=_WHAT,
            table=PROVIDER_TABLE,
            metavar="FILE",
            help="With static: the tactics, one to a line, best first.",
        ),
    ] = None
    provider_options: Annotated[
        dict[str, Any],
        Opt(
            panel=_WHAT,
            table=PROVIDER_TABLE,
            metavar="JSON",
            default="none",
            help="With module:Class: its keyword arguments. In a file: the table [provider.options].",
        ),
    ] = {}
    provider_model: Annotated[
        str | None, Opt(panel=_WHAT, table=PROVIDER_TABLE, metavar="NAME", help="With http: the model's name there.")
    ] = None
    provider_api: Annotated[
        ModelApi,
        Opt(panel=_WHAT, table=PROVIDER_TABLE, help="With http: chat, or plain completions for base models."),
    ] = "chat"
    provider_prompt: Annotated[
        str | None,
        Opt(
            panel=_WHAT,
            table=PROVIDER_TABLE,
            metavar="FILE",
            default="one of ours",
            help="With http: the prompt's template, with {goal}, {hypotheses}, {path} and {most}.",
        ),
    ] = None
    provider_reading: Annotated[
        Reading,
        Opt(
            panel=_WHAT,
            table=PROVIDER_TABLE,
            help="With http: every line of an answer is a tactic, or an answer as a whole is one.",
        ),
    ] = "lines"
    provider_samples: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=256)],
        Opt(panel=_WHAT, table=PROVIDER_TABLE, help="With http: answers to one question."),
    ] = 1
    provider_temperature: Annotated[
        Annotated[float, msgspec.Meta(ge=0)],
        Opt(panel=_WHAT, table=PROVIDER_TABLE, help="With http: 0 takes the likeliest word always."),
    ] = 0.0
    provider_seed: Annotated[
        int | None, Opt(panel=_WHAT, table=PROVIDER_TABLE, help="With http: a seed for the server's sampling.")
    ] = None
    provider_max_tokens: Annotated[
        _Positive | None,
        Opt(panel=_WHAT, table=PROVIDER_TABLE, default="the server's", help="With http: of one answer."),
    ] = None
    provider_stop: Annotated[
        tuple[str, ...],
        Opt(
            panel=_WHAT,
            table=PROVIDER_TABLE,
            metavar="TEXTS",
            help="With http: texts that end an answer. One that is white space, such as a line break, is written in a "
            "file.",
        ),
    ] = ()
    provider_logprobs: Annotated[
        bool,
        Opt(panel=_WHAT, table=PROVIDER_TABLE, help="With http: ask for log-probabilities, which are then the scores."),
    ] = False
    provider_most: Annotated[
        _Positive,
        Opt(panel=_WHAT, table=PROVIDER_TABLE, help="With http: tactics taken from the answers to a question."),
    ] = 8
    provider_errors: Annotated[
        _Positive,
        Opt(
            panel=_WHAT,
            table=PROVIDER_TABLE,
            help="Errors of the provider in a row after which the run ends: a dead model is no result. A key that is "
            "refused ends it at once.",
        ),
    ] = 10
