"""What a model thinks aloud: apart from the answer, not counted against it, and with an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.config import Sampling
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.reading import Reading
from tests.tiny_generator import make_tiny_generator

ALOUD = Grammar.from_gbnf('root ::= "<think>\\nnotes\\n</think>\\n\\nTurku"')


def test_thoughts_are_no_part_of_the_answer_nor_of_its_tokens(engine):
    answer = engine.generate("Where?", max_tokens=5, grammar=ALOUD)
    assert (answer.text, answer.thinking) == ("Turku", "notes")
    assert (answer.n_tokens, answer.n_thinking_tokens) == (5, len("<think>\nnotes\n</think>\n\n"))


def test_the_likelihood_is_that_of_the_answer(engine):
    reading = Reading(by_reader=False, support=None)
    aloud = engine.generate("Where?", max_tokens=5, grammar=ALOUD, reading=reading)
    said = engine.log_likelihood("Where?<think>\nnotes\n</think>\n\n", "Turku")
    assert aloud.log_likelihood == pytest.approx(float(said.mean()), abs=1e-3)


def test_thoughts_are_shown_to_whoever_asks(engine):
    silent = engine.stream("Where?", max_tokens=9, grammar=ALOUD)
    assert "".join(silent) == "Turku"
    shown = engine.stream("Where?", max_tokens=9, grammar=ALOUD)
    shown.show_thinking()
    assert "".join(shown) == "\nnotes\nTurku"
    assert silent.thinking == shown.thinking == "notes"


def test_thoughts_that_find_no_end_are_ended_and_the_answer_begins(tmp_path: Path):
    bundle = make_tiny_generator(tmp_path / "model", leaning={"a": 60.0})
    with Engine.open(bundle) as engine:
        answer = engine.generate("Where?<think>\n", max_tokens=4, max_thinking_tokens=6, sampling=Sampling())
    assert (answer.thinking, answer.text, answer.finish_reason) == ("aaaaaa", "aaaa", "length")
    assert answer.n_tokens == 4


def test_thoughts_leave_the_answer_its_room(tmp_path: Path):
    bundle = make_tiny_generator(tmp_path / "model", leaning={"a": 60.0}, context_tokens=64)
    with Engine.open(bundle) as engine:
        answer = engine.generate("Where?<think>\n", max_tokens=8)
        tight = engine.generate("Where?<think>\n", max_tokens=64 - 15)
    assert (answer.text, answer.n_tokens) == ("aaaaaaaa", 8)
    assert answer.thinking
    assert set(tight.text) <= {"a"}
    assert tight.finish_reason == "length"


def test_a_stop_string_in_thoughts_stops_nothing(tmp_path: Path):
    bundle = make_tiny_generator(tmp_path / "model", leaning={"a": 60.0})
    with Engine.open(bundle) as engine:
        answer = engine.generate("Where?<think>\n", max_tokens=4, max_thinking_tokens=3, stop=["aa"])
    assert (answer.thinking, answer.text, answer.finish_reason) == ("aaa", "", "stop")
