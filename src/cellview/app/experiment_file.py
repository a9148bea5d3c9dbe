"""The file that ``run`` is given: a corpus, or an experiment with its settings and its preregistration."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from cellview.app.errors import InputFileError
from cellview.app.options import FILE_TABLES, PLAN_TABLES
from cellview.settings import Document, SettingsError, document_of

__all__ = ["ExperimentFile", "is_corpus", "read_experiment_file"]


class ExperimentFile(msgspec.Struct, frozen=True):
    """A file of settings, and what it says of the experiment beyond them.

    Args:
        document: The settings.
        plan: Its preregistration, table by table; empty when there is none.
        digest: SHA-256 of the file.
    """

    document: Document
    plan: dict[str, Any] = {}
    digest: str | None = None

    @property
    def plan_digest(self) -> str | None:
        """SHA-256 of the file, when it holds a preregistration."""
        return self.digest if self.plan else None

    @property
    def name(self) -> str | None:
        """The experiment's name, if the file gives it one."""
        name = self.plan.get("experiment", {}).get("name")
        return name if isinstance(name, str) else None


def is_corpus(path: Path) -> bool:
    """Say whether a file is a corpus. What cannot be read or parsed is taken for one, whose reader says why."""
    try:
        return not set(tomllib.loads(path.read_text(encoding="utf-8"))) & {*FILE_TABLES, *PLAN_TABLES}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return True


def read_experiment_file(path: Path) -> ExperimentFile:
    """Read the file of an experiment, or one of settings alone.

    Raises:
        InputFileError: It cannot be read.
        SettingsError: It is not TOML, or something unknown stands in it.
    """
    try:
        data = path.read_bytes()
        found = tomllib.loads(data.decode())
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    plan: dict[str, Any] = {name: found.pop(name) for name in PLAN_TABLES if name in found}
    document = document_of(found, source=str(path), tables=FILE_TABLES)
    return ExperimentFile(document, plan, hashlib.sha256(data).hexdigest())
