"""Figures are the same bytes in every process, show what the measures say, and name what they rest on."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cellview.measures import MissingExtraError, Settings, load
from cellview.report import (
    FIGURES,
    Figure,
    Material,
    NoFigureError,
    ReportError,
    figure_of,
    figure_svg,
    figures_of,
    write_figures,
)
from cellview.report.draw.agents import agent_shares
from cellview.report.draw.lines import spread
from cellview.report.series import ArmSeries, edges_of
from cellview.report.style import ARM_LOOKS, GREY, INK
from cellview.trace import IterationRecord, RunFolderError, read_trace

MakeRun = Callable[..., Path]

DIGESTS = """
import hashlib, sys
from cellview.report import Material, figures_of
for figure in figures_of(Material(sys.argv[1:]))[0]:
    for kind in ("svg", "pdf", "png"):
        print(figure.name, kind, hashlib.sha256(figure.render(kind)).hexdigest())
"""


def digests(folders: Iterable[Path], **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS, *map(str, folders)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_draw_the_same_bytes(study: Path, frozen: list[Path], tmp_path: Path) -> None:
    """Hashes of texts differ between them, and so do time, working folder and the user's own settings."""
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\nfont.size: 30\nsvg.fonttype: path\n", encoding="utf-8")
    for folders in ([study], frozen):
        one = digests(folders, PYTHONHASHSEED="1", TZ="UTC")
        other = digests(
            folders, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C", MATPLOTLIBRC=str(tmp_path), MPLBACKEND="pdf"
        )
        assert one == other
        assert one.count("\n") >= 15


def test_every_figure_carries_its_digests(study: Path) -> None:
    material = Material(study)
    figures, absent = figures_of(material)
    assert [figure.name for figure in figures] == ["budget", "contrasts", "reasons", "inflight", "agents"]
    assert absent == {"freezing": "No run froze nodes, so that there is no tolerance to draw."}
    digest = load(study).runs[0].digest
    for figure in figures:
        svg, pdf = figure.render("svg"), figure.render("pdf")
        image: Any = Image.open(io.BytesIO(figure.render("png")))
        ElementTree.fromstring(svg)
        assert digest in svg.decode()  # in the metadata
        assert f"run study {digest[:12]}" in svg.decode()  # under the drawing
        assert digest.encode() in pdf and b"CreationDate" not in pdf
        assert digest in image.text["Source"] and "Software" not in image.text
        assert b"<dc:date>" not in svg
        assert image.info["dpi"] == pytest.approx((300, 300), rel=0.01)


def test_figures_of_one_page_share_no_id(study: Path) -> None:
    def ids(figure: Figure) -> set[str]:
        root = ElementTree.fromstring(figure.render("svg"))
        # Names that matplotlib counts up (axes_1, patch_2) are refused an id by whoever puts figures on one page.
        found = {element.get("id", "") for element in root.iter()} - {""}
        return {name for name in found if not name.rpartition("_")[2].isdigit()}

    seen: Counter[str] = Counter()
    for figure in figures_of(Material(study))[0]:
        seen.update(ids(figure))
    assert seen and max(seen.values()) == 1


def test_frozen_nodes_have_their_figure(frozen: list[Path]) -> None:
    svg = figure_svg(frozen, "freezing").decode()
    assert "no compensation" in svg and "for good, no reroute" in svg
    assert figure_svg(reversed(frozen), "freezing").decode() == svg
    with pytest.raises(NoFigureError, match="no run without frozen nodes"):
        figure_svg(frozen[1:], "freezing")


def test_what_cannot_be_drawn_says_why(make_run: MakeRun, study: Path, tmp_path: Path) -> None:
    with pytest.raises(NoFigureError, match="There is no figure pie: the figures are budget, contrasts"):
        figure_svg(study, "pie")
    with pytest.raises(RunFolderError, match=r"has no run\.json"):
        figure_svg(tmp_path, "budget")
    bare = make_run("bare", trace=False)
    figures, absent = figures_of(Material(bare))
    assert [figure.name for figure in figures] == ["budget"]
    assert "--trace-mcts" in absent["reasons"] and "one arm only" in absent["contrasts"]
    assert set(absent) | {"budget"} == set(FIGURES)
    alone = figures_of(Material(make_run("alone", agents=None, inflight=None, mode="centralized")))[1]
    assert "one visit under way at a time" in alone["inflight"] and "several agents" in alone["agents"]


