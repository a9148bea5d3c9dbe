"""All errors of :mod:`cellview.app`. Each is the user's to mend, and its text says how."""

from __future__ import annotations

from typing import Final

__all__ = [
    "EXIT_BAD_INPUT",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_PROVIDER",
    "EXIT_UNSOLVED",
    "AppError",
    "InputFileError",
    "OptionError",
    "OutputError",
    "RunError",
]

EXIT_OK: Final = 0
EXIT_UNSOLVED: Final = 1
"""``prove`` found no proof, ``trace check`` found a fault, ``trace diff`` found a difference."""
EXIT_BAD_INPUT: Final = 2
EXIT_PROVIDER: Final = 3
"""The provider of tactics is dead: there is no result, and it is nobody's bad input."""
EXIT_INTERRUPTED: Final = 130
"""128 + SIGINT, as shells count it."""


class AppError(Exception):
    """Base of everything that :mod:`cellview.app` raises on purpose."""


class OptionError(AppError):
    """Raised when an option or a key of a configuration file is unknown, out of range, or does not fit the others."""


class InputFileError(AppError):
    """Raised when a file that was named cannot be read: missing, a folder, not text. Check the path."""


class OutputError(AppError):
    """Raised when results cannot be written: the folder exists already, or the disk is full or read-only."""


class RunError(AppError):
    """Raised at the end of a run in which something of the input could not be used; what could be was run."""
