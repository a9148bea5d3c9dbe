"""The page: files of the package, read once, so that page and API are always of one version."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

__all__ = ["PageFile", "page_files"]

_MEDIA: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served, and as what: not by the system's table, which differs from machine to machine."""

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class PageFile(msgspec.Struct, frozen=True):
    """One file, as it is answered under its path."""

    path: str
    data: bytes
    media: str
    tag: str

    async def __call__(self, request: Request) -> Response:
        """Answer; a browser may keep the file, but asks each time whether it is still the one."""
        headers = {"etag": self.tag, "cache-control": "no-cache", "content-security-policy": _POLICY}
        known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
        if self.tag in known:
            return Response(status_code=304, headers=headers)
        return Response(self.data, headers=headers | {"content-type": self.media})


def page_files(folder: Traversable | None = None) -> list[PageFile]:
    """Return the files of the page, by default those of this package; ``index.html`` is answered under ``/`` as well.

    Hidden files, and those of a kind that no browser is given, are left out.
    """
    root = folder if folder is not None else importlib.resources.files("cellview.daemon") / "page"
    found: list[PageFile] = []
    for path, file in sorted(_below(root, ""), key=lambda one: one[0]):
        media = _MEDIA.get(PurePosixPath(path).suffix)
        if media is None:
            continue
        data = file.read_bytes()
        made = PageFile(path, data, media, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
        found.append(made)
        if path == "/index.html":
            found.append(msgspec.structs.replace(made, path="/"))
    return found


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    if not folder.is_dir():
        return
    for one in folder.iterdir():
        if one.name.startswith((".", "_")) or one.name == "node_modules":
            continue
        path = f"{prefix}/{one.name}"
        if one.is_dir():
            yield from _below(one, path)
        else:
            yield path, one
