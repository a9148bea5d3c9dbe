"""The report in a browser, from the disk and with no network: what it shows, and that it stays within its policy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from cellview.report import Material, report_html
from cellview.report.widget import widget_module, widget_styles

sync = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: pip install playwright")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-core is missing: it is in the group page"
)
sync.expect.set_options(timeout=30_000)

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}, "has_touch": True},
}


@pytest.fixture(scope="module")
def browser() -> Generator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium")
        pytest.skip("there is no Chromium: apt-get install chromium")
    with sync.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def report(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(report_html(Material(study)))
    return path


Opened = Callable[..., Any]


def elsewhere(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:", "blob:")) else [url]


@pytest.fixture
def opened(browser: Any, report: Path) -> Generator[Opened]:
    """Open the report; at the end it must have asked for nothing and complained of nothing."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def said(message: Any) -> None:
        complaints.append(message.text)

    def went_wrong(error: Any) -> None:
        complaints.append(str(error))

    def asked(request: Any) -> None:
        complaints.extend(elsewhere(request.url))

    def open_page(address: str = "", **looks: Any) -> Any:
        context = browser.new_context(offline=True, **looks)
        contexts.append(context)
        page = context.new_page()
        page.on("console", said)
        page.on("pageerror", went_wrong)
        page.on("request", asked)
        page.goto(f"{report.as_uri()}{address}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_search_is_watched_from_its_row(opened: Opened) -> None:
    page = opened()
    page.locator("#find").fill("t3")
    sync.expect(page.locator("#shown")).to_have_text("6 of 54 searches")
    page.locator("#searches tbody tr:not([hidden]) a[data-watch]").first.click()
    sync.expect(page.locator("#viewer canvas").first).to_be_visible()
    sync.expect(page.locator("#viewer .cv-caption strong")).to_have_text("wild_type, seed 0")
    assert page.url.endswith("#watch=study%2Ft3%2Fwild_type%2F0") or page.url.endswith("#watch=study/t3/wild_type/0")
    page.locator("#beside label", has_text="block_t1, seed 0").locator("input").check()
    sync.expect(page.locator("#viewer .cv-caption")).to_have_count(2)


def test_a_link_opens_its_search_and_a_wrong_one_says_so(opened: Opened) -> None:
    page = opened("#watch=study/t5/block_t2/1")
    sync.expect(page.locator("#viewer .cv-caption strong")).to_have_text("block_t2, seed 1")
    page = opened("#watch=study/t5/block_t9/1")
    sync.expect(page.locator("#said")).to_have_text("The trace of that search is not in this file: drop it here.")


def test_a_trace_file_opens_and_a_bad_one_says_what_is_wrong(opened: Opened, study: Path, tmp_path: Path) -> None:
    page = opened()
    page.locator("#file").set_input_files(study / "t1" / "block_t1@1_mcts_trace.jsonl")
    sync.expect(page.locator("#viewer .cv-caption strong")).to_have_text("block_t1@1")
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n", encoding="utf-8")
    page.locator("#file").set_input_files(bad)
    sync.expect(page.locator("#said")).to_contain_text("Line 1 of the trace is neither an iteration nor an abort")


def test_a_file_that_is_dropped_opens(opened: Opened, study: Path) -> None:
    page = opened()
    text = (study / "t2" / "wild_type@0_mcts_trace.jsonl").read_text(encoding="utf-8")
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], 'dropped_mcts_trace.jsonl'));
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    sync.expect(page.locator("#viewer .cv-caption strong")).to_have_text("dropped")


def test_rows_are_sorted_by_a_column_of_numbers(opened: Opened) -> None:
    page = opened()
    page.get_by_role("button", name="Iterations").click()
    place = "[...document.querySelectorAll('#searches thead th')].findIndex((th) => th.textContent === 'Iterations')"
    read = (
        f"[...document.querySelectorAll('#searches tbody tr')].map((row) => Number(row.children[{place}].textContent))"
    )
    up = page.evaluate(read)
    assert up == sorted(up) and len(set(up)) > 3
    page.get_by_role("button", name="Iterations").click()
    assert page.evaluate(read) == sorted(up, reverse=True)


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_it(opened: Opened, look: str) -> None:
    page = opened("#watch=study/t3/wild_type/0", **LOOKS[look])
    sync.expect(page.locator("#viewer canvas").first).to_be_visible()
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_notebook_shows_the_same_view(browser: Any, study: Path) -> None:
    """What anywidget does: it imports the module as a blob, and gives it a model and an element."""
    texts = {"one": (study / "t3" / "wild_type@0_mcts_trace.jsonl").read_text(encoding="utf-8")}
    page = browser.new_page()
    wrong: list[str] = []

    def went_wrong(error: Any) -> None:
        wrong.append(str(error))

    page.on("pageerror", went_wrong)
    page.set_content(f"<style>{widget_styles()}</style><div id=here></div>")
    page.evaluate(
        """async ([source, traces]) => {
          const widget = (await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })))).default;
          const model = { get: (name) => ({ traces, height: 500 })[name], on() {}, off() {} };
          globalThis.leave = await widget.render({ model, el: document.getElementById('here') });
        }""",
        [widget_module(), [{"label": label, "text": text} for label, text in texts.items()]],
    )
    sync.expect(page.locator(".cv-caption strong")).to_have_text("one")
    page.evaluate("globalThis.leave()")
    sync.expect(page.locator(".cv-caption")).to_have_count(0)
    assert wrong == []
