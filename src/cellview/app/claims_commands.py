"""``cellview claims``: ask the claims database, and take claims out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cellview.app.console import emit_json, output_console, table
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.helptext import HelpCommand

__all__ = ["claims_app"]

claims_app: Final = typer.Typer(
    no_args_is_help=True,
    help="Ask what runs with [cluster] enabled claimed: which theorem was solved, or not, by which arm of which run.",
)

_DATABASE = typer.Option("--database", "-d", metavar="FILE", help="The claims database (claims_path of [cluster]).")
_DEFAULT = Path("claims.duckdb")


@claims_app.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction]  # as in lean_commands
    pass


@claims_app.command("query", cls=HelpCommand)
def _query(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A query over the table claims.", show_default=False)],
    database: Annotated[Path, _DATABASE] = _DEFAULT,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array with one object for each row.")] = False,
) -> int:
    """Answer an SQL query. The database is opened read only, and the query can reach no other file.

    Example: cellview claims query "SELECT intervention, count(*) FROM claims WHERE status = 'solved' GROUP BY 1"
    """
    answer = _storage().query_claims(database, sql)
    if json:
        emit_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
        return EXIT_OK
    shown = table(*answer.columns)
    for row in answer.rows:
        shown.add_row(*("" if value is None else _plain(value) for value in row))
    output_console().print(shown)
    return EXIT_OK


@claims_app.command("export", cls=HelpCommand)
def _export(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file to write: OUT.parquet or OUT.csv.", show_default=False)
    ],
    database: Annotated[Path, _DATABASE] = _DEFAULT,
    sql: Annotated[
        str | None, typer.Option("--sql", metavar="SQL", help="Export the answer to this query, not all claims.")
    ] = None,
) -> int:
    """Write claims to a Parquet or CSV file, whole or not at all.

    Example: cellview claims export claims.parquet
    """
    kinds = {".parquet": "parquet", ".csv": "csv"}
    if out.suffix not in kinds:
        raise OptionError(f"{out} does not say in which form to write; end its name with .parquet or .csv.")
    options = {"format": kinds[out.suffix]} | ({} if sql is None else {"sql": sql})
    try:
        rows = _storage().export_claims(database, out, **options)
    except ModuleNotFoundError as error:
        raise OptionError(f"{error}.") from error
    output_console().print(f"{rows} rows written to {out}", markup=False, soft_wrap=True)
    return EXIT_OK


def _storage() -> Any:
    """The module that needs DuckDB, loaded only when a command uses it."""
    try:
        from cellview.cluster.claims import storage
    except ModuleNotFoundError as error:
        raise OptionError(f"{error}.") from error
    return storage


def _plain(value: object) -> str:
    """Text of a cell, on one line, without Rich's markup being read into it."""
    return str(value).replace("\n", "⏎").replace("[", "\\[")
