from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ondevice.errors import GenerationError
from ondevice.generation.llama.turns import Turn
from ondevice.safety.lock_order import Changing


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


def run_aside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_claim_takes_the_turn_from_a_stream_that_rests():
    turn = Turn()
    turn.take()
    number = turn.number
    assert turn.rest()
    with turn.claim("it was needed"), turn:
        pass  # this thread's own claim, again
    assert not turn.resume(number)
    assert turn.ending is not None
    assert turn.ending.why == "it was needed"
    turn.give(number)  # as the stream does when it ends: nothing happens
    assert turn.take()


def test_a_claim_waits_for_a_request_and_comes_before_the_next():
    turn, order = Turn(), []
    turn.take()

    def claim() -> None:
        with turn.claim("it was needed"):
            order.append("claim")

    def ask() -> None:
        with turn:
            order.append("request")

    claiming = run_aside(claim)
    while not turn.is_claimed():
        claiming.join(0.001)
    asking = run_aside(ask)
    assert not turn.rest(), "whoever could rest sees that the turn is wanted"
    assert order == []
    turn.give()
    claiming.join()
    asking.join()
    assert order == ["claim", "request"]


def test_between_two_pieces_a_stream_keeps_its_turn():
    turn, order = Turn(), list[object]()
    turn.take()
    number = turn.number
    turn.rest()
    inside, go_on = threading.Event(), threading.Event()

    def work() -> None:
        with turn.between():
            inside.set()
            go_on.wait()
            order.append("between")

    thread = run_aside(work)
    inside.wait()
    resumed = run_aside(lambda: order.append(turn.resume(number)))
    go_on.set()
    thread.join()
    resumed.join()
    assert order == ["between", True]
    turn.give(number)
    assert turn.take()


def test_a_stream_freed_between_its_pieces_keeps_no_turn():
    turn = Turn()
    turn.take()
    number = turn.number
    turn.rest()
    with turn.between():
        turn.give(number)
    assert turn.take_if_free()


def test_whoever_is_inside_an_answer_is_told_rather_than_left_waiting():
    turn = Turn()
    with turn:
        with pytest.raises(GenerationError, match="from inside an answer"), turn.claim("it was needed"):
            pass
        with pytest.raises(GenerationError, match="from inside an answer"), turn.between():
            pass


def test_nobody_waits_for_the_turn_while_changing_a_profile():
    turn, told = Turn(), []
    changing = Changing()

    def ask() -> None:
        with changing:
            for wait in (turn.take, turn.claim("it was needed").__enter__, turn.between().__enter__):
                try:
                    wait()
                except GenerationError as error:
                    told.append(error.message)

    with turn:
        run_aside(ask).join()
    assert told == ["the language model is answering, and this thread is changing the profile"] * 3
    with changing, turn:
        pass  # a turn that is free need not be waited for


def test_what_is_left_is_freed_before_the_next_request():
    freed: list[bool] = []
    turn = Turn(lambda: freed.append(True))
    with turn:
        assert freed == []
    assert freed == [True]
