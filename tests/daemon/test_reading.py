"""What can be read of an experiment: archive, trees at an iteration, claims, notes; and that links lead nowhere."""

from __future__ import annotations

import io
import tarfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
import pytest

from cellview.core import replay
from cellview.daemon import Client, DaemonConfig, RefusedError, ServerError, Submission, running
from cellview.daemon.archive import archive_of
from cellview.daemon.errors import NoFileError
from cellview.daemon.http.app import make_app
from cellview.daemon.intake import experiment_of
from cellview.daemon.unpack import unpack
from cellview.experiment import points_of
from cellview.report import figure_svg
from cellview.trace import RunFolder, TraceReader
from cellview.tree import Tree

URL = "http://127.0.0.1"

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]


@asynccontextmanager
async def finished(config: DaemonConfig, submission: Submission) -> AsyncGenerator[tuple[Client, Path]]:
    """A daemon that has run a submission: a client, and the run folder."""
    async with running(config) as daemon:
        transport = httpx2.ASGITransport(make_app(daemon), raise_app_exceptions=False)
        async with Client(URL, transport=transport) as client:
            status = await client.submit(submission)
            with anyio.fail_after(120):
                while (await client.experiment(status.id)).state != "finished":  # noqa: ASYNC110  # in another process
                    await anyio.sleep(0.02)
            yield client, daemon.run_folder(status)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def hidden(folder: Path) -> list[Path]:
    return list(folder.glob(".*"))


def signatures(tree: Tree) -> list[str]:
    return [str(node.goal.goal_sig_strict) for node in tree.nodes]


async def test_an_archive_is_the_run_folder(config: Configure, submission: Submit, tmp_path: Path) -> None:
    async with finished(config(), submission()) as (client, folder):
        await client.fetch(1, tmp_path / "fetched")
        assert files_of(tmp_path / "fetched") == files_of(folder)
        assert RunFolder.read(tmp_path / "fetched").metadata.status == "finished"
        with pytest.raises(FileExistsError):
            await client.fetch(1, tmp_path / "fetched")
        with pytest.raises(RefusedError, match="no experiment"):
            await client.fetch(2, tmp_path / "other")
        assert not (tmp_path / "other").exists() and not hidden(tmp_path)


async def test_a_tree_is_as_the_trace_says_at_each_iteration(config: Configure, one_search: Submit) -> None:
    submitted = one_search(budget=12)
    async with finished(config(), submitted) as (client, folder):
        experiment = experiment_of(submitted)
        point = next(points_of(experiment))
        setup = experiment.setup.config_of(point.arm, point.seed)
        records = list(TraceReader(RunFolder.read(folder).trace_path(point.theorem.id)))
        for at in (0, 5, 11):
            expected = replay(records[: at + 1], setup, statement=point.theorem.statement).core.tree
            assert (await client.tree(1, 0, at=at)).to_json() == expected.to_json()
        last = await client.tree(1, 0)
        replayed = await client.tree(1, 0, at=11)
        # What no record shows whole is known by its signature alone, until the search has ended.
        assert signatures(last) == signatures(replayed)
        assert isinstance(last, Tree)
        with pytest.raises(RefusedError, match="has no search 1"):
            await client.tree(1, 1, at=0)
        trace = RunFolder.read(folder).trace_path(point.theorem.id)
        trace.write_bytes(trace.read_bytes().replace(b'"visit_count":1', b'"visit_count":9', 1))
        with pytest.raises(RefusedError) as refused:
            await client.tree(1, 0, at=11)
        assert refused.value.status == 422 and "the trace was edited" in str(refused.value)


