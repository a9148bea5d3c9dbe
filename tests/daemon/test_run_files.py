"""Files of run folders, as the front opens them: never through a link, and nothing that is no file."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from cellview.daemon.errors import NoFileError
from cellview.daemon.run_files import open_below


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "outside" / "t").mkdir(parents=True)
    (tmp_path / "outside" / "t" / "file").write_text("secret")
    folder = tmp_path / "runs" / "1" / "t"
    folder.mkdir(parents=True)
    (folder / "file").write_text("good")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to("../../..")
    (tmp_path / "runs" / "1" / "linked").symlink_to(tmp_path / "outside" / "t")
    (tmp_path / "runs" / "2").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "fifo")
    return tmp_path / "runs"


def test_what_is_there_is_opened(runs: Path) -> None:
    with open_below(runs, PurePosixPath("1/t/file")) as file:
        assert file.read() == b"good"


@pytest.mark.parametrize(
    "path",
    [
        "1/t/link", "1/linked/file", "2/t/file", "1/t/up/secret", "1/t/../../../secret", "/etc/passwd", "1/t/fifo",
        "1/t", "1/none", "1/t/file/x", "",
    ],
)  # fmt: skip
def test_links_and_other_things_are_not(runs: Path, path: str) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(NoFileError):
        open_below(runs, PurePosixPath(path))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
