"""Streams: whole answers in pieces, and an engine that is free again however a stream ends."""

from __future__ import annotations

import gc
import threading

import pytest

from ondevice.config import Sampling
from ondevice.errors import GenerationError

PROMPT = "Tell me about the garden, please: "
DRAWN = Sampling(temperature=1.5, top_k=0, top_p=1.0, min_p=0.0, seed=7)


def test_pieces_are_the_whole_answer(engine):
    stream = engine.stream(PROMPT, max_tokens=30)
    pieces = list(stream)
    whole = engine.generate(PROMPT, max_tokens=30)
    assert "".join(pieces) == whole.text
    assert (stream.finish_reason, stream.n_tokens) == (whole.finish_reason, whole.n_tokens)
    assert set(stream.timings_ms) == {"read", "generate"}
    assert all(value > 0 for value in stream.timings_ms.values())


def test_nothing_happens_before_the_first_piece(engine):
    stream = engine.stream(PROMPT, max_tokens=5)
    assert engine.generate(PROMPT, max_tokens=2).n_tokens == 2
    with pytest.raises(ValueError, match="has not ended"):
        _ = stream.finish_reason
    assert "".join(stream) == engine.generate(PROMPT, max_tokens=5).text


def test_max_tokens_is_exact(engine):
    for n in (1, 2, 9):
        answer = engine.generate(PROMPT, max_tokens=n)
        assert (answer.n_tokens, answer.finish_reason) == (n, "length")


def test_the_end_token_stops(engine):
    """A grammar that is complete lets only the end token follow."""
    from ondevice.generation.grammar import Grammar

    answer = engine.generate(PROMPT, max_tokens=50, grammar=Grammar.from_gbnf('root ::= "yes"'))
    assert (answer.text, answer.finish_reason, answer.n_tokens) == ("yes", "stop", 3)


def test_a_stop_string_ends_the_answer_before_it(engine):
    full = engine.generate(PROMPT, max_tokens=40, sampling=DRAWN).text
    stop = full[8:11]
    pieces = list(stream := engine.stream(PROMPT, max_tokens=40, sampling=DRAWN, stop=(stop, "never seen")))
    assert "".join(pieces) == full[: full.find(stop)]
    assert stream.finish_reason == "stop"


def test_cancelling_between_tokens(engine):
    asked: list[None] = []

    def cancel() -> bool:
        asked.append(None)
        return len(asked) > 4

    answer = engine.generate(PROMPT, max_tokens=100, cancel=cancel)
    assert answer.finish_reason == "cancelled"
    assert 0 < answer.n_tokens < 100
    assert engine.generate(PROMPT, max_tokens=3).finish_reason == "length"


def test_cancelling_between_batches_of_the_prompt(engine, open_engine, logits):
    asked: list[None] = []

    def cancel() -> bool:
        asked.append(None)
        return len(asked) > 1

    long = "word " * 150
    answer = engine.generate(long, max_tokens=5, cancel=cancel)
    assert (answer.text, answer.finish_reason, answer.n_tokens) == ("", "cancelled", 0)
    again = engine.generate(long, max_tokens=5)
    assert again.n_reused_tokens == 128
    assert again.text == open_engine().generate(long, max_tokens=5).text


def test_an_abandoned_stream_frees_the_engine(engine):
    for _ in engine.stream(PROMPT, max_tokens=50, sampling=DRAWN):
        break
    assert engine.generate(PROMPT, max_tokens=2).n_tokens == 2


def test_an_abandoned_stream_in_a_reference_cycle_frees_the_engine(engine):
    class Holder:
        pass

    gc.disable()
    try:
        holder = Holder()
        holder.me = holder  # type: ignore[attr-defined]
        holder.stream = engine.stream(PROMPT, max_tokens=50, sampling=DRAWN)  # type: ignore[attr-defined]
        next(holder.stream)  # type: ignore[attr-defined]
        del holder
        assert engine.generate(PROMPT, max_tokens=2).n_tokens == 2
    finally:
        gc.enable()


