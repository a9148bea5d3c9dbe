"""Questions to the claims database: read only, confined to its one file, within limits of time and memory."""

from __future__ import annotations

import csv
import importlib
import io
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias, TypeVar

import msgspec

from cellview.cluster.errors import ClaimStoreError
from cellview.trace import TraceWriteError
from cellview.trace.atomic import open_atomically

try:
    import duckdb
except ModuleNotFoundError as error:  # said here once, for every function of this module
    raise ModuleNotFoundError(
        "the claims database needs DuckDB; install it with: pip install 'cellview[duckdb]'", name=error.name
    ) from error

__all__ = ["ExportFormat", "QueryBounds", "QueryTable", "export_claims", "query_claims"]

_T = TypeVar("_T")

ExportFormat: TypeAlias = Literal["parquet", "csv"]

_CHUNK = 10_000


class QueryBounds(msgspec.Struct, frozen=True, kw_only=True):
    """What one query may use: whoever may ask must not be able to bring the machine down by a cross join.

    Args:
        deadline_s: Seconds until the query is interrupted.
        memory_mb: Megabytes that the database may hold for it; it writes nothing to disk instead.
        rows: Rows of the answer.
    """

    deadline_s: float = 60.0
    memory_mb: int = 1024
    rows: int = 1_000_000

    def __post_init__(self) -> None:
        """Reject bounds under which no query could be answered."""
        if not self.deadline_s > 0 or self.memory_mb < 1 or self.rows < 1:
            raise ValueError("a query needs a deadline above 0 s, and at least 1 MB and 1 row")


class QueryTable(msgspec.Struct, frozen=True):
    """The answer to a query: names of columns, and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def query_claims(path: str | os.PathLike[str], sql: str, *, bounds: QueryBounds | None = None) -> QueryTable:
    """Answer an SQL query over the claims. The database is read only, and the query can reach no other file.

    Raises:
        ClaimStoreError: There is no such database, a run is writing to it, the query is wrong, or it would take more
            than `bounds` allow.
    """
    within = bounds or QueryBounds()

    def read(connection: duckdb.DuckDBPyConnection) -> QueryTable:
        cursor = connection.execute(sql)
        columns = tuple(str(column[0]) for column in cursor.description or ())
        rows: list[tuple[Any, ...]] = []
        while chunk := cursor.fetchmany(_CHUNK):
            rows += chunk
            if len(rows) > within.rows:
                raise ClaimStoreError(f"the answer has more than {within.rows:,} rows; ask for less, or use LIMIT")
        return QueryTable(columns, tuple(rows))

    return _read(path, within, read)


def export_claims(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    format: ExportFormat,
    sql: str = "SELECT * EXCLUDE content_sha256 FROM claims ORDER BY claim_id",
    bounds: QueryBounds | None = None,
) -> int:
    """Write the claims, or the answer to `sql`, to `out` whole or not at all; return the number of rows.

    Raises:
        ClaimStoreError: As `query_claims` (a Parquet file may have any number of rows), or `out` cannot be written.
        ModuleNotFoundError: Parquet is asked for and PyArrow is not installed.
    """
    target = Path(out)
    within = bounds or QueryBounds()
    try:
        with open_atomically(target) as file:
            if format == "parquet":
                return _write_parquet(path, within, sql, file)
            return _write_csv(query_claims(path, sql, bounds=within), file)
    except TraceWriteError as error:
        raise ClaimStoreError(str(error)) from error


def _write_csv(table: QueryTable, file: BinaryIO) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    text.detach()  # writes everything, and leaves the file open
    return len(table.rows)


def _write_parquet(path: str | os.PathLike[str], bounds: QueryBounds, sql: str, file: BinaryIO) -> int:
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")  # by name: PyArrow ships no types
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Parquet needs PyArrow; install it with: pip install 'cellview[duckdb]', or export to CSV", name=error.name
        ) from error

    def read(connection: duckdb.DuckDBPyConnection) -> Any:
        untyped: Any = connection
        return untyped.sql(sql).to_arrow_table()

    table = _read(path, bounds, read)
    parquet.write_table(table, file)
    return int(table.num_rows)


def _read(path: str | os.PathLike[str], bounds: QueryBounds, read: Callable[[duckdb.DuckDBPyConnection], _T]) -> _T:
    file = Path(path)
    if not file.is_file():
        raise ClaimStoreError(f"there is no claims database at {file}; a run with [cluster] enabled = true makes one")
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            connection.execute(f"SET memory_limit = '{bounds.memory_mb}MB'")
            connection.execute("SET max_temp_directory_size = '0KB'")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            with _deadline(connection, bounds.deadline_s):
                return read(connection)
    except duckdb.InterruptException as error:
        raise ClaimStoreError(f"this query took longer than {bounds.deadline_s:g} s and was stopped") from error
    except duckdb.OutOfMemoryException as error:
        raise ClaimStoreError(f"this query needs more than {bounds.memory_mb} MB: {_first_line(error)}") from error
    except duckdb.IOException as error:
        raise ClaimStoreError(f"cannot read {file}; if a run writes to it, wait until it ends: {error}") from error
    except duckdb.Error as error:
        raise ClaimStoreError(f"cannot answer this query over {file}: {error}") from error


@contextmanager
def _deadline(connection: duckdb.DuckDBPyConnection, seconds: float) -> Generator[None]:
    """Interrupt what `connection` does when the block takes longer: DuckDB has no setting for it."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
