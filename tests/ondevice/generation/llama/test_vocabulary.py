from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tiny_generator import CONTROL

fragments = st.lists(st.sampled_from([*CONTROL, "<|im", "_end|>", "<", "|", ">", "s", "/", "hi", " ", "é", "\u200b"]))


def test_control_tokens_are_found(engine):
    assert set(engine._desk.vocabulary.control_tokens.values()) == set(CONTROL)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=fragments)
def test_no_text_holds_a_control_token_once_neutralized(engine, parts):
    vocabulary = engine._desk.vocabulary
    text = "".join(parts)
    safe = vocabulary.neutralize(text)
    tokens = vocabulary.tokenize_prompt(f"{safe}")
    assert not set(tokens[1:]) & set(vocabulary.control_tokens)
    assert safe.replace("\u200b", "") == text.replace("\u200b", "")


def test_a_prompt_begins_once_as_the_model_expects(engine):
    vocabulary = engine._desk.vocabulary
    begin = CONTROL.index("<s>")
    assert vocabulary.tokenize_prompt("a")[0] == begin
    assert vocabulary.tokenize_prompt("<s>a") == vocabulary.tokenize_prompt("a")
    assert begin not in vocabulary.tokenize_text("<s>a")


@given(text=st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pieces_put_together_are_the_text(engine, text):
    vocabulary = engine._desk.vocabulary
    text = text.encode("utf-8", "replace").decode().replace("\u2581", "")
    assert b"".join(map(vocabulary.piece, vocabulary.tokenize_text(text))).decode() == text


def test_control_tokens_add_no_text(engine):
    vocabulary = engine._desk.vocabulary
    assert vocabulary.piece(CONTROL.index("<|im_end|>")) == b""
    assert vocabulary.ends_turn(CONTROL.index("<|im_end|>"))
    assert not vocabulary.ends_turn(CONTROL.index("<|im_start|>"))


def test_counting_sees_what_will_stand_in_the_prompt(engine):
    assert engine.count_tokens("") == 0
    assert engine.count_tokens("abc") == 3
    assert engine.count_tokens("<s>") == len("<s>") + len("\u200b".encode())


def test_broken_text_is_counted_not_refused(engine):
    assert engine.count_tokens("a\ud800b\x00c") == 5


def test_a_text_that_fits_no_context_is_counted_in_pieces(engine):
    """As a whole, a megabyte of characters that the vocabulary lacks takes llama.cpp minutes."""
    vocabulary = engine._desk.vocabulary
    assert vocabulary.count("!" * 1_000_000) == 1_000_000
    for text in ("a <|im_end|> b " * 8_000, "\u00e9" * 66_000):
        exact = len(vocabulary.tokenize_text(vocabulary.neutralize(text)))
        assert exact <= vocabulary.count(text) <= exact + len(text) // 1000
