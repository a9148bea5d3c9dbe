"""The claims database, for its one writer: a DuckDB file in which each claim id stands once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from cellview.cluster.errors import ClaimStoreError
from cellview.cluster.messages import Claim, PersistClaim, content_digest

try:
    import duckdb
except ModuleNotFoundError as error:  # said here once, for every function of this module
    raise ModuleNotFoundError(
        "the claims database needs DuckDB; install it with: pip install 'cellview[duckdb]'", name=error.name
    ) from error

__all__ = [
    "ClaimStore",
    "PersistCounts",
    "setup",
    "teardown",
]

_COLUMNS = (
    "claim_id VARCHAR PRIMARY KEY, run VARCHAR NOT NULL, theorem VARCHAR NOT NULL, statement VARCHAR NOT NULL, "
    "intervention VARCHAR NOT NULL, seed BIGINT NOT NULL, tier BIGINT NOT NULL, status VARCHAR NOT NULL, "
    "iterations BIGINT NOT NULL, proof VARCHAR, trace_digest VARCHAR, detail VARCHAR, content_sha256 VARCHAR NOT NULL"
)
_SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS claims ({_COLUMNS})",
    "CREATE TABLE IF NOT EXISTS claim_updates (claim_id VARCHAR, update_sha256 VARCHAR, "
    "PRIMARY KEY (claim_id, update_sha256))",
    "CREATE TABLE IF NOT EXISTS claim_conflicts (claim_id VARCHAR, stored_sha256 VARCHAR, other_sha256 VARCHAR, "
    "other VARCHAR, PRIMARY KEY (claim_id, other_sha256))",
    f"CREATE TEMP TABLE staging ({_COLUMNS.replace('VARCHAR PRIMARY KEY', 'VARCHAR')}, position BIGINT)",
)
_FIRST_OF_EACH = "SELECT * FROM staging QUALIFY row_number() OVER (PARTITION BY claim_id ORDER BY position) = 1"
_FIELDS = Claim.__struct_fields__


class PersistCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one batch of claims."""

    inserted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    """Same id, different content: two runs of one arm disagreed. The first stays; `claim_conflicts` has the other."""
    updated: int = 0
    rejected: tuple[tuple[int, str], ...] = ()
    """Positions in the batch that could not be applied, each with the reason."""


class ClaimStore:
    """The writing side. Made by `setup`; only the storage coordinator should hold one."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Wrap an open connection whose schema is in place."""
        self._connection = connection
        self.path = path

    def persist(self, batch: Sequence[PersistClaim]) -> PersistCounts:
        """Store a batch in one transaction, each claim id once; the same batch again changes nothing.

        Raises:
            ClaimStoreError: The database refused the whole batch; nothing of it was stored.
        """
        counts = PersistCounts()
        try:
            self._connection.begin()
            try:
                for update, first, group in _groups(batch):
                    counts = _add(counts, (self._update if update else self._insert)(group, first))
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise
        except duckdb.Error as error:
            raise ClaimStoreError(f"could not write to {self.path}: {error}") from error
        return counts

    def _insert(self, group: Sequence[PersistClaim], first: int) -> PersistCounts:
        rows: list[tuple[Any, ...]] = []
        for position, message in enumerate(group):
            claim = msgspec.convert(message.claim, Claim)
            values = msgspec.to_builtins(claim)
            rows.append((*(values[name] for name in _FIELDS), content_digest(values), position))
        self._connection.execute("TRUNCATE staging")
        # The Appender is the fast way in, and cannot skip rows that are there already; hence the staging table.
        with self._connection.appender("staging") as appender:
            appender.append_rows(rows)
        inserted = self._count(
            f"INSERT INTO claims SELECT * EXCLUDE position FROM ({_FIRST_OF_EACH}) ON CONFLICT DO NOTHING"
        )
        differing = "FROM staging s JOIN claims c ON c.claim_id = s.claim_id AND c.content_sha256 <> s.content_sha256"
        row = self._connection.execute(f"SELECT count(*) {differing}").fetchone()
        conflicts = 0 if row is None else int(row[0])
        if conflicts:
            self._connection.execute(
                "INSERT INTO claim_conflicts SELECT s.claim_id, c.content_sha256, s.content_sha256, "
                f"to_json(s)::VARCHAR {differing} ON CONFLICT DO NOTHING"
            )
        return PersistCounts(inserted=inserted, conflicts=conflicts, duplicates=len(rows) - inserted - conflicts)

    def _update(self, group: Sequence[PersistClaim], first: int) -> PersistCounts:
        updated = duplicates = 0
        rejected: list[tuple[int, str]] = []
        for position, message in enumerate(group, start=first):
            fields = dict(message.claim)
            id = fields.pop("claim_id")
            digest = content_digest(message.claim)
            if not self._exists("SELECT 1 FROM claims WHERE claim_id = ?", id):
                rejected.append((position, f"a partial update of claim {id}, which was never stored"))
            elif self._exists("SELECT 1 FROM claim_updates WHERE claim_id = ? AND update_sha256 = ?", id, digest):
                duplicates += 1
            else:
                names = [name for name in _FIELDS if name in fields]  # names from the struct, never from the message
                assignments = ", ".join(f"{name} = ?" for name in names)
                values = [fields[name] for name in names]
                self._connection.execute(f"UPDATE claims SET {assignments} WHERE claim_id = ?", [*values, id])
                self._connection.execute("INSERT INTO claim_updates VALUES (?, ?)", [id, digest])
                updated += 1
        return PersistCounts(updated=updated, duplicates=duplicates, rejected=tuple(rejected))

    def _exists(self, sql: str, *values: str) -> bool:
        return self._connection.execute(sql, list(values)).fetchone() is not None

    def _count(self, sql: str) -> int:
        row = self._connection.execute(sql).fetchone()
        return 0 if row is None else int(row[0])


def setup(path: str | os.PathLike[str]) -> ClaimStore:
    """Open the claims database for writing, and make its tables when they are missing.

    Raises:
        ClaimStoreError: The folder is missing, the file is no DuckDB database, or another process writes to it.
    """
    file = Path(path)
    try:
        connection = duckdb.connect(str(file))
        for statement in _SCHEMA:
            connection.execute(statement)
    except duckdb.Error as error:
        raise ClaimStoreError(f"cannot open {file} for writing: {error}") from error
    return ClaimStore(connection, file)


def teardown(store: ClaimStore) -> None:
    """Write everything into the database file and close it. Idempotent."""
    store._connection.close()  # pyright: ignore[reportPrivateUsage]  # the pair of `setup`, in the same module


def _groups(batch: Sequence[PersistClaim]) -> list[tuple[bool, int, list[PersistClaim]]]:
    """Neighbours of one kind together, in order: an update must see the claim that stands before it."""
    groups: list[tuple[bool, int, list[PersistClaim]]] = []
    for position, message in enumerate(batch):
        if not groups or groups[-1][0] != message.partial_update:
            groups.append((message.partial_update, position, []))
        groups[-1][2].append(message)
    return groups


def _add(one: PersistCounts, other: PersistCounts) -> PersistCounts:
    return PersistCounts(
        inserted=one.inserted + other.inserted,
        duplicates=one.duplicates + other.duplicates,
        conflicts=one.conflicts + other.conflicts,
        updated=one.updated + other.updated,
        rejected=one.rejected + other.rejected,
    )
