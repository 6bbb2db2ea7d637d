"""Claims about the page's server: it answers the person who started it, and nobody else."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pippin.errors import FileError
from pippin.studio.home import Home
from pippin.studio.serving import serve, served


@dataclass
class Server:
    """An address with its key, and the cookie that the key becomes."""

    port: int
    key: str
    cookie: str = ""

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        given = {"Cookie": self.cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, headers={name: value for name, value in given.items() if value})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found


@pytest.fixture(scope="module")
def server(article: Path) -> Iterator[Server]:
    with served(Home([article])) as address:
        parts = urlsplit(address)
        found = Server(parts.port or 0, parts.query.removeprefix("key="))
        status, headers, _ = found.ask(f"/?key={found.key}")
        assert status == 303 and headers["location"] == "/"
        assert "httponly" in headers["set-cookie"].lower() and "samesite=strict" in headers["set-cookie"].lower()
        found.cookie = headers["set-cookie"].split(";")[0]
        yield found


def test_with_the_key_the_page_and_its_parts_are_there(server: Server) -> None:
    for path, kind in (("/", "text/html"), ("/page.js", "text/javascript"), ("/page.css", "text/css")):
        status, headers, body = server.ask(path)
        assert status == 200 and headers["content-type"].startswith(kind) and len(body) > 500
        assert "default-src 'none'" in headers["content-security-policy"]
    assert json.loads(server.ask("/api/home")[2])["runs"] == ["run"]
    assert json.loads(server.ask("/api/run/run/step?at=0")[2])["layers"][0]["name"] == "dense"


@pytest.mark.parametrize("path", ["/", "/page.js", "/api/home", "/api/run/run/run", "/?key=wrong"])
def test_without_the_key_nothing_is_there(server: Server, path: str) -> None:
    status, _, body = server.ask(path, Cookie="")
    assert status == 403 and b"key" in body


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_requests_from_elsewhere_are_refused(server: Server, headers: dict[str, str]) -> None:
    assert server.ask("/api/home", **headers)[0] == 403


def test_what_can_not_be_answered_is_said(server: Server) -> None:
    status, _, body = server.ask("/api/run/other/run")
    assert status == 400 and "no run 'other'" in json.loads(body)["error"]
    status, _, body = server.ask("/api/run/run/layer?layer=dens")
    assert status == 400 and "Did you mean" in json.loads(body)["error"]


def test_the_stream_sends_the_state_of_the_run(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        lines = ["GET /api/run/run/events HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Cookie: {server.cookie}"]
        wire.sendall("\r\n".join([*lines, "", ""]).encode())
        told = b""
        while b"\n\n" not in told.partition(b"\ndata: ")[2]:
            told += wire.recv(65536)
    text = told.partition(b"\ndata: ")[2].split(b"\n")[0]
    assert json.loads(text)["state"] == "ended"


def test_it_listens_on_this_machine_only(server: Server) -> None:
    with pytest.raises(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", server.port))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.2", server.port))  # would be taken if it listened everywhere


def test_ctrl_c_ends_it_quietly_while_a_page_is_open(article: Path) -> None:
    words = [sys.executable, "-m", "pippin", "watch", str(article), "--no-open"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().split()[-1]
        parts = urlsplit(address)
        found = Server(parts.port or 0, parts.query.removeprefix("key="))
        cookie = found.ask(f"/?key={found.key}")[1]["set-cookie"].split(";")[0]
        with socket.create_connection(("127.0.0.1", found.port), timeout=10) as wire:
            lines = ["GET /api/run/run/events HTTP/1.1", f"Host: 127.0.0.1:{found.port}", f"Cookie: {cookie}"]
            wire.sendall("\r\n".join([*lines, "", ""]).encode())
            assert wire.recv(1000).startswith(b"HTTP/1.1 200")
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        assert process.stderr.read() == "Ctrl-C ends it.\n"


def test_a_port_that_is_taken_is_named(server: Server, article: Path) -> None:
    with pytest.raises(FileError, match=f"Port {server.port} can't be listened on"):
        serve(Home([article]), port=server.port, opens=False)
