"""What an option is: a field of a struct, and what the field's :class:`Opt` says about it."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

__all__ = ["Field", "Opt", "fields_of", "option_names", "variable_of"]

PREFIX = "CELLVIEW_"


class Opt(msgspec.Struct, frozen=True, kw_only=True):
    """How one field looks to the user.

    Args:
        help: What the option does, its unit, and an example.
        panel: Heading under which ``--help`` lists it.
        metavar: Stands for the value in the help.
        short: A letter that the command line takes instead of the name: ``k`` for ``-k``.
        default: What the help says the default is, where that is not the field's own default.
        requires: What the option means nothing without, such as the mode ``distributed``; ``None``: it stands alone.
        file_only: Whether it is a key of files and a variable alone; the command line has it in another form, or not
            at all.
        variable: Its environment variable where several commands share one, such as ``CELLVIEW_LEAN``; ``None``: the
            one that the table's name makes.
        ranges: Whether a list of whole numbers may be written as ``0-4,7``.
        table: The table of a file that it stands in, where several commands share one, such as ``provider``; its key
            there lacks the table's name. ``None``: the command's own.
        key: Its key in that table, where that is another.
        suggestions: Values that a shell completes although others are allowed. Literals complete by themselves.
    """

    help: str
    panel: str = "Options"
    metavar: str | None = None
    short: str | None = None
    default: str | None = None
    requires: str | None = None
    file_only: bool = False
    variable: str | None = None
    ranges: bool = False
    table: str | None = None
    key: str | None = None
    suggestions: tuple[str, ...] = ()


class Field(msgspec.Struct, frozen=True):
    """A field of a struct of options, looked through.

    Args:
        name: Its name in Python.
        option: Its name for the user: without dashes in front, the key in a file.
        type: Its type, with the bounds that :class:`msgspec.Meta` gives it.
        opt: Its declaration.
        default: Its default; ``msgspec.NODEFAULT`` when there is none.
    """

    name: str
    option: str
    type: Any
    opt: Opt
    default: Any

    @property
    def key(self) -> str:
        """Its key in its table."""
        return self.opt.key or (
            self.option if self.opt.table is None else self.option.removeprefix(f"{self.opt.table}-")
        )


def fields_of(options: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Return the options of a struct, in the order of its fields.

    Raises:
        TypeError: A field has no :class:`Opt`: a mistake of the struct's author.
    """
    hints = get_type_hints(options, include_extras=True)
    found: list[Field] = []
    for field in msgspec.structs.fields(options):
        kind = hints[field.name]
        metadata = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
        opts = [item for item in metadata if isinstance(item, Opt)]
        if len(opts) != 1:
            raise TypeError(f"{options.__name__}.{field.name} is no option: annotate it with one Opt(...)")
        found.append(Field(field.name, field.encode_name, kind, opts[0], _default(field)))
    return tuple(found)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def option_names(options: type[msgspec.Struct], *, requires: str | None = None) -> list[str]:
    """Return the options of a struct, without dashes; only those that need `requires` when it is given."""
    return [field.option for field in fields_of(options) if requires is None or field.opt.requires == requires]


def variable_of(field: Field, table: str) -> str:
    """Return the environment variable of a field whose struct is the table `table`.

    >>> class Run(msgspec.Struct, rename="kebab"):
    ...     mcts_agents: Annotated[int, Opt(help="Number of agents.")] = 1
    >>> variable_of(fields_of(Run)[0], "run")
    'CELLVIEW_RUN_MCTS_AGENTS'
    """
    name = f"{PREFIX}{field.opt.table or table}_{field.key}".upper().replace("-", "_")
    return field.opt.variable or name
