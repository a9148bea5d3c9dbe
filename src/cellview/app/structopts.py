"""One declaration per option: a struct's fields become command line options and keys of a TOML file alike.

An option is declared once, as a field with an :class:`Opt`. The command line and the configuration file then share
names, types, defaults and error texts, because both end in the same ``msgspec.convert``. (Typer's own conversion was
rejected: it would be a second set of rules and messages, and it has no files.)
"""

from __future__ import annotations

import inspect
import re
import tomllib
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import typer

from cellview.app.errors import InputFileError, OptionError

__all__ = ["Opt", "load_table", "merge", "option_names", "with_options"]

Options = TypeVar("Options", bound=msgspec.Struct)


class Opt(msgspec.Struct, frozen=True, kw_only=True):
    """How one field looks on the command line.

    Args:
        help: What the option does to the search, its unit, and an example.
        panel: Heading under which ``--help`` lists it.
        metavar: Stands for the value in the help.
        default: What the help says the default is, where that is not the field's own default.
        distributed: Whether the option means something in distributed mode alone.
        file_only: Whether it is a key of configuration files alone; the command line has it in another form.
    """

    help: str
    panel: str = "Options"
    metavar: str | None = None
    default: str | None = None
    distributed: bool = False
    file_only: bool = False


class _Field(msgspec.Struct, frozen=True):
    """A field of an options struct, looked through: its Python name, its option's name, type and declaration."""

    name: str
    option: str
    type: Any
    opt: Opt
    default: Any


def _fields(options: type[msgspec.Struct]) -> list[_Field]:
    hints = get_type_hints(options, include_extras=True)
    found: list[_Field] = []
    for field in msgspec.structs.fields(options):
        plain, *metadata = get_args(hints[field.name])
        (opt,) = [item for item in metadata if isinstance(item, Opt)]
        found.append(_Field(field.name, field.encode_name, plain, opt, field.default))
    return found


def option_names(options: type[msgspec.Struct], *, distributed: bool | None = None) -> list[str]:
    """Return the options of a struct, without dashes; only those of distributed mode (or not) when asked so."""
    return [f.option for f in _fields(options) if distributed is None or f.opt.distributed is distributed]


def with_options(options: type[Options]) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Give a Typer command one option per field of `options`.

    The command takes the keyword argument `given`: a mapping from option name (``mcts-agents``) to what was typed, with
    nothing in it that was not typed. :func:`merge` makes the struct of it.
    """
    fields = [field for field in _fields(options) if not field.opt.file_only]

    def decorate(command: Callable[..., object]) -> Callable[..., object]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "given"]

        def wrapper(*args: Any, **kwargs: Any) -> object:
            typed = {f.option: kwargs.pop(f.name) for f in fields}
            return command(*args, given={name: value for name, value in typed.items() if value is not None}, **kwargs)

        parameters = [*own, *(_parameter(field) for field in fields)]
        wrapper.__name__ = command.__name__
        wrapper.__doc__ = command.__doc__
        wrapper.__module__ = command.__module__
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapper

    return decorate


def _parameter(field: _Field) -> inspect.Parameter:
    flag = field.type is bool
    shown = field.opt.default or (None if flag or field.default in (None, ()) else _show(field.default))
    option = typer.Option(
        f"--{field.option}",
        help=field.opt.help + ("" if shown is None else f" Default: {shown}."),
        metavar=None if flag else field.opt.metavar or _metavar(field.type),
        rich_help_panel=field.opt.panel,
        show_default=False,
    )
    annotation: object = Annotated[bool | None, option] if flag else Annotated[str | None, option]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_show(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _metavar(kind: Any) -> str:
    members = _alternatives(kind)
    for member in members:
        if get_origin(member) is Literal:
            return "|".join(str(value) for value in get_args(member))
    if any(get_origin(member) is tuple for member in members):
        return "LIST"
    return "INTEGER" if int in members else "NUMBER" if float in members else "TEXT"


def _alternatives(kind: Any) -> list[Any]:
    if get_origin(kind) in (Union, types.UnionType):
        return [member for member in get_args(kind) if member is not types.NoneType]
    return [kind]


def load_table(path: Path, table: str) -> dict[str, Any]:
    """Read one table of a TOML configuration file; its keys are option names without the leading dashes.

    Raises:
        InputFileError: The file cannot be read.
        OptionError: It is not TOML, or has no such table.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(f"The configuration {path} cannot be read: {_reason(error)}.") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"The configuration {path} is not valid TOML: {error}.") from error
    chosen = document.get(table)
    if not isinstance(chosen, dict):
        raise OptionError(f"The configuration {path} has no table [{table}]; put the options under that heading.")
    return chosen  # pyright: ignore[reportUnknownVariableType]


def merge(options: type[Options], given: Mapping[str, Any], file: Mapping[str, Any], *, source: str = "") -> Options:
    """Make the options of a command: what was typed wins over the file, the file over the defaults.

    Raises:
        OptionError: A key is unknown or a value has the wrong form; the text names the option.
    """
    fields = {f.option: f for f in _fields(options)}
    unknown = [key for key in file if key not in fields]
    if unknown:
        raise OptionError(f"{source}: unknown key {unknown[0]!r}; the keys are the option names without dashes.")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in given:
            values[field.name] = _convert(field, _typed(field, given[name]), f"--{name}", strict=False)
        elif name in file:
            values[field.name] = _convert(field, _filed(field, file[name]), f"{source}: {name}", strict=True)
    return options(**values)


def _typed(field: _Field, text: object) -> object:
    """Split a list that was typed with commas; a single item stays what it is where that is allowed too."""
    if not isinstance(text, str) or not any(get_origin(member) is tuple for member in _alternatives(field.type)):
        return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _filed(field: _Field, value: object) -> object:
    """Allow ``budget = 200`` for ``budget = [200]``, as the command line does."""
    lists = any(get_origin(member) is tuple for member in _alternatives(field.type))
    if lists and value is not None and not isinstance(value, list):
        return [value]
    return value  # pyright: ignore[reportUnknownVariableType]


def _convert(field: _Field, value: object, where: str, *, strict: bool) -> Any:
    try:
        return msgspec.convert(value, field.type, strict=strict)
    except msgspec.ValidationError as error:
        raise OptionError(f"{where}: {_expectation(field.type, str(error))}, not {_quoted(value)}.") from error


def _expectation(kind: Any, message: str) -> str:
    parts = [part for part in map(_in_words, _alternatives(kind)) if part is not None]
    return f"must be {' or '.join(parts)}" if parts else re.sub(r"`(\w+)`", r"\1", message)


def _in_words(kind: Any) -> str | None:
    """Say what a value of this type is."""
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(item) for item in get_args(kind))
    if get_origin(kind) is tuple:
        return "a list of " + {int: "whole numbers", float: "numbers"}.get(get_args(kind)[0], "texts")
    return {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}.get(kind)


def _quoted(value: object) -> str:
    if isinstance(value, list):
        return repr(",".join(str(item) for item in value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return repr(value)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
