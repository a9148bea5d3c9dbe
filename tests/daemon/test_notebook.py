"""What a notebook shows: static, whole, and with every text escaped."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import httpx2
import msgspec
import pytest

from cellview.daemon import Client, DaemonConfig, ExperimentPage, Searches, SearchReport, Submission, running
from cellview.daemon.http.app import make_app
from cellview.daemon.intake import experiment_of
from cellview.prover.synthetic import SyntheticProver, SyntheticProvider
from cellview.search import search
from cellview.trace import RunMetadata
from cellview.tree.drawing import MOST_NODES

EVIL = "<script>alert('&')</script>\"><img src=x onerror=alert(1)>"


class Checker(HTMLParser):
    """Elements and text of a fragment; it must be well formed, and hold nothing that acts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.feed(html)
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "img", "iframe", "link", "object") and not any(
            n.startswith("on") for n, _ in attrs
        )
        self.seen.add(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(value: Any) -> Checker:
    return Checker(value._repr_html_())


async def test_client_pages_and_searches_are_tables(
    config: Callable[..., DaemonConfig], submission: Callable[..., Submission]
) -> None:
    async with running(config()) as daemon:
        transport = httpx2.ASGITransport(make_app(daemon))
        async with Client("http://127.0.0.1", transport=transport) as client:
            assert "127.0.0.1" in shown(client).text
            status = await client.submit(submission(name=EVIL))
            assert EVIL in shown(client).text and EVIL in shown(status).text
            page = await client.experiments()
            assert isinstance(page, ExperimentPage) and EVIL in shown(page).text
            assert "t1" in shown(await client.searches(status.id)).text
            await client.cancel(status.id)
            assert "cancelled" in shown(client).text


def test_an_experiment_and_results_are_tables(submission: Callable[..., Submission]) -> None:
    experiment = experiment_of(submission(name=EVIL))
    assert EVIL in shown(experiment).text and "block_t1" in shown(experiment).text
    one = SearchReport(number=0, theorem=EVIL, arm="wild_type", seed=0, state="done", reason=EVIL)
    many = Searches((one,) * 60)
    assert shown(many).text.count(EVIL) == 100 and "and 10 more" in shown(many).text


def test_results_of_a_run_are_a_table() -> None:
    data: dict[str, Any] = {
        "experiment": {"name": EVIL, "digest": "d"},
        "config": {},
        "backend": {"prover": EVIL, "provider": "p", "provider_digest": "d"},
        "versions": {"cellview": "1", "python": "3"},
        "results": [{"theorem": EVIL, "solved": True, "stop_reason": "solved", "iterations": 1, "attempts": 1}],
        "created": "now",
        "host": {"name": "h", "system": "s", "machine": "m", "cpus": 1},
    }
    text = shown(msgspec.convert(data, RunMetadata)).text
    assert text.count(EVIL) == 3 and "1 of 1 searches" in text


@pytest.mark.parametrize("budget", [5, 400])
async def test_a_result_has_its_tree_when_that_is_small(budget: int, one_search: Callable[..., Submission]) -> None:
    experiment = experiment_of(one_search(budget=budget))
    spec: Any = experiment.setup.prover
    result = await search(
        ": T1",
        prover=SyntheticProver(seed=spec.seed, p_fail=spec.p_fail, p_close=spec.p_close),
        provider=SyntheticProvider(),
        config=experiment.setup.search,
    )
    checked = shown(result)
    small = result.nodes <= MOST_NODES
    assert ("svg" in checked.seen) is small and ("too large" in checked.text) is not small
    assert "budget" in checked.text
