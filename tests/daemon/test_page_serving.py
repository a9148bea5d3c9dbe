"""The page as it is served, and the cookie that a browser gets for the token."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path

import httpx2
import pytest

from cellview.daemon import Client, DaemonConfig, RefusedError, running
from cellview.daemon.http.app import make_app
from cellview.daemon.http.cookie import COOKIE, LIFE_S, Sessions
from cellview.daemon.http.page import page_files

URL = "http://127.0.0.1"
SECRET = "s" * 20

Configure = Callable[..., DaemonConfig]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    (folder / "view").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Cellview</title>")
    (folder / "view" / "tree.js").write_text("export const a = 1;")
    (folder / "style.css").write_text("body { color: black }")
    (folder / ".hidden.js").write_text("no")
    (folder / "notes.md").write_text("no")
    (tmp_path / "outside.js").write_text("no")
    return folder


@asynccontextmanager
async def browser(config: DaemonConfig, page: Path) -> AsyncGenerator[httpx2.AsyncClient]:
    async with running(config) as daemon:
        transport = httpx2.ASGITransport(make_app(daemon, page=page_files(page)), raise_app_exceptions=False)
        async with httpx2.AsyncClient(base_url=URL, transport=transport) as http:
            yield http


async def test_the_page_is_served_by_its_files_and_nothing_else(config: Configure, page: Path) -> None:
    async with browser(config(), page) as http:
        for path, media in {
            "/": "text/html; charset=utf-8",
            "/index.html": "text/html; charset=utf-8",
            "/view/tree.js": "text/javascript; charset=utf-8",
            "/style.css": "text/css; charset=utf-8",
        }.items():
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (200, media), path
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
            assert answer.headers.get_list("content-security-policy") == [policy]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-cache"
            again = await http.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            head = await http.head(path)
            assert (head.status_code, head.content) == (200, b"")
        for path in ("/.hidden.js", "/notes.md", "/../outside.js", "/%2e%2e/outside.js", "/view/..%2f..%2foutside.js"):
            answer = await http.get(path)
            assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json", path


async def test_a_browser_gets_a_cookie_for_the_token(config: Configure, page: Path) -> None:
    async with browser(config(token=SECRET), page) as http:
        assert (await http.get("/")).status_code == 200
        assert (await http.get("/session")).json() == {"wanted": True, "given": False}
        assert (await http.get("/api/experiments")).status_code == 401
        refused = await http.post("/session", json={"token": "x" * 20})
        assert refused.status_code == 401 and "set-cookie" not in refused.headers
        answer = await http.post("/session", json={"token": SECRET})
        assert answer.status_code == 204
        said = answer.headers["set-cookie"]
        assert "HttpOnly" in said and "SameSite=Strict" in said and "Secure" not in said and SECRET not in said
        assert (await http.get("/api/experiments")).status_code == 200
        assert (await http.get("/session")).json() == {"wanted": True, "given": True}
        await http.request("DELETE", "/session", headers={"content-type": "application/json"})
        assert (await http.get("/api/experiments")).status_code == 401


async def test_the_token_is_not_handed_to_another_site(config: Configure, page: Path) -> None:
    async with browser(config(token=SECRET), page) as http:
        await http.post("/session", json={"token": SECRET})
        foreign = {"origin": "http://evil.example"}
        assert (await http.post("/session", json={"token": SECRET}, headers=foreign)).status_code == 403
        picture = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
        assert (await http.get("/api/experiments", headers=picture)).status_code == 403
        link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
        assert (await http.get("/", headers=link)).status_code == 200
        secure = await http.post("/session", json={"token": SECRET}, headers={"origin": "https://127.0.0.1"})
        assert "; Secure" in secure.headers["set-cookie"]


def test_a_cookie_is_signed_and_ends() -> None:
    sessions = Sessions(SECRET)
    morsel = SimpleCookie(sessions.issue(now=1000.0, secure=False))[COOKIE]
    cookie = f"{COOKIE}={morsel.value}"
    assert sessions.is_open(f"other=1; {cookie}", now=1000.0 + LIFE_S - 1)
    assert not sessions.is_open(cookie, now=1000.0 + LIFE_S)
    assert not Sessions("t" * 20).is_open(cookie, now=1000.0), "a changed token ends all sessions"
    end, _, signature = morsel.value.partition(".")
    forged = (f"{int(end) + 1}.{signature}", f"{end}.", f"{end}.{signature[:-1]}0", "", ".", f"é.{signature}", "1")
    for value in forged:
        assert value == morsel.value or not sessions.is_open(f"{COOKIE}={value}", now=1000.0), value
    assert not sessions.is_open("", now=0.0) and not sessions.is_open("\0;=;", now=0.0)


async def test_the_client_speaks_of_sessions(config: Configure) -> None:
    async with running(config(token=SECRET)) as daemon:
        transport = httpx2.ASGITransport(make_app(daemon))
        async with Client(URL, transport=transport) as client:
            assert (await client.session()).wanted
            with pytest.raises(RefusedError, match="not the token"):
                await client.open_session("x" * 20)
            await client.open_session(SECRET)
            assert (await client.session()).given and (await client.experiments()).experiments == ()
            await client.close_session()
            assert not (await client.session()).given
