"""Starts the page's server on this machine, says where it is, and opens a browser on it."""

from __future__ import annotations

import contextlib
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from typing import Any

from pippin.errors import FileError
from pippin.studio.home import Home
from pippin.studio.page import SCRIPT

HOST = "127.0.0.1"


def _server(home: Home, port: int) -> tuple[Any, socket.socket, str]:
    """A uvicorn server, the socket that it listens on, and the address with its key."""
    import uvicorn

    from pippin.studio.app import application
    from pippin.studio.guard import Guard
    from pippin.studio.photo_routes import routes

    if not SCRIPT.is_file():
        raise FileError(f"{SCRIPT} is missing: this Pippin was built without its page. Install it again.")
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise FileError(
            f"Port {port} can't be listened on: {error.strerror}. Give another with --port, or none."
        ) from error
    listening.listen(128)  # who knows the address may come at once
    port = listening.getsockname()[1]
    key = secrets.token_urlsafe(24)
    app = Guard(application(home, routes(home)), key, port)
    settings = uvicorn.Config(
        app, log_level="error", access_log=False, timeout_graceful_shutdown=3, lifespan="off", server_header=False
    )

    class Server(uvicorn.Server):  # type: ignore[misc]  # a base without types
        """One that lets its streams end by themselves before it closes."""

        async def shutdown(self, sockets: Any = None) -> None:
            home.is_closing = True
            await super().shutdown(sockets)

    return Server(settings), listening, f"http://{HOST}:{port}/?key={key}"


def serve(home: Home, *, port: int = 0, opens: bool = True, says: str = "") -> None:
    """Serve until Ctrl-C."""
    server, listening, address = _server(home, port)
    print(f"{says}{address}\nCtrl-C ends it.", file=sys.stderr, flush=True)
    if opens:
        threading.Thread(target=_open, args=(address,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run([listening])


def _open(address: str) -> None:
    with contextlib.suppress(Exception):  # no browser here: the address was printed
        webbrowser.open(address)


@contextlib.contextmanager
def served(home: Home, port: int = 0) -> Iterator[str]:
    """The same in a thread: the address, while inside."""
    server, listening, address = _server(home, port)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(5)
