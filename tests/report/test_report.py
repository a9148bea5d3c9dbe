"""The report: one file that asks nothing of anybody, escapes what others wrote, and says what it lacks."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from cellview.report import Material, ReportError, report_html
from cellview.report.page import viewer
from cellview.report.page.markup import tag
from cellview.trace import DamagedLineError, RunFolder

MakeRun = Callable[..., Path]


class Read(HTMLParser):
    """Elements of a page, and the text of its scripts."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.styles: list[str] = []
        self.words = ""
        self._inside: tuple[str, str] | None = None
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag in ("script", "style"):
            self._inside = tag, str(found.get("id") or found.get("type"))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is None:
            self.words += data
        elif self._inside[0] == "script":
            self.scripts[self._inside[1]] = self.scripts.get(self._inside[1], "") + data
        else:
            self.styles.append(data)

    def index(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.scripts["index"])
        return found


@pytest.fixture(scope="session")
def page(study: Path) -> bytes:
    return report_html(Material(study))


def test_nothing_comes_from_elsewhere_and_no_style_stands_in_a_tag(page: bytes) -> None:
    read = Read(page)
    for name, attributes in read.elements:
        assert "style" not in attributes and not any(key.startswith("on") for key in attributes), (name, attributes)
        assert name not in ("link", "iframe", "img", "object", "embed", "base")
        for key in ("src", "href", "action", "poster", "srcset"):
            assert (attributes.get(key) or "#").startswith("#"), (name, attributes)
    assert all("url(" not in style and "@import" not in style for style in read.styles)


def test_the_policy_allows_what_is_there_and_nothing_else(page: bytes) -> None:
    read = Read(page)
    policy = next(a["content"] for n, a in read.elements if n == "meta" and a.get("http-equiv")) or ""
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy
    for text in (read.scripts["importmap"], read.scripts["module"], *read.styles):
        assert base64.b64encode(sha256(text.encode()).digest()).decode() in policy
    assert policy.count("sha256-") == 3
    before = page[: page.index(b"Content-Security-Policy")]
    assert b"<script" not in before and b"<style" not in before


def test_ids_are_there_once_and_all_that_is_referred_to(page: bytes) -> None:
    read = Read(page)
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(rb"url\(#([\w-]+)\)", page)) | set(re.findall(rb'href="#([\w-]+)"', page))
    assert {name.decode() for name in wanted} <= set(map(str, ids))


def test_the_same_folders_give_the_same_bytes(study: Path, page: bytes) -> None:
    assert report_html(Material(study)) == page


def test_what_others_wrote_is_text(page: bytes) -> None:
    """The experiment is called ``synthetic <b>&amp;``, and looks so on the page."""
    assert b"synthetic &lt;b&gt;&amp;amp;" in page and b"synthetic <b>" not in page
    assert "synthetic <b>&amp;" in Read(page).words
    assert tag("p", "<script>", title='"><script>') == '<p title="&quot;&gt;&lt;script&gt;">&lt;script&gt;</p>'


def test_every_search_has_its_row_with_digest_and_outcome(study: Path, page: bytes) -> None:
    read = Read(page)
    entries = RunFolder.read(study).metadata.results
    rows = [attributes for name, attributes in read.elements if name == "tr" and "data-outcome" in attributes]
    assert len(rows) == len(entries) == 54
    assert [row["data-outcome"] for row in rows] == [entry.stop_reason for entry in entries]
    for entry in entries:
        assert entry.digest is not None and entry.digest in page.decode()
        assert not entry.solved or (entry.proof or "").split("\n")[0] in read.words
    assert "54 searches, " in read.words and "Exploratory: there is no preregistration." in read.words


def test_traces_in_it_are_those_of_the_folder(study: Path, page: bytes) -> None:
    read = Read(page)
    index = read.index()
    assert len(index) == 54
    for search in index:
        packed = base64.b64decode(read.scripts[f"trace-{search['number']}"])
        path = RunFolder.read(study).trace_path(search["theorem"], arm=search["arm"], seed=search["seed"])
        assert gzip.decompress(packed) == path.read_bytes()