def test_an_open_stream_of_the_same_thread_is_an_error_not_a_deadlock(engine):
    with engine.stream(PROMPT, max_tokens=50, sampling=DRAWN) as stream:
        next(stream)
        with pytest.raises(GenerationError, match="a stream of this thread is still open"):
            engine.generate(PROMPT, max_tokens=2)
        assert next(stream) is not None
    assert stream.finish_reason == "cancelled"
    assert list(stream) == []
    assert engine.generate(PROMPT, max_tokens=2).n_tokens == 2


def test_an_exception_in_the_consumer_frees_the_engine(engine):
    def consume() -> None:
        for _ in engine.stream(PROMPT, max_tokens=50, sampling=DRAWN):
            raise KeyError

    with pytest.raises(KeyError):
        consume()
    assert engine.generate(PROMPT, max_tokens=2).n_tokens == 2


def test_a_stream_may_be_handed_to_another_thread(engine):
    stream = engine.stream(PROMPT, max_tokens=20, sampling=DRAWN)
    pieces = [next(stream)]
    thread = threading.Thread(target=lambda: pieces.extend(stream))
    thread.start()
    thread.join()
    assert "".join(pieces) == engine.generate(PROMPT, max_tokens=20, sampling=DRAWN).text


def test_closing_from_another_thread_ends_a_running_stream(engine):
    stream = engine.stream(PROMPT, max_tokens=900, sampling=DRAWN)
    started, results = threading.Event(), []

    def read() -> None:
        for _ in stream:
            started.set()
        started.set()
        results.append(stream.finish_reason)

    thread = threading.Thread(target=read)
    thread.start()
    started.wait()
    stream.close()
    thread.join()
    assert results == ["cancelled"]
    assert engine.generate(PROMPT, max_tokens=2).n_tokens == 2


def test_threads_take_turns_and_get_their_own_answers(engine):
    prompts = [f"Request number {i}: " for i in range(4)]
    expected = {prompt: engine.generate(prompt, max_tokens=12).text for prompt in prompts}
    got: dict[str, set[str]] = {prompt: set() for prompt in prompts}

    def ask(prompt: str) -> None:
        for _ in range(5):
            got[prompt].add(engine.generate(prompt, max_tokens=12).text)

    threads = [threading.Thread(target=ask, args=(prompt,)) for prompt in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {prompt: {text} for prompt, text in expected.items()}


def test_a_waiting_request_can_be_cancelled(engine):
    with engine.stream(PROMPT, max_tokens=500, sampling=DRAWN) as stream:
        next(stream)
        results = []
        thread = threading.Thread(
            target=lambda: results.append(engine.generate(PROMPT, max_tokens=5, cancel=lambda: True))
        )
        thread.start()
        thread.join()
        assert [(answer.finish_reason, answer.n_tokens) for answer in results] == [("cancelled", 0)]


def test_forgetting_stops_an_open_stream(engine):
    stream = engine.stream(PROMPT, max_tokens=500, sampling=DRAWN)
    next(stream)
    waiting = engine.stream(PROMPT, max_tokens=5)
    assert engine.forget_cache() is True
    assert list(stream) == []
    assert list(waiting) == []
    assert stream.finish_reason == waiting.finish_reason == "cancelled"


def test_damaged_weights_are_an_error_and_free_the_engine(damaged_bundle):
    from ondevice.generation.llama.engine import Engine

    with Engine.open(damaged_bundle) as engine:
        for _ in range(2):
            with pytest.raises(GenerationError, match="not numbers"):
                engine.generate(PROMPT, max_tokens=3)
        with pytest.raises(GenerationError, match="not numbers"):
            engine.log_likelihood(PROMPT, "answer")
        with pytest.raises(GenerationError, match="not numbers"):
            engine.choose(PROMPT, ("a", "b"))


def test_repr_shows_no_text(engine):
    secret = "zanzibar"
    stream = engine.stream(f"{PROMPT} {secret}", max_tokens=2)
    assert secret not in repr(stream) + repr(stream._work)
    stream.close()
    answer = engine.generate(PROMPT, max_tokens=2)
    assert f"text={answer.text!r}" not in repr(answer)
