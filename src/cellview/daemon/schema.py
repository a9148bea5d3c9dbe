"""The database's tables, and how an older database becomes a current one: one script for each ``user_version``."""

from __future__ import annotations

from typing import Any, Final

from cellview.daemon.errors import DataFolderError

__all__ = ["MIGRATIONS", "migrate"]

MIGRATIONS: Final = (
    """
    CREATE TABLE experiments (
      id           INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given out again: links keep their meaning
      name         TEXT NOT NULL,
      state        TEXT NOT NULL,
      priority     INTEGER NOT NULL,
      submitted_at REAL NOT NULL,
      changed_at   REAL NOT NULL,
      digest       TEXT NOT NULL,
      folder       TEXT NOT NULL,
      reason       TEXT,
      key          TEXT UNIQUE,
      request      TEXT NOT NULL,                      -- digest of the submission, which a key may stand for
      submission   BLOB NOT NULL                       -- JSON, its corpus as text
    ) STRICT;
    CREATE INDEX experiments_by_state ON experiments (state);
    CREATE TABLE points (
      experiment  INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
      number      INTEGER NOT NULL,
      theorem     TEXT NOT NULL,
      arm         TEXT NOT NULL,
      seed        INTEGER NOT NULL,
      state       TEXT NOT NULL,
      failures    INTEGER NOT NULL DEFAULT 0,
      stop_reason TEXT,
      solved      INTEGER NOT NULL DEFAULT 0,
      reason      TEXT,
      PRIMARY KEY (experiment, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE events (
      number     INTEGER PRIMARY KEY AUTOINCREMENT,
      at         REAL NOT NULL,
      experiment INTEGER NOT NULL,                     -- no reference: what was deleted has a history too
      kind       TEXT NOT NULL,
      data       TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_experiment ON events (experiment, number);
    """,
    """
    ALTER TABLE experiments ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE experiments ADD COLUMN executor TEXT NOT NULL DEFAULT 'here';
    ALTER TABLE experiments ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;  -- of its driver, if it has one
    """,
)


def migrate(connection: Any) -> None:
    """Bring a database to the current version, each step in a transaction of its own with its number.

    Raises:
        DataFolderError: A newer Cellview wrote it.
    """
    version: int = connection.pragma("user_version")
    if version > len(MIGRATIONS):
        raise DataFolderError(
            f"The database {connection.filename} has version {version}, of a newer Cellview; this one knows "
            f"{len(MIGRATIONS)}. Use the newer one, or another data folder."
        )
    for number in range(version, len(MIGRATIONS)):
        with connection:
            connection.execute(MIGRATIONS[number])
            connection.pragma("user_version", number + 1)
