"""A provider of the user's own: a class that is named by its module."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any, Final

from cellview.prover.base import TacticProvider
from cellview.prover.errors import ProviderError

__all__ = ["IMPORT_STRING", "import_provider"]

IMPORT_STRING: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
"""``module:Class``, the module with its packages."""


def import_provider(name: str, options: Mapping[str, Any] | None = None) -> TacticProvider:
    """Import ``module:Class`` and make one, with `options` as its keyword arguments.

    This runs code: whoever hands a name over from elsewhere must have been told that it may.

    Raises:
        ProviderError: There is no such module or class, it takes other options, or it is no provider.
    """
    module_name, _, class_name = name.partition(":")
    if not IMPORT_STRING.fullmatch(name):
        raise ProviderError(f"{name!r} names no provider: expected module:Class, such as mine.tactics:Stubborn.")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever a module of the user's raises is the user's to mend
        raise ProviderError(
            f"The provider {name} cannot be imported ({error}): install its package, or put its folder into PYTHONPATH."
        ) from error
    made = getattr(module, class_name, None)
    if not isinstance(made, type):
        raise ProviderError(f"The module {module_name} has no class {class_name}.")
    try:
        provider = made(**(options or {}))
    except Exception as error:
        raise ProviderError(f"The provider {name} cannot be made with these options: {error}.") from error
    if not isinstance(provider, TacticProvider):
        raise ProviderError(f"{name} is no provider: it needs provider_id and the method suggest(goal).")
    return provider
