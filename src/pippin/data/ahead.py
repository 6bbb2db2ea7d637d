"""Make the next elements while the last one is in use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

ELEMENTS = 2
"""Made ahead: one to be there when it is asked for, and one because not all take equally long."""


def ahead(elements: Iterator[Any], count: int = ELEMENTS) -> Iterator[Any]:
    """Give the same elements in the same order; a thread makes up to `count` of them before they are asked for.

    What goes wrong while one is made is raised where it would have been given. The thread ends with the iterator, also
    when that is closed early.
    """
    made: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    room = threading.Semaphore(count)
    is_closed = threading.Event()

    def work() -> None:
        try:
            while True:
                room.acquire()
                if is_closed.is_set():
                    return
                made.put(("element", next(elements)))
        except StopIteration:
            made.put(("end", None))
        except BaseException as error:
            made.put(("error", error))

    thread = threading.Thread(target=work, name="pippin-ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, thing = made.get()
            if kind == "end":
                return
            if kind == "error":
                raise thing
            room.release()
            yield thing
    finally:
        is_closed.set()
        room.release()
        thread.join()
