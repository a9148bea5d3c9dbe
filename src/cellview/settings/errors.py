"""All errors of :mod:`cellview.settings`. Each is the user's to mend, and its text says where and how."""

from __future__ import annotations

__all__ = ["SettingsError", "SettingsFileError"]


class SettingsError(Exception):
    """Raised when an option, a key of a file or a variable is unknown, of the wrong form, or out of its range.

    The text names it as the user wrote it: ``--seed``, ``experiment.toml: seed`` or ``CELLVIEW_RUN_SEED``.
    """


class SettingsFileError(SettingsError):
    """Raised when a file of settings cannot be read: missing, a folder, not text. Check the path."""
