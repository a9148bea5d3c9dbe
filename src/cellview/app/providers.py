"""The providers that the options of a command mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final, cast, get_args

from cellview.app.errors import InputFileError, OptionError
from cellview.app.provider_options import PROVIDER_KINDS, PROVIDER_TABLE, AccessOptions, ProviderOptions
from cellview.app.search_options import SearchOptions
from cellview.experiment import (
    Automation,
    HeuristicSpec,
    ImportedSpec,
    ModelAccess,
    ModelSpec,
    ProviderSpec,
    StaticSpec,
)
from cellview.prover.providers import ModelRequest
from cellview.prover.providers.imported import IMPORT_STRING
from cellview.prover.providers.model_request import DEFAULT_PROMPT
from cellview.settings import Document, SettingsError, fields_of, merge, option_names

__all__ = ["access_of", "provider_of", "providers_of", "require_model"]

_OF_KIND: Final = {
    "static": ("provider-tactics",),
    "module": ("provider-options",),
    "http": (
        "provider-model",
        "provider-api",
        "provider-prompt",
        "provider-reading",
        "provider-samples",
        "provider-temperature",
        "provider-seed",
        "provider-max-tokens",
        "provider-stop",
        "provider-logprobs",
        "provider-most",
    ),
}
"""Options that mean something with one kind of provider alone."""


def provider_of(options: ProviderOptions, *, automation: str | None = None) -> ProviderSpec:
    """Return the provider that the options mean.

    Raises:
        SettingsError: Options are missing, or belong to another kind of provider.
        InputFileError: A file that they name cannot be read.
        ProviderError: The prompt cannot be used.
    """
    kind = options.provider
    if kind not in PROVIDER_KINDS and not IMPORT_STRING.fullmatch(kind):
        raise SettingsError(f"--provider must be one of {', '.join(PROVIDER_KINDS)}, or module:Class, not {kind!r}.")
    _refuse_of_others(options, "module" if ":" in kind else kind)
    if automation is None:
        automation = options.automation if isinstance(options, SearchOptions) else "full"
    if kind == "heuristic":
        return HeuristicSpec(automation=automation)  # type: ignore[arg-type]
    if automation != "full":
        raise SettingsError(f"--automation {automation} belongs to the heuristic provider: leave it or --provider out.")
    if kind == "static":
        if options.provider_tactics is None:
            raise SettingsError("--provider static needs --provider-tactics: a file with one tactic to a line.")
        return StaticSpec(tactics=_tactics(Path(options.provider_tactics)))
    if kind == "http":
        return ModelSpec(request=_request(options))
    return ImportedSpec(name=kind, options=options.provider_options)


def providers_of(document: Document) -> dict[str, ProviderSpec]:
    """Return the providers with names of their own: the tables ``[provider.NAME]`` of a file.

    Raises:
        SettingsError, InputFileError, ProviderError: One of them is none; see :func:`provider_of`.
    """
    found: dict[str, ProviderSpec] = {}
    own = {field.option for field in fields_of(AccessOptions)}
    for name, table in document.tables.get(PROVIDER_TABLE, {}).items():
        if name == "options" or not isinstance(table, dict):
            continue
        source = f"{document.source}: [provider.{name}]"
        values = dict(cast("dict[str, Any]", table))
        for key in values:
            if f"{PROVIDER_TABLE}-{key}" in own or key == "errors":
                raise SettingsError(f"{source}: {key} holds for all providers: write it in [provider].")
        automation = values.pop("automation", "full")
        if automation not in get_args(Automation):
            raise SettingsError(f"{source}: automation must be one of {', '.join(get_args(Automation))}.")
        made = merge(ProviderOptions, table=PROVIDER_TABLE, document=Document(source, {PROVIDER_TABLE: values}))
        found[name] = provider_of(made, automation=automation)
    return found


def access_of(options: AccessOptions) -> ModelAccess:
    """Return how the options say that model servers are reached."""
    return ModelAccess(
        url=options.provider_url,
        cache=options.provider_cache,
        offline=options.provider_offline,
        timeout_s=options.provider_timeout,
        retries=options.provider_retries,
        concurrency=options.provider_concurrency,
        per_minute=options.provider_rate,
    )


def require_model(specs: Iterable[ProviderSpec], typed: Collection[str]) -> None:
    """Refuse a server's address, or a folder of answers, that was typed for a search that asks no model.

    Whoever forgets ``--provider http`` would take what the rules find for the model's. What stands in the environment
    or a file may be meant for another run.

    Raises:
        OptionError: There is such an option.
    """
    idle = [name for name in option_names(AccessOptions) if name in typed]
    if idle and not any(isinstance(spec, ModelSpec) for spec in specs):
        raise OptionError(f"--{idle[0]} means nothing without --provider http: give that too, or leave it out.")


def _refuse_of_others(options: ProviderOptions, kind: str) -> None:
    defaults = {field.option: field for field in fields_of(ProviderOptions)}
    for owner, names in _OF_KIND.items():
        for name in names if owner != kind else ():
            field = defaults[name]
            if getattr(options, field.name) != field.default:
                needed = "module:Class" if owner == "module" else owner
                raise SettingsError(
                    f"--{name} means nothing without --provider {needed}: give that too, or leave it out."
                )


def _request(options: ProviderOptions) -> ModelRequest:
    if options.provider_model is None:
        raise SettingsError("--provider http needs --provider-model: the model's name at its server.")
    prompt: dict[str, Any] = {} if options.provider_prompt is None else {"prompt": _text(Path(options.provider_prompt))}
    return ModelRequest(
        model=options.provider_model,
        api=options.provider_api,
        samples=options.provider_samples,
        temperature=options.provider_temperature,
        seed=options.provider_seed,
        max_tokens=options.provider_max_tokens,
        stop=options.provider_stop,
        logprobs=options.provider_logprobs,
        reading=options.provider_reading,
        most=options.provider_most,
        **({"prompt": DEFAULT_PROMPT} | prompt),
    )


def _tactics(path: Path) -> tuple[str, ...]:
    tactics = tuple(line.strip() for line in _text(path).splitlines() if line.strip())
    if not tactics:
        raise InputFileError(f"{path} holds no tactic: write one to a line.")
    return tactics


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputFileError(f"{path} cannot be read: it is not UTF-8 text.") from error
