"""The page's view as an anywidget: questions come as messages, and the answers go back the same way."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from pippin.errors import PippinError
from pippin.studio.answers import Answers
from pippin.studio.page import SCRIPT, STYLE

SECONDS_BETWEEN_LOOKS = 0.25


class RunWidget(anywidget.AnyWidget):  # type: ignore[misc]  # a base without types
    """The run in a folder."""

    _esm = SCRIPT
    _style = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(_style=STYLE.read_text(encoding="utf-8"), name=Path(path).name)
        self.answers = Answers(path)
        self.on_msg(lambda _widget, message, _buffers: self.answer(message))

    def answer(self, message: dict[str, Any]) -> None:
        """Answer a question: {"number", "question"} gets {"number", "answer"}, or {"number", "error"}."""
        try:
            self.send({"number": message["number"], "answer": self.answers.ask(message["question"])})
        except PippinError as error:
            self.send({"number": message["number"], "error": str(error)})

    def follow(self, ended: threading.Event) -> None:
        """From now on tell, without being asked, how the run goes, until it has ended: while a cell runs, a kernel
        hears no questions."""
        threading.Thread(target=self._follow, args=(ended,), daemon=True).start()

    def _follow(self, ended: threading.Event) -> None:
        answers, last, is_last = Answers(self.answers.path), None, False
        while not is_last:
            is_last = ended.wait(SECONDS_BETWEEN_LOOKS)
            if answers.version == last:
                continue
            last = answers.version
            try:
                self.send({"run": answers.ask("run"), "now": answers.ask("now")})
            except PippinError:  # it is being written just now
                last = None