async def test_claims_are_asked_for_by_sql(config: Configure, submission: Submit) -> None:
    async with finished(config(), submission()) as (client, folder):
        results = RunFolder.read(folder).metadata.results
        answer = await client.claims(1, "SELECT theorem, intervention, status FROM claims ORDER BY ALL")
        assert answer.columns == ("theorem", "intervention", "status")
        solved = {(row[0], row[1]) for row in answer.rows if row[2] == "solved"}
        assert solved == {(entry.theorem, entry.arm) for entry in results if entry.solved}
        assert len(answer.rows) == len(results)
        proofs = await client.claims(1, "SELECT proof FROM claims WHERE status = 'solved'")
        assert all("theorem" in row[0] for row in proofs.rows)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY claims TO '/tmp/out.csv'",
        "ATTACH '/etc/passwd' AS x",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "DELETE FROM claims",
        "SELECT",
        "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
        "SELECT * FROM range(20000)",
    ],
)
async def test_a_query_reaches_no_file_and_has_an_end(
    config: Configure, one_search: Submit, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cellview.daemon.http.experiments.CLAIMS_S", 1.0)
    async with finished(config(), one_search(budget=2)) as (client, _):
        with pytest.raises(RefusedError) as refused:
            await client.claims(1, sql)
        assert refused.value.status == 422, str(refused.value)
        assert "root:" not in str(refused.value)
        assert (await client.claims(1, "SELECT count(*) FROM claims")).rows == ((1,),)


async def test_figures_are_those_of_the_report(config: Configure, submission: Submit) -> None:
    async with finished(config(), submission()) as (client, folder):
        listed = await client.figures(1)
        assert "budget" in {one.name for one in listed.figures} and all(listed.absent.values())
        drawn = await client.figure(1, "budget")
        assert drawn == figure_svg(folder, "budget")
        with pytest.raises(RefusedError, match="no figure nonsense") as refused:
            await client.figure(1, "nonsense")
        assert refused.value.status == 422
        (folder / "t1" / "linked").symlink_to("/etc/passwd")
        with pytest.raises(RefusedError, match="is a link"):
            await client.figure(1, "reasons")


def figures_of(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_metrics_say_what_the_results_say(config: Configure, submission: Submit) -> None:
    async with finished(config(), submission()) as (client, folder):
        results = RunFolder.read(folder).metadata.results
        figures = figures_of(await client.metrics())
        assert figures["cellview_iterations_total"] == sum(entry.iterations for entry in results)
        assert figures['cellview_attempts_total{outcome="tried"}'] == sum(entry.tried for entry in results)
        solved = sum(entry.stop_reason == "solved" for entry in results)
        assert figures['cellview_searches_total{stop_reason="solved"}'] == solved
        assert figures['cellview_experiments{state="finished"}'] == 1
        assert figures['cellview_points{state="done"}'] == len(results)
        assert (figures["cellview_workers"], figures["cellview_workers_busy"], figures["cellview_queue"]) == (1, 0, 0)
        assert figures['cellview_memory_bytes{kind="worker"}'] > 1e6
        assert figures['cellview_mailbox_depth{actor="store"}'] >= 0
        assert figures["cellview_disk_free_bytes"] > 0 and figures["cellview_database_bytes"] > 0
        assert figures['cellview_requests_total{endpoint="submit",status="201"}'] == 1
        again = figures_of(await client.metrics())
        assert again["cellview_iterations_total"] == figures["cellview_iterations_total"], "each event counts once"


async def test_metrics_of_a_search_under_way_are_read_from_its_trace(config: Configure, one_search: Submit) -> None:
    async with running(config(drain_s=0.1)) as daemon:
        transport = httpx2.ASGITransport(make_app(daemon))
        async with Client(URL, transport=transport) as client:
            await client.submit(one_search(latency_s=0.02, budget=5000))
            with anyio.fail_after(60):
                while figures_of(await client.metrics())["cellview_running_iterations"] < 3:  # noqa: ASYNC110
                    await anyio.sleep(0.05)
            figures = figures_of(await client.metrics())
            assert figures["cellview_running_nodes"] >= 1 and figures["cellview_workers_busy"] == 1
            await client.cancel(1)


async def test_tags_and_notes_are_those_of_the_run_folder(config: Configure, one_search: Submit) -> None:
    async with finished(config(), one_search(budget=2)) as (client, folder):
        assert (await client.notes(1)).notes == ()
        await client.change(1, tags=("pilot", "thesis"), note="looks well")
        status = await client.change(1, tags=("thesis",), pinned=True, priority=7)
        assert (status.pinned, status.priority) == (True, 7)
        notes = await client.notes(1)
        assert notes.tags == ("thesis",) and [note.text for note in notes.notes] == ["looks well"]
        assert (folder / "notes.json").exists()
        with pytest.raises(RefusedError, match="pinned"):
            await client.delete(1)
        with pytest.raises(RefusedError) as refused:
            await client.change(1, tags=("two words",))
        assert refused.value.status == 400
        await client.change(1, pinned=False)
        await client.delete(1)


async def test_links_in_the_data_folder_lead_nowhere(config: Configure, submission: Submit, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"iteration":0,"event":"secret"}\n')
    async with finished(config(), submission()) as (client, folder):
        solved = next(one for one in (await client.searches(1)).searches if one.solved)
        run = RunFolder.read(folder)
        for path in (run.trace_path, run.tree_path, run.proof_path):
            file = path(solved.theorem, arm=solved.arm)
            file.unlink()
            file.symlink_to(secret)
        (folder / "notes.json").symlink_to(secret)
        (folder / "linked").symlink_to(tmp_path)
        for ask in (client.trace, client.proof, client.tree):
            with pytest.raises(RefusedError, match="no such file") as refused:
                await ask(1, solved.number)
            assert refused.value.status == 404
        assert (await client.notes(1)).tags == ()
        with pytest.raises(RefusedError, match="link"):
            await client.change(1, note="x")
        data = b"".join([piece async for piece in client.archive(1)])
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            assert all(member.isreg() for member in archive.getmembers())
            assert not any("secret" in name or "linked" in name for name in archive.getnames())
        assert b'"secret"' not in data
        (folder / "run.json").rename(tmp_path / "run.json")
        (folder / "run.json").symlink_to(tmp_path / "run.json")
        with pytest.raises(RefusedError, match="no such file"):
            await client.results(1)
        with pytest.raises(RefusedError, match="no such file"):
            await client.fetch(1, tmp_path / "fetched")
        with pytest.raises(RefusedError, match="no such file"):
            await client.claims(1, "SELECT 1")


def test_an_archive_ends_at_whole_lines_and_pads_what_was_cut(tmp_path: Path) -> None:
    folder = tmp_path / "1"
    (folder / "t").mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    (folder / "t" / "a.jsonl").write_bytes(b"x" * 300_000 + b"\n" + b"y" * 300_000)
    (folder / "t" / "b.jsonl").write_bytes(b"no line yet")
    (folder / ".run.json.tmp").write_text("hidden")
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive_of(tmp_path, "1")))) as archive:
        assert archive.getnames() == ["1/run.json", "1/t/a.jsonl", "1/t/b.jsonl"]
        sizes = [member.size for member in archive.getmembers()]
        assert sizes == [2, 300_001, 0]
    pieces = archive_of(tmp_path, "1")
    next(pieces)
    next(pieces)
    (folder / "t" / "a.jsonl").write_bytes(b"")
    assert (2 + len(b"".join(pieces))) % 512 == 2
    with pytest.raises(NoFileError):
        next(archive_of(tmp_path, "2"))


@pytest.mark.parametrize("name", ["1/../../evil", "1/x/../../../evil", "run.json", "1"])
async def test_an_archive_that_leads_elsewhere_is_not_unpacked(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("1/run.json"))
        archive.addfile(tarfile.TarInfo(name))

    async def pieces() -> AsyncGenerator[bytes]:
        yield out.getvalue()

    with pytest.raises(ServerError, match="belongs into no run folder"):
        await unpack(pieces(), tmp_path / "place" / "folder")
    assert list((tmp_path / "place").iterdir()) == [] and not (tmp_path / "evil").exists()


async def test_what_is_no_archive_is_said_so(tmp_path: Path) -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        yield b"<html>" * 1000

    with pytest.raises(ServerError, match="no archive"):
        await unpack(pieces(), tmp_path / "folder")
    assert not (tmp_path / "folder").exists()
