"""Functions by name: what an executor runs is found again, by its name alone, in whatever process runs it."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Mapping
from typing import Any, cast

from cellview.cluster.errors import AgentRegistryError

__all__ = ["Registry"]


class Registry:
    """The functions of one kind, by name: registered in this process, or offered by an installed package.

    A task carries a name and never what to import: a worker runs only what its own installation offers, or what the
    process that started it had registered by then.

    Args:
        kind: What the functions are called in error texts.
        group: The entry-point group under which packages offer functions of this kind.
    """

    def __init__(self, kind: str, group: str) -> None:
        """Begin with none."""
        self.kind = kind
        self.group = group
        self._references: dict[str, str] = {}
        self._loaded: dict[str, Callable[..., Any]] = {}

    @property
    def registered(self) -> dict[str, str]:
        """A copy of what was registered in this process: name → ``module:function``."""
        return dict(self._references)

    def register(self, name: str, function: Callable[..., Any] | str) -> None:
        """Register `function`, or its reference ``module:function``, under `name`.

        Raises:
            AgentRegistryError: Another process could not import it, or the name is taken by another function.
        """
        reference = function if isinstance(function, str) else self._reference(name, function)
        if self._references.get(name, reference) != reference:
            taken = self._references[name]
            raise AgentRegistryError(f"the {self.kind} name {name!r} is taken by {taken}; choose another name")
        self._loaded[name] = self._import(reference)
        self._references[name] = reference

    def adopt(self, registered: Mapping[str, str]) -> None:
        """Take over what the process that started this one had registered; each is imported when it is asked for."""
        self._references.update(registered)

    def load(self, name: str) -> Callable[..., Any]:
        """The function called `name`.

        Raises:
            AgentRegistryError: There is none, several packages offer the name, or it cannot be imported here.
        """
        if name not in self._loaded:
            self._loaded[name] = self._import(self._references.get(name) or self._offered(name))
        return self._loaded[name]

    def _offered(self, name: str) -> str:
        offers = importlib.metadata.entry_points(group=self.group)
        values = sorted({offer.value for offer in offers if offer.name == name})
        if len(values) == 1:
            return values[0]
        if values:
            packages = ", ".join(values)
            raise AgentRegistryError(f"several packages offer the {self.kind} {name!r}: {packages}; uninstall one")
        known = ", ".join(sorted({*self._references, *offers.names})) or "none"
        raise AgentRegistryError(
            f"there is no {self.kind} {name!r}; known are: {known}. Register it, or offer it as an entry point of "
            f"the group {self.group}"
        )

    def _import(self, reference: str) -> Callable[..., Any]:
        module_name, _, attribute = reference.partition(":")
        try:
            found: Any = importlib.import_module(module_name)
            for part in attribute.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError, ValueError) as error:
            raise AgentRegistryError(f"cannot load {self.kind} {reference!r} (module:function): {error}") from error
        if not callable(found):
            raise AgentRegistryError(f"{self.kind} {reference!r} cannot be called; it must be a function")
        return cast("Callable[..., Any]", found)

    def _reference(self, name: str, function: Callable[..., Any]) -> str:
        module = getattr(function, "__module__", None)
        qualified = getattr(function, "__qualname__", "")
        if module in (None, "__main__") or not qualified or "<" in qualified:
            raise AgentRegistryError(
                f"{self.kind} {name!r} is {qualified or function!r} of {module}, which another process cannot import; "
                "move it to the top level of a module"
            )
        return f"{module}:{qualified}"
