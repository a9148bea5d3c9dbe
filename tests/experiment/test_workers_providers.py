"""A manifest comes from whoever made it: what code a worker imports, its own options say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cellview.experiment import Experiment, ExperimentError, ImportedSpec, ModelAccess
from cellview.experiment.on_frontier import execute, manifest_of, worker_options
from cellview.prover.errors import ProviderError


async def test_a_worker_imports_only_what_it_was_told_to(small_experiment: Callable[..., Experiment]) -> None:
    experiment = small_experiment()
    setup = msgspec.structs.replace(experiment.setup, provider=ImportedSpec(name="pathlib:Path"))
    manifest = manifest_of(msgspec.structs.replace(experiment, setup=setup), window=4)
    settings: dict[str, Any] = msgspec.json.decode(manifest.settings)
    for names in ((), ("pathlib:PurePath",)):
        with pytest.raises(ExperimentError, match="pathlib:Path, which this worker was not told to import"):
            async with execute.open(settings, worker_options(setup.prover, ModelAccess(), names)):
                pass
    with pytest.raises(ProviderError, match="is no provider"):  # it is imported now, and turns out to be none
        async with execute.open(settings, worker_options(setup.prover, ModelAccess(), ("pathlib:Path",))):
            pass
