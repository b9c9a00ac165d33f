"""Answers that an erasure, or another model, ends before their time: begun again, or told why; never just cut off."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import pytest

from ondevice.config import Contrast
from ondevice.errors import GenerationError, NotFoundError
from ondevice.generation.llama.engine import MOST_TIMES, Engine
from tests.tiny_generator import make_tiny_adapter

PROMPT = "Tell me about the garden, please: "


def aside(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def fine() -> None:
    """Vouch for a prompt."""


def gone() -> None:
    raise NotFoundError("an item in the prompt is gone")


def test_a_reader_in_another_thread_is_told_why_its_answer_ended(engine: Engine) -> None:
    stream = engine.stream(PROMPT, max_tokens=500)
    next(stream)
    aside(engine.forget_cache)
    with pytest.raises(GenerationError, match="the answer was ended: items were forgotten"):
        list(stream)
    assert stream.finish_reason == "cancelled"
    assert stream.was_ended
    assert engine.generate(PROMPT, max_tokens=2).n_tokens == 2


@pytest.mark.parametrize("times", [1, 10 * MOST_TIMES])
def test_a_whole_answer_is_begun_again_until_erasures_wait_for_it(engine: Engine, times: int) -> None:
    expected = engine.generate(PROMPT, max_tokens=30).text
    threads: list[threading.Thread] = []

    def erase_meanwhile() -> bool:
        """Erase while the answer is under way, as often as it is begun."""
        if len(threads) < times and not engine._desk.turn.is_claimed() and not any(each.is_alive() for each in threads):
            threads.append(threading.Thread(target=engine.forget_cache))
            threads[-1].start()
            while threads[-1].is_alive() and not engine._desk.turn.is_claimed():
                threads[-1].join(0.001)
        return False

    answer = engine.generate(PROMPT, max_tokens=30, cancel=erase_meanwhile, check=fine)
    for thread in threads:
        thread.join()
    assert (answer.text, answer.finish_reason, answer.n_tokens) == (expected, "length", 30)
    assert threads


def test_a_prompt_is_not_read_once_one_of_its_items_is_gone(engine: Engine) -> None:
    engine.forget_cache()
    for ask in (
        lambda: engine.generate(PROMPT, max_tokens=2, check=gone),
        lambda: list(engine.stream(PROMPT, max_tokens=2, check=gone)),
        lambda: engine.choose(PROMPT, ("a", "b"), check=gone),
        lambda: engine.log_likelihood(PROMPT, "answer", check=gone),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert not engine.forget_cache(), "nothing of it was read"


def test_a_prompt_that_nobody_vouches_for_is_not_read_after_an_erasure(engine: Engine) -> None:
    waiting, vouched = (engine.stream(PROMPT, max_tokens=5, check=check) for check in (None, fine))
    aside(engine.forget_cache)
    with pytest.raises(GenerationError, match="items were forgotten"):
        list(waiting)
    assert len("".join(vouched))
    assert vouched.n_tokens == 5


def test_a_stream_s_reader_may_erase_load_free_and_change(engine: Engine) -> None:
    other = engine.load_adapter(make_tiny_adapter(seed=2))
    for change in (
        lambda: engine.load_adapter(make_tiny_adapter(seed=3)),
        lambda: engine.use(other, 0.5, contrast=Contrast()),
        lambda: engine.use(None),
        lambda: engine.unload_adapter(other),
        engine.end_trial,
    ):
        stream = engine.stream(PROMPT, max_tokens=20)
        pieces = [next(stream)]
        change()
        pieces += stream
        assert stream.finish_reason == "length", "what holds from the next request on ends none"
    with engine.stream(PROMPT, max_tokens=20) as stream:
        next(stream)
        assert engine.forget_cache()
        assert list(stream) == []


def test_an_adapter_is_freed_when_the_last_answer_with_it_has_ended(engine: Engine) -> None:
    adapter = engine.load_adapter(make_tiny_adapter())
    engine.use(adapter, contrast=Contrast(alpha=1.0, threshold=1e-6))
    expected = engine.generate(PROMPT, max_tokens=20).text
    stream = engine.stream(PROMPT, max_tokens=20)
    pieces = [next(stream)]
    engine.use(None)
    engine.unload_adapter(adapter)
    assert not adapter.is_closed
    assert engine._desk.context._plain is not None
    assert "".join([*pieces, *stream]) == expected
    assert adapter.is_closed
    assert engine._desk.context._plain is None


def test_adapter_and_contrast_change_in_one_step(engine: Engine) -> None:
    """Whatever is asked while another thread swaps has both of one choice, or of the other."""
    mine, yours = (engine.load_adapter(make_tiny_adapter(seed=seed)) for seed in (1, 2))
    choices = [(mine, 0.5, Contrast(alpha=0.2)), (yours, 1.0, None), (None, 1.0, None)]
    wrong: list[object] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            now = engine._conditioning
            if (now.adapter, now.scale, now.contrast) not in choices:
                wrong.append(now)

    engine.use(None)
    thread = threading.Thread(target=look)
    thread.start()
    for number in range(3000):
        adapter, scale, contrast = choices[number % 3]
        engine.use(adapter, scale, contrast=contrast)
    stop.set()
    thread.join()
    assert wrong == []


def test_the_answer_s_own_questions_may_not_erase(engine: Engine) -> None:
    def cancel() -> bool:
        engine.forget_cache()
        return False

    with pytest.raises(GenerationError, match="from inside an answer"):
        engine.generate(PROMPT, max_tokens=3, cancel=cancel)
    assert engine.generate(PROMPT, max_tokens=3).n_tokens == 3


def test_counting_while_the_model_is_freed_is_an_error_at_worst(
    engine: Engine, open_engine: Callable[[], Engine]
) -> None:
    """The tokenizer reads the model without its turn, and must not read what is freed."""
    text = "the garden in the rain " * 400
    for _ in range(5):
        other, told, counting = open_engine(), list[str](), threading.Event()

        def count(one: Engine = other, told: list[str] = told, counting: threading.Event = counting) -> None:
            while True:
                try:
                    one.count_tokens(text)
                except ValueError as error:
                    told.append(str(error))
                    return
                counting.set()

        threads = [threading.Thread(target=count) for _ in range(3)]
        for thread in threads:
            thread.start()
        counting.wait()
        other.close()
        for thread in threads:
            thread.join()
        assert told == ["the model is closed"] * 3
    assert engine.count_tokens("rain")


def test_adapters_leave_nothing_behind(engine: Engine) -> None:
    before = len(engine._desk.model._parts)
    for seed in range(3):
        engine.unload_adapter(engine.load_adapter(make_tiny_adapter(seed=seed)))
    gc.collect()
    assert len(engine._desk.model._parts) == before


def test_an_answer_whose_adapter_goes_while_it_waits_is_begun_again(engine: Engine) -> None:
    expected = engine.generate(PROMPT, max_tokens=5).text
    adapter, waits, answers = engine.load_adapter(make_tiny_adapter()), threading.Event(), list[str]()
    engine.use(adapter)
    stream = engine.stream(PROMPT, max_tokens=500)
    next(stream)

    def cancel() -> bool:
        waits.set()
        return False

    def ask() -> None:
        answers.append(engine.generate(PROMPT, max_tokens=5, cancel=cancel, check=fine).text)

    thread = threading.Thread(target=ask)
    thread.start()
    waits.wait()
    engine.unload_adapter(adapter)
    stream.close()
    thread.join()
    assert answers == [expected]
