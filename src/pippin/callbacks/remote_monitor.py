"""RemoteMonitor: the figures of each epoch, sent to a server as JSON."""

from __future__ import annotations

import json
import warnings
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from pippin.callbacks.callback import Callback, Logs

PATIENCE = 10.0
"""Seconds to wait for an answer."""


class RemoteMonitor(Callback):
    """Posts {"epoch": …, "loss": …, …} to `root + path` when an epoch ends: as the field `field` of a form, or with
    `send_as_json` as the body. A server that doesn't answer is warned of, and training goes on."""

    def __init__(
        self, root: str = "http://localhost:9000", path: str = "/publish/epoch/end/", field: str = "data",
        headers: dict[str, str] | None = None, send_as_json: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.root, self.path, self.field = root, path, field
        self.headers, self.send_as_json = headers, send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        told = json.dumps({"epoch": epoch} | {name: _plain(value) for name, value in (logs or {}).items()})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        body = told if self.send_as_json else urlencode({self.field: told})
        asked = Request(self.root + self.path, body.encode(), {"Content-Type": kind, **(self.headers or {})})
        try:
            with urlopen(asked, timeout=PATIENCE):
                pass
        except (URLError, OSError) as error:
            warnings.warn(
                f"Could not reach RemoteMonitor root server at {self.root}: {error}. Training goes on.", stacklevel=2
            )


def _plain(value: Any) -> Any:
    """Arrays of one number and NumPy's scalars as Python's numbers, others as lists."""
    return value.tolist() if hasattr(value, "tolist") else value
