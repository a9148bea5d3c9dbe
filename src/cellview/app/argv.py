"""The options of a struct as options of a Typer command.

Typer parses the words, prints the help and completes; what a word means is decided by :mod:`cellview.settings`, which
knows files and the environment too. So every option goes to Typer as a text (Typer's own conversion would be a second
set of rules and sentences), and completion is given to it from the declaration.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec
import typer

from cellview.app.errors import OptionError
from cellview.settings import Document, Field, fields_of, merge, origins
from cellview.settings.values import alternatives, bare, choices, is_list

__all__ = ["Given", "with_options"]

Options = TypeVar("Options", bound=msgspec.Struct)


class Given(msgspec.Struct, frozen=True):
    """What was typed: values by option name, with nothing in it that was not typed."""

    table: str
    typed: Mapping[str, Any]

    def merged(self, options: type[Options], document: Document | None = None) -> Options:
        """Return the options: what was typed, then this process's environment, then `document`, then the defaults.

        Raises:
            SettingsError: See :func:`cellview.settings.merge`.
        """
        return merge(options, table=self.table, typed=self.typed, environment=os.environ, document=document)

    def require_text(self, *words: object) -> None:
        """Refuse bytes that are no text in the options or in `words`: they are to stand in a file that is UTF-8.

        Raises:
            OptionError: There are some.
        """
        for name, value in (*self.typed.items(), *(("", word) for word in words)):
            try:
                msgspec.json.encode(value, enc_hook=str)
            except UnicodeEncodeError:
                what = f"--{name}" if name else "An argument"
                raise OptionError(f"{what} holds bytes that are not UTF-8, and is to be written into a file.") from None

    def origins(self, options: type[msgspec.Struct], document: Document | None = None) -> dict[str, str]:
        """Return where each option that is given was given: on the command line, in a variable, or in `document`."""
        return origins(options, table=self.table, typed=self.typed, environment=os.environ, document=document)


def with_options(
    *options: type[msgspec.Struct], table: str
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Give a Typer command one option for each field of `options`, whose keys stand in the table `table` of a file.

    Options of a table that commands share come last. The command takes the keyword argument `given`, a :class:`Given`.
    """
    fields = [field for struct in options for field in fields_of(struct) if not field.opt.file_only]
    fields.sort(key=lambda field: field.opt.table is not None)

    def decorate(command: Callable[..., object]) -> Callable[..., object]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "given"]

        def wrapper(*args: Any, **kwargs: Any) -> object:
            typed = {f.option: kwargs.pop(f.name) for f in fields}
            given = Given(table, {name: value for name, value in typed.items() if value is not None})
            return command(*args, given=given, **kwargs)

        parameters = [*own, *(_parameter(field) for field in fields)]
        wrapper.__name__ = command.__name__
        wrapper.__doc__ = command.__doc__
        wrapper.__module__ = command.__module__
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
        return wrapper

    return decorate


def _parameter(field: Field) -> inspect.Parameter:
    flag = bare(field.type) is bool
    shown = field.opt.default or (
        None if flag or field.default in (None, (), msgspec.NODEFAULT) else _show(field.default)
    )
    option = typer.Option(
        f"--{field.option}",
        *([] if field.opt.short is None else [f"-{field.opt.short}"]),
        help=field.opt.help + ("" if shown is None else f" Default: {shown}."),
        metavar=None if flag else field.opt.metavar or _metavar(field),
        rich_help_panel=field.opt.panel,
        show_default=False,
        autocompletion=_completer(field) if choices(field) else None,
    )
    annotation: object = Annotated[bool | None, option] if flag else Annotated[str | None, option]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _completer(field: Field) -> Callable[[str], list[str]]:
    """Return what completes a value: of a list, the part behind its last comma."""
    known = choices(field)

    def complete(incomplete: str) -> list[str]:
        before, comma, begun = incomplete.rpartition(",") if is_list(field) else ("", "", incomplete)
        return [f"{before}{comma}{value}" for value in known if value.startswith(begun)]

    return complete


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_show(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _metavar(field: Field) -> str:
    members = [bare(member) for member in alternatives(field.type)]
    for member in members:
        if get_origin(member) is Literal:
            return "|".join(str(value) for value in get_args(member))
    if any(get_origin(member) is tuple for member in members):
        return "LIST"
    return "INTEGER" if int in members else "NUMBER" if float in members else "TEXT"
