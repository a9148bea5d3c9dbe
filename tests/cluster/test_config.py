"""The table [cluster]: strict, with overrides from the environment; and the errors of a missing extra."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from cellview.cluster import ConfigModel, DistributedConfig, get_executor, get_message_broker, load_config
from cellview.settings import SettingsError, SettingsFileError, fields_of


def _load(tmp_path: Path, text: str, environ: dict[str, str] | None = None, **more: Any) -> ConfigModel:
    path = tmp_path / "cellview.toml"
    path.write_text(text)
    return load_config(path, environ=environ or {}, **more)


def test_defaults_need_no_file() -> None:
    config = load_config(environ={})
    assert (config.distributed, config.distributed_config.enabled) == (False, False)
    assert config.distributed_config.broker == "memory"


def test_a_file_and_the_environment_over_it(tmp_path: Path) -> None:
    text = """
        [cluster]
        enabled = true
        executor = "ray"
        num-cpus = 8
        address = "auto"
        message-broker = "redis"
        broker-url = "redis://127.0.0.1:6379/3"
        resources-per-agent = { lean = 1 }
    """
    environ = {
        "CELLVIEW_CLUSTER_NUM_CPUS": "3",
        "CELLVIEW_CLUSTER_ENABLED": "false",
        "CELLVIEW_CLUSTER_RESOURCES_PER_AGENT": '{"gpu": 0.5}',
        "CELLVIEW_OTHER": "x",
    }
    cluster = _load(tmp_path, text, environ).distributed_config
    assert (cluster.executor, cluster.address, cluster.broker) == ("ray", "auto", "redis")
    assert (cluster.num_cpus, cluster.enabled, cluster.resources_per_agent) == (3, False, {"gpu": 0.5})
    assert cluster.broker_url_or_address == "redis://127.0.0.1:6379/3"


def test_the_broker_follows_the_executor_unless_named(tmp_path: Path) -> None:
    assert _load(tmp_path, "[cluster]\nexecutor = 'ray'").cluster.broker == "ray"
    assert _load(tmp_path, "[cluster]\nexecutor = 'process'").cluster.broker == "memory"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[cluster]\nenabeld = true", r"unknown key 'enabeld' in \[cluster\] \(the nearest is 'enabled'\)"),
        ("[cluster]\nnum_cpus = 4", r"unknown key 'num_cpus' in \[cluster\] \(the nearest is 'num-cpus'\)"),
        ("[cluster]\nnum-cpus = '4'", r"num-cpus: must be a whole number of at least 1, not '4'"),
        ("[cluster]\nexecutor = 'threads'", "executor: must be one of local, process, ray, not 'threads'"),
        ("[cluster]\nnum-cpus = 0", "must be a whole number of at least 1, not 0"),
        ("[cluster]\nlease-s = 0", "lease-s: must be a number above 0, not 0"),
        ("[cluster]\nlease-s = inf", "lease-s: must be finite"),
        ("[cluster]\nresult-deadline-s = nan", "result-deadline-s: must be"),
        ("[cluster]\ntask-retries = -1", "task-retries: must be a whole number of at least 0"),
        ("[cluster]\nresources-per-agent = {gpu = 'x'}", "resources-per-agent"),
        ("[cluster]\nexecutor = 'ray'\nmessage-broker = 'memory'", "does not reach other machines"),
        ("[cluster]\naddress = 'auto'", "address is the address of a Ray cluster"),
        ("[cluster]\nbroker-url = 'redis://x'", "belong to 'redis'"),
        ("[clutser]\nenabled = true", r"unknown table \[clutser\]"),
        ("cluster = 3", "must be a table"),
        ("[cluster", "is not valid TOML"),
    ],
)
def test_mistakes_are_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        _load(tmp_path, text)
    assert "cellview.toml" in str(caught.value)


def test_mistakes_in_the_environment_name_the_variable() -> None:
    with pytest.raises(SettingsError, match="CELLVIEW_CLUSTER_NUM_CPUS: must be a whole number of at least 1, not 'x'"):
        load_config(environ={"CELLVIEW_CLUSTER_NUM_CPUS": "x"})
    with pytest.raises(SettingsError, match=r"CELLVIEW_CLUSTER_CPUS is unknown"):
        load_config(environ={"CELLVIEW_CLUSTER_CPUS": "4"})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"num_cpus": 0}, "num-cpus"),
        ({"lease_s": float("inf")}, "lease-s must be finite"),
        ({"executor": "threads"}, "executor"),
        ({"address": "auto"}, "address of a Ray cluster"),
    ],
)
def test_what_is_made_in_python_is_checked_too(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DistributedConfig(**keys)


def test_options_win_over_the_environment_that_over_the_file_that_over_defaults(tmp_path: Path) -> None:
    def workers(text: str, environ: dict[str, str], **overrides: Any) -> int:
        return _load(tmp_path, text, environ, defaults={"num_cpus": 3}, overrides=overrides).cluster.num_cpus

    file, environ = "[cluster]\nnum-cpus = 4", {"CELLVIEW_CLUSTER_NUM_CPUS": "5"}
    assert workers("", {}) == 3
    assert workers(file, {}) == 4
    assert workers(file, environ) == 5
    assert workers(file, environ, num_cpus=6) == 6


def test_the_page_lists_every_key_and_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/cluster.md").read_text()
    for field in fields_of(DistributedConfig):
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{field.option}` |")]
        if field.default not in (None, {}):
            shown = str(field.default).lower() if isinstance(field.default, bool) else f"{field.default}"
            assert shown in row.split("|")[2], row


def test_other_tables_may_be_allowed(tmp_path: Path) -> None:
    assert _load(tmp_path, "[search]\nseed = 1", also_allowed=("search",)) == ConfigModel()


def test_a_missing_file_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(SettingsFileError, match=r"none\.toml cannot be read: No such file"):
        load_config(tmp_path / "none.toml", environ={})


def test_unknown_brokers_and_arguments_that_do_not_belong_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown message broker 'kafka'; use 'memory', 'redis' or 'ray'"):
        get_message_broker("kafka")
    with pytest.raises(ValueError, match="takes neither a url"):
        get_message_broker("memory", "redis://127.0.0.1")
    with pytest.raises(ValueError, match="takes no namespace"):
        get_message_broker("ray", namespace="x")


def _hide(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Make `import package` fail as if it were not installed, also for modules of ours that imported it already."""
    for name in list(sys.modules):
        if name == package or name.startswith(package + "."):
            monkeypatch.delitem(sys.modules, name)
    for name in (
        "brokers.redis_broker",
        "brokers.redis_channel",
        "brokers.ray_broker",
        "claims.storage",
        "claims.query",
    ):
        monkeypatch.delitem(sys.modules, f"cellview.cluster.{name}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)


@pytest.mark.parametrize("name", ["redis", "ray"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _hide(monkeypatch, name)
    with pytest.raises(ModuleNotFoundError, match=rf"pip install 'cellview\[{name}\]'"):
        get_message_broker(name)


def test_a_missing_ray_does_not_become_synchronous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Upstream ran the agents one after the other in this process, without a word."""
    _hide(monkeypatch, "ray")
    config = load_config(environ={"CELLVIEW_CLUSTER_EXECUTOR": "ray"})
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'cellview\[ray\]'"):
        get_executor(config)


def test_a_missing_duckdb_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide(monkeypatch, "duckdb")
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'cellview\[duckdb\]'"):
        importlib.import_module("cellview.cluster.claims.storage")
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'cellview\[duckdb\]'"):
        importlib.import_module("cellview.cluster.claims.query")


def test_an_unreachable_server_is_an_error_and_not_another_broker() -> None:
    from cellview.cluster import BrokerError

    with pytest.raises(BrokerError, match="Redis does not answer"):
        get_message_broker("redis", "redis://127.0.0.1:1/0")
