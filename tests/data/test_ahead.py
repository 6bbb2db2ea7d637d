"""Elements made by a thread before they are asked for."""

import threading
from collections.abc import Iterator

import pytest

from pippin.data.ahead import ahead


def threads() -> int:
    return sum(thread.name == "pippin-ahead" for thread in threading.enumerate())


def test_the_elements_and_their_order_stay() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead(iter([]))) == []
    assert threads() == 0


def test_the_next_are_made_while_the_last_is_in_use_and_no_more() -> None:
    made: list[int] = []
    third = threading.Event()

    def elements() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == 2:
                third.set()
            yield number

    going = ahead(elements(), count=2)
    assert next(going) == 0
    assert third.wait(timeout=60)  # Nobody asked for 1 and 2.
    assert made == [0, 1, 2]
    assert list(going) == list(range(1, 10))


def test_what_goes_wrong_is_raised_in_its_place() -> None:
    def elements() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    going = ahead(elements())
    assert next(going) == 1
    with pytest.raises(ValueError, match="the second"):
        next(going)
    assert threads() == 0


def test_closing_it_early_ends_the_thread() -> None:
    going = ahead(iter(range(1000)))
    next(going)
    assert threads() == 1
    going.close()  # type: ignore[attr-defined]
    assert threads() == 0