def test_without_matplotlib_nothing_is_written(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures, _ = figures_of(Material(study))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match="A figure needs matplotlib: run pip install"):
        write_figures(tmp_path / "figures", figures)
    assert list(tmp_path.iterdir()) == []


def test_files_are_the_figures(study: Path, tmp_path: Path) -> None:
    figures, _ = figures_of(Material(study))
    ((path, figure),) = write_figures(tmp_path / "a" / "b", figures[:1])
    assert (path.name, figure) == ("budget.svg", figures[0])
    assert sorted(file.name for file in path.parent.iterdir()) == ["budget.pdf", "budget.png", "budget.svg"]
    assert path.read_bytes() == figure.render("svg")
    (tmp_path / "file").touch()
    with pytest.raises(ReportError, match="cannot be made"):
        write_figures(tmp_path / "file" / "figures", figures[:1])


def test_reasons_and_visits_are_those_of_the_traces(study: Path) -> None:
    series = Material(study).series["wild_type"]
    reasons: Counter[tuple[int, str]] = Counter()
    under_way: Counter[int] = Counter()
    searches = 0
    for path in study.glob("t*/wild_type*_mcts_trace.jsonl"):
        records = [record for record in read_trace(path) if isinstance(record, IterationRecord)]
        searches += 1
        for number, record in enumerate(records):
            reasons[number, record.reason] += 1
            if len(records) < 40 or number <= 37:  # 40 iterations, window 3: two tickets behind the budget
                under_way[record.tree.inflight + 1] += 1
    counted = {(i, why): n for i, counts in enumerate(series.reasons) for why, n in counts.items()}
    assert series.searches == searches == 18
    assert counted == reasons
    assert sum(series.under_way, Counter[int]()) == under_way


def test_shares_of_agents_are_means_over_theorems(study: Path) -> None:
    material = Material(study)
    figure_of(material, "agents")
    cells = material.watched.of("wild_type")
    rows: dict[str, list[tuple[int, ...]]] = {}
    for cell in cells:
        shown = cells.figures_of(cell)
        assert shown is not None and sum(shown.tried_by) == cell.tried
        rows.setdefault(cell.theorem, []).append(shown.tried_by)
        assert (shown.credit_of is None) == (not cell.solved)
        if shown.credit_of is not None:
            assert sum(shown.credit_of) == cell.proof_length
    found = agent_shares(rows, 3, Settings(bootstrap=99))
    assert sum(share.share for share in found) == pytest.approx(1)
    first = [sum(row[0] / sum(row) for row in searches) / len(searches) for searches in rows.values()]
    assert found[0].share == pytest.approx(sum(first) / len(first))


@given(st.lists(st.floats(0, 100), max_size=12).map(sorted), st.floats(1, 20))
def test_names_keep_their_distance_and_their_order(places: list[float], apart: float) -> None:
    moved = spread(places, apart)
    assert len(moved) == len(places)
    assert all(after - before >= apart - 1e-6 for before, after in pairwise(moved))
    if all(after - before >= apart for before, after in pairwise(places)):
        assert moved == pytest.approx(places)
    assert sum(moved) == pytest.approx(sum(places), abs=1e-6)


@given(st.integers(1, 200_000))
def test_bins_hold_every_iteration_once(iterations: int) -> None:
    edges = edges_of(iterations)
    assert edges[0] == 1 and edges[-1] == iterations + 1
    assert all(after > before for before, after in pairwise(edges))
    assert len(edges) < 160


def test_an_empty_series_is_empty() -> None:
    assert ArmSeries() == ArmSeries(0, [], [])


def contrast(colour: str, other: str = "#ffffff") -> float:
    def luminance(text: str) -> float:
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(colour), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_is_dark_enough_on_paper() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert all(contrast(colour) >= 4.5 for colour in (INK, GREY, *(look[3] for look in ARM_LOOKS)))
    assert len({look[1] for look in ARM_LOOKS}) == len({look[2] for look in ARM_LOOKS}) == len(ARM_LOOKS)
