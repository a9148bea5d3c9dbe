"""Settings: one declaration of an option for command line, environment and TOML file alike.

A struct's fields are the options. Each carries an :class:`Opt`; from it come the option's help, the key of the TOML
table, and the environment variable. :func:`merge` puts the three sources together, in this order: what was typed wins
over the environment, that over the file, that over the default. Nothing in any of them is silently ignored: an unknown
key, table or variable is an error that names the nearest known one.

Nothing here knows a command line, or reads the environment: a mapping is handed in.
"""

from __future__ import annotations

from cellview.settings.declare import Field, Opt, fields_of, option_names, variable_of
from cellview.settings.errors import SettingsError, SettingsFileError
from cellview.settings.sources import (
    Document,
    document_of,
    merge,
    origins,
    parse_document,
    read_document,
    require_known_variables,
)

__all__ = [
    "Document",
    "Field",
    "Opt",
    "SettingsError",
    "SettingsFileError",
    "document_of",
    "fields_of",
    "merge",
    "option_names",
    "origins",
    "parse_document",
    "read_document",
    "require_known_variables",
    "variable_of",
]
