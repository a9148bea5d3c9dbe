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
_DEADLINE = typer.Option("--deadline-s", min=0.001, metavar="SECONDS", help="Stop the query after so many seconds.")
_MEMORY = typer.Option("--memory-mb", min=1, metavar="MB", help="Memory that the database may use for it.")


@claims_app.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction]  # as in lean_commands
    pass


@claims_app.command("query", cls=HelpCommand)
def _query(  # pyright: ignore[reportUnusedFunction]  # Typer calls it
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A query over the table claims.", show_default=False)],
    database: Annotated[Path, _DATABASE] = _DEFAULT,
    deadline_s: Annotated[float, _DEADLINE] = 60.0,
    memory_mb: Annotated[int, _MEMORY] = 1024,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array with one object for each row.")] = False,
) -> int:
    """Answer an SQL query. The database is opened read only, and the query can reach no other file.

    Example: cellview claims query "SELECT intervention, count(*) FROM claims WHERE status = 'solved' GROUP BY 1"
    """
    queries = _queries()
    bounds = queries.QueryBounds(deadline_s=deadline_s, memory_mb=memory_mb)
    answer = queries.query_claims(database, sql, bounds=bounds)
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
    deadline_s: Annotated[float, _DEADLINE] = 60.0,
    memory_mb: Annotated[int, _MEMORY] = 1024,
) -> int:
    """Write claims to a Parquet or CSV file, whole or not at all.

    Example: cellview claims export claims.parquet
    """
    kinds = {".parquet": "parquet", ".csv": "csv"}
    if out.suffix not in kinds:
        raise OptionError(f"{out} does not say in which form to write; end its name with .parquet or .csv.")
    options = {"format": kinds[out.suffix]} | ({} if sql is None else {"sql": sql})
    queries = _queries()
    bounds = queries.QueryBounds(deadline_s=deadline_s, memory_mb=memory_mb)
    try:
        rows = queries.export_claims(database, out, bounds=bounds, **options)
    except ModuleNotFoundError as error:
        raise OptionError(f"{error}.") from error
    output_console().print(f"{rows} rows written to {out}", markup=False, soft_wrap=True)
    return EXIT_OK


def _queries() -> Any:
    """The module that needs DuckDB, loaded only when a command uses it."""
    try:
        from cellview.cluster.claims import query
    except ModuleNotFoundError as error:
        raise OptionError(f"{error}.") from error
    return query


def _plain(value: object) -> str:
    """Text of a cell, on one line, without Rich's markup being read into it."""
    return str(value).replace("\n", "⏎").replace("[", "\\[")
