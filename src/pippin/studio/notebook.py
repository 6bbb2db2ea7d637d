"""The page's view in a notebook: `show(run)` under a cell, and `Live`, a callback that shows a run while it goes on.

With anywidget installed (pip install "pippin[notebook]") it is the whole view, live. Without, or where a saved notebook
is read (GitHub, nbviewer), a picture that needs no script stands in its place; it is saved with the notebook.
"""

from __future__ import annotations

import os
import threading
from typing import Any
from uuid import uuid4

from pippin.callbacks.callback import Logs
from pippin.diagnosis.watch import Watch
from pippin.errors import PippinError
from pippin.studio import drawn
from pippin.studio.answers import Answers

SECONDS_BETWEEN_PICTURES = 0.25


def snapshot(path: str | os.PathLike[str]) -> str:
    """A run as HTML that needs no script: where it stands, its curve, what was found."""
    run = Answers(path).ask("run")
    curves = run["curves"]
    series = {name: curves[name] for name in ("loss", "val_loss") if any(v is not None for v in curves.get(name, ()))}
    told = drawn.sentences([run["says"], *run["score"]])
    picture = drawn.key(series) + drawn.curve(curves["epoch"], series) if series else ""
    found = drawn.sentences(f"{one.get('code', '')}: {one.get('message', '')}" for one in run["findings"])
    return f"<div style='max-width: 760px'>{told}{picture}{found}</div>"


def widget(path: str | os.PathLike[str]) -> Any:
    """The whole view as a widget; None where anywidget is not installed."""
    try:
        from pippin.studio.widget import RunWidget
    except ImportError:
        return None
    return RunWidget(path)


def show(path: str | os.PathLike[str]) -> Any:
    """Show the run in a folder under the cell. Returns what is shown: a widget, or HTML."""
    from IPython.display import HTML, display

    found = widget(path)
    if found is not None:
        display(found)
    shown = HTML(snapshot(path))
    if found is None:
        display(shown)
    return found or shown


class Live(Watch):
    """Watch that shows the run under the cell while it goes on, and leaves a picture of it there at the end."""

    takes_epochs_late = True

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        assert self.store is not None
        self._ended = threading.Event()
        self._widget = widget(self.store.path)
        self._handle = str(uuid4())
        if self._widget is not None:
            self._widget.follow(self._ended)
            _display(self._widget)
        _display_html(snapshot(self.store.path), self._handle)
        if self._widget is None:
            threading.Thread(target=self._redraw, daemon=True).start()

    def _redraw(self) -> None:
        """Draw the picture anew, four times a second at most, when there is something new."""
        assert self.store is not None
        answers, last = Answers(self.store.path), None
        while not self._ended.wait(SECONDS_BETWEEN_PICTURES):
            if answers.version != last:
                last = answers.version
                try:
                    _display_html(snapshot(self.store.path), self._handle, again=True)
                except PippinError:
                    continue

    def on_train_end(self, logs: Logs = None) -> None:
        super().on_train_end(logs)
        self._ended.set()
        assert self.store is not None
        _display_html(snapshot(self.store.path), self._handle, again=True)


def _display(thing: Any) -> None:
    from IPython.display import display

    display(thing)


def _display_html(html: str, handle: str, again: bool = False) -> None:
    from IPython.display import HTML, display

    display(HTML(html), display_id=handle, update=again)
