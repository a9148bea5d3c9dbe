"""Choosing an executor by configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellview.cluster.config import ConfigModel
from cellview.cluster.executors.executor import Executor
from cellview.cluster.executors.local import LocalExecutor
from cellview.cluster.executors.processes import ProcessExecutor
from cellview.cluster.executors.ray_executor import RayExecutor

__all__ = ["get_executor"]


def get_executor(
    config: ConfigModel, *, sessions: Mapping[str, Any] | None = None, tolerate_failures: bool = False
) -> Executor:
    """Make the executor that `config` asks for; there is no fallback from one to another.

    Raises:
        ModuleNotFoundError: The extra that it needs is not installed; the text names it.
        SessionError: A session cannot travel to its workers.
    """
    kinds: dict[str, type[Executor]] = {"local": LocalExecutor, "process": ProcessExecutor, "ray": RayExecutor}
    kind = kinds[config.distributed_config.executor]
    return kind(config, sessions=sessions, tolerate_failures=tolerate_failures)
