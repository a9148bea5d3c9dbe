"""The page for everybody: axe-core finds nothing, in both themes and at phone width, and nothing runs off it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: pip install playwright").expect
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-core is missing: it is in the group page"
)
expect.set_options(timeout=30_000)

CORPUS = "".join(f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\n" for number in (1, 2))

VIEWS = {
    "list": "/",
    "form": "/?submit=",
    "experiment": "/?experiment=1",
    "results": "/?experiment=1&sort=list",
    "search": "/?experiment=1&theorem=t1&arm=wild_type&seed=0",
    "arms": "/?experiment=1&theorem=t1&arm=wild_type&arm=block_t1&seed=0",
    "nothing": "/?experiment=77",
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}, "has_touch": True},
    "phone-dark": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}, "has_touch": True},
}


@pytest.fixture(scope="module")
def finished(served: Any, browser: Any) -> str:
    """A daemon with one experiment that has ended."""
    context = browser.new_context()
    page = context.new_page()
    body = {
        "search": {
            "mode": "distributed", "agents": 3, "inflight": 3, "budget": [10, 50], "reroute": {"max_attempts": 2},
            "block": {"fraction": 0.3, "duration": 6, "seed": 0, "spare_root": True},
        },
        "corpus_text": CORPUS, "name": "for everybody", "arms": ["wild_type", "block_t1"], "seeds": [0, 1],
        "prover": {"kind": "synthetic", "seed": 5, "p_fail": 0.5, "p_close": 0.1},
    }  # fmt: skip
    answer = page.request.post(
        f"{served.url}/api/experiments", data=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert answer.ok, answer.text()
    page.goto(f"{served.url}/?experiment=1")
    expect(page.locator(".title .chip")).to_have_text("finished", timeout=120_000)
    context.close()
    url: str = served.url
    return url


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(view: str, look: str, finished: str, window: Callable[..., Any]) -> None:
    one = window(**LOOKS[look])
    page = one.page
    page.goto(finished + VIEWS[view])
    expect(page.locator("#content > :not(.waiting)").first).to_be_visible()
    if view in ("search", "arms"):
        page.get_by_role("tree").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".cv-goal")).to_be_visible()
    one.picture(f"{view}-{look}")
    found = axe.Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.violations_count == 0, found.generate_report()
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room, f"the page is {width - room} pixels too wide"


def test_who_wants_stillness_gets_it(finished: str, window: Callable[..., Any]) -> None:
    """Stepping draws the end of a move at once: two frames apart there is nothing left to move."""
    page = window(reduced_motion="reduce").page
    page.goto(finished + VIEWS["search"])
    page.get_by_label("Iteration", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.evaluate(frames)
    first = page.locator(".cv-canvas").evaluate("canvas => canvas.toDataURL()")
    for _ in range(20):
        page.evaluate(frames)
    assert page.locator(".cv-canvas").evaluate("canvas => canvas.toDataURL()") == first
