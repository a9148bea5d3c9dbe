"""What a run was asked for, kept with it; and whether whoever goes on with it asks for the same."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import msgspec

from cellview.app.algotypes import AGENTS_TABLE, algotypes_of
from cellview.app.argv import Given
from cellview.app.errors import OptionError
from cellview.app.options import RunOptions
from cellview.app.provider_options import AccessOptions
from cellview.app.providers import providers_of
from cellview.experiment import Setup
from cellview.settings import Document, fields_of, option_names

__all__ = ["CHANGE_NO_RESULT", "asked_for", "require_agents_as_before", "require_as_asked", "require_only"]

CHANGE_NO_RESULT: Final = (
    *("json", "quiet", "fail-fast", "jobs", "executor", "workers", "frontier", "frontier-window"),
    *option_names(AccessOptions),
)
"""Options that say how a run goes, and nothing of what comes of it; they may differ each time it goes on."""

_OF_A_START: Final = ("corpus", "out", "name")
"""Options that say where a run begins; its folder knows better."""


def asked_for(options: RunOptions) -> dict[str, Any]:
    """Return the options that results depend on, where they are not the default, as data under the user's names."""
    plain = _plain(options)
    kept = [field for field in fields_of(RunOptions) if field.option not in (*CHANGE_NO_RESULT, *_OF_A_START)]
    return {field.option: plain[field.option] for field in kept if plain[field.option] != _plain(field.default)}


def _plain(value: object) -> Any:
    """Return a value as ``run.json`` gives it back."""
    return msgspec.json.decode(msgspec.json.encode(value))


def require_only(given: Given, allowed: Collection[str], *, option: str, corpus: Path | None = None) -> None:
    """Refuse what was typed beside an option that goes on with a run, and would change its results.

    Raises:
        OptionError: There is such a thing; the text names all of it.
    """
    others = [f"--{name}" for name in given.typed if name not in (*CHANGE_NO_RESULT, *allowed)]
    named = ["a corpus"] * (corpus is not None) + others
    if named:
        raise OptionError(f"{option} goes on with the run as it was started: leave out {', '.join(named)}.")


def require_as_asked(
    given: Given, document: Document, asked: dict[str, Any] | None, run: Path, *, but: Collection[str] = ()
) -> None:
    """Refuse an environment or a file that asks for other results than the run was started for: it would be ignored.

    Args:
        given: What was typed, which is checked by :func:`require_only`.
        document: The file.
        asked: What the run was asked for; ``None``: it does not say.
        run: The run's folder.
        but: Options that may differ.

    Raises:
        OptionError: Something differs; the text says where it stands.
    """
    now = _plain(given.merged(RunOptions, document))
    defaults = {field.option: _plain(field.default) for field in fields_of(RunOptions)}
    for option, where in given.origins(RunOptions, document).items():
        if option in (*CHANGE_NO_RESULT, *_OF_A_START, *but) or option in given.typed:
            continue
        if asked is None:
            raise OptionError(
                f"{where} says {_words(now[option])}, and {run} does not say what it was started with: leave it out; "
                "the run goes on as it was started."
            )
        then = asked.get(option, defaults[option])
        if then != now[option]:
            raise OptionError(
                f"{where} says {_words(now[option])}, and the run in {run} was started with {_words(then)}: leave it "
                "out, or start a new run."
            )


def require_agents_as_before(document: Document, setup: Setup, run: Path) -> None:
    """Refuse a file whose tables of agents or of providers with names are not those that the run was started with.

    Raises:
        OptionError: They are not.
        SettingsError, AlgotypeError, ProviderError: They are none.
    """
    tables = (
        (f"[{AGENTS_TABLE}]", algotypes_of(document), setup.search.algotypes),
        ("[provider.NAME]", providers_of(document), setup.providers),
    )
    for table, now, then in tables:
        if now and now != then:
            raise OptionError(
                f"{document.source}: {table} is not what the run in {run} was started with: leave it out, or start a "
                "new run."
            )


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"  # pyright: ignore[reportUnknownArgumentType]  # JSON data
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
