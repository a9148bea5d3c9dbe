"""The operational log: where it goes when nobody has said so.

Only a program configures structlog; a library that did would take that from the program that uses it. But structlog's
own default is standard output, which belongs to results, and tracebacks with the values of local variables, which may
be secrets. So loggers come from here: they follow the configuration of the program, and while there is none, they
write warnings and errors to standard error, with plain tracebacks.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

__all__ = ["get_logger", "processors"]


def get_logger(name: str) -> FilteringBoundLogger:
    """Return a logger; whether structlog is configured is asked when something is logged, or bound."""
    return cast(FilteringBoundLogger, _Logger(name))


def processors() -> list[Processor]:
    """Return what turns an event into text for people: context first, and tracebacks without local variables."""
    colours = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback),
    ]


class _Logger:
    """Hands every question on to a logger of structlog, made as the configuration is at that moment."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._made(), attribute)

    def _made(self) -> Any:
        if structlog.is_configured():
            return structlog.get_logger(self._name)
        return structlog.wrap_logger(
            structlog.PrintLogger(sys.stderr),
            processors=[_follow, *processors()],
            wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        )


def _follow(logger: object, method: str, event: EventDict) -> EventDict:
    """Hand an event over to the configuration that a program has made since: loggers are bound early and live long."""
    if structlog.is_configured():
        text = event.pop("event", "")
        getattr(structlog.get_logger(), method)(text, **event)
        raise structlog.DropEvent
    if method in ("debug", "info"):
        raise structlog.DropEvent
    return event
