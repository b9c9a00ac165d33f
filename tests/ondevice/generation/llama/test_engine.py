from __future__ import annotations

import gc
from pathlib import Path

import pytest

from ondevice.config import EngineConfig
from ondevice.errors import ContextOverflowError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message
from tests.tiny_generator import make_tiny_adapter


def test_the_engine_names_its_model(engine, tiny_bundle):
    assert engine.model_id == tiny_bundle.id
    assert engine.context_tokens == 1024
    assert engine.embedding_size == 64


def test_overflow_names_the_three_numbers(engine):
    with pytest.raises(ContextOverflowError) as caught:
        engine.generate("x" * 1000, max_tokens=100)
    assert caught.value.message == "the request has 1001 tokens and asks for 100 more, but the context holds 1024"
    assert caught.value.hint


def test_the_context_may_be_filled_to_its_last_token(engine):
    answer = engine.generate("x" * 1000, max_tokens=23)
    assert answer.n_prompt_tokens + answer.n_tokens == 1024


@pytest.mark.parametrize(("prompt", "max_tokens"), [("x", 0), ("x", -1)])
def test_max_tokens_must_be_positive(engine, prompt, max_tokens):
    with pytest.raises(ValueError, match="max_tokens"):
        engine.stream(prompt, max_tokens=max_tokens)


def test_contents_within_the_budget_fit(engine):
    budget = engine.content_budget(50)
    messages = [Message(role="system", content="s" * 20), Message(role="user", content="u" * (budget - 20))]
    answer = engine.generate(engine.render(messages), max_tokens=50)
    assert answer.n_tokens == 50
    assert engine.content_budget(1024) == 0


def test_contents_within_what_was_learned_make_no_longer_prompt(engine, tiny_bundle):
    assert engine.learned_budget() is None
    for learned in (200, 1000, 5000):
        with Engine.open(tiny_bundle, config=EngineConfig(prompt_tokens=learned)) as short:
            budget = short.learned_budget()
            assert budget is not None
            messages = [Message(role="system", content="s" * 20), Message(role="user", content="u" * (budget - 20))]
            prompt, _ = short.tokenize_turn(messages, "x")
            assert learned - 12 <= len(prompt) <= learned
            assert short.content_budget(50) == engine.content_budget(50)
            assert short.lend().learned_budget() == budget
    with Engine.open(tiny_bundle, config=EngineConfig(prompt_tokens=3)) as short:
        assert short.learned_budget() == 0


def test_a_closed_engine_says_so(tiny_bundle):
    engine = Engine.open(tiny_bundle)
    adapter = engine.load_adapter(make_tiny_adapter())
    engine.use_adapter(adapter)
    stream = engine.stream("hello", max_tokens=50)
    next(stream)
    engine.close()
    engine.close()
    assert list(stream) == []
    for call in (
        lambda: engine.count_tokens("x"),
        lambda: engine.generate("x", max_tokens=1),
        lambda: engine.load_adapter(make_tiny_adapter()),
        lambda: engine.choose("x", ("a",)),
        lambda: engine.forget_cache(),
    ):
        with pytest.raises(ValueError, match="closed"):
            call()


def test_the_with_block_closes(tiny_bundle):
    with Engine.open(tiny_bundle) as engine:
        pass
    with pytest.raises(ValueError, match="closed"):
        engine.count_tokens("x")


def test_opening_and_closing_leaks_no_memory(tiny_bundle):
    for _ in range(3):
        Engine.open(tiny_bundle).close()
    before = _resident_kib()
    for _ in range(40):
        Engine.open(tiny_bundle).close()
    gc.collect()
    assert _resident_kib() - before < 8 * 1024


def _resident_kib() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def test_nothing_reaches_the_terminal(tiny_bundle, capfd):
    """Not llama.cpp's log of the model, nor anything of a request, whether it works or fails."""
    with Engine.open(tiny_bundle, config=EngineConfig(threads=1)) as engine:
        engine.generate("zanzibar", max_tokens=4)
        engine.choose("zanzibar", ("zanzibar", "lyon"))
        engine.use_adapter(engine.load_adapter(make_tiny_adapter()))
        with pytest.raises(ContextOverflowError) as caught:
            engine.generate("zanzibar" * 1000, max_tokens=4)
        assert "zanzibar" not in str(caught.value)
        assert "zanzibar" not in repr(engine)
    assert capfd.readouterr() == ("", "")
