"""The three sources of a setting, put together: what was typed, the environment, a TOML file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from cellview.settings.declare import PREFIX, Field, fields_of, variable_of
from cellview.settings.errors import SettingsError, SettingsFileError
from cellview.settings.values import filed_value, typed_value

__all__ = [
    "Document",
    "document_of",
    "merge",
    "origins",
    "parse_document",
    "read_document",
    "require_known_variables",
]

Options = TypeVar("Options", bound=msgspec.Struct)


class Document(msgspec.Struct, frozen=True):
    """A file of settings: `source`, what errors call it, and its tables by name."""

    source: str = ""
    tables: Mapping[str, Mapping[str, Any]] = {}


def read_document(path: Path, *, tables: Collection[str]) -> Document:
    """Read a TOML file that may hold these tables and nothing else.

    Raises:
        SettingsFileError: The file cannot be read.
        SettingsError: :func:`parse_document` refuses it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsFileError(f"{path} cannot be read: {reason}.") from error
    return parse_document(text, source=str(path), tables=tables)


def parse_document(text: str, *, source: str, tables: Collection[str]) -> Document:
    """Check a file of settings given as text; `source` is what errors call it.

    Raises:
        SettingsError: It is not TOML, or something stands in it that is none of `tables`.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source} is not valid TOML: {error}.") from error
    return document_of(found, source=source, tables=tables)


def document_of(found: Mapping[str, Any], *, source: str, tables: Collection[str]) -> Document:
    """Check data that was read from TOML, as :func:`parse_document` does.

    Raises:
        SettingsError: Something stands in it that is none of `tables`.
    """
    for name, value in found.items():
        if name not in tables:
            what = f"table [{name}]" if isinstance(value, dict) else f"key {name!r} outside any table"
            known = ", ".join(f"[{table}]" for table in tables)
            raise SettingsError(f"{source}: unknown {what}{_nearest(name, tables)}; a file may hold {known}.")
        if not isinstance(value, dict):
            raise SettingsError(f"{source}: {name} must be a table: write [{name}] above its keys.")
    return Document(source, found)


def merge(
    options: type[Options],
    *,
    table: str,
    typed: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    document: Document | None = None,
) -> Options:
    """Make a struct of its sources: what was typed wins over the environment, that over the file, that over defaults.

    Args:
        options: The struct; every field has an :class:`~cellview.settings.Opt`.
        table: Its table in a file, and part of the names of its variables.
        typed: Values by option name, of options that were really typed; texts, or ``True`` for a flag.
        environment: Variables, such as ``os.environ``; an empty one counts as not set. ``None``: none are read.
        document: The file.

    Raises:
        SettingsError: A key of the file is unknown, a value has the wrong form or is out of its range, or one that must
            be given is not.
    """
    document = document or Document()
    fields = fields_of(options)
    _require_known_keys(fields, table, document)
    environment = environment or {}
    values: dict[str, Any] = {}
    for field in fields:
        variable = variable_of(field, table)
        filed = document.tables.get(field.opt.table or table, {})
        if typed and field.option in typed:
            values[field.name] = typed_value(field, typed[field.option], f"--{field.option}")
        elif environment.get(variable):
            values[field.name] = typed_value(field, environment[variable], variable)
        elif field.key in filed:
            values[field.name] = filed_value(field, filed[field.key], f"{document.source}: {field.key}")
        elif field.default is msgspec.NODEFAULT:
            raise SettingsError(f"--{field.option} is missing: give it, or set {variable}.")
    try:
        return options(**values)
    except ValueError as error:  # what the struct itself finds wrong with the whole of it
        where = f"{document.source}: " if document.source else ""
        raise SettingsError(f"{where}[{table}]: {error}.") from error


def _require_known_keys(fields: Sequence[Field], table: str, document: Document) -> None:
    """Refuse a key that belongs to no option of its table; tables inside a shared table are their readers' business."""
    elsewhere = {field.option: field for field in fields if field.opt.table is not None}
    for name in dict.fromkeys([table, *(field.opt.table or table for field in fields)]):
        keys = [field.key for field in fields if (field.opt.table or table) == name]
        for key, value in document.tables.get(name, {}).items():
            if key in keys or (name != table and isinstance(value, dict)):
                continue
            hint = _nearest(key, keys)
            if key in elsewhere:
                hint = f": write it as {elsewhere[key].key} in the table [{elsewhere[key].opt.table}]"
            raise SettingsError(f"{document.source}: unknown key {key!r} in [{name}]{hint}.")


def origins(
    options: type[msgspec.Struct],
    *,
    table: str,
    typed: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    document: Document | None = None,
) -> dict[str, str]:
    """Return where each option that is given at all was given, by :func:`merge`'s rules, as errors call it.

    The arguments are those of :func:`merge`.
    """
    document = document or Document()
    found: dict[str, str] = {}
    for field in fields_of(options):
        variable = variable_of(field, table)
        filed = document.tables.get(field.opt.table or table, {})
        if typed and field.option in typed:
            found[field.option] = f"--{field.option}"
        elif environment and environment.get(variable):
            found[field.option] = variable
        elif field.key in filed:
            found[field.option] = f"{document.source}: {field.key}"
    return found


def require_known_variables(
    environment: Mapping[str, str],
    tables: Mapping[str, type[msgspec.Struct]],
    *,
    others: Iterable[str] = (),
    prefix: str = PREFIX,
) -> None:
    """Refuse a variable that begins like ours and belongs to no table: it would be silently ignored.

    :func:`merge` does not ask this, since it sees one table alone; whoever hands it an environment asks once.

    Args:
        environment: The variables.
        tables: The structs that are read from the environment, by table.
        others: Variables that belong to no table.
        prefix: How the variables in question begin.

    Raises:
        SettingsError: There is such a variable; the text names the nearest.
    """
    known = {variable_of(field, table) for table, options in tables.items() for field in fields_of(options)}
    known |= set(others)
    for name in sorted(environment):
        if name.startswith(prefix) and name not in known:
            raise SettingsError(
                f"The environment variable {name} is unknown{_nearest(name, sorted(known))}: correct or unset it."
            )


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` without the mark, or nothing when nothing is near."""
    near = difflib.get_close_matches(name.replace("_", "-"), list(known), n=1, cutoff=0.5)
    near = near or difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (the nearest is {near[0]!r})" if near else ""
