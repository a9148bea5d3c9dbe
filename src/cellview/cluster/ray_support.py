"""Ray, as little of it as is needed: finding it, connecting, and letting go of what was started here only."""

from __future__ import annotations

import importlib
from typing import Any

from cellview.cluster.errors import BrokerError

__all__ = ["RayConnection", "require_ray"]


def require_ray() -> Any:
    """The module `ray`, untyped: what it decorates loses its types anyway.

    Raises:
        ModuleNotFoundError: Ray is not installed. Nothing runs synchronously instead.
    """
    try:
        return importlib.import_module("ray")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the Ray executor and the ray broker need Ray; install it with: pip install 'cellview[ray]'",
            name=error.name,
        ) from error


class RayConnection:
    """This process's connection to Ray: the one that is there, or one made here and ended by `close`."""

    def __init__(
        self,
        address: str | None = None,
        *,
        namespace: str | None = None,
        num_cpus: int | None = None,
        object_store_bytes: int | None = None,
    ) -> None:
        """Connect to `address`, or start Ray on this machine when there is neither an address nor a connection.

        Raises:
            BrokerError: No cluster answers at `address`.
        """
        self.ray = require_ray()
        self.made_here = not self.ray.is_initialized()
        if not self.made_here:
            return
        options: dict[str, Any] = {"namespace": namespace, "log_to_driver": False, "configure_logging": False}
        if address is None:
            # "local": a variable RAY_ADDRESS must not decide where a run goes; [cluster] address does.
            options |= {"address": "local", "num_cpus": num_cpus, "include_dashboard": False}
            if object_store_bytes is not None:
                options["object_store_memory"] = object_store_bytes
        else:
            options["address"] = address
        try:
            self.ray.init(**options)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise BrokerError(f"cannot connect to Ray at {address or 'this machine'}: {error}") from error

    @property
    def gcs_address(self) -> str:
        """The address by which another process of this cluster connects."""
        return str(self.ray.get_runtime_context().gcs_address)

    @property
    def namespace(self) -> str:
        """The namespace in which actors of this connection have their names."""
        return str(self.ray.get_runtime_context().namespace)

    def close(self) -> None:
        """Disconnect, and stop a Ray that was started here. A Ray that was there before stays. Idempotent."""
        if self.made_here and self.ray.is_initialized():
            self.ray.shutdown()
        self.made_here = False