def test_what_does_not_fit_is_named_and_whole_theorems_stay(study: Path) -> None:
    whole = Read(report_html(Material(study)))
    sizes = {search["key"]: len(whole.scripts[f"trace-{search['number']}"]) for search in whole.index()}
    limit = sum(sizes.values()) // 2
    read = Read(report_html(Material(study), limit_bytes=limit))
    kept = read.index()
    theorems = {search["theorem"] for search in kept}
    assert 0 < len(kept) < 54 and len(kept) == 6 * len(theorems)
    assert sum(sizes[search["key"]] for search in kept) <= limit
    assert f"{len(kept)} traces are in this file, and {54 - len(kept)} are not" in read.words
    left = [search for search in whole.index() if search["theorem"] not in theorems]
    assert all(
        f"study/{search['theorem']}/{search['arm']}@{search['seed']}_mcts_trace" in read.words for search in left
    )
    assert ("a", {"href": "#left-out", "class": "quiet"}) in read.elements


def test_without_traces_it_says_so(study: Path, make_run: MakeRun) -> None:
    read = Read(report_html(Material(study, traces=False)))
    assert read.index() == [] and "reasons: There is no trace to read" in read.words
    assert "no trace" in read.words


def test_several_runs_have_their_names(frozen: list[Path]) -> None:
    read = Read(report_html(Material(frozen)))
    assert {search["run"] for search in read.index()} == {"free", "frozen-0.1", "frozen-0.3"}
    assert "Tolerance of frozen nodes" in read.words


def test_a_run_that_is_not_reproducible_or_not_finished_says_why(
    make_run: MakeRun, study: Path, tmp_path: Path
) -> None:
    arrival = make_run("arrival", commit="arrival")
    words = Read(report_html(Material(arrival))).words
    assert "Not reproducible: outcomes are committed in order of arrival." in words
    copied = Path(copytree(study, tmp_path / "cut"))
    (copied / "run.json").write_text(
        (copied / "run.json").read_text(encoding="utf-8").replace('"status": "finished"', '"status": "running"'),
        encoding="utf-8",
    )
    assert "Not finished: the run is running." in Read(report_html(Material(copied))).words


def test_a_broken_trace_is_an_error_that_names_the_line(study: Path, tmp_path: Path) -> None:
    copied = Path(copytree(study, tmp_path / "broken"))
    trace = next(copied.glob("t3/wild_type@0_mcts_trace.jsonl"))
    trace.write_bytes(b"{}\n" + trace.read_bytes())
    with pytest.raises(DamagedLineError, match="line 1"):
        report_html(Material(copied))


def test_a_corpus_that_was_spoilt_is_an_error(study: Path, tmp_path: Path) -> None:
    copied = Path(copytree(study, tmp_path / "spoilt"))
    (copied / "corpus.toml").write_text("[[theorem]]\nid = 3\n", encoding="utf-8")
    with pytest.raises(ReportError, match="A report shows the statements from there"):
        report_html(Material(copied, traces=False))


def test_the_viewer_is_whole() -> None:
    modules = viewer.import_map()
    assert "cellview/viewer.js" in modules and len(modules) > 15
    for name, url in modules.items():
        text = base64.b64decode(url.partition(",")[2]).decode()
        imported = re.findall(r"^(?:import|export) .*?from '([^']+)';$", text, re.MULTILINE)
        assert set(imported) <= set(modules), name
        assert not re.search(r"^(?:import|export)\b[^*]*?from '\./", text, re.MULTILINE), name
    assert set(viewer.module_names()) <= {path.name for path in viewer._folder().glob("*.js")}  # pyright: ignore[reportPrivateUsage]


def test_an_installation_without_the_page_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(viewer, "_folder", lambda: tmp_path)
    with pytest.raises(ReportError, match=r"viewer\.js cannot be read: No such file"):
        viewer.page_file("viewer.js")
