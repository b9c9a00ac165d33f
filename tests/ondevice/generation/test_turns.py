from __future__ import annotations

import threading

import pytest

from ondevice.errors import GenerationError
from ondevice.generation.turns import Turn


def test_a_second_thread_waits():
    turn, order = Turn(), []
    turn.take()

    def second() -> None:
        with turn:
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    order.append("first")
    turn.give()
    thread.join()
    assert order == ["first", "second"]


def test_the_same_thread_would_wait_for_ever_and_is_told():
    turn = Turn()
    with turn, pytest.raises(GenerationError, match="still open"):
        turn.take()
    with turn:
        pass


def test_waiting_can_be_cancelled():
    turn, results = Turn(), []
    turn.take()
    asked = threading.Event()

    def is_cancelled() -> bool:
        asked.set()
        return True

    thread = threading.Thread(target=lambda: results.append(turn.take(is_cancelled)))
    thread.start()
    thread.join()
    assert asked.is_set()
    assert results == [False]
    turn.give()
    assert turn.take() is True


def test_another_thread_may_give_it_back():
    turn = Turn()
    turn.take()
    thread = threading.Thread(target=turn.give)
    thread.start()
    thread.join()
    assert turn.take() is True
